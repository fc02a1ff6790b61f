//! Verdicts of another reader on the same mutants: where it refuses a transaction set, so do we.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use claimloop::edits::EditSet;
use claimloop::schema::Guide;

use super::environment::environment;
use super::mutant::{self, Mutant};
use super::{GUIDES, mutants};

/// Of each operator and guide so many.
const EACH: usize = 2;

/// Clean by the guide, but refused by it: docs/schemas.md says why.
const REFUSED: &str = "tests/mutants/837p-rich";

/// Faults of the envelope: a 999 gives no verdict on a transaction set for them.
const OF_ENVELOPES: [&str; 5] = [
    "control number wrong",
    "groups counted wrong",
    "separators clash",
    "sets counted wrong",
    "trailer dropped",
];

/// The other's verdicts, by file name.
fn theirs(python: &Path, folder: &Path) -> BTreeMap<String, String> {
    let run = Command::new(python).arg("tests/independent/verdicts.py").arg(folder).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let said = String::from_utf8(run.stdout).unwrap();
    said.lines().filter_map(|l| l.split_once(' ')).map(|(n, v)| (n.to_owned(), v.to_owned())).collect()
}

/// Operators that docs/schemas.md says why it doesn't find.
fn argued() -> Vec<String> {
    let page = std::fs::read_to_string("docs/schemas.md").unwrap();
    let (_, verdicts) = page.split_once("\n## Verdicts\n").unwrap();
    let rows = verdicts.lines().filter_map(|l| l.strip_prefix("| ")?.split_once(" | "));
    rows.map(|(operator, _)| operator.to_owned()).collect()
}

#[test]
fn another_reader_refuses_what_we_refuse() {
    let Some(environment) = environment() else { return };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("verdicts");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let edits = EditSet::shipped().unwrap().without("E6-035");
    let mut picked: Vec<(String, &'static str, Guide, Mutant)> = Vec::new();
    // It has no map of the 837D.
    for (guide, files) in GUIDES.into_iter().filter(|(g, _)| *g != Guide::Dental) {
        let mut by_operator: BTreeMap<&str, Vec<Mutant>> = BTreeMap::new();
        for file in files.iter().filter(|f| **f != REFUSED) {
            let name = format!("clean-{}.edi", file.rsplit('/').next().unwrap());
            std::fs::copy(format!("{file}.edi"), folder.join(name)).unwrap();
            for mutant in mutants(guide, &[file], &edits) {
                by_operator.entry(mutant.operator).or_default().push(mutant);
            }
        }
        for (operator, all) in by_operator {
            if OF_ENVELOPES.contains(&operator) {
                continue;
            }
            let step = all.len().div_ceil(EACH).max(1);
            for mutant in all.into_iter().step_by(step) {
                let name = format!("{:04}.edi", picked.len());
                std::fs::write(folder.join(&name), &mutant.bytes).unwrap();
                picked.push((name, operator, guide, mutant));
            }
        }
    }
    let theirs = theirs(&environment.join("bin/python"), &folder);
    let clean: Vec<_> = theirs.iter().filter(|(name, _)| name.starts_with("clean-")).collect();
    assert!(clean.len() > 5 && clean.iter().all(|(_, verdict)| *verdict == "A"), "{clean:?}");
    let argued = argued();
    let (mut same, mut unargued) = (0, Vec::new());
    for (name, operator, guide, mutant) in &picked {
        let ours = if mutant::scrub(&mutant.bytes, &edits).is_empty() { "A" } else { "E" };
        if (ours == "A") == (theirs[name] == "A") {
            same += 1;
        } else if ours == "A" || !argued.iter().any(|a| a == operator) {
            unargued
                .push(format!("{guide}, {operator}: ours {ours}, theirs {}: {}", theirs[name], mutant.what));
        }
    }
    println!("{same} of {} mutants have the same verdict", picked.len());
    assert!(unargued.is_empty(), "{unargued:#?}");
    assert!(picked.len() > 150 && same * 10 > picked.len() * 8, "{same} of {}", picked.len());
}
