//! A page for each payer: how often it denies, how fast it decides, why it denies beside the others, what it may be expected to pay.

use std::collections::{BTreeMap, BTreeSet};

use super::build::Work;
use super::calendar::shifted;
use super::cash::{AHEAD, ahead};
use super::effect::{Ratio, band};
use super::gather::Pace;
use super::pack::Section;
use super::read::{BASELINE, Decided, SHOWN};
use crate::history::Count;
use crate::sheets::{Cell, Chart, Kind, Table, columns, share};

/// Payers that have a page, those with most decided claims first.
const MOST: usize = 30;
/// Weeks before a change from which what was usual is told.
const FEWEST: usize = 4;
/// Reasons of a payer at most.
const REASONS: usize = 10;

/// A payer's weeks, to compare.
struct Payer<'a> {
    id: &'a str,
    weeks: Vec<Decided>,
    all: Decided,
}

/// The pages.
#[must_use]
pub fn sections(work: &Work<'_>) -> Vec<Section> {
    let payers = payers(work);
    let top = top(&payers);
    let mut together = Pace::default();
    work.of.read.gathered.payers.values().for_each(|pace| together.plus(pace));
    let all = payers.len();
    let mut sections: Vec<Section> = payers
        .iter()
        .take(MOST)
        .enumerate()
        .map(|(n, payer)| page(work, (n, payer), top, &together))
        .collect();
    if all > MOST
        && let Some(last) = sections.last_mut()
    {
        last.said.push_str(&format!(" {} payers with fewer decided claims have no page.", all - MOST));
    }
    if sections.is_empty() {
        let said = format!("No payer decided a claim in the {SHOWN} weeks up to {}.", work.week());
        sections.push(Section {
            id: "payers".to_owned(),
            title: "Payers".to_owned(),
            said,
            ..Section::default()
        });
    }
    sections
}

fn payers<'a>(work: &Work<'a>) -> Vec<Payer<'a>> {
    let (weekly, shown) = (&work.of.read.weekly, &work.of.read.span.shown);
    let mut found: BTreeMap<&'a str, Payer<'a>> = BTreeMap::new();
    for ((week, id), decided) in &weekly.decided {
        let Some(place) = shown.iter().position(|shown| shown == week) else { continue };
        let payer = found.entry(id).or_insert_with(|| Payer {
            id,
            weeks: vec![Decided::default(); shown.len()],
            all: Decided::default(),
        });
        payer.all.plus(*decided);
        if let Some(week) = payer.weeks.get_mut(place) {
            week.plus(*decided);
        }
    }
    let mut list: Vec<Payer<'a>> = found.into_values().filter(|payer| payer.all.decided > 0).collect();
    list.sort_by_key(|payer| (std::cmp::Reverse(payer.all.decided), payer.id));
    list
}

/// The scale of all siblings: the highest rate of a week with decisions enough, rounded up to tens of percent.
fn top(payers: &[Payer<'_>]) -> i64 {
    let weeks = payers.iter().flat_map(|payer| &payer.weeks).filter(|week| week.decided >= 5);
    let highest = weeks.filter_map(|week| share(week.denied, week.decided)).max().unwrap_or(0);
    (highest.clamp(1, 10_000) as u64).div_ceil(1_000) as i64 * 1_000
}

fn page(work: &Work<'_>, (n, payer): (usize, &Payer<'_>), top: i64, together: &Pace) -> Section {
    let name = work.names.payer(payer.id);
    let id = format!("payer-{}", n + 1);
    let pace = work.of.read.gathered.payers.get(payer.id).cloned().unwrap_or_default();
    let now = payer.weeks.last().copied().unwrap_or_default();
    let before = before(payer, payer.weeks.len().saturating_sub(1));
    let marks = marks(work, payer.id);
    let usual = usual(payer, &marks, work);
    let rates = rates(&id, payer, work, &usual);
    let chart = Chart {
        table: rates.id.clone(),
        title: format!("{name}: claims denied of those decided, by week of payment"),
        x: "week".to_owned(),
        y: "rate".to_owned(),
        band: Some(("low".to_owned(), "high".to_owned())),
        band_said: format!("expected, by {}", usual.said),
        top,
        marks,
    };
    let tables = vec![
        facts(&id, (now, before), &pace),
        mix(&id, payer.id, work),
        cash(&id, work, &pace, together),
        rates,
    ];
    let said = match now.decided {
        0 => format!("{name} decided no claim in {}.", work.week()),
        _ => String::new(),
    };
    Section { id, title: format!("Payer {name}"), said, charts: vec![chart], tables }
}

