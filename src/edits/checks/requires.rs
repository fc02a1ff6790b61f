//! `[check.requires]`: some values of an element need another element, others forbid it.

use serde::Deserialize;

use super::{Found, Report, Target};
use crate::claim::Claim;
use crate::schema::{Guide, PathError};

/// The condition and what hangs on it.
#[derive(Debug)]
pub struct Requires {
    path: Target,
    values: Vec<String>,
    needs: Target,
    refused_for: Vec<String>,
}

/// As written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    path: String,
    values: Vec<String>,
    needs: String,
    #[serde(default)]
    refused_for: Vec<String>,
}

impl Raw {
    pub(super) fn compile(self, applies: &[Guide]) -> Result<Requires, PathError> {
        let (path, needs) = (Target::new(&self.path, applies)?, Target::new(&self.needs, applies)?);
        Ok(Requires { path, values: self.values, needs, refused_for: self.refused_for })
    }
}

impl Requires {
    pub(super) fn run<'a>(&self, claim: &Claim<'a>, report: Report<'_, 'a>) {
        for hit in self.path.find(claim) {
            let is_one_of = |values: &[String]| values.iter().any(|v| v.as_bytes() == hit.value);
            let there = || self.needs.find(claim).any(|h| !h.value.is_empty());
            if (is_one_of(&self.values) && !there()) || (is_one_of(&self.refused_for) && there()) {
                let words = vec![("value", String::from_utf8_lossy(hit.value).into_owned())];
                report(Found {
                    placed: Some(*hit.placed),
                    at: self.path.at(),
                    value: Some(hit.value),
                    words,
                });
            }
        }
    }
}
