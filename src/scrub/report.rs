//! What a scrub says: the shapes of `scrub --format json`.

use std::borrow::Cow;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::edits::{Finding, Rejection, Severity};
use crate::x12::Cents;
use crate::x12::element::{amount, decimal};

/// Where a claim is after the scrub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Leaves.
    Clean,
    /// Kept for review.
    Held,
    /// Can't be held as a claim: its envelope or its hierarchy is unusable.
    Rejected,
}

impl State {
    /// As reports spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            State::Clean => "clean",
            State::Held => "held",
            State::Rejected => "rejected",
        }
    }
}

/// What became of one claim.
///
/// Owned as a rule; borrowed from the file while it is being judged ([`VerdictRef`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict<T = String, F = Vec<Finding>> {
    /// CLM01.
    pub claim: T,
    /// ST02.
    pub transaction_set: T,
    /// 1-based among the file's claims.
    pub position: u64,
    /// Clean, held or rejected.
    pub verdict: State,
    /// True for a held claim that a person may release in spite of its findings.
    pub overridable: bool,
    /// CLM02; 0.00 where it is no number.
    #[serde(with = "cents")]
    pub charge: Cents,
    /// 2010BB NM109.
    pub payer: T,
    /// Findings, in file order.
    pub findings: F,
    /// What later payments are paired by, and where the claim's own segments lie.
    #[serde(flatten)]
    pub facts: Facts<T>,
}

/// A verdict whose texts are still in the file.
pub type VerdictRef<'a> = Verdict<Cow<'a, str>, &'a [Finding]>;

impl From<&VerdictRef<'_>> for Verdict {
    fn from(of: &VerdictRef<'_>) -> Verdict {
        let facts = &of.facts;
        Verdict {
            claim: of.claim.clone().into_owned(),
            transaction_set: of.transaction_set.clone().into_owned(),
            position: of.position,
            verdict: of.verdict,
            overridable: of.overridable,
            charge: of.charge,
            payer: of.payer.clone().into_owned(),
            findings: of.findings.to_vec(),
            facts: Facts {
                kind: facts.kind.clone().into_owned(),
                billing_npi: facts.billing_npi.clone().into_owned(),
                service_from: facts.service_from,
                service_to: facts.service_to,
                offset: facts.offset,
                bytes: facts.bytes,
                test: facts.test,
            },
        }
    }
}

/// What is remembered of a claim.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts<T = String> {
    /// `837P`, `837I`, `837D`.
    pub kind: T,
    /// 2010AA NM109.
    pub billing_npi: T,
    /// First date of service.
    pub service_from: Option<Date>,
    /// Last date of service.
    pub service_to: Option<Date>,
    /// Byte in the file where CLM starts.
    pub offset: u64,
    /// Bytes from CLM to the end of the claim's last segment.
    pub bytes: u64,
    /// True in an interchange whose ISA15 says test.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub test: bool,
}

/// Count of claims by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// As the tokenizer counted CLM segments.
    pub r#in: u64,
    /// Clean.
    pub clean: u64,
    /// Held.
    pub held: u64,
    /// Rejected.
    pub rejected: u64,
}

/// Charges by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charges {
    /// Sum of CLM02 as the tokenizer saw them.
    #[serde(with = "cents")]
    pub r#in: Cents,
    /// Of clean claims.
    #[serde(with = "cents")]
    pub clean: Cents,
    /// Of held claims.
    #[serde(with = "cents")]
    pub held: Cents,
    /// Of rejected claims.
    #[serde(with = "cents")]
    pub rejected: Cents,
    /// How many CLM02 were no number; each counts 0.
    pub unreadable: u64,
}

/// Which edits ran, and which could not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Edits in force.
    pub run: u64,
    /// Edits switched off for want of something.
    pub off: Vec<Off>,
}

/// An edit that is off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Off {
    /// Its id.
    pub edit: String,
    /// What it wants.
    pub needs: String,
}

/// All a scrub says of a file, its verdicts aside, which come one at a time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// File as named by the caller.
    pub file: String,
    /// SHA-256 of its bytes, hex.
    pub sha256: String,
    /// `837P`, `837I`, `837D`, `835`, `999`, `TA1`, `277CA`, `mixed` or `unknown`.
    pub kind: String,
    /// The day it was scrubbed on.
    pub today: Date,
    /// Hash of the edits in force.
    pub edits: String,
    /// What ran.
    pub coverage: Coverage,
    /// Every claim, in file order.
    pub verdicts: Vec<Verdict>,
    /// Findings that belong to no claim.
    pub findings: Vec<Finding>,
    /// Unusable interchanges, groups and transaction sets.
    pub rejections: Vec<Rejection>,
    /// Claims by state.
    pub claims: Counts,
    /// Charges by state.
    pub charges: Charges,
    /// Clean claims that edits on trial would have held.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub would_hold: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl Report {
    /// True when everything may leave: nothing held, nothing rejected.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let stopped = self.findings.iter().any(Finding::stops);
        self.claims.held == 0 && self.claims.rejected == 0 && self.rejections.is_empty() && !stopped
    }
}

/// The state findings put a claim in, and whether a person may override it.
#[must_use]
pub fn decide(findings: &[Finding]) -> (State, bool) {
    let mut stops = findings.iter().filter(|f| f.stops()).peekable();
    if stops.peek().is_none() {
        return (State::Clean, false);
    }
    (State::Held, !stops.any(|f| f.severity == Severity::Reject))
}

/// Serde for cents as decimal strings.
pub mod cents {
    use super::{Cents, amount, decimal};
    use serde::{Deserialize, Deserializer, Serializer, de};

    /// Writes `12.50`.
    ///
    /// # Errors
    /// The serializer's.
    #[allow(clippy::trivially_copy_pass_by_ref)]
    pub fn serialize<S: Serializer>(cents: &Cents, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&decimal(*cents))
    }

    /// Reads it back.
    ///
    /// # Errors
    /// When it is no amount.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cents, D::Error> {
        let text = String::deserialize(deserializer)?;
        amount(text.as_bytes()).ok_or_else(|| de::Error::custom("not an amount"))
    }
}
