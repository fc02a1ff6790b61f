//! Looks at a journal without owning it: the daemon may be writing on. A torn end is one that is being written, or will be cut.

use std::path::{Path, PathBuf};

use super::read::{self, Place, SegmentSummary};
use super::{Entry, Error};
use crate::world::Disk;

/// What a journal is made of.
#[derive(Debug)]
pub struct Survey {
    /// Its files, in order, as far as they check.
    pub segments: Vec<SegmentSummary>,
    /// Number of the last record that checks.
    pub last: u64,
    /// Its hash: all before it is sealed in it.
    pub head: String,
    /// Bytes of a record not yet whole.
    pub torn: u64,
    /// Why it checks no further, when it doesn't.
    pub damage: Option<Error>,
}

/// Goes through a journal from its first record to its last, and gives each to `each`.
///
/// # Errors
/// When it can't be read. Damage is no error, it is what was looked for.
pub fn survey(folder: &Path, each: &mut dyn FnMut(Entry) -> Result<(), Error>) -> Result<Survey, Error> {
    let (mut records, mut segments): (u64, Vec<SegmentSummary>) = (0, Vec::new());
    let done = read::read(&Disk, folder, Place::START, &mut |entry| {
        records += 1;
        each(entry)
    });
    let (end, torn, damage) = match done {
        Ok(reading) => {
            segments = reading.segments;
            (reading.end, reading.torn, None)
        }
        Err(broken) => match broken.error {
            error @ (Error::Damaged { .. } | Error::Newer { .. }) => (broken.good, 0, Some(error)),
            error => return Err(error),
        },
    };
    Ok(Survey { segments, last: end.next - 1, head: end.link.to_string(), torn, damage })
}

/// Reads on where it stopped, again and again.
#[derive(Debug)]
pub struct Tail {
    folder: PathBuf,
    place: Place,
}

impl Tail {
    /// From the first record.
    #[must_use]
    pub fn new(folder: PathBuf) -> Tail {
        Tail { folder, place: Place::START }
    }

    /// Gives what came since to `each`.
    ///
    /// # Errors
    /// When it can't be read, or is damaged.
    pub fn next(&mut self, each: &mut dyn FnMut(Entry) -> Result<(), Error>) -> Result<(), Error> {
        let reading = read::read(&Disk, &self.folder, self.place, each).map_err(|broken| broken.error)?;
        self.place = reading.end;
        Ok(())
    }
}
