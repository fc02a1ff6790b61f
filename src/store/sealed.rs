//! An engine whose values are sealed: keys are left as they are, for they are looked up by.

use std::fmt::Debug;
use std::io;
use std::sync::Arc;

use super::engine::{Change, Each, Engine, Engines, Refusal};
use crate::seal::{Envelope, HEADER_LEN, Keyring, Label, rewrap_header, sealed_by};

/// Where the header of the key of all values is kept, plain.
const HEADER: &[u8] = b"meta/sealed";
const LABEL: Label<'_> = Label { kind: "index", id: "values", version: 0 };

/// Engines of another kind, sealed under keys of the site.
#[derive(Debug)]
pub struct Sealed {
    /// The other.
    pub engines: Box<dyn Engines>,
    /// The keys.
    pub keys: Arc<Keyring>,
}

#[derive(Debug)]
struct SealedEngine {
    inner: Box<dyn Engine>,
    envelope: Envelope,
}

impl Engines for Sealed {
    /// What lies there plain, or under a key that is gone, is refused: it is thrown away, and folded anew.
    fn open(&self) -> Result<Box<dyn Engine>, Refusal> {
        let inner = self.engines.open()?;
        let envelope = match inner.get(HEADER)? {
            Some(kept) => {
                let mut header: [u8; HEADER_LEN] =
                    kept.try_into().map_err(|_| "the header of the sealed index is damaged")?;
                if sealed_by(&header)? != self.keys.in_use() {
                    header = rewrap_header(&header, &self.keys, &LABEL)?;
                    inner.apply(vec![(HEADER.to_vec(), Some(header.to_vec()))])?;
                }
                Envelope::open(&self.keys, &LABEL, &header)?
            }
            None => {
                // Stops at the first.
                if inner.scan(b"", b"", &mut |_, _| Err("something lies there".into())).is_err() {
                    return Err("the index is plain, and is to be sealed".into());
                }
                let envelope = Envelope::create(&self.keys, &LABEL)?;
                inner.apply(vec![(HEADER.to_vec(), Some(envelope.header().to_vec()))])?;
                envelope
            }
        };
        Ok(Box::new(SealedEngine { inner, envelope }))
    }

    fn discard(&self) -> io::Result<()> {
        self.engines.discard()
    }
}

impl Engine for SealedEngine {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Refusal> {
        let value = self.inner.get(key)?;
        Ok(value.map(|value| self.envelope.open_record(0, key, &value)).transpose()?.map(|v| v.to_vec()))
    }

    fn scan(&self, prefix: &[u8], after: &[u8], each: &mut Each<'_>) -> Result<(), Refusal> {
        self.inner.scan(prefix, after, &mut |key, value| {
            if key == HEADER {
                return Ok(());
            }
            each(key, &self.envelope.open_record(0, key, value)?)
        })
    }

    /// Each under its key's name, all under one number: a value written again is another message under the same nonce, which tells who
    /// has both no more than whether they are the same.
    fn apply(&self, changes: Vec<Change>) -> Result<(), Refusal> {
        let seal = |(key, value): Change| -> Result<Change, Refusal> {
            let value = value.map(|value| self.envelope.seal_record(0, &key, &value)).transpose()?;
            Ok((key, value))
        };
        self.inner.apply(changes.into_iter().map(seal).collect::<Result<_, _>>()?)
    }

    fn flush(&self) -> Result<(), Refusal> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryEngine;

    fn keyring(names: &[&str]) -> Arc<Keyring> {
        let line = |name: &&str| format!("{name} {:0>62}{:02x}\n", "ab", name.len());
        Arc::new(Keyring::from_text(&names.iter().map(line).collect::<String>()).unwrap())
    }

    fn sealed(engine: &MemoryEngine, names: &[&str]) -> Sealed {
        Sealed { engines: Box::new(engine.clone()), keys: keyring(names) }
    }

    fn all(engine: &dyn Engine) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut found = Vec::new();
        let mut keep = |key: &[u8], value: &[u8]| {
            found.push((key.to_vec(), value.to_vec()));
            Ok(())
        };
        engine.scan(b"", b"", &mut keep).unwrap();
        found
    }

    #[test]
    fn values_come_back_under_their_keys_alone() {
        let memory = MemoryEngine::default();
        let put = |key: &[u8], value: &[u8]| vec![(key.to_vec(), Some(value.to_vec()))];
        let engine = sealed(&memory, &["a", "index"]).open().unwrap();
        engine.apply(put(b"claim/1", b"SMITH")).unwrap();
        engine.apply(put(b"claim/2", b"JONES")).unwrap();
        engine.apply(vec![(b"claim/2".to_vec(), None)]).unwrap();
        assert_eq!(engine.get(b"claim/1").unwrap().as_deref(), Some(b"SMITH".as_slice()));
        assert_eq!(all(&*engine), [(b"claim/1".to_vec(), b"SMITH".to_vec())]);
        let kept = memory.all();
        assert!(kept.values().all(|value| !value.windows(5).any(|w| w == b"SMITH")));
        // Under another key of the same index it is no value.
        memory.apply(put(b"claim/3", &kept[b"claim/1".as_slice()])).unwrap();
        assert!(engine.get(b"claim/3").is_err());
    }

    #[test]
    fn a_new_key_wraps_it_and_a_lost_one_or_none_refuses_it() {
        let memory = MemoryEngine::default();
        let engine = sealed(&memory, &["a", "index"]).open().unwrap();
        engine.apply(vec![(b"k".to_vec(), Some(b"v".to_vec()))]).unwrap();
        assert!(sealed(&memory, &["bb", "index"]).open().is_err());
        assert!(sealed(&memory, &["bb", "a", "index"]).open().is_ok());
        let engine = sealed(&memory, &["bb", "index"]).open().unwrap();
        assert_eq!(engine.get(b"k").unwrap().as_deref(), Some(b"v".as_slice()));
        let plain = MemoryEngine::default();
        plain.apply(vec![(b"k".to_vec(), Some(b"v".to_vec()))]).unwrap();
        assert!(sealed(&plain, &["a", "index"]).open().is_err());
    }
}
