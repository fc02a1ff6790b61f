//! The three balances of an 835: line, claim, transaction. Positive adjustments lower the payment.

use super::{Adjustment, ClaimPayment, Remittance};
use crate::x12::fault::At;
use crate::x12::{Cents, Fault, FaultKind};

fn total(adjustments: &[Adjustment]) -> Cents {
    adjustments.iter().fold(0, |sum: Cents, a| sum.saturating_add(a.amount))
}

/// True where an adjustment of the claim says again, with the same group, CARC and amount, what its lines say together, and the
/// payment lacks just that twice taken amount.
fn says_lines_again(claim: &ClaimPayment, missing: Cents) -> bool {
    let in_lines = |own: &Adjustment| {
        let same = claim.lines.iter().flat_map(|l| &l.adjustments);
        let same = same.filter(|a| a.group == own.group && a.carc == own.carc);
        same.fold(0, |sum: Cents, a| sum.saturating_add(a.amount)) == own.amount
    };
    let again = claim.adjustments.iter().filter(|a| a.amount != 0 && in_lines(a));
    missing != 0 && again.fold(0, |sum: Cents, a| sum.saturating_add(a.amount)) == missing
}

/// What doesn't balance, with the loop it stands in. `expected` is what the paid amount should be.
pub(super) fn faults(remittance: &Remittance) -> Vec<(&'static str, Fault)> {
    let mut faults = Vec::new();
    let fault = |kind, at, (segment, offset): (u32, u64), expected, found| Fault {
        kind,
        at: At::from(at),
        segment,
        offset,
        expected,
        found,
    };
    let mut paid: Cents = 0;
    for claim in &remittance.claims {
        let mut adjusted = total(&claim.adjustments);
        for line in &claim.lines {
            let own = total(&line.adjustments);
            adjusted = adjusted.saturating_add(own);
            let expected = line.charge.saturating_sub(own);
            if expected != line.paid {
                faults.push((
                    "2110",
                    fault(FaultKind::LineOutOfBalance, "SVC03", line.place, expected, line.paid),
                ));
            }
        }
        let expected = claim.charge.saturating_sub(adjusted);
        if expected != claim.paid {
            let again = says_lines_again(claim, claim.paid.saturating_sub(expected));
            let kind = if again { FaultKind::ClaimAdjustmentRepeated } else { FaultKind::ClaimOutOfBalance };
            faults.push(("2100", fault(kind, "CLP04", claim.place, expected, claim.paid)));
        }
        paid = paid.saturating_add(claim.paid);
    }
    let expected = remittance.provider.iter().fold(paid, |sum, p| sum.saturating_sub(p.amount));
    if Some(expected) != remittance.amount {
        let found = remittance.amount.unwrap_or(0);
        faults.push((
            "ST",
            fault(FaultKind::TransactionOutOfBalance, "BPR02", remittance.bpr, expected, found),
        ));
    }
    faults
}
