//! What the trend detector finds, as programs and people read it.

use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::control::Answer;
use super::desk::Desk;
use super::error::Error;
use crate::alerts::{Ours, monday, of_finding, series};
use crate::history::{self, Dimension, Tables, counted, trended, volumes};
use crate::trends::{Changed, Control, Finding, Interval, Kind, Strength, Tally, detect};

/// Weeks that are looked at in one question.
const MOST: usize = 520;

/// What is found as of the end of each week from one to another, the oldest first; as of now where none is named. A week that hasn't ended is
/// looked at as of now, too.
///
/// # Errors
/// When the history can't be read.
pub fn found(desk: &Desk, from: Option<&str>, to: Option<&str>) -> Result<Answer, Error> {
    let today = desk.now().date();
    let days = match (from, to.or(from)) {
        (Some(from), Some(to)) => match ends(from, to) {
            Ok(days) => days,
            Err(why) => return Ok(Answer::Refused(why)),
        },
        _ => vec![today],
    };
    let store = desk.state.store_soon()?;
    let tables = history::tables(&store)?;
    let mut weeks = Vec::new();
    let (changes, edits) = (desk.state.minutes(|minutes| minutes.changes().to_vec()), desk.edits());
    let ours = Ours { changes: &changes, edits: &edits };
    for day in days.into_iter().map(|day| day.min(today)) {
        let (site, names) = (series::site(&store, day, ours)?, series::weeks(day));
        let findings = detect(&site, desk.trends());
        let told: Vec<Value> = findings.iter().map(|f| finding(f, &names, &tables)).collect();
        weeks.push(json!({
            "week": names.last(),
            "as_of": day,
            "series": site.series.len(),
            "budget": desk.trends().budget,
            "findings": told,
        }));
    }
    Ok(Answer::Ok(weeks.into()))
}

/// What payers decided in a week, and what they denied of it for one reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weekly {
    /// ISO week of payment.
    pub week: String,
    /// Claims decided, or lines where the reason is confined to some.
    pub decided: i64,
    /// Claims denied.
    pub denied: i64,
    /// Cents refused.
    pub cents: i64,
}

/// The weeks of a cause up to one: a CARC at a payer, or at all of them, confined to a value of a dimension where it is.
///
/// # Errors
/// When the history can't be read.
pub fn weekly(
    desk: &Desk,
    weeks: &[String],
    (payer, carc): (&str, &str),
    only: Option<(Dimension, &str)>,
) -> Result<Vec<Weekly>, Error> {
    let store = desk.state.store_soon()?;
    let slice = only.map(|(dimension, _)| dimension);
    let mut found: Vec<Weekly> =
        weeks.iter().map(|w| Weekly { week: w.clone(), ..Weekly::default() }).collect();
    let from = weeks.first().cloned().unwrap_or_default();
    let set = trended(slice);
    let is = |values: &[String], of: Dimension, wanted: &str| {
        set.iter().zip(values).any(|(known, value)| *known == of && value == wanted)
    };
    counted(&store, &set, &from, &mut |week, values, count| {
        let wanted = (payer.is_empty() || is(values, Dimension::Payer, payer))
            && is(values, Dimension::Carc, carc)
            && only.is_none_or(|(of, value)| is(values, of, value));
        if let Some(sum) = found.iter_mut().find(|w| wanted && w.week == week) {
            sum.denied += count.claims;
            sum.cents = sum.cents.saturating_add(count.amount);
        }
    })?;
    // RARCs are of denials alone: they are a share of all that the payer decided.
    let of_volume = slice.filter(|d| *d != Dimension::Rarc);
    volumes(&store, of_volume, &from, &mut |week, by, value, volume| {
        let wanted = (payer.is_empty() || by == payer)
            && (of_volume.is_none() || only.is_none_or(|(_, wanted)| value == wanted));
        if let Some(sum) = found.iter_mut().find(|w| wanted && w.week == week) {
            sum.decided += volume.decided.iter().sum::<i64>();
        }
    })?;
    Ok(found)
}

/// The Sundays of the weeks from one to another.
fn ends(from: &str, to: &str) -> Result<Vec<Date>, String> {
    let sunday = |week: &str| {
        let day = monday(week).and_then(|day| day.checked_add(6.days()).ok());
        day.ok_or_else(|| format!("{week:?} is no ISO week such as 2026-W40"))
    };
    let (mut day, last) = (sunday(from)?, sunday(to)?);
    let mut days = Vec::new();
    while day <= last && days.len() < MOST {
        days.push(day);
        match day.checked_add(7.days()) {
            Ok(next) => day = next,
            Err(_) => break,
        }
    }
    if days.is_empty() { Err(format!("{to} is before {from}")) } else { Ok(days) }
}

fn finding(finding: &Finding, weeks: &[String], tables: &Tables) -> Value {
    let alert = of_finding(finding, weeks, &tables.dictionary, &tables.payers);
    let (key, attribution) = (&finding.key, &finding.changed);
    let week = |at: usize| weeks.get(at);
    let (who, what) = match &attribution.changed {
        Changed::Payer => ("payer", None),
        Changed::OurMix(slice) => ("our-mix", Some(format!("{}={}", slice.dimension, slice.value))),
        Changed::OurEdit(edit) => ("our-edit", Some(edit.clone())),
        Changed::AllPayers => ("all-payers", None),
        Changed::Unclear => ("unclear", None),
    };
    let against = attribution.comparison.map(|c| {
        json!({
            "control": match c.control {
                Control::OtherPayers => "other-payers",
                Control::OtherCarcs => "other-carcs",
                Control::UsualRates => "usual-rates",
            },
            "difference": interval(c.difference),
            "control_ratio": interval(c.control_ratio),
        })
    });
    let counted = |t: Tally| json!({ "denied": t.denied, "adjudicated": t.exposure, "rate": t.rate() });
    json!({
        "id": alert.id,
        "sentence": alert.message,
        "kind": match finding.kind {
            Kind::Rise => "rise",
            Kind::Drift => "drift",
            Kind::New => "new",
            Kind::Improvement => "improvement",
        },
        "payer": key.payer,
        "carc": key.carc,
        "dimension": key.slice.as_ref().map(|s| &s.dimension),
        "value": key.slice.as_ref().map(|s| &s.value),
        "since": week(finding.start),
        "until": week(finding.until.saturating_sub(1)),
        "now": counted(finding.since),
        "usual": counted(finding.usual),
        "usual_since": week(finding.usual_from),
        "usual_a_week": finding.usual_a_week,
        "ratio": interval(finding.ratio),
        "cents": finding.excess_cents,
        "changed": { "who": who, "what": what, "strength": strength(attribution.strength), "against": against },
        "p": finding.p,
        "threshold": finding.threshold,
        "strength": strength(finding.strength),
    })
}

fn interval(of: Interval) -> Value {
    json!({ "estimate": of.estimate, "low": of.low, "high": of.high })
}

fn strength(of: Strength) -> &'static str {
    match of {
        Strength::Weak => "weak",
        Strength::Likely => "likely",
        Strength::Strong => "strong",
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn weeks_end_on_sundays() {
        assert_eq!(
            ends("2026-W53", "2027-W01").unwrap(),
            [date(2027, 1, 3), date(2027, 1, 10)],
            "over the year's end"
        );
        assert_eq!(ends("2026-W46", "2026-W46").unwrap().len(), 1);
        for (from, to) in [("2026-W46", "2026-W45"), ("W46", "2026-W46"), ("2026-W46", "2025-W53")] {
            assert!(ends(from, to).is_err(), "{from} {to}");
        }
    }
}
