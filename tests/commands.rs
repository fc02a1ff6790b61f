//! The command line as its users have it: shapes of the JSON, exit codes, the demo, a folder with nothing in it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod site;

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use site::{BINARY, Site, sample};

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn starts_with(value: &Value, wanted: &[&str]) {
    let found = keys(value);
    assert_eq!(&found[..wanted.len().min(found.len())], wanted, "{found:?}");
}

fn has(value: &Value, wanted: &[&str]) {
    for key in wanted {
        assert!(value.get(key).is_some(), "{key} is missing from {value}");
    }
}

#[test]
fn shapes_of_the_scrub_report() {
    let site = Site::quick();
    fs::write(site.path("a.edi"), sample("837p-three-claims-one-off.edi")).unwrap();
    fs::write(site.path("b.edi"), sample("837p-wrong-iea01.edi")).unwrap();
    let report = site.json(&["scrub", "a.edi", "--format", "json", "--today", "2026-11-21"]);
    let top = [
        "file",
        "sha256",
        "kind",
        "today",
        "edits",
        "coverage",
        "verdicts",
        "findings",
        "rejections",
        "claims",
        "charges",
    ];
    starts_with(&report, &top);
    assert_eq!((&report["kind"], &report["today"]), (&json!("837P"), &json!("2026-11-21")));
    let verdict = &report["verdicts"][1];
    let own =
        ["claim", "transaction_set", "position", "verdict", "overridable", "charge", "payer", "findings"];
    starts_with(verdict, &own);
    assert_eq!(
        (&verdict["charge"], &verdict["overridable"], &verdict["position"]),
        (&json!("126.00"), &json!(false), &json!(2))
    );
    let finding = ["edit", "name", "severity", "owner", "at", "segment", "offset", "value", "message"];
    starts_with(&verdict["findings"][0], &finding);
    assert_eq!(verdict["findings"][0]["at"], "2300 CLM02");
    starts_with(&report["charges"], &["in", "clean", "held", "rejected", "unreadable"]);
    let refused = site.json(&["scrub", "b.edi", "--format", "json"]);
    starts_with(&refused["rejections"][0], &["level", "control", "at", "segment", "offset", "message"]);
    assert_eq!(refused["rejections"][0]["level"], "interchange");

    let both = site.command(&["scrub", "a.edi", "b.edi", "--format", "json"]).output().unwrap();
    assert_eq!(String::from_utf8(both.stdout).unwrap().lines().count(), 2, "one object a line");
    let lines = site.command(&["scrub", "a.edi", "--format", "jsonl"]).output().unwrap();
    let lines: Vec<Value> =
        String::from_utf8(lines.stdout).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), 4, "a line a verdict, then a summary");
    assert!(lines[3].get("verdicts").is_none() && lines[3]["claims"]["in"] == 3);
}

#[test]
fn out_writes_the_clean_file_and_the_report() {
    let site = Site::quick();
    fs::write(site.path("a.edi"), sample("837p-three-claims-one-off.edi")).unwrap();
    let done = site
        .command(&["scrub", "a.edi", "--out", "o", "--format", "json", "--today", "2026-11-21"])
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&fs::read(site.path("o/a.edi.report.json")).unwrap()).unwrap();
    assert_eq!(report, serde_json::from_slice::<Value>(&done.stdout).unwrap());
    assert_eq!(site::claims(&fs::read(site.path("o/a.edi")).unwrap()), ["CLAIM-ONE", "CLAIM-THREE"]);
    let over = site.command(&["scrub", "a.edi", "--out", "."]).output().unwrap();
    assert_eq!(over.status.code(), Some(2), "never over its own input");
    assert_eq!(fs::read(site.path("a.edi")).unwrap(), sample("837p-three-claims-one-off.edi"));
}

