//! What is paid or taken outside claims (PLB), followed from remittance to remittance: balances carried forward, overpayments taken back,
//! interest.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::remitted::{Outside, Remitted, remittances};
use super::stories;
use crate::remit::ProviderAdjustment;
use crate::scrub::report::cents;
use crate::store::{self, Store};
use crate::x12::Cents;

/// One entry of a chain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Link {
    /// BPR16.
    pub date: Option<Date>,
    /// TRN02.
    pub trace: String,
    /// Cents; positive lowers the payment.
    #[serde(with = "cents")]
    pub amount: Cents,
    /// PLB01.
    pub provider: String,
}

/// Where a chain stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChainState {
    /// Carried on, and not taken up yet.
    Open,
    /// Taken up without or beyond what was carried on.
    BeyondForwarded,
    /// Taken back at once, without a word before.
    TakenBack,
    /// What was carried on was taken up.
    Closed,
}

/// Entries of one payer that name the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chain {
    /// The payer.
    pub payer: String,
    /// `FB` or `WO`.
    pub reason: String,
    /// What they name; of entries that name nothing, the provider.
    pub reference: String,
    /// Where it stands.
    pub state: ChainState,
    /// Cents that were carried on.
    #[serde(with = "cents")]
    pub forwarded: Cents,
    /// Cents that were taken up.
    #[serde(with = "cents")]
    pub taken: Cents,
    /// Cents still to be taken; below nothing where more was taken than carried on.
    #[serde(with = "cents")]
    pub open: Cents,
    /// First and last day.
    pub first: Option<Date>,
    /// Last day.
    pub last: Option<Date>,
    /// Of balances: the references taken up by the remittances that carried this one on.
    pub from: Vec<String>,
    /// The claim it names, where we know one.
    pub claim: Option<String>,
    /// Its entries, by date.
    pub entries: Vec<Link>,
}

/// Sums of one payer and reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OutsideSum {
    /// The payer.
    pub payer: String,
    /// PLB03-1.
    pub reason: String,
    /// In words.
    pub means: &'static str,
    /// Entries.
    pub entries: u64,
    /// Cents that came to us; below nothing where they were taken.
    #[serde(with = "cents")]
    pub amount: Cents,
}

/// Everything outside claims.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ProviderAdjustments {
    /// Balances and take-backs: open ones first, most dollars first.
    pub chains: Vec<Chain>,
    /// Interest.
    pub interest: Vec<OutsideSum>,
    /// All else.
    pub others: Vec<OutsideSum>,
}

/// Links of a chain, and what they were carried on from.
type Links = (Vec<Link>, Vec<String>);

/// Gathers entries while remittances go by.
#[derive(Debug, Default)]
pub(super) struct Chains {
    /// By payer, reason, reference.
    chains: BTreeMap<(String, String, String), Links>,
    sums: BTreeMap<(String, String), (u64, Cents)>,
}

impl Chains {
    /// Takes the entries of a remittance.
    pub(super) fn add(&mut self, remitted: &Remitted) {
        let taken_up: Vec<String> =
            remitted.outside.iter().filter(|o| o.reason == "FB" && o.amount > 0).map(reference).collect();
        for entry in &remitted.outside {
            if !matches!(entry.reason.as_str(), "FB" | "WO") {
                let sum = self.sums.entry((remitted.payer.clone(), entry.reason.clone())).or_default();
                *sum = (sum.0 + 1, sum.1.saturating_sub(entry.amount));
                continue;
            }
            let named = reference(entry);
            let key = (remitted.payer.clone(), entry.reason.clone(), named.clone());
            let (links, from) = self.chains.entry(key).or_default();
            links.push(Link {
                date: remitted.date,
                trace: remitted.trace.clone(),
                amount: entry.amount,
                provider: entry.provider.clone(),
            });
            if entry.reason == "FB" && entry.amount < 0 {
                from.extend(taken_up.iter().filter(|t| **t != named).cloned());
            }
        }
    }

    /// What a reference may name, and nothing yet.
    pub(super) fn names(&self) -> BTreeMap<String, Option<String>> {
        self.chains.keys().map(|(_, _, reference)| (reference.clone(), None)).collect()
    }

    /// What it all comes to.
    pub(super) fn finish(self, names: &BTreeMap<String, Option<String>>) -> ProviderAdjustments {
        let mut chains: Vec<Chain> = self
            .chains
            .into_iter()
            .map(|((payer, reason, reference), links)| {
                let claim = names.get(&reference).cloned().flatten();
                chain((payer, reason, reference), links, claim)
            })
            .collect();
        chains.sort_by(|a, b| {
            let key = |c: &Chain| (c.state == ChainState::Closed, std::cmp::Reverse(c.dollars()), c.state);
            key(a).cmp(&key(b)).then_with(|| (&a.payer, &a.reference).cmp(&(&b.payer, &b.reference)))
        });
        let mut done = ProviderAdjustments { chains, ..ProviderAdjustments::default() };
        for ((payer, reason), (entries, amount)) in self.sums {
            let of = ProviderAdjustment { reason, ..ProviderAdjustment::default() };
            let means = of.words();
            let sum = OutsideSum { payer, reason: of.reason, means, entries, amount };
            if sum.reason == "L6" { &mut done.interest } else { &mut done.others }.push(sum);
        }
        done
    }
}

