//! Claims that should have been answered by now: their payer's usual time is over.

use std::collections::HashMap;

use jiff::civil::Date;
use serde::Serialize;

use super::derive::{payments, sent};
use super::metrics::days;
use super::spread::Spread;
use super::standing::{Standing, follow};
use super::stories;
use super::tables::Tables;
use crate::scrub::report::cents;
use crate::store::{self, Store};
use crate::x12::Cents;

/// Days waited for a payer of whom too little is known.
const UNKNOWN: i32 = 30;
/// Payments from which a payer's usual time is told.
const FEWEST: u64 = 20;

/// A claim without an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Expected {
    /// CLM01.
    pub claim: String,
    /// Payer.
    pub payer: String,
    /// The day it left.
    pub left: Date,
    /// Days since.
    pub days: i32,
    /// Days within which this payer pays nineteen in twenty.
    pub usual: i32,
    /// Where it stands.
    pub standing: Standing,
    /// Charge.
    #[serde(with = "cents")]
    pub charge: Cents,
}

/// Claims that left and that nobody decided of within their payer's usual time, most dollars first.
///
/// # Errors
/// When the store can't be read.
pub fn expected(store: &Store, tables: &Tables, today: Date) -> Result<Vec<Expected>, store::Error> {
    let mut lags: HashMap<String, (u64, Spread)> = HashMap::new();
    stories(store, &mut |story| {
        for payment in payments(&story, tables) {
            if let Some((left, day)) =
                sent(&story, &payment.pairing).and_then(|ours| ours.left).zip(payment.paid.date)
            {
                let (n, spread) = lags.entry(payment.paid.payer.clone()).or_default();
                *n += 1;
                spread.add(days(left, day));
            }
        }
        true
    })?;
    let usual = |payer: &str| {
        let known = lags.get(payer).filter(|(n, _)| *n >= FEWEST);
        known.and_then(|(_, spread)| spread.at(95)).unwrap_or(UNKNOWN)
    };
    let mut late = Vec::new();
    stories(store, &mut |story| {
        let all = payments(&story, tables);
        for followed in follow(&story, &all) {
            let waits = matches!(
                followed.standing,
                Standing::Sent | Standing::AcceptedByClearinghouse | Standing::AcceptedByPayer
            );
            // A later version was sent instead.
            let last = story.sent.iter().all(|s| s.left <= followed.sent.left);
            let Some(left) = followed.left().filter(|_| waits && last) else { continue };
            let (age, usual) = (days(left, today), usual(&followed.sent.payer));
            if age > usual {
                late.push(Expected {
                    claim: story.claim.clone(),
                    payer: followed.sent.payer.clone(),
                    left,
                    days: age,
                    usual,
                    standing: followed.standing,
                    charge: followed.sent.charge,
                });
            }
        }
        true
    })?;
    late.sort_by(|a, b| (b.charge, &a.claim).cmp(&(a.charge, &b.claim)));
    Ok(late)
}
