//! Files by the SHA-256 of their bytes: what was received, and the verdict lists the journal names.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::scrub::Source;
use crate::world::{self, Fs, ReadFile};

/// The archive folder.
#[derive(Clone, Debug)]
pub struct Archive {
    fs: Arc<dyn Fs>,
    folder: PathBuf,
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

/// A file of a world, in our hands.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Where it is read.
    pub fs: Arc<dyn Fs>,
    /// Its place.
    pub path: PathBuf,
}

impl Source for Stored {
    fn open(&self) -> io::Result<Box<dyn Read + Send + '_>> {
        self.open_at(0)
    }

    fn open_at(&self, offset: u64) -> io::Result<Box<dyn Read + Send + '_>> {
        let mut file = self.fs.open(&self.path)?;
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

/// Passes bytes on and hashes them.
pub struct Hashing<T> {
    inner: T,
    digest: Sha256,
    bytes: u64,
}

impl<T> Hashing<T> {
    /// Around a reader or writer.
    pub fn new(inner: T) -> Hashing<T> {
        Hashing { inner, digest: Sha256::new(), bytes: 0 }
    }

    /// What is inside, the hex SHA-256, and how many bytes went through.
    pub fn finish(self) -> (T, String, u64) {
        let hex = self.digest.finalize().iter().map(|b| format!("{b:02x}")).collect();
        (self.inner, hex, self.bytes)
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(bytes)?;
        self.digest.update(bytes.get(..n).unwrap_or_default());
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.digest.update(buffer.get(..n).unwrap_or_default());
        self.bytes += n as u64;
        Ok(n)
    }
}

/// Hex SHA-256 and length of a source.
///
/// # Errors
/// When it can't be read.
pub fn hash(source: &impl Source) -> io::Result<(String, u64)> {
    let mut reader = Hashing::new(source.open()?);
    let mut buffer = vec![0; 64 * 1024];
    while reader.read(&mut buffer)? > 0 {}
    let (_, hex, bytes) = reader.finish();
    Ok((hex, bytes))
}

impl Archive {
    /// In this folder, made when it isn't there.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn open(fs: Arc<dyn Fs>, folder: PathBuf) -> Result<Archive, Error> {
        world::make_folders(&*fs, &folder).map_err(|e| refused("making archive folder", &folder, e))?;
        Ok(Archive { fs, folder })
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

    /// Where a file of this hash lies.
    #[must_use]
    pub fn path(&self, sha256: &str) -> PathBuf {
        self.folder.join(sha256.get(..2).unwrap_or("xx")).join(sha256)
    }

    /// The archived file as a source.
    #[must_use]
    pub fn source(&self, sha256: &str) -> Stored {
        Stored { fs: Arc::clone(&self.fs), path: self.path(sha256) }
    }

    /// True where it holds bytes of this hash.
    ///
    /// # Errors
    /// When that can't be told.
    pub fn is_there(&self, sha256: &str) -> Result<bool, Error> {
        let path = self.path(sha256);
        world::is_there(&*self.fs, &path).map_err(|e| refused("looking at", &path, e))
    }

    /// Removes bytes nobody needs any more; it may be said again.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn remove(&self, sha256: &str) -> Result<(), Error> {
        let path = self.path(sha256);
        match self.fs.remove(&path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(refused("removing", &path, e)),
            _ => Ok(()),
        }
    }

    /// An archived file, to be read.
    ///
    /// # Errors
    /// When it can't be opened.
    pub fn file(&self, sha256: &str) -> io::Result<Box<dyn ReadFile>> {
        self.fs.open(&self.path(sha256))
    }

    /// The bytes of a small file.
    ///
    /// # Errors
    /// When it can't be read, or they are not what its name says.
    pub fn read(&self, sha256: &str) -> io::Result<Vec<u8>> {
        let bytes = world::read_all(&*self.fs, &self.path(sha256))?;
        let mut hashing = Hashing::new(io::sink());
        hashing.write_all(&bytes)?;
        if hashing.finish().1 == sha256 {
            Ok(bytes)
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidData, "the archived bytes are damaged"))
        }
    }

    /// Stores what `write` writes; returns its hash. Durable when it returns.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn put(
        &self,
        name: &str,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<String, Error> {
        let temporary = self.folder.join(format!(".{name}.tmp"));
        let file = self.fs.create(&temporary).map_err(|e| refused("creating", &temporary, e))?;
        let mut hashing = Hashing::new(io::BufWriter::with_capacity(256 * 1024, file));
        write(&mut hashing).and_then(|()| hashing.flush()).map_err(|e| refused("writing", &temporary, e))?;
        let (buffered, sha256, _) = hashing.finish();
        let mut file = buffered.into_inner().map_err(|e| refused("writing", &temporary, e.into_error()))?;
        file.sync().map_err(|e| unsynced(&temporary, e))?;
        self.adopt(&temporary, &sha256)?;
        Ok(sha256)
    }

    /// Takes over a synced file whose hash is known. A file already there stays: the bytes are the same.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn adopt(&self, file: &Path, sha256: &str) -> Result<(), Error> {
        let target = self.path(sha256);
        let folder = target.parent().unwrap_or(&self.folder);
        world::make_folders(&*self.fs, folder).map_err(|e| refused("making the folder of", &target, e))?;
        self.fs.rename(file, &target).map_err(|e| refused("archiving as", &target, e))?;
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
