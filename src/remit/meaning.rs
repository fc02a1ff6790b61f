//! What a claim payment amounts to, without a look at anything but itself.

use std::collections::BTreeSet;

use super::code::{self, Reference};
use super::{Adjustment, ClaimPayment, Named, Remittance, ServicePayment};
use crate::phi::Phi;
use crate::x12::Cents;

/// Which payer in a row of payers a claim payment comes from (CLP02).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Leg {
    /// 1 and 19.
    Primary,
    /// 2 and 20.
    Secondary,
    /// 3 and 21.
    Tertiary,
}

/// What ties a remittance to a deposit and tells it from every other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PaymentKey<'r> {
    /// TRN02.
    pub trace: &'r str,
    /// TRN03, else what names the payer.
    pub origin: &'r str,
}

/// Positive amounts lower the payment, so this sum is what the group's part comes to.
fn in_group(adjustments: &[Adjustment], group: &str) -> Cents {
    let own = adjustments.iter().filter(|a| a.group == group);
    own.fold(0, |sum: Cents, a| sum.saturating_add(a.amount))
}

impl Remittance {
    /// TRN02 with TRN03: the same pair is the same payment.
    #[must_use]
    pub fn payment_key(&self) -> PaymentKey<'_> {
        let origin = if self.origin.is_empty() { &self.payer } else { &self.origin };
        PaymentKey { trace: &self.trace, origin }
    }

    /// True where money was paid by check; else TRN02 is the trace number of a transfer, or of nothing.
    #[must_use]
    pub fn is_check(&self) -> bool {
        self.payment.method == "CHK"
    }
}

impl ClaimPayment {
    /// CLP02 = 22: takes an earlier payment of the same CLP07 back.
    #[must_use]
    pub fn is_reversal(&self) -> bool {
        self.status == "22"
    }

    /// CLP02 = 25: says what would be paid, pays nothing.
    #[must_use]
    pub fn is_predetermination(&self) -> bool {
        self.status == "25"
    }

    /// Which payer in the row; `None` for denials (4), reversals (22), claims of others (23) and predeterminations (25), which don't say.
    #[must_use]
    pub fn leg(&self) -> Option<Leg> {
        match self.status.as_str() {
            "1" | "19" => Some(Leg::Primary),
            "2" | "20" => Some(Leg::Secondary),
            "3" | "21" => Some(Leg::Tertiary),
            _ => None,
        }
    }

    /// True where the payer sent the claim on to another (19, 20, 21 and 23).
    #[must_use]
    pub fn is_forwarded(&self) -> bool {
        matches!(self.status.as_str(), "19" | "20" | "21" | "23")
    }

    /// CLP02 in words of ours.
    #[must_use]
    pub fn status_words(&self) -> &'static str {
        match self.status.as_str() {
            "1" => "processed as primary",
            "2" => "processed as secondary",
            "3" => "processed as tertiary",
            "4" => "denied",
            "19" => "processed as primary, sent on to the next payer",
            "20" => "processed as secondary, sent on to the next payer",
            "21" => "processed as tertiary, sent on to the next payer",
            "22" => "reversal of an earlier payment",
            "23" => "not this payer's claim, sent on",
            "25" => "predetermination, no payment",
            _ => "status not known",
        }
    }

    /// First and last date of service: the lines', else the claim's.
    #[must_use]
    pub fn service_dates(&self) -> Option<(jiff::civil::Date, jiff::civil::Date)> {
        let lines = self.lines.iter().filter_map(|l| l.dates).reduce(|(a, b), (c, d)| (a.min(c), b.max(d)));
        lines.or(self.dates)
    }

    /// Cents that the payer allowed: AMT*B6 of its lines where each has one, else AMT*AU, else what was paid and what is left to the
    /// patient.
    #[must_use]
    pub fn allowed(&self) -> Cents {
        let mut lines = self.lines.iter().map(|l| code::amount_of(&l.amounts, "B6"));
        let stated = lines.try_fold(0, |sum: Cents, own| Some(sum.saturating_add(own?)));
        let stated = stated.filter(|_| !self.lines.is_empty());
        let covered = || code::amount_of(&self.amounts, "AU");
        stated.or_else(covered).unwrap_or_else(|| self.paid.saturating_add(self.patient_owes()))
    }

    /// Cents left to the patient: CLP05, else the PR adjustments of claim and lines.
    #[must_use]
    pub fn patient_owes(&self) -> Cents {
        if self.patient_share != 0 {
            return self.patient_share;
        }
        let own = in_group(&self.adjustments, "PR");
        self.lines.iter().fold(own, |sum, line| sum.saturating_add(line.patient_owes()))
    }

    /// Every adjustment in file order, with the index of its line in `lines`; without one, the claim's.
    pub fn all_adjustments(&self) -> impl Iterator<Item = (Option<usize>, &Adjustment)> {
        let own = self.adjustments.iter().map(|a| (None, a));
        let lines = self.lines.iter().enumerate();
        own.chain(lines.flat_map(|(n, line)| line.adjustments.iter().map(move |a| (Some(n), a))))
    }

    /// Group code and CARC of the adjustments that are denials, each once; which are, the caller's dictionary says.
    pub fn denied_codes(&self, is_denial: impl Fn(&Adjustment) -> bool) -> BTreeSet<(&str, &str)> {
        let denials = self.all_adjustments().map(|(_, a)| a).filter(|a| is_denial(a));
        denials.map(|a| (a.group.as_str(), a.carc.as_str())).collect()
    }

    /// Who has a role in it (NM101).
    #[must_use]
    pub fn named(&self, role: &str) -> Option<&Named> {
        self.names.iter().find(|n| n.role == role)
    }

    /// NM1*QC.
    #[must_use]
    pub fn patient(&self) -> Option<&Named> {
        self.named("QC")
    }

    /// The first REF of a kind, a rendering provider's among them.
    #[must_use]
    pub fn reference(&self, kind: &str) -> Option<&Phi<String>> {
        code::reference(&self.references, kind)
    }

    /// Cents of the first AMT of a kind.
    #[must_use]
    pub fn amount(&self, kind: &str) -> Option<Cents> {
        code::amount_of(&self.amounts, kind)
    }

    /// Cents of interest it names (AMT*I); paid by a PLB, not by the claim.
    #[must_use]
    pub fn interest(&self) -> Option<Cents> {
        self.amount("I")
    }
}

