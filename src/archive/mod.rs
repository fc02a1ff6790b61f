//! Files by the SHA-256 of their bytes: what was received, and the verdict lists the journal names. Sealed where the site has keys.

mod hashing;
mod out;
mod ring;
mod stored;
mod upkeep;

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use crate::scrub::Source as _;
use crate::seal::Keyring;
use crate::world::{self, Fs, ReadFile, World, is_there};

pub use hashing::{Hashing, digest, hash};
pub use stored::{FileSource, Stored};
pub use upkeep::{Kept, Outcome};

/// The archive folder.
#[derive(Clone, Debug)]
pub struct Archive {
    fs: Arc<dyn Fs>,
    folder: PathBuf,
    keys: Option<Arc<Keyring>>,
}

/// The file system refused a step.
#[derive(Debug, Error)]
#[error("{step} {path}")]
pub struct Error {
    /// What was tried.
    pub step: &'static str,
    /// The file.
    pub path: PathBuf,
    /// Why not.
    #[source]
    pub source: io::Error,
    /// True where a sync failed: what is on the disk is not known.
    pub unsynced: bool,
}

fn refused(step: &'static str, path: &Path, source: io::Error) -> Error {
    Error { step, path: path.to_owned(), source, unsynced: false }
}

fn unsynced(path: &Path, source: io::Error) -> Error {
    Error { step: "syncing", path: path.to_owned(), source, unsynced: true }
}

