//! Simulated claims and the remittances that answer them: clean under our edits, found where planted, and the denial
//! history recovers what was planted.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod site;

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};
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

/// Everything that was exported, by table.
fn exported(site: &Site, to: &str) -> BTreeMap<String, String> {
    let done = site.command(&["history", "export", to]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let read = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().unwrap();
        (name, fs::read_to_string(entry.path()).unwrap())
    };
    site.path(to).read_dir().unwrap().map(|entry| read(entry.unwrap())).collect()
}

fn simulated(site: &Site, extra: &[&str]) {
    let base = ["simulate", "--kind", "linked", "--end", "2026-11-15", "--out", "made"];
    let all: Vec<&str> = base.iter().chain(extra).copied().collect();
    let done = site.command(&all).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// Every file of the simulation under another name, so that names decide in which order they are imported.
fn renamed(site: &Site, to: &str, name: &dyn Fn(usize) -> usize) {
    fs::create_dir_all(site.path(to)).unwrap();
    let mut all = Vec::new();
    for folder in ["outbound", "inbound"] {
        all.extend(site.path("made").join(folder).read_dir().unwrap().map(|entry| entry.unwrap().path()));
    }
    all.sort();
    for (n, path) in all.iter().enumerate() {
        fs::copy(path, site.path(to).join(format!("{:06}", name(n)))).unwrap();
    }
}

#[test]
fn the_same_files_in_any_order_twice_and_folded_anew_give_the_same_history() {
    let made = Site::quick();
    fs::write(made.path("plant.toml"), format!("reversals = 0.2\n{PLANT}")).unwrap();
    simulated(&made, &["--claims", "600", "--weeks", "12", "--seed", "4", "--plant", "plant.toml"]);
    let mut wanted: Option<BTreeMap<String, String>> = None;
    for (what, order) in [
        ("as they came", Box::new(|n| n) as Box<dyn Fn(usize) -> usize>),
        ("the other way round", Box::new(|n| 9999 - n)),
        ("mixed", Box::new(|n| n * 7919 % 10_007)),
    ] {
        let site = Site::quick();
        renamed(&made, "files", &order);
        let from = made.path("files");
        let import = || {
            let args = ["history", "import", from.to_str().unwrap(), "--format", "json"];
            site.json(&args)
        };
        let first = import();
        assert_eq!(first["failed"], json!([]), "{what}");
        let again = import();
        assert!(again["imported"]["claims"].is_null(), "{what}: {again}");
        let found = exported(&site, "out");
        assert!(found["adjustments.csv"].lines().count() > 1000 && found["claims.csv"].lines().count() > 500);
        assert!(site.command(&["rebuild"]).status().unwrap().success());
        assert_eq!(exported(&site, "anew"), found, "{what}: folded anew");
        match &wanted {
            None => wanted = Some(found),
            Some(wanted) => {
                for (table, text) in wanted {
                    let (mut a, mut b): (Vec<&str>, Vec<&str>) =
                        (text.lines().collect(), found[table].lines().collect());
                    a.sort_unstable();
                    b.sort_unstable();
                    let differs = a.iter().zip(&b).find(|(a, b)| a != b);
                    assert!(*text == found[table], "{what}: {table}: {differs:?}");
                }
            }
        }
        fs::remove_dir_all(&from).unwrap();
    }
}

/// What was journalled of views, oldest first.
fn views(site: &Site) -> Vec<Value> {
    let lines = site.command(&["journal", "export"]).output().unwrap().stdout;
    let lines = String::from_utf8(lines).unwrap();
    assert!(!lines.contains("NOT-OURS"), "a claim number is in the journal");
    let all = lines.lines().map(|l| serde_json::from_str::<Value>(l).unwrap());
    all.filter(|r| r["record"] == "viewed").collect()
}

#[test]
fn who_was_shown_claims_of_the_history_is_journalled() {
    let site = Site::quick();
    // More than one part of an export.
    simulated(&site, &["--claims", "600", "--weeks", "4", "--seed", "8"]);
    let paid = String::from_utf8(site::sample("835-balanced.edi")).unwrap();
    let number = paid.split("CLP*").nth(1).unwrap().split('*').next().unwrap();
    fs::write(site.path("made/inbound/other.835"), paid.replace(&format!("CLP*{number}*"), "CLP*NOT-OURS*"))
        .unwrap();
    assert!(site.command(&["history", "import", "made"]).status().unwrap().success());
    assert_eq!(views(&site), Vec::<Value>::new());
    let claims = fs::read(site.path("made/outbound").read_dir().unwrap().next().unwrap().unwrap().path());
    let ours = site::claims(&claims.unwrap()).remove(0);
    let who = format!("uid {}", rustix::process::getuid().as_raw());
    for with_daemon in [false, true] {
        let daemon = with_daemon.then(|| site.start_and_wait());
        let before = views(&site).len();
        let code = |args: &[&str]| site.command(args).output().unwrap().status.code();
        assert_eq!(code(&["history", "claim", &ours]), Some(0));
        assert_eq!(code(&["history", "claim", "NOT-OURS"]), Some(0));
        assert_eq!(code(&["history", "payments"]), Some(0));
        assert_eq!(code(&["history", "export", "out"]), Some(0));
        assert_eq!(code(&["history", "denials", "--by", "payer,claim"]), Some(0));
        let tail = site.command(&["journal", "tail", "-n", "1"]).output().unwrap();
        let tail = String::from_utf8(tail.stdout).unwrap();
        assert!(tail.contains(&format!("viewed actor={who} history=denials")), "{tail}");
        // Nothing of a claim is shown.
        assert_eq!(code(&["history", "denials", "--by", "payer"]), Some(0));
        assert_eq!(code(&["history", "claim", "NOBODY"]), Some(2));
        let views = views(&site).split_off(before);
        let asked: Vec<&str> = views.iter().map(|v| v["history"].as_str().unwrap()).collect();
        assert_eq!(asked, ["claim", "claim", "payments", "export", "denials"], "daemon: {with_daemon}");
        assert!(views.iter().all(|v| v["actor"] == who.as_str() && v.get("hold").is_none()), "{views:?}");
        let claim = &views[0]["claims"][0];
        assert!(
            claim["file"].as_str().is_some_and(|f| f.len() == 26) && claim["position"].is_u64(),
            "{claim}"
        );
        assert!(
            views[1].get("claims").is_none() && views[1]["facts"][0].as_str().is_some_and(|f| f.len() == 32)
        );
        assert_eq!(daemon.map(site::Daemon::stop), with_daemon.then_some(Some(0)));
    }
}

#[cfg(not(feature = "parquet"))]
#[test]
fn an_export_that_is_not_built_in_says_how_to_get_it() {
    let site = Site::quick();
    assert!(site.once().status.success());
    let done = site.command(&["history", "export", "out", "--format", "parquet"]).output().unwrap();
    assert_eq!(done.status.code(), Some(2));
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(said.contains("without parquet") && said.contains("--features parquet"), "{said}");
    assert!(!site.path("out").exists());
}

#[test]
fn weekly_counts_say_what_the_rows_say() {
    let site = Site::quick();
    fs::write(site.path("plant.toml"), format!("reversals = 0.3\n{PLANT}")).unwrap();
    simulated(&site, &["--claims", "800", "--weeks", "10", "--seed", "6", "--plant", "plant.toml"]);
    assert!(site.command(&["history", "import", "made/outbound"]).status().unwrap().success());
    assert!(site.command(&["history", "import", "made/inbound"]).status().unwrap().success());
    // Asked with one dimension more, no weekly count fits: rows are read. A kind stands in every group once.
    for by in
        ["payer", "payer,carc", "owner", "payer,carc,procedure", "payer,procedure,modifier", "consequence"]
    {
        for span in [&[][..], &["--from", "2026-W40", "--to", "2026-W43"]] {
            let ask = |by: &str| {
                let base = ["history", "denials", "--by", by, "--format", "json"];
                site.json(&base.iter().chain(span).copied().collect::<Vec<_>>())
            };
            let (counted, read) = (ask(by), ask(&format!("{by},leg")));
            let sums = |value: &Value| {
                let mut all: BTreeMap<String, [i64; 3]> = BTreeMap::new();
                for row in value["rows"].as_array().unwrap() {
                    let key: Vec<&str> = by.split(',').map(|d| row[d].as_str().unwrap()).collect();
                    let sum = all.entry(key.join("|")).or_default();
                    sum[0] += row["denials"].as_i64().unwrap();
                    sum[1] += cents(&row["amount"]);
                    sum[2] += row["claims"].as_i64().unwrap();
                }
                all.retain(|_, sum| *sum != [0; 3]);
                all
            };
            assert_eq!(sums(&counted), sums(&read), "{by} {span:?}");
            assert!(!sums(&counted).is_empty(), "{by}");
        }
    }
}

#[test]
fn answers_and_payments_move_a_claim_through_its_states() {
    let site = Site::quick();
    simulated(&site, &["--claims", "300", "--weeks", "6", "--seed", "3"]);
    for folder in ["outbound", "inbound"] {
        for entry in site.path("made").join(folder).read_dir().unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            site.drop_file(folder, &name, &fs::read(&path).unwrap());
        }
        assert!(site.once().status.success());
    }
    let claims = exported(&site, "out").remove("claims.csv").unwrap();
    let mut reader = csv::Reader::from_reader(claims.as_bytes());
    let mut by_state: BTreeMap<String, u64> = BTreeMap::new();
    for row in reader.records() {
        *by_state.entry(row.unwrap().iter().next_back().unwrap().to_owned()).or_default() += 1;
    }
    assert!(
        by_state["paid"] > 100
            && by_state["accepted-by-clearinghouse"] + by_state.get("accepted-by-payer").unwrap_or(&0) > 10,
        "{by_state:?}"
    );
    assert!(!by_state.contains_key("sent"), "each was answered: {by_state:?}");
    let metrics = site.json(&["history", "metrics", "--today", "2026-11-21", "--format", "json"]);
    let of = |name: &str| {
        metrics["metrics"].as_array().unwrap().iter().find(|m| m["name"] == name).unwrap().clone()
    };
    assert_eq!(of("first-pass-acceptance")["numerator"], 300, "{metrics}");
    assert_eq!(of("clean-claim-rate")["value"], "100.00%");
    assert_eq!(of("initial-denial-rate")["value"], Value::Null, "nothing was sent before");
    assert!(of("initial-denial-rate")["needs"].as_str().unwrap().contains("13 weeks"));
    let decided = of("first-pass-resolution")["denominator"].as_u64().unwrap();
    let paid =
        by_state.iter().filter(|(state, _)| !state.starts_with("accepted")).map(|(_, n)| n).sum::<u64>();
    assert_eq!(decided, paid, "{by_state:?}");
}
