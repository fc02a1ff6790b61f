//! A remittance as JSON: a contract, to which fields are only added.

use serde_json::{Map, Value, json};

use super::Read;
use crate::edits::Finding;
use crate::history::{Dictionary, Paid, classify};
use crate::remit::{Amount, ProviderAdjustment, Remittance, ServicePayment, week};
use crate::x12::element::decimal;

/// One file.
pub(super) fn file(read: &Read) -> Value {
    let transactions: Vec<Value> = read.remittances.iter().map(|(r, own)| transaction(r, own)).collect();
    json!({
        "file": read.file,
        "sha256": read.sha256,
        "transactions": transactions,
        "findings": read.findings,
        "rejections": read.rejections,
    })
}

fn transaction(remittance: &Remittance, own: &[Finding]) -> Value {
    let claims: Vec<Value> = remittance
        .claims
        .iter()
        .map(|claim| {
            let said = Paid::from(claim);
            let (class, denied, adjustments) = classify(&said, Dictionary::shipped());
            let adjustments: Vec<Value> = adjustments
                .iter()
                .map(|a| {
                    json!({
                        "group": a.adjustment.group,
                        "carc": a.adjustment.carc,
                        "rarcs": a.rarcs,
                        "amount": decimal(a.adjustment.amount),
                        "line": a.line,
                        "class": a.class,
                    })
                })
                .collect();
            let lines: Vec<Value> = claim.lines.iter().map(line).collect();
            json!({
                "claim": claim.claim,
                "payer_claim": claim.payer_claim,
                "status": claim.status,
                "charge": decimal(claim.charge),
                "paid": decimal(claim.paid),
                "patient_share": decimal(claim.patient_share),
                "class": class,
                "denied": decimal(denied),
                "adjustments": adjustments,
                "lines": lines,
                "status_words": claim.status_words(),
                "allowed": decimal(claim.allowed()),
                "service_dates": claim.service_dates().map(|(from, to)| [from.to_string(), to.to_string()]),
                "received": claim.received.map(|d| d.to_string()),
                "reversal": claim.is_reversal(),
                "forwarded": claim.is_forwarded(),
                "facility": claim.facility.as_str(),
                "frequency": claim.frequency.as_str(),
                "amounts": amounts(&claim.amounts),
                "rarcs": claim.rarcs,
            })
        })
        .collect();
    let provider: Vec<Value> = remittance.provider.iter().map(provider_adjustment).collect();
    json!({
        "trn": remittance.trace,
        "payer": remittance.payer,
        "payee": remittance.payee,
        "amount": decimal(remittance.amount.unwrap_or(0)),
        "week": remittance.date.map(week),
        "balanced": remittance.is_balanced(),
        "claims": claims,
        "provider_adjustments": provider,
        "findings": own,
        "payer_name": remittance.payer_party.name,
        "payee_name": remittance.payee_party.name,
        "date": remittance.date.map(|d| d.to_string()),
        "method": remittance.payment.method.as_str(),
        "handling": remittance.payment.handling.as_str(),
        "origin": remittance.origin,
        "produced": remittance.produced.map(|d| d.to_string()),
    })
}

fn line(line: &ServicePayment) -> Value {
    let units = |n: Option<i64>| n.map(super::words::quantity);
    json!({
        "procedure": line.procedure,
        "modifiers": line.modifiers,
        "charge": decimal(line.charge),
        "paid": decimal(line.paid),
        "kind": line.kind.as_str(),
        "revenue": line.revenue.as_str(),
        "units": units(line.units),
        "billed": line.billed.as_ref().map(|b| b.code.as_str()),
        "billed_units": units(line.billed_units),
        "allowed": decimal(line.allowed()),
        "control": line.control,
        "dates": line.dates.map(|(from, to)| [from.to_string(), to.to_string()]),
        "rarcs": line.rarcs,
        "amounts": amounts(&line.amounts),
    })
}

/// Amounts by kind (AMT01).
fn amounts(all: &[Amount]) -> Map<String, Value> {
    all.iter().map(|a| (a.kind.to_string(), decimal(a.amount).into())).collect()
}

fn provider_adjustment(p: &ProviderAdjustment) -> Value {
    json!({
        "reason": p.reason,
        "amount": decimal(p.amount),
        "reference": p.reference,
        "words": p.words(),
        "provider": p.provider,
        "fiscal_end": p.fiscal_end.map(|d| d.to_string()),
        "interest": p.is_interest(),
    })
}
