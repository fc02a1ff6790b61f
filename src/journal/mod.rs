//! The authority: append-only files of checksummed records, chained by hash, that say what happened. Written and synced before the
//! effect they announce; read back at start.
//!
//! `record` and `decision` are what can happen, `frame` is a record on disk, `segments` the files, `read` goes through them, `writer` appends, `repair` lets a damaged one go on.
//! `ledger` is what the daemon asks of it; `memory` another that answers the same.

mod decision;
mod error;
mod frame;
mod ledger;
mod memory;
mod read;
mod record;
mod repair;
mod segments;
mod standing;
mod survey;
#[cfg(test)]
mod tests;
mod writer;

pub use decision::Decision;
pub use error::Error;
pub use frame::{Entry, Link, VERSION};
pub use ledger::{Claim, Each, Epoch, FileKey, Ledger, Position};
pub use memory::MemoryLedger;
pub use read::SegmentSummary;
pub use record::{
    AlertDecision, Counted, Direction, HeldAnswer, Hold, Leaving, Outcome, Outlet, Output, Packed, Place,
    Record,
};
pub use repair::{Loss, repair};
pub use survey::{Survey, Tail, survey};
pub use writer::{Journal, Settings};
