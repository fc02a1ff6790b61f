//! The journal of this disk: appends, many at once with one sync, and begins a new segment when one is full.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::frame::{self, Link};
use super::ledger::{Claim, Each, Epoch, FileKey, Ledger, Position};
use super::read::{self, Place};
use super::standing::Standing;
use super::{Entry, Error, Record, segments};
use crate::world::{Clock, Fs, World, WriteFile, make_folders};

/// How the journal is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// A segment of this many bytes is closed and packed.
    pub segment_bytes: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { segment_bytes: 16 << 20 }
    }
}

/// The one epoch of a journal that one process owns.
const LOCAL: Epoch = Epoch(1);

/// An open journal, at its end.
#[derive(Debug)]
pub struct Journal {
    world: World,
    folder: PathBuf,
    settings: Settings,
    inner: Mutex<Inner>,
    /// Told when something became durable, or the journal failed.
    written: Condvar,
    #[cfg(test)]
    pub(super) pause: Mutex<Option<Pause>>,
}

#[derive(Debug)]
struct Inner {
    /// Where the next record goes; out while somebody writes.
    tail: Option<Tail>,
    /// Frames not yet handed to the disk.
    waiting: Vec<u8>,
    /// Number of the next record.
    next: u64,
    /// Every record before this one is durable.
    durable: u64,
    link: Link,
    standing: Standing,
    /// Where each segment begins, for who reads from the middle.
    begins: Vec<Place>,
    trust: Trust,
    /// For each time that records were given up, number of the first of them.
    given_up: Vec<u64>,
    syncs: u64,
}

/// What is known of the bytes behind the last durable record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trust {
    /// There are none.
    Sound,
    /// A write was refused half-way: they are cut off before anything is written again.
    Frayed,
    /// A sync failed: what is on the disk is not known, and only a new start can tell.
    Poisoned,
}

/// Where writing stopped.
enum Failed {
    Write(io::Error),
    Sync(io::Error),
}

#[derive(Debug)]
struct Tail {
    file: Box<dyn WriteFile>,
    path: PathBuf,
    number: u64,
    bytes: u64,
}

/// Called before each sync by tests, with the number of records that wait for the next one.
#[cfg(test)]
pub(super) struct Pause(pub Box<Pausing>);

#[cfg(test)]
type Pausing = dyn Fn(&dyn Fn() -> u64) + Send + Sync;

#[cfg(test)]
impl std::fmt::Debug for Pause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pause")
    }
}

impl Journal {
    /// Opens the journal in `folder` of a world, making it when there is none, and gives every record to `each`. A torn record at the very end, or a
    /// batch without its last, is cut off: its effect was never announced. A closed segment that is not packed yet is packed.
    ///
    /// # Errors
    /// When the file system refuses, or a record in the middle is damaged.
    pub fn open(
        world: &World,
        folder: &Path,
        settings: Settings,
        each: &mut dyn FnMut(Entry),
    ) -> Result<Journal, Error> {
        let fs = &*world.fs;
        make_folders(fs, folder).map_err(Error::io("making the folder of", folder))?;
        segments::sweep(fs, folder)?;
        let mut standing = Standing::default();
        let reading = read::read(fs, folder, Place::START, &mut |entry| {
            standing.apply(&entry.record);
            each(entry);
            Ok(())
        })
        .map_err(|broken| broken.error)?;
        let end = reading.end;
        segments::write_anew(fs, folder, end.segment, end.offset)?;
        let (file, path) = segments::begin(fs, folder, end.segment)
            .map_err(Error::io("opening", &segments::plain(folder, end.segment)))?;
        for segment in reading.segments.iter().filter(|s| s.number != end.segment) {
            tidy(fs, folder, segment.number, segment.packed);
        }
        let tail = Tail { file, path, number: end.segment, bytes: end.offset };
        let inner = Inner {
            tail: Some(tail),
            waiting: Vec::new(),
            next: end.next,
            durable: end.next,
            link: end.link,
            standing,
            begins: reading.begins,
            trust: Trust::Sound,
            given_up: Vec::new(),
            syncs: 0,
        };
        Ok(Journal {
            world: world.clone(),
            folder: folder.to_owned(),
            settings,
            inner: Mutex::new(inner),
            written: Condvar::new(),
            #[cfg(test)]
            pause: Mutex::new(None),
        })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often records were synced to the disk since it was opened.
    #[must_use]
    pub fn syncs(&self) -> u64 {
        self.inner().syncs
    }

    fn poisoned(&self) -> Error {
        Error::Poisoned { path: self.folder.clone() }
    }

    /// Appends records and returns when they are on disk. Who comes while others are being synced shares the next sync.
    ///
    /// # Errors
    /// When a record doesn't fit what was decided of a hold; nothing is appended then. When writing or syncing fails; the journal can't be
    /// used after that.
    pub fn append(&self, records: Vec<Record>) -> Result<Vec<Entry>, Error> {
        let mut inner = self.sound()?;
        inner.standing.check(&records)?;
        let entries = inner.enqueue(records, &*self.world.clock)?;
        self.settle(inner)?;
        Ok(entries)
    }

    /// The journal, fit to be appended to.
    fn sound(&self) -> Result<MutexGuard<'_, Inner>, Error> {
        let mut inner = self.inner();
        // Who writes says how it went.
        while inner.trust == Trust::Frayed && inner.tail.is_none() {
            inner = self.written.wait(inner).unwrap_or_else(PoisonError::into_inner);
        }
        match inner.trust {
            Trust::Sound => {}
            Trust::Frayed => self.mend(&mut inner)?,
            Trust::Poisoned => return Err(self.poisoned()),
        }
        Ok(inner)
    }

