//! The dashboard: each figure with what it is made of, how it moved, and against what.

use axum::response::Response;
use jiff::civil::Date;
use maud::{Markup, PreEscaped, html};

use super::report::{chart, files, plain_table, report};
use crate::history::{Metric, Metrics};
use crate::huddle::{Ratio, change, settles_late};
use crate::sheets::{Cell, Chart, Kind, Table, columns, money, share, sparkline};
use crate::web::reading::dashboard::{Figures, SPANS};
use crate::web::request::Signed;
use crate::web::say;

/// Figures that are better when they are higher.
const HIGHER: [&str; 5] = [
    "clean-claim-rate",
    "first-pass-acceptance",
    "first-pass-resolution",
    "overturn-rate",
    "overturn-rate-dollars",
];
/// Points of a percent below which a figure moves so little that its line is flat.
const LEAST: i64 = 400;

/// The page.
pub fn dashboard(who: &Signed, of: &Figures, today: Date, alerts: usize) -> Response {
    let sent = of.now.cohorts.iter().map(|c| c.sent).sum::<i64>();
    let [lasting, held, reasons, cohorts] = details(of);
    let content = html! {
        h1 { "Dashboard" }
        nav .choices aria-label="Weeks" {
            @for weeks in SPANS {
                a href={ "/dashboard?weeks=" (weeks) } aria-current=[(weeks == of.weeks).then_some("true")] { (weeks) " weeks" }
            }
        }
        p .lead {
            "Claims that first came in " (of.span.0) " to " (of.span.1) ", as they stand on " (say::day(today)) "; held against "
            (of.baseline.0) " to " (of.baseline.1) ". Lines show the last " (of.weekly.len()) " weeks."
        }
        p .lead {
            @match alerts { 0 => "No alert is open.", 1 => { a href="/alerts" { "One alert is open" } "." }, n => { a href="/alerts" { (n) " alerts are open" } "." } }
        }
        @if sent == 0 && of.now.metrics.iter().all(|m| m.denominator <= 0) {
            div .empty { p { "No claim came in these weeks." } p { "Figures appear with the first claims that are dropped, or imported (" code { "claimloop history import" } ")." } }
        }
        ul .cards { @for metric in &of.now.metrics { (card(metric, of)) } }
        (plain_table(&lasting))
        div .beside { (plain_table(&held)) (plain_table(&reasons)) }
        (chart(&Chart {
            table: "cohorts".to_owned(), title: "Denied of those decided, by the week claims first left".to_owned(), x: "week".to_owned(), y: "rate".to_owned(),
            top: top(&cohorts), ..Chart::default()
        }, &cohorts))
        (files("/dashboard"))
    };
    report(who, ("Dashboard", "Dashboard"), &content)
}

/// The highest rate of a chart, rounded up to tens of percent.
fn top(of: &Table) -> i64 {
    let highest = of.column("rate").filter_map(Cell::number).max().unwrap_or(0);
    (highest.clamp(1, 10_000) as u64).div_ceil(1_000) as i64 * 1_000
}

fn metric<'m>(of: &'m Metrics, name: &str) -> Option<&'m Metric> {
    of.metrics.iter().find(|m| m.name == name).filter(|m| m.needs.is_none())
}

fn ratio(of: Option<&Metric>) -> Ratio {
    of.map(|m| Ratio { n: m.numerator, of: m.denominator }).unwrap_or_default()
}

/// Above and below the line as people read them: dollars, or how many.
fn part(name: &str, n: i64) -> String {
    if name.ends_with("dollars") { money(n) } else { crate::sheets::grouped(n) }
}

fn title(name: &str) -> String {
    let words =
        name.replace('-', " ").replace("clean claim", "clean-claim").replace("first pass", "first-pass");
    let words = words.strip_suffix(" dollars").map_or(words.clone(), |rest| format!("{rest}, by dollars"));
    say::sentence(&words)
}

