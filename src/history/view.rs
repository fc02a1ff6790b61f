//! Folds journal records into the history: claims sent, payments, adjustments.

use std::collections::HashSet;
use std::error::Error;
use std::io::BufRead;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::classify::{AdjustmentClass, ClaimClass, classify};
use super::dictionary::Dictionary;
use super::pairing::{Pairing, SentClaim, pair};
use crate::archive::Archive;
use crate::journal::{Entry, Record};
use crate::phi::decode;
use crate::remit::{Remittance, week};
use crate::scrub::{State, Verdict, remittance};
use crate::store::{self, Batch, Store, View};
use crate::x12::Cents;
use crate::x12::element::decimal;

/// One adjustment in the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdjustmentRow {
    /// ISO week of payment.
    pub week: String,
    /// As the 835 identifies the payer.
    pub payer: String,
    /// CLP01.
    pub claim: String,
    /// 1-based service payment, or the claim.
    pub line: Option<usize>,
    /// SVC01-2, empty at the claim.
    pub procedure: String,
    /// CAS01.
    pub group: String,
    /// CARC.
    pub carc: String,
    /// RARCs that explain it.
    pub rarcs: Vec<String>,
    /// Cents; negative in a reversal.
    pub amount: Cents,
    /// What it is.
    pub class: AdjustmentClass,
    /// Root cause by the dictionary, empty when unmapped.
    pub category: String,
    /// Team by the dictionary.
    pub owner: String,
    /// False when the remittance doesn't balance: counted, its dollars not.
    pub balanced: bool,
    /// True when it takes an earlier one back.
    pub reversal: bool,
}

/// One claim payment in the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRow {
    /// ISO week of payment.
    pub week: String,
    /// As the 835 identifies the payer.
    pub payer: String,
    /// CLP01.
    pub claim: String,
    /// CLP07.
    pub payer_claim: String,
    /// CLP03 in cents.
    pub charge: Cents,
    /// CLP04 in cents.
    pub paid: Cents,
    /// Cents refused.
    pub denied: Cents,
    /// What it amounts to.
    pub class: ClaimClass,
    /// The claim of ours it is for.
    pub pairing: Pairing,
}

/// The history's fold.
#[derive(Clone, Debug)]
pub struct HistoryView {
    /// Where verdict lists and remittances are read from.
    pub archive: Archive,
}

