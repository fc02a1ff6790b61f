//! One edit: its definition, its text, its owner, its executable examples. Shape of `config/edits/**.toml`.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::checks::Check;
use super::message::Message;
use crate::codes::Kind;
use crate::schema::{Guide, Path};

/// An edit, checked and ready to run.
#[derive(Debug)]
pub struct Edit {
    /// `E3-001`; never reused.
    pub id: String,
    /// States the defect, lower-kebab.
    pub name: String,
    /// Only active edits run; a draft's examples do.
    pub status: Status,
    /// Our version that brought it.
    pub since: String,
    /// First and last date of service it applies to.
    pub dates: (Option<Date>, Option<Date>),
    /// Guides it applies to.
    pub applies: Vec<Guide>,
    /// Ids of the payer packs whose claims it is for; empty for all.
    pub payers: Vec<String>,
    /// SNIP type, 1 to 7.
    pub snip: u8,
    /// national, payer, contract, local or learned.
    pub origin: String,
    /// Where its findings stand, unless they say otherwise.
    pub at: Path,
    /// What a finding does to the claim.
    pub severity: Severity,
    /// The team that works it.
    pub owner: Owner,
    /// Teams told besides.
    pub informed: Vec<Owner>,
    /// Where in the workflow it should have been caught.
    pub stage: String,
    /// `CARC` or `CARC/RARC` it prevents.
    pub prevents: Vec<String>,
    /// 277CA code it would draw.
    pub ack: Option<Ack>,
    /// What is wrong.
    pub message: Message,
    /// What a payer does about it.
    pub why: String,
    /// What to do.
    pub fix: String,
    /// Guide, loop, segment.
    pub source: String,
    /// The mechanism.
    pub check: Check,
    /// Executed by `edits test`.
    pub examples: Vec<Example>,
    /// Tells one definition from another: hex, eight digits.
    pub print: String,
}

/// Life of an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Not yet trusted: only its examples run.
    Draft,
    /// In force.
    Active,
    /// Kept so that its id is not reused.
    Retired,
}

/// What a finding does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The claim can't go as it is; no override.
    Reject,
    /// Held; may be overridden with a reason.
    Hold,
    /// Goes, counted.
    Warn,
}

/// The six teams, nothing else anywhere. Billing has what is nobody's.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Owner {
    Coding,
    #[default]
    Billing,
    FrontDesk,
    Authorisation,
    Clinical,
    Credentialing,
}

impl Owner {
    /// Every team.
    pub const ALL: [Owner; 6] = [
        Owner::Coding,
        Owner::Billing,
        Owner::FrontDesk,
        Owner::Authorisation,
        Owner::Clinical,
        Owner::Credentialing,
    ];

    /// As data files spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Owner::Coding => "coding",
            Owner::Billing => "billing",
            Owner::FrontDesk => "front-desk",
            Owner::Authorisation => "authorisation",
            Owner::Clinical => "clinical",
            Owner::Credentialing => "credentialing",
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Severity {
    /// As data files spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Severity::Reject => "reject",
            Severity::Hold => "hold",
            Severity::Warn => "warn",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Status {
    /// As data files spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Status::Draft => "draft",
            Status::Active => "active",
            Status::Retired => "retired",
        }
    }
}

/// 277CA category, status and entity.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ack {
    /// Claim status category code.
    pub category: String,
    /// Claim status code.
    pub status: String,
    /// Entity code, empty where none applies.
    #[serde(default)]
    pub entity: String,
}

/// One executable example.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What it shows.
    pub title: String,
    /// What must come of it.
    pub expect: Expect,
    /// Named base claim.
    pub base: String,
    /// The day it is scrubbed on.
    pub today: Date,
    /// Place of the finding, where it isn't the edit's own.
    pub at: Option<String>,
    /// Elements to set.
    #[serde(default)]
    pub change: BTreeMap<String, String>,
    /// Segments to remove.
    #[serde(default)]
    pub remove: Vec<String>,
    /// A segment to insert.
    pub insert: Option<Insert>,
    /// What of it was sent before.
    pub before: Option<Before>,
    /// How often the last subscriber stands, each time with a hierarchy and a claim number of its own.
    pub subscribers: Option<usize>,
    /// Rows of code sets that stand for those of a site: code, first day, last day, what else is said of it; or both codes of a
    /// pair, first day, last day, number. Days as `YYYYMMDD`.
    #[serde(default)]
    pub tables: BTreeMap<Kind, Vec<Vec<String>>>,
    /// Bytes to replace in the finished text; nothing is recounted after it.
    pub raw: Option<Change>,
}

/// What was sent before an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Before {
    /// Another interchange of the same numbers.
    Number,
    /// A set that says the same.
    Content,
}

/// A segment to insert.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Insert {
    /// Path of the segment before it.
    pub after: String,
    /// The segment, without terminator.
    pub text: String,
}

/// Bytes to replace.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// What stands in the base.
    pub from: String,
    /// What stands there instead.
    pub to: String,
}

/// Outcome of an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expect {
    /// Exactly one finding, of this edit, at its place.
    Finding,
    /// No finding of this edit.
    Clean,
}
