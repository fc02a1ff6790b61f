//! Changes planted in a site, and what the detector makes of them.

use claimloop::trends::{Changed, Finding, Key, Kind, Settings, Switch, detect};

use super::sites::{Plant, Shape, USUAL, at, key, procedure, site};

/// The site's weeks before the change. What is planted is planted at payer 3, CARC 104, procedure 2, or above.
pub const START: usize = 108;
const PAYER: usize = 3;
const CARC: usize = 4;
const VALUE: usize = 2;
pub const SHAPE: Shape = Shape { payers: 10, carcs: 8, procedures: 6, ..USUAL };

/// Where a change is planted.
#[derive(Clone, Copy, PartialEq)]
pub enum Where {
    Value,
    Payer,
    AllPayers,
}

/// How it comes.
#[derive(Clone, Copy, PartialEq)]
pub enum How {
    Sudden,
    /// Over so many weeks.
    Over(usize),
}

/// Who changed, in truth.
#[derive(Clone, Copy, PartialEq)]
pub enum Who {
    Payer,
    All,
    Mix,
    Edit,
}

/// One change.
#[derive(Clone, Copy)]
pub struct Case {
    pub name: &'static str,
    pub place: Where,
    pub how: How,
    pub who: Who,
    /// Factor on the rate, or on the volume of the one procedure.
    pub times: f64,
    /// Usual denials a week of the place.
    pub usual: f64,
    /// Complete weeks after which it should have been found.
    pub within: usize,
}

/// What became of it.
#[derive(Clone, Copy, Default)]
pub struct Outcome {
    /// Complete weeks until a finding spoke of it.
    pub found: Option<usize>,
    /// That finding was of the very series.
    pub named: bool,
    /// And of who changed: right, wrong (neither right nor unclear).
    pub right: bool,
    pub wrong: bool,
    /// Its start was within a week of the truth, and its kind right.
    pub dated: bool,
    /// Findings of the same CARC and week besides.
    pub more: usize,
}

/// Plants a change in the site of this seed, and looks after each week.
pub fn plant(case: &Case, seed: u64) -> Outcome {
    let weeks = START + case.within;
    let shape = Shape { weeks, season: 0.2, ..SHAPE };
    let inside = |p: usize, c: usize, v: usize| {
        c == CARC
            && (case.place == Where::AllPayers || p == PAYER)
            && (case.place != Where::Value || v == VALUE)
    };
    let strength = |t: usize| match case.how {
        _ if t < START => 1.0,
        How::Sudden => case.times,
        How::Over(weeks) => 1.0 + (case.times - 1.0) * ((t + 1 - START) as f64 / weeks as f64).min(1.0),
    };
    let cells = match case.place {
        Where::Value => 1.0,
        Where::Payer => shape.procedures as f64,
        Where::AllPayers => (shape.procedures * shape.payers) as f64,
    };
    let mix = case.who == Who::Mix;
    // So that the claims affected are as many as the case says.
    let exact = case.place != Where::AllPayers && case.how == How::Sudden && case.times > 1.0 && !mix;
    // Of a mix, the one procedure is denied as often as all the others together.
    let share = |v: usize| match (mix, v == VALUE) {
        (false, _) => 1.0 / cells,
        (true, true) => 0.5,
        (true, false) => 0.5 / (cells - 1.0),
    };
    let planted = Plant {
        rate: &|p, c, v, t| if !mix && !exact && inside(p, c, v) { strength(t) } else { 1.0 },
        more: &|p, c, v, t| {
            if !exact || t < START || !inside(p, c, v) {
                return 0;
            }
            // The week's claims go round the cells.
            let (whole, cells) = ((case.usual * (case.times - 1.0)).round() as usize, cells as usize);
            let at = (if case.place == Where::Value { 0 } else { v } + t) % cells;
            (whole / cells + usize::from(at < whole % cells)) as u32
        },
        volume: &|p, v, t| if mix && p == PAYER && v == VALUE { strength(t) } else { 1.0 },
        usual: &|p, c, v| inside(p, c, v).then(|| case.usual * share(v)),
    };
    let mut full = site(seed, shape, &planted);
    let target = match case.place {
        Where::Value => key(Some(PAYER), CARC, Some(VALUE)),
        Where::Payer => key(Some(PAYER), CARC, None),
        Where::AllPayers => key(None, CARC, None),
    };
    if case.who == Who::Edit {
        let on = case.times < 1.0;
        let switch =
            |week| Switch { edit: "E7-001".into(), week, on, carcs: vec![target.carc.clone()], payer: None };
        full.switches = vec![switch(START - 104 - 1)];
    }
    let mut outcome = Outcome::default();
    for after in 1..=case.within {
        let mut seen = at(&full, START + after, 104);
        let start = START - (START + after - 104);
        seen.switches.iter_mut().for_each(|s| s.week = start);
        let findings = detect(&seen, &Settings::default());
        let of = |f: &&Finding| {
            f.key.carc == target.carc
                && (f.kind == Kind::Improvement) == (case.times < 1.0)
                && covers(&f.key, &target)
        };
        let Some(found) = findings.iter().find(|f| f.key == target).or_else(|| findings.iter().find(of))
        else {
            continue;
        };
        outcome.found = Some(after);
        outcome.named = found.key == target;
        outcome.more = findings.iter().filter(|f| f.key.carc == target.carc).count() - 1;
        outcome.right = match (case.who, &found.changed.changed) {
            (Who::Payer, Changed::Payer)
            | (Who::All, Changed::AllPayers)
            | (Who::Edit, Changed::OurEdit(_)) => true,
            (Who::Mix, Changed::OurMix(slice)) => *slice == procedure(VALUE),
            _ => false,
        };
        outcome.wrong = !outcome.right && found.changed.changed != Changed::Unclear;
        outcome.dated = found.start.abs_diff(start) <= 1;
        return outcome;
    }
    outcome
}