#[test]
fn a_remittance_as_people_who_bill_read_it() {
    let site = Site::quick();
    // A name that would colour the terminal, and a number that would clear it.
    let text = String::from_utf8(sample("835-plb.edi")).unwrap();
    let text = text.replace("TESTER*ALEX", "TESTER\u{1b}[31m*ALEX").replace("PAYCTL0002", "PAY\u{1b}c02");
    fs::write(site.path("r.835"), text).unwrap();
    let done = site.command(&["remit", "r.835", "--today", "2026-11-21"]).output().unwrap();
    let shown = String::from_utf8(done.stdout).unwrap();
    assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown}");
    for wanted in [
        "REMITTANCE SAMPLETRACE0010",
        "payer   SAMPLE PAYER (129900002)",
        "payee   SAMPLE FAMILY PRACTICE (NPI 1000000012)",
        "paid    $155.00 on 11/16/2026, by transfer (EFT) SAMPLETRACE0010",
        "CLAIM CLAIM-P1  ALEX TESTER",
        "processed as primary (status 1); payer's number PAYCTL0001",
        "services of 10/05/2026; received 11/03/2026",
        "charged $150.00   allowed $120.00   paid $100.00   patient owes $20.00",
        "patient owes                  Coinsurance share",
        "No approval or notification on record",
        "remarks M62",
        "overpayment taken back, for PAYCTL0006",
        "4 lines: balanced",
        "claims $180.00 less $25.00 outside is $155.00, paid $155.00: balanced",
    ] {
        assert!(shown.contains(wanted), "{wanted}\n{shown}");
    }
}

#[test]
fn shapes_of_remittances_edits_holds_and_denials() {
    let site = Site::quick();
    fs::write(site.path("r.835"), sample("835-denies-claim-one.edi")).unwrap();
    let read = site.json(&["remit", "r.835", "--format", "json"]);
    starts_with(&read, &["file", "sha256", "transactions", "findings", "rejections"]);
    let transaction = &read["transactions"][0];
    let wanted =
        ["trn", "payer", "payee", "amount", "week", "balanced", "claims", "provider_adjustments", "findings"];
    starts_with(transaction, &wanted);
    let claim = &transaction["claims"][0];
    let wanted = [
        "claim",
        "payer_claim",
        "status",
        "charge",
        "paid",
        "patient_share",
        "class",
        "denied",
        "adjustments",
        "lines",
    ];
    starts_with(claim, &wanted);
    assert_eq!((&claim["class"], &claim["denied"]), (&json!("denied"), &json!("150.00")));
    starts_with(&claim["adjustments"][0], &["group", "carc", "rarcs", "amount", "line", "class"]);
    starts_with(&claim["lines"][0], &["procedure", "modifiers", "charge", "paid"]);
    has(claim, &["status_words", "allowed", "service_dates", "received", "reversal", "forwarded", "amounts"]);
    has(&claim["lines"][0], &["units", "allowed", "dates", "control", "rarcs", "billed"]);
    has(transaction, &["payer_name", "payee_name", "date", "method", "origin"]);
    let csv = site.command(&["remit", "r.835", "--format", "csv"]).output().unwrap();
    assert_eq!(String::from_utf8(csv.stdout).unwrap().lines().count(), 3, "a header and a row an adjustment");

    let edits = site.json(&["edits", "list", "--format", "json"]);
    assert!(edits.as_array().unwrap().len() >= 12);
    starts_with(
        &edits[0],
        &["id", "name", "status", "severity", "owner", "snip", "applies", "at", "prevents"],
    );
    has(
        &site.json(&["explain", "E3-001", "--format", "json"]),
        &["id", "why", "fix", "source", "owner", "message"],
    );
    has(
        &site.json(&["explain", "CARC-16", "--format", "json"]),
        &["carc", "denial", "means", "prevention", "fix", "edits"],
    );

    site.drop_file("outbound", "a.edi", &sample("837p-three-claims-one-off.edi"));
    site.drop_file("inbound", "r.835", &sample("835-denies-claim-one.edi"));
    assert!(site.once().status.success());
    let wanted =
        ["id", "claim", "file", "channel", "payer", "charge", "held_at", "owner", "overridable", "findings"];
    starts_with(&site.held()[0], &wanted);
    let denials = site.denials("payer,carc,week");
    starts_with(&denials, &["from", "to", "by", "rows", "total"]);
    starts_with(&denials["rows"][0], &["payer", "carc", "week", "claims", "denials", "amount"]);
}

