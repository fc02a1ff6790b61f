//! `[check.check_digit]`: ids whose last digit proves the others.

use serde::Deserialize;

use super::{Found, Report};
use crate::claim::{Claim, Placed};
use crate::schema::{Guide, schema};

/// Ids in every segment of one kind, wherever it stands.
#[derive(Debug)]
pub struct CheckDigit {
    raw: Raw,
    /// By guide and entry: true where a segment of that kind stands.
    entries: [Vec<bool>; Guide::COUNT],
}

/// Which element of which segments, by what scheme.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    segment: String,
    /// Element and the value it must have for the id to be of this scheme.
    qualifier: (usize, String),
    element: usize,
    scheme: Scheme,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Scheme {
    /// Ten digits, Luhn with the prefix 80840.
    Npi,
}

impl Raw {
    pub(super) fn compile(self, applies: &[Guide]) -> CheckDigit {
        let mut entries: [Vec<bool>; Guide::COUNT] = Default::default();
        for guide in applies {
            if let Some(slot) = entries.get_mut(*guide as usize) {
                *slot = schema(*guide).entries.iter().map(|e| e.at.segment == self.segment).collect();
            }
        }
        CheckDigit { raw: self, entries }
    }
}

impl CheckDigit {
    pub(super) fn run<'a>(&self, claim: &Claim<'a>, report: Report<'_, 'a>) {
        let Raw { segment, qualifier: (at, wanted), element, scheme: Scheme::Npi } = &self.raw;
        let entries = self.entries.get(claim.guide() as usize).map_or(&[][..], Vec::as_slice);
        let may_hold = |placed: &&Placed<'a>| match placed.entry {
            Some(entry) => entries.get(usize::from(entry.0)) == Some(&true),
            None => placed.segment.id() == segment.as_bytes(),
        };
        for placed in claim.segments().filter(may_hold) {
            let value = placed.segment.value(*element);
            if placed.segment.value(*at) == wanted.as_bytes() && !value.is_empty() && !is_npi(value) {
                let at = format!("{} {segment}{element:02}", claim.schema.loop_id(placed.loop_ix));
                report(Found { placed: Some(*placed), at, value: Some(value), words: Vec::new() });
            }
        }
    }
}

/// Ten digits whose last is the Luhn check digit over `80840` and the first nine.
pub(super) fn is_npi(value: &[u8]) -> bool {
    if value.len() != 10 || !value.iter().all(u8::is_ascii_digit) {
        return false;
    }
    // 24 is what the prefix 80840 adds.
    let sum: u32 = value.iter().rev().enumerate().fold(24, |sum, (i, b)| {
        let digit = u32::from(b - b'0') * if i % 2 == 1 { 2 } else { 1 };
        sum + digit / 10 + digit % 10
    });
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::is_npi;

    #[test]
    fn npi_check_digit() {
        assert!(is_npi(b"1234567893"));
        assert!(!is_npi(b"1234567890") && !is_npi(b"123456789") && !is_npi(b"12345678AB"));
        let valid = (0..10).filter(|d| is_npi(format!("123456789{d}").as_bytes())).count();
        assert_eq!(valid, 1, "one last digit of ten fits");
    }
}
