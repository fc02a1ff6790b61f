//! Removes archived claim files that nobody needs any more. What verdicts and histories are folded from stays, so that the index can
//! always be folded anew; the journal says what went, and who let it go.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::civil::Date;
use serde_json::{Value, json};

use super::error::Error;
use super::state::State;
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
    let store = state.store_soon()?;
    let open: HashSet<String> = holds::list(&store, false)?.into_iter().map(|hold| hold.sha256).collect();
    let unanswered = history::unanswered(&store)?;
    let (mut going, mut held, mut waiting, mut young) = (Vec::new(), 0, 0, 0);
    for (sha256, bytes) in archived(state, before)? {
        if bytes.purged
            && !state.archive.has(&sha256).map_err(Error::io("looking at", &state.archive.path(&sha256)))?
        {
            continue;
        }
        if bytes.needed {
            young += 1;
        } else if open.contains(&sha256) {
            held += 1;
        } else if bytes.files.iter().any(|file| unanswered.contains(file)) {
            waiting += 1;
        } else {
            going.push(sha256);
        }
    }
    if !dry {
        for some in going.chunks(MOST) {
            state.append(vec![Record::Purged { sha256: some.to_vec(), actor: actor.to_owned() }])?;
            some.iter().try_for_each(|sha256| state.archive.remove(sha256))?;
        }
    }
    Ok(
        json!({ "purged": going.len(), "younger": young, "held": held, "unanswered": waiting, "dry_run": dry }),
    )
}

/// Bytes of claim files, as they came and what was in them, and of interchanges of our own.
fn archived(state: &State, before: Date) -> Result<BTreeMap<String, Bytes>, Error> {
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
                kept.extend(match decision {
                    Decision::Fixed { corrections } => Some(corrections),
                    Decision::Released { note }
                    | Decision::Overridden { note, .. }
                    | Decision::Voided { note } => Some(note),
                    _ => None,
                });
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
    for file in state.open_files() {
        for sha256 in of.get(&file.id).into_iter().flatten() {
            if let Some(bytes) = found.get_mut(sha256) {
                bytes.needed = true;
            }
        }
    }
    found.retain(|sha256, _| !kept.contains(sha256));
    Ok(found)
}
