//! Sets of the codes a guide allows at an element, looked up without allocation.

/// A set of codes. Nearly all are at most eight bytes; the few longer ones are versions of guides.
#[derive(Clone, Debug, Default)]
pub struct Codes {
    packed: Box<[u64]>,
    long: Box<[&'static str]>,
    listed: Box<[&'static str]>,
}

/// Up to eight bytes as one number; `None` for more.
pub(super) fn pack(value: &[u8]) -> Option<u64> {
    if value.len() > 8 {
        return None;
    }
    Some(value.iter().fold(0, |packed, b| (packed << 8) | u64::from(*b)))
}

impl Codes {
    /// A set.
    #[must_use]
    pub fn new(codes: Vec<&'static str>) -> Codes {
        let mut packed: Vec<u64> = codes.iter().filter_map(|c| pack(c.as_bytes())).collect();
        packed.sort_unstable();
        let long = codes.iter().copied().filter(|c| c.len() > 8).collect();
        Codes { packed: packed.into(), long, listed: codes.into() }
    }

    /// True when the guide lists none: any value goes.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.listed.is_empty()
    }

    /// True when the value is one of them.
    #[must_use]
    pub fn contains(&self, value: &[u8]) -> bool {
        match pack(value) {
            Some(packed) if self.packed.len() <= 8 => self.packed.contains(&packed),
            Some(packed) => self.packed.binary_search(&packed).is_ok(),
            None => self.long.iter().any(|c| c.as_bytes() == value),
        }
    }

    /// As the guide lists them.
    #[must_use]
    pub fn listed(&self) -> &[&'static str] {
        &self.listed
    }
}
