//! What payers changed, and what we changed in our edits, with what that held.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::build::Work;
use super::found::counted;
use super::gather::Sum;
use super::pack::{Block, Item};
use super::read::SHOWN;
use crate::alerts::dollars;
use crate::edits::{EditChange, Turn};
use crate::history::Count;
use crate::journal::Decision;
use crate::remit::week;

/// Sentences of one sort at most.
const MOST: usize = 2;
/// Edits named in one sentence at most.
const NAMED: usize = 6;
/// Claims from which a reason that is new is told: one may be a slip.
const FEWEST: i64 = 3;
/// Sentences at most.
const ALL: usize = 4;

/// The block.
#[must_use]
pub fn block(work: &Work<'_>) -> Block {
    let mut items: Vec<Item> = new_reasons(work);
    items.extend(attributed(work));
    items.extend(switched(work));
    items.extend(overridden(work));
    items.truncate(ALL);
    let said = if items.is_empty() {
        "No payer changed what it denies as far as the figures tell, and no edit of ours changed.".to_owned()
    } else {
        String::new()
    };
    Block { said, items }
}

/// Reasons a payer gives for the first time in the weeks shown.
fn new_reasons(work: &Work<'_>) -> Vec<Item> {
    let (weekly, shown) = (&work.of.read.weekly, &work.of.read.span.shown);
    let first = shown.first().map(String::as_str).unwrap_or_default();
    let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut payers: BTreeSet<&str> = BTreeSet::new();
    let mut now: Vec<(&str, &str, Count)> = Vec::new();
    for ((week, payer, carc), count) in weekly.denied.iter().filter(|(_, count)| count.denials > 0) {
        if week == work.week() {
            now.push((payer, carc, *count));
        } else if week.as_str() >= first {
            seen.insert((payer, carc));
        }
    }
    // Of a payer that hardly decided before, everything would be new.
    for ((week, payer), decided) in &weekly.decided {
        if week.as_str() >= first && week != work.week() && decided.decided > 0 {
            payers.insert(payer);
        }
    }
    now.retain(|(payer, carc, count)| {
        count.claims >= FEWEST && payers.contains(payer) && !seen.contains(&(payer, carc))
    });
    now.sort_by_key(|(payer, carc, count)| (std::cmp::Reverse(count.amount), *payer, *carc));
    let item = |(payer, carc, count): (&str, &str, Count)| {
        let meaning = work.of.tables.dictionary.meaning(carc, &[], payer);
        let means = meaning.map(|m| format!(" ({})", m.means)).unwrap_or_default();
        Item {
            kind: "new-reason".to_owned(),
            text: format!(
                "Payer {} denied by CARC {carc}{means} for the first time in {SHOWN} weeks: {}, {}.",
                work.names.payer(payer),
                counted(count.claims, "claim"),
                dollars(count.amount)
            ),
            owner: meaning.map(|m| m.owner),
            claims: Some(count.claims),
            amount: count.amount,
            ..Item::default()
        }
    };
    now.into_iter().take(MOST).map(item).collect()
}

/// Findings that the figures put down to the payer, or to an edit of ours.
fn attributed(work: &Work<'_>) -> Vec<Item> {
    let of = |changed: &str| {
        let found: Vec<_> =
            work.told.iter().filter(|t| !t.is_better() && t.alert.changed == changed).collect();
        let claims: i64 = found.iter().map(|t| t.claims()).sum();
        let amount: i64 = found.iter().map(|t| t.finding.excess_cents).sum();
        (found.len() as i64, claims, amount)
    };
    let item = |kind: &str, (n, claims, amount): (i64, i64, i64), text: String| {
        (n > 0).then(|| Item { kind: kind.to_owned(), text, claims: Some(claims), amount, ..Item::default() })
    };
    let (payers, edits) = (of("payer"), of("our-edit"));
    let of_payers =
        format!("{} above put down to one payer: the others decide as before.", counted(payers.0, "finding"));
    let of_edits = format!(
        "{} above put down to an edit of ours: it began as that was switched.",
        counted(edits.0, "finding")
    );
    [item("payer", payers, of_payers), item("our-edit", edits, of_edits)].into_iter().flatten().collect()
}

