//! Diagnosis codes that may stand together in any order: ICD-10-CM codes billable from 2015-10-01 without an end, for
//! either sex and any age, without a side, fit to come first, and no two of which exclude each other.

use super::dice::Dice;

const GENERAL: [&str; 64] = [
    "E119", "I10", "E781", "E782", "K219", "K5901", "K580", "K5730", "K635", "K648", "J301", "J4520",
    "J4530", "M5416", "M5412", "M542", "M546", "M170", "M797", "R42", "R531", "R0602", "R110", "R1013",
    "R300", "R350", "R634", "R002", "R0789", "R12", "R21", "R202", "R413", "R600", "R590", "G4733", "G2581",
    "G43009", "F411", "F330", "F331", "F4322", "F4323", "L700", "L400", "L570", "L821", "L300", "L720",
    "B351", "B354", "N281", "N200", "E038", "E041", "E6601", "D508", "D510", "I480", "I872", "I951", "I340",
    "H524", "N3281",
];

const DENTAL: [&str; 4] = ["K0261", "K0251", "K0381", "K0501"];

/// One to `most` different codes.
pub(super) fn general(dice: &mut Dice, most: i64) -> Vec<&'static str> {
    draw(dice, &GENERAL, most)
}

/// One or two dental codes.
pub(super) fn dental(dice: &mut Dice) -> Vec<&'static str> {
    draw(dice, &DENTAL, 2)
}

fn draw(dice: &mut Dice, list: &[&'static str], most: i64) -> Vec<&'static str> {
    let wanted = usize::try_from(dice.between(1, most)).unwrap_or(1);
    let mut codes = Vec::with_capacity(wanted);
    while codes.len() < wanted {
        let code = dice.pick(list);
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}
