//! The answers to claim files: TA1, 999 and 277CA say what happened, are valid by our own reading, and read back.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

use claimloop::acks::read::{Answer, ClaimAnswer, GroupAnswer, read};
use claimloop::acks::{self, Answers, HeldMeans, Stamp, Worked};
use claimloop::edits::EditSet;
use claimloop::scrub::{self, Other, Report, Settings};
use jiff::civil::date;

mod independent;

/// Name, base, what stands there, what is put there instead, and of the 999: IK301, IK302, IK304, element, IK403.
pub type Mutant = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    (&'static str, u32, &'static str, u32, &'static str),
);

/// Ten single faults and what a 999 must say of each.
pub const MUTANTS: [Mutant; 10] = [
    ("code", "837p-office", "HI*ABK:I10", "HI*ZZZ:I10", ("HI", 20, "8", 1, "7")),
    (
        "date",
        "837p-office",
        "DTP*472*D8*20261005~\nREF*6R*CLAIM-P1-1",
        "DTP*472*D8*20261305~\nREF*6R*CLAIM-P1-1",
        ("DTP", 25, "8", 3, "8"),
    ),
    ("too long", "837i-inpatient", "*IL*627020001", "*ILL*627020001", ("N4", 16, "8", 2, "5")),
    ("missing element", "837d-office", "CLM*CLAIM-D1*220*", "CLM**220*", ("CLM", 19, "8", 1, "1")),
    ("missing segment", "837p-office", "N3*100 SAMPLE STREET~\n", "", ("N3", 8, "3", 0, "")),
    (
        "unknown segment",
        "837p-office",
        "HI*ABK:I10*ABF:E119~",
        "HI*ABK:I10*ABF:E119~\nZZZ*1~",
        ("ZZZ", 21, "1", 0, ""),
    ),
    (
        "not used",
        "837i-inpatient",
        "CLM*CLAIM-I2*5200***11:A:1**A",
        "CLM*CLAIM-I2*5200***11:A:1*Y*A",
        ("CLM", 19, "8", 6, "I10"),
    ),
    ("too many", "837d-office", "LX*1~", "LX*1*1~", ("LX", 23, "8", 2, "3")),
    (
        "repeated",
        "837p-office",
        "HI*ABK:I10*ABF:E119~",
        "HI*ABK:I10*ABF:E119~\nHI*ABK:I10~",
        ("HI", 21, "5", 0, ""),
    ),
    (
        "half a pair",
        "837p-office",
        "NM1*82*1*SAMPLEDOC*RENEE****XX*1000000020",
        "NM1*82*1*SAMPLEDOC*RENEE****XX",
        ("NM1", 21, "8", 9, "2"),
    ),
];

fn stamp(held_means: HeldMeans, answers: Answers) -> Stamp {
    Stamp { answers, held_means, control: 42, now: date(2026, 11, 21).at(9, 30, 0, 0) }
}

/// Report and answers.
fn answered(bytes: &Vec<u8>, stamp: &Stamp) -> (Report, Vec<u8>) {
    let edits = EditSet::shipped().unwrap();
    let settings = Settings { today: date(2026, 11, 21), threads: 1, other: Other::Pass };
    let (report, survey) = scrub::scrub(bytes, &edits, settings).unwrap();
    let mut out = Vec::new();
    let worked = Worked { survey: &survey, verdicts: &report.verdicts, edits: &edits, waited: None };
    acks::write(bytes, worked, stamp, &mut out).unwrap();
    (report, out)
}

/// A mutant's text, segments counted anew.
pub fn mutant((name, base, from, to, _): Mutant) -> Vec<u8> {
    let path = format!("config/edits/bases/{base}.edi");
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{name}");
    let text = text.replacen(from, to, 1);
    let set = text.find("ST*").unwrap();
    let end = text.find("\nSE*").unwrap();
    let count = text[set..end].matches('~').count() + 1;
    let (head, tail) = text.split_at(end + 4);
    let after = tail.find('*').unwrap();
    format!("{head}{count}{}", &tail[after..]).into_bytes()
}

/// The answers of a mutant, as written.
pub fn answers_to(of: Mutant) -> Vec<u8> {
    answered(&mutant(of), &stamp(HeldMeans::SendBack, Answers::All)).1
}