impl View for HistoryView {
    fn fold(
        &self,
        entry: &Entry,
        store: &Store,
        batch: &mut Batch,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        match &entry.record {
            Record::Verdicts { file, report, .. } => {
                for verdict in verdicts(&self.archive, report)? {
                    let verdict = verdict?;
                    if !verdict.facts.test {
                        let key = sent_key(&self.archive, &verdict.claim, file, verdict.position);
                        batch.put(&key, &SentClaim::of(file, &verdict))?;
                    }
                }
            }
            Record::Posted { sha256, .. } => {
                let mut trouble = None;
                remittance::each(&self.archive.source(sha256), &mut |remittance| {
                    if !remittance.test {
                        trouble =
                            trouble.take().or(post(&remittance, &self.archive, (store, &mut *batch)).err());
                    }
                })?;
                if let Some(error) = trouble {
                    return Err(error);
                }
            }
            // Nothing of it left: no payment can be for one of its claims.
            Record::Quarantined { file, .. } => {
                store.scan("claim/", &mut |key, sent: SentClaim| {
                    if sent.file == *file {
                        batch.remove(key);
                    }
                })?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// Verdicts of an archived list, one at a time.
///
/// # Errors
/// When the list can't be opened; each item when it can't be read.
pub fn verdicts(
    archive: &Archive,
    report: &str,
) -> std::io::Result<impl Iterator<Item = std::io::Result<Verdict>> + use<>> {
    let lines = std::io::BufReader::new(archive.file(report)?).lines().zip(1..);
    Ok(lines.map(|(line, n)| Ok(decode(line?.as_bytes()).map_err(|bad| bad.at_line(n))?)))
}

/// A claim that was held has left, or is held again.
///
/// # Errors
/// When the store can't be read or written.
pub fn now(
    state: State,
    (store, batch): (&Store, &mut Batch),
    archive: &Archive,
    (claim, file, position): (&str, &str, u64),
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let key = sent_key(archive, claim, file, position);
    if let Some(mut sent) = store.get::<SentClaim>(&key)? {
        state.name().clone_into(&mut sent.state);
        batch.put(&key, &sent)?;
    }
    Ok(())
}

/// Keys start with the length, so that no id is a prefix of another.
fn claim_prefix(archive: &Archive, claim: &str) -> String {
    let claim = archive.in_index(claim);
    format!("claim/{:03}/{claim}/", claim.len())
}

fn sent_key(archive: &Archive, claim: &str, file: &str, position: u64) -> String {
    format!("{}{file}/{position:08}", claim_prefix(archive, claim))
}

fn post(
    remittance: &Remittance,
    archive: &Archive,
    (store, batch): (&Store, &mut Batch),
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let dictionary = Dictionary::shipped();
    let week = remittance.date.map(week).unwrap_or_default();
    for (n, claim) in remittance.claims.iter().enumerate() {
        let (class, denied, adjustments) = classify(claim, dictionary);
        let mut same_id: Vec<SentClaim> = Vec::new();
        store.scan(&claim_prefix(archive, &claim.claim), &mut |_, sent| same_id.push(sent))?;
        // The remittance's own hash in the key: posting it again, from whatever file, writes the same rows over.
        let place = format!("{week}/{}/{}/{n:06}", remittance.payer, remittance.identity);
        let payment = PaymentRow {
            week: week.clone(),
            payer: remittance.payer.clone(),
            claim: claim.claim.clone(),
            payer_claim: claim.payer_claim.clone(),
            charge: claim.charge,
            paid: claim.paid,
            denied,
            class,
            pairing: pair(claim, &same_id),
        };
        batch.put(&format!("payment/{place}"), &payment)?;
        for (k, classified) in adjustments.iter().enumerate() {
            let meaning = dictionary.get(&classified.adjustment.carc);
            let line = classified.line.and_then(|l| claim.lines.get(l - 1));
            let row = AdjustmentRow {
                week: week.clone(),
                payer: remittance.payer.clone(),
                claim: claim.claim.clone(),
                line: classified.line,
                procedure: line.map(|l| l.procedure.clone()).unwrap_or_default(),
                group: classified.adjustment.group.clone(),
                carc: classified.adjustment.carc.clone(),
                rarcs: classified.rarcs.to_vec(),
                amount: classified.adjustment.amount,
                class: classified.class,
                category: meaning.map(|m| m.category.clone()).unwrap_or_default(),
                owner: meaning.map(|m| m.owner.name().to_owned()).unwrap_or_default(),
                balanced: remittance.is_balanced(),
                reversal: claim.status == "22",
            };
            batch.put(&format!("adjustment/{place}/{k:04}"), &row)?;
        }
    }
    Ok(())
}

/// Every claim payment of the history as JSON, by week, payer and remittance: `linked` is the claim of ours it is for,
/// `candidates` those it may be for where that is not certain.
///
/// # Errors
/// When the store can't be read.
pub fn payments(store: &Store) -> Result<Vec<Value>, store::Error> {
    let place = |(file, position): &(String, u64)| json!({ "file": file, "position": position });
    let mut all = Vec::new();
    store.scan("payment/", &mut |_, row: PaymentRow| {
        let (linked, candidates) = match &row.pairing {
            Pairing::Linked(file, position) => {
                (Some(json!({ "file": file, "position": position })), Vec::new())
            }
            Pairing::Unlinked(candidates) => (None, candidates.iter().map(place).collect()),
        };
        all.push(json!({
            "week": row.week, "payer": row.payer, "claim": row.claim, "payer_claim": row.payer_claim,
            "charge": decimal(row.charge), "paid": decimal(row.paid), "denied": decimal(row.denied),
            "class": row.class, "linked": linked, "candidates": candidates,
        }));
    })?;
    Ok(all)
}

/// True where the claim at a place of a file, 1-based, has left.
///
/// # Errors
/// When the store can't be read.
pub fn left(store: &Store, file: &str, position: u64) -> Result<bool, store::Error> {
    let mut found = false;
    store.scan("claim/", &mut |_, sent: SentClaim| {
        found |= sent.file == file && sent.position == position && sent.state == "clean";
    })?;
    Ok(found)
}

/// Files with a claim that left and that no payment is for.
///
/// # Errors
/// When the store can't be read.
pub fn unanswered(store: &Store) -> Result<HashSet<String>, store::Error> {
    let mut answered: HashSet<(String, u64)> = HashSet::new();
    store.scan("payment/", &mut |_, row: PaymentRow| {
        if let Pairing::Linked(file, position) = row.pairing {
            answered.insert((file, position));
        }
    })?;
    let mut files = HashSet::new();
    store.scan("claim/", &mut |_, sent: SentClaim| {
        if sent.state == "clean" && !answered.contains(&(sent.file.clone(), sent.position)) {
            files.insert(sent.file);
        }
    })?;
    Ok(files)
}

/// Every adjustment of the history, by week, payer and remittance.
///
/// # Errors
/// When the store can't be read.
pub fn adjustments(store: &Store, each: &mut dyn FnMut(AdjustmentRow)) -> Result<(), store::Error> {
    store.scan("adjustment/", &mut |_, row| each(row))
}
