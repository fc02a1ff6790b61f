//! Held claims: what they are and why, folded from the journal.

use std::error::Error;

use serde::{Deserialize, Serialize};

use crate::archive::Archive;
use crate::edits::{Finding, Owner};
use crate::history;
use crate::journal::{Decision, Entry, HeldAnswer, Leaving, Record};
use crate::phi::{Phi, decode, kept};
use crate::scrub::Verdict;
use crate::scrub::report::cents;
use crate::store::{self, Batch, Store, View};
use crate::x12::Cents;

/// A claim that is held.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HeldClaim {
    /// ULID.
    pub id: String,
    /// CLM01.
    #[serde(with = "kept")]
    pub claim: Phi<String>,
    /// Name the file was dropped under.
    #[serde(with = "kept")]
    pub file: Phi<String>,
    /// Channel it came by.
    pub channel: String,
    /// 2010BB NM109.
    pub payer: String,
    /// CLM02.
    #[serde(with = "cents")]
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
}

/// Where a held claim is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Serialize, Deserialize)]
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

/// What is known of a file when its claims are held.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct FileFacts {
    id: String,
    #[serde(with = "kept")]
    name: Phi<String>,
    channel: String,
    sha256: String,
    report: Option<String>,
}

/// The fold of holds.
#[derive(Clone, Debug)]
pub struct HoldsView {
    /// Where verdict lists are read from.
    pub archive: Archive,
}

impl View for HoldsView {
    fn fold(
        &self,
        entry: &Entry,
        store: &Store,
        batch: &mut Batch,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let key = |file: &str| format!("file/{file}");
        match &entry.record {
            Record::Received { file, channel, name, sha256, .. } => {
                let (name, channel, sha256) = (name.clone(), channel.clone(), sha256.clone());
                let id = file.clone();
                batch.put(&key(file), &FileFacts { id, name, channel, sha256, report: None })?;
            }
            Record::Verdicts { file, report, .. } => {
                if let Some(mut facts) = store.get::<FileFacts>(&key(file))? {
                    facts.report = Some(report.clone());
                    batch.put(&key(file), &facts)?;
                }
            }
            Record::Held { file, holds, answer } => {
                let facts = store.get::<FileFacts>(&key(file))?.ok_or("a hold of a file never received")?;
                let report = facts.report.clone().ok_or("a hold of a file without verdicts")?;
                let mut waiting = holds.iter().peekable();
                for verdict in history::verdicts(&self.archive, &report)? {
                    let verdict = verdict?;
                    let Some(hold) = waiting.next_if(|h| h.position == verdict.position) else { continue };
                    batch.put(&by_claim(&self.archive, &verdict.claim, &hold.id), &hold.id)?;
                    let mut held = held(&hold.id, entry, &facts, verdict);
                    if *answer == HeldAnswer::SentBack {
                        held.status = Status::SentBack;
                    }
                    batch.put(&format!("hold/{}", hold.id), &held)?;
                }
            }
            Record::HoldChanged { hold, version, actor, decision, verdict, .. } => {
                let key = format!("hold/{hold}");
                let mut held = store.get::<HeldClaim>(&key)?.ok_or("a decision of a hold that never was")?;
                held.decide(
                    *version,
                    Step { at: entry.at, actor: actor.clone(), decision: decision.clone() },
                );
                if let Some(verdict) = verdict {
                    held.judged(decode(&self.archive.read(verdict)?)?);
                }
                batch.put(&key, &held)?;
            }
            Record::Release { file, holds, .. } => {
                for Leaving { hold, .. } in holds {
                    let key = format!("hold/{hold}");
                    let mut held =
                        store.get::<HeldClaim>(&key)?.ok_or("a release of a hold that never was")?;
                    (held.status, held.sent_in) = (Status::Sent, Some(file.clone()));
                    batch.put(&format!("sent/{file}/{hold}"), hold)?;
                    batch.put(&key, &held)?;
                }
            }
            // Its claims lie in the rejected folder, whole: none of them is held any more.
            Record::Quarantined { file, .. } => {
                // Released claims that could not leave are held again.
                let mut back = Vec::new();
                store.scan(&format!("sent/{file}/"), &mut |_, hold: String| back.push(hold))?;
                for hold in back {
                    let key = format!("hold/{hold}");
                    if let Some(mut held) = store.get::<HeldClaim>(&key)? {
                        (held.status, held.sent_in) = (Status::Open, None);
                        batch.put(&key, &held)?;
                    }
                }
                // By its id: another file may have the same bytes.
                store.scan("hold/", &mut |key, held: HeldClaim| {
                    if held.file_id == *file {
                        batch.remove(key);
                        batch.remove(&by_claim(&self.archive, held.claim.expose(), &held.id));
                    }
                })?;
            }
            _ => {}
        }
        Ok(())
    }
}

fn held(id: &str, entry: &Entry, facts: &FileFacts, verdict: Verdict) -> HeldClaim {
    let worst = verdict.findings.iter().filter(|f| f.stops()).min_by_key(|f| f.severity);
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
        status: Status::Open,
        corrections: None,
        overridden: Vec::new(),
        sent_in: None,
        trail: Vec::new(),
    }
}

