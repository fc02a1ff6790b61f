//! What the pack is built from, read from the index: one pass over the stories, weekly counts, one run of the detector, holds.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::calendar::{back, last_day, shifted};
use super::gather::{Gathered, Span, gather};
use crate::alerts::{Ours, series};
use crate::history::{self, Count, Dimension, Tables, Weeks, counted, trended, volumes};
use crate::holds::{self, HeldClaim};
use crate::sheets::cents;
use crate::store::{self, Store};
use crate::trends::{self, Finding, detect};
use crate::x12::Cents;

/// Weeks charts show.
pub const SHOWN: usize = 26;
/// Weeks before that figures are held against.
pub const BASELINE: usize = 13;
/// Weeks of denials that are read: what an action of half a year ago is held against.
const READ: usize = 60;
/// Weeks that teaching points are chosen from.
pub const LATELY: i64 = 4;

/// Claims decided, and those of them with a denial.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// Decided.
    pub decided: i64,
    /// Denied.
    pub denied: i64,
}

impl Decided {
    /// These too.
    pub fn plus(&mut self, other: Decided) {
        self.decided += other.decided;
        self.denied += other.denied;
    }
}

/// Counts by week of payment.
#[derive(Clone, Debug, Default)]
pub struct Weekly {
    /// By week, payer and CARC.
    pub denied: BTreeMap<(String, String, String), Count>,
    /// By week and payer.
    pub decided: BTreeMap<(String, String), Decided>,
    /// By payer and modifiers, over the weeks of the baseline and the week.
    pub modifiers: BTreeMap<(String, String), (Decided, Cents)>,
    /// By week, payer, CARC and procedure.
    pub procedures: BTreeMap<(String, String, String, String), Count>,
    /// By week, payer and procedure.
    pub of_procedures: BTreeMap<(String, String, String), Decided>,
    /// By payer, CARC and RARCs, over the four weeks up to the pack's.
    pub reasons: BTreeMap<(String, String, String), Count>,
    /// Claims, denials and cents by consequence in the week, and in the baseline.
    pub consequences: [BTreeMap<String, Count>; 2],
}

/// Everything read.
#[derive(Debug)]
pub struct Read {
    /// Which weeks.
    pub span: Span,
    /// Of the stories.
    pub gathered: Gathered,
    /// Of weekly counts.
    pub weekly: Weekly,
    /// What the detector finds as of the week's last day.
    pub findings: Vec<Finding>,
    /// Its weeks.
    pub weeks: Vec<String>,
    /// Every claim that ever was held.
    pub holds: Vec<HeldClaim>,
}

/// The weeks of a pack.
#[must_use]
pub fn span(week: &str, today: Date) -> Span {
    let until = last_day(week).map_or(today, |sunday| sunday.min(today));
    Span {
        week: week.to_owned(),
        shown: back(week, SHOWN),
        baseline: (shifted(week, -(BASELINE as i64)), shifted(week, -1)),
        until,
        today,
    }
}

