//! What the facts under a claim number come to: pure, of the set of facts alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::classify::{AdjustmentClass, ClaimClass, classify};
use super::lines::{LineMatch, match_lines};
use super::pairing::{Pairing, pair};
use super::sent::SentClaim;
use super::story::{Paid, Story};
use super::tables::Tables;
use super::volume::{self, Volume, diagnosis};
use crate::remit::week;
use crate::x12::Cents;

/// Which payer's turn a payment is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leg {
    /// Pays first.
    #[default]
    Primary,
    /// Second.
    Secondary,
    /// Third, or later.
    Tertiary,
}

impl Leg {
    /// As reports spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Leg::Primary => "primary",
            Leg::Secondary => "secondary",
            Leg::Tertiary => "tertiary",
        }
    }

    /// As SBR01 says it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Leg::Primary => "P",
            Leg::Secondary => "S",
            Leg::Tertiary => "T",
        }
    }
}

/// A payment, and what it comes to among the others.
#[derive(Clone, Debug)]
pub struct Payment<'a> {
    /// The fact.
    pub paid: &'a Paid,
    /// Whose turn.
    pub leg: Leg,
    /// The claim of ours it is for.
    pub pairing: Pairing,
    /// The lines of that claim its lines are for.
    pub lines: Vec<LineMatch>,
    /// What it is.
    pub class: ClaimClass,
    /// Cents refused.
    pub denied: Cents,
    /// Of a reversal: the payment it takes back, by place.
    pub reverses: Option<usize>,
    /// It was taken back, by the payment at this place.
    pub reversed_by: Option<usize>,
}

/// One adjustment in the history; its texts are borrowed where many are gone through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdjustmentRow<T = String> {
    /// ISO week of payment.
    pub week: T,
    /// The payer.
    pub payer: T,
    /// CLP01.
    pub claim: T,
    /// Whose turn it was.
    pub leg: Leg,
    /// 1-based service payment, or the claim.
    pub line: Option<u32>,
    /// SVC01-2, empty at the claim.
    pub procedure: T,
    /// Its modifiers, `25+59`.
    pub modifiers: T,
    /// CAS01.
    pub group: T,
    /// CARC.
    pub carc: T,
    /// RARCs that explain it, `M76+N290`.
    pub rarcs: T,
    /// Cents; negative in a reversal.
    pub amount: Cents,
    /// What it is.
    pub class: AdjustmentClass,
    /// Root cause by the dictionary, empty when unmapped.
    pub category: T,
    /// Team by the dictionary.
    pub owner: T,
    /// One of the six consequences, or other.
    pub consequence: T,
    /// False when the remittance doesn't balance: counted, its dollars not.
    pub balanced: bool,
    /// True where it came by an import of old files alone.
    pub imported: bool,
    /// 1; -1 where it takes an earlier one back; 0 where that isn't known.
    pub sign: i8,
    /// Of the claim of ours: 2000B SBR09.
    pub plan: T,
    /// Of the line or claim of ours: place of service.
    pub place: T,
    /// First three signs of the principal diagnosis.
    pub diagnosis: T,
    /// 2010AA NM109.
    pub billing: T,
    /// Channel the claim came by.
    pub channel: T,
    /// `837P`, `837I`, `837D`.
    pub kind: T,
}

/// Every payment of a story, by date; those of one day with takings back first.
#[must_use]
pub fn payments<'a>(story: &'a Story, tables: &Tables) -> Vec<Payment<'a>> {
    let mut order: Vec<&Paid> = story.paid.iter().collect();
    order.sort_by_key(|p| (p.date, !p.is_reversal(), p.id));
    let legs = legs(&order, &story.sent);
    let mut all: Vec<Payment<'a>> = order
        .iter()
        .zip(legs)
        .map(|(paid, leg)| {
            let pairing = pair(paid, leg, &story.sent);
            let of = sent(story, &pairing);
            let lines = of.map(|s| match_lines(&s.sent.lines, &paid.lines)).unwrap_or_default();
            let (class, denied, _) = classify(paid, &tables.dictionary);
            Payment { paid, leg, pairing, lines, class, denied, reverses: None, reversed_by: None }
        })
        .collect();
    for n in 0..all.len() {
        let Some(reversal) = all.get(n).filter(|p| p.paid.is_reversal()).map(|p| p.paid) else { continue };
        let takes_back = |p: &Payment<'_>| {
            let number = p.paid.payer_claim == reversal.payer_claim
                || p.paid.payer_claim.is_empty()
                || reversal.payer_claim.is_empty();
            !p.paid.is_reversal()
                && p.reversed_by.is_none()
                && p.paid.payer == reversal.payer
                && number
                && p.paid.date <= reversal.date
                && p.paid.charge.abs() == reversal.charge.abs()
                && p.paid.paid.abs() == reversal.paid.abs()
        };
        // The latest that fits.
        let original = (0..all.len()).rev().find(|m| *m != n && all.get(*m).is_some_and(takes_back));
        if let Some(original) = original {
            let leg = all.get(original).map(|p| p.leg);
            if let Some(p) = all.get_mut(original) {
                p.reversed_by = Some(n);
            }
            if let Some(p) = all.get_mut(n) {
                p.reverses = Some(original);
                p.leg = leg.unwrap_or_default();
            }
        }
    }
    all
}

