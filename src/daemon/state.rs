//! The state folder, owned by one process: lock, journal, archive, index.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::civil::Date;
use rustix::fs::FlockOperation;

use super::error::Error;
use super::ids::Ids;
use crate::archive::Archive;
use crate::history::{Dictionary, HistoryView};
use crate::holds::HoldsView;
use crate::journal::{Decision, Direction, Entry, Journal, Output, Record};
use crate::store::{Store, View};

/// Number of the layout of what is folded: it grows when a stored value changes.
const LAYOUT: u32 = 2;

/// How long another owner of the state is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// A file's way so far, folded from the journal.
#[derive(Clone, Debug)]
pub struct FileState {
    /// ULID.
    pub id: String,
    /// Channel it came by.
    pub channel: String,
    /// Which way it goes.
    pub direction: Direction,
    /// Name it was dropped under.
    pub name: String,
    /// Its identity.
    pub sha256: String,
    /// How many files came before it.
    pub number: u64,
    /// The day it was received on.
    pub today: Date,
    /// File with the same bytes, received before.
    pub duplicate_of: Option<String>,
    /// File that was written on after it was taken, of which these are the bytes.
    pub late_of: Option<String>,
    /// How often work on it was begun again.
    pub tries: u32,
    /// Why it can't be worked.
    pub quarantined: Option<String>,
    /// Archived verdict list.
    pub report: Option<String>,
    /// Its holds are journalled.
    pub held: bool,
    /// Outputs, once staged.
    pub staged: Option<Vec<Output>>,
    /// They have their names.
    pub published: bool,
    /// Its remittances count.
    pub posted: bool,
    /// Its claims were held before.
    pub release: Option<Release>,
}

/// What a file of released claims is besides.
#[derive(Clone, Debug)]
pub struct Release {
    /// Hash of what was corrected in them.
    pub corrections: Option<String>,
}

#[derive(Default)]
struct Folded {
    /// Files with work left, in order of their ids.
    open: BTreeMap<String, FileState>,
    /// Every file ever received.
    received: HashSet<String>,
    /// File by channel, direction and hash.
    known: HashMap<(String, Direction, String), String>,
    /// Holds whose claims may leave and have not, with their version.
    leaving: BTreeMap<String, u64>,
    /// How many interchanges of our own there are, by channel.
    releases: HashMap<String, u64>,
    /// Alerts: key to owner and line while not yet written.
    alerts: BTreeMap<String, Option<(String, String)>>,
}

