//! The journal of this disk: appends, many at once with one sync, and begins a new segment when one is full.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::frame::{self, Link};
use super::ledger::{Claim, Each, Epoch, FileKey, Ledger, Position};
use super::read::{self, Place};
use super::standing::Standing;
use super::{Entry, Error, Record, segments};

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
    poisoned: bool,
    syncs: u64,
}

#[derive(Debug)]
struct Tail {
    file: File,
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
    /// Opens the journal in `folder`, making it when there is none, and gives every record to `each`. A torn record at the very end, or a
    /// batch without its last, is cut off: its effect was never announced. A closed segment that is not packed yet is packed.
    ///
    /// # Errors
    /// When the file system refuses, or a record in the middle is damaged.
    pub fn open(folder: &Path, settings: Settings, each: &mut dyn FnMut(Entry)) -> Result<Journal, Error> {
        std::fs::create_dir_all(folder).map_err(Error::io("making the folder of", folder))?;
        segments::sweep(folder)?;
        let mut standing = Standing::default();
        let reading = read::read(folder, Place::START, &mut |entry| {
            standing.apply(&entry.record);
            each(entry);
            Ok(())
        })
        .map_err(|broken| broken.error)?;
        let end = reading.end;
        let (file, path) = segments::begin(folder, end.segment)
            .map_err(Error::io("opening", &segments::plain(folder, end.segment)))?;
        if reading.torn > 0 {
            file.set_len(end.offset).map_err(Error::io("cutting the torn end of", &path))?;
            file.sync_all().map_err(Error::io("syncing", &path))?;
        }
        for segment in reading.segments.iter().filter(|s| s.number != end.segment) {
            tidy(folder, segment.number, segment.packed);
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
            poisoned: false,
            syncs: 0,
        };
        Ok(Journal {
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
        let mut inner = self.inner();
        if inner.poisoned {
            return Err(self.poisoned());
        }
        inner.standing.check(&records)?;
        let entries = inner.enqueue(records)?;
        self.settle(inner)?;
        Ok(entries)
    }

    /// Waits until all that was enqueued is durable, writing it where nobody else does.
    fn settle<'a>(&'a self, mut inner: MutexGuard<'a, Inner>) -> Result<(), Error> {
        let upto = inner.next;
        loop {
            if inner.durable >= upto {
                return Ok(());
            }
            if inner.poisoned {
                return Err(self.poisoned());
            }
            let Some(mut tail) = inner.tail.take() else {
                inner = self.written.wait(inner).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let (bytes, next, link) = (std::mem::take(&mut inner.waiting), inner.next, inner.link);
            drop(inner);
            let done = self.write(&mut tail, &bytes);
            let begun = match &done {
                Ok(()) if tail.bytes >= self.settings.segment_bytes => self.rotate(&mut tail),
                _ => None,
            };
            inner = self.inner();
            if let Some(segment) = begun {
                let version = frame::VERSION;
                inner.begins.push(Place { segment, offset: 0, next, link, version });
            }
            let path = tail.path.clone();
            inner.tail = Some(tail);
            match done {
                Ok(()) => (inner.durable, inner.syncs) = (next, inner.syncs + 1),
                Err(_) => inner.poisoned = true,
            }
            self.written.notify_all();
            if let Err(source) = done {
                return Err(Error::Io { step: "appending to", path, source });
            }
        }
    }

    fn write(&self, tail: &mut Tail, bytes: &[u8]) -> io::Result<()> {
        tail.file.write_all(bytes)?;
        #[cfg(test)]
        if let Some(pause) = &*self.pause.lock().unwrap_or_else(PoisonError::into_inner) {
            (pause.0)(&|| {
                let inner = self.inner();
                inner.next - inner.durable
            });
        }
        tail.file.sync_data()?;
        tail.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Begins the next segment and packs the full one. What can't be done is tried again: a segment may be longer, and packed later.
    fn rotate(&self, tail: &mut Tail) -> Option<u64> {
        let number = tail.number + 1;
        match segments::begin(&self.folder, number) {
            Ok((file, path)) => *tail = Tail { file, path, number, bytes: 0 },
            Err(error) => {
                crate::events::failed("beginning a journal segment", &error);
                return None;
            }
        }
        tidy(&self.folder, number - 1, false);
        Some(number)
    }
}

/// Packs a closed segment that is plain still, or takes the plain one away that was packed and compared.
fn tidy(folder: &Path, number: u64, packed: bool) {
    if packed {
        return;
    }
    if let Err(error) = segments::pack(folder, number, &mut |_| Ok(())) {
        crate::events::failed("packing a journal segment", &error);
    }
}

impl Inner {
    fn enqueue(&mut self, records: Vec<Record>) -> Result<Vec<Entry>, Error> {
        let at = Timestamp::now();
        let mut entries = Vec::with_capacity(records.len());
        let (mut bytes, mut link, mut seq) = (Vec::new(), self.link, self.next);
        let count = records.len();
        for (n, record) in records.into_iter().enumerate() {
            let mut entry = Entry { seq, at, crc: 0, record };
            (entry.crc, link) =
                frame::write(&entry, n + 1 < count, link, &mut bytes).map_err(Error::Encode)?;
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
        let mut inner = self.inner();
        if inner.poisoned { Err(self.poisoned()) } else { Ok(inner.standing.claim(key, by)) }
    }

    fn append(&self, epoch: Epoch, batch: Vec<Record>) -> Result<Vec<Entry>, Error> {
        lease(epoch)?;
        Journal::append(self, batch)
    }

    fn next_control(&self, epoch: Epoch, channel: &str) -> Result<(u64, Entry), Error> {
        lease(epoch)?;
        let mut inner = self.inner();
        if inner.poisoned {
            return Err(self.poisoned());
        }
        let number = inner.standing.next_control(channel);
        let mut taken = inner.enqueue(vec![Record::ControlTaken { channel: channel.to_owned(), number }])?;
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
        read::read(&self.folder, from, &mut |entry| {
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
