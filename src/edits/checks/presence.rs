//! `[check.presence]`: a loop holds the segments it must.

use serde::Deserialize;

use super::{Found, Report, Target};
use crate::claim::Claim;
use crate::schema::{Guide, PathError};

/// The segments a loop must hold.
#[derive(Debug)]
pub struct Presence {
    loop_id: String,
    needs: Vec<Need>,
}

#[derive(Debug)]
struct Need {
    segment: String,
    /// One of these must lead somewhere.
    places: Vec<Target>,
}

/// As written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    r#loop: String,
    needs: Vec<String>,
}

impl Raw {
    pub(super) fn compile(self, applies: &[Guide]) -> Result<Presence, PathError> {
        let mut needs = Vec::new();
        for need in &self.needs {
            let (segment, qualifiers) = need.trim_end_matches(']').split_once('[').unwrap_or((need, ""));
            let target = |qualifier: &str| {
                let bracketed = if qualifier.is_empty() { String::new() } else { format!("[{qualifier}]") };
                Target::new(&format!("{}/{segment}{bracketed}", self.r#loop), applies)
            };
            let places = qualifiers.split(',').map(target).collect::<Result<_, _>>()?;
            needs.push(Need { segment: segment.to_owned(), places });
        }
        Ok(Presence { loop_id: self.r#loop, needs })
    }
}

impl Presence {
    pub(super) fn run<'a>(&self, claim: &Claim<'a>, report: Report<'_, 'a>) {
        for need in self.needs.iter().filter(|n| n.places.iter().all(|p| p.find(claim).next().is_none())) {
            let ix = claim.schema.loop_ix(&self.loop_id);
            let nearest = claim.segments().find(|p| Some(p.loop_ix) == ix).or_else(|| claim.clm());
            let at = format!("{} {}", self.loop_id, need.segment);
            let words = vec![("missing", need.segment.clone())];
            report(Found { placed: nearest.copied(), at, value: None, words });
        }
    }
}
