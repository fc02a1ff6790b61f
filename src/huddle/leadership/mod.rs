//! The monthly and quarterly summary for clinical leadership: patterns by service and payer, and what improved; never by individual unless asked.

mod patterns;
mod period;
mod service;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use period::Period;

use super::head::shared;
use super::pack::{Block, Figure, Section};
use crate::history::{self, Dimension, Metrics, Periods, Tables, Weeks, counted, stories, trended, volumes};
use crate::store::{self, Store};
use crate::x12::Cents;

/// Changes when a key changes its meaning.
pub const VERSION: u32 = 1;

/// A period, ready to be shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Of this shape.
    pub version: u32,
    /// `2026-10`, `2026-Q3`.
    pub period: String,
    /// The same for people: `October 2026`.
    pub title: String,
    /// First and last ISO week of payment that are counted.
    pub weeks: (String, String),
    /// Those of the period before, which it is held against.
    pub before: (String, String),
    /// The site, in its words.
    pub site: String,
    /// The two numbers both teams share.
    pub head: Vec<Figure>,
    /// What is denied again and again, most dollars first.
    pub patterns: Block,
    /// What is denied less than before.
    pub improved: Block,
    /// The tables behind.
    pub detail: Vec<Section>,
}

/// Denials and decisions of one period.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    denied: i64,
    amount: Cents,
    decided: i64,
    /// Weeks with a denial.
    weeks: u32,
}

