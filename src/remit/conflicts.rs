//! Where a remittance that balances contradicts itself all the same: totals beside their claims, things said twice, units, and
//! provider adjustments that can't be traced.

use std::collections::HashSet;

use super::{Adjustment, ClaimPayment, ProviderReason, Remittance, ServicePayment};
use crate::x12::fault::At;
use crate::x12::{Cents, Fault, FaultKind};

/// One unit in millionths.
const ONE: i64 = 1_000_000;

/// The loop a fault stands in.
type Located = (&'static str, Fault);

fn fault(kind: FaultKind, at: At, (segment, offset): (u32, u64), expected: i64, found: i64) -> Fault {
    Fault { kind, at, segment, offset, expected, found }
}

/// Everything found, in file order of what it is found in.
pub(super) fn conflicts(remittance: &Remittance) -> Vec<Located> {
    let mut found = Vec::new();
    totals(remittance, &mut found);
    let mut seen = HashSet::with_capacity(remittance.claims.len());
    let pays_interest = remittance.provider.iter().any(super::ProviderAdjustment::is_interest);
    for claim in &remittance.claims {
        if !claim.payer_claim.is_empty() && !seen.insert(key(claim)) {
            let at = At::from("CLP07");
            found.push(("2100", fault(FaultKind::ClaimPaymentRepeated, at, claim.place, 0, claim.paid)));
        }
        if let Some(interest) = claim.interest().filter(|i| *i > 0 && !pays_interest) {
            let at = At { qualifier: "I", ..At::from("AMT02") };
            found.push(("2100", fault(FaultKind::InterestNotPaid, at, claim.place, 0, interest)));
        }
        twice(&claim.adjustments, "2100", claim.place, &mut found);
        for line in &claim.lines {
            twice(&line.adjustments, "2110", line.place, &mut found);
            found.extend(units(line));
        }
    }
    provider(remittance, &mut found);
    found
}

/// What makes two claim payments the same one.
fn key(claim: &ClaimPayment) -> (&str, &str, &str, Cents, Cents, Option<super::Date>) {
    let day = claim.service_dates().map(|d| d.0);
    (&claim.payer_claim, &claim.claim, &claim.status, claim.charge, claim.paid, day)
}

/// TS3 against the claim payments of its LX.
fn totals(remittance: &Remittance, found: &mut Vec<Located>) {
    for (n, group) in remittance.groups.iter().enumerate() {
        let Some(totals) = &group.provider else { continue };
        let own = remittance.of_group(n);
        let count = i64::try_from(own.len()).unwrap_or(i64::MAX);
        if let Some(said) = totals.claims.filter(|said| *said != count) {
            let at = At::from("TS304");
            found.push(("2000", fault(FaultKind::GroupClaimsDiffer, at, group.place, count, said)));
        }
        let charge = own.iter().fold(0, |sum: Cents, c| sum.saturating_add(c.charge));
        if let Some(said) = totals.charge.filter(|said| *said != charge) {
            let at = At::from("TS305");
            found.push(("2000", fault(FaultKind::GroupChargeDiffers, at, group.place, charge, said)));
        }
    }
}

/// The same group, CARC and amount a second time at one level.
fn twice(all: &[Adjustment], of: &'static str, place: (u32, u64), found: &mut Vec<Located>) {
    let again = all.iter().enumerate().find(|(n, a)| {
        let before = all.get(..*n).unwrap_or_default();
        a.amount != 0 && before.iter().any(|b| b.group == a.group && b.carc == a.carc && b.amount == a.amount)
    });
    if let Some((_, again)) = again {
        let at = At::from("CAS02");
        found.push((of, fault(FaultKind::AdjustmentTwice, at, place, 0, again.amount)));
    }
}

/// Units that adjustments take away, against those billed and paid; where the payer gives both. In whole units, rounded down.
fn units(line: &ServicePayment) -> Option<Located> {
    let billed = line.billed_units?;
    let mut stated = line.adjustments.iter().filter_map(|a| a.quantity).peekable();
    stated.peek()?;
    let adjusted = stated.fold(0, |sum: i64, q| sum.saturating_add(q));
    let expected = billed.saturating_sub(line.units.unwrap_or(ONE));
    let at = At::from("SVC07");
    (adjusted != expected).then(|| {
        ("2110", fault(FaultKind::AdjustedUnitsDiffer, at, line.place, expected / ONE, adjusted / ONE))
    })
}

/// PLB entries that can't be traced, and a debt carried forward though money is paid.
fn provider(remittance: &Remittance, found: &mut Vec<Located>) {
    let pays = remittance.amount.is_some_and(|a| a > 0);
    for entry in &remittance.provider {
        let reason = At { element: entry.element, ..At::segment("PLB") };
        if entry.wants_reference() && entry.reference.is_empty() {
            let at = At { component: 2, ..reason };
            let kind = FaultKind::ProviderAdjustmentUntraceable;
            found.push(("ST", fault(kind, at, entry.place, 0, entry.amount)));
        }
        if entry.kind() == ProviderReason::BalanceForward && entry.amount < 0 && pays {
            let at = At { element: entry.element + 1, ..reason };
            let paid = remittance.amount.unwrap_or(0);
            found.push((
                "ST",
                fault(FaultKind::DebtForwardedThoughPaid, at, entry.place, paid, -entry.amount),
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adjustment(carc: &str, amount: Cents, quantity: Option<i64>) -> Adjustment {
        Adjustment { group: "CO".into(), carc: carc.into(), amount, quantity }
    }

    #[test]
    fn units_taken_away_are_those_billed_less_those_paid() {
        let line = |units, quantity| ServicePayment {
            units,
            billed_units: Some(3 * ONE),
            adjustments: vec![adjustment("45", 100, None), adjustment("222", 200, quantity)],
            ..ServicePayment::default()
        };
        assert!(units(&line(Some(ONE), Some(2 * ONE))).is_none());
        assert!(units(&line(None, Some(2 * ONE))).is_none(), "units that are absent are one");
        assert!(units(&line(Some(ONE), None)).is_none(), "nothing is said of units");
        let (_, fault) = units(&line(Some(2 * ONE), Some(2 * ONE))).unwrap();
        assert_eq!((fault.expected, fault.found), (1, 2));
    }

    #[test]
    fn an_adjustment_twice_is_told_once_a_level() {
        let mut found = Vec::new();
        let all = [adjustment("45", 100, None), adjustment("97", 100, None), adjustment("45", 100, None)];
        twice(&all, "2110", (1, 1), &mut found);
        assert_eq!(found.len(), 1);
        twice(&all[..2], "2110", (1, 1), &mut found);
        assert_eq!(found.len(), 1);
    }
}
