//! `[check.presence]`: a loop holds the segments it must.

use serde::Deserialize;

use super::{Found, Report};
use crate::claim::{Claim, Placed};
use crate::schema::{Guide, LoopIx, Path, PathError, schema};

/// The segments a loop must hold.
#[derive(Debug)]
pub struct Presence {
    loop_id: String,
    loops: [Option<LoopIx>; Guide::COUNT],
    needs: Vec<Need>,
}

#[derive(Debug)]
struct Need {
    segment: String,
    qualifiers: Vec<String>,
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
        let mut loops = [None; Guide::COUNT];
        let mut needs = Vec::new();
        for need in &self.needs {
            let (segment, qualifiers) = need.trim_end_matches(']').split_once('[').unwrap_or((need, ""));
            let path = Path::parse(&format!("{}/{segment}", self.r#loop))?;
            for guide in applies {
                let ix = path.resolve(schema(*guide))?;
                if let Some(slot) = loops.get_mut(*guide as usize) {
                    *slot = Some(ix);
                }
            }
            let qualifiers = qualifiers.split(',').filter(|q| !q.is_empty()).map(str::to_owned).collect();
            needs.push(Need { segment: segment.to_owned(), qualifiers });
        }
        Ok(Presence { loop_id: self.r#loop, loops, needs })
    }
}

impl Need {
    fn met_by(&self, placed: &Placed<'_>, (element, component): (usize, usize)) -> bool {
        placed.segment.id() == self.segment.as_bytes()
            && (self.qualifiers.is_empty()
                || self
                    .qualifiers
                    .iter()
                    .any(|q| q.as_bytes() == placed.segment.component(element, component)))
    }
}

impl Presence {
    pub(super) fn run<'a>(&self, claim: &Claim<'a>, report: Report<'_, 'a>) {
        let Some(ix) = self.loops.get(claim.guide() as usize).copied().flatten() else { return };
        let inside = || claim.segments().filter(move |p| p.loop_ix == ix);
        let nearest = inside().next().or_else(|| claim.clm());
        for need in &self.needs {
            let qualifier = claim.schema.qualifier(need.segment.as_bytes());
            if inside().any(|p| need.met_by(&p, qualifier)) {
                continue;
            }
            let at = format!("{} {}", self.loop_id, need.segment);
            let words = vec![("missing", need.segment.clone())];
            report(Found { placed: nearest, at, value: None, words });
        }
    }
}
