//! The state folder, owned by one process: lock, journal, archive, index.

use std::collections::HashSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::error::Error;
use super::folded::{FileState, Folded, Touched};
use super::ids::Ids;
use super::index::Index;
use super::owed::Awaited;
use crate::alerts::Book;
use crate::archive::{Archive, Stored};
use crate::history::{HistoryView, Texts};
use crate::holds::HoldsView;
use crate::huddle::Minutes;
use crate::journal::{self, Claim, Each, Entry, Epoch, FileKey, Journal, Ledger, Position, Record};
use crate::scrub::repeats::{Print, Repeat};
use crate::store::{Engines, Sealed, SledFolder, Store, View};
use crate::world::{Lock, World, make_folders, make_folders_of_others};

/// Number of the layout of what is folded: it grows when a stored value changes.
const LAYOUT: u32 = 9;

/// How long who asks a question waits for an index that is being folded.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes of the index that are kept in memory where nobody says.
pub const CACHE: u64 = 64 << 20;

/// How the index is kept.
#[derive(Debug)]
pub struct Indexed {
    /// What keeps it.
    pub engines: Box<dyn Engines>,
    /// True where it is folded by a thread of its own, while the work goes on.
    pub background: bool,
    /// Tables the history is folded by; none where those stay that it was folded by before.
    pub texts: Option<Texts>,
}

impl Indexed {
    /// By sled, in a state's folder, with so many bytes of it in memory.
    #[must_use]
    pub fn by_sled(state: &Path, cache: u64, background: bool) -> Indexed {
        let engines = Box::new(SledFolder { path: state.join("index"), cache });
        Indexed { engines, background, texts: None }
    }

    /// The same with tables of a site.
    #[must_use]
    pub fn by(self, texts: Option<Texts>) -> Indexed {
        Indexed { texts, ..self }
    }
}

/// The state, open.
pub struct State {
    /// Where it is.
    pub world: World,
    folder: PathBuf,
    /// Held for as long as the state is open.
    _lock: Lock,
    ledger: Arc<dyn Ledger>,
    /// The lease's, as it was when the state was opened.
    epoch: Epoch,
    folded: Mutex<Folded>,
    /// Number of the record whose turn it is to be folded; none once one could not be.
    turn: Mutex<Option<u64>>,
    turned: Condvar,
    deciding: Mutex<()>,
    /// Rings when there may be something to tell.
    rung: Condvar,
    /// Received files and verdict lists.
    pub archive: Archive,
    /// The index.
    pub index: Arc<Index>,
    ids: Ids,
}

impl State {
    /// Takes the lock and opens everything; the index is rebuilt where it is behind, broken or gone.
    ///
    /// # Errors
    /// [`Error::Locked`] when another process owns it; else what failed.
    pub fn open(folder: &Path) -> Result<State, Error> {
        let indexed = Indexed::by_sled(folder, CACHE, false);
        State::open_in(World::real(), folder, journal::Settings::default(), indexed)
    }

    /// The same in another world, or with the index in the background.
    ///
    /// # Errors
    /// As of `open`.
    pub fn open_in(
        world: World,
        folder: &Path,
        settings: journal::Settings,
        indexed: Indexed,
    ) -> Result<State, Error> {
        let locked = world.fs.lock(folder).map_err(Error::io("locking", folder))?;
        let lock = locked.ok_or_else(|| Error::Locked { path: folder.to_owned() })?;
        let spool = folder.join("spool");
        make_folders_of_others(&*world.fs, folder).map_err(Error::io("making", folder))?;
        make_folders(&*world.fs, &spool).map_err(Error::io("making", &spool))?;
        let (ids, mut folded) = (Ids::default(), Folded::default());
        let mut turn = 1;
        let journal = Journal::open(&world, &folder.join("journal"), settings, &mut |entry| {
            turn = entry.seq + 1;
            folded.apply(entry.at, &entry.record, &ids);
        })?;
        let (epoch, ledger) = (journal.epoch(), Arc::new(journal));
        let archive = Archive::open(&world, folder.join("archive"))?;
        archive.admit()?;
        if let Err(error) = archive.sweep() {
            crate::events::failed("clearing the archive", &error);
        }
        let Indexed { mut engines, background, texts } = indexed;
        let views: Vec<Box<dyn View>> = vec![
            Box::new(HistoryView::new(archive.clone(), texts)),
            Box::new(HoldsView { archive: archive.clone() }),
        ];
        let of: (Arc<dyn Ledger>, Epoch) = (Arc::clone(&ledger) as _, epoch);
        if let Some(keys) = &world.keys {
            engines = Box::new(Sealed { engines, keys: Arc::clone(keys) });
        }
        let index = Arc::new(Index::new(engines, views, of, maker(&archive), background));
        index.begin(false);
        Ok(State {
            world,
            folder: folder.to_owned(),
            _lock: lock,
            ledger,
            epoch,
            folded: Mutex::new(folded),
            turn: Mutex::new(Some(turn)),
            turned: Condvar::new(),
            deciding: Mutex::new(()),
            rung: Condvar::new(),
            archive,
            index,
            ids,
        })
    }