impl ServicePayment {
    /// Cents that the payer allowed: AMT*B6, else what was paid and what is left to the patient.
    #[must_use]
    pub fn allowed(&self) -> Cents {
        code::amount_of(&self.amounts, "B6").unwrap_or_else(|| self.paid.saturating_add(self.patient_owes()))
    }

    /// Cents left to the patient: its PR adjustments.
    #[must_use]
    pub fn patient_owes(&self) -> Cents {
        in_group(&self.adjustments, "PR")
    }

    /// The first REF of a kind.
    #[must_use]
    pub fn reference(&self, kind: &str) -> Option<&Phi<String>> {
        let of: &[Reference] = &self.references;
        code::reference(of, kind)
    }

    /// True where the payer answers another procedure than was billed (SVC06).
    #[must_use]
    pub fn is_recoded(&self) -> bool {
        self.billed.as_ref().is_some_and(|b| b.code != self.procedure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remit::{Amount, Code};

    fn adjustment(group: &str, carc: &str, amount: Cents) -> Adjustment {
        Adjustment { group: group.into(), carc: carc.into(), amount, quantity: None }
    }

    fn amounts(kind: &str, amount: Cents) -> Vec<Amount> {
        vec![Amount { kind: Code::new(kind.as_bytes()), amount }]
    }

    #[test]
    fn allowed_is_what_the_payer_says_else_paid_and_patient_share() {
        let shared = [adjustment("CO", "45", 3000), adjustment("PR", "2", 1500), adjustment("PR", "3", 500)];
        let plain = ServicePayment { paid: 5000, adjustments: shared.to_vec(), ..ServicePayment::default() };
        assert_eq!((plain.allowed(), plain.patient_owes()), (7000, 2000));
        let stated = ServicePayment { amounts: amounts("B6", 6900), ..plain.clone() };
        assert_eq!(stated.allowed(), 6900);
        let claim = |lines, amounts| ClaimPayment { paid: 5000, lines, amounts, ..ClaimPayment::default() };
        assert_eq!(claim(vec![stated.clone(), stated.clone()], Vec::new()).allowed(), 13_800);
        assert_eq!(claim(vec![stated, plain.clone()], amounts("AU", 7100)).allowed(), 7100);
        assert_eq!(claim(vec![plain], Vec::new()).allowed(), 7000);
        assert_eq!(ClaimPayment { paid: 100, patient_share: 20, ..ClaimPayment::default() }.allowed(), 120);
    }

    #[test]
    fn legs() {
        let of = |status: &str| {
            let claim = ClaimPayment { status: status.into(), ..ClaimPayment::default() };
            (claim.leg(), claim.is_forwarded(), claim.is_reversal())
        };
        assert_eq!(of("1"), (Some(Leg::Primary), false, false));
        assert_eq!(of("20"), (Some(Leg::Secondary), true, false));
        assert_eq!(of("3"), (Some(Leg::Tertiary), false, false));
        assert_eq!(of("22"), (None, false, true));
        assert_eq!(of("23"), (None, true, false));
        assert_eq!(of("4"), (None, false, false));
    }

    #[test]
    fn denied_codes_stand_once() {
        let line =
            ServicePayment { adjustments: vec![adjustment("CO", "197", 1)], ..ServicePayment::default() };
        let claim = ClaimPayment {
            adjustments: vec![adjustment("CO", "45", 1), adjustment("PR", "96", 1)],
            lines: vec![line.clone(), line],
            ..ClaimPayment::default()
        };
        let codes: Vec<_> = claim.denied_codes(|a| a.carc != "45").into_iter().collect();
        assert_eq!(codes, [("CO", "197"), ("PR", "96")]);
        assert_eq!(
            claim.all_adjustments().map(|(line, _)| line).collect::<Vec<_>>(),
            [None, None, Some(0), Some(1)]
        );
    }

    #[test]
    fn a_payment_is_known_by_trace_and_payer() {
        let mut remittance = Remittance {
            trace: "T1".into(),
            payer: "P".into(),
            origin: "1999".into(),
            ..Remittance::default()
        };
        assert_eq!(remittance.payment_key(), PaymentKey { trace: "T1", origin: "1999" });
        remittance.origin.clear();
        assert_eq!(remittance.payment_key().origin, "P");
    }
}
