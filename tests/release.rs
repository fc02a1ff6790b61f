//! Claims taken out of their files: alone, corrected or not, each is what it was.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use claimloop::edits::{EditSet, Tolerances};
use claimloop::schema::Path as Place;
use claimloop::scrub::release::{Change, Envelope, Refused, Single, compose};
use claimloop::scrub::{Other, Settings, State, Verdict, scrub};
use proptest::prelude::*;

fn settings() -> Settings {
    Settings { today: jiff::civil::date(2026, 11, 22), threads: 1, other: Other::Pass }
}

fn envelope(claims: usize) -> Envelope {
    let at = jiff::civil::date(2026, 11, 22).at(9, 30, 0, 0);
    let ids = (0..claims).map(|n| format!("01JD00000000000000000{n:05}")).collect();
    Envelope { control: 900_000_001, at, ids }
}

/// Edits that say the same of a claim wherever it stands: not those that compare it with claims beside it.
fn edits() -> EditSet {
    EditSet::shipped().unwrap().without("E6-035")
}

fn files(folder: &Path, all: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, all) } else { all.push(path) }
    }
}

fn said(verdict: &Verdict) -> BTreeSet<(String, String)> {
    verdict.findings.iter().map(|f| (f.edit.clone(), f.at.clone())).collect()
}

/// Takes every claim of a file that could leave out of it; how many there were.
fn taken_out(bytes: &Vec<u8>, name: &str, edits: &EditSet) -> usize {
    let (report, _) = scrub(bytes, edits, settings()).unwrap();
    let mut taken = 0;
    for verdict in report.verdicts.iter().filter(|v| v.verdict != State::Rejected) {
        let Some(single) = Single::take(bytes, verdict.position, Tolerances::default()).unwrap() else {
            panic!("{name}: claim {} can't be taken out", verdict.position);
        };
        let alone = compose(std::slice::from_ref(&single), &envelope(1));
        let (own, _) = scrub(&alone, edits, settings()).unwrap();
        assert!(own.rejections.is_empty(), "{name}: {:?}", own.rejections);
        let [again] = own.verdicts.as_slice() else { panic!("{name}: {} claims", own.verdicts.len()) };
        assert_eq!(
            (&again.claim, again.charge, &again.payer),
            (&verdict.claim, verdict.charge, &verdict.payer)
        );
        assert_eq!(again.facts.billing_npi, verdict.facts.billing_npi, "{name}");
        // Faults of the numbering of hierarchies and claims beside it are mended by taking it out.
        let (was, now) = (said(verdict), said(again));
        let new: Vec<_> = now.difference(&was).collect();
        assert!(new.is_empty(), "{name}, claim {}: {new:?}", verdict.position);
        let gone: Vec<_> = was.difference(&now).filter(|(edit, _)| !edit.starts_with("E1")).collect();
        assert!(gone.is_empty(), "{name}, claim {}: gone {gone:?}", verdict.position);
        taken += 1;
    }
    taken
}

#[test]
fn a_claim_alone_is_what_it_was_among_others() {
    let mut all = Vec::new();
    files(Path::new("samples"), &mut all);
    files(Path::new("config/edits/bases"), &mut all);
    files(Path::new("tests/mutants"), &mut all);
    let edits = edits();
    let claims = all.iter().filter(|p| p.extension().is_some_and(|e| e == "edi"));
    let taken: usize =
        claims.map(|p| taken_out(&std::fs::read(p).unwrap(), &p.display().to_string(), &edits)).sum();
    assert!(taken > 60, "{taken}");
}

#[test]
fn public_claims_too() {
    let folder = std::env::var("CLAIMLOOP_SAMPLES").unwrap_or_else(|_| "../shared/samples".to_owned());
    if !Path::new(&folder).is_dir() {
        return println!("not run: {folder} is absent; name it with CLAIMLOOP_SAMPLES");
    }
    let mut all = Vec::new();
    files(Path::new(&folder), &mut all);
    let edits = edits();
    let taken: usize =
        all.iter().map(|p| taken_out(&std::fs::read(p).unwrap(), &p.display().to_string(), &edits)).sum();
    println!("{taken} claims taken out of {} files", all.len());
    assert!(taken > 20, "{taken}");
}

fn three() -> Vec<u8> {
    std::fs::read("samples/837p-three-claims-one-off.edi").unwrap()
}

fn change(path: &str, value: &str) -> Change {
    Change { path: Place::parse(path).unwrap(), value: value.to_owned() }
}

#[test]
fn what_was_corrected_can_be_taken_back() {
    let single = Single::take(&three(), 2, Tolerances::default()).unwrap().unwrap();
    for (path, value) in [
        ("2300/CLM02", "125"),
        ("2300/CLM05-3", "7"),
        ("2300/REF[G1]02", "AUTH1"),
        ("2400[2]/SV101-3", "59"),
        ("2010BA/NM107", "JR"),
        ("2010BB/REF[2U]02", "X1"),
    ] {
        let mut changed = single.clone();
        let was = changed.amend(&[change(path, value)]).unwrap().remove(0);
        assert_ne!(changed, single, "{path}");
        match was {
            Some(was) => changed.amend(&[change(path, &was)]).unwrap(),
            // An element that wasn't there, or its whole segment.
            None => {
                let segment = path.split_at(path.rfind(|c: char| !c.is_ascii_digit()).unwrap() + 1).0;
                let whole = path.contains("REF[");
                changed.amend(&[change(if whole { segment } else { path }, "")]).unwrap()
            }
        };
        assert_eq!(changed, single, "{path}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever is set wherever, the claim stays one claim, and no other segment changes.
    #[test]
    fn a_correction_touches_one_segment(
        at in prop::sample::select(vec![
            "2300/CLM01", "2300/CLM02", "2300/CLM05-1", "2300/HI[ABK]01-2", "2400[1]/SV102", "2400[2]/SV101-2",
            "2010AA/REF[EI]02", "2010AA/N403", "2010BA/NM109", "2300/REF[G1]02", "2310B/NM109", "2300/NTE02",
            "2000B/SBR09", "1000A/PER04", "ST/BHT06",
        ]),
        value in "\\PC{0,24}",
        position in 1u64..4,
    ) {
        let single = Single::take(&three(), position, Tolerances::default()).unwrap().unwrap();
        let mut changed = single.clone();
        match changed.amend(&[change(at, &value)]) {
            Err(refused) => {
                prop_assert_eq!(&changed, &single, "refused, so as it was");
                let text = refused.to_string();
                prop_assert!(value.len() < 4 || !text.contains(&value) || at.contains(&value), "{}", text);
                prop_assert!(!matches!(refused, Refused::Guide));
            }
            Ok(_) => {
                let differ = changed.set.iter().filter(|s| !single.set.contains(s)).count();
                // The segment itself, and SE where one came or went.
                prop_assert!(differ <= 2, "{} segments differ", differ);
                let text = compose(std::slice::from_ref(&changed), &envelope(1));
                let (report, _) = scrub(&text, &edits(), settings()).unwrap();
                prop_assert_eq!(report.claims.r#in, 1);
                prop_assert!(report.rejections.is_empty(), "{:?}", report.rejections);
                prop_assert_eq!(text.iter().filter(|b| **b == b'~').count(), changed.set.len() + 4);
            }
        }
    }
}