    /// Cuts off what a refused write left, and reads back what stands: what was enqueued behind it never happened.
    fn mend(&self, inner: &mut Inner) -> Result<(), Error> {
        let Some(tail) = inner.tail.as_mut() else { return Err(self.poisoned()) };
        let refused = |source| Error::NotWritten { path: tail.path.clone(), source };
        tail.file.set_len(tail.bytes).map_err(refused)?;
        if tail.file.sync_data().is_err() {
            inner.trust = Trust::Poisoned;
            return Err(self.poisoned());
        }
        let mut standing = Standing::default();
        let reading = read::read(&*self.world.fs, &self.folder, Place::START, &mut |entry| {
            standing.apply(&entry.record);
            Ok(())
        })
        .map_err(|broken| broken.error)?;
        if reading.end.next != inner.durable {
            inner.trust = Trust::Poisoned;
            return Err(self.poisoned());
        }
        (inner.next, inner.link, inner.standing) = (reading.end.next, reading.end.link, standing);
        inner.trust = Trust::Sound;
        Ok(())
    }

    /// Waits until all that was enqueued is durable, writing it where nobody else does.
    fn settle<'a>(&'a self, mut inner: MutexGuard<'a, Inner>) -> Result<(), Error> {
        let (upto, times) = (inner.next, inner.given_up.len());
        loop {
            if inner.given_up.get(times).is_some_and(|first| *first < upto) {
                let source = io::Error::other("what was written before it was refused");
                return Err(Error::NotWritten { path: self.folder.clone(), source });
            }
            if inner.durable >= upto {
                return Ok(());
            }
            if inner.trust == Trust::Poisoned {
                return Err(self.poisoned());
            }
            let Some(mut tail) = inner.tail.take() else {
                inner = self.written.wait(inner).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let (bytes, next, link) = (std::mem::take(&mut inner.waiting), inner.next, inner.link);
            drop(inner);
            let done = self.write(&mut tail, &bytes);
            if matches!(done, Err(Failed::Write(_))) {
                // As soon as it can be: a new start must not take what was told to have failed for announced.
                let _tried_again_before_the_next =
                    tail.file.set_len(tail.bytes).and_then(|()| tail.file.sync_data());
            }
            let (mut begun, mut stuck) = (None, false);
            if done.is_ok() && tail.bytes >= self.settings.segment_bytes {
                match self.rotate(&mut tail) {
                    Ok(number) => begun = number,
                    Err(()) => stuck = true,
                }
            }
            inner = self.inner();
            if stuck {
                inner.trust = Trust::Poisoned;
            }
            if let Some(segment) = begun {
                let version = frame::VERSION;
                inner.begins.push(Place { segment, offset: 0, next, link, version });
            }
            let path = tail.path.clone();
            inner.tail = Some(tail);
            match done {
                Ok(()) => (inner.durable, inner.syncs) = (next, inner.syncs + 1),
                Err(Failed::Sync(_)) => inner.trust = Trust::Poisoned,
                Err(Failed::Write(_)) => {
                    inner.trust = Trust::Frayed;
                    let first = inner.durable;
                    inner.given_up.push(first);
                    inner.waiting.clear();
                }
            }
            self.written.notify_all();
            match done {
                Ok(()) => {}
                Err(Failed::Sync(source)) => return Err(Error::Io { step: "syncing", path, source }),
                Err(Failed::Write(source)) => return Err(Error::NotWritten { path, source }),
            }
        }
    }

