//! Payers as the history knows them: how much, how fast, and which names on claims and on remittances seem to be one.

use std::collections::BTreeMap;

use serde::Serialize;

use super::classify::{AdjustmentClass, ClaimClass};
use super::derive::{derived, payments, sent};
use super::metrics::days;
use super::spread::{Quantiles, Spread};
use super::stories;
use super::tables::Tables;
use crate::scrub::report::cents;
use crate::store::{self, Store};
use crate::x12::Cents;

/// One payer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PayerRow {
    /// Its pack's id, else as claims or remittances name it.
    pub payer: String,
    /// True where a payer pack says who it is.
    pub mapped: bool,
    /// Claims sent to it.
    pub sent: u64,
    /// Claim payments from it.
    pub payments: u64,
    /// Of them denied whole.
    pub denied: u64,
    /// Cents it paid.
    #[serde(with = "cents")]
    pub paid: Cents,
    /// Days from the day a claim left to its payment.
    pub days: Option<Quantiles>,
}

/// A name on claims and a name on remittances that belong together by linked claims, and that no pack maps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unmapped {
    /// As claims name it: 2010BB NM109.
    pub on_claims: String,
    /// As remittances name it.
    pub on_remittances: String,
    /// Claims that were sent to the one and paid by the other.
    pub claims: u64,
}

/// Every payer, most claims first; and pairs of names that a pack should map.
///
/// # Errors
/// When the store can't be read.
pub fn payers(store: &Store, tables: &Tables) -> Result<(Vec<PayerRow>, Vec<Unmapped>), store::Error> {
    let mut all: BTreeMap<String, (PayerRow, Spread)> = BTreeMap::new();
    let mut pairs: BTreeMap<(String, String), u64> = BTreeMap::new();
    let is_mapped = |id: &str| tables.payers.iter().any(|pack| pack.id == id);
    stories(store, &mut |story| {
        for claim in story.sent.iter().filter(|s| s.has_left()) {
            all.entry(claim.payer.clone()).or_default().0.sent += 1;
        }
        for payment in payments(&story, tables) {
            let (row, spread) = all.entry(payment.paid.payer.clone()).or_default();
            row.payments += 1;
            row.denied += u64::from(payment.class == ClaimClass::Denied);
            row.paid = row.paid.saturating_add(payment.paid.paid);
            let Some(ours) = sent(&story, &payment.pairing) else { continue };
            if let Some((left, day)) = ours.left.zip(payment.paid.date) {
                spread.add(days(left, day));
            }
            let known = is_mapped(&ours.payer) && is_mapped(&payment.paid.payer);
            if ours.payer != payment.paid.payer && !known && ours.sent.sequence == payment.leg.code() {
                *pairs.entry((ours.payer.clone(), payment.paid.payer.clone())).or_default() += 1;
            }
        }
        true
    })?;
    let row = |(payer, (row, spread)): (String, (PayerRow, Spread))| {
        let mapped = is_mapped(&payer);
        PayerRow { payer, mapped, days: spread.quantiles(), ..row }
    };
    let mut rows: Vec<PayerRow> = all.into_iter().map(row).collect();
    rows.sort_by(|a, b| (b.sent, b.payments, &a.payer).cmp(&(a.sent, a.payments, &b.payer)));
    let mut unmapped: Vec<Unmapped> = pairs
        .into_iter()
        .map(|((on_claims, on_remittances), claims)| Unmapped { on_claims, on_remittances, claims })
        .collect();
    unmapped.sort_by(|a, b| (b.claims, &a.on_claims).cmp(&(a.claims, &b.on_claims)));
    Ok((rows, unmapped))
}

/// A reason that the dictionary doesn't know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnmappedReason {
    /// CARC.
    pub carc: String,
    /// RARCs beside it.
    pub rarcs: String,
    /// Payer.
    pub payer: String,
    /// Adjustments less those taken back.
    pub adjustments: i64,
    /// Cents.
    #[serde(with = "cents")]
    pub amount: Cents,
}

/// Reasons that the dictionary doesn't know, most dollars first.
///
/// # Errors
/// When the store can't be read.
pub fn unmapped(store: &Store, tables: &Tables) -> Result<Vec<UnmappedReason>, store::Error> {
    let mut found: BTreeMap<(String, String, String), (i64, Cents)> = BTreeMap::new();
    stories(store, &mut |story| {
        for row in derived(&story, tables)
            .0
            .into_iter()
            .filter(|r| r.class == AdjustmentClass::Unknown && r.sign != 0)
        {
            let sums = found.entry((row.carc, row.rarcs, row.payer)).or_default();
            sums.0 += i64::from(row.sign);
            sums.1 = sums.1.saturating_add(if row.balanced { row.amount } else { 0 });
        }
        true
    })?;
    let mut all: Vec<UnmappedReason> = found
        .into_iter()
        .filter(|(_, sums)| *sums != (0, 0))
        .map(|((carc, rarcs, payer), (adjustments, amount))| UnmappedReason {
            carc,
            rarcs,
            payer,
            adjustments,
            amount,
        })
        .collect();
    all.sort_by(|a, b| (b.amount, b.adjustments, &a.carc).cmp(&(a.amount, a.adjustments, &b.carc)));
    Ok(all)
}
