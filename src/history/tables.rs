//! What facts are read by: the denial dictionary, who payers are, and what is counted each week. It is kept in the index beside what was
//! folded by it: with other tables the index is folded anew.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::denials::Dimension;
use super::dictionary::Dictionary;
use crate::payers::Payers;

/// The tables.
#[derive(Debug, Default)]
pub struct Tables {
    /// What CARCs mean.
    pub dictionary: Dictionary,
    /// Who payers are on claims and on remittances.
    pub payers: Payers,
    /// Sets of dimensions that are counted by week as they come.
    pub rollups: Vec<Vec<Dimension>>,
    /// What they were made of.
    texts: Texts,
}

/// A site's tables don't hold together.
#[derive(Debug, Error)]
#[error("[history] {path}: {reason}")]
pub struct BadTables {
    /// The dictionary's file, where one is named.
    pub path: PathBuf,
    /// Why not, in words.
    pub reason: String,
}

/// What a site says of its history.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Its entries of the denial dictionary, a file.
    pub dictionary: Option<PathBuf>,
    /// Sets of dimensions that are counted by week.
    pub rollups: Vec<Vec<String>>,
}

impl Default for Settings {
    fn default() -> Settings {
        let sets = ROLLUPS.iter().map(|set| set.iter().map(|name| (*name).to_owned()).collect());
        Settings { dictionary: None, rollups: sets.collect() }
    }
}

/// What tables are made of, as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Texts {
    /// CRC-32C of the shipped dictionary.
    shipped: u32,
    /// The site's entries of the dictionary.
    dictionary: String,
    /// Payer packs.
    packs: Vec<String>,
    /// Sets of dimensions, by name.
    rollups: Vec<Vec<String>>,
}

/// Where what they were made of is kept.
pub const KEPT: &str = "meta/history-tables";

/// What is counted by week where a site doesn't say.
pub const ROLLUPS: [&[&str]; 6] = [
    &["payer", "carc"],
    &["payer"],
    &["owner"],
    &["payer", "carc", "procedure"],
    &["payer", "procedure", "modifier"],
    &["consequence"],
];

/// What denials are counted by for trends, beside payer and CARC, whatever a site says.
pub const TRENDED: [Option<Dimension>; 7] = [
    None,
    Some(Dimension::Rarc),
    Some(Dimension::Procedure),
    Some(Dimension::Modifier),
    Some(Dimension::Diagnosis),
    Some(Dimension::Billing),
    Some(Dimension::Channel),
];

/// The set of dimensions whose weekly counts are the series of a slice, as [`super::counted`] wants it.
#[must_use]
pub fn trended(slice: Option<Dimension>) -> Vec<Dimension> {
    let mut set: Vec<Dimension> = [Dimension::Payer, Dimension::Carc].into_iter().chain(slice).collect();
    set.sort_unstable();
    set
}

/// The shipped tables, read once.
fn shipped() -> &'static Result<(Texts, Arc<Tables>), String> {
    static SHIPPED: LazyLock<Result<(Texts, Arc<Tables>), String>> = LazyLock::new(|| {
        let payers = Payers::shipped().map_err(|e| e.to_string())?;
        let texts = Texts::new(String::new(), &payers, Settings::default().rollups)?;
        let tables = Arc::new(texts.read()?);
        Ok((texts, tables))
    });
    &SHIPPED
}

impl Texts {
    /// Of a site: its entries of the dictionary, its payers, its sets of dimensions.
    ///
    /// # Errors
    /// What is wrong with one, in words.
    pub fn new(dictionary: String, payers: &Payers, rollups: Vec<Vec<String>>) -> Result<Texts, String> {
        let packs = payers.texts().map(str::to_owned).collect();
        let texts = Texts { shipped: Dictionary::shipped_hash(), dictionary, packs, rollups };
        texts.read()?;
        Ok(texts)
    }

    /// As the program ships them.
    ///
    /// # Errors
    /// When a shipped table doesn't hold together.
    pub fn shipped() -> Result<Texts, String> {
        shipped().as_ref().map(|(texts, _)| texts.clone()).map_err(Clone::clone)
    }

    /// The same on the dictionary of this program.
    #[must_use]
    pub fn renewed(&self) -> Texts {
        Texts { shipped: Dictionary::shipped_hash(), ..self.clone() }
    }

    /// The tables.
    ///
    /// # Errors
    /// What is wrong with one, in words.
    pub fn tables(&self) -> Result<Arc<Tables>, String> {
        match shipped() {
            Ok((texts, tables)) if texts == self => Ok(Arc::clone(tables)),
            _ => self.read().map(Arc::new),
        }
    }

    fn read(&self) -> Result<Tables, String> {
        let dictionary = Dictionary::shipped().clone().and(&self.dictionary)?;
        let packs = self.packs.iter().map(|text| ("pack", text.as_bytes()));
        let payers = Payers::default().and(packs).map_err(|e| e.to_string())?;
        let set = |names: &Vec<String>| -> Result<Vec<Dimension>, String> {
            let mut set = names
                .iter()
                .map(|name| Dimension::parse(name).map_err(|e| e.to_string()))
                .collect::<Result<Vec<_>, _>>()?;
            set.sort_unstable();
            set.dedup();
            if set.is_empty() || set.contains(&Dimension::Claim) || set.contains(&Dimension::Week) {
                return Err("a set of [history] rollups names no dimension, or week or claim".to_owned());
            }
            Ok(set)
        };
        let mut rollups = self.rollups.iter().map(set).collect::<Result<Vec<_>, _>>()?;
        rollups.extend(TRENDED.map(trended));
        rollups.sort();
        rollups.dedup();
        Ok(Tables { dictionary, payers, rollups, texts: self.clone() })
    }
}

impl Tables {
    /// What they were made of.
    #[must_use]
    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    /// The payer of claims, by 2010BB NM109.
    #[must_use]
    pub fn payer_of_claim(&self, id: &str) -> String {
        self.payers.of_claim(id.as_bytes()).map_or(id, |pack| &pack.id).to_owned()
    }

    /// The payer of a remittance.
    #[must_use]
    pub fn payer_of_remittance(&self, remittance: &crate::remit::Remittance) -> String {
        let id = remittance.payer.as_str();
        self.payers.of_remittance("", &[id], id).map_or(id, |pack| &pack.id).to_owned()
    }
}
