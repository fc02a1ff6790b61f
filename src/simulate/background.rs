//! Everyday denials, a different mixture at each payer.

use super::dice::Dice;
use super::roster::Payer;

/// Group code, CARC, RARC or nothing, and why.
pub(super) type Reason = (&'static str, &'static str, &'static str, &'static str);

const NO_APPROVAL: Reason = ("CO", "197", "", "no authorisation on file");
const BUNDLED: Reason = ("CO", "97", "M15", "paid inside another service");
const AFTER_CARE: Reason = ("CO", "97", "M80", "not paid beside the other service that day");
const NO_DIAGNOSIS: Reason = ("CO", "16", "M76", "diagnosis missing or invalid");
const NO_REFERRER: Reason = ("CO", "16", "N286", "referring provider missing or invalid");
const INCOMPLETE: Reason = ("CO", "16", "MA130", "claim cannot be processed as sent");
const DUPLICATE: Reason = ("OA", "18", "N522", "sent twice");
const OTHER_PAYER: Reason = ("CO", "22", "MA04", "another payer comes first");
const ENDED: Reason = ("PR", "27", "N30", "coverage had ended");
const LATE: Reason = ("CO", "29", "", "past the filing limit");
const UNKNOWN_PATIENT: Reason = ("CO", "31", "N382", "patient not identified");
const NOT_NECESSARY: Reason = ("CO", "50", "N115", "not medically necessary by local policy");
const NOT_COVERED: Reason = ("PR", "96", "N130", "not covered");
const NOT_IN_PLAN: Reason = ("PR", "204", "N130", "not in the patient's plan");
const DIAGNOSIS_CLASH: Reason = ("CO", "11", "N657", "diagnosis does not support the service");
const MODIFIER_CLASH: Reason = ("CO", "4", "N519", "modifier missing or inconsistent");

/// Reasons of a second payer.
pub(super) const SECONDARY: [Reason; 4] = [
    ("CO", "22", "MA04", "second payer: another payer comes first"),
    ("PR", "204", "N130", "second payer: not in the patient's plan"),
    ("PR", "27", "N30", "second payer: coverage had ended"),
    ("CO", "252", "N479", "second payer: the first payer's statement is missing"),
];

/// A reason this payer likes to give, with none of these CARCs.
pub(super) fn other(dice: &mut Dice, payer: Payer, carcs: &[&str]) -> Reason {
    let reason = draw(dice, payer);
    if !carcs.contains(&reason.1) {
        return reason;
    }
    if carcs.contains(&BUNDLED.1) { MODIFIER_CLASH } else { BUNDLED }
}

/// A reason this payer likes to give.
pub(super) fn draw(dice: &mut Dice, payer: Payer) -> Reason {
    let reasons: &[Reason] = match payer.index {
        0 => &[NO_APPROVAL, NO_APPROVAL, NO_APPROVAL, NO_DIAGNOSIS, BUNDLED, DUPLICATE],
        1 => &[ENDED, ENDED, NOT_IN_PLAN, NO_REFERRER, NO_APPROVAL, OTHER_PAYER],
        2 => &[OTHER_PAYER, OTHER_PAYER, NO_APPROVAL, DUPLICATE, MODIFIER_CLASH],
        3 => &[NOT_NECESSARY, NOT_NECESSARY, AFTER_CARE, DIAGNOSIS_CLASH, INCOMPLETE, DUPLICATE],
        4 => &[INCOMPLETE, INCOMPLETE, LATE, UNKNOWN_PATIENT, NOT_COVERED, OTHER_PAYER],
        _ => &[MODIFIER_CLASH, BUNDLED, BUNDLED, LATE, NO_DIAGNOSIS, NOT_COVERED],
    };
    dice.pick(reasons)
}
