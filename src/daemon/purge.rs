//! Removes archived claim files that nobody needs any more. What verdicts and histories are folded from stays, so that the index can
//! always be folded anew; the journal says what went, and who let it go.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::civil::Date;
use serde_json::{Value, json};

use super::error::Error;
use super::folded::FileState;
use super::state::{Arrivals, State};
use crate::history;
use crate::holds;
use crate::journal::{Decision, Direction, Position, Record};

/// Hashes in one record.
const MOST: usize = 500;

/// What is known of archived bytes.
#[derive(Debug, Default)]
struct Bytes {
    /// Files that came as these, or are in them.
    files: Vec<String>,
    /// One of them came on that day or later, or is in work.
    needed: bool,
    purged: bool,
}

/// Removes claim files whose work ended and that came before a day; with `dry` it only says what would go. One that an open hold names stays, and
/// one with a claim that left and was never answered.
///
/// # Errors
/// When the state fails.
pub fn purge(state: &State, before: Date, dry: bool, actor: &str) -> Result<Value, Error> {
    let _alone = state.deciding();
    let arrivals = state.arrivals();
    let found = looked_over(state, before)?;
    let mut purged = found.going.len();
    if !dry {
        purged = 0;
        for some in found.going.chunks(MOST) {
            purged += remove(state, &arrivals, some, actor)?;
        }
    }
    let Found { young, held, waiting, .. } = found;
    Ok(json!({ "purged": purged, "younger": young, "held": held, "unanswered": waiting, "dry_run": dry }))
}

/// Removes what may go, but for what came anew since that was found; gives how many went.
fn remove(state: &State, arrivals: &Arrivals<'_>, going: &[String], actor: &str) -> Result<usize, Error> {
    let sha256: Vec<String> = going.iter().filter(|sha256| !arrivals.has(sha256)).cloned().collect();
    if sha256.is_empty() {
        return Ok(0);
    }
    state.append(vec![Record::Purged { sha256: sha256.clone(), actor: actor.to_owned() }])?;
    let mut gone = 0;
    for sha256 in &sha256 {
        gone += usize::from(arrivals.remove(sha256)?);
    }
    Ok(gone)
}

/// What may go, and how much stays for which reason.
#[derive(Debug, Default)]
struct Found {
    going: Vec<String>,
    young: u64,
    held: u64,
    waiting: u64,
}

fn looked_over(state: &State, before: Date) -> Result<Found, Error> {
    // Before the holds are: a file that is done by then has all of its own.
    let in_work = state.open_files();
    let store = state.store_soon()?;
    let open: HashSet<String> = holds::list(&store, false)?.into_iter().map(|hold| hold.sha256).collect();
    let unanswered = history::unanswered(&store, &*history::tables(&store)?)?;
    let mut found = Found::default();
    for (sha256, bytes) in archived(state, before, &in_work)? {
        if bytes.purged
            && !state.archive.has(&sha256).map_err(Error::io("looking at", &state.archive.path(&sha256)))?
        {
            continue;
        }
        if bytes.needed {
            found.young += 1;
        } else if open.contains(&sha256) {
            found.held += 1;
        } else if bytes.files.iter().any(|file| unanswered.contains(file)) {
            found.waiting += 1;
        } else {
            found.going.push(sha256);
        }
    }
    Ok(found)
}