impl HeldClaim {
    fn decide(&mut self, version: u64, step: Step) {
        self.version = version;
        match &step.decision {
            Decision::Fixed { corrections } => {
                // What it was let pass in spite of, it was as it stood then.
                (self.status, self.corrections) = (Status::Open, Some(corrections.clone()));
                self.overridden.clear();
            }
            Decision::Assigned { owner } => {
                self.owner = Owner::ALL.iter().find(|o| o.name() == owner).copied()
            }
            Decision::Released { .. } => self.status = Status::Leaving,
            Decision::Overridden { edits, .. } => {
                (self.status, self.overridden) = (Status::Leaving, edits.clone());
            }
            Decision::Voided { .. } => self.status = Status::Voided,
            Decision::Replaced { .. } => self.status = Status::Replaced,
            Decision::Returned => {
                self.status = Status::Open;
                self.overridden.clear();
            }
        }
        self.trail.push(step);
    }

    /// What is wrong with it now.
    fn judged(&mut self, verdict: Verdict) {
        (self.overridable, self.charge) = (verdict.overridable, verdict.charge);
        self.findings = verdict.findings;
    }
}

/// Every claim that is held or about to leave, with `all` every one that ever was held; oldest first.
///
/// # Errors
/// When the store can't be read.
pub fn list(store: &Store, all_of_them: bool) -> Result<Vec<HeldClaim>, store::Error> {
    let mut all = Vec::new();
    store.scan("hold/", &mut |_, held: HeldClaim| all.push(held))?;
    all.retain(|held| all_of_them || held.is_open());
    Ok(all)
}

/// Claims of this number that are held or about to leave, oldest first.
///
/// # Errors
/// When the store can't be read.
pub fn of_claim(store: &Store, archive: &Archive, claim: &str) -> Result<Vec<HeldClaim>, store::Error> {
    let mut ids: Vec<String> = Vec::new();
    store.scan(&by_claim(archive, claim, ""), &mut |_, id| ids.push(id))?;
    let mut all = Vec::new();
    for id in ids {
        all.extend(show(store, &id)?.filter(HeldClaim::is_open));
    }
    Ok(all)
}

/// Where a hold is found by its claim's number.
fn by_claim(archive: &Archive, claim: &str, hold: &str) -> String {
    format!("held-claim/{}\0{hold}", archive.in_index(claim))
}

/// One held claim.
///
/// # Errors
/// When the store can't be read.
pub fn show(store: &Store, id: &str) -> Result<Option<HeldClaim>, store::Error> {
    store.get(&format!("hold/{id}"))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use jiff::Timestamp;

    use super::*;
    use crate::edits::EditSet;
    use crate::history::{HistoryView, stories};
    use crate::journal::{Counted, Direction, Hold};
    use crate::scrub::{Other, Settings, scrub};
    use crate::store::{Engines, MemoryEngine};
    use crate::world::World;

    #[test]
    fn a_file_set_aside_holds_nothing_and_left_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::open(&World::real(), folder.path().join("archive")).unwrap();
        let bytes = std::fs::read("samples/837p-three-claims-one-off.edi").unwrap();
        let today = jiff::civil::date(2026, 11, 21);
        let settings = Settings { today, threads: 1, other: Other::Pass };
        let (report, _) = scrub(&bytes, &EditSet::shipped().unwrap(), settings).unwrap();
        let lines = |out: &mut dyn Write| {
            report.verdicts.iter().try_for_each(|v| {
                serde_json::to_writer(&mut *out, v)?;
                out.write_all(b"\n")
            })
        };
        let list = archive.put("list", lines).unwrap();
        let file = || "01JD0000000000000000000000".to_owned();
        let received = Record::Received {
            file: file(),
            channel: "main".into(),
            direction: Direction::Outbound,
            name: "a.edi".into(),
            sha256: "ab".into(),
            bytes: 1,
            today,
            duplicate_of: None,
            late_of: None,
            packed: None,
        };
        let verdicts =
            Record::Verdicts { file: file(), report: list, edits: String::new(), claims: Counted::default() };
        let held = Record::Held {
            file: file(),
            holds: vec![Hold { id: "HOLD".into(), position: 2 }],
            answer: HeldAnswer::Nothing,
        };
        let aside = Record::Quarantined { file: file(), reason: "why".into() };
        let entries: Vec<Entry> = [received, verdicts, held, aside]
            .into_iter()
            .zip(1..)
            .map(|(record, seq)| Entry { seq, at: Timestamp::UNIX_EPOCH, crc: 7, record })
            .collect();
        let (holds, history) = (HoldsView { archive: archive.clone() }, HistoryView::new(archive, None));
        let views: [&dyn View; 2] = [&holds, &history];
        let store =
            Store::open(MemoryEngine::default().open().unwrap(), "test", &|_, _| false).unwrap().unwrap();
        entries[..3].iter().for_each(|entry| store.fold(entry, &views).unwrap());
        assert_eq!(list_ids(&store), ["HOLD"]);
        let hold = show(&store, "HOLD").unwrap().unwrap();
        assert_eq!((hold.claim.expose().as_str(), hold.file.expose().as_str()), ("CLAIM-TWO", "a.edi"));
        let debugged = format!("{hold:?}");
        assert!(!debugged.contains("CLAIM-TWO") && !debugged.contains("a.edi"), "{debugged}");
        let kept = serde_json::to_string(&hold).unwrap();
        assert!(kept.contains(r#""claim":"CLAIM-TWO","file":"a.edi","#), "{kept}");
        assert_eq!(sent(&store), 3);
        store.fold(&entries[3], &views).unwrap();
        assert!(list_ids(&store).is_empty());
        assert_eq!(sent(&store), 0);
    }

    fn list_ids(store: &Store) -> Vec<String> {
        list(store, true).unwrap().into_iter().map(|h| h.id).collect()
    }

    fn sent(store: &Store) -> usize {
        let mut n = 0;
        stories(store, &mut |story| {
            n += story.sent.len();
            true
        })
        .unwrap();
        n
    }
}