impl Archive {
    /// In this folder, made when it isn't there.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn open(world: &World, folder: PathBuf) -> Result<Archive, Error> {
        let (fs, keys) = (Arc::clone(&world.fs), world.keys.clone());
        world::make_folders(&*fs, &folder).map_err(|e| refused("making archive folder", &folder, e))?;
        Ok(Archive { fs, folder, keys })
    }

    /// Removes what writing that was cut short left.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn sweep(&self) -> Result<(), Error> {
        for listed in self.fs.list(&self.folder).map_err(|e| refused("reading", &self.folder, e))? {
            let name = listed.path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with('.') && name.ends_with(".tmp") {
                self.fs.remove(&listed.path).map_err(|e| refused("removing", &listed.path, e))?;
            }
        }
        Ok(())
    }

    /// Where a file of this hash lies plain, or would.
    fn plain(&self, sha256: &str) -> PathBuf {
        self.folder.join(sha256.get(..2).unwrap_or("xx")).join(sha256)
    }

    fn sealed(&self, sha256: &str) -> PathBuf {
        self.plain(sha256).with_extension(stored::SEALED)
    }

    /// Where a file of this hash lies.
    #[must_use]
    pub fn path(&self, sha256: &str) -> PathBuf {
        let sealed = self.sealed(sha256);
        match self.fs.look(&sealed) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => self.plain(sha256),
            _ => sealed,
        }
    }

    /// True when it lies here, plain or sealed.
    ///
    /// # Errors
    /// When that can't be told.
    pub fn has(&self, sha256: &str) -> io::Result<bool> {
        // In this order: the plain one goes when the sealed one is there.
        Ok(is_there(&*self.fs, &self.plain(sha256))? || is_there(&*self.fs, &self.sealed(sha256))?)
    }

    /// True when its bytes are what its name says. A key that is missing is an error: it tells nothing of them.
    ///
    /// # Errors
    /// When they can't be read.
    pub fn is_sound(&self, sha256: &str) -> io::Result<bool> {
        match hash(&self.source(sha256)) {
            Err(e) if e.kind() == io::ErrorKind::InvalidData => Ok(false),
            found => Ok(found?.0 == sha256),
        }
    }

    /// The archived file as a source.
    #[must_use]
    pub fn source(&self, sha256: &str) -> Stored {
        Stored::archived(Arc::clone(&self.fs), self.path(sha256), sha256, self.keys.clone())
    }

    /// Removes bytes nobody needs any more; it may be said again.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn remove(&self, sha256: &str) -> Result<(), Error> {
        for path in [self.plain(sha256), self.sealed(sha256)] {
            match self.fs.remove(&path) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(refused("removing", &path, e)),
                _ => {}
            }
        }
        Ok(())
    }

    /// An archived file, to be read.
    ///
    /// # Errors
    /// When it can't be opened.
    pub fn file(&self, sha256: &str) -> io::Result<Box<dyn ReadFile>> {
        self.source(sha256).file()
    }

    /// The bytes of a small file.
    ///
    /// # Errors
    /// When it can't be read, or they are not what its name says.
    pub fn read(&self, sha256: &str) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.source(sha256).open()?.read_to_end(&mut bytes)?;
        if digest(bytes.as_slice())?.0 == sha256 {
            Ok(bytes)
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidData, "the archived bytes are damaged"))
        }
    }

    /// What stands for an id of a claim in keys of the index: its keyed hash where there are keys.
    #[must_use]
    pub fn in_index(&self, claim: &str) -> String {
        let Some(keys) = &self.keys else { return claim.to_owned() };
        let hash = keys.keyed_hash("claim", claim.as_bytes());
        hash.iter().take(16).map(|b| format!("{b:02x}")).collect()
    }

    /// Stores what `write` writes; returns its hash. Durable, and read back, when it returns.
    ///
    /// # Errors
    /// When the file system refuses, or what it says it wrote isn't there.
    pub fn put(
        &self,
        name: &str,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<String, Error> {
        let temporary = self.folder.join(format!(".{name}.tmp"));
        let file = self.fs.create(&temporary).map_err(|e| refused("creating", &temporary, e))?;
        let failed = |e| refused("writing", &temporary, e);
        let mut hashing = Hashing::new(out::Out::new(file, self.keys.as_deref()).map_err(failed)?);
        write(&mut hashing).map_err(failed)?;
        let (out, sha256, _) = hashing.finish();
        let file = out.finish(&sha256).map_err(failed)?;
        let target = if self.keys.is_some() { self.sealed(&sha256) } else { self.plain(&sha256) };
        self.take_over(file, &temporary, (&sha256, &target))?;
        Ok(sha256)
    }

    /// Gives a written file its name, once it is durable and reads as it should: a write that lied is found before anything names it. A
    /// file already there gives way: what is in it is the same.
    fn take_over(
        &self,
        mut file: Box<dyn world::WriteFile>,
        temporary: &Path,
        (sha256, target): (&str, &Path),
    ) -> Result<(), Error> {
        file.sync().map_err(|e| unsynced(temporary, e))?;
        drop(file);
        let opened = self.fs.open(temporary).and_then(|file| match stored::is_sealed(target) {
            true => stored::open_sealed(file, sha256, self.keys.as_deref()),
            false => Ok(file),
        });
        let found = opened.and_then(digest).map_err(|e| refused("reading back", temporary, e))?.0;
        if found != sha256 {
            let lied = io::Error::new(io::ErrorKind::InvalidData, "what was written isn't there");
            return Err(refused("reading back", temporary, lied));
        }
        let folder = target.parent().unwrap_or(&self.folder);
        world::make_folders(&*self.fs, folder).map_err(|e| refused("making the folder of", target, e))?;
        self.fs.rename(temporary, target).map_err(|e| refused("archiving as", target, e))?;
        self.fs.sync_folder(folder).map_err(|e| unsynced(folder, e))
    }

    /// Makes sure of a file that was there already: whoever put it there may have died before it was durable.
    ///
    /// # Errors
    /// When it can't be synced.
    pub fn ensure(&self, sha256: &str) -> Result<(), Error> {
        let target = self.path(sha256);
        let folder = target.parent().unwrap_or(&self.folder);
        self.fs.sync_file(&target).map_err(|e| unsynced(&target, e))?;
        self.fs.sync_folder(folder).map_err(|e| unsynced(folder, e))
    }
}