    /// The index.
    ///
    /// # Errors
    /// While it is being folded.
    pub fn store(&self) -> Result<Arc<Store>, Error> {
        self.index.store()
    }

    /// The same for who can wait a while.
    ///
    /// # Errors
    /// When it isn't there by then.
    pub fn store_soon(&self) -> Result<Arc<Store>, Error> {
        self.index.store_within(PATIENCE)
    }

    /// The index as it is, for who need not see what was written this moment: what somebody was answered is in it.
    ///
    /// # Errors
    /// When there is none in good time.
    pub fn store_now(&self) -> Result<Arc<Store>, Error> {
        self.index.so_far().map_or_else(|| self.store_soon(), |(store, _)| Ok(store))
    }

    /// Folds the index anew where an error says that it is damaged.
    pub fn suspect(&self, error: &Error) {
        if matches!(error, Error::Store(error) if error.is_of_the_engine()) {
            self.index.rebuild();
        }
    }

    /// An id for a file, a hold or a transaction set.
    pub fn next_id(&self) -> String {
        self.ids.next(&*self.world.clock)
    }

    /// Ids after this one only.
    pub fn seen_id(&self, id: &str) {
        self.ids.seen(id);
    }

    /// A file of this world.
    #[must_use]
    pub fn stored(&self, path: &Path) -> Stored {
        Stored::plain(Arc::clone(&self.world.fs), path.to_owned())
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
        let waiting = Waiting(&self.turned);
        // Taken away while it folds: a panic ends the folding.
        let done = turn.take().map_or(Err(Error::NotFolded), |_| {
            for entry in entries {
                {
                    let mut folded = self.folded();
                    folded.apply(entry.at, &entry.record, &self.ids);
                    folded.last = entry.seq;
                }
                if is_for_sinks(&entry.record) {
                    self.rung.notify_all();
                }
                self.index.fold(entry);
            }
            Ok(())
        });
        if done.is_ok() {
            *turn = entries.last().map(|e| e.seq + 1);
        }
        drop(turn);
        drop(waiting);
        done
    }

