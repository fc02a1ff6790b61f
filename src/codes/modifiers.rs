//! The modifier reference: what a modifier says, what supports it, what it can't stand beside. `config/modifiers.toml` is the only copy.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// What is known of a modifier.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Modifier {
    /// Two characters.
    pub code: String,
    /// In a few words.
    pub name: String,
    /// Whether it changes what is paid, or informs.
    pub kind: ModifierKind,
    /// What it is about: surgery, drug, liability, ...
    pub family: String,
    /// When it is used.
    pub used: String,
    /// What the record must show.
    pub supports: String,
    /// Modifiers it can't stand beside on one line.
    pub conflicts: Vec<String>,
    /// What payers look at; empty where nothing stands out.
    pub scrutiny: String,
}

/// What a modifier does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ModifierKind {
    /// Changes what is paid, or whether two services are paid.
    Payment,
    /// Says who, where or how.
    Information,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    modifier: Vec<Modifier>,
}

impl Modifier {
    /// What is known of the modifier with this code.
    #[must_use]
    pub fn get(code: &[u8]) -> Option<&'static Modifier> {
        static PLACES: LazyLock<HashMap<&[u8], &Modifier>> =
            LazyLock::new(|| Modifier::all().iter().map(|m| (m.code.as_bytes(), m)).collect());
        PLACES.get(code).copied()
    }

    /// Every one, by its code.
    #[must_use]
    pub fn all() -> &'static [Modifier] {
        // Compiled in and read by a test: a failure can't reach a user.
        static ALL: LazyLock<Vec<Modifier>> = LazyLock::new(|| {
            let file: File = toml::from_str(include_str!("../../config/modifiers.toml")).unwrap_or_default();
            file.modifier
        });
        &ALL
    }

    /// True where it can't stand beside another on one line.
    #[must_use]
    pub fn excludes(&self, other: &[u8]) -> bool {
        self.conflicts.iter().any(|c| c.as_bytes() == other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::{CodeSets, Kind};

    #[test]
    fn the_reference_reads_and_holds_together() {
        let file: File = toml::from_str(include_str!("../../config/modifiers.toml")).unwrap();
        let codes: Vec<&str> = file.modifier.iter().map(|m| m.code.as_str()).collect();
        assert!(codes.is_sorted() && codes.len() > 150);
        let known = CodeSets::shipped();
        let known = known.table(Kind::Modifier).unwrap();
        for modifier in &file.modifier {
            let code = &modifier.code;
            assert!(known.intervals(code.as_bytes()).next().is_some(), "{code} is in no list");
            assert!(!modifier.used.is_empty() && !modifier.supports.is_empty(), "{code}");
            for other in &modifier.conflicts {
                let other = Modifier::get(other.as_bytes()).unwrap_or_else(|| panic!("{code}: {other}"));
                assert!(other.excludes(code.as_bytes()), "{code} and {}", other.code);
            }
        }
        assert!(Modifier::get(b"59").is_some_and(|m| m.excludes(b"XU")));
    }
}
