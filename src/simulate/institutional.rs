//! Hospital claims: outpatient visits and short stays.

use super::calendar::{Window, days_between, plus};
use super::claim::{Bill, Claim, Line};
use super::diagnoses;
use super::dice::Dice;

/// Lines that go together: revenue code, procedure or nothing, modifier, charge in whole dollars.
type Bundle = &'static [(&'static str, &'static str, &'static str, i64)];

/// Seen in the emergency department.
const EMERGENCIES: [Bundle; 2] = [
    &[
        ("0450", "99283", "25", 640),
        ("0320", "71046", "", 210),
        ("0301", "80053", "", 88),
        ("0730", "93005", "", 120),
        ("0250", "", "", 34),
    ],
    &[("0450", "99282", "", 410), ("0270", "", "", 27)],
];

const OUTPATIENTS: [Bundle; 7] = [
    &[("0510", "G0463", "", 190)],
    &[("0301", "80053", "", 88), ("0305", "85025", "", 46), ("0300", "36415", "", 12)],
    &[("0301", "84443", "", 95), ("0301", "83036", "", 52), ("0300", "36415", "", 12)],
    &[("0402", "76700", "", 540)],
    &[("0320", "73030", "", 180), ("0320", "72100", "", 205)],
    &[("0483", "93306", "", 980)],
    &[("0460", "94010", "", 160), ("0270", "", "", 18)],
];

/// Principal diagnosis, principal procedure, its operating room charge in whole dollars.
const STAYS: [(&str, &str, i64); 4] =
    [("J441", "", 0), ("E860", "", 0), ("K8020", "0FT44ZZ", 4_200), ("E1165", "", 0)];

/// Gives the claim its lines, diagnoses and attending provider.
pub(super) fn fill(dice: &mut Dice, claim: &mut Claim, window: Window) {
    claim.rendering = Some(claim.billing.practitioner(dice));
    let room = days_between(window.first, claim.to);
    if claim.is_only && room > 0 && dice.percent(25) {
        stay(dice, claim, room.min(5));
    } else {
        visit(dice, claim);
    }
}

fn visit(dice: &mut Dice, claim: &mut Claim) {
    let is_emergency = dice.percent(30);
    let bundle = if is_emergency { dice.pick(&EMERGENCIES) } else { dice.pick(&OUTPATIENTS) };
    claim.diagnoses = diagnoses::general(dice, 3);
    claim.bill = Bill { admission: if is_emergency { "1" } else { "3" }, is_emergency, ..Bill::default() };
    claim.lines = bundle
        .iter()
        .map(|&(revenue, code, modifier, dollars)| Line {
            code,
            revenue,
            modifiers: if modifier.is_empty() { Vec::new() } else { vec![modifier] },
            charge: dollars * 100,
            units: 1,
            date: Some(claim.to),
            ..Line::default()
        })
        .collect();
}

fn stay(dice: &mut Dice, claim: &mut Claim, longest: i64) {
    let days = dice.between(1, longest);
    let (principal, procedure, theatre) = dice.pick(&STAYS);
    claim.from = plus(claim.to, -days);
    claim.diagnoses = vec![principal, "I10", "K219"];
    claim.bill = Bill { is_inpatient: true, admission: "1", is_emergency: false, procedure };
    let line =
        |revenue, dollars: i64, units| Line { revenue, charge: dollars * 100, units, ..Line::default() };
    claim.lines = vec![
        line("0120", 1_150 * days, days),
        line("0250", dice.between(40, 400), dice.between(1, 9)),
        line("0270", dice.between(20, 200), 1),
        line("0300", dice.between(60, 500), dice.between(1, 6)),
    ];
    if theatre > 0 {
        claim.lines.push(line("0360", theatre, 1));
    }
}
