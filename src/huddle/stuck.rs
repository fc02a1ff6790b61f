//! What doesn't move: claims held, by team and age, and edits that hold again and again.

use std::collections::{BTreeMap, BTreeSet};

use super::build::Work;
use super::calendar::back;
use super::found::counted;
use super::gather::Sum;
use super::pack::{Block, Item};
use crate::alerts::dollars;
use crate::edits::Owner;
use crate::history::days;
use crate::x12::Cents;

/// Weeks that are looked at for what comes back.
const WEEKS: usize = 8;
/// Weeks of them in which an edit must have held to come back.
const AGAIN: usize = 3;
/// Days after which a held claim is old.
const OLD: i32 = 7;
/// Edits that are told.
const MOST: usize = 2;
/// Teams that are told, those with most dollars; all of them stand in the detail.
const TEAMS: usize = 3;

/// The block.
#[must_use]
pub fn block(work: &Work<'_>) -> Block {
    let mut items = waiting(work);
    let said = if items.is_empty() {
        let held = work.holds_by_week().any(|(_, week)| week == work.week());
        if held {
            "No claim waits any more.".to_owned()
        } else {
            "No claims were held this week, and none waits.".to_owned()
        }
    } else {
        String::new()
    };
    items.extend(again(work));
    Block { said, items }
}

fn waiting(work: &Work<'_>) -> Vec<Item> {
    let today = work.of.read.span.today;
    let mut teams: BTreeMap<Option<Owner>, (Sum, i64, i32)> = BTreeMap::new();
    for (held, day) in work.holds().filter(|(held, _)| held.is_open()) {
        let (sum, old, oldest) = teams.entry(held.owner).or_default();
        sum.add(held.charge);
        let age = days(day, today);
        *old += i64::from(age > OLD);
        *oldest = (*oldest).max(age);
    }
    let mut items: Vec<Item> = teams
        .into_iter()
        .map(|(owner, (sum, old, oldest))| {
            let team = owner.map_or("no team", Owner::name);
            let of_old = match old {
                0 => format!("none for more than {OLD} days"),
                n => format!("{n} for more than {OLD} days"),
            };
            Item {
                kind: "held".to_owned(),
                text: format!(
                    "{} held for {team}, {}; {of_old}, the oldest for {}.",
                    counted(sum.claims, "claim"),
                    dollars(sum.amount),
                    counted(i64::from(oldest), "day")
                ),
                owner,
                claims: Some(sum.claims),
                amount: sum.amount,
                ..Item::default()
            }
        })
        .collect();
    items.sort_by_key(|item| std::cmp::Reverse(item.amount));
    items.truncate(TEAMS);
    items
}

/// Edits that held claims in most of the last weeks, this one among them.
fn again(work: &Work<'_>) -> Vec<Item> {
    let weeks = back(work.week(), WEEKS);
    let mut edits: BTreeMap<&str, (BTreeSet<String>, i64, Cents)> = BTreeMap::new();
    for (held, week) in work.holds_by_week().filter(|(_, week)| weeks.contains(week)) {
        let ids: BTreeSet<&str> =
            held.findings.iter().filter(|f| f.stops()).map(|f| f.edit.as_str()).collect();
        for id in ids {
            let (seen, claims, cents) = edits.entry(id).or_default();
            seen.insert(week.clone());
            *claims += 1;
            *cents = cents.saturating_add(held.charge);
        }
    }
    let mut found: Vec<(&str, usize, i64, Cents)> = edits
        .into_iter()
        .filter(|(_, (seen, ..))| seen.len() >= AGAIN && seen.contains(work.week()))
        .map(|(id, (seen, claims, cents))| (id, seen.len(), claims, cents))
        .collect();
    found.sort_by_key(|(id, _, _, cents)| (std::cmp::Reverse(*cents), *id));
    let item = |(id, seen, claims, cents): (&str, usize, i64, Cents)| {
        let edit = work.of.edits.get(id);
        let name = work.names.of_edit(edit, |e| format!(" ({})", e.name.replace('-', " ")));
        Item {
            kind: "again".to_owned(),
            text: format!(
                "{}{name} held claims in {seen} of the last {WEEKS} weeks: {}, {}.",
                work.names.edit(id, edit),
                counted(claims, "claim"),
                dollars(cents)
            ),
            owner: edit.map(|e| e.owner),
            claims: Some(claims),
            amount: cents,
            ..Item::default()
        }
    };
    found.into_iter().take(MOST).map(item).collect()
}
