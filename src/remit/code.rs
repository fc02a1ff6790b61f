//! Short codes and what they qualify: references, amounts, quantities.

use std::fmt;

use crate::phi::Phi;
use crate::x12::Cents;

/// A code of at most four characters, kept in place: qualifiers, status and method codes. One that is longer is cut and ends in `+`,
/// which no list of codes has.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code([u8; 4]);

impl Code {
    /// Reads an element; what is no printable ASCII becomes `?`.
    #[must_use]
    pub fn new(value: &[u8]) -> Code {
        let mut kept = [0; 4];
        for (to, byte) in kept.iter_mut().zip(value) {
            *to = if byte.is_ascii_graphic() || *byte == b' ' { *byte } else { b'?' };
        }
        if let ([.., last], true) = (&mut kept, value.len() > 4) {
            *last = b'+';
        }
        Code(kept)
    }

    /// As text; empty where the element was.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let end = self.0.iter().position(|b| *b == 0).unwrap_or(self.0.len());
        self.0.get(..end).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    /// True where the element was empty or absent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.as_str().is_empty()
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl PartialEq<&str> for Code {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

/// REF: an id and what kind of id it is. Some are of persons (member ids, social security numbers), so none is printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reference {
    /// REF01.
    pub kind: Code,
    /// REF02.
    pub value: Phi<String>,
}

/// AMT: an amount that explains and takes no part in the balance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// AMT01: `B6` allowed, `AU` covered, `I` interest, ...
    pub kind: Code,
    /// AMT02 in cents; 0 where it can't be read.
    pub amount: Cents,
}

/// QTY: a quantity that explains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quantity {
    /// QTY01: `CA` covered days, `NE` days not covered, ...
    pub kind: Code,
    /// QTY02 in millionths; 0 where it can't be read.
    pub quantity: i64,
}

/// The first reference of a kind.
pub(super) fn reference<'r>(all: &'r [Reference], kind: &str) -> Option<&'r Phi<String>> {
    all.iter().find(|r| r.kind == kind).map(|r| &r.value)
}

/// The first amount of a kind, in cents.
pub(super) fn amount_of(all: &[Amount], kind: &str) -> Option<Cents> {
    all.iter().find(|a| a.kind == kind).map(|a| a.amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_text_whatever_the_bytes() {
        let texts =
            [&b""[..], b"1W", b"HPI", b"AGENT", b"\xff\0a", b"ABCD"].map(|b| Code::new(b).to_string());
        assert_eq!(texts, ["", "1W", "HPI", "AGE+", "??a", "ABCD"]);
        assert!(Code::new(b"").is_empty() && Code::new(b"B6") == "B6" && Code::default().is_empty());
    }
}
