//! Decisions on held claims: corrected, released, overridden, voided, assigned. Each is asked of the version somebody saw, judged by the
//! edits of the day, and journalled with who and why before anything follows from it.

use std::io;
use std::sync::{Arc, PoisonError, RwLock};

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::control::Answer;
pub use super::decide::{Decide, ELEMENTS};
use super::error::Error;
use super::state::State;
use crate::edits::{EditSet, Finding};
use crate::holds::{self, HeldClaim};
use crate::journal::{Decision, Record};
use crate::phi::{Phi, decode, kept};
use crate::schema::Path;
use crate::scrub::release::{Change, Envelope, Single, compose};
use crate::scrub::{Other, Settings, Verdict, scrub};
use crate::sheets::harmless;
use crate::trends;
use crate::x12::{Cents, FaultKind};

/// A correction of a held claim, as the practice system learns of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Correction {
    /// ULID of the hold.
    pub hold: String,
    /// CLM01 as it was sent.
    #[serde(with = "kept")]
    #[schema(value_type = String)]
    pub claim: Phi<String>,
    /// Where.
    pub path: String,
    /// What stood there.
    #[serde(with = "kept")]
    #[schema(value_type = Option<String>)]
    pub old: Phi<Option<String>>,
    /// What stands there now; nothing where it was taken away.
    #[serde(with = "kept")]
    #[schema(value_type = String)]
    pub new: Phi<String>,
    /// Who corrected it.
    pub who: String,
    /// When, UTC.
    pub at: Timestamp,
    /// The edits that stopped the claim until then.
    pub why: Vec<String>,
}

/// Who decides.
#[derive(Clone, Copy, Debug)]
pub struct By<'a> {
    /// `uid 1000`, `user mia`, `claimloop`.
    pub actor: &'a str,
    /// How long they may undo it.
    pub undo: Option<SignedDuration>,
}

impl<'a> From<&'a str> for By<'a> {
    fn from(actor: &'a str) -> By<'a> {
        By { actor, undo: None }
    }
}

/// Where decisions are taken: the state, and what they are judged by.
pub struct Desk {
    /// The state.
    pub state: Arc<State>,
    edits: RwLock<Arc<EditSet>>,
    timezone: TimeZone,
    trends: trends::Settings,
    /// Claims of this charge and more are not overridden by one person alone.
    pub(super) second_person_from: Option<Cents>,
}

/// Why a claim can't be taken out, corrected or judged.
pub(super) enum Cannot {
    /// Told to who asked.
    Refused(String),
    /// We failed.
    Failed(Box<Error>),
}

impl<E: Into<Error>> From<E> for Cannot {
    fn from(error: E) -> Cannot {
        Cannot::Failed(Box::new(error.into()))
    }
}

impl Desk {
    /// A desk for a state.
    #[must_use]
    pub fn new(state: Arc<State>, edits: Arc<EditSet>, timezone: TimeZone) -> Desk {
        Desk {
            state,
            edits: RwLock::new(edits),
            timezone,
            trends: trends::Settings::default(),
            second_person_from: None,
        }
    }

    /// The same, with what the site holds for a change of denials.
    #[must_use]
    pub fn with_trends(self, trends: trends::Settings) -> Desk {
        Desk { trends, ..self }
    }

    /// The same, where overriding a claim of this charge and more takes two.
    #[must_use]
    pub fn with_second_person_from(self, second_person_from: Option<Cents>) -> Desk {
        Desk { second_person_from, ..self }
    }

    /// What the site holds for a change of denials.
    #[must_use]
    pub fn trends(&self) -> &trends::Settings {
        &self.trends
    }

