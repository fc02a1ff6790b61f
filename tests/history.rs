//! Simulated claims and the remittances that answer them: clean under our edits, found where planted, and the denial
//! history recovers what was planted.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod site;

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;
use site::Site;

const PLANT: &str = r#"
background = 0.05
[[fault]]
edit = "E3-001"
share = 0.05
[[fault]]
edit = "E4-008"
share = 0.05
[[fault]]
edit = "E5-005"
share = 0.05
[[denial]]
carc = "16"
group = "CO"
rarc = "N286"
share = 0.05
cause = "referring provider missing"
"#;

fn cents(value: &Value) -> i64 {
    let text = value.as_str().unwrap();
    let digits: i64 = text.replace(['.', '-'], "").parse().unwrap();
    if text.starts_with('-') { -digits } else { digits }
}

#[test]
fn simulated_claims_are_clean_unless_a_fault_is_planted() {
    let site = Site::quick();
    fs::write(site.path("plant.toml"), "[[fault]]\nedit = \"E5-001\"\nshare = 0.02\n").unwrap();
    for kind in ["837p", "837i", "837d"] {
        let args = ["simulate", "--claims", "2000", "--seed", "5", "--kind", kind, "--end", "2026-11-15"];
        let done = |extra: &[&str], out: &str| {
            let all: Vec<&str> = args.iter().chain(extra).chain(&["--out", out]).copied().collect();
            assert!(site.command(&all).status().unwrap().success(), "{all:?}");
        };
        done(&[], "plain");
        let file = "plain/claims.837";
        let report = site.json(&["scrub", file, "--today", "2026-11-21", "--format", "json"]);
        assert_eq!(report["claims"]["clean"], 2000, "{kind}: {}", report["rejections"]);
        let first = fs::read(site.path(file)).unwrap();
        done(&[], "again");
        assert!(fs::read(site.path("again/claims.837")).unwrap() == first, "same seed, same bytes");
        done(&["--plant", "plant.toml"], "planted");
        let truth: Value =
            serde_json::from_slice(&fs::read(site.path("planted/truth.json")).unwrap()).unwrap();
        let planted: Vec<&str> =
            truth["faults"].as_array().unwrap().iter().map(|f| f["claim"].as_str().unwrap()).collect();
        let report = site.json(&["scrub", "planted/claims.837", "--today", "2026-11-21", "--format", "json"]);
        let held: Vec<&str> = report["verdicts"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|v| v["verdict"] == "held")
            .map(|v| v["claim"].as_str().unwrap())
            .collect();
        assert!(kind == "837d" || planted.len() > 5, "{kind}: {} planted", planted.len());
        assert_eq!(held, planted, "{kind}");
    }
}

#[test]
fn the_history_recovers_every_planted_denial_and_its_dollars() {
    let site = Site::quick();
    fs::write(site.path("plant.toml"), PLANT).unwrap();
    let args = [
        "simulate",
        "--claims",
        "1500",
        "--seed",
        "9",
        "--kind",
        "linked",
        "--weeks",
        "10",
        "--end",
        "2026-11-15",
    ];
    let all: Vec<&str> = args.iter().chain(&["--plant", "plant.toml", "--out", "made"]).copied().collect();
    assert!(site.command(&all).status().unwrap().success());
    for folder in ["outbound", "inbound"] {
        for entry in site.path("made").join(folder).read_dir().unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            site.drop_file(folder, &name, &fs::read(&path).unwrap());
        }
        assert!(site.once().status.success());
    }
    let truth: Value = serde_json::from_slice(&fs::read(site.path("made/truth.json")).unwrap()).unwrap();
    let key = |row: &Value| {
        ["payer", "carc", "group", "week", "claim"].map(|k| row[k].as_str().unwrap().to_owned())
    };
    let mut wanted: BTreeMap<[String; 5], (i64, i64)> = BTreeMap::new();
    for denial in truth["denials"].as_array().unwrap() {
        let sums = wanted.entry(key(denial)).or_default();
        *sums = (sums.0 + 1, sums.1 + cents(&denial["amount"]));
    }
    assert!(wanted.len() > 50, "{}", wanted.len());
    let history = site.denials("payer,carc,group,week,claim");
    let found: BTreeMap<[String; 5], (i64, i64)> = history["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (key(row), (row["denials"].as_i64().unwrap(), cents(&row["amount"]))))
        .collect();
    assert_eq!(found, wanted);
    let faults: Vec<&str> =
        truth["faults"].as_array().unwrap().iter().map(|f| f["claim"].as_str().unwrap()).collect();
    let held = site.held();
    let mut held: Vec<&str> = held.as_array().unwrap().iter().map(|h| h["claim"].as_str().unwrap()).collect();
    let mut planted = faults.clone();
    held.sort_unstable();
    planted.sort_unstable();
    assert_eq!(held, planted, "held are the claims with planted faults, no others");
}
