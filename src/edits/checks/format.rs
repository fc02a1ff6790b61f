//! `[check.format]`: an element has the shape it must: 9 a digit, A a letter, X either.

use serde::Deserialize;

use super::{Found, Report, Target};
use crate::claim::Claim;
use crate::schema::{Guide, PathError};

/// The shape of an element.
#[derive(Debug)]
pub struct Format {
    target: Target,
    pattern: String,
    unless_present: Option<Target>,
}

/// As written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    path: String,
    pattern: String,
    unless_present: Option<String>,
}

impl Raw {
    pub(super) fn compile(self, applies: &[Guide]) -> Result<Format, PathError> {
        let unless_present = self.unless_present.map(|p| Target::new(&p, applies)).transpose()?;
        Ok(Format { target: Target::new(&self.path, applies)?, pattern: self.pattern, unless_present })
    }
}

impl Format {
    pub(super) fn run<'a>(&self, claim: &Claim<'a>, report: Report<'_, 'a>) {
        let excused = |t: &Target| t.find(claim).any(|hit| !hit.value.is_empty());
        for hit in self.target.find(claim) {
            if fits(&self.pattern, hit.value) || self.unless_present.as_ref().is_some_and(excused) {
                continue;
            }
            let words = vec![("length", hit.value.len().to_string())];
            report(Found { placed: Some(*hit.placed), at: self.target.at(), value: Some(hit.value), words });
        }
    }
}

fn fits(pattern: &str, value: &[u8]) -> bool {
    pattern.len() == value.len()
        && pattern.bytes().zip(value).all(|(p, b)| match p {
            b'9' => b.is_ascii_digit(),
            b'A' => b.is_ascii_alphabetic(),
            b'X' => b.is_ascii_alphanumeric(),
            other => other == *b,
        })
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns() {
        assert!(fits("999", b"123") && fits("A9X", b"B2c") && fits("9-9", b"1-2"));
        assert!(!fits("999", b"12") && !fits("999", b"12a") && !fits("A", b"1"));
    }
}
