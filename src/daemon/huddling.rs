//! The pack of the weekly huddle, from the state.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::actions;
use super::control::Answer;
use super::desk::Desk;
use super::error::Error;
use crate::alerts::Ours;
use crate::history::{self, first_day};
use crate::huddle::leadership::{self, Period, Summary};
use crate::huddle::{self, Blinding, Inputs, Pack, last_whole};

/// Which pack.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Wanted {
    /// ISO week; the last that is over where it isn't named.
    pub week: Option<String>,
    /// As of this day, or today.
    pub today: Option<Date>,
    /// What the site is called.
    pub site: String,
    /// Set for a shared copy.
    pub blinded: Option<Blinded>,
}

/// How a shared copy is blinded.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Blinded {
    /// What pseudonyms are keyed by; derived from the state where it isn't given.
    pub key: Option<String>,
    /// Counts below this are left out.
    pub least: i64,
}

/// Answers with a week's pack. Nothing in it names a claim or a patient.
///
/// # Errors
/// When the state can't be read.
pub fn asked(desk: &Desk, wanted: &Wanted) -> Result<Answer, Error> {
    let today = wanted.today.unwrap_or_else(|| desk.now().date());
    let week = wanted.week.clone().unwrap_or_else(|| last_whole(today));
    if first_day(&week).is_none() {
        return Ok(Answer::Refused(format!("{week:?} is no ISO week such as 2026-W46")));
    }
    let pack = huddled(desk, (&week, today), wanted)?;
    let value: Value =
        serde_json::to_value(pack).map_err(|source| Error::Encode { what: "the huddle's pack", source })?;
    Ok(Answer::Ok(value))
}

/// The pack of a week as of a day.
///
/// # Errors
/// When the state can't be read.
pub fn huddled(desk: &Desk, (week, today): (&str, Date), wanted: &Wanted) -> Result<Pack, Error> {
    let actions = actions::kept(&desk.state)?;
    let (changes, own) = desk.state.minutes(|minutes| (minutes.changes().to_vec(), minutes.own().to_owned()));
    let edits = desk.edits();
    let store = desk.state.store_soon()?;
    let tables = history::tables(&store)?;
    let procedures: Vec<&str> = actions.iter().filter_map(|a| a.about.procedure.as_deref()).collect();
    let ours = Ours { changes: &changes, edits: &edits };
    let read = huddle::read(&store, &tables, (week, today), (&procedures, ours, desk.trends()))?;
    drop(store);
    let blinding = wanted.blinded.as_ref().map(|blinded| {
        let keys = desk.state.world.keys.as_ref();
        match (&blinded.key, keys) {
            (Some(key), _) => Blinding::by(key.as_bytes(), blinded.least),
            (None, Some(keys)) => Blinding::by(&keys.keyed_hash("huddle", b"pseudonyms"), blinded.least),
            (None, None) => Blinding::by(own.as_bytes(), blinded.least),
        }
    });
    Ok(huddle::build(&Inputs {
        read: &read,
        tables: &tables,
        edits: &edits,
        actions: &actions,
        changes: &changes,
        site: &wanted.site,
        blinding: blinding.as_ref(),
    }))
}

/// Which summary.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OfPeriod {
    /// `2026-10` or `2026-Q3`; the last month that is over where it isn't named.
    pub period: Option<String>,
    /// With a table by who bills.
    pub providers: bool,
    /// What the site is called.
    pub site: String,
}

/// Answers with the summary of a month or quarter. Nothing in it names a claim or a patient.
///
/// # Errors
/// When the state can't be read.
pub fn summary(desk: &Desk, wanted: &OfPeriod) -> Result<Answer, Error> {
    let today = desk.today();
    let name = wanted.period.clone().unwrap_or_else(|| leadership::last_month(today));
    let Some(period) = leadership::period(&name) else {
        return Ok(Answer::Refused(format!(
            "{name:?} is no month such as 2026-10, and no quarter such as 2026-Q3"
        )));
    };
    let summary = summarised(desk, &period, wanted)?;
    let value = serde_json::to_value(summary);
    Ok(Answer::Ok(value.map_err(|source| Error::Encode { what: "the summary", source })?))
}

/// The summary of a period.
///
/// # Errors
/// When the state can't be read.
pub fn summarised(desk: &Desk, period: &Period, wanted: &OfPeriod) -> Result<Summary, Error> {
    let store = desk.state.store_soon()?;
    let tables = history::tables(&store)?;
    Ok(leadership::summary(&store, &tables, period, (&wanted.site, desk.today(), wanted.providers))?)
}
