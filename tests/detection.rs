//! What the detector finds in seeded sites, and what it keeps silent of. `benches/detection.rs` measures the same on many more.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::needless_range_loop,
    missing_docs
)]

#[path = "detection/chance.rs"]
mod chance;
#[path = "detection/planted.rs"]
mod planted;
#[path = "detection/sites.rs"]
mod sites;

use claimloop::trends::{Changed, Finding, Kind, Series, Settings, Site, Strength, Switch, detect};
use planted::{Case, Outcome, cases, false_alarms, plant};
use sites::{NOTHING, Plant, Shape, USUAL, key, procedure, site};

const SMALL: Shape =
    Shape { payers: 6, carcs: 4, procedures: 5, weeks: 107, season: 0.0, noise: 0.05, ..USUAL };
/// First of the last three weeks.
const START: usize = 104;

fn found(site: &Site) -> Vec<Finding> {
    detect(site, &Settings::default())
}

fn outcomes(name: &str, seeds: u64) -> Vec<Outcome> {
    let case: Case = cases().into_iter().find(|c| c.name.starts_with(name)).unwrap();
    (0..seeds).map(|seed| plant(&case, 1000 + seed)).collect()
}

fn share(of: &[Outcome], is: impl Fn(&Outcome) -> bool) -> f64 {
    of.iter().filter(|o| is(o)).count() as f64 / of.len() as f64
}

#[test]
fn false_findings_stay_within_the_budget() {
    let weeks = 52;
    let shape = Shape { payers: 8, carcs: 10, procedures: 6, ..USUAL };
    let (new, _) = false_alarms(5, shape, &NOTHING, weeks, &Settings::default());
    assert!(new as f64 <= weeks as f64, "{new} findings in {weeks} weeks");
    let (fewer, _) =
        false_alarms(5, shape, &NOTHING, weeks, &Settings { budget: 0.1, ..Settings::default() });
    assert!(fewer as f64 <= 0.25 * weeks as f64 && fewer <= new, "{fewer} of {new}");
}

#[test]
fn changes_of_volume_and_of_lag_are_no_news() {
    let doubled = |_: usize, _: usize, t: usize| if t >= 120 { 2.0 } else { 1.0 };
    let late = |p: usize, _: usize, t: usize| if p == 3 && (120..124).contains(&t) { 0.2 } else { 1.0 };
    for volume in [&doubled as &(dyn Fn(usize, usize, usize) -> f64 + Sync), &late] {
        let plant = Plant { volume, ..NOTHING };
        let (new, _) = false_alarms(6, Shape { season: 0.0, ..SMALL }, &plant, 30, &Settings::default());
        assert!(new <= 30, "{new}");
    }
}

#[test]
fn four_times_as_many_are_found_in_three_weeks() {
    let all = outcomes("x4, one payer, 30 claims", 40);
    assert!(share(&all, |o| o.found.is_some()) >= 0.95);
    assert!(
        share(&all, |o| o.named) >= 0.8
            && share(&all, |o| o.right) >= 0.8
            && share(&all, |o| o.wrong) <= 0.15
    );
}

#[test]
fn twice_as_many_are_found_in_three_weeks() {
    let all = outcomes("x2, one payer, 60 claims", 40);
    assert!(share(&all, |o| o.found.is_some()) >= 0.8, "{}", share(&all, |o| o.found.is_some()));
}

#[test]
fn drifts_new_codes_and_improvements_are_found() {
    assert!(share(&outcomes("drift to x1.3 over 8 weeks, one payer, 200", 12), |o| o.found.is_some()) >= 0.8);
    assert!(share(&outcomes("new code", 20), |o| o.found.is_some()) >= 0.9);
    assert!(share(&outcomes("improvement", 20), |o| o.found.is_some()) >= 0.8);
}

#[test]
fn a_rise_at_all_payers_is_told_once() {
    let all = outcomes("x2, all payers", 20);
    assert!(share(&all, |o| o.found.is_some() && o.named) >= 0.9);
    assert!(all.iter().map(|o| o.more).sum::<usize>() <= 2);
    assert!(share(&all, |o| o.right) >= 0.9);
}