fn card(of: &Metric, figures: &Figures) -> Markup {
    let before = metric(&figures.before, of.name);
    let is_share = of.name != "touches-per-held-claim";
    let weekly: Vec<Option<i64>> = figures
        .weekly
        .iter()
        .map(|(_, m)| metric(m, of.name).and_then(|m| share(m.numerator, m.denominator)))
        .collect();
    let early = settles_late(of.name) && figures.now.cohorts.iter().any(|c| c.immature);
    let said = match (&of.value, before) {
        (None, _) => String::new(),
        _ if early => {
            "Too early to hold against the weeks before: payers have not had their usual time.".to_owned()
        }
        (Some(_), None) => "Nothing to hold it against in the weeks before.".to_owned(),
        (Some(_), Some(was)) if !is_share => {
            format!("{} in the 13 weeks before.", was.value.clone().unwrap_or_default())
        }
        (Some(_), was) => format!("{}.", change(ratio_now(of), ratio(was), ("time", "13 weeks"))),
    };
    let trend = before.filter(|_| is_share && !early).and_then(|was| {
        let (is, was) = (share(of.numerator, of.denominator)?, share(was.numerator, was.denominator)?);
        let better = (is > was) == HIGHER.contains(&of.name);
        (is != was && !said.contains("chance")).then_some(match (is > was, better) {
            (true, true) => ("\u{25b2} better", "clean"),
            (false, true) => ("\u{25bc} better", "clean"),
            (true, false) => ("\u{25b2} worse", "rejected"),
            (false, false) => ("\u{25bc} worse", "rejected"),
        })
    });
    let line = sparkline(&weekly, LEAST, &format!("{} by week over {} weeks", title(of.name), weekly.len()));
    html! {
        li .card {
            h2 { (title(of.name)) }
            p .value { @match &of.value { Some(value) => (value), None => span .none { "\u{2013}" } } @if let Some((word, class)) = trend { " " span .state.(class) { (word) } } }
            @if let Some(line) = line { (PreEscaped(line)) }
            p .small { @if let Some(needs) = of.needs { "Needs " (needs) "." } @else { (say::sentence(&said)) } }
            details {
                summary { "What it is" }
                p { (of.definition.trim_end_matches(", in cents")) "." }
                dl .parts {
                    div { dt { "Above the line" } dd { (part(of.name, of.numerator)) } }
                    div { dt { "Below the line" } dd { (part(of.name, of.denominator)) } }
                    @if let Some(was) = before { div { dt { "Before" } dd { (part(of.name, was.numerator)) " of " (part(of.name, was.denominator)) } } }
                }
            }
        }
    }
}

fn ratio_now(of: &Metric) -> Ratio {
    Ratio { n: of.numerator, of: of.denominator }
}

/// Everything the page shows, for a file.
pub fn tables(of: &Figures) -> Vec<Table> {
    let row = |m: &Metric| {
        let before = metric(&of.before, m.name);
        let dollars = m.name.ends_with("dollars");
        let part = |n: Option<i64>| match n {
            Some(n) if dollars => Cell::text(money(n)),
            n => Cell::maybe(n),
        };
        vec![
            Cell::text(m.name),
            Cell::maybe(share(m.numerator, m.denominator).filter(|_| m.needs.is_none())),
            part(Some(m.numerator)),
            part(Some(m.denominator)),
            Cell::maybe(before.and_then(|b| share(b.numerator, b.denominator))),
            part(before.map(|b| b.numerator)),
            part(before.map(|b| b.denominator)),
            Cell::text(m.definition),
        ]
    };
    let figures = Table {
        id: "figures".to_owned(),
        title: "Figures".to_owned(),
        definition: format!(
            "Claims that first came in {} to {}, held against {} to {}. Touches are told for a hundred held claims.",
            of.span.0, of.span.1, of.baseline.0, of.baseline.1
        ),
        columns: columns(&[
            ("figure", "Figure", Kind::Text),
            ("value", "Value", Kind::Percent),
            ("numerator", "Above the line", Kind::Count),
            ("denominator", "Below the line", Kind::Count),
            ("before", "Before", Kind::Percent),
            ("before_numerator", "Above the line before", Kind::Count),
            ("before_denominator", "Below the line before", Kind::Count),
            ("definition", "What it is", Kind::Text),
        ]),
        rows: of.now.metrics.iter().map(row).collect(),
        total: None,
    };
    let weekly = Table {
        id: "weekly".to_owned(),
        title: "Figures by week".to_owned(),
        definition: "By the week claims first came, in percent.".to_owned(),
        columns: [("week", Kind::Text)]
            .into_iter()
            .chain(of.now.metrics.iter().map(|m| (m.name, Kind::Percent)))
            .map(|(name, kind)| crate::sheets::Column::of(name, &title(name), kind))
            .collect(),
        rows: of
            .weekly
            .iter()
            .map(|(week, metrics)| {
                let figures = of.now.metrics.iter().map(|m| {
                    Cell::maybe(metric(metrics, m.name).and_then(|m| share(m.numerator, m.denominator)))
                });
                std::iter::once(Cell::text(week.as_str())).chain(figures).collect()
            })
            .collect(),
        total: None,
    };
    [figures, weekly].into_iter().chain(details(of)).collect()
}

