//! A claim payment with its place in the claim's course, and how one follows from another.

use jiff::civil::Date;
use serde::Serialize;

use crate::simulate::adjudication::{self, Adjudicator};
use crate::simulate::background;
use crate::simulate::calendar::week;
use crate::simulate::dice::{Dice, nth};
use crate::simulate::payment::{Adjustment, Payment, Settled};
use crate::simulate::roster::{Cover, PAYERS, Payer};

/// What a claim payment is to its claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Happening {
    /// The first answer of this payer.
    Initial,
    Reversal,
    Correction,
    /// The reversal that a void brings.
    Void,
    /// The answer to a replacement.
    Replacement,
    /// Paid once more.
    SecondPayment,
    /// Planted on its own, such as a reversal of nothing.
    Odd,
}

/// Whether the payer pays first or second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leg {
    Primary,
    Secondary,
}

impl Leg {
    /// The word in the truth.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
        }
    }
}

/// A claim payment on its way.
#[derive(Debug, Clone)]
pub(super) struct Posting {
    pub(super) payment: Payment,
    pub(super) happening: Happening,
    pub(super) leg: Leg,
    /// A second payer answers it too.
    pub(super) is_passed: bool,
}

impl Posting {
    /// The first answer of the first payer.
    pub(super) fn initial(payment: Payment) -> Self {
        Self { payment, happening: Happening::Initial, leg: Leg::Primary, is_passed: false }
    }

    /// Whether it may become the start of something.
    pub(super) fn is_initial(&self) -> bool {
        self.happening == Happening::Initial && self.leg == Leg::Primary && !self.is_passed
    }

    /// What its denials refuse, in cents.
    pub(super) fn refused(&self) -> i64 {
        let denied =
            |a: &&Adjustment| self.payment.denials.iter().any(|d| d.carc == a.carc && d.group == a.group);
        let lines = self.payment.lines.iter().flat_map(|line| &line.adjustments);
        lines.chain(&self.payment.adjustments).filter(denied).map(|a| a.amount).sum()
    }

    /// Amounts back, under the same number.
    pub(super) fn reversal(&self, happening: Happening) -> Self {
        let mut reversal = Self { happening, ..self.clone() };
        reversal.payment.status = "22";
        reversal.payment.sign = -1;
        reversal.payment.is_first = false;
        reversal.payment.crossover = None;
        reversal
    }

    /// The same payment under another trace number.
    pub(super) fn again(&self) -> Self {
        let mut again = Self { happening: Happening::SecondPayment, ..self.clone() };
        again.payment.is_first = false;
        again
    }

    /// What comes after the reversal: paid in full, all but one line paid, or denied for another reason.
    pub(super) fn correction(&self, desk: &mut Adjudicator, dice: &mut Dice, day: Date) -> Self {
        let mut correction = self.fresh(desk, Happening::Correction);
        let lines = correction.payment.claim.lines.len();
        let refused = match dice.below(4) {
            0 => 0..lines,
            1 if lines > 1 => 0..1,
            _ => 0..0,
        };
        let earlier: Vec<&str> = self.payment.denials.iter().map(|denial| denial.carc.as_str()).collect();
        let reason = background::other(dice, self.payment.claim.payer, &earlier);
        let week = week(day);
        for index in refused {
            let charge = correction.payment.claim.lines.get(index).map_or(0, |line| line.charge);
            if let Some(line) = correction.payment.lines.get_mut(index) {
                line.adjustments.clear();
            }
            adjudication::refuse(&mut correction.payment, index, reason, &week, charge);
        }
        correction
    }

    /// The same claim paid in full under a new number.
    pub(super) fn fresh(&self, desk: &mut Adjudicator, happening: Happening) -> Self {
        let mut fresh = Self { happening, ..self.clone() };
        let payment = &mut fresh.payment;
        payment.number = desk.number(payment.claim.payer);
        payment.status = "1";
        payment.sign = 1;
        payment.is_first = false;
        payment.crossover = None;
        payment.denials.clear();
        payment.adjustments.clear();
        payment.remark.clear();
        payment.lines =
            payment.claim.lines.iter().map(|line| adjudication::accept(payment.claim.payer, line)).collect();
        fresh
    }

    /// Whether something is left that a second payer may pay: nothing denied, the patient owes.
    pub(super) fn can_cross(&self) -> bool {
        let payment = &self.payment;
        payment.denials.is_empty()
            && payment.claim.payer.cover != Cover::Medicaid
            && payment.patient_share() > 0
    }

    /// The second payer's answer: what the first left over, paid, or denied on every line that owes.
    pub(super) fn secondary(
        &self,
        desk: &mut Adjudicator,
        payer: Payer,
        denied: Option<(u64, Date)>,
    ) -> Self {
        let mut second = Self { leg: Leg::Secondary, ..self.clone() };
        let payment = &mut second.payment;
        payment.claim.payer = payer;
        payment.number = desk.number(payer);
        payment.crossover = None;
        payment.status = if denied.is_some() { "4" } else { "2" };
        for index in 0..payment.lines.len() {
            let Some(settled) = payment.lines.get_mut(index) else { continue };
            let owed: i64 = settled.adjustments.iter().filter(|a| a.group == "PR").map(|a| a.amount).sum();
            *settled = Settled {
                charge: settled.charge,
                allowed: owed,
                adjustments: vec![Adjustment::new("OA", "23", settled.charge - owed)],
                remark: String::new(),
            };
            if let Some((choice, day)) = denied.filter(|_| owed > 0) {
                adjudication::refuse(payment, index, nth(&background::SECONDARY, choice), &week(day), owed);
            }
        }
        second
    }
}

/// The second payer of a member whose first is this one: a commercial one.
pub(super) fn second_payer(member: u64, first: Payer) -> Payer {
    let others: Vec<Payer> = PAYERS
        .iter()
        .filter(|payer| payer.cover == Cover::Commercial && payer.index != first.index)
        .copied()
        .collect();
    nth(&others, member)
}
