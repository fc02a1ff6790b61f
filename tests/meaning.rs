//! A mutation test of what claims say (SNIP 3 to 7): faults made one at a time by named operators, at every place of clean files that they
//! can be made at. Each must be found by an edit that is there for it, on every claim that is wrong by it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

#[path = "meaning/amounts.rs"]
mod amounts;
#[path = "meaning/codes.rs"]
mod codes;
#[path = "meaning/dates.rs"]
mod dates;
#[path = "meaning/diagnoses.rs"]
mod diagnoses;
#[path = "meaning/lines.rs"]
mod lines;
#[path = "meaning/lists.rs"]
mod lists;
#[path = "mutants/original.rs"]
#[allow(dead_code)]
mod original;
#[path = "meaning/payers.rs"]
mod payers;
#[path = "meaning/services.rs"]
mod services;
#[path = "meaning/site.rs"]
mod site;
#[path = "meaning/situations.rs"]
mod situations;
#[path = "meaning/work.rs"]
mod work;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use claimloop::edits::{EditSet, Finding};
use claimloop::schema::Guide;
use claimloop::scrub::{self, Other, Settings};
use jiff::civil::{Date, date};
use work::{Mutant, Work};

const TODAY: Date = date(2026, 11, 21);

const FILES: [(Guide, &[&str]); 3] = [
    (
        Guide::Professional,
        &[
            "config/edits/bases/837p-office",
            "config/edits/bases/837p-dependent",
            "config/edits/bases/837p-secondary",
            "tests/mutants/837p-rich",
        ],
    ),
    (
        Guide::Institutional,
        &[
            "config/edits/bases/837i-outpatient",
            "config/edits/bases/837i-inpatient",
            "config/edits/bases/837i-dependent",
            "config/edits/bases/837i-secondary",
            "tests/mutants/837i-rich",
        ],
    ),
    (
        Guide::Dental,
        &["config/edits/bases/837d-office", "config/edits/bases/837d-dependent", "tests/mutants/837d-rich"],
    ),
];

/// Which edits are asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// As they are shipped.
    Shipped,
    /// With code sets and payer packs of a site.
    Site,
}
use Asked::{Shipped, Site};

