//! `[check.check_digit]`: ids whose last digit proves the others.

use serde::Deserialize;

use super::{Found, Report};
use crate::claim::Claim;

/// Which element of which segments, by what scheme.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckDigit {
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

impl CheckDigit {
    pub(super) fn run<'a>(&self, claim: &Claim<'a>, report: Report<'_, 'a>) {
        let (at, wanted) = &self.qualifier;
        for placed in claim.segments() {
            let segment = &placed.segment;
            if segment.id() != self.segment.as_bytes() || segment.value(*at) != wanted.as_bytes() {
                continue;
            }
            let value = segment.value(self.element);
            let Scheme::Npi = self.scheme;
            if !value.is_empty() && !is_npi(value) {
                let at =
                    format!("{} {}{:02}", claim.schema.loop_id(placed.loop_ix), self.segment, self.element);
                report(Found { placed: Some(placed), at, value: Some(value), words: Vec::new() });
            }
        }
    }
}

/// Ten digits whose last is the Luhn check digit over `80840` and the first nine.
fn is_npi(value: &[u8]) -> bool {
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
