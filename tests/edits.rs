//! Every shipped edit: its file loads, its examples hold, and it is what its finding examples find.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use claimloop::edits::{EditSet, Expect};
use claimloop::scrub::examples;

#[test]
fn every_example_holds() {
    let edits = EditSet::shipped().unwrap().for_examples();
    let failed: Vec<String> = examples::run_all(&edits)
        .into_iter()
        .filter_map(|o| Some(format!("{} {:?}: {}", o.edit, o.title, o.failure?)))
        .collect();
    assert!(failed.is_empty(), "{} examples failed:\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn removing_an_edit_makes_its_finding_examples_clean() {
    let whole = EditSet::shipped().unwrap().for_examples();
    for edit in whole.edits() {
        let without = EditSet::shipped().unwrap().for_examples().without(&edit.id);
        for example in edit.examples.iter().filter(|e| e.expect == Expect::Finding) {
            let outcome = examples::run(&without, edit, example);
            let failure = outcome.failure.unwrap_or_default();
            // Where an edit speaks for faults at its own places, the general one of that fault speaks when it is gone.
            let general = whole.edits().iter().find(|e| failure.contains(&format!("found {} at", e.id)));
            let takes_over = edit.check.is_local() && general.is_some_and(|e| !e.check.is_local());
            assert!(
                failure == "expected a finding, found none" || takes_over,
                "{} {:?}: {failure}",
                edit.id,
                example.title
            );
        }
    }
}

#[test]
fn every_fault_has_one_edit_that_speaks_for_all_of_it() {
    let edits = EditSet::shipped().unwrap();
    for kind in claimloop::x12::FaultKind::ALL {
        let speaks: Vec<&str> = edits
            .active()
            .filter(|e| !e.check.is_local() && e.check.faults().contains(kind))
            .map(|e| e.id.as_str())
            .collect();
        assert_eq!(speaks.len(), 1, "{}: {speaks:?}", kind.name());
    }
}
