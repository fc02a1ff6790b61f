//! Answers that wait: while claims of a transaction set are held to be put right here, its sender isn't told what became of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};
use ulid::Ulid;

use super::folded::FileState;
use crate::journal::Hold;
use crate::phi::Phi;

/// A file whose sender waits.
#[derive(Clone, Debug)]
pub struct Awaited {
    /// Channel it came by.
    pub channel: String,
    /// Name its contents are published under.
    pub name: Phi<String>,
    /// Hash of its bytes.
    pub sha256: String,
    /// Hash of its verdicts.
    pub report: String,
    /// Its claims that were held.
    pub holds: Vec<Hold>,
    /// How many of them are still to be decided of.
    left: usize,
}

/// All of them.
#[derive(Debug, Default)]
pub struct Owed {
    files: BTreeMap<String, Awaited>,
    of: HashMap<String, String>,
    ready: BTreeSet<String>,
    /// Voided holds that may come back, with their file and until when.
    undoable: HashMap<String, (String, Timestamp)>,
}

/// How much longer than may be undone an answer waits: who undoes at the last moment is not to be overtaken by it.
const MARGIN: SignedDuration = SignedDuration::from_secs(5);

impl Owed {
    /// Claims of a file were held, and its sender is to hear what becomes of them.
    pub fn begin(&mut self, file: &FileState, holds: &[Hold]) {
        let Some(report) = file.report.clone() else { return };
        let (channel, sha256) = (file.channel.clone(), file.sha256.clone());
        let name = file.content_name().into();
        let (holds, left) = (holds.to_vec(), holds.len());
        self.of.extend(holds.iter().map(|hold| (hold.id.clone(), file.id.clone())));
        self.files.insert(file.id.clone(), Awaited { channel, name, sha256, report, holds, left });
    }

    /// A hold has ended, in whatever way.
    pub fn ended(&mut self, hold: &str) {
        let Some(file) = self.of.remove(hold) else { return };
        if let Some(awaited) = self.files.get_mut(&file) {
            awaited.left = awaited.left.saturating_sub(1);
            if awaited.left == 0 {
                self.ready.insert(file);
            }
        }
    }

    /// The same, but until then it may come back.
    pub fn ended_until(&mut self, hold: &str, until: Option<Timestamp>) {
        if let (Some(until), Some(file)) = (until, self.of.get(hold)) {
            let until = until.saturating_add(MARGIN).unwrap_or(until);
            self.undoable.insert(hold.to_owned(), (file.clone(), until));
        }
        self.ended(hold);
    }

    /// A hold that had ended is to be decided of again.
    pub fn again(&mut self, hold: &str) {
        let Some((file, _)) = self.undoable.remove(hold) else { return };
        if let Some(awaited) = self.files.get_mut(&file) {
            awaited.left += 1;
            self.ready.remove(&file);
            self.of.insert(hold.to_owned(), file);
        }
    }

    /// Nobody waits for this file any more; gives its name.
    pub fn end(&mut self, file: &str) -> Option<Phi<String>> {
        let awaited = self.files.remove(file)?;
        awaited.holds.iter().for_each(|hold| {
            self.of.remove(&hold.id);
            self.undoable.remove(&hold.id);
        });
        self.ready.remove(file);
        Some(awaited.name)
    }

    /// Files whose claims are all decided of, and those received before a moment: theirs waited long enough. Not while a decision may be
    /// undone.
    #[must_use]
    pub fn due(&self, before: Timestamp, now: Timestamp) -> Vec<(String, Awaited)> {
        let open = self.undoable.values().filter(|(_, until)| now < *until);
        let open: BTreeSet<&String> = open.map(|(file, _)| file).collect();
        let received = |id: &str| Ulid::from_string(id).map_or(0, |id| id.timestamp_ms());
        let before = u64::try_from(before.as_millisecond()).unwrap_or(0);
        let late = self.files.keys().take_while(|id| received(id) < before);
        let all: BTreeSet<&String> = late.chain(&self.ready).collect();
        all.difference(&open)
            .copied()
            .filter_map(|id| Some((id.clone(), self.files.get(id)?.clone())))
            .collect()
    }

    /// Hashes of the files whose senders wait.
    pub fn bytes(&self) -> impl Iterator<Item = &str> {
        self.files.values().map(|awaited| awaited.sha256.as_str())
    }
}
