//! How often payers deny for a reason, by week: the rate, where it is expected, and when it changed.

use crate::daemon::trending::Weekly;
use crate::huddle::{BASELINE, Ratio, band};
use crate::sheets::{Cell, Chart, Kind, Table, columns, share};

/// Weeks before a change from which what was usual is told.
const FEWEST: usize = 4;

/// The weeks as a table, and a chart of it with the expected band and the weeks in which something began. What was usual is told by the weeks before the
/// first of them.
pub fn weekly(weeks: &[Weekly], marks: Vec<(String, String)>) -> (Table, Chart) {
    let last = weeks.len().saturating_sub(1);
    let place = |(week, _): &(String, String)| weeks.iter().position(|w| w.week == *week);
    let began = marks.iter().filter_map(place).min().filter(|place| *place >= FEWEST).unwrap_or(last);
    let mut usual = Ratio::default();
    for week in weeks.iter().take(began).rev().take(BASELINE) {
        usual.add(week.denied, week.decided);
    }
    let name = |at: usize| weeks.get(at).map(|w| w.week.as_str()).unwrap_or_default();
    let span = format!("{} to {}", name(began.saturating_sub(BASELINE)), name(began.saturating_sub(1)));
    let rows: Vec<Vec<Cell>> = weeks
        .iter()
        .map(|w| {
            let (low, high) = band(usual, w.decided);
            vec![
                Cell::text(w.week.as_str()),
                Cell::Number(w.decided),
                Cell::Number(w.denied),
                Cell::maybe(share(w.denied, w.decided)),
                low,
                high,
                Cell::Number(w.cents),
            ]
        })
        .collect();
    let highest =
        rows.iter().flat_map(|row| row.get(3..6).unwrap_or_default()).filter_map(Cell::number).max();
    let top = (highest.unwrap_or(0).clamp(1, 10_000) as u64).div_ceil(1_000) as i64 * 1_000;
    let table = Table {
        id: "weeks".to_owned(),
        title: "By week of payment".to_owned(),
        definition: format!(
            "Claims decided, and those of them denied for this reason. Expected: where a week's rate lies nineteen times in twenty by the \
             rate of {span} and its number of claims."
        ),
        columns: columns(&[
            ("week", "Week", Kind::Text),
            ("decided", "Decided", Kind::Count),
            ("denied", "Denied", Kind::Count),
            ("rate", "Denied of decided", Kind::Percent),
            ("low", "Expected from", Kind::Percent),
            ("high", "Expected to", Kind::Percent),
            ("refused", "Refused", Kind::Money),
        ]),
        rows,
        total: None,
    };
    let chart = Chart {
        table: "weeks".to_owned(),
        title: "Denied for this reason of those decided, by week of payment".to_owned(),
        x: "week".to_owned(),
        y: "rate".to_owned(),
        band: Some(("low".to_owned(), "high".to_owned())),
        band_said: format!("expected, by {span}"),
        top,
        marks,
    };
    (table, chart)
}