impl Chain {
    /// Cents it is about.
    pub(super) fn dollars(&self) -> Cents {
        if self.open == 0 { self.taken } else { self.open.abs() }
    }
}

/// What an entry names; else the provider.
fn reference(entry: &Outside) -> String {
    let named = entry.reference.trim();
    if named.is_empty() { &entry.provider } else { named }.to_owned()
}

fn chain(
    (payer, reason, reference): (String, String, String),
    (mut entries, mut from): Links,
    claim: Option<String>,
) -> Chain {
    entries.sort();
    from.sort();
    from.dedup();
    let sum = |of: &dyn Fn(Cents) -> Cents| {
        entries.iter().fold(0, |s: Cents, link| s.saturating_add(of(link.amount).max(0)))
    };
    let (forwarded, taken) = (sum(&Cents::saturating_neg), sum(&|amount| amount));
    let open = forwarded.saturating_sub(taken);
    let state = match (forwarded, open) {
        (_, 0) => ChainState::Closed,
        (_, 1..) => ChainState::Open,
        (0, _) if reason == "WO" => ChainState::TakenBack,
        _ => ChainState::BeyondForwarded,
    };
    let (first, last) = (entries.first().and_then(|e| e.date), entries.last().and_then(|e| e.date));
    Chain { payer, reason, reference, state, forwarded, taken, open, first, last, from, claim, entries }
}

/// Notes which of these names a claim number or a payer's number of a claim is.
pub(super) fn note<'a>(
    names: &mut BTreeMap<String, Option<String>>,
    claim: &'a str,
    payer_claims: impl Iterator<Item = &'a str>,
) {
    for name in std::iter::once(claim).chain(payer_claims) {
        if let Some(of) = names.get_mut(name)
            && of.as_deref().is_none_or(|known| claim < known)
        {
            *of = Some(claim.to_owned());
        }
    }
}

/// Everything that was paid or taken outside claims, followed through.
///
/// # Errors
/// When the store can't be read.
pub fn provider_adjustments(store: &Store) -> Result<ProviderAdjustments, store::Error> {
    let mut chains = Chains::default();
    remittances(store, &mut |remitted| {
        chains.add(&remitted);
        true
    })?;
    let mut names = chains.names();
    if !names.is_empty() {
        stories(store, &mut |story| {
            note(&mut names, &story.claim, story.paid.iter().map(|p| p.payer_claim.as_str()));
            true
        })?;
    }
    Ok(chains.finish(&names))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn remitted(day: i8, trace: &str, outside: &[(&str, &str, Cents)]) -> Remitted {
        let outside = outside.iter().map(|(reason, reference, amount)| Outside {
            reason: (*reason).into(),
            reference: (*reference).into(),
            amount: *amount,
            provider: "1999999976".into(),
        });
        Remitted {
            payer: "P".into(),
            trace: trace.into(),
            date: Some(date(2026, 10, day)),
            outside: outside.collect(),
            ..Remitted::default()
        }
    }

    fn finished(all: &[Remitted]) -> ProviderAdjustments {
        let mut chains = Chains::default();
        all.iter().for_each(|one| chains.add(one));
        let mut names = chains.names();
        note(&mut names, "CLAIM1", ["ICN1"].into_iter());
        chains.finish(&names)
    }

    #[test]
    fn a_balance_is_closed_when_what_was_carried_on_is_taken_up() {
        let all = [
            remitted(1, "T1", &[("FB", "T1", -10_000)]),
            remitted(8, "T2", &[("FB", "T1", 10_000), ("FB", "T2", -6_000)]),
            remitted(15, "T3", &[("FB", "T2", 6_000), ("FB", "T3", -500)]),
        ];
        let done = finished(&all);
        let shown: Vec<(&str, ChainState, Cents)> =
            done.chains.iter().map(|c| (c.reference.as_str(), c.state, c.open)).collect();
        assert_eq!(
            shown,
            [("T3", ChainState::Open, 500), ("T1", ChainState::Closed, 0), ("T2", ChainState::Closed, 0)]
        );
        assert_eq!((&done.chains[0].from, &done.chains[2].from), (&vec!["T2".into()], &vec!["T1".into()]));
        let backwards: Vec<Remitted> = all.iter().rev().cloned().collect();
        assert_eq!(finished(&backwards), done);
    }

    #[test]
    fn money_taken_back_names_its_claim() {
        let done = finished(&[
            remitted(1, "T1", &[("WO", "ICN1", 4_000), ("L6", "", -125), ("CS", "X", 300)]),
            remitted(2, "T2", &[("WO", "ICN9", -700), ("FB", "", 100), ("L6", "", -75)]),
        ]);
        let shown: Vec<(&str, ChainState, Option<&str>)> =
            done.chains.iter().map(|c| (c.reference.as_str(), c.state, c.claim.as_deref())).collect();
        assert_eq!(
            shown,
            [
                ("ICN1", ChainState::TakenBack, Some("CLAIM1")),
                ("ICN9", ChainState::Open, None),
                ("1999999976", ChainState::BeyondForwarded, None)
            ]
        );
        assert_eq!((done.interest[0].entries, done.interest[0].amount), (2, 200));
        assert_eq!((done.others[0].means, done.others[0].amount), ("adjustment", -300));
    }
}
