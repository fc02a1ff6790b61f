//! What must hold of everything written.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

type Files = BTreeMap<String, String>;

fn write(kind: &str, claims: u64, plant: &str) -> (Files, Summary) {
    let options = Options {
        claims,
        seed: 42,
        kind: kind.parse().unwrap(),
        weeks: 8,
        end: "2026-11-21".parse().unwrap(),
        per_set: 50,
        plant: Plant::from_toml(plant).unwrap(),
    };
    let mut files = Files::new();
    let summary = run(&options, &mut |path, bytes| {
        files.entry(path.to_owned()).or_default().push_str(std::str::from_utf8(bytes).unwrap());
        Ok(())
    })
    .unwrap();
    (files, summary)
}

fn segments(text: &str) -> Vec<Vec<&str>> {
    let lines = text.lines().map(|line| line.strip_suffix('~').unwrap());
    lines.map(|line| line.split('*').collect()).collect()
}

fn cents(text: &str) -> i64 {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().unwrap() };
    sign * (whole * 100 + format!("{rest:0<2}").parse::<i64>().unwrap())
}

fn check_envelope(text: &str) {
    assert_eq!(text.find('~'), Some(105));
    let (mut in_set, mut sets, mut control) = (0, 0, String::new());
    for segment in segments(text) {
        in_set += 1;
        match segment[0] {
            "ST" => {
                sets += 1;
                in_set = 1;
                control = segment[2].to_owned();
            }
            "SE" => assert_eq!(segment[1..], [in_set.to_string(), control.clone()]),
            "GE" => assert_eq!(segment[1], sets.to_string()),
            _ => {}
        }
    }
}

fn check_claims(text: &str) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    let (mut total, mut lines, mut level) = (0, 0, 0);
    for segment in segments(text).into_iter().chain([vec!["CLM", "end", "0"]]) {
        match segment[0] {
            "CLM" => {
                assert_eq!(total, lines);
                (total, lines) = (cents(segment[2]), 0);
                assert!(ids.insert(segment[1].to_owned()));
            }
            "SV1" | "SV3" => lines += cents(segment[2]),
            "SV2" => lines += cents(segment[3]),
            "ST" => level = 0,
            "HL" => {
                level += 1;
                assert_eq!(segment[1], level.to_string());
            }
            "NM1" if segment.get(8) == Some(&"XX") => assert!(identity::is_npi(segment[9].parse().unwrap())),
            _ => {}
        }
        assert!(segment.last().is_some_and(|last| !last.is_empty()), "{segment:?}");
    }
    ids.remove("end");
    ids
}

fn check_payments(text: &str) -> i64 {
    let (mut open_line, mut open_claim, mut open_total, mut denied) = (0, 0, 0, 0);
    for segment in segments(text) {
        match segment[0] {
            "BPR" => open_total = cents(segment[2]),
            "CLP" => {
                assert_eq!((open_line, open_claim), (0, 0));
                open_claim = cents(segment[3]) - cents(segment[4]);
                open_total -= cents(segment[4]);
            }
            "SVC" => {
                assert_eq!(open_line, 0, "{segment:?}");
                open_line = cents(segment[2]) - cents(segment[3]);
            }
            "CAS" => {
                for triplet in segment[2..].chunks(3) {
                    open_claim -= cents(triplet[1]);
                    if open_line != 0 {
                        open_line -= cents(triplet[1]);
                    }
                    if !["45", "1", "2", "3"].contains(&triplet[0]) {
                        denied += cents(triplet[1]);
                    }
                }
            }
            "PLB" => open_total += segment[4..].iter().step_by(2).map(|amount| cents(amount)).sum::<i64>(),
            "SE" => assert_eq!((open_line, open_claim, open_total), (0, 0, 0)),
            _ => {}
        }
    }
    denied
}

#[test]
fn claims_add_up_and_npis_are_valid() {
    for kind in ["837p", "837i", "837d"] {
        let (files, summary) = write(kind, 300, "");
        check_envelope(&files["claims.837"]);
        assert_eq!(check_claims(&files["claims.837"]).len(), 300);
        assert_eq!((summary.files, summary.claims, summary.faults), (2, 300, 0));
    }
}

#[test]
fn remittances_balance() {
    let (files, summary) = write("835", 900, "background = 0.1");
    check_envelope(&files["remittance.835"]);
    check_payments(&files["remittance.835"]);
    assert_eq!(files["remittance.835"].matches("\nCLP*").count(), 900);
    assert!(summary.denials > 50);
}

#[test]
fn the_truth_is_what_the_remittances_say() {
    let plant = "reversals = 0.1\nbackground = 0.05\n[[denial]]\npayer = 'ZZP01'\ncarc = '197'\ngroup = 'CO'\nshare = 0.2\nlevel = 'claim'\ncause = 'planted'";
    let (files, summary) = write("linked", 1_500, plant);
    let mut claims = BTreeSet::new();
    let mut denied = 0;
    for (path, text) in files.iter().filter(|(path, _)| *path != "truth.json") {
        check_envelope(text);
        match path.rsplit_once('.').unwrap().1 {
            "837" => claims.append(&mut check_claims(text)),
            "835" => denied += check_payments(text),
            _ => {}
        }
    }
    assert_eq!(claims.len(), 1_500);
    let truth: serde_json::Value = serde_json::from_str(&files["truth.json"]).unwrap();
    let denials = truth["denials"].as_array().unwrap();
    let told: i64 = denials.iter().map(|denial| cents(denial["amount"].as_str().unwrap())).sum();
    assert_eq!(told, denied);
    assert_eq!(denials.len() as u64, summary.denials);
    assert!(denials.iter().any(|denial| denial["cause"] == "planted" && denial["line"].is_null()));
    assert!(denials.iter().all(|denial| claims.contains(denial["claim"].as_str().unwrap())));
    let all: String =
        files.iter().filter(|(path, _)| path.ends_with("835")).map(|(_, text)| text.as_str()).collect();
    assert!(all.contains("*22*-"));
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    assert_eq!(write("linked", 400, ""), write("linked", 400, ""));
}

#[test]
fn faults_leave_the_other_claims_alone() {
    let (clean, _) = write("837p", 400, "");
    let (spoilt, summary) = write("837p", 400, "[[fault]]\nedit = 'E3-001'\nshare = 0.05");
    let (clean, spoilt) = (&clean["claims.837"], &spoilt["claims.837"]);
    let differing = clean.lines().zip(spoilt.lines()).filter(|(a, b)| a != b).count();
    assert_eq!(clean.lines().count(), spoilt.lines().count());
    assert!(differing > 5);
    assert_eq!(differing as u64, summary.faults);
}

#[test]
fn every_fault_can_be_planted() {
    let edits = [
        (
            "837p",
            "E1-012 E2-005 E2-016 E2-022 E3-001 E4-001 E4-003 E4-005 E4-006 E4-008 E5-001 E5-005 E5-008",
        ),
        ("837i", "E2-005 E3-002 E4-001 E4-005 E4-006 E5-001 E5-005"),
        ("837d", "E2-005 E3-003 E4-001 E4-003 E4-005 E4-006 E5-001 E5-005"),
    ];
    for (kind, edits) in edits {
        for edit in edits.split(' ') {
            let (_, summary) = write(kind, 200, &format!("[[fault]]\nedit = '{edit}'\nshare = 0.2"));
            assert!((5..120).contains(&summary.faults), "{kind} {edit} {}", summary.faults);
        }
    }
}
