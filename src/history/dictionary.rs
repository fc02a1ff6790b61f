//! The denial dictionary: what each CARC means to us. `config/denials.toml` is the only copy.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::edits::Owner;

const SHIPPED_TEXT: &str = include_str!("../../config/denials.toml");

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

/// What a CARC means beside some RARC, or of some payer, where that differs: all that isn't said is as of the CARC alone.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct When {
    carc: String,
    rarc: Option<String>,
    payer: Option<String>,
    denial: Option<Denial>,
    category: Option<String>,
    owner: Option<Owner>,
    core360: Option<u8>,
    means: Option<String>,
    prevention: Option<String>,
    fix: Option<String>,
    edits: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    version: u32,
    #[serde(default)]
    consequences: BTreeMap<String, String>,
    #[serde(default)]
    carc: BTreeMap<String, Meaning>,
    #[serde(default)]
    when: Vec<When>,
}

/// CARC, RARC, payer.
type Case = (String, Option<String>, Option<String>);

/// All of them.
#[derive(Clone, Debug, Default)]
pub struct Dictionary {
    /// Changes when a meaning does.
    pub version: u32,
    carc: BTreeMap<String, Meaning>,
    cases: BTreeMap<Case, Meaning>,
    /// Consequence of a category.
    consequences: BTreeMap<String, String>,
}

/// What a denial costs besides the money, by which the two industry guides count: these six, and other.
pub const CONSEQUENCES: [&str; 7] = [
    "clearinghouse-rejection",
    "medical-necessity",
    "modifier-underpayment",
    "documentation-delay",
    "payer-mapping",
    "duplicate",
    "other",
];

impl Dictionary {
    /// The one compiled in.
    #[must_use]
    pub fn shipped() -> &'static Dictionary {
        // A test reads the same text: an empty dictionary can't reach a user.
        static SHIPPED: LazyLock<Dictionary> =
            LazyLock::new(|| Dictionary::default().and(SHIPPED_TEXT).unwrap_or_default());
        &SHIPPED
    }

    /// The same with a site's entries: one that is there already is replaced, whole.
    ///
    /// # Errors
    /// What is wrong with the text, in words.
    pub fn and(mut self, text: &str) -> Result<Dictionary, String> {
        let raw: Raw = toml::from_str(text).map_err(|e| e.to_string())?;
        self.version = self.version.max(raw.version);
        for (category, consequence) in raw.consequences {
            if !CONSEQUENCES.contains(&consequence.as_str()) {
                return Err(format!(
                    "consequence {consequence:?} of {category} is none of {}",
                    CONSEQUENCES.join(", ")
                ));
            }
            self.consequences.insert(category, consequence);
        }
        self.carc.extend(raw.carc);
        for when in raw.when {
            let Some(base) = self.carc.get(&when.carc) else {
                return Err(format!("CARC {:?} is told of beside others, and not alone", when.carc));
            };
            if when.rarc.is_none() && when.payer.is_none() {
                return Err(format!("[[when]] of CARC {:?} names neither RARC nor payer", when.carc));
            }
            let base = base.clone();
            let meaning = Meaning {
                denial: when.denial.unwrap_or(base.denial),
                category: when.category.unwrap_or(base.category),
                owner: when.owner.unwrap_or(base.owner),
                core360: when.core360.or(base.core360),
                means: when.means.unwrap_or(base.means),
                prevention: when.prevention.unwrap_or(base.prevention),
                fix: when.fix.unwrap_or(base.fix),
                edits: when.edits.unwrap_or(base.edits),
                ..base
            };
            self.cases.insert((when.carc, when.rarc, when.payer), meaning);
        }
        Ok(self)
    }

    /// What a CARC means beside these RARCs, of this payer: the closest entry. None when it is unmapped.
    #[must_use]
    pub fn meaning(&self, carc: &str, rarcs: &[String], payer: &str) -> Option<&Meaning> {
        if !self.cases.is_empty() {
            let case = |rarc: Option<&String>, payer: Option<&str>| {
                self.cases.get(&(carc.to_owned(), rarc.cloned(), payer.map(str::to_owned)))
            };
            let of_payer = || rarcs.iter().find_map(|r| case(Some(r), Some(payer)));
            let of_rarc = || rarcs.iter().find_map(|r| case(Some(r), None));
            if let Some(found) = of_payer().or_else(|| case(None, Some(payer))).or_else(of_rarc) {
                return Some(found);
            }
        }
        self.get(carc)
    }

    /// The consequence that a denial falls in.
    #[must_use]
    pub fn consequence(&self, of: Option<&Meaning>) -> &str {
        of.and_then(|m| self.consequences.get(&m.category)).map_or("other", String::as_str)
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
        let dictionary: Dictionary = Dictionary::default().and(SHIPPED_TEXT).unwrap();
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
