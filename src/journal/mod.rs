//! The authority: an append-only file of checksummed records that says what happened. Written and synced before the
//! effect it announces; read back at start.

mod frame;
mod record;

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use thiserror::Error;

pub use frame::{Entry, VERSION};
pub use record::{Counted, Decision, Direction, Hold, Leaving, Outlet, Output, Record};

/// Name of the journal's file in its folder.
const FILE: &str = "0001.log";

/// An open journal, at its end.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    /// Sequence number of the next record, from 1.
    next: u64,
    poisoned: bool,
}

/// Why the journal can't be used.
#[derive(Debug, Error)]
pub enum Error {
    /// The file system refused a step.
    #[error("{step} journal {path}")]
    Io {
        /// What was tried.
        step: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A record that isn't the last one doesn't check.
    #[error("journal {path}: the record at byte {offset} is damaged and others follow it")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where.
        offset: u64,
    },
    /// A record of a version this program doesn't know.
    #[error("journal {path}: the record at byte {offset} has version {version}, newer than this program")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Where.
        offset: u64,
        /// Its version.
        version: u8,
    },
    /// An earlier write failed; what is on disk is not known.
    #[error("journal {path}: an earlier write failed")]
    Poisoned {
        /// The file.
        path: PathBuf,
    },
    /// A record can't be encoded.
    #[error("encoding a journal record")]
    Encode(#[source] serde_json::Error),
}

impl Journal {
    /// Opens the journal in `folder`, making it when there is none, and reads every record. A torn record at the very
    /// end is cut off: its effect was never announced.
    ///
    /// # Errors
    /// When the file system refuses, or a record in the middle is damaged.
    pub fn open(folder: &Path) -> Result<(Journal, Vec<Entry>), Error> {
        let path = folder.join(FILE);
        let io = |step| {
            let path = path.clone();
            move |source| Error::Io { step, path, source }
        };
        std::fs::create_dir_all(folder).map_err(io("making the folder of"))?;
        let mut file =
            OpenOptions::new().create(true).read(true).append(true).open(&path).map_err(io("opening"))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io("reading"))?;
        let (entries, end) = frame::read_all(&bytes).map_err(|(offset, version)| match version {
            Some(version) => Error::Newer { path: path.clone(), offset, version },
            None => Error::Damaged { path: path.clone(), offset },
        })?;
        if end < bytes.len() as u64 {
            file.set_len(end).map_err(io("cutting the torn end of"))?;
            file.sync_all().map_err(io("syncing"))?;
        }
        File::open(folder).and_then(|d| d.sync_all()).map_err(io("syncing the folder of"))?;
        let next = entries.len() as u64 + 1;
        Ok((Journal { file, path, next, poisoned: false }, entries))
    }

    /// Appends records and returns when they are on disk.
    ///
    /// # Errors
    /// When writing or syncing fails; the journal can't be used after that.
    pub fn append(&mut self, records: Vec<Record>) -> Result<Vec<Entry>, Error> {
        if self.poisoned {
            return Err(Error::Poisoned { path: self.path.clone() });
        }
        let at = Timestamp::now();
        let mut bytes = Vec::new();
        let mut entries = Vec::with_capacity(records.len());
        for record in records {
            let mut entry = Entry { seq: self.next + entries.len() as u64, at, crc: 0, record };
            entry.crc = frame::write(&entry, &mut bytes).map_err(Error::Encode)?;
            entries.push(entry);
        }
        let written = self.file.write_all(&bytes).and_then(|()| self.file.sync_data());
        if let Err(source) = written {
            self.poisoned = true;
            return Err(Error::Io { step: "appending to", path: self.path.clone(), source });
        }
        self.next += entries.len() as u64;
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(n: u32) -> Record {
        Record::Done { file: format!("FILE{n}") }
    }

    fn files(entries: &[Entry]) -> Vec<String> {
        entries.iter().map(|e| format!("{}:{:?}", e.seq, e.record)).collect()
    }

    #[test]
    fn reads_back_what_was_appended() {
        let folder = tempfile::tempdir().unwrap();
        let (mut journal, entries) = Journal::open(folder.path()).unwrap();
        assert!(entries.is_empty());
        let mut written = journal.append(vec![done(1), done(2)]).unwrap();
        written.extend(journal.append(vec![done(3)]).unwrap());
        let (_, entries) = Journal::open(folder.path()).unwrap();
        assert_eq!(entries.len(), 3);
        assert_eq!(files(&entries), files(&written));
    }

    #[test]
    fn a_torn_end_is_cut_at_every_byte() {
        let folder = tempfile::tempdir().unwrap();
        let (mut journal, _) = Journal::open(folder.path()).unwrap();
        journal.append(vec![done(1), done(2)]).unwrap();
        let path = folder.path().join(FILE);
        let whole = std::fs::read(&path).unwrap();
        let first = frame::read_all(&whole).unwrap().0.len();
        assert_eq!(first, 2);
        for cut in 0..whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let (mut journal, entries) = Journal::open(folder.path()).unwrap();
            assert!(entries.len() < 2, "{cut} bytes");
            journal.append(vec![done(9)]).unwrap();
            let (_, after) = Journal::open(folder.path()).unwrap();
            assert_eq!(after.len(), entries.len() + 1, "appending after a cut at {cut}");
        }
    }

    #[test]
    fn damage_in_the_middle_is_refused_at_every_byte() {
        let folder = tempfile::tempdir().unwrap();
        let (mut journal, _) = Journal::open(folder.path()).unwrap();
        journal.append(vec![done(1)]).unwrap();
        let first = std::fs::metadata(folder.path().join(FILE)).unwrap().len() as usize;
        journal.append(vec![done(2)]).unwrap();
        let path = folder.path().join(FILE);
        let whole = std::fs::read(&path).unwrap();
        for at in 0..first {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x10;
            std::fs::write(&path, &bytes).unwrap();
            let opened = Journal::open(folder.path());
            assert!(matches!(opened, Err(Error::Damaged { .. })), "byte {at}");
            assert_eq!(std::fs::read(&path).unwrap(), bytes, "nothing is cut");
        }
    }
}
