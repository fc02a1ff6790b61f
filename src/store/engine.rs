//! What keys and values are kept in. It may forget everything; it may not keep half a batch.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Why an engine refused.
pub type Refusal = Box<dyn std::error::Error + Send + Sync>;

/// A key, and its value or that it goes.
pub type Change = (Vec<u8>, Option<Vec<u8>>);

/// Who takes a key and its value; an error ends the scan.
pub type Each<'a> = dyn FnMut(&[u8], &[u8]) -> Result<(), Refusal> + 'a;

/// Ordered keys and values.
#[allow(clippy::missing_errors_doc)]
pub trait Engine: Send + Sync + Debug {
    /// The value of a key.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Refusal>;

    /// Every key that starts with `prefix` and comes behind `after`, in order, with its value; `each` says when to stop.
    fn scan(&self, prefix: &[u8], after: &[u8], each: &mut Each<'_>) -> Result<(), Refusal>;

    /// All changes, or none.
    fn apply(&self, changes: Vec<Change>) -> Result<(), Refusal>;

    /// Makes all that was applied durable.
    fn flush(&self) -> Result<(), Refusal>;
}

/// Opens an engine, and throws away what can't be opened.
#[allow(clippy::missing_errors_doc)]
pub trait Engines: Send + Sync + Debug {
    /// Opens what lies there, or an empty one.
    fn open(&self) -> Result<Box<dyn Engine>, Refusal>;

    /// Throws away what lies there. What another thread still has open is put aside.
    fn discard(&self) -> io::Result<()>;
}

/// In memory: what a simulation, and a comparison of two foldings, uses. Clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct MemoryEngine(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    now: BTreeMap<Vec<u8>, Vec<u8>>,
    flushed: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl MemoryEngine {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what was not flushed.
    pub fn crash(&self) {
        let mut kept = self.kept();
        kept.now = kept.flushed.clone();
    }

    /// Everything in it.
    #[must_use]
    pub fn all(&self) -> BTreeMap<Vec<u8>, Vec<u8>> {
        self.kept().now.clone()
    }
}

impl Engine for MemoryEngine {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Refusal> {
        Ok(self.kept().now.get(key).cloned())
    }

    fn scan(&self, prefix: &[u8], after: &[u8], each: &mut Each<'_>) -> Result<(), Refusal> {
        let found: Vec<(Vec<u8>, Vec<u8>)> = self
            .kept()
            .now
            .range(prefix.max(after).to_vec()..)
            .filter(|(key, _)| key.as_slice() > after || after.is_empty())
            .take_while(|(key, _)| key.starts_with(prefix))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        found.iter().try_for_each(|(key, value)| each(key, value))
    }

    fn apply(&self, changes: Vec<Change>) -> Result<(), Refusal> {
        let mut kept = self.kept();
        for (key, value) in changes {
            match value {
                Some(value) => kept.now.insert(key, value),
                None => kept.now.remove(&key),
            };
        }
        Ok(())
    }

    fn flush(&self) -> Result<(), Refusal> {
        let mut kept = self.kept();
        kept.flushed = kept.now.clone();
        Ok(())
    }
}

impl Engines for MemoryEngine {
    fn open(&self) -> Result<Box<dyn Engine>, Refusal> {
        Ok(Box::new(self.clone()))
    }

    fn discard(&self) -> io::Result<()> {
        *self.kept() = Kept::default();
        Ok(())
    }
}
