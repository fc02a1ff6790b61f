//! Held claims: what they are and why, folded from the journal.

mod held;

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::io;

use serde::{Deserialize, Serialize};

pub use held::{HeldClaim, Proposal, Query, Status, Step};

use crate::archive::Archive;
use crate::claim::sent::{self, Names};
use crate::history::{self, Scrubbed};
use crate::journal::{Entry, Leaving, Record};
use crate::phi::{Phi, decode, kept};
use crate::store::{self, Batch, Store, View};

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

impl HoldsView {
    /// Whom these claims of a file are for, by the byte each starts at; none where the file was purged, or can't be made out any more. They are not kept
    /// with the verdicts: those stay when the file goes.
    fn names(&self, sha256: &str, places: &HashSet<u64>) -> io::Result<HashMap<u64, Names>> {
        let mut all = HashMap::new();
        let read = self.archive.file(sha256).and_then(|file| {
            sent::read(file, &mut |told| {
                if places.contains(&told.offset) {
                    all.insert(told.offset, told.names);
                }
            })
        });
        match read {
            Err(e) if !matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidData) => Err(e),
            _ => Ok(all),
        }
    }
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
                let mut all: Vec<(&str, Scrubbed)> = Vec::new();
                for scrubbed in history::scrubbed(&self.archive, &report)? {
                    let scrubbed = scrubbed?;
                    let hold = waiting.next_if(|hold| hold.position == scrubbed.verdict.position);
                    all.extend(hold.map(|hold| (hold.id.as_str(), scrubbed)));
                }
                let places = all.iter().map(|(_, scrubbed)| scrubbed.verdict.facts.offset).collect();
                let mut names = self.names(&facts.sha256, &places)?;
                for (hold, scrubbed) in all {
                    batch.put(&by_claim(&self.archive, &scrubbed.verdict.claim, hold), &hold)?;
                    let own = names.remove(&scrubbed.verdict.facts.offset).unwrap_or_default();
                    let held = held::held(hold, entry, &facts, (scrubbed, own), *answer);
                    batch.put(&format!("hold/{hold}"), &held)?;
                }
            }
            Record::HoldChanged { hold, version, actor, decision, verdict, undo_until, .. } => {
                let key = format!("hold/{hold}");
                let mut held = store.get::<HeldClaim>(&key)?.ok_or("a decision of a hold that never was")?;
                held.decide(
                    *version,
                    *undo_until,
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
            // Names go with the file they stood in.
            Record::Purged { sha256, .. } => {
                let mut put: Result<(), Box<dyn Error + Send + Sync>> = Ok(());
                store.scan("hold/", &mut |key, mut held: HeldClaim| {
                    if sha256.contains(&held.sha256) {
                        (held.patient, held.payer_name) = (String::new().into(), String::new());
                        if let Err(error) = batch.put(key, &held) {
                            put = Err(error.into());
                        }
                    }
                })?;
                put?;
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

/// Every claim that is held or about to leave, with `all` every one that ever was held; oldest first.
///
/// # Errors
/// When the store can't be read.
pub fn list(store: &Store, all_of_them: bool) -> Result<Vec<HeldClaim>, store::Error> {
    let mut all = Vec::new();
    each(store, &mut |held| {
        if all_of_them || held.is_open() {
            all.push(held);
        }
    })?;
    Ok(all)
}

/// Gives every claim that ever was held to `one`, oldest first.
///
/// # Errors
/// When the store can't be read.
pub fn each(store: &Store, one: &mut dyn FnMut(HeldClaim)) -> Result<(), store::Error> {
    store.scan("hold/", &mut |_, held: HeldClaim| one(held))
}

/// Claims that left in a file of ours.
///
/// # Errors
/// When the store can't be read.
pub fn sent_in(store: &Store, file: &str) -> Result<Vec<HeldClaim>, store::Error> {
    let mut ids: Vec<String> = Vec::new();
    store.scan(&format!("sent/{file}/"), &mut |_, id| ids.push(id))?;
    let mut all = Vec::new();
    for id in ids {
        all.extend(show(store, &id)?);
    }
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
    use crate::journal::{Counted, Direction, HeldAnswer, Hold};
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
