//! Claim payments as people ask for them.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::derive::payments as derived;
use super::pairing::Pairing;
use super::stories;
use super::tables::Tables;
use crate::remit::week;
use crate::store::{self, Store};
use crate::x12::element::decimal;

/// Every claim payment of the history as JSON, by week, payer and claim: `linked` is the claim of ours it is for,
/// `candidates` those it may be for where that is not certain.
///
/// # Errors
/// When the store can't be read.
pub fn payments(store: &Store, tables: &Tables) -> Result<Vec<Value>, store::Error> {
    let place = |(file, position): &(String, u64)| json!({ "file": file, "position": position });
    let mut all: Vec<([String; 3], Value)> = Vec::new();
    stories(store, &mut |story| {
        for payment in derived(&story, tables) {
            let paid = payment.paid;
            let (linked, candidates) = match &payment.pairing {
                Pairing::Linked(file, position) => {
                    (Some(json!({ "file": file, "position": position })), Vec::new())
                }
                Pairing::Unlinked(candidates) => (None, candidates.iter().map(place).collect()),
            };
            let week = paid.date.map(week).unwrap_or_default();
            let value = json!({
                "week": week, "payer": paid.payer, "claim": story.claim, "payer_claim": paid.payer_claim,
                "charge": decimal(paid.charge), "paid": decimal(paid.paid), "denied": decimal(payment.denied),
                "class": payment.class, "leg": payment.leg, "reversed": payment.reversed_by.is_some(),
                "linked": linked, "candidates": candidates,
            });
            all.push(([week, paid.payer.clone(), story.claim.clone()], value));
        }
        true
    })?;
    all.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(all.into_iter().map(|(_, value)| value).collect())
}

/// Files with a claim that left and that no payment is for.
///
/// # Errors
/// When the store can't be read.
pub fn unanswered(store: &Store, tables: &Tables) -> Result<HashSet<String>, store::Error> {
    let mut files = HashSet::new();
    stories(store, &mut |story| {
        let of = derived(&story, tables).into_iter().filter_map(|p| match p.pairing {
            Pairing::Linked(file, position) => Some((file, position)),
            Pairing::Unlinked(_) => None,
        });
        let answered: HashSet<(String, u64)> = of.collect();
        for sent in story.sent.iter().filter(|s| s.has_left()) {
            if !answered.contains(&(sent.file.clone(), sent.position)) {
                files.insert(sent.file.clone());
            }
        }
        true
    })?;
    Ok(files)
}
