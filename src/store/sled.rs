//! sled as the engine, under guard: it panics on some damage, stops for good on other, and its `flush` alone doesn't reach the device.

use std::fs::{self, File};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::engine::{Change, Each, Engine, Engines, Refusal};

/// How long opening may take before it is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder of sled's.
#[derive(Clone, Debug)]
pub struct SledFolder {
    /// Where it lies.
    pub path: PathBuf,
    /// Bytes of its pages that are kept in memory; what it holds besides comes to about as much again.
    pub cache: u64,
}

#[derive(Debug)]
struct Sled {
    db: sled::Db,
    path: PathBuf,
}

/// A panic of sled's is a refusal as any other.
fn guarded<T>(work: impl FnOnce() -> Result<T, sled::Error>) -> Result<T, Refusal> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => done.map_err(Refusal::from),
        Err(_) => Err("the index panicked".into()),
    }
}

impl Engines for SledFolder {
    fn open(&self) -> Result<Box<dyn Engine>, Refusal> {
        remove_half_snapshots(&self.path);
        let (told, opened) = mpsc::channel();
        let (path, cache) = (self.path.clone(), self.cache);
        // A thread of its own: one that never comes back is left behind.
        thread::Builder::new().name("index-open".to_owned()).spawn(move || {
            let config = sled::Config::new().path(&path).cache_capacity(cache);
            let _nobody_waits = told.send(guarded(|| config.flush_every_ms(Some(500)).open()));
        })?;
        match opened.recv_timeout(PATIENCE) {
            Ok(db) => Ok(Box::new(Sled { db: db?, path: self.path.clone() })),
            Err(_) => Err(format!("opening took longer than {} s", PATIENCE.as_secs()).into()),
        }
    }

    fn discard(&self) -> io::Result<()> {
        let aside = |n: u32| self.path.with_extension(format!("bad-{n}"));
        // What a thread that hangs has open must not be mixed with what is made anew.
        let mut n = 0;
        loop {
            match fs::rename(&self.path, aside(n)) {
                Ok(()) => break,
                Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
                Err(e) if n > 100 => return Err(e),
                Err(_) => n += 1,
            }
        }
        (0..=n).map(aside).try_for_each(|path| match fs::remove_dir_all(path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        })
    }
}

impl Engine for Sled {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Refusal> {
        guarded(|| Ok(self.db.get(key)?.map(|v| v.to_vec())))
    }

    fn scan(&self, prefix: &[u8], after: &[u8], each: &mut Each<'_>) -> Result<(), Refusal> {
        let mut pairs = self.db.range(prefix.max(after).to_vec()..);
        while let Some((key, value)) = guarded(|| pairs.next().transpose())? {
            if !key.starts_with(prefix) {
                break;
            }
            if *key > *after || after.is_empty() {
                each(&key, &value)?;
            }
        }
        Ok(())
    }

    fn apply(&self, changes: Vec<Change>) -> Result<(), Refusal> {
        let mut batch = sled::Batch::default();
        for (key, value) in changes {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        guarded(|| self.db.apply_batch(batch))
    }

    fn flush(&self) -> Result<(), Refusal> {
        guarded(|| self.db.flush())?;
        let file = self.path.join("db");
        if file.exists() {
            File::open(file)?.sync_all()?;
        }
        Ok(())
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
