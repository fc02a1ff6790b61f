//! No element value in any log line, reason, path or metric of the daemon: canaries in every place a person's data
//! stands, looked for everywhere the daemon writes but the places that are meant to hold claims.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod site;

use site::{Site, sample};

/// Values that stand in the samples in elements that name or identify people and claims.
fn values(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let mut all = Vec::new();
    for segment in text.split('~').map(str::trim) {
        let elements: Vec<&str> = segment.split('*').collect();
        if matches!(elements[0], "NM1" | "N3" | "DMG" | "CLM" | "CLP" | "REF" | "TRN" | "PER") {
            // Long enough that a hit is no accident of an id or a number of ours.
            all.extend(elements[1..].iter().filter(|e| e.len() >= 6).map(|e| (*e).to_owned()));
        }
    }
    all.sort();
    all.dedup();
    all
}

#[test]
fn no_element_value_is_in_any_log_line() {
    for format in ["json", "text"] {
        let site = Site::quick();
        let mut canaries = Vec::new();
        for entry in std::fs::read_dir("samples").unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name == "README.md" {
                continue;
            }
            let bytes = sample(&name);
            canaries.extend(values(&bytes));
            // The dropped name, too, may be built from a person's.
            let folder =
                if name.starts_with("837") || !name.ends_with(".edi") { "outbound" } else { "inbound" };
            site.drop_file(folder, &format!("DOE-JANE-{name}"), &bytes);
        }
        canaries.extend(["DOE-JANE".to_owned(), "TESTER".to_owned()]);
        assert!(canaries.len() > 50);
        let done = site
            .command(&["serve", "--config", "claimloop.toml", "--once", "--log", format])
            .output()
            .unwrap();
        assert!(done.status.success());
        let log = String::from_utf8(done.stderr).unwrap();
        assert!(log.lines().count() > 200, "the daemon says what it does: {} lines", log.lines().count());
        for canary in &canaries {
            let hit = log.lines().find(|l| l.contains(canary.as_str()));
            assert!(hit.is_none(), "{canary:?} is in a log line: {}", hit.unwrap_or_default());
        }
        decided_of(&site, &mut canaries);
        let again = site.command(&["serve", "--config", "claimloop.toml", "--once", "--log", format]);
        let again = { again }.output().unwrap();
        let (log, journal) = (String::from_utf8(again.stderr).unwrap(), journal(&site));
        assert!(journal.contains("hold_changed") && journal.contains("viewed"), "{journal}");
        for canary in &canaries {
            assert!(!log.contains(canary.as_str()), "{canary:?} is in the log after a decision");
        }
        for canary in ["7ZCANARY7", "note about TESTER", "SAMPLE1002"] {
            assert!(!journal.contains(canary), "{canary:?} is in the journal");
        }
        let mut names = Vec::new();
        walk(&site.path("state"), &mut names);
        for canary in ["DOE-JANE", "CLAIM-ONE", "TESTER"] {
            assert!(!names.iter().any(|n| n.contains(canary)), "{canary} in a path of the state");
        }
    }
}

/// Corrects and overrides a claim with values and notes that name people.
fn decided_of(site: &Site, canaries: &mut Vec<String>) {
    let held = site.held();
    let two = held.as_array().unwrap().iter().find(|h| h["claim"] == "CLAIM-TWO").unwrap();
    let id = two["id"].as_str().unwrap();
    site.json(&["held", "show", id, "--format", "json"]);
    for args in [
        &["held", "fix", id, "2010BA/NM109=7ZCANARY7", "2300/CLM02=125"][..],
        &["held", "release", id, "--reason", "note about TESTER"],
    ] {
        let done = site.command(args).output().unwrap();
        let said = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
        assert!(done.status.success() && !said.contains("7ZCANARY7"), "{said}");
    }
    let refused = site.command(&["held", "fix", id, "2010BA/NM109=7ZCANARY7*"]).output().unwrap();
    assert!(!String::from_utf8_lossy(&refused.stderr).contains("7ZCANARY7"));
    canaries.extend(["7ZCANARY7".to_owned(), "note about".to_owned()]);
}

fn journal(site: &Site) -> String {
    let mut files: Vec<_> =
        site.path("state/journal").read_dir().unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    let bytes: Vec<u8> = files.iter().flat_map(|f| std::fs::read(f).unwrap()).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn walk(folder: &std::path::Path, names: &mut Vec<String>) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        names.push(path.display().to_string());
        if path.is_dir() {
            walk(&path, names);
        }
    }
}

/// A panic's message may quote an element; only its place is told, whatever thread it ends.
#[test]
fn a_panic_says_where_it_was_and_no_more() {
    const INSIDE: &str = "CLAIMLOOP_TEST_PANICS";
    if std::env::var_os(INSIDE).is_some() {
        claimloop::cli::hide_panics();
        let value = String::from("DOE-JANE");
        assert!(std::thread::spawn(move || panic!("{value} has no such segment")).join().is_err());
        return;
    }
    let name = "a_panic_says_where_it_was_and_no_more";
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    let done = child.args(["--exact", name, "--nocapture"]).env(INSIDE, "1").output().unwrap();
    let said = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
    assert!(done.status.success(), "{said}");
    assert!(said.contains("the program failed at tests/phi.rs:") && !said.contains("DOE-JANE"), "{said}");
    assert!(include_str!("../src/main.rs").contains("cli::hide_panics();"), "the binary does so first");
}

/// What was archived is damaged where it holds values: what is said of it quotes none of them.
#[test]
fn a_damaged_list_of_verdicts_is_told_of_without_what_is_in_it() {
    let site = Site::quick();
    site.drop_file("outbound", "a.edi", &sample("837p-three-claims-one-off.edi"));
    assert!(site.once().status.success());
    let mut archived = Vec::new();
    walk(&site.path("state/archive"), &mut archived);
    let is_list = |path: &&String| std::fs::read(path).is_ok_and(|b| b.starts_with(b"{\"claim\":"));
    let list = archived.iter().find(is_list).unwrap();
    let text = std::fs::read_to_string(list).unwrap();
    assert!(text.contains("\"position\":2"));
    std::fs::write(list, text.replace("\"position\":2", "\"position\":\"DOE-JANE\"")).unwrap();
    for args in [
        &["rebuild"][..],
        &["reconcile"],
        &["held", "list"],
        &["serve", "--config", "claimloop.toml", "--once"],
    ] {
        let done = site.command(args).output().unwrap();
        let said = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
        assert!(!said.contains("DOE-JANE") && !said.contains("CLAIM-TWO"), "{said}");
        if args[0] == "rebuild" {
            assert!(said.contains("not of its kind at line 2 column"), "{said}");
        }
    }
}
