//! `[check.sum]`: a total equals the sum of its parts.

use serde::Deserialize;

use super::{Found, Report, Target};
use crate::claim::Claim;
use crate::schema::{Guide, PathError};
use crate::x12::Cents;
use crate::x12::element::{amount, decimal};

/// A total and its parts.
#[derive(Debug)]
pub struct Sum {
    total: Target,
    parts: Target,
}

/// As written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    total: String,
    parts: String,
}

impl Raw {
    pub(super) fn compile(self, applies: &[Guide]) -> Result<Sum, PathError> {
        Ok(Sum { total: Target::new(&self.total, applies)?, parts: Target::new(&self.parts, applies)? })
    }
}

impl Sum {
    pub(super) fn run<'a>(&self, claim: &Claim<'a>, report: Report<'_, 'a>) {
        let Some(hit) = self.total.find(claim).next() else { return };
        let sum = self.parts.find(claim).try_fold(0, |sum: Cents, part| sum.checked_add(amount(part.value)?));
        let total = amount(hit.value);
        // A total or part that is no number can't be shown to agree.
        if total.is_some() && total == sum {
            return;
        }
        let shown = |n: Option<Cents>| n.map_or_else(|| "not a number".to_owned(), decimal);
        let words = vec![("total", shown(total)), ("sum", shown(sum))];
        report(Found { placed: Some(hit.placed), at: self.total.at(), value: Some(hit.value), words });
    }
}
