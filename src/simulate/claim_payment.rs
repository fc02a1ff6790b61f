//! Loops 2100 and 2110 of the 835.

use super::calendar::{compact, days_between};
use super::claim::{Claim, Line};
use super::hierarchy::practitioner;
use super::money;
use super::payment::{Adjustment, Payment, Settled};
use super::roster::Form;
use super::service_line::procedure;
use crate::x12::compose::Composer;

/// Group codes in the order in which they are written.
const GROUPS: [&str; 4] = ["CO", "OA", "PI", "PR"];

/// Writes one claim payment.
pub(super) fn write(composer: &mut Composer, payment: &Payment) {
    let claim = &payment.claim;
    composer.plain(
        "CLP",
        &[
            &claim.id,
            payment.status,
            &money::x12(payment.charge()),
            &money::x12(payment.paid()),
            &money::unless_zero(payment.patient_share()),
            claim.payer.adjudicated_as(claim.form),
            &payment.number,
            claim.place(),
            claim.frequency,
        ],
    );
    adjustments(composer, &payment.adjustments, payment.sign);
    people(composer, claim);
    if let Some(payer) = payment.crossover {
        composer.plain("NM1", &["TT", "2", payer.name, "", "", "", "", "PI", payer.id]);
    }
    remark(composer, payment);
    if claim.form == Form::Institutional {
        composer.plain("DTM", &["232", &compact(claim.from)]);
        composer.plain("DTM", &["233", &compact(claim.to)]);
    }
    composer.plain("DTM", &["050", &compact(claim.sent)]);
    for (index, (line, settled)) in claim.lines.iter().zip(&payment.lines).enumerate() {
        service(composer, payment, (index + claim.first_line, line), settled);
    }
}

fn people(composer: &mut Composer, claim: &Claim) {
    let member = claim.member_id();
    composer.plain("NM1", &["QC", "1", claim.patient.last, claim.patient.first, "", "", "", "MI", &member]);
    if !claim.is_own() {
        composer.plain(
            "NM1",
            &["IL", "1", claim.subscriber.last, claim.subscriber.first, "", "", "", "MI", &member],
        );
    }
    if let Some(person) = claim.rendering.as_ref().filter(|_| claim.form != Form::Institutional) {
        practitioner(composer, "82", person);
    }
}

/// MIA for stays, MOA for others when there is a remark.
fn remark(composer: &mut Composer, payment: &Payment) {
    if payment.claim.bill.is_inpatient {
        let days = days_between(payment.claim.from, payment.claim.to).to_string();
        composer.plain("MIA", &[&days, "", "", "", &payment.remark]);
    } else if !payment.remark.is_empty() {
        composer.plain("MOA", &["", "", &payment.remark]);
    }
}

fn service(composer: &mut Composer, payment: &Payment, (number, line): (usize, &Line), settled: &Settled) {
    let claim = &payment.claim;
    let (code, revenue) = match (claim.form, line.code) {
        (Form::Dental, _) => (procedure("AD", line), ""),
        (_, "") => (["NU", line.revenue, "", ""], ""),
        _ => (procedure("HC", line), line.revenue),
    };
    composer
        .segment("SVC")
        .composite(&code)
        .text(&money::x12(payment.sign * settled.charge))
        .text(&money::x12(payment.sign * settled.paid()))
        .text(revenue)
        .text(&line.units.max(1).to_string())
        .end();
    let date = if claim.bill.is_inpatient { None } else { Some(line.date.unwrap_or(claim.to)) };
    if let Some(date) = date {
        composer.plain("DTM", &["472", &compact(date)]);
    }
    adjustments(composer, &settled.adjustments, payment.sign);
    composer.plain("REF", &["6R", &claim.line_control(number)]);
    if settled.allowed != 0 && payment.sign > 0 {
        composer.plain("AMT", &["B6", &money::x12(settled.allowed)]);
    }
    if !settled.remark.is_empty() {
        composer.plain("LQ", &["HE", &settled.remark]);
    }
}

/// One CAS a group code.
pub(super) fn adjustments(composer: &mut Composer, adjustments: &[Adjustment], sign: i64) {
    for group in GROUPS {
        let mut ours = adjustments.iter().filter(|a| a.group == group && a.amount != 0).peekable();
        if ours.peek().is_none() {
            continue;
        }
        let segment = composer.segment("CAS").text(group);
        ours.fold(segment, |segment, a| segment.text(&a.carc).text(&money::x12(sign * a.amount)).empty(1))
            .end();
    }
}
