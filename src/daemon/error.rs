//! What can go wrong in the daemon.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::{archive, journal, scrub, store};

/// We failed.
#[derive(Debug, Error)]
#[allow(missing_docs)]
pub enum Error {
    #[error("{step} {path}")]
    Io {
        step: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("syncing {path}")]
    Unsynced {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("there is no index right now: {why}")]
    NoIndex { why: String },
    #[error(transparent)]
    Tables(#[from] crate::history::BadTables),
    #[error("looking up a claim")]
    LookUp { source: Box<dyn std::error::Error + Send + Sync> },
    #[error("an earlier record could not be folded")]
    NotFolded,
    #[error("another process owns the state in {path}")]
    Locked { path: PathBuf },
    #[error(transparent)]
    Journal(#[from] journal::Error),
    #[error(transparent)]
    Keys(#[from] crate::seal::LoadError),
    #[error(transparent)]
    Archive(#[from] archive::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Scrub(#[from] scrub::Error),
    #[error("what the site adds to the edits doesn't load")]
    Site(#[source] crate::imports::Error),
    #[error("the shipped edits don't load")]
    Edits(#[source] crate::edits::LoadError),
    #[error("file {file}: {reason}")]
    Custody { file: String, reason: &'static str },
    #[error("file {file}: the sender wrote on before it was safe")]
    Rewritten { file: String },
    #[error("file {file}: channel {channel} is no longer configured")]
    NoChannel { file: String, channel: String },
    #[error("writing the huddle's pack")]
    Pack { source: Box<crate::huddle::render::Error> },
    #[error("encoding {what}")]
    Encode {
        what: &'static str,
        #[source]
        source: serde_json::Error,
    },
    #[error("{0}")]
    Runtime(String),
}

impl Error {
    /// An input or output error at a step, with its path.
    pub fn io(step: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        let path = path.to_owned();
        move |source| Error::Io { step, path, source }
    }

    /// A sync that failed: what it was to make durable may be gone, and only a new start can tell.
    pub fn sync(path: &Path) -> impl FnOnce(io::Error) -> Error {
        let path = path.to_owned();
        move |source| Error::Unsynced { path, source }
    }

    /// The same at a path whose last part a sender named: only its folder is kept, for the name may hold a person's.
    pub fn named_by_sender(step: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        Error::io(step, path.parent().unwrap_or(Path::new(".")))
    }

    /// A thread that didn't come back. Not with what it says itself: a panic's message may quote what stands in a claim.
    pub fn worker(error: &tokio::task::JoinError) -> Error {
        let how = if error.is_panic() { "panicked" } else { "was given up" };
        Error::Runtime(format!("a worker {how}"))
    }

    /// True when it is this file that can't be worked, today and tomorrow.
    #[must_use]
    pub fn is_of_the_file(&self) -> bool {
        matches!(self, Error::Custody { .. } | Error::Scrub(scrub::Error::Conservation(_)))
    }

    /// True when trying again later may help; false when only a restart, or a person, can.
    #[must_use]
    pub fn retry(&self) -> bool {
        matches!(self, Error::Store(error) if error.is_of_the_engine())
            || matches!(
                self,
                Error::Io { .. }
                    | Error::Archive(archive::Error { unsynced: false, .. })
                    | Error::Journal(journal::Error::Stale { .. } | journal::Error::NotWritten { .. })
                    | Error::NoIndex { .. }
                    | Error::LookUp { .. }
                    | Error::Scrub(_)
                    | Error::Custody { .. }
                    | Error::Rewritten { .. }
                    | Error::NoChannel { .. }
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_of_a_worker_is_told_without_its_message() {
        let name = String::from("DOE-JANE");
        let ended = tokio::task::spawn_blocking(move || panic!("{name} again")).await.unwrap_err();
        assert_eq!(Error::worker(&ended).to_string(), "a worker panicked");
    }
}
