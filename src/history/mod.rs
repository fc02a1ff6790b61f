//! The denial history: claims we sent, what was answered and paid, and why money was refused.
//!
//! `story` holds the facts under one claim number, `sent` a claim of ours among them; `derive` says what they come to, by the tables of
//! `tables` (the denial dictionary, payers); `pairing` and `lines` find what a payment is for. `view` folds the journal into stories and
//! `answers` finds whom an acknowledgement is about; `poster` keeps rows by week and the weekly counts of `rollup` beside them. Questions are
//! answered by `denials`, `payments`.

mod answers;
mod chains;
mod classify;
mod denials;
mod derive;
mod dictionary;
mod eft;
mod expected;
mod export;
mod gaps;
mod lines;
mod metrics;
mod odd;
mod outcomes;
mod pairing;
mod payers;
mod payments;
mod periods;
mod poster;
mod remitted;
mod rollup;
mod sanity;
mod sent;
mod spread;
mod standing;
mod story;
mod tables;
mod told;
mod view;
mod volume;

pub use chains::{Chain, ChainState, Link, OutsideSum, ProviderAdjustments, provider_adjustments};
pub use classify::{AdjustmentClass, ClaimClass, Classified, classify};
pub use denials::{DIMENSIONS, Denials, Dimension, UnknownDimension, Weeks, denials};
pub use derive::{AdjustmentRow, Leg, Payment, payments as payments_of};
pub use dictionary::{CONSEQUENCES, Denial, Dictionary, Meaning};
pub use eft::{Deposit, Match, Pair, eft, reassociate};
pub use expected::{Expected, expected};
pub use export::{Column, EXPORTS, Kind, export};
pub use gaps::{Gap, Slip, gaps};
pub use lines::{How, LineMatch};
pub use metrics::{Cohort, Days, Metric, Metrics, Reason, days, first_day, metrics};
pub use odd::{Odd, Oddity};
pub use outcomes::{OutcomeSum, Outcomes, outcomes};
pub use pairing::Pairing;
pub use payers::{PayerRow, Unmapped, UnmappedReason, payers, unmapped};
pub use payments::{payments, unanswered};
pub use periods::Periods;
pub use remitted::{NoUse, Outside, Remitted, Unread, is_of_no_use, remittances};
pub use rollup::{Count, counted};
pub use sanity::{BelowUsual, OnPatient, Sanity, sanity};
pub use sent::{Fired, Scrubbed, ScrubbedRef, SentClaim};
pub use spread::{Quantiles, Spread};
pub use standing::{Followed, Standing, follow};
pub use story::{FactId, Paid, Story, Told};
pub use tables::{BadTables, ROLLUPS, Settings, TRENDED, Tables, Texts, trended};
pub use told::told;
pub use view::{HistoryView, at_place, imported_until, scrubbed, verdicts};
pub use volume::{LAGS, SLICES, Volume, volumes};

use std::sync::Arc;

use crate::archive::Archive;
use crate::store::{self, Store, unpack};

/// Every denial of the history, and what takes one back, that was paid in a week, or of all where it isn't named; by week, payer and claim.
///
/// # Errors
/// When the store can't be read.
pub fn denied(
    store: &Store,
    week: Option<&str>,
    each: &mut dyn FnMut(&AdjustmentRow<&str>),
) -> Result<(), store::Error> {
    let prefix = week.map_or_else(|| poster::DENIED.to_owned(), |week| format!("{}{week}/", poster::DENIED));
    store.scan_borrowed(&prefix, &mut |rows| {
        let rows: Vec<AdjustmentRow<&str>> = unpack(rows)?;
        rows.iter().for_each(&mut *each);
        Ok(())
    })
}

/// Every story, by claim number as the index keeps it; false ends it.
///
/// # Errors
/// When the store can't be read.
pub fn stories(store: &Store, each: &mut dyn FnMut(Story) -> bool) -> Result<(), store::Error> {
    store.scan_packed(poster::STORIES, "", &mut |_, story| each(story))
}

/// What is known under a claim number.
///
/// # Errors
/// When the store can't be read.
pub fn story_of(store: &Store, archive: &Archive, claim: &str) -> Result<Option<Story>, store::Error> {
    store.get_packed(&poster::story_key(archive, claim))
}

/// The tables that the history was folded by.
///
/// # Errors
/// When the store can't be read, or they don't hold together.
pub fn tables(store: &Store) -> Result<Arc<Tables>, store::Error> {
    let texts: Option<Texts> = store.get(tables::KEPT)?;
    let unsound = |_| store::Error::Value;
    texts.map_or_else(Texts::shipped, Ok).and_then(|t| t.tables()).map_err(unsound)
}
