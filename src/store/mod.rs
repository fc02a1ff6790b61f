//! sled as a view of the journal: one tree of prefixed keys, versioned values, and the place in the journal it has
//! been folded up to. It may be deleted at any time; it is rebuilt from the journal and the archive.

use std::fs::{self, File};
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::journal::Entry;

/// Version byte before every value.
const VERSION: u8 = 1;
const APPLIED: &[u8] = b"meta/applied";
/// What folded it.
const MAKER: &[u8] = b"meta/maker";

/// Why the view can't be used.
#[derive(Debug, Error)]
pub enum Error {
    /// sled refused.
    #[error("{step} the index in {path}")]
    Sled {
        /// What was tried.
        step: &'static str,
        /// Its folder.
        path: PathBuf,
        /// Why not.
        #[source]
        source: sled::Error,
    },
    /// The file system refused.
    #[error("{step} the index in {path}")]
    Io {
        /// What was tried.
        step: &'static str,
        /// Its folder.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// A stored value doesn't decode.
    #[error("a value in the index doesn't decode")]
    Value,
    /// The records can't be read.
    #[error("reading the journal for the index")]
    Replay(#[source] crate::journal::Error),
    /// A view couldn't be folded.
    #[error("folding journal record {seq} into the index")]
    Fold {
        /// Which record.
        seq: u64,
        /// Why not.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// A fold over the journal that writes into the store.
pub trait View: Send + Sync {
    /// Adds to `batch` what a record means to it.
    ///
    /// # Errors
    /// When what the record names can't be read.
    fn fold(
        &self,
        entry: &Entry,
        store: &Store,
        batch: &mut Batch,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;
}

/// The records a view is folded from.
pub trait Replay {
    /// Checksum of a record, if there is one of this number.
    fn crc(&self, seq: u64) -> Option<u32>;

    /// Gives each record after this number to `each`.
    ///
    /// # Errors
    /// When they can't be read, or `each` fails.
    fn after(&self, seq: u64, each: &mut dyn FnMut(&Entry) -> Result<(), Error>) -> Result<(), Error>;
}

impl Replay for [Entry] {
    fn crc(&self, seq: u64) -> Option<u32> {
        usize::try_from(seq).ok().and_then(|n| self.get(n.checked_sub(1)?)).map(|e| e.crc)
    }

    fn after(&self, seq: u64, each: &mut dyn FnMut(&Entry) -> Result<(), Error>) -> Result<(), Error> {
        let from = usize::try_from(seq).unwrap_or(usize::MAX);
        self.get(from..).unwrap_or_default().iter().try_for_each(each)
    }
}

/// Changes that become visible together.
#[derive(Debug, Default)]
pub struct Batch(sled::Batch);

impl Batch {
    /// Removes a key.
    pub fn remove(&mut self, key: &str) {
        self.0.remove(key.as_bytes());
    }

    /// Sets a key.
    ///
    /// # Errors
    /// When the value can't be encoded.
    pub fn put(&mut self, key: &str, value: &impl Serialize) -> Result<(), serde_json::Error> {
        let mut bytes = vec![VERSION];
        serde_json::to_writer(&mut bytes, value)?;
        self.0.insert(key.as_bytes(), bytes);
        Ok(())
    }
}

/// The view, open.
#[derive(Clone, Debug)]
pub struct Store {
    db: sled::Db,
    path: PathBuf,
}

impl Store {
    /// Opens the view in `path` and folds into it what it lacks of `entries`. A view that doesn't open, or that has
    /// seen another journal, or that another `maker` folded, is thrown away and folded anew.
    ///
    /// # Errors
    /// When even a new one can't be used, or a record can't be folded.
    pub fn open<R: Replay + ?Sized>(
        path: &Path,
        entries: &R,
        views: &[&dyn View],
        maker: &str,
    ) -> Result<Store, Error> {
        let store = match Store::open_at(path, entries, maker) {
            Some(store) => store,
            None => {
                discard(path)?;
                let db =
                    db(path).map_err(|source| Error::Sled { step: "opening", path: path.into(), source })?;
                let refused = |source| Error::Sled { step: "writing", path: path.to_owned(), source };
                db.insert(MAKER, maker.as_bytes()).map_err(refused)?;
                Store { db, path: path.to_owned() }
            }
        };
        entries.after(store.applied().map_or(0, |a| a.0), &mut |entry| store.fold(entry, views))?;
        store.checkpoint()?;
        Ok(store)
    }

    /// The view as it lies there, when it opens and is a view of this journal.
    fn open_at<R: Replay + ?Sized>(path: &Path, entries: &R, maker: &str) -> Option<Store> {
        remove_half_snapshots(path);
        // sled panics on some damage; that is a broken view, not a broken program.
        let db = panic::catch_unwind(AssertUnwindSafe(|| db(path))).ok()?.ok()?;
        let store = Store { db, path: path.to_owned() };
        // What another program or dictionary folded is not what this one would.
        if store.db.get(MAKER).ok()?.as_deref() != Some(maker.as_bytes()) {
            return None;
        }
        let Some((seq, crc)) = store.applied() else { return Some(store) };
        (entries.crc(seq) == Some(crc)).then_some(store)
    }

    /// Folds one record, all views and the new place in one batch.
    ///
    /// # Errors
    /// When a view can't, or sled refuses.
    pub fn fold(&self, entry: &Entry, views: &[&dyn View]) -> Result<(), Error> {
        let mut batch = Batch::default();
        let failed = |source| Error::Fold { seq: entry.seq, source };
        for view in views {
            view.fold(entry, self, &mut batch).map_err(failed)?;
        }
        batch.0.insert(APPLIED, format!("{} {}", entry.seq, entry.crc).into_bytes());
        self.db.apply_batch(batch.0).map_err(|source| Error::Sled {
            step: "writing",
            path: self.path.clone(),
            source,
        })
    }

    /// Makes what was folded durable. The journal is the durability point; this only shortens the next start.
    ///
    /// # Errors
    /// When sled or the file system refuses.
    pub fn checkpoint(&self) -> Result<(), Error> {
        self.db.flush().map_err(|source| Error::Sled {
            step: "flushing",
            path: self.path.clone(),
            source,
        })?;
        // flush() of this sled version doesn't reach the device by itself.
        let file = self.path.join("db");
        let synced = if file.exists() { File::open(file).and_then(|f| f.sync_all()) } else { Ok(()) };
        synced.map_err(|source| Error::Io { step: "syncing", path: self.path.clone(), source })
    }

    /// Sequence number and checksum of the last record folded.
    #[must_use]
    pub fn applied(&self) -> Option<(u64, u32)> {
        let value = self.db.get(APPLIED).ok()??;
        let (seq, crc) = std::str::from_utf8(&value).ok()?.split_once(' ')?;
        Some((seq.parse().ok()?, crc.parse().ok()?))
    }

    /// One value.
    ///
    /// # Errors
    /// When sled refuses or it doesn't decode.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        let value = self.db.get(key).map_err(|source| Error::Sled {
            step: "reading",
            path: self.path.clone(),
            source,
        })?;
        value.map(|v| decode(&v)).transpose()
    }

    /// Every value whose key starts with `prefix`, in key order, given to `each`.
    ///
    /// # Errors
    /// When sled refuses or one doesn't decode.
    pub fn scan<T: DeserializeOwned>(
        &self,
        prefix: &str,
        each: &mut dyn FnMut(&str, T),
    ) -> Result<(), Error> {
        for pair in self.db.scan_prefix(prefix) {
            let (key, value) =
                pair.map_err(|source| Error::Sled { step: "reading", path: self.path.clone(), source })?;
            each(std::str::from_utf8(&key).unwrap_or_default(), decode(&value)?);
        }
        Ok(())
    }
}

fn decode<T: DeserializeOwned>(value: &[u8]) -> Result<T, Error> {
    match value.split_first() {
        Some((&VERSION, body)) => serde_json::from_slice(body).map_err(|_| Error::Value),
        _ => Err(Error::Value),
    }
}

fn db(path: &Path) -> Result<sled::Db, sled::Error> {
    sled::Config::new().path(path).cache_capacity(64 * 1024 * 1024).flush_every_ms(Some(500)).open()
}

fn discard(path: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::Io { step: "discarding", path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

/// A snapshot that was being written at a crash stops this sled version from opening; the one before it is whole.
fn remove_half_snapshots(path: &Path) {
    let Ok(entries) = fs::read_dir(path) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            let _removed = fs::remove_file(entry.path());
        }
    }
}
