//! The denial dictionary: what each CARC means to us. `config/denials.toml` is the only copy.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::edits::Owner;

/// Whether a CARC refuses money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Denial {
    /// It does.
    Yes,
    /// It doesn't: contract, patient's share, information.
    No,
    /// It does where nothing was paid.
    Depends,
}

/// What one CARC means.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meaning {
    /// Whether it refuses money.
    pub denial: Denial,
    /// Root cause, one word.
    pub category: String,
    /// Team that works it.
    pub owner: Owner,
    /// Group codes it usually comes with.
    pub groups: Vec<String>,
    /// RARCs it usually comes with.
    pub rarcs: Vec<String>,
    /// CAQH CORE 360 business scenario, in our reading.
    pub core360: Option<u8>,
    /// What it says, in our words.
    pub means: String,
    /// How to keep it from happening.
    pub prevention: String,
    /// What to do about one.
    pub fix: String,
    /// Edits that would stop it.
    pub edits: Vec<String>,
}

/// All of them.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dictionary {
    /// Changes when a meaning does.
    pub version: u32,
    carc: BTreeMap<String, Meaning>,
}

impl Dictionary {
    /// The one compiled in.
    #[must_use]
    pub fn shipped() -> &'static Dictionary {
        // A test reads the same text: an empty dictionary can't reach a user.
        static SHIPPED: LazyLock<Dictionary> =
            LazyLock::new(|| toml::from_str(include_str!("../../config/denials.toml")).unwrap_or_default());
        &SHIPPED
    }

    /// CRC-32C of its text: changes when any meaning does.
    #[must_use]
    pub fn shipped_hash() -> u32 {
        crc32c::crc32c(include_bytes!("../../config/denials.toml"))
    }

    /// What a CARC means; `None` when it is unmapped.
    #[must_use]
    pub fn get(&self, carc: &str) -> Option<&Meaning> {
        self.carc.get(carc)
    }

    /// Every CARC it knows.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Meaning)> {
        self.carc.iter().map(|(k, v)| (k.as_str(), v))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edits::EditSet;

    #[test]
    fn the_shipped_dictionary_reads_and_names_real_edits() {
        let dictionary: Dictionary = toml::from_str(include_str!("../../config/denials.toml")).unwrap();
        let count = |wanted| dictionary.iter().filter(|(_, m)| m.denial == wanted).count();
        assert_eq!((count(Denial::Yes), count(Denial::No), count(Denial::Depends)), (170, 52, 4));
        let edits = EditSet::shipped().unwrap();
        for (carc, meaning) in dictionary.iter() {
            for id in &meaning.edits {
                let edit = edits.get(id).unwrap_or_else(|| panic!("CARC {carc} names {id}"));
                assert!(
                    edit.prevents.iter().any(|p| p.split('/').next() == Some(carc)),
                    "{id} prevents {carc}"
                );
            }
        }
    }
}