    fn write(&self, tail: &mut Tail, bytes: &[u8]) -> Result<(), Failed> {
        tail.file.write_all(bytes).map_err(Failed::Write)?;
        #[cfg(test)]
        if let Some(pause) = &*self.pause.lock().unwrap_or_else(PoisonError::into_inner) {
            (pause.0)(&|| {
                let inner = self.inner();
                inner.next - inner.durable
            });
        }
        tail.file.sync_data().map_err(Failed::Sync)?;
        tail.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Begins the next segment and packs the full one. What can't be done is tried again: a segment may be longer, and packed later.
    /// An error where one was begun that can't be removed: nothing may be written before it any more.
    fn rotate(&self, tail: &mut Tail) -> Result<Option<u64>, ()> {
        let number = tail.number + 1;
        match segments::begin(&*self.world.fs, &self.folder, number) {
            Ok((file, path)) => *tail = Tail { file, path, number, bytes: 0 },
            Err(error) => {
                crate::events::failed("beginning a journal segment", &error);
                let (fs, begun) = (&*self.world.fs, segments::plain(&self.folder, number));
                return match fs.remove(&begun) {
                    Err(e) if e.kind() != io::ErrorKind::NotFound => Err(()),
                    _ => Ok(None),
                };
            }
        }
        tidy(&*self.world.fs, &self.folder, number - 1, false);
        Ok(Some(number))
    }
}

/// Packs a closed segment that is plain still, or takes the plain one away that was packed and compared.
fn tidy(fs: &dyn Fs, folder: &Path, number: u64, packed: bool) {
    if packed {
        return;
    }
    if let Err(error) = segments::pack(fs, folder, number, &mut |_| Ok(())) {
        crate::events::failed("packing a journal segment", &error);
    }
}

impl Inner {
    fn enqueue(&mut self, records: Vec<Record>, clock: &dyn Clock) -> Result<Vec<Entry>, Error> {
        let at = clock.now();
        let mut entries = Vec::with_capacity(records.len());
        // Others wait already: they are written before it, in one go.
        let behind = !self.waiting.is_empty();
        let (mut bytes, mut link, mut seq) = (Vec::new(), self.link, self.next);
        let count = records.len();
        for (n, record) in records.into_iter().enumerate() {
            let mut entry = Entry { seq, at, crc: 0, record };
            (entry.crc, link) = frame::write(&entry, (n + 1 < count, n > 0 || behind), link, &mut bytes)
                .map_err(Error::Encode)?;
            entries.push(entry);
            seq += 1;
        }
        self.waiting.append(&mut bytes);
        (self.link, self.next) = (link, seq);
        entries.iter().for_each(|entry| self.standing.apply(&entry.record));
        Ok(entries)
    }
}

fn lease(epoch: Epoch) -> Result<(), Error> {
    if epoch == LOCAL { Ok(()) } else { Err(Error::Fenced { asked: epoch.0, holds: LOCAL.0 }) }
}

impl Ledger for Journal {
    fn epoch(&self) -> Epoch {
        LOCAL
    }

    fn claim(&self, epoch: Epoch, key: &FileKey, by: &str) -> Result<Claim, Error> {
        lease(epoch)?;
        Ok(self.sound()?.standing.claim(key, by))
    }

    fn append(&self, epoch: Epoch, batch: Vec<Record>) -> Result<Vec<Entry>, Error> {
        lease(epoch)?;
        Journal::append(self, batch)
    }

    fn next_control(&self, epoch: Epoch, channel: &str) -> Result<(u64, Entry), Error> {
        lease(epoch)?;
        let mut inner = self.sound()?;
        let number = inner.standing.next_control(channel);
        let record = Record::ControlTaken { channel: channel.to_owned(), number };
        let mut taken = inner.enqueue(vec![record], &*self.world.clock)?;
        self.settle(inner)?;
        taken.pop().map(|entry| (number, entry)).ok_or_else(|| self.poisoned())
    }

    fn tail(&self, epoch: Epoch, after: Position, each: &mut Each<'_>) -> Result<Position, Error> {
        lease(epoch)?;
        let (durable, from) = {
            let inner = self.inner();
            let begins = inner.begins.iter().rev().find(|b| b.next <= after.0.saturating_add(1));
            (inner.durable, begins.copied().unwrap_or(Place::START))
        };
        let mut last = after;
        read::read(&*self.world.fs, &self.folder, from, &mut |entry| {
            if entry.seq > after.0 && entry.seq < durable {
                last = Position(entry.seq);
                each(last, entry)?;
            }
            Ok(())
        })
        .map_err(|broken| broken.error)?;
        Ok(last)
    }
}
