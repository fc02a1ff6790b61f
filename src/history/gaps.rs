//! Where a denial slipped through: what became of the edit that should have stopped it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::denials::Weeks;
use super::derive::{AdjustmentRow, payments, rows_of, sent};
use super::rollup;
use super::sent::SentClaim;
use super::tables::Tables;
use super::{denied, story_of};
use crate::archive::Archive;
use crate::scrub::report::cents;
use crate::store::{self, Store};
use crate::x12::Cents;

/// What an edit did to a claim that was denied all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Slip {
    /// The dictionary names no edit that would have stopped it.
    NoEdit,
    /// The edit that would have is not in force here.
    Off,
    /// It is in force, and saw nothing.
    DidNotFire,
    /// It fired as a warning, or on trial.
    Warned,
    /// It stopped the claim, and somebody let it leave in spite of it.
    Overridden,
    /// It stopped the claim, which was corrected and denied all the same.
    Fired,
    /// No claim of ours is known to be the one.
    NotOurs,
}

/// Denials that slipped through in one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// How.
    pub slip: Slip,
    /// The edit, empty where there is none.
    pub edit: String,
    /// CARC.
    pub carc: String,
    /// RARCs beside it, `M76+N290`.
    pub rarcs: String,
    /// Denials less those taken back.
    pub denials: i64,
    /// Cents of those whose remittance balances.
    #[serde(with = "cents")]
    pub amount: Cents,
    /// Some of the claims, by number.
    pub claims: Vec<String>,
}

/// Claims named with a gap.
const EXAMPLES: usize = 5;

/// Every denial by what became of the edit that should have stopped it, most dollars first. Of several edits the one that did most counts.
///
/// # Errors
/// When the store can't be read.
pub fn gaps(
    (store, archive): (&Store, &Archive),
    tables: &Tables,
    weeks: &Weeks,
    is_on: &dyn Fn(&str) -> bool,
) -> Result<Vec<Gap>, store::Error> {
    // Few claims are denied: their stories are read, not all.
    let mut claims: BTreeSet<(usize, String)> = BTreeSet::new();
    denied(store, None, &mut |row| {
        if weeks.has(row.week) && weeks.passes(row) {
            claims.insert((row.claim.len(), row.claim.to_owned()));
        }
    })?;
    let mut found: BTreeMap<(Slip, String, String, String), Gap> = BTreeMap::new();
    for (_, claim) in &claims {
        let Some(story) = story_of(store, archive, claim)? else { continue };
        let all = payments(&story, tables);
        for (place, row) in rows_of(&story, &all, tables) {
            if !rollup::counts(&row) || !weeks.has(&row.week) || !weeks.passes(&row) {
                continue;
            }
            let ours = all.get(place).and_then(|p| sent(&story, &p.pairing));
            let edits = tables
                .dictionary
                .meaning(&row.carc, &rarcs(&row), &row.payer)
                .map(|m| m.edits.as_slice())
                .unwrap_or_default();
            let (slip, edit) = slip(ours, edits, is_on);
            let key = (slip, edit.to_owned(), row.carc.clone(), row.rarcs.clone());
            let gap = found.entry(key).or_insert_with(|| Gap {
                slip,
                edit: edit.to_owned(),
                carc: row.carc.clone(),
                rarcs: row.rarcs.clone(),
                denials: 0,
                amount: 0,
                claims: Vec::new(),
            });
            gap.denials += i64::from(row.sign);
            if row.balanced {
                gap.amount = gap.amount.saturating_add(row.amount);
            }
            if row.sign > 0 && gap.claims.len() < EXAMPLES && !gap.claims.contains(&row.claim) {
                gap.claims.push(row.claim);
            }
        }
    }
    let mut all: Vec<Gap> = found.into_values().filter(|g| g.denials != 0 || g.amount != 0).collect();
    all.sort_by_key(|gap| std::cmp::Reverse((gap.amount, gap.denials)));
    Ok(all)
}

fn rarcs(row: &AdjustmentRow) -> Vec<String> {
    row.rarcs.split('+').filter(|r| !r.is_empty()).map(str::to_owned).collect()
}

fn slip<'e>(ours: Option<&SentClaim>, edits: &'e [String], is_on: &dyn Fn(&str) -> bool) -> (Slip, &'e str) {
    let Some(first) = edits.first() else { return (Slip::NoEdit, "") };
    let Some(ours) = ours else { return (Slip::NotOurs, first) };
    let of = |edit: &'e String| {
        let fired = ours.fired.iter().find(|f| f.edit == *edit);
        let slip = match fired {
            _ if ours.overridden.contains(edit) => Slip::Overridden,
            Some(fired) if fired.stops => Slip::Fired,
            Some(_) => Slip::Warned,
            None if is_on(edit) => Slip::DidNotFire,
            None => Slip::Off,
        };
        (slip, edit.as_str())
    };
    // The one that did most.
    let order = |slip: Slip| match slip {
        Slip::Overridden => 4,
        Slip::Fired => 3,
        Slip::Warned => 2,
        Slip::DidNotFire => 1,
        _ => 0,
    };
    edits
        .iter()
        .map(of)
        .max_by(|a, b| order(a.0).cmp(&order(b.0)).then(b.1.cmp(a.1)))
        .unwrap_or((Slip::NoEdit, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Fired;

    #[test]
    fn the_edit_that_did_most_is_told() {
        let edits = ["E3-001".to_owned(), "E5-001".to_owned()];
        let fired = |edit: &str, stops| Fired { edit: edit.into(), stops };
        let ours = |fired: Vec<Fired>, overridden: &[&str]| SentClaim {
            fired,
            overridden: overridden.iter().map(|e| (*e).to_owned()).collect(),
            ..SentClaim::default()
        };
        let on = |_: &str| true;
        assert_eq!(slip(None, &[], &on), (Slip::NoEdit, ""));
        assert_eq!(slip(None, &edits, &on), (Slip::NotOurs, "E3-001"));
        assert_eq!(slip(Some(&ours(vec![], &[])), &edits, &on), (Slip::DidNotFire, "E3-001"));
        assert_eq!(slip(Some(&ours(vec![], &[])), &edits, &|e| e == "E5-001"), (Slip::DidNotFire, "E5-001"));
        assert_eq!(slip(Some(&ours(vec![], &[])), &edits, &|_| false), (Slip::Off, "E3-001"));
        let warned = ours(vec![fired("E5-001", false)], &[]);
        assert_eq!(slip(Some(&warned), &edits, &on), (Slip::Warned, "E5-001"));
        let let_go = ours(vec![fired("E5-001", true), fired("E3-001", true)], &["E5-001"]);
        assert_eq!(slip(Some(&let_go), &edits, &on), (Slip::Overridden, "E5-001"));
    }
}