/// Bytes of claim files, as they came and what was in them, and of interchanges of our own.
fn archived(state: &State, before: Date, in_work: &[FileState]) -> Result<BTreeMap<String, Bytes>, Error> {
    let mut found: BTreeMap<String, Bytes> = BTreeMap::new();
    let mut of: HashMap<String, Vec<String>> = HashMap::new();
    let mut homes: HashMap<String, String> = HashMap::new();
    // Verdict lists and remittances may have the same bytes only by ill will; they stay all the same.
    let mut kept: HashSet<String> = HashSet::new();
    state.tail(Position::START, &mut |_, entry| {
        match entry.record {
            Record::Received { file, direction, sha256, packed, today, .. } => {
                let all: Vec<String> =
                    [Some(sha256), packed.map(|p| p.sha256)].into_iter().flatten().collect();
                if direction == Direction::Inbound {
                    kept.extend(all);
                    return Ok(());
                }
                for sha256 in &all {
                    let bytes = found.entry(sha256.clone()).or_default();
                    bytes.needed |= today >= before;
                    bytes.purged = false;
                    bytes.files.push(file.clone());
                }
                of.insert(file, all);
            }
            Record::Held { file, holds, .. } => {
                homes.extend(holds.into_iter().map(|hold| (hold.id, file.clone())));
            }
            Record::Release { file, sha256, today, holds, corrections, .. } => {
                let bytes = found.entry(sha256.clone()).or_default();
                bytes.needed |= today >= before;
                // Its claims are answered under the files they came in.
                bytes.files.extend(holds.iter().filter_map(|leaving| homes.get(&leaving.hold).cloned()));
                of.insert(file, vec![sha256]);
                kept.extend(corrections);
            }
            Record::HoldChanged { decision, verdict, .. } => {
                kept.extend(verdict);
                kept.extend(decision.note().cloned());
                if let Decision::Fixed { corrections }
                | Decision::Undone { corrections: Some(corrections), .. } = decision
                {
                    kept.insert(corrections);
                }
            }
            Record::Verdicts { report, .. } => {
                kept.insert(report);
            }
            Record::Answer { sha256, .. } => {
                kept.insert(sha256);
            }
            Record::Purged { sha256, .. } => {
                for gone in &sha256 {
                    if let Some(bytes) = found.get_mut(gone) {
                        bytes.purged = true;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    for sha256 in state.awaited() {
        if let Some(bytes) = found.get_mut(&sha256) {
            bytes.needed = true;
        }
    }
    for file in in_work {
        for sha256 in of.get(&file.id).into_iter().flatten() {
            if let Some(bytes) = found.get_mut(sha256) {
                bytes.needed = true;
            }
        }
    }
    found.retain(|sha256, _| !kept.contains(sha256));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn came(state: &State, file: &str, channel: &str, sha256: &str) {
        let received = Record::Received {
            file: file.into(),
            channel: channel.into(),
            direction: Direction::Outbound,
            name: "a.edi".into(),
            sha256: sha256.into(),
            bytes: 5,
            today: date(2026, 1, 1),
            duplicate_of: None,
            late_of: None,
            packed: None,
        };
        state.append(vec![received, Record::Done { file: file.into() }]).unwrap();
    }

    /// By another channel the same bytes are another file, which finds them in the archive and doesn't put them there again.
    #[test]
    fn bytes_that_come_anew_while_a_purge_runs_stay() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(&folder.path().join("state")).unwrap();
        let put = |text: &'static [u8]| state.archive.put("a", |out| out.write_all(text)).unwrap();
        let (one, two, three) = (put(b"one"), put(b"two"), put(b"three"));
        came(&state, "01A", "main", &one);
        came(&state, "01B", "main", &two);
        came(&state, "01C", "main", &three);
        {
            let arrivals = state.arrivals();
            assert_eq!(looked_over(&state, date(2026, 2, 1)).unwrap().going.len(), 3);
            came(&state, "01D", "other", &one);
            assert_eq!(remove(&state, &arrivals, &[one.clone(), two.clone()], "uid 0").unwrap(), 1);
            assert!(state.archive.has(&one).unwrap() && !state.archive.has(&two).unwrap());
            // Right behind the record that says it goes.
            came(&state, "01E", "other", &three);
            assert!(!arrivals.remove(&three).unwrap() && state.archive.has(&three).unwrap());
        }
        assert_eq!(purge(&state, date(2026, 2, 1), false, "uid 0").unwrap()["purged"], 2);
        for sha256 in [&one, &two, &three] {
            assert!(!state.archive.has(sha256).unwrap());
        }
    }
}