/// Six in a week at one payer's procedure, usually; three times as many since.
fn risen(seed: u64) -> Site {
    let plant = Plant {
        usual: &|p, c, v| (p == 3 && c == 1).then_some(if v == 2 { 6.0 } else { 2.0 }),
        rate: &|p, c, v, t| if p == 3 && c == 1 && v == 2 && t >= START { 4.0 } else { 1.0 },
        ..NOTHING
    };
    site(seed, SMALL, &plant)
}

#[test]
fn the_most_specific_series_speaks_and_its_parents_are_silent() {
    let mut named = 0;
    for seed in 0..10 {
        let findings = found(&risen(seed));
        let of: Vec<&Finding> =
            findings.iter().filter(|f| f.key.carc == "101" && f.kind != Kind::Improvement).collect();
        named += usize::from(of.len() == 1 && of[0].key == key(Some(3), 1, Some(2)));
    }
    assert!(named >= 8, "{named}");
}

#[test]
fn a_finding_says_what_was_usual_and_what_is_not() {
    let findings = found(&risen(1));
    let rise = findings.iter().find(|f| f.key == key(Some(3), 1, Some(2))).unwrap();
    assert_eq!((rise.kind, rise.start, rise.until, rise.usual_from), (Kind::Rise, START, 107, 0));
    assert!((4.0..8.0).contains(&rise.usual_a_week), "{}", rise.usual_a_week);
    assert!(rise.ratio.low > 1.5 && rise.ratio.low < 4.0 && rise.ratio.high > 4.0, "{:?}", rise.ratio);
    let excess = (rise.since.denied - 3.0 * rise.usual_a_week) * 12_000.0;
    assert!((rise.excess_cents as f64 - excess).abs() < 2.0, "{} {excess}", rise.excess_cents);
    assert!(rise.strength == Strength::Strong && rise.p < rise.threshold);
    assert!(rise.changed.changed == Changed::Payer, "{:?}", rise.changed);
}

#[test]
fn a_change_long_past_is_the_new_normal() {
    for start in [30, 60, 80] {
        let plant = Plant {
            usual: &|p, c, _| (p == 3 && c == 1).then_some(3.0),
            rate: &|p, c, _, t| if p == 3 && c == 1 && t >= start { 3.0 } else { 1.0 },
            ..NOTHING
        };
        let told = (0..5).flat_map(|seed| found(&site(seed, SMALL, &plant)));
        let of = told.filter(|f| f.key.payer == key(Some(3), 1, None).payer && f.key.carc == "101").count();
        assert!(of <= 1, "{of} findings of a rise in week {start}");
    }
}

#[test]
fn our_mix_and_our_edits_are_named() {
    let mix = outcomes("our mix", 30);
    assert!(share(&mix, |o| o.right) > share(&mix, |o| o.wrong), "{}", share(&mix, |o| o.right));
    assert!(share(&outcomes("our edit switched off", 10), |o| o.right) >= 0.9);
    assert!(share(&outcomes("our edit switched on", 10), |o| o.right) >= 0.8);
}

#[test]
fn an_edit_is_not_blamed_for_what_one_payer_does() {
    let mut site = risen(1);
    let switch =
        Switch { edit: "E7-001".into(), week: START, on: false, carcs: vec!["101".into()], payer: None };
    site.switches.push(switch);
    let findings = found(&site);
    let rise = findings.iter().find(|f| f.key == key(Some(3), 1, Some(2))).unwrap();
    assert_eq!(rise.changed.changed, Changed::Payer);
}

#[test]
fn a_running_week_speaks_only_when_it_is_extreme() {
    let with = |times: f64| {
        let plant = Plant {
            usual: &|p, c, _| (p == 3 && c == 1).then_some(3.0),
            rate: &|p, c, _, t| if p == 3 && c == 1 && t == 106 { times } else { 1.0 },
            ..NOTHING
        };
        let spoke = |seed: &u64| {
            let site = Site { partial: true, ..site(*seed, SMALL, &plant) };
            found(&site)
                .iter()
                .any(|f| f.key.payer == key(Some(3), 1, None).payer && f.key.carc == "101" && f.until == 107)
        };
        (0..8).filter(spoke).count()
    };
    assert!(with(4.0) >= 7 && with(1.0) == 0 && with(1.3) <= 1);
}

