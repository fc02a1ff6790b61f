//! What an adjustment and a claim payment amount to. The CARC decides whether money was refused; the group code only
//! says who owes it.

use serde::{Deserialize, Serialize};

use super::dictionary::{Denial, Dictionary};
use super::story::{Adjusted, Paid};
use crate::x12::Cents;

/// What an adjustment is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum AdjustmentClass {
    Contractual,
    PatientShare,
    Denial,
    Cob,
    Reduction,
    Informational,
    #[default]
    Unknown,
}

/// What a claim payment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum ClaimClass {
    Paid,
    Denied,
    PartlyDenied,
    PatientShare,
    Reversed,
    Forwarded,
    Predetermination,
}

/// One adjustment of a claim payment with what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classified<'a> {
    /// As the payer sent it.
    pub adjustment: &'a Adjusted,
    /// 1-based service payment, or the claim.
    pub line: Option<usize>,
    /// RARCs that explain it.
    pub rarcs: &'a [String],
    /// What it is.
    pub class: AdjustmentClass,
}

/// Classifies a claim payment: its class, the cents refused, and every adjustment.
#[must_use]
pub fn classify<'a>(claim: &'a Paid, dictionary: &Dictionary) -> (ClaimClass, Cents, Vec<Classified<'a>>) {
    let mut all = Vec::new();
    let mut add = |adjustment: &'a Adjusted, line, rarcs: &'a [String], paid| {
        let class = adjustment_class((adjustment, rarcs, &claim.payer), paid, dictionary);
        all.push(Classified { adjustment, line, rarcs, class });
    };
    for adjustment in &claim.adjustments {
        add(adjustment, None, &claim.rarcs, claim.paid);
    }
    for (n, line) in claim.lines.iter().enumerate() {
        // A payer that remarks only at the claim means its lines, when the claim has no adjustment of its own.
        let inherit = line.rarcs.is_empty() && claim.adjustments.is_empty();
        let rarcs = if inherit { &claim.rarcs } else { &line.rarcs };
        for adjustment in &line.adjustments {
            add(adjustment, Some(n + 1), rarcs, line.paid);
        }
    }
    let sum = |class| {
        all.iter().filter(|c| c.class == class).fold(0, |s: Cents, c| s.saturating_add(c.adjustment.amount))
    };
    let denied = sum(AdjustmentClass::Denial);
    let class = match claim.status.as_str() {
        "22" => ClaimClass::Reversed,
        "23" => ClaimClass::Forwarded,
        "25" => ClaimClass::Predetermination,
        _ if denied > 0 && claim.paid <= 0 && sum(AdjustmentClass::PatientShare) == 0 => ClaimClass::Denied,
        _ if denied > 0 => ClaimClass::PartlyDenied,
        _ if claim.paid <= 0 && sum(AdjustmentClass::PatientShare) > 0 => ClaimClass::PatientShare,
        _ => ClaimClass::Paid,
    };
    (class, denied, all)
}

fn adjustment_class(
    (adjustment, rarcs, payer): (&Adjusted, &[String], &str),
    paid: Cents,
    dictionary: &Dictionary,
) -> AdjustmentClass {
    let Some(meaning) = dictionary.meaning(&adjustment.carc, rarcs, payer) else {
        return AdjustmentClass::Unknown;
    };
    match (meaning.denial, meaning.category.as_str()) {
        (Denial::Yes, _) => AdjustmentClass::Denial,
        (Denial::Depends, _) if paid == 0 => AdjustmentClass::Denial,
        (_, "cob") => AdjustmentClass::Cob,
        (_, "patient-responsibility") => AdjustmentClass::PatientShare,
        (Denial::No, "contractual") => AdjustmentClass::Contractual,
        (_, "informational" | "pending") => AdjustmentClass::Informational,
        _ => AdjustmentClass::Reduction,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::story::PaidLine;

    fn adjustment(group: &str, carc: &str, amount: Cents) -> Adjusted {
        Adjusted { group: group.into(), carc: carc.into(), amount }
    }

    fn class(paid: Cents, status: &str, adjustments: Vec<Adjusted>) -> (ClaimClass, Cents) {
        let line = PaidLine { charge: 10_000, paid, adjustments, ..PaidLine::default() };
        let claim = Paid { paid, status: status.into(), lines: vec![line], ..Paid::default() };
        let (class, denied, _) = classify(&claim, Dictionary::shipped());
        (class, denied)
    }

    #[test]
    fn the_carc_decides_not_the_group() {
        assert_eq!(class(6000, "1", vec![adjustment("CO", "45", 4000)]), (ClaimClass::Paid, 0));
        assert_eq!(class(0, "1", vec![adjustment("PR", "1", 10_000)]), (ClaimClass::PatientShare, 0));
        assert_eq!(class(0, "4", vec![adjustment("PR", "27", 10_000)]), (ClaimClass::Denied, 10_000));
        assert_eq!(class(0, "1", vec![adjustment("CO", "197", 10_000)]), (ClaimClass::Denied, 10_000));
        assert_eq!(class(5000, "1", vec![adjustment("CO", "97", 5000)]), (ClaimClass::PartlyDenied, 5000));
        assert_eq!(class(-5000, "22", vec![adjustment("CO", "97", -5000)]), (ClaimClass::Reversed, -5000));
    }

    #[test]
    fn a_carc_that_depends_refuses_where_nothing_was_paid() {
        assert_eq!(class(0, "1", vec![adjustment("CO", "59", 10_000)]).1, 10_000);
        assert_eq!(class(4000, "1", vec![adjustment("CO", "59", 6000)]).1, 0);
    }

    #[test]
    fn an_unmapped_carc_is_unknown() {
        let odd = adjustment("CO", "9999", 1);
        assert_eq!(adjustment_class((&odd, &[], ""), 0, Dictionary::shipped()), AdjustmentClass::Unknown);
    }
}
