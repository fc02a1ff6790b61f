//! The archive under other keys: what lies plain is sealed, what an older key sealed is wrapped anew. A file is there at every moment, and
//! readable; whatever stops the work, it is begun again.

use std::collections::BTreeSet;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use super::stored::{SEALED, label};
use super::{Archive, Error, Stored, digest, refused, unsynced};
use crate::seal::{self, HEADER_LEN};
use crate::world::{Kind, is_there};

/// A file in the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its name.
    pub sha256: String,
    /// Whether it is sealed.
    pub sealed: bool,
}

/// What became of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was sealed or wrapped.
    Done,
    /// Nothing was to do.
    Before,
    /// It isn't what its name says; it was left as it is.
    Damaged,
    /// Its key is missing; it was left as it is.
    NoKey,
}

impl Archive {
    /// Goes through all files, in order of their names. One that lies here both plain and sealed comes twice.
    ///
    /// # Errors
    /// When a folder can't be read, or `each` fails.
    pub fn each(&self, each: &mut dyn FnMut(Kept) -> Result<(), Error>) -> Result<(), Error> {
        let list = |folder: &Path| self.fs.list(folder).map_err(|e| refused("reading", folder, e));
        for folder in list(&self.folder)?.into_iter().filter(|l| l.kind == Kind::Folder) {
            for listed in list(&folder.path)? {
                let name = listed.path.file_name().unwrap_or_default().to_string_lossy();
                let (sha256, sealed) = match name.split_once('.') {
                    None => (&*name, false),
                    Some((sha256, SEALED)) => (sha256, true),
                    Some(_) => continue,
                };
                if sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit()) {
                    each(Kept { sha256: sha256.to_owned(), sealed })?;
                }
            }
        }
        Ok(())
    }

    /// Id of the key a sealed file names; none where it has no header.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn sealed_by(&self, sha256: &str) -> io::Result<Option<String>> {
        let mut header = Vec::new();
        self.fs.open(&self.sealed(sha256))?.take(HEADER_LEN as u64).read_to_end(&mut header)?;
        Ok(seal::sealed_by(&header).ok().map(|id| id.to_string()))
    }

    /// True when all bytes of a file, as it lies there plain or sealed, are what its name says.
    fn reads(&self, kept: &Kept) -> io::Result<bool> {
        let path = if kept.sealed { self.sealed(&kept.sha256) } else { self.plain(&kept.sha256) };
        let stored = Stored::archived(self.fs.clone(), path, &kept.sha256, self.keys.clone());
        match stored.file().and_then(digest) {
            Err(e) if e.kind() == io::ErrorKind::InvalidData => Ok(false),
            found => Ok(found?.0 == kept.sha256),
        }
    }

    /// Reads a file through.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn check(&self, kept: &Kept) -> Result<Outcome, Error> {
        match self.reads(kept) {
            Ok(true) => Ok(Outcome::Done),
            Ok(false) => Ok(Outcome::Damaged),
            Err(e) if is_no_key(&e) => Ok(Outcome::NoKey),
            Err(e) => Err(refused("reading", &self.path(&kept.sha256), e)),
        }
    }

    /// Seals a file that lies here plain; the plain one goes when the sealed one is durable and was read through.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn seal(&self, sha256: &str) -> Result<Outcome, Error> {
        let (plain, sealed) = (self.plain(sha256), self.sealed(sha256));
        let of = |sealed| Kept { sha256: sha256.to_owned(), sealed };
        if self.check(&of(false))? == Outcome::Damaged {
            return Ok(Outcome::Damaged);
        }
        let there = is_there(&*self.fs, &sealed).map_err(|e| refused("looking at", &sealed, e))?;
        if there && self.check(&of(true))? == Outcome::Done {
            self.ensure(sha256)?;
        } else {
            let mut from = self.fs.open(&plain).map_err(|e| refused("opening", &plain, e))?;
            if self.put(sha256, |out| io::copy(&mut from, out).map(|_| ()))? != sha256 {
                return Ok(Outcome::Damaged);
            }
        }
        let folder = plain.parent().unwrap_or(&self.folder);
        self.fs.remove(&plain).map_err(|e| refused("removing", &plain, e))?;
        self.fs.sync_folder(folder).map_err(|e| unsynced(folder, e))?;
        Ok(Outcome::Done)
    }

    /// Wraps the key of a sealed file under the key in use; the file gives way to the new one when that is durable and was read through.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn rewrap(&self, sha256: &str) -> Result<Outcome, Error> {
        let Some(keys) = &self.keys else { return Ok(Outcome::NoKey) };
        let (sealed, temporary) = (self.sealed(sha256), self.folder.join(format!(".{sha256}.tmp")));
        let by = self.sealed_by(sha256).map_err(|e| refused("reading", &sealed, e))?;
        if by.is_some_and(|by| by == keys.in_use().to_string()) {
            return Ok(Outcome::Before);
        }
        let sound = self.check(&Kept { sha256: sha256.to_owned(), sealed: true })?;
        if sound != Outcome::Done {
            return Ok(sound);
        }
        let from = self.fs.open(&sealed).map_err(|e| refused("opening", &sealed, e))?;
        let file = self.fs.create(&temporary).map_err(|e| refused("creating", &temporary, e))?;
        let mut out = BufWriter::with_capacity(256 * 1024, file);
        let wrapped = seal::rewrap(from, &mut out, keys, &label(sha256)).and_then(|()| out.flush());
        wrapped.map_err(|e| refused("writing", &temporary, e))?;
        let file = out.into_inner().map_err(|e| refused("writing", &temporary, e.into_error()))?;
        self.take_over(file, &temporary, (sha256, &sealed))?;
        Ok(Outcome::Done)
    }

    /// Forgets keys that no file is sealed under any more; gives the ids of those that are needed.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn forget_keys(&self) -> Result<BTreeSet<String>, Error> {
        let mut needed: BTreeSet<String> = self.keys.iter().map(|keys| keys.in_use().to_string()).collect();
        self.each(&mut |kept| {
            if kept.sealed {
                let by = self.sealed_by(&kept.sha256);
                needed.extend(by.map_err(|e| refused("reading", &self.sealed(&kept.sha256), e))?);
            }
            Ok(())
        })?;
        self.note(&needed)?;
        Ok(needed)
    }
}

fn is_no_key(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none()
}
