//! Loops 2100 and 2110: claim payments and service payments.

use jiff::civil::Date;

use super::party::{contact, named};
use super::{day, filled, text};
use crate::remit::totals::{Inpatient, Outpatient};
use crate::remit::{
    Adjustment, Amount, Billed, ClaimPayment, Code, Quantity, Reference, Remittance, ServicePayment,
};
use crate::x12::element::{amount, millionths};
use crate::x12::{Cents, Segment};

/// Takes a segment of loop 2100.
pub(super) fn claim(remittance: &mut Remittance, segment: &Segment<'_>, place: (u32, u64)) {
    if segment.id() == b"CLP" {
        remittance.claims.push(opened(segment, place));
        return;
    }
    let Some(claim) = remittance.claims.last_mut() else { return };
    match segment.id() {
        b"CAS" => claim.adjustments.extend(adjustments(segment)),
        b"NM1" => claim.names.push(named(segment)),
        b"MIA" => {
            claim.rarcs.extend(remarks(segment, &[5, 20, 21, 22, 23]));
            claim.inpatient = Some(Box::new(inpatient(segment)));
        }
        b"MOA" => {
            claim.rarcs.extend(remarks(segment, &[3, 4, 5, 6, 7]));
            claim.outpatient = Some(Box::new(outpatient(segment)));
        }
        b"REF" => claim.references.push(reference(segment)),
        b"DTM" => match segment.value(1) {
            b"036" => claim.coverage_end = day(segment, 2),
            b"050" => claim.received = day(segment, 2),
            _ => spread(&mut claim.dates, segment, b"232", b"233", b"232"),
        },
        b"PER" => claim.contacts.push(contact(segment)),
        b"AMT" => claim.amounts.push(stated(segment)),
        b"QTY" => claim.quantities.push(counted(segment)),
        _ => {}
    }
}

fn opened(segment: &Segment<'_>, place: (u32, u64)) -> ClaimPayment {
    let cents = |n: usize| -> Cents { amount(segment.value(n)).unwrap_or(0) };
    let code = |n| Code::new(segment.value(n));
    ClaimPayment {
        claim: text(segment.value(1)),
        status: text(segment.value(2)),
        charge: cents(3),
        paid: cents(4),
        patient_share: cents(5),
        filing: code(6),
        payer_claim: text(segment.value(7)),
        facility: code(8),
        frequency: code(9),
        patient_status: code(10),
        drg: code(11),
        drg_weight: millionths(segment.value(12)),
        discharge_fraction: millionths(segment.value(13)),
        consent: code(14),
        place,
        ..ClaimPayment::default()
    }
}

/// Takes a segment of loop 2110.
pub(super) fn line(remittance: &mut Remittance, segment: &Segment<'_>, place: (u32, u64)) {
    let Some(claim) = remittance.claims.last_mut() else { return };
    if segment.id() == b"SVC" {
        claim.lines.push(service(segment, place));
        return;
    }
    let Some(line) = claim.lines.last_mut() else { return };
    match segment.id() {
        b"CAS" => line.adjustments.extend(adjustments(segment)),
        b"LQ" => match segment.value(1) {
            b"HE" => line.rarcs.push(text(segment.value(2))),
            b"RX" => line.drug_reasons.push(text(segment.value(2))),
            _ => {}
        },
        b"DTM" => spread(&mut line.dates, segment, b"150", b"151", b"472"),
        b"REF" if segment.value(1) == b"6R" => line.control = text(segment.value(2)),
        b"REF" => line.references.push(reference(segment)),
        b"AMT" => line.amounts.push(stated(segment)),
        b"QTY" => line.quantities.push(counted(segment)),
        _ => {}
    }
}

fn service(segment: &Segment<'_>, place: (u32, u64)) -> ServicePayment {
    let modifiers = |element: usize| -> Vec<String> {
        (3..=6).map(|c| segment.component(element, c)).filter(|m| !m.is_empty()).map(text).collect()
    };
    let billed = !segment.value(6).is_empty();
    let billed = billed.then(|| {
        let (kind, code) = (Code::new(segment.component(6, 1)), text(segment.component(6, 2)));
        Box::new(Billed { kind, code, modifiers: modifiers(6) })
    });
    ServicePayment {
        kind: Code::new(segment.component(1, 1)),
        procedure: text(segment.component(1, 2)),
        modifiers: modifiers(1),
        charge: amount(segment.value(2)).unwrap_or(0),
        paid: amount(segment.value(3)).unwrap_or(0),
        revenue: Code::new(segment.value(4)),
        units: millionths(segment.value(5)),
        billed,
        billed_units: millionths(segment.value(7)),
        place,
        ..ServicePayment::default()
    }
}

/// Sets one or both ends of a period from a DTM.
fn spread(dates: &mut Option<(Date, Date)>, segment: &Segment<'_>, from: &[u8], to: &[u8], both: &[u8]) {
    let Some(day) = day(segment, 2) else { return };
    let kind = segment.value(1);
    let known = *dates;
    if kind == both && known.is_none() {
        *dates = Some((day, day));
    } else if kind == from {
        *dates = Some((day, known.map_or(day, |d| d.1)));
    } else if kind == to {
        *dates = Some((known.map_or(day, |d| d.0), day));
    }
}

fn adjustments(segment: &Segment<'_>) -> impl Iterator<Item = Adjustment> {
    let triplets =
        (2..=17).step_by(3).filter(|n| !segment.value(*n).is_empty() || !segment.value(*n + 1).is_empty());
    triplets.map(|n| Adjustment {
        group: text(segment.value(1)),
        carc: text(segment.value(n)),
        amount: amount(segment.value(n + 1)).unwrap_or(0),
        quantity: millionths(segment.value(n + 2)),
    })
}

fn remarks(segment: &Segment<'_>, elements: &[usize]) -> Vec<String> {
    elements.iter().map(|n| segment.value(*n)).filter(|v| !v.is_empty()).map(text).collect()
}

/// REF.
pub(super) fn reference(segment: &Segment<'_>) -> Reference {
    Reference { kind: Code::new(segment.value(1)), value: text(segment.value(2)).into() }
}

fn stated(segment: &Segment<'_>) -> Amount {
    Amount { kind: Code::new(segment.value(1)), amount: amount(segment.value(2)).unwrap_or(0) }
}

fn counted(segment: &Segment<'_>) -> Quantity {
    Quantity { kind: Code::new(segment.value(1)), quantity: millionths(segment.value(2)).unwrap_or(0) }
}

fn inpatient(segment: &Segment<'_>) -> Inpatient {
    let cents = |n| filled(segment, n, amount);
    let number = |n| filled(segment, n, millionths);
    Inpatient {
        covered_days: number(1),
        outlier: cents(2),
        psychiatric_days: number(3),
        drg: cents(4),
        disproportionate_share: cents(6),
        first_payer_passthrough: cents(7),
        capital: cents(8),
        capital_federal: cents(9),
        capital_hospital: cents(10),
        capital_disproportionate: cents(11),
        old_capital: cents(12),
        capital_education: cents(13),
        hospital_specific: cents(14),
        cost_report_days: number(15),
        federal_specific: cents(16),
        capital_outlier: cents(17),
        indirect_education: cents(18),
        professional: cents(19),
        capital_exception: cents(24),
    }
}

fn outpatient(segment: &Segment<'_>) -> Outpatient {
    Outpatient {
        rate: filled(segment, 1, millionths),
        hcpcs_payable: filled(segment, 2, amount),
        renal: filled(segment, 8, amount),
        professional: filled(segment, 9, amount),
    }
}