/// What denials are counted by: payer, CARC, service.
type Place = (String, String, &'static str);

/// What was counted, in the period and in the one before.
#[derive(Debug, Default)]
struct Counts {
    of: BTreeMap<Place, [Tally; 2]>,
    /// Decisions by payer and service.
    decided: BTreeMap<(String, &'static str), [i64; 2]>,
    /// RARCs beside a payer's CARC, by how often.
    rarcs: BTreeMap<(String, String), BTreeMap<String, i64>>,
    /// By who bills, where asked for: decided, denied claims, cents.
    providers: BTreeMap<String, (i64, i64, Cents)>,
}

/// Reads and builds the summary of a period. `providers`: with a table by who bills.
///
/// # Errors
/// When the store can't be read.
pub fn summary(
    store: &Store,
    tables: &Tables,
    period: &Period,
    (site, today, providers): (&str, Date, bool),
) -> Result<Summary, store::Error> {
    let counts = read(store, period, providers)?;
    let (now, before) = figures(store, tables, period, today)?;
    Ok(Summary {
        version: VERSION,
        period: period.name.clone(),
        title: period.title.clone(),
        weeks: period.weeks.clone(),
        before: period.before.clone(),
        site: site.to_owned(),
        head: shared(&now, &before, (period.word, period.word)),
        patterns: patterns::repeated(&counts, tables, period),
        improved: patterns::improved(&counts, tables, period),
        detail: patterns::detail(&counts, tables, period, providers),
    })
}

fn figures(
    store: &Store,
    tables: &Tables,
    period: &Period,
    today: Date,
) -> Result<(Metrics, Metrics), store::Error> {
    let of = |(from, to): &(String, String)| Weeks {
        from: Some(from.clone()),
        to: Some(to.clone()),
        ..Weeks::default()
    };
    let mut periods = Periods::new(tables, today, vec![of(&period.weeks), of(&period.before)]);
    stories(store, &mut |story| {
        periods.story(&story);
        true
    })?;
    let mut found = periods.come_to().into_iter();
    Ok((found.next().unwrap_or_default(), found.next().unwrap_or_default()))
}

fn read(store: &Store, period: &Period, providers: bool) -> Result<Counts, store::Error> {
    let mut counts = Counts::default();
    let first = period.before.0.as_str();
    let set = trended(Some(Dimension::Procedure));
    let at = places(&set, [Dimension::Payer, Dimension::Carc, Dimension::Procedure]);
    // The weeks in which something was denied: several procedures of a service in one week are one.
    let mut weeks: BTreeMap<(Place, usize), Vec<String>> = BTreeMap::new();
    counted(store, &set, first, &mut |week, values, count| {
        let Some(which) = period.which(week) else { return };
        let [payer, carc, procedure] = at(values);
        let place = (payer, carc, service::of(&procedure));
        if let Some(tally) = counts.of.entry(place.clone()).or_default().get_mut(which) {
            tally.denied += count.claims;
            tally.amount = tally.amount.saturating_add(count.amount);
        }
        let seen = weeks.entry((place, which)).or_default();
        if count.claims > 0 && !seen.iter().any(|w| w == week) {
            seen.push(week.to_owned());
        }
    })?;
    for ((place, which), seen) in weeks {
        if let Some(tally) = counts.of.get_mut(&place).and_then(|of| of.get_mut(which)) {
            tally.weeks = u32::try_from(seen.len()).unwrap_or(u32::MAX);
        }
    }
    volumes(store, Some(Dimension::Procedure), first, &mut |week, payer, procedure, volume| {
        let Some(which) = period.which(week) else { return };
        let decided = counts.decided.entry((payer.to_owned(), service::of(procedure))).or_default();
        if let Some(sum) = decided.get_mut(which) {
            *sum += volume.decided.iter().sum::<i64>();
        }
    })?;
    for ((payer, _, service), tallies) in &mut counts.of {
        let decided = counts.decided.get(&(payer.clone(), *service)).copied().unwrap_or_default();
        tallies.iter_mut().zip(decided).for_each(|(tally, n)| tally.decided = n.max(tally.denied));
    }
    let set = trended(Some(Dimension::Rarc));
    let at = places(&set, [Dimension::Payer, Dimension::Carc, Dimension::Rarc]);
    counted(store, &set, &period.weeks.0, &mut |week, values, count| {
        if period.which(week) == Some(0) {
            let [payer, carc, rarc] = at(values);
            *counts.rarcs.entry((payer, carc)).or_default().entry(rarc).or_default() += count.denials;
        }
    })?;
    if providers {
        by_provider(store, period, &mut counts)?;
    }
    Ok(counts)
}

fn by_provider(store: &Store, period: &Period, counts: &mut Counts) -> Result<(), store::Error> {
    let set = trended(Some(Dimension::Billing));
    let at = places(&set, [Dimension::Billing]);
    counted(store, &set, &period.weeks.0, &mut |week, values, count| {
        if period.which(week) == Some(0) {
            let [billing] = at(values);
            let sum = counts.providers.entry(billing).or_default();
            sum.2 = sum.2.saturating_add(count.amount);
        }
    })?;
    volumes(store, Some(Dimension::Billing), &period.weeks.0, &mut |week, _, billing, volume| {
        if period.which(week) == Some(0) {
            let sum = counts.providers.entry(billing.to_owned()).or_default();
            sum.0 += volume.decided.iter().sum::<i64>();
            sum.1 += volume.denied.iter().sum::<i64>();
        }
    })
}

/// Picks values of these dimensions from a row's.
fn places<const N: usize>(set: &[Dimension], wanted: [Dimension; N]) -> impl Fn(&[String]) -> [String; N] {
    let at = wanted.map(|d| set.iter().position(|known| *known == d));
    move |values| at.map(|at| at.and_then(|at| values.get(at)).cloned().unwrap_or_default())
}

/// True where a name is of a month or a quarter.
#[must_use]
pub fn period(name: &str) -> Option<Period> {
    Period::parse(name)
}

/// The last month that is over.
#[must_use]
pub fn last_month(today: Date) -> String {
    let before = today.first_of_month().yesterday().unwrap_or(today);
    before.strftime("%Y-%m").to_string()
}

/// First day of an ISO week.
fn monday(week: &str) -> Option<Date> {
    history::first_day(week)
}
