//! A mutation test of our own: faults made one at a time by named operators, at every place of clean files that they can
//! be made at. The scrub must find each at its place, say little besides, and say nothing of the files themselves.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

#[path = "mutants/elements.rs"]
mod elements;
#[path = "mutants/envelopes.rs"]
mod envelopes;
#[path = "independent/environment.rs"]
mod environment;
#[path = "mutants/grammar.rs"]
mod grammar;
#[path = "mutants/loops.rs"]
mod loops;
#[path = "mutants/mutant.rs"]
mod mutant;
#[path = "mutants/original.rs"]
mod original;
#[path = "mutants/segments.rs"]
mod segments;
#[path = "mutants/verdicts.rs"]
mod verdicts;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use claimloop::edits::EditSet;
use claimloop::schema::Guide;
use grammar::Grammar;
use mutant::Mutant;

const GUIDES: [(Guide, &[&str]); 4] = [
    (
        Guide::Professional,
        &["config/edits/bases/837p-office", "config/edits/bases/837p-dependent", "tests/mutants/837p-rich"],
    ),
    (
        Guide::Institutional,
        &[
            "config/edits/bases/837i-outpatient",
            "config/edits/bases/837i-inpatient",
            "tests/mutants/837i-rich",
        ],
    ),
    (Guide::Dental, &["config/edits/bases/837d-office", "tests/mutants/837d-rich"]),
    (Guide::Remittance, &["config/edits/bases/835-office", "tests/mutants/835-rich"]),
];

fn mutants(guide: Guide, files: &[&str], edits: &EditSet) -> Vec<Mutant> {
    let mut all = Vec::new();
    for name in files {
        let original = original::read(&format!("{name}.edi"), guide);
        let grammar = Grammar::new(original.schema);
        let texts = original.texts();
        assert!(grammar.takes(&texts), "{name} doesn't follow its guide");
        let said: Vec<String> =
            mutant::scrub(&original.with(texts), edits).iter().map(ToString::to_string).collect();
        assert!(said.is_empty(), "{name} is not clean: {said:#?}");
        all.extend(elements::mutants(&original));
        all.extend(segments::mutants(&original, &grammar));
        all.extend(loops::mutants(&original, &grammar));
        all.extend(envelopes::mutants(&original));
    }
    all
}

/// What became of one mutant: found or not, and how much was said.
type Outcome = (bool, usize, String);

fn outcomes(mutants: &[Mutant], edits: &EditSet) -> Vec<Outcome> {
    let next = AtomicUsize::new(0);
    let threads = thread::available_parallelism().map_or(2, usize::from);
    let work = || {
        let mut done = Vec::new();
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            let Some(mutant) = mutants.get(n) else { return done };
            let said = mutant::scrub(&mutant.bytes, edits);
            let found = mutant.found(&said);
            let told = said.iter().map(|s| format!("\n    {s}")).collect();
            done.push((n, (found, said.len(), told)));
        }
    };
    let mut done: Vec<(usize, Outcome)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|w| w.join().unwrap()).collect()
    });
    done.sort_by_key(|(n, _)| *n);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}

/// Operators that every guide must know; those on hierarchies, line numbers and periods are of the claim guides alone.
const OPERATORS: &[&str] = &[
    "HL child wrong",
    "HL level wrong",
    "HL number wrong",
    "HL parent wrong",
    "bad date",
    "code not allowed",
    "control byte",
    "control number wrong",
    "groups counted wrong",
    "line number wrong",
    "loop repeated past its limit",
    "neighbours swapped",
    "not-used element filled",
    "opener dropped",
    "overlong element",
    "qualifier broken",
    "repetition where none",
    "required element emptied",
    "required loop dropped",
    "required segment dropped",
    "reversed period",
    "segment ahead of its place",
    "segment behind a loop",
    "segment of another loop",
    "segment repeated past its limit",
    "segments counted wrong",
    "sets counted wrong",
    "syntax note broken",
    "too many components",
    "too many elements",
    "too short element",
    "unknown segment",
    "wrong type",
];

/// Mutants of one operator and guide.
#[derive(Default)]
struct Row {
    mutants: usize,
    found: usize,
    said: usize,
}

impl Row {
    fn and(&self, other: &Row) -> Row {
        Row {
            mutants: self.mutants + other.mutants,
            found: self.found + other.found,
            said: self.said + other.said,
        }
    }

    fn mean(&self) -> f64 {
        self.said as f64 / self.mutants as f64
    }
}

#[test]
fn every_single_fault_is_found_at_its_place() {
    // What is repeated past its limit repeats lines, too.
    let edits = EditSet::shipped().unwrap().without("E6-035");
    let mut missed = Vec::new();
    let mut rows: BTreeMap<(&str, &str), Row> = BTreeMap::new();
    for (guide, files) in GUIDES {
        let mutants = mutants(guide, files, &edits);
        for (mutant, (found, said, told)) in mutants.iter().zip(outcomes(&mutants, &edits)) {
            let row = rows.entry((mutant.operator, guide.name())).or_default();
            *row = row.and(&Row { mutants: 1, found: usize::from(found), said });
            if !found {
                missed.push(format!("missed: {guide}, {}: {}{told}", mutant.operator, mutant.what));
            }
        }
    }
    missed.iter().for_each(|m| println!("{m}"));
    println!("{:32} {:6} {:>8} {:>8} {:>6}", "operator", "guide", "mutants", "found", "mean");
    for ((operator, guide), row) in &rows {
        println!("{operator:32} {guide:6} {:8} {:8} {:6.2}", row.mutants, row.found, row.mean());
    }
    let sum = |of: &dyn Fn(&str) -> bool| {
        rows.iter().filter(|((_, guide), _)| of(guide)).fold(Row::default(), |sum, (_, row)| sum.and(row))
    };
    for (guide, _) in GUIDES {
        let Row { mutants, found, .. } = sum(&|g| g == guide.name());
        println!("{guide}: {found} of {mutants} found");
        assert!(mutants >= 300, "{guide}: {mutants} mutants");
        assert!(found * 100 >= mutants * 99, "{guide}: {found} of {mutants} found");
        for operator in OPERATORS {
            let claims_only = operator.starts_with("HL")
                || *operator == "line number wrong"
                || *operator == "reversed period";
            let any = rows.contains_key(&(*operator, guide.name())) || (claims_only && !guide.is_claims());
            assert!(any, "{guide}: no mutant by {operator}");
        }
    }
    let all = sum(&|_| true);
    println!("all: {} of {} found, {:.2} findings each", all.found, all.mutants, all.mean());
    assert!(all.mean() < 1.6, "{:.2} findings for one fault", all.mean());
    // No operator may set off an avalanche.
    for ((operator, guide), row) in &rows {
        assert!(row.mean() < 3.0, "{operator}, {guide}: {:.2} findings for one fault", row.mean());
    }
}
