//! What must hold of a year in which everything happens.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::Value;

use crate::acks::read::{Answer, read};
use crate::edits::EditSet;
use crate::scrub::{self, Other, Settings, remittance};
use crate::simulate::{Kind, Options, Plant, Summary, run};

type Files = BTreeMap<String, Vec<u8>>;

fn options(claims: u64, weeks: u32) -> Options {
    let (seed, kind, end) = (7, Kind::Linked, "2026-11-21".parse().unwrap());
    Options { claims, seed, kind, weeks, end, per_set: 100, plant: Plant::full().unwrap() }
}

fn write(options: &Options) -> (Files, Summary) {
    let mut files = Files::new();
    let summary = run(options, &mut |path, bytes| {
        files.entry(path.to_owned()).or_default().extend_from_slice(bytes);
        Ok(())
    })
    .unwrap();
    (files, summary)
}

/// The same for every test.
static YEAR: LazyLock<(Files, Value)> = LazyLock::new(|| {
    let (files, _) = write(&options(6_000, 52));
    let truth = serde_json::from_slice(&files["truth.json"]).unwrap();
    (files, truth)
});

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn cents(value: &Value) -> i64 {
    let digits: i64 = text(value).replace(['.', '-'], "").parse().unwrap();
    if text(value).starts_with('-') { -digits } else { digits }
}

fn rows<'a>(truth: &'a Value, list: &str) -> &'a [Value] {
    truth[list].as_array().unwrap_or_else(|| panic!("no {list}"))
}

/// Files whose contents must not count: copies, and what was cut off.
fn apart(truth: &Value) -> BTreeSet<&str> {
    let copies = rows(truth, "duplicates").iter().filter(|row| row["kind"] == "file");
    let cut = rows(truth, "oddities").iter().filter(|row| row["kind"] == "truncated");
    copies.chain(cut).map(|row| text(&row["file"])).collect()
}

#[test]
fn claims_are_clean() {
    let (files, truth) = &*YEAR;
    let edits = EditSet::shipped().unwrap();
    let settings = Settings { today: "2026-11-21".parse().unwrap(), threads: 2, other: Other::Pass };
    let (mut claims, mut frequencies) = (0, BTreeMap::<u8, u64>::new());
    for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".837")) {
        let (report, _) = scrub::scrub(&bytes[..], &edits, settings).unwrap();
        let stops: Vec<_> = report.verdicts.iter().flat_map(|v| &v.findings).filter(|f| f.stops()).collect();
        assert!(
            stops.is_empty() && report.rejections.is_empty(),
            "{path}: {stops:#?} {:#?}",
            report.rejections
        );
        assert_eq!(report.claims.clean, report.claims.r#in, "{path}");
        claims += report.claims.clean;
        for clm in std::str::from_utf8(bytes).unwrap().lines().filter(|line| line.starts_with("CLM*")) {
            *frequencies.entry(clm.split('*').nth(5).unwrap().bytes().last().unwrap()).or_default() += 1;
        }
    }
    let again: usize = rows(truth, "states").iter().map(|row| row["again"].as_array().unwrap().len()).sum();
    assert_eq!(claims, (rows(truth, "states").len() + again) as u64);
    assert!(frequencies[&b'7'] > 20 && frequencies[&b'8'] > 3, "{frequencies:?}");
}

