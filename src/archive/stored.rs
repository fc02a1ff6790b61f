//! Files as sources: those of a world, plain or sealed, and those somebody named.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::scrub::Source;
use crate::seal::{self, Keyring, Label};
use crate::world::{Fs, ReadFile};

/// What the name of a sealed file ends with. Its bytes don't tell: a sender can write any.
pub(super) const SEALED: &str = "sealed";

/// What a file of the archive is sealed as.
pub(super) fn label(sha256: &str) -> Label<'_> {
    Label { kind: "archive", id: sha256, version: 0 }
}

pub(super) fn is_sealed(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == SEALED)
}

/// A file of a world, in our hands.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Where it is read.
    pub fs: Arc<dyn Fs>,
    /// Its place.
    pub path: PathBuf,
    /// Of one in the archive: its name and what opens it.
    archived: Option<(String, Option<Arc<Keyring>>)>,
}

impl Stored {
    /// A plain file.
    #[must_use]
    pub fn plain(fs: Arc<dyn Fs>, path: PathBuf) -> Stored {
        Stored { fs, path, archived: None }
    }

    pub(super) fn archived(
        fs: Arc<dyn Fs>,
        path: PathBuf,
        sha256: &str,
        keys: Option<Arc<Keyring>>,
    ) -> Stored {
        Stored { fs, path, archived: Some((sha256.to_owned(), keys)) }
    }

    /// Opens it to read what was put in.
    ///
    /// # Errors
    /// When it can't be opened; `PermissionDenied` where its key is missing, `InvalidData` where it isn't what was sealed.
    pub fn file(&self) -> io::Result<Box<dyn ReadFile>> {
        let Some((sha256, keys)) = &self.archived else { return self.fs.open(&self.path) };
        if !is_sealed(&self.path) {
            match self.fs.open(&self.path) {
                // Sealed since it was looked for, maybe.
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                opened => return opened,
            }
        }
        let file = self.fs.open(&self.path.with_extension(SEALED))?;
        open_sealed(file, sha256, keys.as_deref())
    }

    /// How many bytes were put in.
    ///
    /// # Errors
    /// When that can't be told.
    pub fn size(&self) -> io::Result<u64> {
        let size = self.fs.look(&self.path)?.size;
        if self.archived.is_some() && is_sealed(&self.path) {
            return seal::plain_len(size).ok_or_else(|| seal::Error::CutOff.into());
        }
        Ok(size)
    }
}

/// What is in a sealed file.
pub(super) fn open_sealed(
    file: Box<dyn ReadFile>,
    sha256: &str,
    keys: Option<&Keyring>,
) -> io::Result<Box<dyn ReadFile>> {
    let keys = keys.ok_or_else(|| no_keys("it is sealed"))?;
    Ok(Box::new(seal::Reader::open(file, keys, &label(sha256))?))
}

/// A missing key is no damage: what it opens may be whole.
pub(super) fn no_keys(what: &str) -> io::Error {
    let said = format!(
        "{what}, and there is no keyring: the configuration names it (state.keys; --config for commands)"
    );
    io::Error::new(io::ErrorKind::PermissionDenied, said)
}

impl Source for Stored {
    fn open(&self) -> io::Result<Box<dyn Read + Send + '_>> {
        self.open_at(0)
    }

    fn open_at(&self, offset: u64) -> io::Result<Box<dyn Read + Send + '_>> {
        let mut file = self.file()?;
        if offset > 0 {
            file.seek(SeekFrom::Start(offset))?;
        }
        Ok(Box::new(file))
    }
}

/// A file somebody named on the command line.
#[derive(Clone, Debug)]
pub struct FileSource(pub PathBuf);

impl Source for FileSource {
    fn open(&self) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(File::open(&self.0)?))
    }

    fn open_at(&self, offset: u64) -> io::Result<Box<dyn Read + Send + '_>> {
        let mut file = File::open(&self.0)?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(Box::new(file))
    }
}