    /// Gives every record after a position to `each`; returns the position behind the last.
    ///
    /// # Errors
    /// When the journal can't be read, or `each` fails.
    pub fn tail(&self, after: Position, each: &mut Each<'_>) -> Result<Position, Error> {
        Ok(self.ledger.tail(self.epoch, after, each)?)
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

    /// Notes from now on the bytes that come, until what is given back is dropped: nobody may remove them.
    #[must_use]
    pub fn arrivals(&self) -> Arrivals<'_> {
        self.folded().arrived = Some(HashSet::new());
        Arrivals(self)
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

    /// True when the journal knows the file and its work has ended.
    #[must_use]
    pub fn is_done(&self, id: &str) -> bool {
        let folded = self.folded();
        !folded.open.contains_key(id) && (folded.received.contains(id) || folded.released.contains(id))
    }

    /// Stretches of a file that its channel sent before. What it is known by is entered at once: another that is judged beside it finds it.
    #[must_use]
    pub fn repeats(&self, file: &FileState, prints: &[Print]) -> Vec<(Range<u64>, Repeat)> {
        let mut folded = self.folded();
        let key = |hash: &str| (file.channel.clone(), hash.to_owned());
        let mut found = Vec::new();
        for print in prints {
            for (content, range) in &print.sets {
                if folded.sets.get(&key(content)).is_some_and(|by| *by != file.id) {
                    found.push((range.clone(), Repeat::Content));
                }
            }
            let before = folded.interchanges.get(&key(&print.number));
            if before.is_some_and(|(content, by)| *by != file.id && *content != print.content) {
                found.push((print.range.clone(), Repeat::Number));
            }
        }
        for print in prints {
            let (content, by) = (print.content.clone(), file.id.clone());
            folded.interchanges.entry(key(&print.number)).or_insert((content, by));
            for (content, _) in &print.sets {
                folded.sets.entry(key(content)).or_insert_with(|| file.id.clone());
            }
        }
        found
    }

    /// Holds whose claims may leave now and have not, with their version.
    #[must_use]
    pub fn leaving(&self) -> Vec<(String, u64)> {
        let now = self.world.clock.now();
        let folded = self.folded();
        let due = folded.leaving.iter().filter(|(_, due)| due.not_before.is_none_or(|until| until <= now));
        due.map(|(hold, due)| (hold.clone(), due.version)).collect()
    }

    /// Whoever asks next what happened to holds hears: to all of them.
    pub fn touch_all(&self) {
        self.folded().touched = None;
    }

    /// Holds that something happened to since this was last asked, the first time all of them; and the number of the last record that may tell of it.
    #[must_use]
    pub fn touched(&self) -> (Touched, u64) {
        let all = Touched { all: true, ..Touched::default() };
        let mut folded = self.folded();
        (folded.touched.replace(Touched::default()).unwrap_or(all), folded.last)
    }

    /// Files whose senders may now hear what became of their held claims: those of which all is decided, and those received before a
    /// moment. One that is still in work waits.
    #[must_use]
    pub fn owed(&self, before: jiff::Timestamp) -> Vec<(String, Awaited)> {
        let folded = self.folded();
        let mut due = folded.owed.due(before, self.world.clock.now());
        due.retain(|(file, _)| !folded.open.contains_key(file));
        due
    }

    /// Hashes of files whose senders wait for what becomes of their held claims.
    #[must_use]
    pub fn awaited(&self) -> HashSet<String> {
        self.folded().owed.bytes().map(str::to_owned).collect()
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

    /// True when an alert of this key was ever written, or is to be.
    #[must_use]
    pub fn alerted(&self, key: &str) -> bool {
        self.folded().alerts.contains_key(key)
    }

    /// Looks something up in the minutes of huddles.
    pub fn minutes<T>(&self, look: impl FnOnce(&Minutes) -> T) -> T {
        look(&self.folded().minutes)
    }

    /// Looks something up in the book of alerts.
    pub fn book<T>(&self, look: impl FnOnce(&Book) -> T) -> T {
        look(&self.folded().book)
    }

    /// When the last inbound file came.
    #[must_use]
    pub fn last_inbound(&self) -> Option<jiff::Timestamp> {
        self.folded().inbound
    }

    /// Waits until there may be something new to tell, or for as long as this, unless `holds` says otherwise once nothing can come between.
    pub fn wait_for_alerts(&self, longest: Duration, holds: impl FnOnce(&Book) -> bool) {
        let folded = self.folded();
        if holds(&folded.book) {
            let _woken = self.rung.wait_timeout(folded, longest).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Wakes who waits for something to tell.
    pub fn ring(&self) {
        let _folded = self.folded();
        self.rung.notify_all();
    }

    /// Alerts that are due and not known to be written: key, owner, line.
    #[must_use]
    pub fn unwritten_alerts(&self) -> Vec<(String, String, String)> {
        let folded = self.folded();
        let waiting = folded.alerts.iter().filter_map(|(key, due)| Some((key, due.as_ref()?)));
        waiting.map(|(key, (owner, line))| (key.clone(), owner.clone(), line.clone())).collect()
    }
}

/// True of what may call for a message.
fn is_for_sinks(record: &Record) -> bool {
    matches!(record, Record::AlertRaised { .. } | Record::AlertDecided { .. } | Record::AlertResent { .. })
}

/// What came while somebody looks for bytes that nobody needs any more.
pub struct Arrivals<'a>(&'a State);

impl Arrivals<'_> {
    /// True for bytes that came meanwhile.
    #[must_use]
    pub fn has(&self, sha256: &str) -> bool {
        self.0.folded().arrived.as_ref().is_some_and(|arrived| arrived.contains(sha256))
    }

    /// Removes archived bytes, but not what came meanwhile. Nobody's file can come between: it is looked for in the archive once it was
    /// folded, and that waits.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn remove(&self, sha256: &str) -> Result<bool, Error> {
        let folded = self.0.folded();
        if folded.arrived.as_ref().is_some_and(|arrived| arrived.contains(sha256)) {
            return Ok(false);
        }
        self.0.archive.remove(sha256)?;
        Ok(true)
    }
}

impl Drop for Arrivals<'_> {
    fn drop(&mut self) {
        self.0.folded().arrived = None;
    }
}

/// Tells those who wait for their turn, whatever comes.
struct Waiting<'a>(&'a Condvar);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.notify_all();
    }
}

impl Drop for State {
    fn drop(&mut self) {
        // A thread that folds would keep it open behind the lock.
        self.index.end();
    }
}

/// This program, the dictionary it classifies by, and how claims stand in keys: what it folds depends on all of them.
fn maker(archive: &Archive) -> String {
    let keyed = archive.in_index("-");
    format!("{} {LAYOUT} {keyed}", env!("CARGO_PKG_VERSION"))
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
                        assert!(state.store().unwrap().applied() > n);
                        if n % 5 == 0 {
                            state.next_control("main").unwrap();
                        }
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(|t| t.join().unwrap());
        assert_eq!(state.store().unwrap().applied(), 8 * 24);
        assert_eq!(state.next_control("main").unwrap(), 32);
    }
}
