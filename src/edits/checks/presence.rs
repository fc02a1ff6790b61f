//! `[check.presence]`: a loop holds the segments it must.

use serde::Deserialize;

use super::{Found, Report};
use crate::claim::{Claim, Entries};
use crate::schema::{Guide, Path, PathError, schema};

/// The segments a loop must hold.
#[derive(Debug)]
pub struct Presence {
    loop_id: String,
    needs: Vec<Need>,
}

#[derive(Debug)]
struct Need {
    segment: String,
    qualifiers: Vec<String>,
    entries: [Entries; Guide::COUNT],
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
            let path = Path::parse(&format!("{}/{segment}", self.r#loop))?;
            let mut entries: [Entries; Guide::COUNT] = Default::default();
            for guide in applies {
                path.resolve(schema(*guide))?;
                if let Some(slot) = entries.get_mut(*guide as usize) {
                    *slot = Entries::of(schema(*guide), &self.r#loop, segment);
                }
            }
            let qualifiers = qualifiers.split(',').filter(|q| !q.is_empty()).map(str::to_owned).collect();
            needs.push(Need { segment: segment.to_owned(), qualifiers, entries });
        }
        Ok(Presence { loop_id: self.r#loop, needs })
    }
}

impl Need {
    fn is_met(&self, claim: &Claim<'_>) -> bool {
        let Some(entries) = self.entries.get(claim.guide() as usize) else { return true };
        let (element, component) = claim.schema.qualifier(self.segment.as_bytes());
        claim.at(entries).any(|p| {
            self.qualifiers.is_empty()
                || self.qualifiers.iter().any(|q| q.as_bytes() == p.segment.component(element, component))
        })
    }
}

impl Presence {
    pub(super) fn run<'a>(&self, claim: &Claim<'a>, report: Report<'_, 'a>) {
        for need in self.needs.iter().filter(|n| !n.is_met(claim)) {
            let ix = claim.schema.loop_ix(&self.loop_id);
            let nearest = claim.segments().find(|p| Some(p.loop_ix) == ix).or_else(|| claim.clm());
            let at = format!("{} {}", self.loop_id, need.segment);
            let words = vec![("missing", need.segment.clone())];
            report(Found { placed: nearest.copied(), at, value: None, words });
        }
    }
}
