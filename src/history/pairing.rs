//! Which claim we sent a payment is for: CLP01 must agree, and charge or dates of service, and one candidate remain.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::remit::ClaimPayment;
use crate::scrub::Verdict;
use crate::x12::Cents;

/// What is remembered of a claim that was scrubbed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentClaim {
    /// ULID of its file.
    pub file: String,
    /// 1-based among the file's claims.
    pub position: u64,
    /// CLM01.
    pub claim: String,
    /// CLM02 in cents.
    pub charge: Cents,
    /// 2010BB NM109.
    pub payer: String,
    /// 2010AA NM109.
    pub billing_npi: String,
    /// `837P`, `837I`, `837D`.
    pub kind: String,
    /// First and last date of service.
    pub dates: Option<(Date, Date)>,
    /// clean, held or rejected.
    pub state: String,
}

/// What a payment was paired with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pairing {
    /// One claim of ours: file and position.
    Linked(String, u64),
    /// None or several of these.
    Unlinked(Vec<(String, u64)>),
}

impl SentClaim {
    /// From its verdict.
    #[must_use]
    pub fn of(file: &str, verdict: &Verdict) -> SentClaim {
        SentClaim {
            file: file.to_owned(),
            position: verdict.position,
            claim: verdict.claim.clone(),
            charge: verdict.charge,
            payer: verdict.payer.clone(),
            billing_npi: verdict.facts.billing_npi.clone(),
            kind: verdict.facts.kind.clone(),
            dates: verdict.facts.service_from.zip(verdict.facts.service_to),
            state: verdict.verdict.name().to_owned(),
        }
    }
}

/// Pairs a payment with those of `same_id` (claims whose CLM01 it names) that agree.
#[must_use]
pub fn pair(payment: &ClaimPayment, same_id: &[SentClaim]) -> Pairing {
    // A reversal carries the charge negated.
    let charge = payment.charge.abs();
    let overlaps = |claim: &SentClaim| {
        let (Some((a, b)), Some((c, d))) = (claim.dates, payment.service_dates()) else { return false };
        a <= d && c <= b
    };
    let agree = |claim: &&SentClaim| claim.charge == charge || overlaps(claim);
    // A claim that was held or rejected never left, so no payment is for it while one that left agrees.
    let all: Vec<&SentClaim> = same_id.iter().filter(agree).collect();
    let left: Vec<&SentClaim> = all.iter().copied().filter(|c| c.state == "clean").collect();
    match left.as_slice() {
        [one] => Pairing::Linked(one.file.clone(), one.position),
        _ => Pairing::Unlinked(all.iter().map(|c| (c.file.clone(), c.position)).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn sent(file: &str, charge: Cents, day: i8) -> SentClaim {
        let on = date(2026, 10, day);
        SentClaim {
            file: file.into(),
            position: 1,
            claim: "A".into(),
            charge,
            payer: "P".into(),
            billing_npi: String::new(),
            kind: "837P".into(),
            dates: Some((on, on)),
            state: "clean".into(),
        }
    }

    fn payment(charge: Cents, day: i8) -> ClaimPayment {
        let on = date(2026, 10, day);
        ClaimPayment { claim: "A".into(), charge, dates: Some((on, on)), ..ClaimPayment::default() }
    }

    #[test]
    fn one_that_agrees_is_linked() {
        assert_eq!(pair(&payment(100, 1), &[sent("F", 100, 9)]), Pairing::Linked("F".into(), 1), "by charge");
        assert_eq!(pair(&payment(999, 9), &[sent("F", 100, 9)]), Pairing::Linked("F".into(), 1), "by dates");
        assert_eq!(
            pair(&payment(-100, 1), &[sent("F", 100, 9)]),
            Pairing::Linked("F".into(), 1),
            "a reversal"
        );
        assert_eq!(
            pair(&payment(100, 1), &[sent("F", 100, 9), sent("G", 7, 7)]),
            Pairing::Linked("F".into(), 1)
        );
    }

    #[test]
    fn a_claim_that_was_held_and_sent_again_corrected_is_linked_to_the_one_that_left() {
        let held = SentClaim { state: "held".into(), ..sent("F", 100, 9) };
        assert_eq!(
            pair(&payment(100, 9), &[held.clone(), sent("G", 100, 9)]),
            Pairing::Linked("G".into(), 1)
        );
        assert_eq!(pair(&payment(100, 9), &[held]), Pairing::Unlinked(vec![("F".into(), 1)]));
    }

    #[test]
    fn none_or_two_are_never_guessed() {
        assert_eq!(pair(&payment(999, 1), &[sent("F", 100, 9)]), Pairing::Unlinked(vec![]));
        let two = [sent("F", 100, 9), sent("G", 100, 9)];
        assert_eq!(pair(&payment(100, 9), &two), Pairing::Unlinked(vec![("F".into(), 1), ("G".into(), 1)]));
    }
}
