//! Loop 2000: LX, TS3, TS2.

use super::{day, filled, text};
use crate::remit::Remittance;
use crate::remit::totals::{ClaimGroup, InpatientTotals, ProviderTotals};
use crate::x12::Segment;
use crate::x12::element::{amount, integer, millionths};

/// Takes a segment of loop 2000.
pub(super) fn group(remittance: &mut Remittance, segment: &Segment<'_>, place: (u32, u64)) {
    if segment.id() == b"LX" {
        let first = remittance.claims.len();
        let number = text(segment.value(1));
        remittance.groups.push(ClaimGroup { number, first, place, ..ClaimGroup::default() });
        return;
    }
    let Some(group) = remittance.groups.last_mut() else { return };
    match segment.id() {
        b"TS3" => {
            group.provider = Some(Box::new(provider(segment)));
            group.place = place;
        }
        b"TS2" => group.inpatient = Some(Box::new(inpatient(segment))),
        _ => {}
    }
}

fn provider(segment: &Segment<'_>) -> ProviderTotals {
    let cents = |n| filled(segment, n, amount);
    let number = |n| filled(segment, n, integer);
    ProviderTotals {
        provider: text(segment.value(1)),
        facility: text(segment.value(2)),
        fiscal_end: day(segment, 3),
        claims: number(4),
        charge: cents(5),
        first_payer: cents(13),
        not_laboratory: cents(15),
        hcpcs_charge: cents(17),
        hcpcs_payable: cents(18),
        professional: cents(20),
        first_payer_liability: cents(21),
        patient_refund: cents(22),
        interim_claims: number(23),
        interim_adjustment: cents(24),
    }
}

fn inpatient(segment: &Segment<'_>) -> InpatientTotals {
    let cents = |n| filled(segment, n, amount);
    let number = |n| filled(segment, n, millionths);
    InpatientTotals {
        drg: cents(1),
        federal_specific: cents(2),
        hospital_specific: cents(3),
        disproportionate_share: cents(4),
        capital: cents(5),
        indirect_education: cents(6),
        outlier_days: number(7),
        day_outlier: cents(8),
        cost_outlier: cents(9),
        average_stay: number(10),
        discharges: number(11),
        cost_report_days: number(12),
        covered_days: number(13),
        days_not_covered: number(14),
        first_payer_passthrough: cents(15),
        average_weight: number(16),
        capital_federal: cents(17),
        capital_hospital: cents(18),
        capital_disproportionate: cents(19),
    }
}
