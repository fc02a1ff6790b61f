//! Office visits: what a professional claim bills. Procedures are bare numbers that need no drug code, laboratory
//! certificate, minutes, transport or authorisation.

use super::calendar::{Window, plus};
use super::claim::{Claim, Line};
use super::diagnoses;
use super::dice::Dice;
use super::people::Practitioner;

/// Lines that go together: procedure, modifier, charge in whole dollars.
type Bundle = &'static [(&'static str, &'static str, i64)];

/// May be billed again and again.
const VISITS: [Bundle; 9] = [
    &[("99212", "", 60)],
    &[("99213", "", 110)],
    &[("99213", "", 125)],
    &[("99214", "", 165)],
    &[("99214", "", 180)],
    &[("99215", "", 230)],
    &[("99214", "", 165), ("G2211", "", 20)],
    &[("92012", "", 95)],
    &[("96127", "", 12)],
];

/// Billed once a patient, since some carry days of after-care.
const SINGLES: [Bundle; 12] = [
    &[("99213", "25", 110), ("11200", "", 140)],
    &[("99213", "25", 110), ("17000", "", 105)],
    &[("99212", "25", 60), ("17110", "", 155)],
    &[("99213", "25", 110), ("69210", "", 75)],
    &[("99213", "25", 125), ("11102", "", 130)],
    &[("99214", "25", 165), ("93000", "", 45)],
    &[("99214", "25", 165), ("94010", "", 70)],
    &[("99213", "25", 110), ("99406", "", 25)],
    &[("94060", "", 115)],
    &[("92014", "", 140), ("92083", "", 90)],
    &[("92014", "", 140), ("92250", "", 85)],
    &[("90791", "", 210)],
];

/// Ordered by someone else.
const REFERRED: [Bundle; 8] = [
    &[("71046", "", 65), ("72100", "", 80)],
    &[("73030", "", 60)],
    &[("73562", "", 70), ("73130", "", 55), ("72040", "", 75)],
    &[("73610", "", 62), ("73110", "", 58)],
    &[("76700", "", 260), ("76536", "", 215)],
    &[("77080", "", 150)],
    &[("93306", "", 480), ("93880", "", 390)],
    &[("92557", "", 95), ("92567", "", 40)],
];

/// Repeated day by day or week by week on one claim.
const SERIES: [(&str, i64); 6] =
    [("90832", 95), ("90834", 130), ("90837", 175), ("90853", 55), ("95117", 22), ("97802", 48)];

/// Gives the claim its lines, diagnoses and practitioners.
pub(super) fn fill(dice: &mut Dice, claim: &mut Claim, window: Window) {
    claim.diagnoses = diagnoses::general(dice, 4);
    if claim.billing.solo.is_none() {
        claim.rendering = Some(claim.billing.practitioner(dice));
    }
    let kind = if claim.is_only { dice.below(100) } else { 0 };
    claim.lines = match kind {
        0..60 => bundle(dice, &VISITS, claim),
        60..78 => bundle(dice, &SINGLES, claim),
        78..90 => {
            claim.referring = Some(Practitioner::of(900 + dice.below(40), ""));
            bundle(dice, &REFERRED, claim)
        }
        _ => series(dice, claim, window),
    };
    for line in &mut claim.lines {
        line.pointers = pointers(dice, claim.diagnoses.len());
    }
}

fn bundle(dice: &mut Dice, bundles: &[Bundle], claim: &Claim) -> Vec<Line> {
    let line = |&(code, modifier, dollars): &(&'static str, &'static str, i64)| Line {
        code,
        modifiers: if modifier.is_empty() { Vec::new() } else { vec![modifier] },
        charge: dollars * 100,
        units: 1,
        date: Some(claim.to),
        ..Line::default()
    };
    dice.pick(bundles).iter().map(line).collect()
}

fn series(dice: &mut Dice, claim: &mut Claim, window: Window) -> Vec<Line> {
    let (code, dollars) = dice.pick(&SERIES);
    let step = if plus(window.first, 28) < window.last { 7 } else { 1 };
    let wanted = dice.between(2, 6);
    let charge = dollars * 100 + dice.between(0, 3) * 25;
    let lines: Vec<Line> = (0..wanted)
        .rev()
        .map(|back| plus(claim.to, -back * step))
        .filter(|day| *day >= window.first)
        .map(|day| Line {
            code,
            charge,
            units: if code == "97802" { 2 } else { 1 },
            date: Some(day),
            ..Line::default()
        })
        .collect();
    if let Some(first) = lines.iter().filter_map(|line| line.date).min() {
        claim.from = first;
    }
    lines
}

/// One to three different pointers.
fn pointers(dice: &mut Dice, diagnoses: usize) -> Vec<usize> {
    let count = u64::try_from(diagnoses).unwrap_or(1);
    let first = usize::try_from(dice.below(count)).unwrap_or_default();
    let wanted = 1 + usize::try_from(dice.below(count.min(3))).unwrap_or_default();
    (0..wanted).map(|step| (first + step) % diagnoses.max(1) + 1).collect()
}
