//! A held claim, and what each decision makes of it.

use serde::{Deserialize, Serialize};

use super::FileFacts;
use crate::claim::sent::Names;
use crate::edits::{Finding, Owner};
use crate::history::Scrubbed;
use crate::journal::{Decision, Entry, HeldAnswer};
use crate::phi::{Phi, kept};
use crate::scrub::Verdict;
use crate::scrub::report::cents;
use crate::x12::Cents;

/// A claim that is held.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HeldClaim {
    /// ULID.
    pub id: String,
    /// CLM01.
    #[serde(with = "kept")]
    #[schema(value_type = String)]
    pub claim: Phi<String>,
    /// Name the file was dropped under.
    #[serde(with = "kept")]
    #[schema(value_type = String)]
    pub file: Phi<String>,
    /// Channel it came by.
    pub channel: String,
    /// 2010BB NM109.
    pub payer: String,
    /// CLM02.
    #[serde(with = "cents")]
    #[schema(value_type = String)]
    pub charge: Cents,
    /// When it was held, UTC.
    pub held_at: jiff::Timestamp,
    /// Team that works its worst finding.
    pub owner: Option<Owner>,
    /// True when a person may release it in spite of its findings.
    pub overridable: bool,
    /// Why it is held.
    pub findings: Vec<Finding>,
    /// Hash of the archived file it stands in.
    pub sha256: String,
    /// 1-based among that file's claims.
    pub position: u64,
    /// Byte in the file where CLM starts.
    pub offset: u64,
    /// Bytes of the claim's own segments.
    pub bytes: u64,
    /// 2010AA NM109.
    pub billing_npi: String,
    /// First day of service.
    pub service_from: Option<jiff::civil::Date>,
    /// ULID of the file it stands in.
    pub file_id: String,
    /// Grows with every decision: who decides names the version they saw.
    pub version: u64,
    /// Where it is on its way.
    pub status: Status,
    /// Hash of the list of its corrections.
    pub corrections: Option<String>,
    /// Edits that it may leave in spite of.
    pub overridden: Vec<String>,
    /// ULID of the file it left in.
    pub sent_in: Option<String>,
    /// Every decision so far.
    pub trail: Vec<Step>,
    /// `837P`, `837I`, `837D`.
    #[serde(default)]
    pub kind: String,
    /// Name of the patient: last, first.
    #[serde(default, with = "kept")]
    #[schema(value_type = String)]
    pub patient: Phi<String>,
    /// 2010BB NM103.
    #[serde(default)]
    pub payer_name: String,
    /// Last day of service.
    #[serde(default)]
    pub service_to: Option<jiff::civil::Date>,
    /// True of one that replaces or voids another: CLM05-3 is 7 or 8.
    #[serde(default)]
    pub corrects: bool,
    /// Until then what was decided last may be undone, and it does not leave.
    #[serde(default)]
    pub undo_until: Option<jiff::Timestamp>,
    /// Nobody is to be shown it before then.
    #[serde(default)]
    pub snoozed_until: Option<jiff::Timestamp>,
    /// It goes before all others, to who leads.
    #[serde(default)]
    pub escalated: bool,
    /// What who documented the care was asked for, and has not answered.
    #[serde(default)]
    pub query: Option<Query>,
    /// Ids of the edits that stopped it when it was first held.
    #[serde(default)]
    pub stopped_by: Vec<String>,
    /// An override that waits for a second person.
    #[serde(default)]
    pub proposed: Option<Proposal>,
}

/// Where a held claim is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Waits for a decision.
    Open,
    /// May leave, and has not yet.
    Leaving,
    /// Left.
    Sent,
    /// Leaves no more.
    Voided,
    /// The practice system sent it anew.
    Replaced,
    /// It was refused, and went back to its sender.
    SentBack,
}

/// One decision.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Step {
    /// When, UTC.
    pub at: jiff::Timestamp,
    /// Who.
    pub actor: String,
    /// What.
    pub decision: Decision,
}

impl HeldClaim {
    /// True while somebody must work on it, or it is about to leave.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.status, Status::Open | Status::Leaving)
    }
}

/// A question about documentation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Query {
    /// What is missing, by a word of the list.
    pub element: String,
    /// Hash of the question.
    pub note: String,
    /// Who asked.
    pub by: String,
    /// The team that asks, and has the claim again with the answer.
    pub team: Option<Owner>,
    /// When, UTC.
    pub at: jiff::Timestamp,
}

/// An override that somebody asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Proposal {
    /// Why, from a list of the site.
    pub code: String,
    /// Hash of the note.
    pub note: String,
    /// Ids of the edits that stop the claim.
    pub edits: Vec<String>,
    /// Who asked for it.
    pub by: String,
    /// When, UTC.
    pub at: jiff::Timestamp,
}