/// Edits switched or changed in the week.
fn switched(work: &Work<'_>) -> Vec<Item> {
    let this_week = |change: &&EditChange| week(change.day) == work.week();
    let item = |change: &EditChange| {
        let id = change.edit.as_str();
        let edit = work.of.edits.get(id);
        let mut held = Sum::default();
        for (claim, _) in work.holds().filter(|(_, day)| *day >= change.day) {
            if claim.findings.iter().any(|f| f.stops() && f.edit == id) {
                held.add(claim.charge);
            }
        }
        let what = match change.turn {
            Turn::On => "came in force",
            Turn::Off => "was taken out of force",
            Turn::Changed => "was changed",
        };
        let payer = change.payer.as_ref().map(|payer| format!(" for payer {}", work.names.payer(payer)));
        let name = work.names.of_edit(edit, |e| format!(" ({})", e.name.replace('-', " ")));
        let since = if held.claims == 0 {
            "has held no claim since".to_owned()
        } else {
            format!("has held {} since, {}", counted(held.claims, "claim"), dollars(held.amount))
        };
        Item {
            kind: "edit".to_owned(),
            text: format!(
                "{}{name} {what}{} on {} and {since}.",
                work.names.edit(id, edit),
                payer.unwrap_or_default(),
                change.day.strftime("%B %-d")
            ),
            owner: edit.map(|e| e.owner),
            claims: Some(held.claims),
            amount: held.amount,
            ..Item::default()
        }
    };
    let (many, few): (Vec<&EditChange>, Vec<&EditChange>) =
        work.of.changes.iter().filter(this_week).partition(|c| {
            let same = |other: &&EditChange| other.turn == Turn::Changed && other.day == c.day;
            c.turn == Turn::Changed && work.of.changes.iter().filter(same).count() > MOST
        });
    few.into_iter().map(item).chain(together(work, &many)).collect()
}

/// Edits that changed with many others: a new version, or a code set.
fn together(work: &Work<'_>, many: &[&EditChange]) -> Vec<Item> {
    let mut days: BTreeMap<Date, BTreeSet<&str>> = BTreeMap::new();
    many.iter().for_each(|c| {
        days.entry(c.day).or_default().insert(c.edit.as_str());
    });
    let item = |(day, edits): (Date, BTreeSet<&str>)| {
        let names: Vec<String> =
            edits.iter().take(NAMED).map(|id| work.names.edit(id, work.of.edits.get(id))).collect();
        let rest = match edits.len() - names.len() {
            0 => String::new(),
            n => format!(" and {n} more"),
        };
        let text = format!(
            "{} edits were changed on {}: {}{rest}.",
            edits.len(),
            day.strftime("%B %-d"),
            names.join(", ")
        );
        Item { kind: "edits".to_owned(), text, ..Item::default() }
    };
    days.into_iter().map(item).collect()
}

/// Edits that claims left in spite of this week.
fn overridden(work: &Work<'_>) -> Vec<Item> {
    let mut found: BTreeMap<&str, Sum> = BTreeMap::new();
    for (held, _) in work.holds() {
        for (n, step) in held.trail.iter().enumerate() {
            // Taken back before it left.
            if held.trail.get(n + 1).is_some_and(|next| matches!(next.decision, Decision::Undone { .. })) {
                continue;
            }
            let day = step.at.to_zoned(jiff::tz::TimeZone::UTC).date();
            if let Decision::Overridden { edits, .. } = &step.decision
                && week(day) == work.week()
            {
                edits.iter().for_each(|id| found.entry(id).or_default().add(held.charge));
            }
        }
    }
    let mut found: Vec<(&str, Sum)> = found.into_iter().collect();
    found.sort_by_key(|(id, sum)| (std::cmp::Reverse(sum.amount), *id));
    let item = |(id, sum): (&str, Sum)| {
        let edit = work.of.edits.get(id);
        Item {
            kind: "overridden".to_owned(),
            text: format!(
                "{} left in spite of {}{}, {}.",
                counted(sum.claims, "claim"),
                work.names.edit(id, edit),
                work.names.of_edit(edit, |e| format!(" ({})", e.name.replace('-', " "))),
                dollars(sum.amount)
            ),
            owner: edit.map(|e| e.owner),
            claims: Some(sum.claims),
            amount: sum.amount,
            ..Item::default()
        }
    };
    found.into_iter().take(MOST).map(item).collect()
}
