//! Sets of the codes a guide allows at an element, looked up without allocation.

/// A set of codes. Nearly all are at most eight bytes; the few longer ones are versions of guides.
#[derive(Clone, Debug, Default)]
pub struct Codes<T = &'static str> {
    /// Open addressing over at least twice as many slots as codes.
    slots: Box<[u64]>,
    long: Box<[T]>,
    listed: Box<[T]>,
}

/// No code.
const FREE: u64 = u64::MAX;

/// Up to eight bytes as one number, another for each; `None` for more, and for eight that no code ends like.
#[inline]
pub(super) fn pack(value: &[u8]) -> Option<u64> {
    // The length fills what is left, so that bytes of nought count as well.
    let len = (0x80 | value.len() as u64) << 56;
    Some(match *value {
        [] => len,
        [a] => len | u64::from(a),
        [a, b] => len | u64::from(u16::from_le_bytes([a, b])),
        [a, b, c] => len | u64::from(u32::from_le_bytes([a, b, c, 0])),
        [a, b, c, d, e, f, g, h] if h.is_ascii() => u64::from_le_bytes([a, b, c, d, e, f, g, h]),
        [a, b, c, d, ..] if value.len() < 8 => {
            // The last four overlap the first.
            let last = value.last_chunk::<4>().map_or(0, |l| u64::from(u32::from_le_bytes(*l)));
            len | u64::from(u32::from_le_bytes([a, b, c, d])) | (last << ((value.len() - 4) * 8))
        }
        _ => return None,
    })
}

fn slot(packed: u64, slots: usize) -> usize {
    (packed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as usize & slots.wrapping_sub(1)
}

impl<T: AsRef<str> + Clone> Codes<T> {
    /// A set.
    #[must_use]
    pub fn new(codes: Vec<T>) -> Codes<T> {
        let packed = || codes.iter().filter_map(|c| pack(c.as_ref().as_bytes()));
        let mut slots = vec![FREE; (packed().count() * 2).next_power_of_two()];
        for code in packed() {
            let mut at = slot(code, slots.len());
            while slots.get(at).is_some_and(|s| *s != FREE && *s != code) {
                at = (at + 1) & (slots.len() - 1);
            }
            if let Some(free) = slots.get_mut(at) {
                *free = code;
            }
        }
        let long = codes.iter().filter(|c| c.as_ref().len() > 8).cloned().collect();
        Codes { slots: slots.into(), long, listed: codes.into() }
    }

    /// True when the guide lists none: any value goes.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.listed.is_empty()
    }

    /// True when the value is one of them.
    #[inline]
    #[must_use]
    pub fn contains(&self, value: &[u8]) -> bool {
        self.slot(value).is_some()
            || (value.len() >= 8 && self.long.iter().any(|c| c.as_ref().as_bytes() == value))
    }

    /// Which slot holds the value, where it is one of them of at most eight bytes.
    #[inline]
    #[must_use]
    pub fn slot(&self, value: &[u8]) -> Option<usize> {
        let packed = pack(value)?;
        let mut at = slot(packed, self.slots.len());
        while let Some(found) = self.slots.get(at).filter(|s| **s != FREE) {
            if *found == packed {
                return Some(at);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        None
    }

    /// How many slots there are.
    #[must_use]
    pub fn slots(&self) -> usize {
        self.slots.len()
    }

    /// As the guide lists them.
    #[must_use]
    pub fn listed(&self) -> &[T] {
        &self.listed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs_and_finds_every_length() {
        let text = "ABCDEFGHIJ";
        let all: Vec<&str> = (0..=10).map(|n| &text[..n]).collect();
        for (n, code) in all.iter().enumerate() {
            let len = if n < 8 { (0x80 | n as u64) << 56 } else { 0 };
            let bytes = code.bytes().rev().fold(0u64, |packed, b| (packed << 8) | u64::from(b));
            assert_eq!(pack(code.as_bytes()), (n <= 8).then_some(bytes | len));
            let one = Codes::new(vec![*code]);
            assert!(all.iter().all(|c| one.contains(c.as_bytes()) == (c == code)), "{code}");
        }
        let every = Codes::new(all.clone());
        assert!(all.iter().all(|c| every.contains(c.as_bytes())) && !every.contains(b"B"));
        for other in [&b"A\0"[..], b"\0A", b"\0", b"ABCD\0\0\0\x84", b"ABCDEFG\0"] {
            assert!(!every.contains(other), "{other:?}");
        }
        assert!(!every.contains(&[0xFF; 8]) && !Codes::<&str>::new(vec![]).contains(b""));
    }
}