/// A claim as it is first held.
pub(super) fn held(
    id: &str,
    entry: &Entry,
    facts: &FileFacts,
    (scrubbed, names): (Scrubbed, Names),
    answer: HeldAnswer,
) -> HeldClaim {
    let Scrubbed { verdict, sent } = scrubbed;
    let worst = verdict.findings.iter().filter(|f| f.stops()).min_by_key(|f| f.severity);
    let mut stopped_by: Vec<String> =
        verdict.findings.iter().filter(|f| f.stops()).map(|f| f.edit.clone()).collect();
    stopped_by.sort();
    stopped_by.dedup();
    HeldClaim {
        id: id.to_owned(),
        claim: verdict.claim.into(),
        file: facts.name.clone(),
        channel: facts.channel.clone(),
        payer: verdict.payer,
        charge: verdict.charge,
        held_at: entry.at,
        owner: worst.map(|f| f.owner),
        overridable: verdict.overridable,
        findings: verdict.findings,
        sha256: facts.sha256.clone(),
        position: verdict.position,
        offset: verdict.facts.offset,
        bytes: verdict.facts.bytes,
        billing_npi: verdict.facts.billing_npi,
        service_from: verdict.facts.service_from,
        file_id: facts.id.clone(),
        version: 1,
        status: if answer == HeldAnswer::SentBack { Status::SentBack } else { Status::Open },
        corrections: None,
        overridden: Vec::new(),
        sent_in: None,
        trail: Vec::new(),
        kind: verdict.facts.kind,
        patient: names.patient,
        payer_name: names.payer,
        service_to: verdict.facts.service_to,
        corrects: sent.is_some_and(|sent| matches!(sent.frequency.as_str(), "7" | "8")),
        undo_until: None,
        snoozed_until: None,
        escalated: false,
        query: None,
        stopped_by,
        proposed: None,
    }
}

impl HeldClaim {
    /// Takes a decision over.
    pub(super) fn decide(&mut self, version: u64, undo_until: Option<jiff::Timestamp>, step: Step) {
        (self.version, self.undo_until) = (version, undo_until);
        let (at, by) = (step.at, step.actor.clone());
        // Whatever else is decided of it, it is seen again.
        self.snoozed_until = None;
        // An override was asked for of the claim as it stood.
        if !step.decision.moves_nothing() {
            self.proposed = None;
        }
        match &step.decision {
            Decision::Fixed { corrections } => {
                // What it was let pass in spite of, it was as it stood then.
                (self.status, self.corrections) = (Status::Open, Some(corrections.clone()));
                self.overridden.clear();
            }
            Decision::Assigned { owner, .. } => {
                (self.owner, self.escalated) = (named(owner), false);
            }
            Decision::Released { .. } => self.status = Status::Leaving,
            Decision::Overridden { edits, .. } => {
                (self.status, self.overridden) = (Status::Leaving, edits.clone());
            }
            Decision::Proposed { code, note, edits } => {
                let (code, note, edits) = (code.clone(), note.clone(), edits.clone());
                self.proposed = Some(Proposal { code, note, edits, by, at });
            }
            Decision::Declined { .. } => self.proposed = None,
            Decision::Voided { .. } => self.status = Status::Voided,
            Decision::Snoozed { until } => self.snoozed_until = Some(*until),
            Decision::Escalated { .. } => self.escalated = true,
            Decision::Queried { element, note, .. } => {
                let (element, note, team) = (element.clone(), note.clone(), self.owner);
                self.query = Some(Query { element, note, by, team, at });
                self.owner = Some(Owner::Clinical);
            }
            Decision::Answered { .. } => {
                if let Some(query) = self.query.take() {
                    self.owner = query.team;
                }
            }
            Decision::Undone { corrections, owner } => {
                match self.trail.last().map(|step| &step.decision) {
                    Some(Decision::Escalated { .. }) => self.escalated = false,
                    Some(Decision::Queried { .. }) => self.query = None,
                    _ => {}
                }
                (self.status, self.corrections) = (Status::Open, corrections.clone());
                self.owner = owner.as_deref().and_then(named);
                self.overridden.clear();
            }
            Decision::Replaced { .. } => self.status = Status::Replaced,
            Decision::Returned => {
                self.status = Status::Open;
                self.overridden.clear();
            }
        }
        self.trail.push(step);
    }

    /// What is wrong with it now.
    pub(super) fn judged(&mut self, verdict: Verdict) {
        (self.overridable, self.charge) = (verdict.overridable, verdict.charge);
        self.findings = verdict.findings;
    }

    /// True while it is kept out of sight.
    #[must_use]
    pub fn is_snoozed(&self, now: jiff::Timestamp) -> bool {
        self.snoozed_until.is_some_and(|until| now < until)
    }
}

fn named(team: &str) -> Option<Owner> {
    Owner::ALL.into_iter().find(|owner| owner.name() == team)
}
