//! One alert: a cause, with its numbers.

use serde::{Deserialize, Serialize};

use super::sentence;
use crate::edits::Owner;
use crate::history::Meaning;
use crate::x12::Cents;

/// How soon it is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// With the others of the day.
    #[default]
    Digest,
    /// By itself, outside quiet hours alone.
    AtOnce,
}

impl Severity {
    /// As settings spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Severity::Digest => "digest",
            Severity::AtOnce => "at-once",
        }
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// More denials than usual.
    #[default]
    Rise,
    /// More and more, over weeks.
    Drift,
    /// Denials where there were none or hardly any.
    New,
    /// Fewer than usual.
    Improvement,
    /// A file lies somewhere for a person to look at.
    File,
    /// Something stands in the way of a channel's files.
    Channel,
    /// The huddle's pack of a week is ready.
    Pack,
}

impl Kind {
    /// As programs read it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Rise => "rise",
            Kind::Drift => "drift",
            Kind::New => "new",
            Kind::Improvement => "improvement",
            Kind::File => "file",
            Kind::Channel => "channel",
            Kind::Pack => "pack",
        }
    }

    /// True of what denials tell.
    #[must_use]
    pub fn is_of_denials(self) -> bool {
        !matches!(self, Kind::File | Kind::Channel | Kind::Pack)
    }
}

/// How much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Numbers {
    /// Denials since it began.
    pub count: u64,
    /// Of so many claims or lines, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
    /// Denials that would be usual in that time, of that volume.
    pub usual: f64,
    /// Of so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usual_of: Option<f64>,
    /// By how much the rate rose: lowest and highest ratio the numbers allow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<(f64, f64)>,
    /// Cents refused since beyond the usual; of an improvement those that were not.
    pub cents: Cents,
}

/// A claim it happened to, by its place: never by its number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// ULID of the file.
    pub file: String,
    /// 1-based among its claims.
    pub position: u64,
}

/// A file that goes with a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// Hex SHA-256 of its bytes in the archive.
    pub sha256: String,
}

/// One alert. What isn't known of it is empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Alert {
    /// The cause, so that the same one is the same alert: `payer/carc`, and `/dimension=value` where it is narrower.
    pub id: String,
    /// What happened.
    pub kind: Kind,
    /// How soon it is told.
    pub severity: Severity,
    /// Team it goes to.
    pub owner: Owner,
    /// A sentence for a person.
    pub message: String,
    /// ISO week of payment it speaks of.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub week: String,
    /// ISO week it began in.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub since: String,
    /// The payer's id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub payer: String,
    /// Its name, where the site has one for it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub payer_name: String,
    /// Group code: `CO`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// CARC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub carc: String,
    /// What the money was refused for, in few words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// What else it is confined to: dimension of the history, and value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<(String, String)>,
    /// Who or what changed, as far as the figures tell: `payer`, `our-mix`, `our-edit`, `all-payers`; empty where they don't.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub changed: String,
    /// How sure that there was a change: `weak`, `likely`, `strong`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub evidence: String,
    /// How much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numbers: Option<Numbers>,
    /// Up to five claims it happened to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<Example>,
    /// How to keep it from happening, by the dictionary.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub prevention: String,
    /// Edits that would stop it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<String>,
    /// A draft of one, where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft: Option<String>,
    /// Files that go with it, by mail.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

/// Dimensions that name who treated or billed: an alert is of patterns, never of a single provider.
const OF_A_PROVIDER: &[&str] = &["billing", "rendering", "provider", "claim"];

impl Alert {
    /// Fills in what the dictionary says of its CARC and writes its sentence. A dimension that names a provider or a claim is left out.
    #[must_use]
    pub fn told_by(mut self, meaning: Option<&Meaning>) -> Alert {
        self.only.retain(|(dimension, _)| !OF_A_PROVIDER.contains(&dimension.as_str()));
        if let Some(meaning) = meaning {
            self.owner = meaning.owner;
            self.prevention.clone_from(&meaning.prevention);
            self.edits.clone_from(&meaning.edits);
            if self.reason.is_empty() {
                self.reason = sentence::reason(&meaning.category)
                    .map_or_else(|| sentence::within(&meaning.means), str::to_owned);
            }
            if self.group.is_empty() {
                self.group = meaning.groups.first().cloned().unwrap_or_default();
            }
        }
        self.message = sentence::sentence(&self);
        self
    }

    /// One that is told in a sentence alone, to billing, at once.
    #[must_use]
    pub fn plain(kind: Kind, id: String, message: String) -> Alert {
        let (owner, severity) = (Owner::Billing, Severity::AtOnce);
        Alert { id, kind, severity, owner, message, ..Alert::default() }
    }

    /// Denials of the week it speaks of.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.numbers.map_or(0, |n| n.count)
    }
}
