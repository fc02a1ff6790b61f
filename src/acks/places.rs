//! Places of findings as a 999 names them: segment, position, loop, element and its number in the dictionary.

use crate::edits::Finding;
use crate::schema::{Guide, Path, Schema, schema};

/// A finding's place.
pub(super) struct Place {
    /// Segment id.
    pub segment: String,
    /// Data element number of the element or component; empty where none is known.
    pub number: &'static str,
}

impl Place {
    /// Reads a finding's place by its guide.
    pub(super) fn of(finding: &Finding, guide: Guide) -> Place {
        let path = Path::parse(&finding.at.replacen(' ', "/", 1)).ok();
        // A segment no guide knows has its id for a value.
        let segment = match &path {
            Some(path) => path.segment.clone(),
            None => finding.value.clone().unwrap_or_default(),
        };
        let number = path.map_or("", |p| number(schema(guide), &p, finding));
        Place { segment, number }
    }
}

fn number(schema: &'static Schema, path: &Path, finding: &Finding) -> &'static str {
    let Some(ix) = schema.loop_ix(&path.loop_id) else { return "" };
    let Some((_, entry)) = schema.entries_of(ix, &path.segment).next() else { return "" };
    let element = usize::from(finding.element).checked_sub(1).and_then(|n| entry.elements.get(n));
    let Some(element) = element else { return "" };
    match usize::from(finding.component).checked_sub(1) {
        Some(c) => element.components.get(c).map_or("", |e| e.data.number),
        // A composite as a whole has no number of its own.
        None => {
            if element.composite.is_some() {
                ""
            } else {
                element.data.number
            }
        }
    }
}
