//! Bytes + edits + tables to a report: a verdict for every claim, and the clean claims as a file of their own.
//! Pure: no clock, no file system, no log.
//!
//! Four steps over the same bytes, in order: [`survey`] checks envelopes, counts claims as the tokenizer sees them and
//! notes where they lie; [`split`] reads them as pieces that carry their context; [`judge`] runs the edits over a piece;
//! [`partition`] writes what leaves. [`conserve`] holds the second count against the first.

pub mod conserve;
pub mod cut;
mod envelope;
pub mod examples;
#[cfg(test)]
mod gates;
pub mod judge;
mod judged;
pub mod partition;
pub mod plan;
mod refusals;
pub mod release;
pub mod repeats;
pub mod remittance;
pub mod report;
mod ring;
mod run;
mod set_check;
pub mod split;
mod states;
pub mod survey;

use std::io::{self, Read};

pub use conserve::{Conservation, Tally};
pub use judged::{Collect, Judged, Render};
pub use report::{Coverage, Report, State, Verdict, VerdictRef};
pub use run::{Error, Outcome, Receive, Settings, scrub, scrub_to};
pub use states::{States, states};
pub use survey::Survey;

/// Bytes that can be read from the start more than once.
pub trait Source: Sync {
    /// Starts over.
    ///
    /// # Errors
    /// When they can't be opened.
    fn open(&self) -> io::Result<Box<dyn Read + Send + '_>>;

    /// Starts at a byte.
    ///
    /// # Errors
    /// When they can't be opened.
    fn open_at(&self, offset: u64) -> io::Result<Box<dyn Read + Send + '_>> {
        let mut bytes = self.open()?;
        io::copy(&mut (&mut bytes).take(offset), &mut io::sink())?;
        Ok(bytes)
    }
}

impl Source for [u8] {
    fn open(&self) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(self))
    }
}

impl Source for Vec<u8> {
    fn open(&self) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(self.as_slice()))
    }
}

/// What happens to transaction sets that are neither claims nor answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Other {
    /// They leave unchanged.
    #[default]
    Pass,
    /// They are rejected.
    Reject,
}
