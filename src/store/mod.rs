//! A view of the journal: prefixed keys, versioned values, and the place in the journal it has been folded up to. It may be deleted
//! at any time; it is folded anew from the journal and the archive.

mod engine;
mod sealed;
mod sled;

use std::sync::atomic::{AtomicU64, Ordering};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use self::engine::{Change, Engine, Engines, MemoryEngine, Refusal};
pub use self::sealed::Sealed;
pub use self::sled::SledFolder;
use crate::journal::Entry;

/// Version byte before every value.
const VERSION: u8 = 1;
/// The same before every value that is packed.
const PACKED: u8 = 2;
const APPLIED: &[u8] = b"meta/applied";
/// What folded it.
const MAKER: &[u8] = b"meta/maker";

/// Why the view can't be used.
#[derive(Debug, Error)]
pub enum Error {
    /// The engine refused.
    #[error("{step} the index")]
    Engine {
        /// What was tried.
        step: &'static str,
        /// Why not.
        #[source]
        source: Refusal,
    },
    /// A stored value doesn't decode.
    #[error("a value in the index doesn't decode")]
    Value,
    /// A record came out of turn.
    #[error("record {got} was to be folded into the index behind {applied}")]
    Gap {
        /// Its number.
        got: u64,
        /// The last one folded.
        applied: u64,
    },
    /// A view couldn't be folded.
    #[error("folding journal record {seq} into the index")]
    Fold {
        /// Which record.
        seq: u64,
        /// Why not.
        #[source]
        source: Refusal,
    },
}

impl Error {
    /// True where it is the engine that failed, so that folding anew may help; false where what a record names can't be read.
    #[must_use]
    pub fn is_of_the_engine(&self) -> bool {
        match self {
            Error::Engine { .. } | Error::Value | Error::Gap { .. } => true,
            Error::Fold { source, .. } => source.downcast_ref::<Error>().is_some_and(Error::is_of_the_engine),
        }
    }
}

/// A fold over the journal that writes into the store.
pub trait View: Send + Sync {
    /// Asked before anything is folded: false where what is kept was folded by other tables than this view's, and is to be thrown away.
    ///
    /// # Errors
    /// When the store can't be read or written.
    fn prepare(&self, _store: &Store) -> Result<bool, Refusal> {
        Ok(true)
    }

    /// Adds to `batch` what a record means to it.
    ///
    /// # Errors
    /// When what the record names can't be read.
    fn fold(&self, entry: &Entry, store: &Store, batch: &mut Batch) -> Result<(), Refusal>;
}

/// Changes that become visible together.
#[derive(Debug, Default)]
pub struct Batch(Vec<Change>);

impl Batch {
    /// Removes a key.
    pub fn remove(&mut self, key: &str) {
        self.0.push((key.as_bytes().to_vec(), None));
    }

    /// Sets a key.
    ///
    /// # Errors
    /// When the value can't be encoded.
    pub fn put(&mut self, key: &str, value: &impl Serialize) -> Result<(), serde_json::Error> {
        let mut bytes = vec![VERSION];
        serde_json::to_writer(&mut bytes, value)?;
        self.0.push((key.as_bytes().to_vec(), Some(bytes)));
        Ok(())
    }
}

impl Batch {
    /// Sets a key to a value without the names of its fields, for what there are many of.
    ///
    /// # Errors
    /// When the value can't be encoded.
    pub fn put_packed(&mut self, key: &str, value: &impl Serialize) -> Result<(), Error> {
        let bytes = postcard::to_extend(value, vec![PACKED]).map_err(|_| Error::Value)?;
        self.0.push((key.as_bytes().to_vec(), Some(bytes)));
        Ok(())
    }
}

/// The view, open.
#[derive(Debug)]
pub struct Store {
    engine: Box<dyn Engine>,
    /// Number of the last record folded.
    applied: AtomicU64,
}

fn refused(step: &'static str) -> impl Fn(Refusal) -> Error {
    move |source| Error::Engine { step, source }
}

impl Store {
    /// A view that an engine holds. None where another `maker` folded it: what another program or dictionary folded is not what this one
    /// would; or where it has seen a record that is not the journal's, by number and checksum.
    ///
    /// # Errors
    /// When the engine refuses.
    pub fn open(
        engine: Box<dyn Engine>,
        maker: &str,
        is_ours: &dyn Fn(u64, u32) -> bool,
    ) -> Result<Option<Store>, Error> {
        let store = Store { engine, applied: AtomicU64::new(0) };
        match store.engine.get(MAKER).map_err(refused("reading"))? {
            None if store.is_empty()? => {
                let made = vec![(MAKER.to_vec(), Some(maker.as_bytes().to_vec()))];
                store.engine.apply(made).map_err(refused("writing"))?;
                return Ok(Some(store));
            }
            Some(by) if by == maker.as_bytes() => {}
            _ => return Ok(None),
        }
        let Some((seq, crc)) = store.read_applied()? else { return Ok(Some(store)) };
        store.applied.store(seq, Ordering::Release);
        Ok(is_ours(seq, crc).then_some(store))
    }

    fn is_empty(&self) -> Result<bool, Error> {
        let mut empty = true;
        self.engine
            .scan(b"", b"", &mut |_, _| {
                empty = false;
                Ok(())
            })
            .map_err(refused("reading"))?;
        Ok(empty)
    }