/// What a payer denies of what it decides in the weeks of a baseline before a place.
fn before(payer: &Payer<'_>, place: usize) -> Ratio {
    let mut before = Ratio::default();
    for week in payer.weeks.iter().take(place).rev().take(BASELINE) {
        before.add(week.denied, week.decided);
    }
    before
}

/// What is usual, and by which weeks.
struct Usual {
    rate: Ratio,
    said: String,
}

/// Of the weeks before this one; where a change is seen, of those before the first: what changed is not usual yet.
fn usual(payer: &Payer<'_>, marks: &[(String, String)], work: &Work<'_>) -> Usual {
    let shown = &work.of.read.span.shown;
    let last = shown.len().saturating_sub(1);
    let first_change = marks.iter().filter_map(|(week, _)| shown.iter().position(|w| w == week)).min();
    let place = first_change.filter(|place| *place >= FEWEST).unwrap_or(last);
    let name = |at: usize| shown.get(at).map(String::as_str).unwrap_or_default();
    let said = format!("{} to {}", name(place.saturating_sub(BASELINE)), name(place.saturating_sub(1)));
    Usual { rate: before(payer, place), said }
}

fn facts(id: &str, (now, before): (Decided, Ratio), pace: &Pace) -> Table {
    let lag = pace.days();
    let [median, p90] = lag.map_or([None; 2], |q| [Some(i64::from(q.median)), Some(i64::from(q.p90))]);
    Table {
        id: format!("{id}-facts"),
        title: "Denial rate and lag".to_owned(),
        definition: format!(
            "Decided and denied: claim payments of the week; before: of the {BASELINE} weeks before. Days: from the day a \
             claim left to this payer's first decision, over all that is known."
        ),
        columns: columns(&[
            ("decided", "Decided", Kind::Count),
            ("denied", "Denied", Kind::Count),
            ("rate", "Denied of decided", Kind::Percent),
            ("before", "Before", Kind::Percent),
            ("median", "Half decided within days", Kind::Days),
            ("p90", "Nine in ten within days", Kind::Days),
        ]),
        rows: vec![vec![
            Cell::Number(now.decided),
            Cell::Number(now.denied),
            Cell::maybe(share(now.denied, now.decided)),
            Cell::maybe(share(before.n, before.of)),
            Cell::maybe(median),
            Cell::maybe(p90),
        ]],
        total: None,
    }
}

fn rates(id: &str, payer: &Payer<'_>, work: &Work<'_>, usual: &Usual) -> Table {
    let row = |(week, decided): (&String, &Decided)| {
        let (low, high) = band(usual.rate, decided.decided);
        vec![
            Cell::text(week.as_str()),
            Cell::Number(decided.decided),
            Cell::Number(decided.denied),
            Cell::maybe(share(decided.denied, decided.decided)),
            low,
            high,
        ]
    };
    Table {
        id: format!("{id}-weeks"),
        title: "By week of payment".to_owned(),
        definition: format!(
            "Claims decided and those of them with a denial, less decisions taken back. Expected: where a week's rate lies \
             nineteen times in twenty by the rate of {} and its number of claims.",
            usual.said
        ),
        columns: columns(&[
            ("week", "Week", Kind::Text),
            ("decided", "Decided", Kind::Count),
            ("denied", "Denied", Kind::Count),
            ("rate", "Denied of decided", Kind::Percent),
            ("low", "Expected from", Kind::Percent),
            ("high", "Expected to", Kind::Percent),
        ]),
        rows: work.of.read.span.shown.iter().zip(&payer.weeks).map(row).collect(),
        total: None,
    }
}

