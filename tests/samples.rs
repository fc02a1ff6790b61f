//! The table in `samples/README.md`, row by row: every sample does what it promises.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

fn rows(heading: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string("samples/README.md").unwrap();
    let section = text.split(heading).nth(1).unwrap_or_else(|| panic!("no section {heading}"));
    let section = section.split("\n## ").next().unwrap();
    let table = section.lines().filter(|l| l.starts_with('|')).skip(2);
    table.map(|l| l.trim_matches('|').split('|').map(|c| c.trim().to_owned()).collect()).collect()
}

fn run(args: &[&str]) -> (i32, Value) {
    let done = Command::new(env!("CARGO_BIN_EXE_claimloop")).args(args).output().unwrap();
    let shown = String::from_utf8_lossy(&done.stderr).into_owned();
    let json = serde_json::from_slice(&done.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}\n{shown}"));
    (done.status.code().unwrap(), json)
}

/// The named list under `key` of `value`.
fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn shown(edits: &BTreeSet<String>) -> String {
    if edits.is_empty() { "-".to_owned() } else { edits.iter().cloned().collect::<Vec<_>>().join(",") }
}

#[test]
fn claim_samples() {
    let rows = rows("## Claims");
    assert!(rows.len() >= 20, "{} claim samples", rows.len());
    let mut wrong = Vec::new();
    for row in &rows {
        let [file, _, exit, r#in, clean, held, rejected, edits] = row.as_slice() else { panic!("{row:?}") };
        let path = format!("samples/{file}");
        let (code, report) = run(&["scrub", &path, "--today", "2026-11-21", "--format", "json"]);
        let mut found = BTreeSet::new();
        for verdict in list(&report, "verdicts") {
            let claim =
                if verdict["verdict"] == "rejected" { "file" } else { verdict["claim"].as_str().unwrap() };
            for finding in list(verdict, "findings") {
                found.insert(format!("{claim}:{}", finding["edit"].as_str().unwrap()));
            }
        }
        for said in list(&report, "findings").iter().chain(list(&report, "rejections")) {
            found.insert(format!("file:{}", said["edit"].as_str().unwrap()));
        }
        let counts = ["in", "clean", "held", "rejected"].map(|k| report["claims"][k].to_string());
        let got = format!("{code} {} {}", counts.join(" "), shown(&found));
        let promised = [exit, r#in, clean, held, rejected, edits].map(String::as_str).join(" ");
        if got != promised {
            wrong.push(format!("{file}: promised {promised}, got {got}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn remittance_samples() {
    let rows = rows("## Remittances");
    assert!(rows.len() >= 8, "{} remittance samples", rows.len());
    let mut wrong = Vec::new();
    for row in &rows {
        let [file, _, exit, transactions, claims, denied, edits] = row.as_slice() else { panic!("{row:?}") };
        let (code, read) = run(&["remit", &format!("samples/{file}"), "--format", "json"]);
        let all = list(&read, "transactions");
        let paid: Vec<&Value> = all.iter().flat_map(|t| list(t, "claims")).collect();
        let cents: i64 =
            paid.iter().map(|c| c["denied"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap()).sum();
        let said = all.iter().flat_map(|t| list(t, "findings")).chain(list(&read, "rejections"));
        let found: BTreeSet<String> = said.map(|f| f["edit"].as_str().unwrap().to_owned()).collect();
        let got = format!(
            "{code} {} {} {}.{:02} {}",
            all.len(),
            paid.len(),
            cents / 100,
            cents % 100,
            shown(&found)
        );
        let promised = [exit, transactions, claims, denied, edits].map(String::as_str).join(" ");
        if got != promised {
            wrong.push(format!("{file}: promised {promised}, got {got}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_sample_is_in_a_table() {
    let text = std::fs::read_to_string("samples/README.md").unwrap();
    for entry in Path::new("samples").read_dir().unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(name == "README.md" || text.contains(&format!("| {name} |")), "{name} is promised nothing");
    }
}
