//! `[check.requires]`: some values of an element need another element, others forbid it.

use serde::Deserialize;

use super::{Found, Report, Target};
use crate::claim::Claim;
use crate::schema::{Codes, Guide, PathError};

/// The condition and what hangs on it.
#[derive(Debug)]
pub struct Requires {
    path: Target,
    values: Codes<String>,
    needs: Target,
    refused_for: Codes<String>,
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
        let (values, refused_for) = (Codes::new(self.values), Codes::new(self.refused_for));
        Ok(Requires { path, values, needs, refused_for })
    }
}

impl Requires {
    pub(super) fn run<'a>(&self, claim: &Claim<'a>, report: Report<'_, 'a>) {
        for hit in self.path.find(claim) {
            let there = || self.needs.find(claim).any(|h| !h.value.is_empty());
            if (self.values.contains(hit.value) && !there())
                || (self.refused_for.contains(hit.value) && there())
            {
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