/// Weeks in which the detector sees a change of this payer's denials begin.
fn marks(work: &Work<'_>, payer: &str) -> Vec<(String, String)> {
    let shown = &work.of.read.span.shown;
    let mut weeks: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for told in work.told.iter().filter(|told| told.finding.key.payer.as_deref() == Some(payer)) {
        let word = if told.is_better() { "fewer" } else { "more" };
        if shown.contains(&told.alert.since) {
            weeks
                .entry(told.alert.since.clone())
                .or_default()
                .insert(format!("{word} CARC {}", told.alert.carc));
        }
    }
    weeks.into_iter().map(|(week, words)| (week, words.into_iter().collect::<Vec<_>>().join(", "))).collect()
}

fn mix(id: &str, payer: &str, work: &Work<'_>) -> Table {
    let (mut own, mut others): (BTreeMap<&str, Count>, Count) = (BTreeMap::new(), Count::default());
    let mut of_others: BTreeMap<&str, i64> = BTreeMap::new();
    let mut all = 0;
    for ((week, by, carc), count) in &work.of.read.weekly.denied {
        if week != work.week() && !work.is_before(week) {
            continue;
        }
        if by == payer {
            own.entry(carc).or_default().add(*count);
            all += count.denials;
        } else {
            others.add(*count);
            *of_others.entry(carc).or_default() += count.denials;
        }
    }
    let mut list: Vec<(&str, Count)> = own.into_iter().filter(|(_, count)| count.denials > 0).collect();
    list.sort_by_key(|(carc, count)| (std::cmp::Reverse((count.amount, count.denials)), *carc));
    let row = |(carc, count): (&str, Count)| {
        let meaning = work.of.tables.dictionary.meaning(carc, &[], payer);
        vec![
            Cell::text(carc),
            Cell::text(meaning.map(|m| m.means.clone()).unwrap_or_default()),
            Cell::Number(count.denials),
            Cell::Number(count.amount),
            Cell::maybe(share(count.denials, all)),
            Cell::maybe(share(of_others.get(carc).copied().unwrap_or(0), others.denials)),
        ]
    };
    Table {
        id: format!("{id}-mix"),
        title: "Why it denies, beside the other payers".to_owned(),
        definition: format!(
            "Denials of {} to {}, the {REASONS} reasons with most dollars; each reason's share of this payer's denials, and \
             of those of all others.",
            work.of.read.span.baseline.0,
            work.week()
        ),
        columns: columns(&[
            ("carc", "CARC", Kind::Text),
            ("means", "Means", Kind::Text),
            ("denials", "Denials", Kind::Count),
            ("amount", "Refused", Kind::Money),
            ("share", "Share here", Kind::Percent),
            ("others", "Share elsewhere", Kind::Percent),
        ]),
        rows: list.into_iter().take(REASONS).map(row).collect(),
        total: None,
    }
}

fn cash(id: &str, work: &Work<'_>, own: &Pace, together: &Pace) -> Table {
    let next: Vec<String> = (1..=AHEAD as i64).map(|n| shifted(work.week(), n)).collect();
    let weeks = ahead(own, together);
    let open: i64 = own.open.iter().map(|sum| sum.claims).sum();
    let row = |(week, ahead): (&String, &super::cash::Ahead)| {
        vec![
            Cell::text(week.as_str()),
            Cell::Number(open),
            Cell::Number(ahead.expected),
            Cell::Number(ahead.low),
            Cell::Number(ahead.high),
        ]
    };
    let sum = weeks.iter().map(|week| week.expected).sum();
    Table {
        id: format!("{id}-cash"),
        title: "Cash to expect".to_owned(),
        definition: format!(
            "Waiting: claims that had left by {} and were not decided. Each is expected with the chance that this payer decides one of \
             its age in that week, at the share of charges it paid in the {SHOWN} weeks before; likely: 95 %, if it keeps its \
             pace.",
            work.of.read.span.until
        ),
        columns: columns(&[
            ("week", "Week", Kind::Text),
            ("open", "Waiting now", Kind::Count),
            ("expected", "Expected", Kind::Money),
            ("low", "Likely from", Kind::Money),
            ("high", "Likely to", Kind::Money),
        ]),
        rows: next.iter().zip(&weeks).map(row).collect(),
        total: Some(vec![
            Cell::text("all"),
            Cell::Number(open),
            Cell::Number(sum),
            Cell::Nothing,
            Cell::Nothing,
        ]),
    }
}