/// Whose turn each payment was: CLP02 says it of most; else the claims of ours for that payer, else the payers that came before.
fn legs(order: &[&Paid], sent: &[SentClaim]) -> Vec<Leg> {
    let mut payers: Vec<&str> = Vec::new();
    let mut legs = Vec::with_capacity(order.len());
    for paid in order {
        if !payers.contains(&paid.payer.as_str()) {
            payers.push(&paid.payer);
        }
        legs.push(turn(paid, sent).unwrap_or_else(|| match payers.iter().position(|p| *p == paid.payer) {
            Some(0) | None => Leg::Primary,
            Some(1) => Leg::Secondary,
            Some(_) => Leg::Tertiary,
        }));
    }
    legs
}

/// Whose turn a payment is, where it says so or the claims that were sent to its payer agree.
pub(super) fn turn(paid: &Paid, sent: &[SentClaim]) -> Option<Leg> {
    match paid.status.as_str() {
        "1" | "19" => return Some(Leg::Primary),
        "2" | "20" => return Some(Leg::Secondary),
        "3" | "21" => return Some(Leg::Tertiary),
        _ => {}
    }
    let mut of_payer = sent.iter().filter(|s| s.payer == paid.payer && s.has_left());
    let first = of_payer.next()?;
    let one_turn = of_payer.all(|s| s.sent.sequence == first.sent.sequence);
    one_turn.then_some(match first.sent.sequence.as_str() {
        "S" => Leg::Secondary,
        "P" | "" => Leg::Primary,
        _ => Leg::Tertiary,
    })
}

/// The claim of ours a payment is for.
#[must_use]
pub fn sent<'a>(story: &'a Story, pairing: &Pairing) -> Option<&'a SentClaim> {
    let Pairing::Linked(file, position) = pairing else { return None };
    story.sent.iter().find(|s| s.file == *file && s.position == *position)
}

/// Every adjustment of a story, and what its payments add to what payers decided.
#[must_use]
pub fn derived(story: &Story, tables: &Tables) -> (Vec<AdjustmentRow>, BTreeMap<volume::Place, Volume>) {
    let all = payments(story, tables);
    let rows = rows_of(story, &all, tables).into_iter().map(|(_, row)| row).collect();
    (rows, volume::of_claim(story, &all))
}

/// The same, each with the place of its payment.
#[must_use]
pub fn rows_of(story: &Story, all: &[Payment<'_>], tables: &Tables) -> Vec<(usize, AdjustmentRow)> {
    let mut rows = Vec::new();
    for (n, payment) in all.iter().enumerate() {
        // What a reversal takes back was paid or refused under the classes of its own amounts.
        let sign = match (payment.paid.is_reversal(), payment.reverses) {
            (false, _) => 1,
            (true, Some(_)) => -1,
            (true, None) => 0,
        };
        let week: String = payment.paid.date.map(week).unwrap_or_default();
        let ours = sent(story, &payment.pairing);
        let own = |value: fn(&SentClaim) -> &str| ours.map(value).unwrap_or_default().to_owned();
        let (_, _, classified) = classify(payment.paid, &tables.dictionary);
        for one in classified {
            let line = one.line.and_then(|l| payment.paid.lines.get(l - 1));
            let matched = one.line.and_then(|l| payment.lines.get(l - 1).copied().flatten());
            let sent_line = ours.zip(matched).and_then(|(s, (n, _))| s.sent.lines.get(n));
            let meaning = tables.dictionary.meaning(&one.adjustment.carc, one.rarcs, &payment.paid.payer);
            let place = sent_line.map(|l| l.place.as_str()).filter(|p| !p.is_empty());
            let row = AdjustmentRow {
                week: week.clone(),
                payer: payment.paid.payer.clone(),
                claim: story.claim.clone(),
                leg: payment.leg,
                line: one.line.and_then(|l| u32::try_from(l).ok()),
                procedure: line.map(|l| l.procedure.clone()).unwrap_or_default(),
                modifiers: line.map(|l| l.modifiers.join("+")).unwrap_or_default(),
                group: one.adjustment.group.clone(),
                carc: one.adjustment.carc.clone(),
                rarcs: one.rarcs.join("+"),
                amount: one.adjustment.amount,
                class: one.class,
                category: meaning.map(|m| m.category.clone()).unwrap_or_default(),
                owner: meaning.map(|m| m.owner.name().to_owned()).unwrap_or_default(),
                consequence: tables.dictionary.consequence(meaning).to_owned(),
                balanced: payment.paid.balanced,
                imported: payment.paid.imported,
                sign,
                plan: own(|s| &s.sent.plan),
                place: place.map_or_else(|| own(|s| &s.sent.place), str::to_owned),
                diagnosis: diagnosis(ours),
                billing: own(|s| &s.billing_npi),
                channel: own(|s| &s.channel),
                kind: own(|s| &s.kind),
            };
            rows.push((n, row));
        }
    }
    rows
}
