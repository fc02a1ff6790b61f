//! Real files of public projects, where they lie: read without panic, claims conserved, and no finding of SNIP 1 and 2
//! in a file held for valid but those that `docs/samples.md` gives a reason for. They are not part of this project;
//! where the folder is absent the tests say so.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "public_samples/answers.rs"]
mod answers;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use claimloop::edits::EditSet;
use claimloop::scrub::{self, Other, Settings, remittance};

const SETTINGS: Settings =
    Settings { today: jiff::civil::date(2026, 11, 21), threads: 1, other: Other::Pass };

/// The folder of the samples, or what to say where it is absent.
fn folder() -> Result<PathBuf, String> {
    let folder = std::env::var("CLAIMLOOP_SAMPLES").unwrap_or_else(|_| "../shared/samples".to_owned());
    let folder = PathBuf::from(folder);
    if folder.is_dir() {
        return Ok(folder);
    }
    Err(format!("not run: {} is absent; name it with CLAIMLOOP_SAMPLES", folder.display()))
}

fn files(folder: &Path, all: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, all) } else { all.push(path) }
    }
}

#[test]
fn every_public_sample_is_read_and_its_claims_conserved() {
    let folder = match folder() {
        Ok(folder) => folder,
        Err(absent) => return println!("{absent}"),
    };
    let mut all = Vec::new();
    files(&folder, &mut all);
    let edits = EditSet::shipped().unwrap();
    let (mut claims, mut payments, mut remittances) = (0, 0, 0);
    for path in &all {
        let bytes = std::fs::read(path).unwrap();
        // A lost or doubled claim is an error of its own.
        let (report, _) =
            scrub::scrub(&bytes, &edits, SETTINGS).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let c = report.claims;
        assert_eq!(c.r#in, c.clean + c.held + c.rejected, "{}", path.display());
        claims += c.r#in;
        remittance::judged(&bytes, &edits, SETTINGS.today, &mut |r, _| {
            remittances += 1;
            payments += r.claims.len();
        })
        .unwrap();
    }
    println!(
        "{} files: {claims} claims conserved, {payments} claim payments in {remittances} remittances",
        all.len()
    );
    assert!(all.len() > 200 && claims > 0 && payments > 0);
}

/// File, edit, place.
type Said = BTreeSet<(String, String, String)>;

/// Claim and remittance files of 005010, each with what its project says of it.
fn expected(folder: &Path) -> Vec<(String, String)> {
    let mut reader = csv::Reader::from_path(folder.join("CATALOGUE.csv")).unwrap();
    let headers = reader.headers().unwrap().clone();
    let at = |name: &str| headers.iter().position(|h| h == name).unwrap();
    let columns = ["file", "transactions", "version", "repo_expectation"].map(at);
    let rows = reader.records().map(|row| row.unwrap());
    rows.filter_map(|row| {
        let [file, sets, version, expected] = columns.map(|c| &row[c]);
        let ours = version.contains("005010") && (sets.contains("837") || sets.contains("835"));
        ours.then(|| (file.to_owned(), expected.to_owned()))
    })
    .collect()
}

/// Those held for valid.
fn held_for_valid(folder: &Path) -> Vec<String> {
    let valid = |e: &str| e.contains("VALID") && !e.contains("INVALID");
    expected(folder).into_iter().filter(|(_, e)| valid(e)).map(|(file, _)| file).collect()
}

#[test]
fn in_files_held_for_invalid_something_is_found() {
    let folder = match folder() {
        Ok(folder) => folder,
        Err(absent) => return println!("{absent}"),
    };
    let edits = EditSet::shipped().unwrap();
    let all = expected(&folder);
    // An expected acknowledgment would be compared set by set; the projects have none for these guides.
    let pairs: Vec<_> = all.iter().filter(|(_, e)| e.contains("ID per ")).collect();
    assert!(pairs.is_empty(), "compare the verdicts on each set with {pairs:?}");
    let invalid: Vec<_> = all.iter().filter(|(_, e)| e.contains("INVALID")).collect();
    for (file, said) in &invalid {
        let bytes = std::fs::read(folder.join(file)).unwrap();
        let (report, _) = scrub::scrub(&bytes, &edits, SETTINGS).unwrap();
        let findings = report.verdicts.iter().flat_map(|v| &v.findings).chain(&report.findings);
        let stops = findings.filter(|f| f.stops() && f.fault.is_some()).count();
        assert!(stops + report.rejections.len() > 0, "{file}: {said}");
    }
    println!("{} files held for invalid: each is", invalid.len());
    assert!(invalid.len() > 10);
}

/// What the tables of the page say. Each row has a reason; one in asterisks is among those explained at its top.
fn listed() -> Said {
    let page = std::fs::read_to_string("docs/samples.md").unwrap();
    let mut file = String::new();
    let mut said = Said::new();
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("### ") {
            heading.trim().clone_into(&mut file);
        }
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [edit, place, why] = cells.as_slice() else { continue };
        let is_edit = edit.len() == 6 && edit.as_bytes()[2] == b'-';
        if !line.starts_with('|') || !is_edit {
            continue;
        }
        assert!(!why.is_empty(), "{line}: no reason");
        if let Some((name, _)) = why.strip_prefix('*').and_then(|w| w.split_once('*')) {
            assert!(page.contains(&format!("\n| *{name}* | ")), "{name} is explained nowhere");
        }
        let row = (file.clone(), (*edit).to_owned(), (*place).to_owned());
        assert!(said.insert(row.clone()), "{row:?} stands twice");
    }
    said
}

#[test]
fn in_files_held_for_valid_nothing_is_found_but_what_the_page_gives_a_reason_for() {
    let folder = match folder() {
        Ok(folder) => folder,
        Err(absent) => return println!("{absent}"),
    };
    let edits = EditSet::shipped().unwrap();
    let all = held_for_valid(&folder);
    assert!(all.len() > 50, "{} files", all.len());
    let mut found = Said::new();
    for file in &all {
        let bytes = std::fs::read(folder.join(file)).unwrap();
        let (report, _) = scrub::scrub(&bytes, &edits, SETTINGS).unwrap();
        let findings = report.verdicts.iter().flat_map(|v| &v.findings).chain(&report.findings);
        let stops = findings.filter(|f| f.stops());
        let of_claims = stops.filter(|f| f.edit.starts_with('E'));
        let refused = report.rejections.iter().map(|r| (&r.edit, r.at.as_str()));
        for (edit, at) in of_claims.map(|f| (&f.edit, f.at.as_str())).chain(refused) {
            let place = if at.is_empty() { "-" } else { at };
            found.insert((file.clone(), edit.clone(), place.to_owned()));
        }
    }
    let listed = listed();
    let lines = |set: Vec<&(String, String, String)>| -> String {
        set.iter().map(|(file, edit, place)| format!("\n  {file}: {edit} {place}")).collect()
    };
    let unexplained = lines(found.difference(&listed).collect());
    let gone = lines(listed.difference(&found).collect());
    assert!(
        unexplained.is_empty() && gone.is_empty(),
        "found, not in docs/samples.md:{unexplained}\nin docs/samples.md, not found:{gone}"
    );
    println!("{} files held for valid: {} findings, each with its reason", all.len(), found.len());
}