/// True when one counts the other or part of it.
fn covers(a: &Key, b: &Key) -> bool {
    let payer = a.payer.is_none() || b.payer.is_none() || a.payer == b.payer;
    payer && (a.slice.is_none() || b.slice.is_none() || a.slice == b.slice || b.slice.is_some())
}

/// New findings over `weeks` weeks of a site, and the weeks that had one.
pub fn false_alarms(
    seed: u64,
    shape: Shape,
    planted: &Plant<'_>,
    weeks: usize,
    settings: &Settings,
) -> (usize, usize) {
    let full = site(seed, Shape { weeks: 104 + weeks, ..shape }, planted);
    let (mut before, mut new, mut with): (Vec<(Key, bool)>, usize, usize) = (Vec::new(), 0, 0);
    for week in 104..=104 + weeks {
        let now: Vec<_> = detect(&at(&full, week, 104), settings)
            .into_iter()
            .map(|f| (f.key, f.kind == Kind::Improvement))
            .collect();
        let fresh = now.iter().filter(|k| !before.contains(k)).count();
        // What stood before the first week is nobody's news.
        if week > 104 {
            new += fresh;
            with += usize::from(fresh > 0);
        }
        before = now;
    }
    (new, with)
}

/// What is measured.
pub fn cases() -> Vec<Case> {
    let case =
        |name, place, who, times, usual| Case { name, place, how: How::Sudden, who, times, usual, within: 3 };
    let slow = |name, place, times, usual, over, within| Case {
        how: How::Over(over),
        within,
        ..case(name, place, Who::Payer, times, usual)
    };
    // Affected claims are those denied on top of the usual in three weeks: usual * (times - 1) * 3.
    vec![
        case("x4, one procedure at one payer, 30 claims affected", Where::Value, Who::Payer, 4.0, 10.0 / 3.0),
        case("x2, one procedure at one payer, 30 claims affected", Where::Value, Who::Payer, 2.0, 10.0),
        case("x4, one payer, 30 claims affected", Where::Payer, Who::Payer, 4.0, 10.0 / 3.0),
        case("x2, one payer, 30 claims affected", Where::Payer, Who::Payer, 2.0, 10.0),
        case("x2, one payer, 60 claims affected", Where::Payer, Who::Payer, 2.0, 20.0),
        case("x2, one procedure at one payer, 60 claims affected", Where::Value, Who::Payer, 2.0, 20.0),
        case("x4, one payer, 30 denials in all", Where::Payer, Who::Payer, 4.0, 2.5),
        case("x2, one payer, 30 denials in all", Where::Payer, Who::Payer, 2.0, 5.0),
        case("x2, all payers, 120 claims affected", Where::AllPayers, Who::All, 2.0, 40.0),
        case("new code at a payer, 4 a week after 1 in 50", Where::Payer, Who::Payer, 200.0, 0.02),
        case(
            "improvement to a quarter, one payer, 30 claims fewer",
            Where::Payer,
            Who::Payer,
            0.25,
            40.0 / 3.0,
        ),
        slow("drift to x1.3 over 8 weeks, one payer, 60 a week", Where::Payer, 1.3, 60.0, 8, 13),
        slow("drift to x1.3 over 8 weeks, one payer, 200 a week", Where::Payer, 1.3, 200.0, 8, 13),
        slow("drift to x2 over 8 weeks, one payer, 20 a week", Where::Payer, 2.0, 20.0, 8, 10),
        case(
            "our mix: volume x4 of a procedure denied as often as the rest",
            Where::Payer,
            Who::Mix,
            4.0,
            12.0,
        ),
        case("our edit switched off: x3 at all payers", Where::AllPayers, Who::Edit, 3.0, 20.0),
        case("our edit switched on: a quarter at all payers", Where::AllPayers, Who::Edit, 0.25, 40.0),
    ]
}
