//! What payers take back at provider level, and the balances carried forward until all is recovered.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use crate::simulate::Error;
use crate::simulate::dice::Dice;
use crate::simulate::money::decimal;
use crate::simulate::treasury::ProviderAdjustment;
use crate::simulate::truth::Truth;

/// Take-backs in one transaction at most, so that all its adjustments fit one PLB.
const MOST: usize = 3;

/// One payment that is wanted back.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Taken {
    pub(super) claim: String,
    /// CLP07, and the reference in PLB03-2.
    pub(super) number: String,
    #[serde(serialize_with = "money")]
    pub(super) amount: i64,
}

/// Where an adjustment stands.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Spot {
    pub(super) day: Date,
    pub(super) file: String,
    pub(super) trn: String,
}

/// One PLB pair of a chain.
#[derive(Debug, Serialize)]
struct Step {
    #[serde(flatten)]
    spot: Spot,
    reason: &'static str,
    /// PLB03-2.
    reference: String,
    #[serde(serialize_with = "money")]
    amount: i64,
}

/// Take-backs and the balances that follow from them, or from a total below zero.
#[derive(Debug, Serialize)]
struct Chain {
    payer: &'static str,
    provider: String,
    claims: Vec<Taken>,
    steps: Vec<Step>,
    /// Balances carried forward.
    forwards: u64,
    settled: bool,
}

/// One PLB pair, for the list of all of them.
#[derive(Debug, Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    spot: &'a Spot,
    payer: &'static str,
    provider: &'a str,
    reason: &'static str,
    reference: &'a str,
    #[serde(serialize_with = "money")]
    amount: i64,
}

/// Who pays whom.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) payer: u64,
    pub(super) payer_id: &'static str,
    pub(super) provider: u64,
    pub(super) npi: String,
}

/// What each payer still wants from each provider.
pub(super) struct Ledger {
    dice: Dice,
    entries: u64,
    wanted: BTreeMap<(u64, u64), Vec<(Date, Taken)>>,
    open: BTreeMap<(u64, u64), (Chain, ProviderAdjustment)>,
}

impl Ledger {
    pub(super) fn new(seed: u64) -> Self {
        Self { dice: Dice::new(seed, 7), entries: 0, wanted: BTreeMap::new(), open: BTreeMap::new() }
    }

    /// Wants a payment back with the first transaction from `day` on.
    pub(super) fn want(&mut self, payer: u64, provider: u64, day: Date, taken: Taken) {
        self.wanted.entry((payer, provider)).or_default().push((day, taken));
    }

    /// The adjustments of a transaction that pays `total`, and what is left to pay.
    pub(super) fn adjust(
        &mut self,
        truth: &mut Truth,
        account: &Account,
        spot: &Spot,
        total: i64,
    ) -> Result<(Vec<ProviderAdjustment>, i64), Error> {
        let key = (account.payer, account.provider);
        let (mut chain, mut adjustments) = match self.open.remove(&key) {
            Some((chain, carried)) => (chain, vec![carried]),
            None => (self.chain(account), Vec::new()),
        };
        let due = self.due(key, spot.day);
        for taken in due {
            adjustments.push(ProviderAdjustment {
                reason: "WO",
                reference: taken.number.clone(),
                amount: taken.amount,
            });
            chain.claims.push(taken);
        }
        let others = self.others();
        let sum: i64 = adjustments.iter().chain(&others).map(|a| a.amount).sum();
        let left = total - sum;
        let mut carried = None;
        if left < 0 {
            chain.forwards += 1;
            let out = self.entry("FB", left);
            carried = Some(ProviderAdjustment { amount: -left, ..out.clone() });
            adjustments.push(out);
        }
        let step = |a: &ProviderAdjustment| Step {
            spot: spot.clone(),
            reason: a.reason,
            reference: a.reference.clone(),
            amount: a.amount,
        };
        chain.steps.extend(adjustments.iter().map(step));
        adjustments.extend(others);
        for a in &adjustments {
            let (payer, provider) = (account.payer_id, account.npi.as_str());
            let (reason, reference, amount) = (a.reason, a.reference.as_str(), a.amount);
            truth.tell("provider_adjustments", &Row { spot, payer, provider, reason, reference, amount })?;
        }
        if let Some(carried) = carried {
            self.open.insert(key, (chain, carried));
        } else if !chain.steps.is_empty() {
            chain.settled = true;
            truth.tell("take_backs", &chain)?;
        }
        Ok((adjustments, left.max(0)))
    }

    /// Tells of what is still carried forward when all is over.
    pub(super) fn finish(&self, truth: &mut Truth) -> Result<(), Error> {
        self.open.values().try_for_each(|(chain, _)| truth.tell("take_backs", chain))
    }

    fn chain(&self, account: &Account) -> Chain {
        Chain {
            payer: account.payer_id,
            provider: account.npi.clone(),
            claims: Vec::new(),
            steps: Vec::new(),
            forwards: 0,
            settled: false,
        }
    }

    /// The take-backs that have come due.
    fn due(&mut self, key: (u64, u64), day: Date) -> Vec<Taken> {
        let Some(wanted) = self.wanted.get_mut(&key) else {
            return Vec::new();
        };
        let (mut due, mut later) = (Vec::new(), Vec::new());
        for (from, taken) in wanted.drain(..) {
            if from <= day && due.len() < MOST { due.push(taken) } else { later.push((from, taken)) }
        }
        *wanted = later;
        due
    }

    /// Interest, and tax withheld.
    fn others(&mut self) -> Vec<ProviderAdjustment> {
        let mut others = Vec::new();
        if self.dice.percent(8) {
            let interest = -self.dice.between(100, 900);
            others.push(self.entry("L6", interest));
        } else if self.dice.percent(1) {
            let withheld = self.dice.between(10, 60) * 100;
            others.push(self.entry("IR", withheld));
        }
        others
    }

    fn entry(&mut self, reason: &'static str, amount: i64) -> ProviderAdjustment {
        self.entries += 1;
        ProviderAdjustment { reason, reference: format!("ZZA{:08}", self.entries), amount }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
fn money<S: serde::Serializer>(cents: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&decimal(*cents))
}
