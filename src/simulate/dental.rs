//! Dental claims: recalls, fillings, extractions.

use super::calendar::{Window, days_between};
use super::claim::{Claim, Line};
use super::diagnoses;
use super::dice::{Dice, nth};

/// Procedure and charge in whole dollars.
type Bundle = &'static [(&'static str, i64)];

const RECALLS: [Bundle; 4] = [
    &[("D0120", 55), ("D0274", 72), ("D1110", 98)],
    &[("D0150", 92), ("D0210", 140), ("D1110", 98)],
    &[("D0140", 80), ("D0220", 32)],
    &[("D0120", 55), ("D1110", 98), ("D1206", 42)],
];

const CHILDREN: [Bundle; 2] =
    [&[("D0120", 55), ("D0272", 48), ("D1120", 76), ("D1206", 42)], &[("D0140", 80), ("D0220", 32)]];

const BACK_TEETH: [&str; 8] = ["2", "3", "14", "15", "18", "19", "30", "31"];
const FRONT_TEETH: [&str; 4] = ["7", "8", "9", "10"];

/// Gives the claim its lines. `visit` counts the patient's claims, so that no tooth is treated twice.
pub(super) fn fill(dice: &mut Dice, claim: &mut Claim, window: Window, visit: u64) {
    if claim.billing.solo.is_none() {
        claim.rendering = Some(claim.billing.practitioner(dice));
    }
    let is_child = days_between(claim.patient.birth, window.last) < 14 * 365;
    claim.lines = match (visit, is_child) {
        (_, true) => recall(dice.pick(&CHILDREN)),
        (0, false) if dice.percent(55) => recall(dice.pick(&RECALLS)),
        (_, false) => repair(dice, visit),
    };
    let has_diagnosis = dice.percent(30);
    if has_diagnosis {
        claim.diagnoses = diagnoses::dental(dice);
    }
    let dated_lines = dice.percent(50);
    for line in &mut claim.lines {
        line.units = 1;
        line.date = dated_lines.then_some(claim.to);
        if has_diagnosis {
            line.pointers = vec![1];
        }
    }
}

fn recall(bundle: Bundle) -> Vec<Line> {
    bundle.iter().map(|&(code, dollars)| Line { code, charge: dollars * 100, ..Line::default() }).collect()
}

fn repair(dice: &mut Dice, visit: u64) -> Vec<Line> {
    let back = nth(&BACK_TEETH, visit * 2 + dice.below(2));
    let (code, dollars, tooth, surfaces, quadrant): (_, _, _, &'static [&'static str], _) =
        match dice.below(6) {
            0 => ("D2391", 165, back, &["O"], ""),
            1 => ("D2392", 215, back, &["M", "O"], ""),
            2 => ("D2330", 150, nth(&FRONT_TEETH, visit), &["F"], ""),
            3 => ("D7140", 190, back, &[], ""),
            4 => ("D4341", 240, "", &[], nth(&["10", "20", "30", "40"], visit)),
            _ => ("D3310", 720, nth(&FRONT_TEETH, visit), &[], ""),
        };
    let charge = dollars * 100 + dice.between(0, 1) * 50;
    vec![Line { code, charge, tooth, surfaces, quadrant, ..Line::default() }]
}
