//! Remittances with one thing wrong, made by named operators from clean ones with a seed: the edit that is meant must name each in the
//! loop it stands in, no clean one is stopped, and without an edit its mutants go unnamed. And remittances of public projects, some of
//! them checked by hand.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

#[path = "remittances/file.rs"]
mod file;
#[path = "remittances/operators.rs"]
mod operators;
#[path = "remittances/public.rs"]
mod public;

use std::collections::{BTreeMap, BTreeSet};

use claimloop::edits::EditSet;
use claimloop::scrub::{self, Other, Settings, remittance};
use file::File;
use operators::{Dice, Maker, Mutant};

const CLEAN: [&str; 8] = [
    "config/edits/bases/835-office.edi",
    "samples/835-balanced.edi",
    "samples/835-claim-level-denial.edi",
    "samples/835-denies-claim-one.edi",
    "samples/835-patient-share.edi",
    "samples/835-plb.edi",
    "samples/835-reversal-and-correction.edi",
    "tests/mutants/835-rich.edi",
];

const SEED: u64 = 835;

/// Edit, place and whether it stops, of everything said.
fn said(bytes: &Vec<u8>, edits: &EditSet) -> Vec<(String, String, bool)> {
    let settings = Settings { today: jiff::civil::date(2026, 11, 21), threads: 1, other: Other::Pass };
    let (report, _) = scrub::scrub(bytes.as_slice(), edits, settings).unwrap();
    let mut said: Vec<_> = report.rejections.into_iter().map(|r| (r.edit, r.at, true)).collect();
    let own = report.verdicts.into_iter().flat_map(|v| v.findings);
    said.extend(report.findings.into_iter().chain(own).map(|f| (f.edit.clone(), f.at.clone(), f.stops())));
    remittance::judged(bytes, edits, settings.today, &mut |_, own| {
        said.extend(own.into_iter().map(|f| (f.edit.clone(), f.at.clone(), f.stops())));
    })
    .unwrap();
    said
}

fn is_named(mutant: &Mutant, said: &[(String, String, bool)]) -> bool {
    let of = |at: &str| at.split([' ', '[']).next().unwrap_or_default() == mutant.of;
    said.iter().any(|(edit, at, _)| edit == mutant.edit && (mutant.of.is_empty() || of(at)))
}

fn mutants() -> Vec<(&'static str, Mutant)> {
    let mut dice = Dice(SEED);
    let all = CLEAN.map(|name| (name, File::read(name)));
    all.iter().flat_map(|(name, f)| Maker::of(f, &mut dice).into_iter().map(|m| (*name, m))).collect()
}

#[test]
fn clean_remittances_are_not_stopped() {
    let edits = EditSet::shipped().unwrap();
    for name in CLEAN {
        let said = said(&File::read(name).bytes(), &edits);
        assert!(said.iter().all(|(_, _, stops)| !stops), "{name}: {said:?}");
        println!("{name}: clean, {} warnings", said.len());
    }
}

#[test]
fn every_mutant_is_named_by_the_edit_that_is_meant() {
    let edits = EditSet::shipped().unwrap();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut missed = Vec::new();
    let mutants = mutants();
    for (name, mutant) in &mutants {
        *counts.entry(mutant.operator).or_default() += 1;
        let said = said(&mutant.bytes, &edits);
        if !is_named(mutant, &said) {
            let (operator, at, edit) = (mutant.operator, mutant.at, mutant.edit);
            missed.push(format!("{name} segment {at}: {operator}: {edit} is silent; said: {said:?}"));
        }
    }
    for (operator, count) in &counts {
        println!("{count:>5}  {operator}");
    }
    println!("{:>5}  mutants by {} operators, seed {SEED}", mutants.len(), counts.len());
    assert!(missed.is_empty(), "{} missed:\n{}", missed.len(), missed.join("\n"));
    assert!(mutants.len() >= 200 && counts.len() >= 50);
}

#[test]
fn without_an_edit_its_mutants_go_unnamed() {
    let mutants = mutants();
    let edits: BTreeSet<&str> = mutants.iter().map(|(_, m)| m.edit).collect();
    for edit in edits.iter().filter(|e| e.starts_with("R8")) {
        let without = EditSet::shipped().unwrap().without(edit);
        let first = mutants.iter().find(|(_, m)| m.edit == *edit).unwrap();
        assert!(!is_named(&first.1, &said(&first.1.bytes, &without)), "{edit}");
    }
    println!("{} edits are asked for by mutants", edits.len());
}
