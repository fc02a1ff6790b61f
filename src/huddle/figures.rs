//! The figures both teams steer by, with what each is made of, and the two shared ones by week.

use super::build::Work;
use super::detail::section as plain;
use super::head::ratio;
use super::pack::Section;
use super::read::SHOWN;
use crate::sheets::{Cell, Chart, Kind, Table, columns, money, share};

/// Figures of claims that payers decided.
const OF_DECISIONS: [&str; 6] = [
    "first-pass-resolution",
    "denial-rate-of-decided",
    "overturn-rate",
    "overturn-rate-dollars",
    "initial-denial-rate",
    "initial-denial-rate-dollars",
];

/// True of a figure that changes while payers decide what was sent: few denials are no good news before they had their usual time.
#[must_use]
pub fn settles_late(name: &str) -> bool {
    OF_DECISIONS.contains(&name)
}

/// The figures.
#[must_use]
pub fn section(work: &Work<'_>) -> Section {
    let gathered = &work.of.read.gathered;
    let mut rows = Vec::new();
    // Before payers have had their usual time, few denials are not good news.
    let early = gathered.now.cohorts.iter().any(|cohort| cohort.immature);
    for metric in &gathered.now.metrics {
        // Dollars of few claims would tell of them.
        if work.names.are_blinded() && metric.name.ends_with("dollars") {
            continue;
        }
        let was = ratio(&gathered.before, metric.name);
        let is = share(metric.numerator, metric.denominator).filter(|_| metric.needs.is_none());
        let before = share(was.n, was.of);
        let above =
            |n: i64| if metric.name.ends_with("dollars") { Cell::text(money(n)) } else { Cell::Number(n) };
        rows.push(vec![
            Cell::text(metric.name.replace('-', " ")),
            Cell::maybe(is),
            Cell::maybe(before),
            Cell::maybe(
                is.zip(before).filter(|_| !(early && settles_late(metric.name))).map(|(is, b)| is - b),
            ),
            above(metric.numerator),
            above(metric.denominator),
            Cell::text(match metric.needs {
                Some(needs) => format!("{} Needs {needs}.", sentence(metric.definition)),
                None => sentence(metric.definition),
            }),
        ]);
    }
    let table = Table {
        id: "metrics".to_owned(),
        title: "Figures".to_owned(),
        definition: format!(
            "Of claims that first came in {}, as they stand on {}; before: {} to {}. What was sent last week is mostly not \
             decided yet: figures of decided claims will change, and while they will no change is told. Touches are told for a hundred held claims.",
            work.week(),
            work.of.read.span.today,
            work.of.read.span.baseline.0,
            work.of.read.span.baseline.1
        ),
        columns: columns(&[
            ("metric", "Figure", Kind::Text),
            ("value", "This week", Kind::Percent),
            ("before", "Before", Kind::Percent),
            ("change", "Change in points", Kind::Percent),
            ("numerator", "Above the line", Kind::Count),
            ("denominator", "Below the line", Kind::Count),
            ("definition", "What it is", Kind::Text),
        ]),
        rows,
        total: None,
    };
    let mut section = plain(
        "metrics",
        "Figures with their definitions",
        String::new(),
        vec![table, lasting(work), weekly(work)],
    );
    let chart = |y: &str, title: &str| Chart {
        table: "weekly".to_owned(),
        title: title.to_owned(),
        x: "week".to_owned(),
        y: y.to_owned(),
        top: 10_000,
        ..Chart::default()
    };
    section.charts =
        vec![chart("clean", "Clean-claim rate by week"), chart("accepted", "First-pass acceptance by week")];
    section
}

fn sentence(text: &str) -> String {
    if text.ends_with('.') { text.to_owned() } else { format!("{text}.") }
}

/// Days that things take.
fn lasting(work: &Work<'_>) -> Table {
    let gathered = &work.of.read.gathered;
    let row = |(now, before): (&crate::history::Days, Option<&crate::history::Days>)| {
        let of = |days: Option<crate::history::Quantiles>| {
            let [n, median, p90] = days.map_or([None; 3], |q| {
                [i64::try_from(q.n).ok(), Some(i64::from(q.median)), Some(i64::from(q.p90))]
            });
            [Cell::maybe(n), Cell::maybe(median), Cell::maybe(p90)]
        };
        let mut row = vec![Cell::text(now.name.replace('-', " "))];
        row.extend(of(now.days));
        row.push(of(before.and_then(|b| b.days)).into_iter().nth(1).unwrap_or_default());
        row.push(Cell::text(sentence(now.definition)));
        row
    };
    let before = gathered.before.days.iter().map(Some).chain(std::iter::repeat(None));
    Table {
        id: "lasting".to_owned(),
        title: "How long things take".to_owned(),
        definition: "Days, of the same claims.".to_owned(),
        columns: columns(&[
            ("what", "What", Kind::Text),
            ("claims", "Claims", Kind::Count),
            ("median", "Half within", Kind::Days),
            ("p90", "Nine in ten within", Kind::Days),
            ("before", "Half within, before", Kind::Days),
            ("definition", "What it is", Kind::Text),
        ]),
        rows: gathered.now.days.iter().zip(before).map(row).collect(),
        total: None,
    }
}

/// The two shared numbers, week by week.
fn weekly(work: &Work<'_>) -> Table {
    let read = work.of.read;
    let row = |(week, metrics): (&String, &crate::history::Metrics)| {
        let (clean, accepted) = (ratio(metrics, "clean-claim-rate"), ratio(metrics, "first-pass-acceptance"));
        vec![
            Cell::text(week.as_str()),
            Cell::Number(clean.of),
            Cell::Number(clean.n),
            Cell::maybe(share(clean.n, clean.of)),
            Cell::Number(accepted.of),
            Cell::Number(accepted.n),
            Cell::maybe(share(accepted.n, accepted.of)),
        ]
    };
    Table {
        id: "weekly".to_owned(),
        title: "The shared numbers by week".to_owned(),
        definition: format!("The {SHOWN} weeks up to this one, by the week claims first came."),
        columns: columns(&[
            ("week", "Week", Kind::Text),
            ("scrubbed", "Scrubbed", Kind::Count),
            ("clean_claims", "Clean", Kind::Count),
            ("clean", "Clean-claim rate", Kind::Percent),
            ("answered", "Answered", Kind::Count),
            ("accepted_claims", "Accepted", Kind::Count),
            ("accepted", "First-pass acceptance", Kind::Percent),
        ]),
        rows: read.span.shown.iter().zip(&read.gathered.weekly).map(row).collect(),
        total: None,
    }
}