fn groups_and_claims(bytes: &[u8]) -> (Vec<GroupAnswer>, Vec<ClaimAnswer>, usize) {
    let (mut groups, mut claims, mut interchanges) = (Vec::new(), Vec::new(), 0);
    read(bytes, &mut |answer| match answer {
        Answer::Group(group) => groups.push(group),
        Answer::Claim(claim) => claims.push(claim),
        Answer::Interchange(_) => interchanges += 1,
    })
    .unwrap();
    (groups, claims, interchanges)
}

/// Nothing is wrong with what we write, by the guides we read by.
fn assert_valid(bytes: &[u8], name: &str) {
    let edits = EditSet::shipped().unwrap();
    let settings = Settings { today: date(2026, 11, 21), threads: 1, other: Other::Pass };
    let (report, survey) = scrub::scrub(bytes, &edits, settings).unwrap();
    let text = String::from_utf8_lossy(bytes);
    assert!(
        report.findings.is_empty() && report.rejections.is_empty(),
        "{name}: {:?}\n{text}",
        report.findings
    );
    assert_eq!(survey.outline.interchanges.len(), 1, "{name}");
}

#[test]
fn the_999_of_a_mutant_names_its_fault() {
    for of in MUTANTS {
        let (name, _, _, _, (segment, position, code, element, fault)) = of;
        let bytes = answers_to(of);
        assert_valid(&bytes, name);
        let (groups, claims, _) = groups_and_claims(&bytes);
        let set = &groups[0].sets[0];
        assert_eq!(
            (groups[0].verdict.as_str(), set.verdict.as_str(), set.code.as_str()),
            ("E", "E", "5"),
            "{name}"
        );
        let told = set.segments.iter().find(|s| (s.segment.as_str(), s.position) == (segment, position));
        let told = told.unwrap_or_else(|| panic!("{name}: {:?}", set.segments));
        assert_eq!(told.code, code, "{name}");
        if element > 0 {
            assert!(told.elements.iter().any(|(e, _, c)| *e == element && c == fault), "{name}: {told:?}");
        }
        assert_eq!(claims.len(), 1, "{name}: every claim is answered");
        assert_eq!(claims[0].action, "U", "{name}");
    }
}

#[test]
fn bad_values_are_not_repeated() {
    let text = "ISA";
    let bytes = mutant((
        "name",
        "837p-office",
        "NM1*IL*1*TESTER*ALEX",
        "NM1*IL*1*TESTER\tSECRET*ALEX",
        ("", 0, "", 0, ""),
    ));
    let out = answered(&bytes, &stamp(HeldMeans::FixHere, Answers::All)).1;
    let out = String::from_utf8(out).unwrap();
    assert!(out.starts_with(text) && out.contains("IK4*3*1035*6~"), "{out}");
    assert!(!out.contains("SECRET") && !out.contains("TESTER"), "a 999 names no person: {out}");
}

