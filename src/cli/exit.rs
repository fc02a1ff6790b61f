//! Exit codes and what goes with the bad ones.

use std::fmt;
use std::io;
use std::process::ExitCode;

use crate::events::chain;
use crate::phi::BadJson;

/// What a command ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// All clean; a warning alone is clean.
    Clean = 0,
    /// Something was held, rejected or doesn't balance.
    Found = 1,
    /// The command was not understood.
    Usage = 2,
    /// We failed.
    Failed = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// Why a command ends with [`Exit::Usage`] or [`Exit::Failed`].
#[derive(Debug)]
pub struct Failure {
    /// How it ends.
    pub exit: Exit,
    message: String,
}

impl Failure {
    /// The command asks for what can't be.
    pub fn usage(message: impl Into<String>) -> Failure {
        Failure { exit: Exit::Usage, message: message.into() }
    }

    /// We failed at `what`.
    pub fn at(what: impl fmt::Display, error: &dyn std::error::Error) -> Failure {
        Failure { exit: Exit::Failed, message: format!("{what}: {}", chain(error)) }
    }

    /// We failed, in words.
    pub fn plain(message: impl Into<String>) -> Failure {
        Failure { exit: Exit::Failed, message: message.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Writing to standard output. A reader that went away has what it wanted: nothing is said, nothing is wrong.
fn writing(kind: Option<io::ErrorKind>, error: &dyn std::error::Error) -> Failure {
    match kind {
        Some(io::ErrorKind::BrokenPipe) => Failure { exit: Exit::Clean, message: String::new() },
        _ => Failure::at("writing output", error),
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        writing(Some(error.kind()), &error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Failure {
        match error.io_error_kind() {
            None => Failure::at("reading the answer", &BadJson::from(error)),
            kind => writing(kind, &error),
        }
    }
}

impl From<crate::daemon::Error> for Failure {
    fn from(error: crate::daemon::Error) -> Failure {
        Failure::plain(chain(&error))
    }
}

impl From<crate::imports::Error> for Failure {
    fn from(error: crate::imports::Error) -> Failure {
        Failure::plain(chain(&error))
    }
}

impl From<crate::edits::LoadError> for Failure {
    fn from(error: crate::edits::LoadError) -> Failure {
        Failure::plain(chain(&error))
    }
}
