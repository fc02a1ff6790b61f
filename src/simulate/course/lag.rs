//! How long payers take: lognormal by quantiles, in whole numbers, so that every platform agrees.

use jiff::civil::{Date, Weekday};
use serde::Serialize;

use crate::simulate::calendar::plus;
use crate::simulate::dice::{Dice, nth};
use crate::simulate::roster::{PAYERS, Payer};

/// A payer's time in days from sending to payment.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(super) struct Lag {
    payer: &'static str,
    /// Half of the claims are decided by this day.
    median: i64,
    /// Deviation of the logarithm, in hundredths.
    sigma_percent: i64,
}

/// Percent of the median at each twentieth, from the half percentile to the last but half.
const NARROW: [i64; 21] =
    [60, 72, 77, 81, 85, 87, 90, 93, 95, 98, 100, 103, 105, 108, 111, 114, 118, 123, 129, 139, 167];
const MIDDLE: [i64; 21] =
    [41, 56, 64, 70, 74, 79, 83, 87, 92, 96, 100, 104, 109, 114, 120, 127, 134, 144, 157, 178, 246];
const WIDE: [i64; 21] =
    [24, 40, 49, 57, 63, 69, 75, 81, 87, 93, 100, 107, 115, 124, 133, 145, 159, 177, 202, 247, 412];

/// Median and deviation, in the payers' order.
const TIMES: [(i64, i64); 6] = [(14, 20), (21, 35), (12, 35), (15, 20), (30, 55), (18, 35)];

/// Every payer's lag, for the truth.
pub(super) fn all() -> impl Iterator<Item = Lag> {
    PAYERS.iter().map(of)
}

fn of(payer: &Payer) -> Lag {
    let (median, sigma_percent) = nth(&TIMES, payer.index);
    Lag { payer: payer.id, median, sigma_percent }
}

/// The day on which a claim sent on `sent` is paid; never on a weekend, and at least two days later.
pub(super) fn day(dice: &mut Dice, payer: &Payer, sent: Date) -> Date {
    let lag = of(payer);
    let table = match lag.sigma_percent {
        ..=20 => NARROW,
        21..=35 => MIDDLE,
        _ => WIDE,
    };
    let (at, within) = (dice.below(20), dice.between(0, 99));
    let (low, high) = (nth(&table, at), nth(&table, at + 1));
    let percent = low * 100 + (high - low) * within;
    workday(plus(sent, (lag.median * percent / 10_000).max(2)))
}

/// The day itself, or the Monday after its weekend.
pub(super) fn workday(date: Date) -> Date {
    match date.weekday() {
        Weekday::Saturday => plus(date, 2),
        Weekday::Sunday => plus(date, 1),
        _ => date,
    }
}