#[test]
fn remittances_balance_and_say_what_the_truth_says() {
    let (files, truth) = &*YEAR;
    let edits = EditSet::shipped().unwrap();
    let today = "2026-11-21".parse().unwrap();
    let odd = |file: &str, kind: &str| {
        rows(truth, "oddities").iter().any(|row| row["file"] == file && row["kind"] == kind)
    };
    let joined: BTreeSet<(&str, &str)> = rows(truth, "duplicates")
        .iter()
        .filter(|row| row["kind"] == "joined")
        .flat_map(|row| row["trns"].as_array().unwrap().iter().map(|trn| (text(&row["file"]), text(trn))))
        .collect();
    let apart = apart(truth);
    let mut told = BTreeMap::<(String, String, String), i64>::new();
    let mut provider = 0;
    for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".835")) {
        if odd(path, "truncated") {
            assert!(!bytes.ends_with(b"~\n"));
            continue;
        }
        remittance::judged(bytes, &edits, today, &mut |remittance, findings| {
            let stops: Vec<_> = findings.iter().filter(|finding| finding.stops()).collect();
            assert!(
                odd(path, "unbalanced") || (stops.is_empty() && remittance.is_balanced()),
                "{path} {stops:#?}"
            );
            let trn = remittance.trace.clone();
            if apart.contains(path.as_str()) || joined.contains(&(path.as_str(), trn.as_str())) {
                return;
            }
            provider += remittance.provider.len();
        })
        .unwrap();
        if apart.contains(path.as_str()) {
            continue;
        }
        // Denials as the segments have them, set by set.
        let (mut trn, mut claim) = (String::new(), String::new());
        for segment in std::str::from_utf8(bytes).unwrap().lines() {
            let elements: Vec<&str> = segment.trim_end_matches('~').split('*').collect();
            match elements[0] {
                "TRN" => elements[2].clone_into(&mut trn),
                "CLP" => elements[1].clone_into(&mut claim),
                "CAS" if !joined.contains(&(path.as_str(), trn.as_str())) => {
                    for triplet in elements[2..].chunks(3) {
                        if !["45", "1", "2", "3", "23"].contains(&triplet[0]) {
                            let key = (claim.clone(), elements[1].to_owned(), triplet[0].to_owned());
                            let cents = crate::x12::element::amount(triplet[1].as_bytes()).unwrap();
                            *told.entry(key).or_default() += cents;
                        }
                    }
                }
                _ => {}
            }
        }
    }
    told.retain(|_, cents| *cents != 0);
    let mut wanted = BTreeMap::<(String, String, String), i64>::new();
    for denial in rows(truth, "denials") {
        let key = ["claim", "group", "carc"].map(|key| text(&denial[key]).to_owned());
        *wanted.entry(key.into()).or_default() += cents(&denial["amount"]);
    }
    assert_eq!(told, wanted);
    assert_eq!(provider, rows(truth, "provider_adjustments").len());
}

#[test]
fn the_truth_agrees_with_itself() {
    let (_, truth) = &*YEAR;
    let key = |row: &Value, denial: &Value| {
        let of = |row: &Value, keys: &[&str]| keys.iter().map(|key| row[key].to_string()).collect::<Vec<_>>();
        [of(row, &["claim", "payer", "leg"]), of(denial, &["line", "group", "carc", "rarc"])].concat()
    };
    let (mut summed, mut standing) = (BTreeMap::<Vec<String>, i64>::new(), BTreeMap::new());
    for event in rows(truth, "events") {
        for denial in event["denials"].as_array().unwrap() {
            *summed.entry(key(event, denial)).or_default() += cents(&denial["amount"]);
        }
    }
    summed.retain(|_, cents| *cents != 0);
    for denial in rows(truth, "denials") {
        *standing.entry(key(denial, denial)).or_default() += cents(&denial["amount"]);
    }
    assert_eq!(summed, standing);
    let kinds = |list: &str| rows(truth, list).iter().map(|row| text(&row["kind"])).collect::<BTreeSet<_>>();
    let events = ["initial", "reversal", "correction", "void", "replacement", "second_payment", "odd"];
    assert_eq!(kinds("events"), BTreeSet::from(events));
    assert_eq!(kinds("duplicates"), BTreeSet::from(["file", "joined", "split"]));
    let oddities = [
        "unbalanced",
        "truncated",
        "reversal_without_original",
        "unknown_carc",
        "claim_never_sent",
        "trn_again",
    ];
    assert_eq!(kinds("oddities"), BTreeSet::from(oddities));
    assert_eq!(rows(truth, "oddities").len(), 6);
    let states: BTreeSet<&str> =
        rows(truth, "states").iter().map(|row| text(&row["state"]).split(" A").next().unwrap()).collect();
    for state in [
        "paid",
        "denied",
        "partly denied",
        "voided",
        "open",
        "no answer",
        "rejected by TA1",
        "rejected by 277CA",
    ] {
        assert!(states.contains(state), "{state}: {states:?}");
    }
    assert!(rows(truth, "denials").iter().any(|row| row["leg"] == "secondary"));
    for chain in rows(truth, "take_backs").iter().filter(|chain| chain["settled"] == true) {
        let steps = chain["steps"].as_array().unwrap().iter();
        let forward: i64 =
            steps.filter(|step| step["reason"] == "FB").map(|step| cents(&step["amount"])).sum();
        assert_eq!(forward, 0, "{chain}");
    }
    assert!(rows(truth, "take_backs").iter().any(|chain| chain["forwards"].as_u64() > Some(1)));
}