/// Reads all that a week's pack is built from. `procedures`: those that actions name.
///
/// # Errors
/// When the store can't be read.
pub fn read(
    store: &Store,
    tables: &Tables,
    (week, today): (&str, Date),
    (procedures, ours, settings): (&[&str], Ours<'_>, &trends::Settings),
) -> Result<Read, store::Error> {
    let span = span(week, today);
    let site = series::site(store, span.until, ours)?;
    let findings = detect(&site, settings);
    Ok(Read {
        gathered: gather(store, tables, &span)?,
        weekly: Weekly::of(store, tables, &span, procedures)?,
        findings,
        weeks: series::weeks(span.until),
        holds: holds::list(store, true)?,
        span,
    })
}

impl Weekly {
    fn of(store: &Store, tables: &Tables, span: &Span, procedures: &[&str]) -> Result<Weekly, store::Error> {
        let mut weekly = Weekly::default();
        let first = shifted(&span.week, 1 - READ as i64);
        let last = span.week.as_str();
        counted(store, &trended(None), &first, &mut |week, values, count| {
            if let [payer, carc] = values
                && week <= last
            {
                let key = (week.to_owned(), payer.clone(), carc.clone());
                weekly.denied.entry(key).or_default().add(count);
            }
        })?;
        volumes(store, None, &first, &mut |week, payer, _, volume| {
            if week <= last {
                weekly.decided.entry((week.to_owned(), payer.to_owned())).or_default().plus(sum(volume));
            }
        })?;
        weekly.modifiers(store, span)?;
        weekly.reasons(store, last)?;
        weekly.procedures(store, (&first, last), procedures)?;
        let of = |from: &str, to: &str| consequences(store, tables, from, to);
        weekly.consequences = [of(last, last)?, of(&span.baseline.0, &span.baseline.1)?];
        Ok(weekly)
    }

    fn modifiers(&mut self, store: &Store, span: &Span) -> Result<(), store::Error> {
        let (from, last) = (&span.baseline.0, span.week.as_str());
        let set = trended(Some(Dimension::Modifier));
        let at = |d: Dimension| set.iter().position(|known| *known == d);
        let (payer_at, modifier_at) = (at(Dimension::Payer), at(Dimension::Modifier));
        let all = &mut self.modifiers;
        counted(store, &set, from, &mut |week, values, count| {
            let value = |at: Option<usize>| at.and_then(|at| values.get(at)).cloned().unwrap_or_default();
            if week <= last {
                let sum = all.entry((value(payer_at), value(modifier_at))).or_default();
                sum.1 = sum.1.saturating_add(count.amount);
            }
        })?;
        volumes(store, Some(Dimension::Modifier), from, &mut |week, payer, modifiers, volume| {
            if week <= last {
                all.entry((payer.to_owned(), modifiers.to_owned())).or_default().0.plus(sum(volume));
            }
        })
    }

    fn reasons(&mut self, store: &Store, last: &str) -> Result<(), store::Error> {
        let set = trended(Some(Dimension::Rarc));
        let at = |d: Dimension| set.iter().position(|known| *known == d);
        let places = [Dimension::Payer, Dimension::Carc, Dimension::Rarc].map(at);
        counted(store, &set, &shifted(last, 1 - LATELY), &mut |week, values, count| {
            if week <= last {
                let [payer, carc, rarcs] =
                    places.map(|at| at.and_then(|at| values.get(at)).cloned().unwrap_or_default());
                self.reasons.entry((payer, carc, rarcs)).or_default().add(count);
            }
        })
    }

    fn procedures(
        &mut self,
        store: &Store,
        (first, last): (&str, &str),
        procedures: &[&str],
    ) -> Result<(), store::Error> {
        if procedures.is_empty() {
            return Ok(());
        }
        let set = trended(Some(Dimension::Procedure));
        let at = |d: Dimension| set.iter().position(|known| *known == d);
        let places = [Dimension::Payer, Dimension::Carc, Dimension::Procedure].map(at);
        counted(store, &set, first, &mut |week, values, count| {
            let [payer, carc, procedure] =
                places.map(|at| at.and_then(|at| values.get(at)).cloned().unwrap_or_default());
            if week <= last && procedures.contains(&procedure.as_str()) {
                let key = (week.to_owned(), payer, carc, procedure);
                self.procedures.entry(key).or_default().add(count);
            }
        })?;
        volumes(store, Some(Dimension::Procedure), first, &mut |week, payer, procedure, volume| {
            if week <= last && procedures.contains(&procedure) {
                let key = (week.to_owned(), payer.to_owned(), procedure.to_owned());
                self.of_procedures.entry(key).or_default().plus(sum(volume));
            }
        })
    }
}

fn sum(volume: &history::Volume) -> Decided {
    Decided { decided: volume.decided.iter().sum(), denied: volume.denied.iter().sum() }
}

/// Denials by consequence, from the weekly counts where the site keeps them.
fn consequences(
    store: &Store,
    tables: &Tables,
    from: &str,
    to: &str,
) -> Result<BTreeMap<String, Count>, store::Error> {
    let weeks = Weeks { from: Some(from.to_owned()), to: Some(to.to_owned()), only: Vec::new() };
    let found = history::denials(store, tables, &[Dimension::Consequence], &weeks)?;
    let row = |row: &serde_json::Map<String, serde_json::Value>| {
        let number = |key: &str| row.get(key).and_then(serde_json::Value::as_i64).unwrap_or_default();
        let text = |key: &str| row.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
        let amount = cents(text("amount")).unwrap_or_default();
        let count = Count {
            claims: number("claims"),
            denials: number("denials"),
            amount,
            unbalanced: number("unbalanced"),
        };
        (text("consequence").to_owned(), count)
    };
    Ok(found.rows.iter().map(row).collect())
}
