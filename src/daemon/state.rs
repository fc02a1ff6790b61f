//! The state folder, owned by one process: lock, journal, archive, index.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::error::Error;
use super::folded::{FileState, Folded};
use super::ids::Ids;
use super::lock::Lock;
use crate::archive::Archive;
use crate::history::{Dictionary, HistoryView};
use crate::holds::HoldsView;
use crate::journal::{self, Claim, Entry, Epoch, FileKey, Journal, Ledger, Position, Record};
use crate::store::{self, Replay, Store, View};

/// Number of the layout of what is folded: it grows when a stored value changes.
const LAYOUT: u32 = 2;

/// The state, open.
pub struct State {
    folder: PathBuf,
    /// Held for as long as the state is open.
    _lock: Lock,
    ledger: Box<dyn Ledger>,
    /// The lease's, as it was when the state was opened.
    epoch: Epoch,
    folded: Mutex<Folded>,
    /// Number of the record whose turn it is to be folded; none once one could not be.
    turn: Mutex<Option<u64>>,
    turned: Condvar,
    deciding: Mutex<()>,
    /// Received files and verdict lists.
    pub archive: Archive,
    /// The index.
    pub store: Store,
    /// Ids of files and holds.
    pub ids: Ids,
    history: HistoryView,
    holds: HoldsView,
}

impl State {
    /// Takes the lock and opens everything; the index is rebuilt where it is behind, broken or gone.
    ///
    /// # Errors
    /// [`Error::Locked`] when another process owns it; else what failed.
    pub fn open(folder: &Path) -> Result<State, Error> {
        State::open_with(folder, journal::Settings::default())
    }

    /// The same, with settings of the journal.
    ///
    /// # Errors
    /// As of `open`.
    pub fn open_with(folder: &Path, settings: journal::Settings) -> Result<State, Error> {
        let lock = Lock::take(folder)?;
        let spool = folder.join("spool");
        fs::create_dir_all(&spool).map_err(Error::io("making", &spool))?;
        let (ids, mut folded) = (Ids::default(), Folded::default());
        let mut crcs = Vec::new();
        let ledger = Journal::open(&folder.join("journal"), settings, &mut |entry| {
            crcs.push(entry.crc);
            folded.apply(&entry.record, &ids);
        })?;
        let archive = Archive::open(folder.join("archive"))?;
        let (history, holds) =
            (HistoryView { archive: archive.clone() }, HoldsView { archive: archive.clone() });
        let views: [&dyn View; 2] = [&history, &holds];
        let turn = crcs.len() as u64 + 1;
        let history_so_far = Past { ledger: &ledger, epoch: ledger.epoch(), crcs };
        let store = Store::open(&folder.join("index"), &history_so_far, &views, &maker())?;
        let epoch = ledger.epoch();
        Ok(State {
            folder: folder.to_owned(),
            _lock: lock,
            ledger: Box::new(ledger),
            epoch,
            folded: Mutex::new(folded),
            turn: Mutex::new(Some(turn)),
            turned: Condvar::new(),
            deciding: Mutex::new(()),
            archive,
            store,
            ids,
            history,
            holds,
        })
    }

    /// Where a file lies while it is worked on.
    #[must_use]
    pub fn spool(&self, id: &str) -> PathBuf {
        self.folder.join("spool").join(id)
    }

    /// The spool itself.
    #[must_use]
    pub fn spool_folder(&self) -> PathBuf {
        self.folder.join("spool")
    }

    /// The control socket's place.
    #[must_use]
    pub fn socket(folder: &Path) -> PathBuf {
        folder.join("control.sock")
    }

    fn folded(&self) -> MutexGuard<'_, Folded> {
        self.folded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Journals what happened, then folds it into the index, in the journal's order whoever comes first.
    ///
    /// # Errors
    /// When the journal or the index fails; the state must be opened anew after that.
    pub fn append(&self, records: Vec<Record>) -> Result<(), Error> {
        let entries = self.ledger.append(self.epoch, records)?;
        self.fold_in_turn(&entries)
    }

    fn fold_in_turn(&self, entries: &[Entry]) -> Result<(), Error> {
        let Some(first) = entries.first().map(|e| e.seq) else { return Ok(()) };
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        while turn.is_some_and(|turn| turn < first) {
            turn = self.turned.wait(turn).unwrap_or_else(PoisonError::into_inner);
        }
        // Taken away while it folds: what fails, or panics, ends the folding.
        let folded = turn.take().map_or(Err(Error::NotFolded), |_| self.fold(entries));
        if folded.is_ok() {
            *turn = entries.last().map(|e| e.seq + 1);
        }
        drop(turn);
        self.turned.notify_all();
        folded
    }

