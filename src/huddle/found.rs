//! Wins, and what began or got worse.

use super::build::{Told, Work};
use super::gather::Sum;
use super::pack::{Block, Item};
use super::read::BASELINE;
use crate::alerts::dollars;
use crate::sheets::grouped;
use crate::trends::distribution::upper_tail;

/// Sentences at most.
const MOST: usize = 5;
/// Improvements at most: what came back and what was held less stands beside them.
const MOST_WINS: usize = 2;
/// Fewer holds are a win where so few come by chance less often than this.
const BY_CHANCE: f64 = 0.05;

fn item(told: &Told<'_>) -> Item {
    let weeks = told.finding.until.saturating_sub(told.finding.start);
    let sure = match told.alert.evidence.as_str() {
        "strong" => "hardly chance",
        "likely" => "probably not chance",
        _ => "may be chance",
    };
    Item {
        kind: told.alert.kind.name().to_owned(),
        text: told.alert.message.clone(),
        small: format!("{sure}; for {}", counted(weeks as i64, "week")),
        owner: Some(told.alert.owner),
        claims: Some(told.claims()),
        amount: told.finding.excess_cents,
    }
}

/// `1 claim`, `2 claims`.
#[must_use]
pub fn counted(n: i64, what: &str) -> String {
    format!("{} {what}{}", grouped(n), if n == 1 { "" } else { "s" })
}

/// What went better.
#[must_use]
pub fn wins(work: &Work<'_>) -> Block {
    let mut items: Vec<Item> = work.told.iter().filter(|t| t.is_better()).take(MOST_WINS).map(item).collect();
    items.extend(fewer_holds(work));
    items.extend(recovered(work));
    let said =
        if items.is_empty() { "No improvement stands out this week.".to_owned() } else { String::new() };
    Block { said, items }
}

fn fewer_holds(work: &Work<'_>) -> Option<Item> {
    let (mut now, mut before) = (Sum::default(), Sum::default());
    for (held, week) in work.holds_by_week() {
        if week == work.week() {
            now.add(held.charge);
        } else if work.is_before(&week) {
            before.add(held.charge);
        }
    }
    // Holds of as many claims as came: fewer claims alone are no win.
    let scrubbed = |metrics| super::head::ratio(metrics, "clean-claim-rate").of as f64;
    let gathered = &work.of.read.gathered;
    let (came, came_before) = (scrubbed(&gathered.now), scrubbed(&gathered.before));
    if came_before <= 0.0 || came <= 0.0 {
        return None;
    }
    let usual = before.claims as f64 * came / came_before;
    let fewer = usual > 0.0 && 1.0 - upper_tail(now.claims as f64, usual, 1.0) < BY_CHANCE;
    fewer.then(|| Item {
        kind: "fewer-holds".to_owned(),
        text: format!(
            "Fewer claims were held: {} of {}, usually {usual:.0} of as many.",
            grouped(now.claims),
            grouped(came as i64)
        ),
        small: format!("usual by the {BASELINE} weeks before"),
        claims: Some(now.claims),
        ..Item::default()
    })
}

fn recovered(work: &Work<'_>) -> Option<Item> {
    let by_week = &work.of.read.gathered.recovered;
    let now = by_week.get(work.week()).filter(|sum| sum.claims > 0)?;
    let before: i64 =
        by_week.iter().filter(|(week, _)| work.is_before(week)).map(|(_, sum)| sum.amount).sum();
    Some(Item {
        kind: "recovered".to_owned(),
        text: format!(
            "{} came in on {} that had been denied.",
            dollars(now.amount),
            counted(now.claims, "claim")
        ),
        small: format!("in an average week of the {BASELINE} before: {}", dollars(before / BASELINE as i64)),
        claims: Some(now.claims),
        amount: now.amount,
        ..Item::default()
    })
}

/// What began or got worse: at most five, most dollars first.
#[must_use]
pub fn worsening(work: &Work<'_>) -> Block {
    let all: Vec<&Told<'_>> = work.told.iter().filter(|t| !t.is_better()).collect();
    let said = match all.len() {
        0 => "Nothing new, and nothing got worse by more than chance.".to_owned(),
        n if n > MOST => format!("The {MOST} of {n} with most dollars; the others stand under Findings."),
        _ => String::new(),
    };
    Block { said, items: all.into_iter().take(MOST).map(item).collect() }
}
