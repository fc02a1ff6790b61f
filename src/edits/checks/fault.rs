//! `[check.fault]`: the edit speaks for faults that the layers below report, each in its own words.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::edits::message::Message;
use crate::schema::PathError;
use crate::x12::FaultKind;

/// Placeholders of what is said of a fault.
const WORDS: [&str; 2] = ["expected", "found"];

/// The faults an edit speaks for, and what it says of each: `{fault}` in its message.
#[derive(Debug)]
pub struct Faults {
    /// Kinds, in the order of the file's table.
    pub kinds: Vec<FaultKind>,
    says: Vec<Message>,
}

/// As written: fault = words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    says: BTreeMap<String, String>,
}

impl Raw {
    pub(super) fn compile(self) -> Result<Faults, PathError> {
        let mut faults = Faults { kinds: Vec::new(), says: Vec::new() };
        for (name, text) in self.says {
            let kind = FaultKind::from_name(&name).ok_or_else(|| PathError::Grammar(name.clone()))?;
            let sound = Message::parse(&text).filter(|m| m.placeholders().all(|p| WORDS.contains(&p)));
            faults.kinds.push(kind);
            faults.says.push(sound.ok_or(PathError::Grammar(text))?);
        }
        Ok(faults)
    }
}

impl Faults {
    /// What it says, fault by fault, placeholders and all.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.says.iter().map(Message::text)
    }

    /// What the edit says of a fault.
    #[must_use]
    pub fn say(&self, kind: FaultKind, expected: String, found: String) -> String {
        let at = self.kinds.iter().position(|k| *k == kind);
        let words = [("expected", expected), ("found", found)];
        at.and_then(|i| self.says.get(i)).map(|m| m.fill(&words)).unwrap_or_default()
    }
}