#[test]
fn acknowledgements_say_what_the_truth_says() {
    let (files, truth) = &*YEAR;
    let mut rejected = BTreeSet::new();
    let (mut sets, mut interchanges) = (0, 0);
    for (_, bytes) in files.iter().filter(|(path, _)| !path.ends_with(".837") && !path.ends_with(".835")) {
        read(&bytes[..], &mut |answer| match answer {
            Answer::Claim(claim) if claim.action == "U" => drop(rejected.insert(claim.claim)),
            Answer::Claim(_) => {}
            Answer::Group(group) => sets += group.sets.iter().filter(|set| set.verdict == "R").count(),
            Answer::Interchange(answer) => interchanges += usize::from(answer.verdict == "R"),
        })
        .unwrap();
    }
    let told = rows(truth, "states")
        .iter()
        .filter(|row| text(&row["state"]).starts_with("rejected by 277CA"))
        .map(|row| text(&row["claim"]).to_owned());
    assert!(told.collect::<BTreeSet<_>>().is_subset(&rejected));
    assert!(rejected.len() > 40, "{}", rejected.len());
    assert!(sets > 0);
    assert_eq!(interchanges, 1);
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let options = options(800, 20);
    assert_eq!(write(&options), write(&options));
}

fn sets(bytes: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(bytes).unwrap();
    let body = text.split("\nST*").skip(1).map(|set| set.split("\nSE*").next().unwrap());
    // Without ST02, which counts the sets of a file.
    body.map(|set| set.split_once('\n').unwrap().1.to_owned()).collect()
}

#[test]
fn copies_are_copies_and_pieces_are_not() {
    let (files, truth) = &*YEAR;
    for row in rows(truth, "duplicates") {
        let (file, of) = (&files[text(&row["file"])], &files[text(&row["of"])]);
        assert_ne!(file[..106], of[..106], "each has a control number of its own");
        let (copy, first) = (sets(file), sets(of));
        let shared = copy.iter().filter(|set| first.contains(set)).count();
        let wanted = match text(&row["kind"]) {
            "file" => first.len(),
            "joined" => 1,
            _ => 0,
        };
        assert!(shared >= wanted && (wanted > 0 || shared == 0), "{row}: {shared} shared");
        for trn in row["trns"].as_array().unwrap() {
            let trn = format!("TRN*1*{}*", text(trn));
            assert!(copy.iter().any(|set| set.contains(&trn)) && first.iter().any(|set| set.contains(&trn)));
        }
    }
}

#[test]
fn a_second_payer_is_told_of_the_first() {
    let (files, _) = &*YEAR;
    let of = |ending: &str| -> String {
        let some = files.iter().filter(|(path, bytes)| path.ends_with(ending) && bytes.ends_with(b"~\n"));
        some.map(|(_, bytes)| std::str::from_utf8(bytes).unwrap()).collect()
    };
    let (claims, payments) = (of(".837"), of(".835"));
    assert!(claims.matches("\nSBR*S*").count() > 20);
    assert!(claims.matches("\nSVD*").count() >= claims.matches("\nSBR*S*").count());
    let statuses = ["1", "2", "4", "19", "22"];
    let seen: BTreeSet<&str> = payments
        .lines()
        .filter(|line| line.starts_with("CLP*"))
        .map(|line| line.split('*').nth(2).unwrap())
        .collect();
    assert_eq!(seen, BTreeSet::from(statuses));
}

#[test]
fn each_cause_denies_something_in_its_weeks() {
    let (_, truth) = &*YEAR;
    let plant = Plant::full().unwrap();
    let window = options(6_000, 52).window();
    for rule in &plant.denials {
        let rule = rule.dated(window);
        let of =
            |list: &str| rows(truth, list).iter().filter(|row| row["cause"] == rule.cause.as_str()).cloned();
        let denials: Vec<Value> = of("denials").collect();
        assert!(denials.len() > 1, "{}", rule.cause);
        for denial in denials {
            let week = text(&denial["week"]);
            assert!(rule.concerns(text(&denial["payer"]), week), "{denial}");
            assert_eq!(denial["carc"], rule.carc.as_str());
        }
    }
}
