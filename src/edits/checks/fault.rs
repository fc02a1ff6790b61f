//! `[check.fault]`: the edit speaks for faults that the layers below report, each in its own words; for all of a kind,
//! or for those at named places.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::edits::message::Message;
use crate::schema::{Guide, Path, PathError, schema};
use crate::x12::fault::At;
use crate::x12::{Fault, FaultKind};

/// Placeholders of what is said of a fault.
const WORDS: [&str; 6] = ["expected", "found", "place", "name", "loop", "allowed"];

/// The faults an edit speaks for, and what it says of each: `{fault}` in its message.
#[derive(Debug)]
pub struct Faults {
    /// Kinds, in the order of the file's table.
    pub kinds: Vec<FaultKind>,
    says: Vec<Message>,
    /// Where; everywhere when empty.
    places: Vec<Path>,
}

/// As written: places, and fault = words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    #[serde(default)]
    places: Vec<String>,
    says: BTreeMap<String, String>,
}

impl Raw {
    pub(super) fn compile(self, applies: &[Guide]) -> Result<Faults, PathError> {
        let mut faults = Faults { kinds: Vec::new(), says: Vec::new(), places: Vec::new() };
        for (name, text) in self.says {
            let kind = FaultKind::from_name(&name).ok_or_else(|| PathError::Grammar(name.clone()))?;
            let sound = Message::parse(&text).filter(|m| m.placeholders().all(|p| WORDS.contains(&p)));
            faults.kinds.push(kind);
            faults.says.push(sound.ok_or(PathError::Grammar(text))?);
        }
        for text in self.places {
            let place = Path::parse(&text)?;
            // It must lead somewhere in one of the guides.
            let mut found = applies.iter().map(|g| place.resolve(schema(*g)));
            if let Some(Err(error)) = found.clone().next().filter(|_| found.all(|r| r.is_err())) {
                return Err(error);
            }
            faults.places.push(place);
        }
        Ok(faults)
    }
}

impl Faults {
    /// What it says, fault by fault, placeholders and all.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.says.iter().map(Message::text)
    }

    /// True when it names places.
    #[must_use]
    pub fn is_local(&self) -> bool {
        !self.places.is_empty()
    }

    /// True when it speaks for this fault.
    #[must_use]
    pub fn speaks_for(&self, fault: &Fault) -> bool {
        self.kinds.contains(&fault.kind)
            && (self.places.is_empty() || self.places.iter().any(|p| covers(p, &fault.at)))
    }

    /// What the edit says of a fault.
    #[must_use]
    pub fn say(&self, kind: FaultKind, words: &[(&'static str, String)]) -> String {
        let at = self.kinds.iter().position(|k| *k == kind);
        at.and_then(|i| self.says.get(i)).map(|m| m.fill(words)).unwrap_or_default()
    }
}

/// True when a place is what the path names, or inside it.
fn covers(path: &Path, at: &At) -> bool {
    path.loop_id == at.loop_id
        && path.segment == at.segment
        && path.qualifier.as_deref().is_none_or(|q| q == at.qualifier)
        && path.element.is_none_or(|e| e == usize::from(at.element))
        && path.component.is_none_or(|c| c == usize::from(at.component))
}