/// How long things take, what is held, why claims are denied first, and claims by the week they left.
fn details(of: &Figures) -> [Table; 4] {
    let lasting = |days: &crate::history::Days| {
        let of = days.days;
        vec![
            Cell::text(title(days.name)),
            Cell::maybe(of.and_then(|d| i64::try_from(d.n).ok())),
            Cell::maybe(of.map(|d| i64::from(d.median))),
            Cell::maybe(of.map(|d| i64::from(d.p90))),
            Cell::text(days.definition),
        ]
    };
    let held = &of.now.held;
    let sum = held.iter().fold((0, 0), |(n, cents), h| (n + h.claims, h.charge.saturating_add(cents)));
    let cohort = |c: &crate::history::Cohort| {
        vec![
            Cell::text(c.week.as_str()),
            Cell::Number(c.sent),
            Cell::Number(c.decided),
            Cell::Number(c.denied),
            Cell::maybe(share(c.denied, c.decided)),
            Cell::Number(c.charge),
            Cell::Number(c.charge_denied),
            Cell::text(if c.immature { "will change" } else { "settled" }),
        ]
    };
    let reason = |r: &crate::history::Reason| {
        vec![Cell::text(format!("CARC {}", r.carc)), Cell::Number(r.claims), Cell::Number(r.amount)]
    };
    let named = |id: &str, title: &str, definition: &str, of: &[(&str, &str, Kind)], rows| Table {
        id: id.to_owned(),
        title: title.to_owned(),
        definition: definition.to_owned(),
        columns: columns(of),
        rows,
        total: None,
    };
    let mut waiting = named(
        "held",
        "Held now",
        "Claims that wait for a decision or are about to leave, by how long.",
        &[("age", "For", Kind::Text), ("claims", "Claims", Kind::Count), ("charge", "Charge", Kind::Money)],
        held.iter()
            .map(|h| vec![Cell::text(h.age), Cell::Number(h.claims), Cell::Number(h.charge)])
            .collect(),
    );
    waiting.total = Some(vec![Cell::text("all"), Cell::Number(sum.0), Cell::Number(sum.1)]);
    [
        named(
            "lasting",
            "How long things take",
            "Days, of the same claims.",
            &[
                ("what", "What", Kind::Text),
                ("claims", "Claims", Kind::Count),
                ("median", "Half within", Kind::Days),
                ("p90", "Nine in ten within", Kind::Days),
                ("definition", "What it is", Kind::Text),
            ],
            of.now.days.iter().map(lasting).collect(),
        ),
        waiting,
        named(
            "reasons",
            "First denials by reason",
            "Claims denied whole by their first decision, by the reason that refuses most, most dollars first.",
            &[
                ("carc", "Reason", Kind::Text),
                ("claims", "Claims", Kind::Count),
                ("amount", "Refused", Kind::Money),
            ],
            of.now.reasons.iter().take(10).map(reason).collect(),
        ),
        named(
            "cohorts",
            "By the week claims first left",
            "Decided and denied by the payer's first decision. Weeks whose payers have not had their usual time will change.",
            &[
                ("week", "Week", Kind::Text),
                ("sent", "Left", Kind::Count),
                ("decided", "Decided", Kind::Count),
                ("denied", "Denied", Kind::Count),
                ("rate", "Denied of decided", Kind::Percent),
                ("charge", "Charge", Kind::Money),
                ("charge_denied", "Charge denied", Kind::Money),
                ("standing", "Standing", Kind::Text),
            ],
            of.now.cohorts.iter().map(cohort).collect(),
        ),
    ]
}
