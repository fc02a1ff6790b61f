//! A claim of ours as the history remembers it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::claim::sent::Sent;
use crate::edits::Finding;
use crate::scrub::{State, Verdict};
use crate::x12::Cents;

/// A claim that was scrubbed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentClaim {
    /// ULID of its file.
    pub file: String,
    /// 1-based among the file's claims.
    pub position: u64,
    /// SHA-256 of its file: the same in whatever order files come.
    pub sha256: String,
    /// Channel it came by.
    pub channel: String,
    /// The day it was received.
    pub day: Option<Date>,
    /// The day it left.
    pub left: Option<Date>,
    /// CLM01.
    pub claim: String,
    /// CLM02 in cents.
    pub charge: Cents,
    /// The payer by the site's packs, else 2010BB NM109.
    pub payer: String,
    /// 2010AA NM109.
    pub billing_npi: String,
    /// `837P`, `837I`, `837D`.
    pub kind: String,
    /// First and last date of service.
    pub dates: Option<(Date, Date)>,
    /// clean, held or rejected.
    pub state: String,
    /// True where it was held at first.
    pub was_held: bool,
    /// Edits that fired when it was first scrubbed.
    pub fired: Vec<Fired>,
    /// Edits that somebody let it leave in spite of.
    pub overridden: Vec<String>,
    /// Who let it leave, where it was held.
    pub released_by: String,
    /// How often somebody decided of it while it was held.
    pub touches: u32,
    /// What it says.
    pub sent: Sent,
}

/// An edit that fired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fired {
    /// Its id.
    pub edit: String,
    /// True where it stops a claim; false of a warning and of an edit on trial.
    pub stops: bool,
}

/// A line of an archived verdict list: the verdict, and what is remembered of the claim.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Scrubbed {
    /// What became of it.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// What it says; lists of before have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Sent>,
}

/// The same, to be written.
#[derive(Debug, Serialize)]
pub struct ScrubbedRef<'a> {
    /// What became of it.
    #[serde(flatten)]
    pub verdict: &'a Verdict,
    /// What it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent: Option<&'a Sent>,
}

/// The file a claim stands in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentFile {
    /// ULID.
    pub file: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Channel it came by.
    pub channel: String,
    /// The day it was received.
    pub day: Option<Date>,
    /// Hash of its verdict list, once there is one.
    pub report: String,
}

impl SentClaim {
    /// From its file and verdict.
    #[must_use]
    pub fn of(file: &SentFile, scrubbed: Scrubbed, payer: String) -> SentClaim {
        let Scrubbed { verdict, sent } = scrubbed;
        let clean = verdict.verdict == State::Clean;
        SentClaim {
            file: file.file.clone(),
            position: verdict.position,
            sha256: file.sha256.clone(),
            channel: file.channel.clone(),
            day: file.day,
            left: file.day.filter(|_| clean),
            charge: verdict.charge,
            payer,
            dates: verdict.facts.service_from.zip(verdict.facts.service_to),
            state: verdict.verdict.name().to_owned(),
            was_held: verdict.verdict == State::Held,
            fired: verdict.findings.iter().map(fired).collect(),
            claim: verdict.claim,
            billing_npi: verdict.facts.billing_npi,
            kind: verdict.facts.kind,
            overridden: Vec::new(),
            released_by: String::new(),
            touches: 0,
            sent: sent.unwrap_or_default(),
        }
    }

    /// True where it went to its payer.
    #[must_use]
    pub fn has_left(&self) -> bool {
        self.state == State::Clean.name()
    }
}

fn fired(finding: &Finding) -> Fired {
    Fired { edit: finding.edit.clone(), stops: finding.stops() }
}