#[test]
fn any_number_of_threads_finds_the_same() {
    let site = risen(3);
    let one = detect(&site, &Settings { threads: 1, ..Settings::default() });
    assert_eq!(one, detect(&site, &Settings { threads: 3, ..Settings::default() }));
    assert!(!one.is_empty());
}

#[test]
fn odd_sites_are_met_with_silence() {
    assert!(found(&Site::default()).is_empty());
    let short = site(1, Shape { weeks: 5, ..SMALL }, &NOTHING);
    assert!(found(&short).is_empty());
    let mut ragged = site(1, SMALL, &NOTHING);
    ragged.series.iter_mut().for_each(|s| s.denied.truncate(50));
    assert!(found(&ragged).is_empty());
    let mut empty = site(1, SMALL, &NOTHING);
    for series in &mut empty.series {
        series.denied.fill(0);
        series.adjudicated.fill(0.0);
    }
    assert!(found(&empty).is_empty());
    assert_eq!(procedure(2).dimension, "procedure");
}

#[test]
fn what_every_payer_tells_is_told_once() {
    let inside = |c: usize, t: usize| c == 1 && t >= START;
    let rate = |_: usize, c: usize, _: usize, t: usize| if inside(c, t) { 5.0 } else { 1.0 };
    let usual = |_: usize, c: usize, _: usize| (c == 1).then_some(1.5);
    for seed in 0..10 {
        let plant = Plant { rate: &rate, usual: &usual, ..NOTHING };
        let told: Vec<Finding> = found(&site(40 + seed, SMALL, &plant))
            .into_iter()
            .filter(|f| f.key.carc == key(None, 1, None).carc)
            .collect();
        assert!(told.len() == 1 && told[0].key.payer.is_none(), "seed {seed}: {told:?}");
    }
}

#[test]
fn a_site_of_a_year_has_no_season() {
    // What was never seen: the weeks before the site began.
    for seed in 0..10 {
        let mut site = site(60 + seed, Shape { season: 0.0, ..SMALL }, &NOTHING);
        for series in &mut site.series {
            series.denied[..50].fill(0);
            series.cents[..50].fill(0);
            series.adjudicated[..50].fill(0.0);
        }
        let mut young = site.clone();
        young.weeks -= 50;
        for series in &mut young.series {
            series.denied.drain(..50);
            series.cents.drain(..50);
            series.adjudicated.drain(..50);
        }
        let told = |site: &Site| found(site).into_iter().map(|f| (f.key, f.p.to_bits())).collect::<Vec<_>>();
        assert_eq!(told(&site), told(&young), "seed {seed}");
    }
}

#[test]
fn a_site_of_a_quarter_is_looked_at_too() {
    // 104 weeks of which only the last quarter, or less, is known; in the last complete one a payer refuses 60 of 80 instead of 10 of 30.
    let young = |known: usize, partial: bool| {
        let weeks = 104;
        let end = weeks - usize::from(partial);
        let (mut denied, mut adjudicated, mut cents) = (vec![0; weeks], vec![0.0; weeks], vec![0; weeks]);
        for week in end - known..end {
            (denied[week], adjudicated[week], cents[week]) = (10, 30.0, 100_000);
        }
        (denied[end - 1], adjudicated[end - 1], cents[end - 1]) = (60, 80.0, 600_000);
        let series = [Some("A"), None].map(|payer| Series {
            key: key(payer.map(|_| 0), 1, None),
            denied: denied.clone(),
            adjudicated: adjudicated.clone(),
            cents: cents.clone(),
        });
        found(&Site { weeks, partial, series: series.to_vec(), switches: Vec::new() })
    };
    for known in [13, 14, 20, 26, 40, 60] {
        for partial in [false, true] {
            assert_eq!(young(known, partial).len(), 1, "{known} weeks");
        }
    }
    assert!(young(6, false).is_empty(), "too young to know what is usual");
}
