//! Why the journal can't be used.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

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
    #[error("journal {path}: at byte {offset} {what}; `claimloop journal repair` says what would be lost")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where.
        offset: u64,
        /// In words.
        what: &'static str,
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
    /// Nothing of a batch is in the journal; it may be tried again.
    #[error("the batch was not appended to journal {path}")]
    NotWritten {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A sync failed; what is on disk is not known.
    #[error("journal {path}: an earlier sync failed")]
    Poisoned {
        /// The file.
        path: PathBuf,
    },
    /// A record can't be encoded.
    #[error("encoding a journal record")]
    Encode(#[source] serde_json::Error),
    /// The lease is another's.
    #[error("the ledger's lease is of epoch {holds}, not {asked}")]
    Fenced {
        /// Whose epoch was named.
        asked: u64,
        /// Whose it is.
        holds: u64,
    },
    /// A decision of a hold, or its leaving, that no longer fits what was decided meanwhile.
    #[error("hold {hold} was decided of meanwhile: {what}")]
    Stale {
        /// ULID of the hold.
        hold: String,
        /// In words.
        what: &'static str,
    },
}

impl Error {
    pub(super) fn io(step: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error + use<> {
        let path = path.to_owned();
        move |source| Error::Io { step, path, source }
    }
}
