//! What the daemon asks of a journal, wherever it is kept: on this disk, or later in an engine that several nodes share. Bytes are
//! not its business: they go through the archive.

use std::fmt;
use std::str::FromStr;

use super::{Direction, Entry, Error, Record};

/// Grows each time the lease goes to another node: who still names an older one is refused. On one node it is always 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Epoch(pub u64);

/// A place between two records. Ordered as they are; what it is made of is the ledger's own affair.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub(super) u64);

impl Position {
    /// Before the first record.
    pub const START: Position = Position(0);

    /// Behind the record of this number, for views that remember how far they are by it.
    #[must_use]
    pub fn behind(seq: u64) -> Position {
        Position(seq)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for Position {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Position, Self::Err> {
        u64::from_str_radix(text, 16).map(Position)
    }
}

/// What a file is known by: the same bytes, the same way, by the same channel.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FileKey {
    /// Channel.
    pub channel: String,
    /// Way.
    pub direction: Direction,
    /// Hex SHA-256.
    pub sha256: String,
}

/// Whose a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Of who asked.
    Ours,
    /// Of the file with this ULID, which came before.
    Before(String),
}

/// Who takes a record of a tail, with the position behind it. An error ends the tail.
pub type Each<'a> = dyn FnMut(Position, Entry) -> Result<(), Error> + 'a;

/// What the daemon asks.
pub trait Ledger: Send + Sync {
    /// The epoch of the lease as it is now.
    fn epoch(&self) -> Epoch;

    /// Claims a file by its hash for the file `by`: of two that ask at once, one has it. It lasts from then on when a `Received` of the
    /// file is appended, else until the process ends; a file set aside gives it back.
    ///
    /// # Errors
    /// When the epoch is not the lease's, or the ledger fails.
    fn claim(&self, epoch: Epoch, key: &FileKey, by: &str) -> Result<Claim, Error>;

    /// Appends a batch, all of it or nothing, and returns when it is durable. A decision of a hold must bring the version after the
    /// present one; a claim must leave at its present version, and not twice.
    ///
    /// # Errors
    /// [`Error::Stale`] when a hold was decided of meanwhile; nothing is appended then. When the epoch is not the lease's, or the
    /// ledger fails.
    fn append(&self, epoch: Epoch, batch: Vec<Record>) -> Result<Vec<Entry>, Error>;

    /// The next number for an interchange of our own by a channel, from 0, and the record that says it is taken. Never the same twice,
    /// whatever dies in between.
    ///
    /// # Errors
    /// When the epoch is not the lease's, or the ledger fails.
    fn next_control(&self, epoch: Epoch, channel: &str) -> Result<(u64, Entry), Error>;

    /// Gives every durable record after a position to `each`, in order; returns the position behind the last.
    ///
    /// # Errors
    /// When the epoch is not the lease's, the ledger can't be read, or `each` fails.
    fn tail(&self, epoch: Epoch, after: Position, each: &mut Each<'_>) -> Result<Position, Error>;
}