#[test]
fn every_sample_of_claims_is_answered_and_the_answers_are_valid() {
    for entry in std::fs::read_dir("samples").unwrap() {
        let path = entry.unwrap().path();
        let name = path.display().to_string();
        if !name.contains("837") || !name.ends_with(".edi") {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let (report, out) = answered(&bytes, &stamp(HeldMeans::SendBack, Answers::All));
        if out.is_empty() {
            continue;
        }
        let edits = EditSet::shipped().unwrap();
        let settings = Settings { today: date(2026, 11, 21), threads: 1, other: Other::Pass };
        let valid = scrub::scrub(&out, &edits, settings).unwrap().0;
        assert!(valid.findings.is_empty() && valid.rejections.is_empty(), "{name}: {:?}", valid.findings);
        let (groups, claims, interchanges) = groups_and_claims(&out);
        // A claim of a refused set is answered with its set.
        let judged = report.verdicts.iter().filter(|v| !v.facts.kind.is_empty()).count();
        assert_eq!(claims.len(), judged, "{name}");
        let accepted = claims.iter().filter(|c| c.action == "WQ").count() as u64;
        assert_eq!(accepted, report.claims.clean, "{name}");
        assert!(interchanges > 0 || !groups.is_empty(), "{name}");
    }
}

#[test]
fn what_is_answered_is_what_the_site_asked_for() {
    let clean = std::fs::read("samples/837p-clean.edi").unwrap();
    let held = std::fs::read("samples/837p-three-claims-one-off.edi").unwrap();
    for (answers, means, of_clean, of_held) in [
        (Answers::None, HeldMeans::SendBack, (0, 0), (0, 0)),
        // One dollar off is no fault of syntax: the 999 accepts, the 277CA refuses.
        (Answers::Faults, HeldMeans::SendBack, (0, 0), (0, 3)),
        (Answers::Faults, HeldMeans::FixHere, (0, 0), (0, 0)),
        (Answers::All, HeldMeans::FixHere, (1, 1), (1, 0)),
        (Answers::All, HeldMeans::SendBack, (1, 1), (1, 3)),
    ] {
        for (bytes, wanted) in [(&clean, of_clean), (&held, of_held)] {
            let (groups, claims, _) = groups_and_claims(&answered(bytes, &stamp(means, answers)).1);
            assert_eq!((groups.len(), claims.len()), wanted, "{answers:?} {means:?}");
        }
    }
}

#[test]
fn an_unusable_interchange_draws_a_ta1_alone() {
    let bytes = std::fs::read("samples/837p-wrong-iea01.edi").unwrap();
    let out = answered(&bytes, &stamp(HeldMeans::FixHere, Answers::Faults)).1;
    let text = String::from_utf8(out.clone()).unwrap();
    assert!(text.contains("*R*021~"), "{text}");
    let (groups, claims, interchanges) = groups_and_claims(&out);
    assert_eq!((groups.len(), claims.len(), interchanges), (0, 0, 1));
    // Answers draw no answers.
    assert!(answered(&out, &stamp(HeldMeans::FixHere, Answers::All)).1.is_empty());
}

/// What a file of ours may come to in the hands of others: name, what stands there, what is put there instead.
const ODD: [(&str, &str, &str); 18] = [
    ("a terminator in ISA10", "*0930*^*", "*0~30*^*"),
    ("a foreign repetition separator", "*0930*^*", "*0930*\u{00a6}*"),
    ("a wide qualifier", "*ZZ*SAMPLESENDER", "*ZZ *SAMPLESENDER"),
    ("a qualifier that isn't one", "*ZZ*SAMPLESENDER", "*Z3*SAMPLESENDER"),
    ("a charge of nine digits", "*150***11:B:1*", "*129900001***11:B:1*"),
    ("no receiver", "*ZZ*SAMPLEPAYER    *", "*ZZ*               *"),
    ("a sender of dots", "*ZZ*SAMPLESENDER   *", "*ZZ*...............*"),
    ("an empty composite", "*11:B:1*", "**"),
    ("a short group code", "GS*HC*", "GS*H*"),
    ("no group code", "GS*HC*", "GS**"),
    ("a group number that is none", "*0930*1*X*", "*0930*A1*X*"),
    ("no version", "*X*005010X222A1~\nST", "*X*~\nST"),
    ("no set number", "ST*837*0001*", "ST*837**"),
    ("a short set number", "ST*837*0001*", "ST*837*1*"),
    ("a receiver that is a person", "NM1*40*2*", "NM1*40*1*"),
    ("a submitter with a suffix", "NM1*41*2*SAMPLE SUBMITTER*****", "NM1*41*1*SUBMITTER*SAM***JR*"),
    ("an NPI of one digit", "*XX*1000000012~", "*XX*1~"),
    ("a line end between elements", "*", "\n"),
];

#[test]
fn answers_are_valid_whatever_was_sent() {
    let base = std::fs::read_to_string("config/edits/bases/837p-office.edi").unwrap();
    for (name, from, to) in ODD {
        assert!(base.contains(from), "{name}");
        let text = if to == "\n" { base.replace(from, to) } else { base.replacen(from, to, 1) };
        let out = answered(&text.into_bytes(), &stamp(HeldMeans::SendBack, Answers::All)).1;
        if !out.is_empty() {
            assert_valid(&out, name);
        }
    }
}
