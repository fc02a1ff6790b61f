//! A year with everything that happens to claims: the history recovers what was planted, to the cent, in whatever order files come.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod site;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::{Value, json};
use site::Site;

fn cents(value: &Value) -> i64 {
    let text = value.as_str().unwrap();
    let digits: i64 = text.replace(['.', '-'], "").parse().unwrap();
    if text.starts_with('-') { -digits } else { digits }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A year's files, and the truth.
fn year(claims: &str) -> (Site, Value) {
    let site = Site::quick();
    let args = [
        "simulate",
        "--kind",
        "linked",
        "--plan",
        "full",
        "--claims",
        claims,
        "--weeks",
        "52",
        "--seed",
        "7",
        "--end",
        "2026-11-15",
        "--out",
        "made",
    ];
    let done = site.command(&args).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let truth = serde_json::from_slice(&fs::read(site.path("made/truth.json")).unwrap()).unwrap();
    (site, truth)
}

fn import(site: &Site, folder: &str) -> Value {
    site.json(&["history", "import", folder, "--channel", "main", "--format", "json"])
}

fn exported(site: &Site, to: &str) -> BTreeMap<String, String> {
    assert!(site.command(&["history", "export", to]).output().unwrap().status.success());
    let read = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().unwrap();
        (name, fs::read_to_string(entry.path()).unwrap())
    };
    site.path(to).read_dir().unwrap().map(|entry| read(entry.unwrap())).collect()
}

#[test]
fn every_planted_denial_is_recovered_to_the_cent_and_every_claim_stands_where_it_should() {
    let (site, truth) = year("5000");
    for folder in ["made/outbound", "made/inbound"] {
        assert_eq!(import(&site, folder)["failed"], json!([]));
    }
    const BY: [&str; 6] = ["claim", "payer", "leg", "group", "carc", "rarc"];
    let key = |row: &Value| BY.map(|by| text(&row[by]));
    let mut wanted: BTreeMap<[String; 6], [i64; 2]> = BTreeMap::new();
    let mut unknown = [0; 2];
    // What a reason means that no dictionary knows nobody can say: whether such a claim was denied, neither.
    let mut of_unknown: BTreeSet<String> = BTreeSet::new();
    for denial in truth["denials"].as_array().unwrap() {
        let amount = cents(&denial["amount"]);
        if text(&denial["carc"]).starts_with('Z') {
            unknown = [unknown[0] + 1, unknown[1] + amount];
            of_unknown.insert(text(&denial["claim"]));
            continue;
        }
        let sum = wanted.entry(key(denial)).or_default();
        *sum = [sum[0] + 1, sum[1] + amount];
    }
    assert!(wanted.len() > 300 && unknown[0] > 3, "{} {unknown:?}", wanted.len());
    let history = site.denials(&BY.join(","));
    let mut found: BTreeMap<[String; 6], [i64; 2]> = BTreeMap::new();
    for row in history["rows"].as_array().unwrap() {
        let sum = found.entry(key(row)).or_default();
        *sum = [sum[0] + row["denials"].as_i64().unwrap(), sum[1] + cents(&row["amount"])];
    }
    found.retain(|_, sum| *sum != [0; 2]);
    let missing: Vec<_> = wanted.iter().filter(|(k, v)| found.get(*k) != Some(v)).take(5).collect();
    let more: Vec<_> = found.iter().filter(|(k, v)| wanted.get(*k) != Some(v)).take(5).collect();
    assert!(missing.is_empty() && more.is_empty(), "missing {missing:#?}\nmore {more:#?}");
    let unmapped = site.json(&["history", "unmapped", "--format", "json"]);
    let sum =
        |name: &str| -> Vec<&Value> { unmapped.as_array().unwrap().iter().map(|row| &row[name]).collect() };
    let told = [
        sum("adjustments").iter().map(|n| n.as_i64().unwrap()).sum::<i64>(),
        sum("amount").iter().map(|n| cents(n)).sum::<i64>(),
    ];
    assert_eq!(told, unknown, "reasons that nobody knows are shown, with their dollars");

    // Where each claim stands with its first payer.
    let claims = exported(&site, "out").remove("claims.csv").unwrap();
    let mut standings: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in csv::Reader::from_reader(claims.as_bytes()).deserialize::<BTreeMap<String, String>>() {
        let row = row.unwrap();
        if row["turn"] == "P" {
            standings.entry(row["claim"].clone()).or_default().insert(row["standing"].clone());
        }
    }
    let mut wrong = Vec::new();
    for state in truth["states"].as_array().unwrap() {
        let (claim, state) = (text(&state["claim"]), text(&state["state"]));
        let found = standings.get(&claim).cloned().unwrap_or_default();
        let fits = |names: &[&str]| names.iter().any(|name| found.contains(*name));
        let right = match state.as_str() {
            "paid" => fits(&["paid", "patient-share", "forwarded"]),
            "denied" => fits(&["denied", "patient-share"]),
            "partly denied" => fits(&["partly-denied"]),
            "voided" | "reversed" => fits(&["reversed"]),
            "no answer" | "open" => fits(&["accepted-by-clearinghouse", "accepted-by-payer"]),
            "no answer, not in 277CA" => fits(&["accepted-by-clearinghouse", "sent"]),
            _ if state.starts_with("rejected") => fits(&["rejected"]),
            other => panic!("{other}"),
        };
        if !right && !of_unknown.contains(&claim) {
            wrong.push((claim, state, found));
        }
    }
    let share = wrong.len() as f64 / truth["states"].as_array().unwrap().len() as f64;
    assert!(wrong.is_empty(), "{} wrong ({share:.4}): {:#?}", wrong.len(), &wrong[..wrong.len().min(12)]);
}

#[test]
fn a_year_in_any_order_gives_the_same_history() {
    let (made, _) = year("700");
    let mut wanted: Option<BTreeMap<String, String>> = None;
    for (what, order) in [
        ("as they came", Box::new(|n| n) as Box<dyn Fn(usize) -> usize>),
        ("the other way round", Box::new(|n| 9999 - n)),
        ("mixed", Box::new(|n| n * 7919 % 10_007)),
    ] {
        let site = Site::quick();
        let mut all = Vec::new();
        for folder in ["outbound", "inbound"] {
            all.extend(made.path("made").join(folder).read_dir().unwrap().map(|entry| entry.unwrap().path()));
        }
        all.sort();
        fs::create_dir_all(site.path("files")).unwrap();
        for (n, path) in all.iter().enumerate() {
            fs::copy(path, site.path("files").join(format!("{:06}", order(n)))).unwrap();
        }
        assert_eq!(import(&site, "files")["failed"], json!([]), "{what}");
        import(&site, "files");
        let found = exported(&site, "out");
        assert!(site.command(&["rebuild"]).output().unwrap().status.success());
        assert_eq!(exported(&site, "anew"), found, "{what}: folded anew");
        let Some(wanted) = &wanted else {
            wanted = Some(found);
            continue;
        };
        for (table, rows) in wanted {
            let differs = rows.lines().zip(found[table].lines()).find(|(a, b)| a != b);
            assert!(*rows == found[table], "{what}: {table}: {differs:#?}");
        }
    }
}