#[test]
fn exit_codes() {
    let site = Site::quick();
    fs::write(site.path("good.edi"), sample("837p-clean.edi")).unwrap();
    fs::write(site.path("bad.edi"), sample("837p-npi-check-digit.edi")).unwrap();
    fs::write(
        site.path("warned.edi"),
        String::from_utf8(sample("837p-clean.edi")).unwrap().replace("X222A1", "X222"),
    )
    .unwrap();
    let code = |args: &[&str]| site.command(args).output().unwrap().status.code();
    assert_eq!(code(&["scrub", "good.edi"]), Some(0));
    assert_eq!(code(&["scrub", "warned.edi"]), Some(0), "a warning alone is clean");
    assert_eq!(code(&["scrub", "good.edi", "bad.edi"]), Some(1));
    assert_eq!(code(&["scrub"]), Some(2));
    assert_eq!(code(&["explain", "E9-999"]), Some(2));
    assert_eq!(code(&["serve", "--config", "nothing.toml"]), Some(2));
    assert_eq!(code(&["held", "list", "--state", "nowhere"]), Some(2));
    assert_eq!(code(&["history", "denials", "--by", "colour"]), Some(2));
    assert_eq!(code(&["scrub", "good.edi", "missing.edi"]), Some(3));
    assert_eq!(code(&["--version"]), Some(0));
}

#[test]
fn text_points_at_the_element_and_says_what_to_do() {
    let site = Site::quick();
    fs::write(site.path("a.edi"), sample("837p-three-claims-one-off.edi")).unwrap();
    let done = site.command(&["scrub", "a.edi"]).output().unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let at = lines.iter().position(|l| l.contains("CLM*CLAIM-TWO*126*")).unwrap();
    let caret = lines[at + 1].find("^^^").unwrap();
    assert_eq!(&lines[at][caret..caret + 3], "126", "the caret is under the amount");
    for word in ["E3-001", "2300 CLM02", "what:", "why:", "fix:", "billing"] {
        assert!(text.contains(word), "{word}");
    }
}

#[test]
fn the_binary_runs_in_an_empty_folder_with_two_tables() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("c.toml"), "[state]\ndir = \"state\"\n\n[[channel]]\nname = \"main\"\n")
        .unwrap();
    let done = Command::new(BINARY)
        .args(["serve", "--config", "c.toml", "--once"])
        .current_dir(folder.path())
        .env_clear()
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    for made in ["outbound", "clean", "acks", "inbound", "delivered", "rejected", "alerts"] {
        assert!(folder.path().join("spool").join(made).is_dir(), "{made}");
    }
}

#[test]
fn what_is_known_of_each_edit_that_fired_goes_with_the_report() {
    let scrub = |args: &[&str]| {
        let all = [&["scrub", "samples/837p-two-findings.edi", "--today", "2026-11-21"], args].concat();
        String::from_utf8(Command::new(BINARY).args(all).output().unwrap().stdout).unwrap()
    };
    let plain: serde_json::Value = serde_json::from_str(&scrub(&["--format", "json"])).unwrap();
    let told: serde_json::Value = serde_json::from_str(&scrub(&["--format", "json", "--explain"])).unwrap();
    assert!(plain.get("explained").is_none());
    assert_eq!(plain["verdicts"], told["verdicts"]);
    let fired: std::collections::BTreeSet<&str> = told["verdicts"][0]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["edit"].as_str().unwrap())
        .collect();
    let known = told["explained"].as_object().unwrap();
    assert!(fired.len() > 1 && known.keys().map(String::as_str).eq(fired), "{known:?}");
    let edit = &known["E3-001"];
    assert!(edit["why"].is_string() && edit["fix"].is_string() && edit["prevents"][0] == "16/M54", "{edit}");
    let lines = scrub(&["--format", "jsonl", "--explain"]);
    let summary: serde_json::Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    assert_eq!(summary["explained"], told["explained"]);
}

#[test]
fn the_demo_accounts_for_every_claim() {
    let done = Command::new(BINARY).arg("demo").output().unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    assert_eq!(done.status.code(), Some(0), "{text}{}", String::from_utf8_lossy(&done.stderr));
    let last = text.lines().find(|l| l.contains("accounted for")).unwrap();
    let numbers: Vec<u64> = last.split(' ').filter_map(|w| w.parse().ok()).collect();
    assert!(numbers.len() == 2 && numbers[0] == numbers[1] && numbers[0] > 1000, "{last}");
    assert!(text.contains("Alerts:\n  authorisation: Payer ZZP01"), "{text}");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let mut child = Command::new(BINARY)
        .arg("scrub")
        .args(std::iter::repeat_n("samples/837p-two-findings.edi", 40))
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(0));
    assert!(done.stderr.is_empty(), "{}", String::from_utf8_lossy(&done.stderr));
}