/// Every operator, and the edits that are there to find what it does.
const OPERATORS: &[(&str, &[&str], Asked)] = &[
    ("claim total off", &["E3-001", "E3-002", "E3-003"], Shipped),
    ("line charge off", &["E3-001", "E3-002", "E3-003"], Shipped),
    ("line more than the total", &["E3-001", "E3-002", "E3-003"], Shipped),
    ("line less than the total", &["E3-001", "E3-002", "E3-003"], Shipped),
    ("earlier payment of a line off", &["E3-005"], Shipped),
    ("earlier adjustment of a line off", &["E3-005"], Shipped),
    ("earlier adjustment of a line left out", &["E3-005"], Shipped),
    ("earlier payment off", &["E3-004", "E3-006"], Shipped),
    ("earlier payment left out", &["E3-004", "E3-006"], Shipped),
    ("earlier adjustment of the claim off", &["E3-004", "E3-006"], Shipped),
    ("earlier adjustment of the claim left out", &["E3-004", "E3-006"], Shipped),
    ("line decided by another payer", &["E3-007"], Shipped),
    ("patient paid more than charged", &["E3-009"], Shipped),
    ("non-covered charge above the line's", &["E3-010"], Shipped),
    ("nothing charged", &["E3-011"], Shipped),
    ("days of a stay off", &["E3-012"], Shipped),
    ("coinsurance days above the covered", &["E3-013"], Shipped),
    ("replacement without the payer's number", &["E4-001"], Shipped),
    ("first claim with the payer's number", &["E4-001"], Shipped),
    ("accident without date", &["E4-003"], Shipped),
    ("work accident billed to a health plan", &["E4-004"], Shipped),
    ("service date in the future", &["E4-005"], Shipped),
    ("death in the future", &["E4-005"], Shipped),
    ("service before birth, or past a lifetime", &["E4-006"], Shipped),
    ("service after death", &["E4-007"], Shipped),
    ("pointer to no diagnosis", &["E4-008"], Shipped),
    ("pointer twice on a line", &["E4-008"], Shipped),
    ("service outside the statement period", &["E4-009"], Shipped),
    ("stay without admission date", &["E4-010"], Shipped),
    ("stay without discharge hour", &["E4-011"], Shipped),
    ("drug number wrong", &["E4-012"], Shipped),
    ("attachment without control number", &["E4-013"], Shipped),
    ("transport described in part", &["E4-014"], Shipped),
    ("anesthesia not in minutes", &["E4-015"], Shipped),
    ("tooth not named", &["E4-016"], Shipped),
    ("replacement without first placement", &["E4-017"], Shipped),
    ("organization with a person's name", &["E4-018"], Shipped),
    ("order without who gave it", &["E4-019"], Shipped),
    ("foreign place of service not named", &["E4-020"], Shipped),
    ("later payer without an earlier one", &["E4-021"], Shipped),
    ("occurrence after the statement period", &["E4-022"], Shipped),
    ("frequency and patient status disagree", &["E4-023"], Shipped),
    ("auto accident without state", &["E4-030"], Shipped),
    ("work accident without date", &["E4-031"], Shipped),
    ("interim bill with discharge hour", &["E4-033"], Shipped),
    ("drug quantity zero", &["E4-034"], Shipped),
    ("minutes of another service", &["E4-035"], Shipped),
    ("surfaces not named", &["E4-036"], Shipped),
    ("more surfaces billed than named", &["E4-036"], Shipped),
    ("no payer comes first", &["E4-038"], Shipped),
    ("transport without condition", &["E4-039"], Shipped),
    ("NPI wrong", &["E5-001"], Shipped),
    ("tax number wrong", &["E5-003"], Shipped),
    ("taxonomy off its shape", &["E5-004"], Shipped),
    ("diagnosis not valid", &["E5-005"], Shipped),
    ("procedure of a stay not valid", &["E5-006"], Shipped),
    ("HCPCS code not valid", &["E5-007"], Site),
    ("modifier unknown", &["E5-008"], Shipped),
    ("place of service unknown", &["E5-009"], Shipped),
    ("revenue code unknown", &["E5-010"], Site),
    ("code of a bill unknown", &["E5-011"], Shipped),
    ("state unknown", &["E5-012"], Shipped),
    ("Medicare number wrong", &["E5-013"], Shipped),
    ("bill type unknown", &["E5-015"], Site),
    ("modifier twice on a line", &["E5-030"], Shipped),
    ("total line of a paper bill", &["E5-031"], Shipped),
    ("discharge status unknown", &["E5-032"], Shipped),
    ("CPT code not valid", &["E5-033", "E5-007"], Site),
    ("procedure code of no shape", &["E5-033", "E5-007"], Site),
    ("dental code not valid", &["E5-034"], Site),
    ("taxonomy not in the list", &["E5-035"], Site),
    ("NPI in no list", &["E5-002"], Site),
    ("drug number in no list", &["E5-014"], Site),
    ("drug number of another service", &["E5-036"], Site),
    ("services never paid together", &["E6-001"], Site),
    ("services paid with a modifier alone", &["E6-002"], Site),
    ("more units than are paid", &["E6-003"], Site),
    ("add-on without its service", &["E6-004"], Site),
    ("visit beside a small procedure", &["E6-005"], Site),
    ("visit beside a large procedure", &["E6-034"], Site),
    ("whole test in a hospital", &["E6-007"], Site),
    ("part of what has none", &["E6-038"], Site),
    ("both sides of what has none", &["E6-039"], Site),
    ("right and left on one line", &["E6-008"], Shipped),
    ("other side than the diagnosis", &["E6-009"], Shipped),
    ("external cause first", &["E6-011"], Shipped),
    ("diagnosis of another age", &["E6-013"], Shipped),
    ("diagnosis not covered", &["E6-015"], Site),
    ("laboratory without certificate", &["E6-019"], Shipped),
    ("mammogram without certificate", &["E6-020"], Shipped),
    ("telehealth without modifier", &["E6-021"], Shipped),
    ("single dose, nothing said", &["E6-022"], Site),
    ("inpatient service on an outpatient bill", &["E6-024"], Site),
    ("revenue code of another procedure", &["E6-025"], Site),
    ("therapy without its plan", &["E6-023"], Shipped),
    ("manifestation first", &["E6-026"], Shipped),
    ("state of a patient as reason of a stay", &["E6-026"], Shipped),
    ("line said again", &["E6-035"], Shipped),
    ("modifiers exclude each other", &["E6-036"], Shipped),
    ("presence on admission left out", &["E6-037"], Shipped),
    ("payer unknown", &["E7-001"], Site),
    ("authorisation missing", &["E7-002"], Site),
    ("referral missing", &["E7-004"], Site),
    ("filed too late", &["E7-006"], Site),
    ("provider excluded", &["E7-014"], Site),
    ("records not announced", &["E7-017"], Site),
    ("filed late", &["E7-023"], Site),
];

/// What is said of a file, with the claim it is said of, 0 for none; nothing that is on trial.
fn said(bytes: &[u8], edits: &EditSet) -> Vec<(u64, Finding)> {
    let settings = Settings { today: TODAY, threads: 1, other: Other::Pass };
    let (report, _) = scrub::scrub(bytes, edits, settings).unwrap();
    assert!(report.rejections.is_empty(), "{:?}", report.rejections);
    let of_claims =
        report.verdicts.into_iter().flat_map(|v| v.findings.into_iter().map(move |f| (v.position, f)));
    of_claims.chain(report.findings.into_iter().map(|f| (0, f))).filter(|(_, f)| !f.shadow).collect()
}

