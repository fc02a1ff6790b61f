//! `[check.sum]`: a total equals the sum of its parts.

use serde::Deserialize;

use super::{Found, Report, Target};
use crate::claim::Claim;
use crate::schema::{EntryIx, Guide, PathError};
use crate::x12::Cents;
use crate::x12::element::{amount, decimal};

/// A total and its parts.
#[derive(Debug)]
pub struct Sum {
    total: Target,
    parts: Vec<Target>,
    where_parts: bool,
}

/// As written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    total: String,
    parts: Parts,
    /// Asked only where a part stands.
    #[serde(default)]
    where_parts: bool,
}

/// Where the parts stand.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Parts {
    At(String),
    AtAll(Vec<String>),
}

impl Raw {
    pub(super) fn compile(self, applies: &[Guide]) -> Result<Sum, PathError> {
        let parts = match self.parts {
            Parts::At(path) => vec![path],
            Parts::AtAll(paths) => paths,
        };
        let parts = parts.iter().map(|path| Target::new(path, applies)).collect::<Result<_, _>>()?;
        Ok(Sum { total: Target::new(&self.total, applies)?, parts, where_parts: self.where_parts })
    }
}

impl Sum {
    /// Where the total stands.
    pub(super) fn total(&self, guide: Guide) -> &[EntryIx] {
        self.total.entries(guide)
    }

    pub(super) fn run<'a>(&self, claim: &Claim<'a>, report: Report<'_, 'a>) {
        let Some(hit) = self.total.find(claim).next() else { return };
        // What is no number is another edit's to tell: held it is, and there is nothing to add up.
        let Some(total) = amount(hit.value) else { return };
        let mut sum = Some(0);
        let mut stands = !self.where_parts;
        // Of several places not all are filled; where there is one, what is missing is another edit's to tell.
        let skips = self.parts.len() > 1;
        let parts = self.parts.iter().flat_map(|parts| parts.find(claim));
        for part in parts.filter(|p| !(skips && p.value.is_empty())) {
            let Some(part) = amount(part.value) else { return };
            sum = sum.and_then(|sum: Cents| sum.checked_add(part));
            stands = true;
        }
        if !stands || Some(total) == sum {
            return;
        }
        let sum = sum.map_or_else(|| "more than can be billed".to_owned(), decimal);
        let words = vec![("total", decimal(total)), ("sum", sum)];
        report(Found { placed: Some(*hit.placed), at: self.total.at(), value: Some(hit.value), words });
    }
}