    fn fold(&self, entries: &[Entry]) -> Result<(), Error> {
        let views: [&dyn View; 2] = [&self.history, &self.holds];
        for entry in entries {
            self.store.fold(entry, &views)?;
            self.folded().apply(&entry.record, &self.ids);
        }
        Ok(())
    }

    /// A file with work left.
    #[must_use]
    pub fn file(&self, id: &str) -> Option<FileState> {
        self.folded().open.get(id).cloned()
    }

    /// Every file with work left, oldest first.
    #[must_use]
    pub fn open_files(&self) -> Vec<FileState> {
        self.folded().open.values().cloned().collect()
    }

    /// Claims bytes that came by a channel for a file; the id of the one received before with the same, where there is one.
    ///
    /// # Errors
    /// When the ledger fails.
    pub fn claim(&self, key: &FileKey, by: &str) -> Result<Option<String>, Error> {
        Ok(match self.ledger.claim(self.epoch, key, by)? {
            Claim::Ours => None,
            Claim::Before(id) => Some(id),
        })
    }

    /// True when the journal knows the file.
    #[must_use]
    pub fn was_received(&self, id: &str) -> bool {
        self.folded().received.contains(id)
    }

    /// Holds whose claims may leave and have not, with their version.
    #[must_use]
    pub fn leaving(&self) -> Vec<(String, u64)> {
        self.folded().leaving.iter().map(|(hold, version)| (hold.clone(), *version)).collect()
    }

    /// The next number for an interchange of our own by a channel, from 0: never the same twice.
    ///
    /// # Errors
    /// When the journal or the index fails.
    pub fn next_control(&self, channel: &str) -> Result<u64, Error> {
        let (number, taken) = self.ledger.next_control(self.epoch, channel)?;
        self.fold_in_turn(&[taken])?;
        Ok(number)
    }

    /// Keeps others from deciding of holds while it lives.
    pub fn deciding(&self) -> MutexGuard<'_, ()> {
        self.deciding.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True when an alert of this key was ever due.
    #[must_use]
    pub fn alerted(&self, key: &str) -> bool {
        self.folded().alerts.contains_key(key)
    }

    /// Alerts that are due and not known to be written: key, owner, line.
    #[must_use]
    pub fn unwritten_alerts(&self) -> Vec<(String, String, String)> {
        let folded = self.folded();
        let waiting = folded.alerts.iter().filter_map(|(key, due)| Some((key, due.as_ref()?)));
        waiting.map(|(key, (owner, line))| (key.clone(), owner.clone(), line.clone())).collect()
    }
}

/// What the index is folded from at start, a record at a time.
struct Past<'a> {
    ledger: &'a dyn Ledger,
    epoch: Epoch,
    crcs: Vec<u32>,
}

impl Replay for Past<'_> {
    fn crc(&self, seq: u64) -> Option<u32> {
        usize::try_from(seq).ok().and_then(|n| self.crcs.get(n.checked_sub(1)?)).copied()
    }

    fn after(
        &self,
        seq: u64,
        each: &mut dyn FnMut(&Entry) -> Result<(), store::Error>,
    ) -> Result<(), store::Error> {
        // What `each` says is kept: the ledger knows errors of its own alone.
        let mut failed = None;
        let read = self.ledger.tail(self.epoch, Position::behind(seq), &mut |_, entry| {
            if failed.is_none() {
                failed = each(&entry).err();
            }
            Ok(())
        });
        match failed {
            Some(error) => Err(error),
            None => read.map(|_| ()).map_err(store::Error::Replay),
        }
    }
}

/// This program and the dictionary it classifies by: what it folds depends on both.
fn maker() -> String {
    format!("{} {LAYOUT} {}", env!("CARGO_PKG_VERSION"), Dictionary::shipped_hash())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// Who appends at once must not leave a record out of the index: what a crash left behind the last one is all that is folded again.
    #[test]
    fn records_are_folded_in_the_order_of_the_journal() {
        let folder = tempfile::tempdir().unwrap();
        let state = Arc::new(State::open(&folder.path().join("state")).unwrap());
        let threads: Vec<_> = (0..8)
            .map(|t| {
                let state = Arc::clone(&state);
                std::thread::spawn(move || {
                    for n in 0..20 {
                        let key = format!("{t}-{n}");
                        state.append(vec![Record::AlertWritten { key: key.clone() }]).unwrap();
                        assert!(state.alerted(&key), "folded when it returns");
                        assert!(state.store.applied().unwrap().0 > n);
                        if n % 5 == 0 {
                            state.next_control("main").unwrap();
                        }
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(|t| t.join().unwrap());
        assert_eq!(state.store.applied().unwrap().0, 8 * 24);
        assert_eq!(state.next_control("main").unwrap(), 32);
    }
}
