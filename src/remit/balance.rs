//! The three balances of an 835: line, claim, transaction. Positive adjustments lower the payment.

use super::{Adjustment, Remittance};
use crate::x12::fault::At;
use crate::x12::{Cents, Fault, FaultKind};

fn total(adjustments: &[Adjustment]) -> Cents {
    adjustments.iter().fold(0, |sum: Cents, a| sum.saturating_add(a.amount))
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
            faults.push((
                "2100",
                fault(FaultKind::ClaimOutOfBalance, "CLP04", claim.place, expected, claim.paid),
            ));
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
