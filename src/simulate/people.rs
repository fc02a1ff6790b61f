//! Patients, subscribers and practitioners, all of them plainly invented.

use jiff::civil::Date;

use super::calendar::plus;
use super::dice::{Dice, nth};
use super::identity;
use super::places::Address;

const LAST: [&str; 12] = [
    "TESTER",
    "SAMPLE",
    "EXAMPLE",
    "MOCKUP",
    "FICTION",
    "SPECIMEN",
    "DUMMY",
    "PLACEHOLDER",
    "INVENTED",
    "SYNTHETIC",
    "NOBODY",
    "TRIAL",
];

const FIRST: [&str; 26] = [
    "ALPHA", "BRAVO", "CHARLIE", "DELTA", "ECHO", "FOXTROT", "GOLF", "HOTEL", "INDIA", "JULIETT", "KILO",
    "LIMA", "MIKE", "NOVEMBER", "OSCAR", "PAPA", "QUEBEC", "ROMEO", "SIERRA", "TANGO", "UNIFORM", "VICTOR",
    "WHISKEY", "XRAY", "YANKEE", "ZULU",
];

/// A patient or subscriber.
#[derive(Debug, Clone, Copy)]
pub(super) struct Person {
    pub(super) last: &'static str,
    pub(super) first: &'static str,
    pub(super) birth: Date,
    pub(super) sex: &'static str,
    pub(super) address: Address,
}

impl Person {
    /// Someone aged `youngest` to `oldest` years on `day`.
    pub(super) fn draw(dice: &mut Dice, day: Date, youngest: i64, oldest: i64) -> Self {
        let days = dice.between(youngest, oldest) * 366 + dice.between(1, 300);
        Self {
            last: dice.pick(&LAST),
            first: dice.pick(&FIRST),
            birth: plus(day, -days),
            sex: dice.pick(&["F", "M"]),
            address: Address::draw(dice),
        }
    }
}

/// Someone who treats, refers or attends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Practitioner {
    pub(super) last: &'static str,
    pub(super) first: &'static str,
    pub(super) npi: u64,
    pub(super) taxonomy: &'static str,
}

impl Practitioner {
    /// The `index`th practitioner of all.
    pub(super) fn of(index: u64, taxonomy: &'static str) -> Self {
        Self {
            last: nth(&LAST, index / 26),
            first: nth(&FIRST, index),
            npi: identity::npi(199_910_000 + index),
            taxonomy,
        }
    }
}