/// The state, open.
pub struct State {
    folder: PathBuf,
    /// Held for as long as the state is open.
    _lock: File,
    journal: Mutex<Journal>,
    folded: Mutex<Folded>,
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
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(Error::io("making state folder", folder))?;
        let path = folder.join("lock");
        let lock = File::create(&path).map_err(Error::io("opening", &path))?;
        take_lock(&lock).map_err(|_| Error::Locked { path: folder.to_owned() })?;
        let spool = folder.join("spool");
        fs::create_dir_all(&spool).map_err(Error::io("making", &spool))?;
        let (journal, entries) = Journal::open(&folder.join("journal"))?;
        let archive = Archive::open(folder.join("archive"))?;
        let (history, holds) =
            (HistoryView { archive: archive.clone() }, HoldsView { archive: archive.clone() });
        let views: [&dyn View; 2] = [&history, &holds];
        let store = Store::open(&folder.join("index"), &entries, &views, &maker())?;
        let ids = Ids::default();
        let mut folded = Folded::default();
        for entry in &entries {
            folded.apply(&entry.record, &ids);
        }
        let (journal, folded) = (Mutex::new(journal), Mutex::new(folded));
        Ok(State {
            folder: folder.to_owned(),
            _lock: lock,
            journal,
            folded,
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

    /// Journals what happened, then folds it into the index.
    ///
    /// # Errors
    /// When the journal or the index fails; the state must be opened anew after that.
    pub fn append(&self, records: Vec<Record>) -> Result<(), Error> {
        let entries: Vec<Entry> =
            self.journal.lock().unwrap_or_else(PoisonError::into_inner).append(records)?;
        let views: [&dyn View; 2] = [&self.history, &self.holds];
        for entry in entries {
            self.store.fold(&entry, &views)?;
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

    /// The file received before with these bytes, the same way, by the same channel.
    #[must_use]
    pub fn known(&self, channel: &str, direction: Direction, sha256: &str) -> Option<String> {
        self.folded().known.get(&(channel.to_owned(), direction, sha256.to_owned())).cloned()
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

    /// How many interchanges of our own left by a channel.
    #[must_use]
    pub fn releases(&self, channel: &str) -> u64 {
        self.folded().releases.get(channel).copied().unwrap_or(0)
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

/// A question asked of a state without a daemon holds the lock for a moment: that is waited out.
fn take_lock(lock: &File) -> rustix::io::Result<()> {
    let begun = Instant::now();
    loop {
        match rustix::fs::flock(lock, FlockOperation::NonBlockingLockExclusive) {
            Err(_) if begun.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(50)),
            done => return done,
        }
    }
}

/// This program and the dictionary it classifies by: what it folds depends on both.
fn maker() -> String {
    format!("{} {LAYOUT} {}", env!("CARGO_PKG_VERSION"), Dictionary::shipped_hash())
}

impl Folded {
    fn apply(&mut self, record: &Record, ids: &Ids) {
        match record {
            Record::Received {
                file, channel, direction, name, sha256, today, duplicate_of, late_of, ..
            } => {
                ids.seen(file);
                let number = self.received.len() as u64;
                self.received.insert(file.clone());
                self.known
                    .entry((channel.clone(), *direction, sha256.clone()))
                    .or_insert_with(|| file.clone());
                let state = FileState {
                    id: file.clone(),
                    channel: channel.clone(),
                    direction: *direction,
                    name: name.clone(),
                    sha256: sha256.clone(),
                    number,
                    today: *today,
                    duplicate_of: duplicate_of.clone(),
                    late_of: late_of.clone(),
                    tries: 0,
                    quarantined: None,
                    report: None,
                    held: false,
                    staged: None,
                    published: false,
                    posted: false,
                    release: None,
                };
                self.open.insert(file.clone(), state);
            }
            Record::Tried { file } => self.change(file, |s| s.tries += 1),
            Record::Quarantined { file, reason } => {
                // Dropped again, it is worked again.
                self.known.retain(|_, known| known != file);
                self.change(file, |s| s.quarantined = Some(reason.clone()));
            }
            Record::Held { file, holds } => {
                holds.iter().for_each(|h| ids.seen(&h.id));
                self.change(file, |s| s.held = true);
            }
            Record::Verdicts { file, report, .. } => self.change(file, |s| s.report = Some(report.clone())),
            Record::Viewed { .. } => {}
            Record::HoldChanged { hold, version, decision, .. } => {
                match decision {
                    Decision::Released { .. } | Decision::Overridden { .. } => {
                        self.leaving.insert(hold.clone(), *version);
                    }
                    // Whoever works it, it may leave.
                    Decision::Assigned { .. } => {
                        self.leaving.entry(hold.clone()).and_modify(|known| *known = *version);
                    }
                    Decision::Fixed { .. }
                    | Decision::Voided { .. }
                    | Decision::Replaced { .. }
                    | Decision::Returned => {
                        self.leaving.remove(hold);
                    }
                };
            }
            Record::Release { file, channel, sha256, today, holds, corrections, .. } => {
                ids.seen(file);
                holds.iter().for_each(|h| {
                    self.leaving.remove(&h.hold);
                });
                *self.releases.entry(channel.clone()).or_default() += 1;
                let state = FileState {
                    id: file.clone(),
                    channel: channel.clone(),
                    direction: Direction::Outbound,
                    name: "released.edi".to_owned(),
                    sha256: sha256.clone(),
                    number: self.received.len() as u64,
                    today: *today,
                    duplicate_of: None,
                    late_of: None,
                    tries: 0,
                    quarantined: None,
                    report: None,
                    held: false,
                    staged: None,
                    published: false,
                    posted: false,
                    release: Some(Release { corrections: corrections.clone() }),
                };
                self.open.insert(file.clone(), state);
            }
            Record::Staged { file, outputs } => self.change(file, |s| s.staged = Some(outputs.clone())),
            Record::Published { file } => self.change(file, |s| s.published = true),
            Record::Posted { file, .. } => self.change(file, |s| s.posted = true),
            Record::Done { file } => {
                self.open.remove(file);
            }
            Record::AlertDue { key, owner, line } => {
                self.alerts.insert(key.clone(), Some((owner.clone(), line.clone())));
            }
            Record::AlertWritten { key } => {
                self.alerts.insert(key.clone(), None);
            }
        }
    }

    fn change(&mut self, file: &str, change: impl FnOnce(&mut FileState)) {
        if let Some(state) = self.open.get_mut(file) {
            change(state);
        }
    }
}