    /// The edits in force.
    #[must_use]
    pub fn edits(&self) -> Arc<EditSet> {
        Arc::clone(&self.edits.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Others are in force from now on.
    pub fn set_edits(&self, edits: &Arc<EditSet>) {
        *self.edits.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(edits);
    }

    /// The site's time zone.
    #[must_use]
    pub fn timezone(&self) -> &TimeZone {
        &self.timezone
    }

    /// Now, at the site.
    #[must_use]
    pub fn now(&self) -> DateTime {
        self.state.world.clock.now().to_zoned(self.timezone.clone()).datetime()
    }

    /// The day at the site.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now().date()
    }

    /// Decides of a hold; gives it as it is then. `version` is the one that was seen; the present one when it isn't named.
    ///
    /// # Errors
    /// When the state fails; what can't be decided is refused, not an error.
    pub fn decide(
        &self,
        id: &str,
        version: Option<u64>,
        asked: &Decide,
        by: By<'_>,
    ) -> Result<Answer, Error> {
        let _alone = self.state.deciding();
        let Some(held) = holds::show(&*self.state.store_soon()?, id)? else {
            return Ok(Answer::Refused(format!("no claim is held under the id {id}")));
        };
        if version.is_some_and(|seen| seen != held.version) {
            let now = held.version;
            return Ok(Answer::Refused(format!(
                "hold {id} was decided of meanwhile: it is at version {now} now"
            )));
        }
        let (decision, verdict) = match self.judge(&held, asked, by.actor) {
            Ok(decided) => decided,
            Err(Cannot::Refused(why)) => return Ok(Answer::Refused(why)),
            Err(Cannot::Failed(error)) => return Err(*error),
        };
        self.record(&held, decision, verdict.as_ref(), by)?;
        let held = holds::show(&*self.state.store_soon()?, id)?;
        let value = serde_json::to_value(held).map_err(|source| Error::Encode { what: "a hold", source })?;
        Ok(Answer::Ok(value))
    }

    /// Journals a decision.
    pub(super) fn record(
        &self,
        held: &HeldClaim,
        decision: Decision,
        verdict: Option<&Verdict>,
        by: By<'_>,
    ) -> Result<(), Error> {
        let edits = verdict.map(|_| self.edits().hash().to_owned());
        let verdict = verdict.map(|v| self.keep(&held.id, v)).transpose()?;
        let (hold, version, actor) = (held.id.clone(), held.version + 1, by.actor.to_owned());
        let undo_until = by.undo.and_then(|undo| self.state.world.clock.now().saturating_add(undo).ok());
        let undo_until = undo_until.filter(|_| !matches!(decision, Decision::Undone { .. }));
        let changed = Record::HoldChanged { hold, version, actor, decision, verdict, edits, undo_until };
        self.state.append(vec![changed])
    }

    /// The claim of a hold as it stands now, and what the edits say of it today.
    pub(super) fn examine(
        &self,
        held: &HeldClaim,
        edits: &EditSet,
        today: Date,
    ) -> Result<(Single, Verdict), Cannot> {
        let single = self.stand(held, edits)?;
        let verdict = verdict_of(&single, edits, today)?;
        Ok((single, verdict))
    }

    /// The claim of a hold as it is corrected by now.
    pub(super) fn stand(&self, held: &HeldClaim, edits: &EditSet) -> Result<Single, Cannot> {
        let mut single = self.single(held, edits)?;
        let changes: Vec<(String, String)> =
            self.corrections(held)?.into_iter().map(|c| (c.path, c.new.expose().clone())).collect();
        amend(&mut single, &changes)?;
        Ok(single)
    }

    /// Earlier corrections and these; and what the edits say then.
    pub(super) fn corrected(
        &self,
        held: &HeldClaim,
        changes: &[(String, String)],
        actor: &str,
        today: Date,
    ) -> Result<(Vec<Correction>, Verdict), Cannot> {
        let edits = self.edits();
        let (mut single, _) = self.examine(held, &edits, today)?;
        let was = amend(&mut single, changes)?;
        let mut verdict = verdict_of(&single, &edits, today)?;
        // A correction doesn't undo that it was sent before; whoever releases it is to know.
        verdict.findings.extend(held.findings.iter().filter(|f| is_repeat(f)).cloned());
        let mut list = self.corrections(held)?;
        list.extend(changes.iter().zip(was).map(|((path, new), old)| Correction {
            hold: held.id.clone(),
            claim: held.claim.clone(),
            path: path.clone(),
            old: old.into(),
            new: new.clone().into(),
            who: actor.to_owned(),
            at: self.state.world.clock.now(),
            why: stopping(&held.findings),
        }));
        Ok((list, verdict))
    }

    /// The segments of a corrected claim as it stands now, from CLM on; none where it wasn't corrected.
    ///
    /// # Errors
    /// When its file can't be read.
    pub fn corrected_text(&self, held: &HeldClaim) -> Result<Option<String>, Error> {
        if held.corrections.is_none() {
            return Ok(None);
        }
        match self.examine(held, &self.edits(), self.now().date()) {
            Ok((single, _)) => Ok(Some(String::from_utf8_lossy(&single.claim()).into_owned())),
            Err(Cannot::Refused(_)) => Ok(None),
            Err(Cannot::Failed(error)) => Err(*error),
        }
    }

    /// The corrections of a hold, oldest first.
    ///
    /// # Errors
    /// When the list can't be read.
    pub fn corrections(&self, held: &HeldClaim) -> Result<Vec<Correction>, Error> {
        let Some(list) = &held.corrections else { return Ok(Vec::new()) };
        let read = self.state.archive.read(list);
        let bytes = read.map_err(Error::io("reading corrections", &self.state.archive.path(list)))?;
        decode(&bytes)
            .map_err(|bad| Error::io("reading corrections", &self.state.archive.path(list))(bad.into()))
    }

    fn single(&self, held: &HeldClaim, edits: &EditSet) -> Result<Single, Cannot> {
        let source = self.state.archive.source(&held.sha256);
        let taken = Single::take(&source, held.position, edits.tolerances());
        let taken = taken.map_err(Error::io("reading", &source.path))?;
        taken.ok_or_else(|| {
            Cannot::Refused(format!("hold {}: the claim can't be taken out of its file", held.id))
        })
    }

    pub(super) fn note(&self, held: &HeldClaim, text: &str) -> Result<String, Cannot> {
        if text.trim().is_empty() {
            return Err(Cannot::Refused(format!("hold {}: say why", held.id)));
        }
        Ok(self.keep(&held.id, &text)?)
    }

    /// Into the archive, as JSON: what people wrote and what stood in a claim has no place in the journal.
    pub(super) fn keep(&self, name: &str, value: &impl Serialize) -> Result<String, Error> {
        Ok(self.state.archive.put(name, |out| serde_json::to_writer(out, value).map_err(io::Error::from))?)
    }
}

/// True for what a claim alone can't tell: that it, or its interchange's number, came before.
pub(super) fn is_repeat(finding: &Finding) -> bool {
    matches!(finding.fault, Some(FaultKind::InterchangeNumberUsed | FaultKind::SetSentBefore))
}

fn amend(single: &mut Single, changes: &[(String, String)]) -> Result<Vec<Option<String>>, Cannot> {
    let refused = |why: String| Cannot::Refused(why);
    let change = |(path, value): &(String, String)| {
        let path = Path::parse(path).map_err(|e| refused(e.to_string()))?;
        Ok(Change { path, value: value.clone() })
    };
    let changes = changes.iter().map(change).collect::<Result<Vec<_>, Cannot>>()?;
    single.amend(&changes).map_err(|e| refused(e.to_string()))
}

fn verdict_of(single: &Single, edits: &EditSet, today: Date) -> Result<Verdict, Cannot> {
    let envelope = Envelope { control: 1, at: today.at(0, 0, 0, 0), ids: vec!["0".repeat(26)] };
    let mut verdicts = judged(std::slice::from_ref(single), &envelope, edits, today)?;
    match verdicts.pop() {
        Some(verdict) if verdicts.is_empty() => Ok(verdict),
        _ => Err(Cannot::Refused("the claim can't leave alone".to_owned())),
    }
}

/// What the edits say of claims in an interchange of our own.
pub(super) fn judged(
    claims: &[Single],
    envelope: &Envelope,
    edits: &EditSet,
    today: Date,
) -> Result<Vec<Verdict>, Cannot> {
    let text = compose(claims, envelope);
    let (report, _) = scrub(&text, edits, Settings { today, threads: 1, other: Other::Pass })?;
    match report.rejections.first() {
        None => Ok(report.verdicts),
        Some(rejection) => {
            Err(Cannot::Refused(format!("the claim can't leave alone: {}", rejection.message)))
        }
    }
}

/// Corrections as a table: a row each, cells that a spreadsheet would take for a formula quoted with an apostrophe.
pub(super) fn write_csv(out: &mut dyn io::Write, corrections: &[Correction]) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record(["claim", "path", "old", "new", "who", "at", "why", "hold"])?;
    for c in corrections {
        let (old, at) = (c.old.expose().as_deref().unwrap_or_default(), c.at.to_string());
        let row = [c.claim.expose(), &c.path, old, c.new.expose(), &c.who, &at, &c.why.join(" "), &c.hold]
            .map(harmless);
        table.write_record(row)?;
    }
    table.flush()
}

/// Ids of the edits that stop a claim.
pub(super) fn stopping(findings: &[Finding]) -> Vec<String> {
    let mut ids: Vec<String> = findings.iter().filter(|f| f.stops()).map(|f| f.edit.clone()).collect();
    ids.sort();
    ids.dedup();
    ids
}
