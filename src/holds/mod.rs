//! Held claims: what they are and why, folded from the journal.

use std::error::Error;

use serde::{Deserialize, Serialize};

use crate::archive::Archive;
use crate::edits::{Finding, Owner};
use crate::history;
use crate::journal::{Entry, Record};
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
    pub claim: String,
    /// Name the file was dropped under.
    pub file: String,
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
}

/// What is known of a file when its claims are held.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct FileFacts {
    name: String,
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
                batch.put(&key(file), &FileFacts { name, channel, sha256, report: None })?;
            }
            Record::Verdicts { file, report, .. } => {
                if let Some(mut facts) = store.get::<FileFacts>(&key(file))? {
                    facts.report = Some(report.clone());
                    batch.put(&key(file), &facts)?;
                }
            }
            Record::Held { file, holds } => {
                let facts = store.get::<FileFacts>(&key(file))?.ok_or("a hold of a file never received")?;
                let report = facts.report.clone().ok_or("a hold of a file without verdicts")?;
                let mut waiting = holds.iter().peekable();
                for verdict in history::verdicts(&self.archive, &report)? {
                    let verdict = verdict?;
                    let Some(hold) = waiting.next_if(|h| h.position == verdict.position) else { continue };
                    batch.put(&format!("hold/{}", hold.id), &held(&hold.id, entry, &facts, verdict))?;
                }
            }
            // Its claims lie in the rejected folder, whole: none of them is held any more.
            Record::Quarantined { file, .. } => {
                let facts = store.get::<FileFacts>(&key(file))?;
                let sha256 = facts.map(|f| f.sha256).unwrap_or_default();
                store.scan("hold/", &mut |key, held: HeldClaim| {
                    if held.sha256 == sha256 {
                        batch.remove(key);
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
        claim: verdict.claim,
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
    }
}

/// Every held claim, oldest first.
///
/// # Errors
/// When the store can't be read.
pub fn list(store: &Store) -> Result<Vec<HeldClaim>, store::Error> {
    let mut all = Vec::new();
    store.scan("hold/", &mut |_, held: HeldClaim| all.push(held))?;
    Ok(all)
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
    use crate::history::{HistoryView, SentClaim};
    use crate::journal::{Counted, Direction, Hold};
    use crate::scrub::{Other, Settings, scrub};

    #[test]
    fn a_file_set_aside_holds_nothing_and_left_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::open(folder.path().join("archive")).unwrap();
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
        };
        let verdicts =
            Record::Verdicts { file: file(), report: list, edits: String::new(), claims: Counted::default() };
        let held = Record::Held { file: file(), holds: vec![Hold { id: "HOLD".into(), position: 2 }] };
        let aside = Record::Quarantined { file: file(), reason: "why".into() };
        let entries: Vec<Entry> = [received, verdicts, held, aside]
            .into_iter()
            .zip(1..)
            .map(|(record, seq)| Entry { seq, at: Timestamp::UNIX_EPOCH, crc: 7, record })
            .collect();
        let (holds, history) = (HoldsView { archive: archive.clone() }, HistoryView { archive });
        let views: [&dyn View; 2] = [&holds, &history];
        let store = Store::open(&folder.path().join("index"), &entries[..3], &views, "test").unwrap();
        assert_eq!(list_ids(&store), ["HOLD"]);
        assert_eq!(sent(&store), 3);
        store.fold(&entries[3], &views).unwrap();
        assert!(list_ids(&store).is_empty());
        assert_eq!(sent(&store), 0);
    }

    fn list_ids(store: &Store) -> Vec<String> {
        list(store).unwrap().into_iter().map(|h| h.id).collect()
    }

    fn sent(store: &Store) -> usize {
        let mut n = 0;
        store.scan("claim/", &mut |_, _: SentClaim| n += 1).unwrap();
        n
    }
}