    /// Folds one record, all views and the new place in one batch. One that was folded before is passed over.
    ///
    /// # Errors
    /// When a view can't, the engine refuses, or the record before it was not folded.
    pub fn fold(&self, entry: &Entry, views: &[&dyn View]) -> Result<(), Error> {
        let applied = self.applied();
        if entry.seq <= applied {
            return Ok(());
        }
        if entry.seq != applied + 1 {
            return Err(Error::Gap { got: entry.seq, applied });
        }
        let mut batch = Batch::default();
        let failed = |source| Error::Fold { seq: entry.seq, source };
        for view in views {
            view.fold(entry, self, &mut batch).map_err(failed)?;
        }
        batch.0.push((APPLIED.to_vec(), Some(format!("{} {}", entry.seq, entry.crc).into_bytes())));
        self.engine.apply(batch.0).map_err(refused("writing"))?;
        self.applied.store(entry.seq, Ordering::Release);
        Ok(())
    }

    /// Makes what was folded durable. The journal is the durability point; this only shortens the next start.
    ///
    /// # Errors
    /// When the engine refuses.
    pub fn checkpoint(&self) -> Result<(), Error> {
        self.engine.flush().map_err(refused("flushing"))
    }

    /// Number of the last record folded; 0 before the first.
    #[must_use]
    pub fn applied(&self) -> u64 {
        self.applied.load(Ordering::Acquire)
    }

    fn read_applied(&self) -> Result<Option<(u64, u32)>, Error> {
        let Some(value) = self.engine.get(APPLIED).map_err(refused("reading"))? else { return Ok(None) };
        let text = std::str::from_utf8(&value).ok().and_then(|t| t.split_once(' '));
        let read = text.and_then(|(seq, crc)| Some((seq.parse().ok()?, crc.parse().ok()?)));
        read.map(Some).ok_or(Error::Value)
    }

    /// One value.
    ///
    /// # Errors
    /// When the engine refuses or it doesn't decode.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        let value = self.engine.get(key.as_bytes()).map_err(refused("reading"))?;
        value.map(|v| decode(&v)).transpose()
    }

    /// Every value whose key starts with `prefix`, in key order, given to `each`.
    ///
    /// # Errors
    /// When the engine refuses or one doesn't decode.
    pub fn scan<T: DeserializeOwned>(
        &self,
        prefix: &str,
        each: &mut dyn FnMut(&str, T),
    ) -> Result<(), Error> {
        let done = self.engine.scan(prefix.as_bytes(), b"", &mut |key, value| {
            each(std::str::from_utf8(key).unwrap_or_default(), decode(value)?);
            Ok(())
        });
        done.map_err(|source| match source.downcast::<Error>() {
            Ok(ours) => *ours,
            Err(source) => refused("reading")(source),
        })
    }

    /// One packed value.
    ///
    /// # Errors
    /// When the engine refuses or it doesn't decode.
    pub fn get_packed<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        let value = self.engine.get(key.as_bytes()).map_err(refused("reading"))?;
        value.map(|v| unpack(&v)).transpose()
    }

    /// Every packed value whose key starts with `prefix` and comes behind `after`, in key order, given to `each`; false ends it.
    ///
    /// # Errors
    /// When the engine refuses or one doesn't decode.
    pub fn scan_packed<T: DeserializeOwned>(
        &self,
        prefix: &str,
        after: &str,
        each: &mut dyn FnMut(&str, T) -> bool,
    ) -> Result<(), Error> {
        let mut ended = false;
        let done = self.engine.scan(prefix.as_bytes(), after.as_bytes(), &mut |key, value| {
            if each(std::str::from_utf8(key).unwrap_or_default(), unpack(value)?) {
                return Ok(());
            }
            ended = true;
            Err("that is enough".into())
        });
        match done {
            Err(_) if ended => Ok(()),
            done => done.map_err(|source| match source.downcast::<Error>() {
                Ok(ours) => *ours,
                Err(source) => refused("reading")(source),
            }),
        }
    }

    /// The bytes of every packed value whose key starts with `prefix`, in key order: for [`unpack`] into something that borrows from them.
    ///
    /// # Errors
    /// When the engine refuses or `each` does.
    pub fn scan_borrowed(
        &self,
        prefix: &str,
        each: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let done = self.engine.scan(prefix.as_bytes(), b"", &mut |_, value| Ok(each(value)?));
        done.map_err(|source| match source.downcast::<Error>() {
            Ok(ours) => *ours,
            Err(source) => refused("reading")(source),
        })
    }

    /// Writes a part of what a record means before the rest of it: only what comes to the same when it is folded again.
    ///
    /// # Errors
    /// When the engine refuses.
    pub fn write_ahead(&self, batch: &mut Batch) -> Result<(), Refusal> {
        let changes = std::mem::take(&mut batch.0);
        if changes.is_empty() {
            return Ok(());
        }
        self.engine.apply(changes).map_err(|source| Error::Engine { step: "writing", source }.into())
    }

    /// Every key and value as they are kept, to compare two foldings.
    ///
    /// # Errors
    /// When the engine refuses.
    pub fn raw(&self, each: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), Error> {
        let mut give = |key: &[u8], value: &[u8]| {
            each(key, value);
            Ok(())
        };
        self.engine.scan(b"", b"", &mut give).map_err(refused("reading"))
    }
}

/// A packed value.
///
/// # Errors
/// When it doesn't decode.
pub fn unpack<'v, T: Deserialize<'v>>(value: &'v [u8]) -> Result<T, Error> {
    match value.split_first() {
        Some((&PACKED, body)) => postcard::from_bytes(body).map_err(|_| Error::Value),
        _ => Err(Error::Value),
    }
}

fn decode<T: DeserializeOwned>(value: &[u8]) -> Result<T, Error> {
    match value.split_first() {
        Some((&VERSION, body)) => serde_json::from_slice(body).map_err(|_| Error::Value),
        _ => Err(Error::Value),
    }
}
