//! Why sealed bytes can't be opened.

use std::io;

use thiserror::Error;

use super::KeyId;

/// Why sealed bytes can't be opened. As an `io::Error` it is `InvalidData`, but for a key that is missing: those bytes may be whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Error {
    /// The header isn't one of ours, or not of this kind of file.
    #[error("not a sealed file")]
    NotSealed,
    /// Newer than this program.
    #[error("sealed by a newer version, {0}")]
    Newer(u8),
    /// The keyring doesn't hold the key that is named in the header.
    #[error("sealed under key {0}, which the keyring doesn't hold")]
    UnknownKey(KeyId),
    /// The header isn't what was written under this label and key.
    #[error("the header is damaged or belongs to another file")]
    Header,
    /// A chunk or record isn't what was written at this place, or the end is missing.
    #[error("part {0} is damaged, displaced, or cut off")]
    Part(u64),
    /// Shorter than a sealed file can be, or of a length none has.
    #[error("cut off")]
    CutOff,
    /// Longer than the cipher allows.
    #[error("too long to seal")]
    TooLong,
    /// An earlier step failed: nothing that follows can be trusted.
    #[error("an earlier step failed")]
    Failed,
}

impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        let kind = match error {
            Error::UnknownKey(_) => io::ErrorKind::PermissionDenied,
            Error::TooLong => io::ErrorKind::FileTooLarge,
            Error::Failed => io::ErrorKind::Other,
            _ => io::ErrorKind::InvalidData,
        };
        io::Error::new(kind, error)
    }
}
