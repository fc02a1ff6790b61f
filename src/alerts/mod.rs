//! What is due, to which owner, once. Alerts carry counts and dollars, never a claim or a person.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::Serialize;

use crate::edits::Owner;
use crate::history::{AdjustmentClass, AdjustmentRow, Dictionary};
use crate::remit::week;
use crate::trends::{self, BASELINE_WEEKS};
use crate::x12::Cents;
use crate::x12::element::decimal;

/// One alert.
#[derive(Clone, Debug, Serialize)]
pub struct Alert {
    /// Identity: the same cause in the same week is one alert.
    pub id: String,
    /// Team it goes to.
    pub owner: Owner,
    /// ISO week of payment it speaks of.
    pub week: String,
    /// As the 835 identifies the payer.
    pub payer: String,
    /// CARC.
    pub carc: String,
    /// Denials that week.
    pub denials: u64,
    /// Mean of the eight weeks before.
    pub usual: f64,
    /// Dollars refused that week.
    pub amount: String,
    /// A sentence for a person.
    pub message: String,
    /// What prevents it, by the dictionary.
    pub prevention: String,
}

#[derive(Default)]
struct Series {
    before: [i64; BASELINE_WEEKS],
    last: i64,
    amount: Cents,
}

/// Counts denials by payer and CARC over the last full week and the eight before.
pub struct Watch {
    /// Week names, oldest first; the last is the last full week before today.
    weeks: Vec<String>,
    series: BTreeMap<(String, String), Series>,
}

impl Watch {
    /// On this day.
    #[must_use]
    pub fn new(today: Date) -> Watch {
        let monday = today.nth_weekday(-1, Weekday::Monday).unwrap_or(today);
        let monday = if today.weekday() == Weekday::Monday { today } else { monday };
        let back = |n: usize| monday.checked_sub((7 * n as i64).days()).map(week).unwrap_or_default();
        Watch { weeks: (1..=BASELINE_WEEKS + 1).rev().map(back).collect(), series: BTreeMap::new() }
    }

    /// Weeks it looks at.
    pub fn weeks(&self) -> impl Iterator<Item = &str> {
        self.weeks.iter().map(String::as_str)
    }

    /// Adds one adjustment of the history.
    pub fn add<T: AsRef<str>>(&mut self, row: &AdjustmentRow<T>) {
        let Some(at) = self.weeks.iter().position(|w| *w == row.week.as_ref()) else { return };
        if row.class != AdjustmentClass::Denial || row.sign == 0 {
            return;
        }
        // A reversal takes back what it names; one of nothing known counts for nothing.
        let one = i64::from(row.sign);
        let series =
            self.series.entry((row.payer.as_ref().to_owned(), row.carc.as_ref().to_owned())).or_default();
        match series.before.get_mut(at) {
            Some(count) => *count += one,
            // Of old files nobody is to be told as of news.
            None if row.imported => {}
            None => {
                series.last += one;
                series.amount = series.amount.saturating_add(if row.balanced { row.amount } else { 0 });
            }
        }
    }

    /// What is due.
    #[must_use]
    pub fn due(&self) -> Vec<Alert> {
        let week = self.weeks.last().cloned().unwrap_or_default();
        let rising = self
            .series
            .iter()
            .filter_map(|(key, s)| Some((key, s, trends::rise(&s.before.map(counted), counted(s.last))?)));
        rising
            .map(|((payer, carc), series, rise)| {
                let meaning = Dictionary::shipped().get(carc);
                let amount = decimal(series.amount);
                let message = format!(
                    "Payer {payer} denied {} times with CARC {carc} in {week}, usually {:.1} a week; ${amount} refused.",
                    rise.count, rise.mean
                );
                Alert {
                    id: format!("{week}/{payer}/{carc}"),
                    owner: meaning.map_or(Owner::Billing, |m| m.owner),
                    week: week.clone(),
                    payer: payer.clone(),
                    carc: carc.clone(),
                    denials: rise.count,
                    usual: rise.mean,
                    amount,
                    message,
                    prevention: meaning.map(|m| m.prevention.clone()).unwrap_or_default(),
                }
            })
            .collect()
    }
}

/// More taken back than given counts as none.
fn counted(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn row(week: &str) -> AdjustmentRow {
        AdjustmentRow {
            week: week.into(),
            payer: "ZZP01".into(),
            carc: "197".into(),
            amount: 1000,
            class: AdjustmentClass::Denial,
            balanced: true,
            sign: 1,
            ..AdjustmentRow::default()
        }
    }

    #[test]
    fn the_last_full_week_is_the_one_before_this() {
        for today in [date(2026, 11, 16), date(2026, 11, 18), date(2026, 11, 22)] {
            let watch = Watch::new(today);
            assert_eq!(watch.weeks.last().map(String::as_str), Some("2026-W46"), "{today}");
            assert_eq!(watch.weeks.first().map(String::as_str), Some("2026-W38"), "{today}");
        }
    }

    #[test]
    fn a_rise_is_told_to_the_carc_s_owner() {
        let mut watch = Watch::new(date(2026, 11, 18));
        (0..5).for_each(|_| watch.add(&row("2026-W46")));
        (0..2).for_each(|_| watch.add(&row("2026-W45")));
        (0..50).for_each(|_| watch.add(&row("2026-W47")));
        let due = watch.due();
        assert_eq!(due.len(), 1);
        assert_eq!(
            (due[0].owner, due[0].denials, due[0].amount.as_str()),
            (Owner::Authorisation, 5, "50.00")
        );
    }
}
