//! Provider-level adjustments: interest, recoveries, and balances carried forward so that no payment goes below zero.

use std::collections::BTreeMap;

use super::dice::Dice;

/// One PLB pair; a positive amount lowers the payment.
#[derive(Debug, Clone)]
pub(super) struct ProviderAdjustment {
    pub(super) reason: &'static str,
    pub(super) reference: String,
    pub(super) amount: i64,
}

/// Remembers what each payer still wants back from each provider.
pub(super) struct Treasury {
    dice: Dice,
    entries: u64,
    forward: BTreeMap<(u64, u64), ProviderAdjustment>,
}

impl Treasury {
    pub(super) fn new(seed: u64) -> Self {
        Self { dice: Dice::new(seed, 3), entries: 0, forward: BTreeMap::new() }
    }

    /// The adjustments of a transaction that pays `total`, and what is left to pay.
    pub(super) fn adjust(&mut self, payer: u64, provider: u64, total: i64) -> (Vec<ProviderAdjustment>, i64) {
        let mut adjustments: Vec<_> = self.forward.remove(&(payer, provider)).into_iter().collect();
        if self.dice.percent(12) {
            let interest = -self.dice.between(100, 900);
            adjustments.push(self.entry("L6", interest));
        }
        if self.dice.percent(5) {
            let recovery = self.dice.between(20, 300) * 100;
            adjustments.push(self.entry("WO", recovery));
        }
        let left = total - adjustments.iter().map(|a| a.amount).sum::<i64>();
        if left >= 0 {
            return (adjustments, left);
        }
        let carried = self.entry("FB", left);
        let due = ProviderAdjustment { amount: -left, ..carried.clone() };
        self.forward.insert((payer, provider), due);
        adjustments.push(carried);
        (adjustments, 0)
    }

    fn entry(&mut self, reason: &'static str, amount: i64) -> ProviderAdjustment {
        self.entries += 1;
        ProviderAdjustment { reason, reference: format!("ZZA{:08}", self.entries), amount }
    }
}
