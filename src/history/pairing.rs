//! Which claim we sent a payment is for: CLP01 must agree, and charge or dates of service, and one candidate remain.

use serde::{Deserialize, Serialize};

use super::derive::Leg;
use super::sent::SentClaim;
use super::story::Paid;

/// What a payment was paired with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pairing {
    /// One claim of ours: file and position.
    Linked(String, u64),
    /// None or several of these.
    Unlinked(Vec<(String, u64)>),
}

/// Pairs a payment with those of `same_id` (claims whose CLM01 it names) that agree. Of several that left, the one for that payer's turn, then
/// the last that left before it was paid.
#[must_use]
pub fn pair(payment: &Paid, leg: Leg, same_id: &[SentClaim]) -> Pairing {
    // A reversal carries the charge negated.
    let charge = payment.charge.abs();
    let overlaps = |claim: &SentClaim| {
        let (Some((a, b)), Some((c, d))) = (claim.dates, payment.dates) else { return false };
        a <= d && c <= b
    };
    let agree = |claim: &&SentClaim| claim.charge == charge || overlaps(claim);
    // A claim that was held or rejected never left, so no payment is for it while one that left agrees.
    let all: Vec<&SentClaim> = same_id.iter().filter(agree).collect();
    let mut left: Vec<&SentClaim> = all.iter().copied().filter(|c| c.has_left()).collect();
    let narrow = |left: &mut Vec<&SentClaim>, keep: &dyn Fn(&SentClaim) -> bool| {
        if left.len() > 1 && left.iter().any(|c| keep(c)) {
            left.retain(|c| keep(c));
        }
    };
    narrow(&mut left, &|c| c.sent.sequence == leg.code());
    narrow(&mut left, &|c| c.payer == payment.payer);
    narrow(&mut left, &|c| c.left.zip(payment.date).is_some_and(|(left, paid)| left <= paid));
    if payment.date.is_some() && left.iter().all(|c| c.left.is_some()) {
        let last = left.iter().filter_map(|c| c.left).max();
        narrow(&mut left, &|c| c.left == last);
    }
    match left.as_slice() {
        [one] => Pairing::Linked(one.file.clone(), one.position),
        _ => Pairing::Unlinked(all.iter().map(|c| (c.file.clone(), c.position)).collect()),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::x12::Cents;

    fn sent(file: &str, charge: Cents, day: i8) -> SentClaim {
        let on = date(2026, 10, day);
        SentClaim {
            file: file.into(),
            position: 1,
            charge,
            dates: Some((on, on)),
            state: "clean".into(),
            ..SentClaim::default()
        }
    }

    fn payment(charge: Cents, day: i8) -> Paid {
        let on = date(2026, 10, day);
        Paid { charge, dates: Some((on, on)), ..Paid::default() }
    }

    #[test]
    fn one_that_agrees_is_linked() {
        assert_eq!(
            pair(&payment(100, 1), Leg::Primary, &[sent("F", 100, 9)]),
            Pairing::Linked("F".into(), 1),
            "by charge"
        );
        assert_eq!(
            pair(&payment(999, 9), Leg::Primary, &[sent("F", 100, 9)]),
            Pairing::Linked("F".into(), 1),
            "by dates"
        );
        assert_eq!(
            pair(&payment(-100, 1), Leg::Primary, &[sent("F", 100, 9)]),
            Pairing::Linked("F".into(), 1),
            "a reversal"
        );
        assert_eq!(
            pair(&payment(100, 1), Leg::Primary, &[sent("F", 100, 9), sent("G", 7, 7)]),
            Pairing::Linked("F".into(), 1)
        );
    }

    #[test]
    fn a_claim_that_was_held_and_sent_again_corrected_is_linked_to_the_one_that_left() {
        let held = SentClaim { state: "held".into(), ..sent("F", 100, 9) };
        assert_eq!(
            pair(&payment(100, 9), Leg::Primary, &[held.clone(), sent("G", 100, 9)]),
            Pairing::Linked("G".into(), 1)
        );
        assert_eq!(pair(&payment(100, 9), Leg::Primary, &[held]), Pairing::Unlinked(vec![("F".into(), 1)]));
    }

    #[test]
    fn none_or_two_are_never_guessed() {
        assert_eq!(pair(&payment(999, 1), Leg::Primary, &[sent("F", 100, 9)]), Pairing::Unlinked(vec![]));
        let two = [sent("F", 100, 9), sent("G", 100, 9)];
        assert_eq!(
            pair(&payment(100, 9), Leg::Primary, &two),
            Pairing::Unlinked(vec![("F".into(), 1), ("G".into(), 1)])
        );
    }
}