/// What became of a mutant: found on every claim that is wrong or not, how much was said, and what.
struct Outcome {
    found: bool,
    said: usize,
    told: String,
}

fn outcome(mutant: &Mutant, sets: &[EditSet; 2]) -> Outcome {
    let (_, intended, asked) = OPERATORS.iter().find(|o| o.0 == mutant.operator).unwrap();
    let said = said(&mutant.bytes, &sets[*asked as usize]);
    let on = |claim: &u64| said.iter().any(|(of, f)| of == claim && intended.contains(&&*f.edit));
    // Said of several claims is said once.
    let places: BTreeSet<_> = said.iter().map(|(_, f)| (f.segment, &f.at, &f.edit)).collect();
    let told = said.iter().map(|(claim, f)| format!("\n    claim {claim}: {} at {}", f.edit, f.at)).collect();
    Outcome { found: mutant.claims.iter().all(on), said: places.len(), told }
}

fn outcomes(mutants: &[Mutant], sets: &[EditSet; 2]) -> Vec<Outcome> {
    let next = AtomicUsize::new(0);
    let threads = thread::available_parallelism().map_or(2, usize::from);
    let work = || {
        let numbers = std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)));
        numbers.map_while(|n| Some((n, outcome(mutants.get(n)?, sets)))).collect::<Vec<_>>()
    };
    let mut done: Vec<(usize, Outcome)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|w| w.join().unwrap()).collect()
    });
    done.sort_by_key(|(n, _)| *n);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}

fn mutants(guide: Guide, name: &str, sets: &[EditSet; 2]) -> Vec<Mutant> {
    let original = original::read(&format!("{name}.edi"), guide);
    for edits in sets {
        let said = said(&original.with(original.texts()), edits);
        assert!(!said.iter().any(|(_, f)| f.stops()), "{name} is not clean: {said:#?}");
        // Nor does anything else speak that could be taken for a find.
        assert!(said.is_empty(), "{name} is talked about: {said:#?}");
    }
    let mut work = Work::new(&original, guide);
    amounts::mutants(&mut work);
    situations::mutants(&mut work);
    dates::mutants(&mut work);
    lines::mutants(&mut work);
    codes::mutants(&mut work);
    diagnoses::mutants(&mut work);
    lists::mutants(&mut work);
    services::mutants(&mut work);
    payers::mutants(&mut work);
    work.out
}

/// Mutants of one operator.
#[derive(Default)]
struct Row {
    mutants: usize,
    found: usize,
    said: usize,
}

#[test]
fn what_is_wrong_in_a_claim_is_found_by_the_edit_that_is_there_for_it() {
    let sets = [EditSet::shipped().unwrap(), site::edits()];
    for (operator, intended, asked) in OPERATORS {
        let active = |id: &&str| sets[*asked as usize].active().any(|e| e.id == **id);
        assert!(intended.iter().all(active), "{operator}: an edit of it is not active");
    }
    let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
    let mut all = Row::default();
    for (guide, files) in FILES {
        for name in files {
            let mutants = mutants(guide, name, &sets);
            for (mutant, outcome) in mutants.iter().zip(outcomes(&mutants, &sets)) {
                for row in [rows.entry(mutant.operator).or_default(), &mut all] {
                    row.mutants += 1;
                    row.found += usize::from(outcome.found);
                    row.said += outcome.said;
                }
                if !outcome.found {
                    println!("missed: {name}, {}: {}{}", mutant.operator, mutant.what, outcome.told);
                }
            }
        }
    }
    let mean = |row: &Row| row.said as f64 / row.mutants as f64;
    println!("{:42} {:22} {:>8} {:>8} {:>6}", "operator", "edits", "mutants", "found", "mean");
    for (operator, intended, _) in OPERATORS {
        let row = rows.get(operator).unwrap_or_else(|| panic!("no mutant by {operator}"));
        let edits = intended.join(" ");
        println!("{operator:42} {edits:22} {:8} {:8} {:6.2}", row.mutants, row.found, mean(row));
    }
    println!("all: {} of {} found, {:.2} findings each", all.found, all.mutants, mean(&all));
    assert!(OPERATORS.len() >= 45 && rows.len() == OPERATORS.len(), "{} operators", rows.len());
    assert!(all.mutants >= 500, "{} mutants", all.mutants);
    assert!(all.found * 100 >= all.mutants * 99, "{} of {} found", all.found, all.mutants);
}
