//! Departures that real files have, one test each: what is read, what is said of it, and that an accepted file leaves
//! byte for byte. The standard is the measure: whatever departs from it is either accepted, with a warning where one
//! is due, or stopped by a finding. The table is `docs/quirks.md`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::sync::LazyLock;

use claimloop::edits::{EditSet, Severity, Tolerance, Tolerances};
use claimloop::scrub::partition::partition;
use claimloop::scrub::states;
use claimloop::scrub::{self, Other, Report, Settings, remittance};
use claimloop::x12::{Blocks, Chunk};

const BASES: [&str; 3] = ["837p-office", "837i-outpatient", "837d-office"];

fn base(name: &str) -> String {
    std::fs::read_to_string(format!("config/edits/bases/{name}.edi")).unwrap()
}

fn office() -> String {
    base("837p-office")
}

fn sample(name: &str) -> String {
    std::fs::read_to_string(format!("samples/{name}.edi")).unwrap()
}

/// Replaces what must be there.
fn with(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} isn't in the file");
    text.replace(from, to)
}

/// The report, and what leaves.
fn scrubbed(bytes: &[u8]) -> (Report, Vec<u8>) {
    // One claim stands several times in some files here, and repeats itself.
    static EDITS: LazyLock<EditSet> = LazyLock::new(|| EditSet::shipped().unwrap().without("E6-035"));
    scrubbed_by(bytes, &EDITS)
}

fn scrubbed_by(bytes: &[u8], edits: &EditSet) -> (Report, Vec<u8>) {
    let settings = Settings { today: jiff::civil::date(2026, 11, 21), threads: 1, other: Other::Pass };
    let (report, survey) = scrub::scrub(bytes, edits, settings).unwrap();
    let mut out = Vec::new();
    let written = partition(bytes, &survey, &states(&report.verdicts), &mut out).unwrap();
    assert_eq!(written.claims, report.claims.clean);
    (report, out)
}

/// All a report says: edit, severity (of a refused envelope its level), place; in order, each once.
fn said(report: &Report) -> Vec<String> {
    let findings = report.verdicts.iter().flat_map(|v| &v.findings).chain(&report.findings).map(|f| {
        let severity = match f.severity {
            Severity::Warn => "warn",
            Severity::Hold => "hold",
            Severity::Reject => "reject",
        };
        format!("{} {severity} {}", f.edit, f.at)
    });
    let rejections = report.rejections.iter().map(|r| format!("{} {} {}", r.edit, r.level, r.at));
    let all: BTreeSet<String> = findings.chain(rejections).map(|s| s.trim_end().to_owned()).collect();
    all.into_iter().collect()
}

/// In, clean, held, rejected.
fn counts(report: &Report) -> [u64; 4] {
    let c = report.claims;
    [c.r#in, c.clean, c.held, c.rejected]
}

/// Claim number, charge, payer and billing NPI of every claim.
fn values(report: &Report) -> Vec<(String, i64, String, String)> {
    let of = |v: &scrub::Verdict| (v.claim.clone(), v.charge, v.payer.clone(), v.facts.billing_npi.clone());
    report.verdicts.iter().map(of).collect()
}

/// Every claim is clean, nothing but these warnings is said, and the file leaves as it came.
fn accepted(bytes: &[u8], claims: u64, warnings: &[&str]) -> Report {
    let shown = String::from_utf8_lossy(bytes);
    let (report, out) = scrubbed(bytes);
    assert_eq!(said(&report), warnings, "{shown}");
    assert_eq!(counts(&report), [claims, claims, 0, 0], "{shown}");
    assert!(out == bytes, "not byte for byte: {shown}");
    report
}

/// Accepted, and read as the base it was made from.
fn accepted_as(base: &str, bytes: &[u8], warnings: &[&str]) {
    let plain = scrubbed(base.as_bytes()).0;
    let report = accepted(bytes, plain.claims.r#in, warnings);
    assert_eq!(values(&report), values(&plain));
}

/// Refused by the standard for this reason; with the option it leaves byte for byte, read as its base and told at `warn`.
fn refused_unless(tolerance: Tolerance, base: &str, bytes: &[u8], edit: &str, place: &str) {
    let claims = scrubbed(base.as_bytes()).0.claims.r#in;
    refused(bytes, claims, &[&format!("{edit} interchange {place}")]);
    let edits = EditSet::shipped().unwrap().tolerating(Tolerances::default().and(tolerance));
    let (report, out) = scrubbed_by(bytes, &edits);
    assert_eq!(said(&report), [format!("{edit} warn {place}")], "{tolerance}");
    assert!(report.is_clean() && out == bytes, "{tolerance}");
    assert_eq!(values(&report), values(&scrubbed(base.as_bytes()).0));
}

/// Every claim is held, for these reasons, and nothing leaves.
fn held(bytes: &[u8], claims: u64, reasons: &[&str]) -> Report {
    let (report, out) = scrubbed(bytes);
    assert_eq!(said(&report), reasons);
    assert_eq!((counts(&report), out.len()), ([claims, 0, claims, 0], 0));
    report
}

/// Every claim is rejected, for these reasons, and nothing leaves.
fn refused(bytes: &[u8], claims: u64, reasons: &[&str]) -> Report {
    let (report, out) = scrubbed(bytes);
    assert_eq!(said(&report), reasons);
    assert_eq!((counts(&report), out.len()), ([claims, 0, 0, claims], 0));
    report
}

/// Of every remittance that can be used: trace number, and of each claim payment number, charge and payment.
type Payments = Vec<(String, Vec<(String, i64, i64)>)>;

fn payments(bytes: &[u8]) -> Payments {
    let mut all = Vec::new();
    remittance::each(&bytes.to_vec(), &mut |r| {
        let claims = r.claims.iter().map(|c| (c.claim.clone(), c.charge, c.paid)).collect();
        all.push((r.trace, claims));
    })
    .unwrap();
    all
}

/// What `samples/835-balanced.edi` pays.
fn balanced(trace: &str) -> (String, Vec<(String, i64, i64)>) {
    let claims = vec![("CLAIM-P1".to_owned(), 15000, 10000), ("CLAIM-P9".to_owned(), 15000, 8000)];
    (trace.to_owned(), claims)
}

/// Every segment with this id, element by element.
fn segments(bytes: &[u8], id: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut blocks = Blocks::new(bytes);
    while let Some(chunk) = blocks.next_chunk().unwrap() {
        let Chunk::Block(block) = chunk else { continue };
        for segment in block.segments().filter(|s| s.id() == id.as_bytes()) {
            let text = |n| String::from_utf8_lossy(segment.value(n)).into_owned();
            found.push((1..=segment.len()).map(text).collect());
        }
    }
    found
}

/// Without line ends, broken after every 80 bytes, the first `whole` bytes aside.
fn wrapped(text: &str, whole: usize, line_end: &str) -> String {
    let text = text.replace('\n', "");
    let (head, rest) = text.split_at(whole);
    let lines: Vec<&str> =
        rest.as_bytes().chunks(80).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let head = if head.is_empty() { String::new() } else { format!("{head}{line_end}") };
    format!("{head}{}{line_end}", lines.join(line_end))
}

// Terminators and what stands between segments.

#[test]
fn a_line_end_as_segment_terminator() {
    for name in BASES {
        for end in ["\n", "\r", "\r\n"] {
            accepted_as(&base(name), with(&base(name), "~\n", end).as_bytes(), &[]);
        }
    }
    let remittance = with(&sample("835-balanced"), "~\n", "\n");
    accepted(remittance.as_bytes(), 0, &[]);
    assert_eq!(payments(remittance.as_bytes()), [balanced("SAMPLETRACE0002")]);
}

#[test]
fn line_ends_and_blanks_behind_the_terminator() {
    for name in BASES {
        for gap in ["", "\r\n", "\n", "\r", "\n\n", "  \r\n", "\n   ", "\t", " "] {
            accepted_as(&base(name), with(&base(name), "\n", gap).as_bytes(), &[]);
        }
    }
    // Mixed in one file.
    let mixed = office().replacen('\n', "\r\n", 5).replacen("~\nCLM", "~CLM", 1);
    accepted_as(&office(), mixed.as_bytes(), &[]);
}

#[test]
fn a_byte_order_mark() {
    for name in BASES {
        accepted_as(&base(name), format!("\u{feff}{}", base(name)).as_bytes(), &[]);
    }
    // In the two-byte encoding such a mark often announces nothing can be read, and nothing leaves.
    let wide: Vec<u8> =
        "\u{feff}".encode_utf16().chain(office().encode_utf16()).flat_map(u16::to_le_bytes).collect();
    refused(&wide, 0, &["E1-001 interchange ISA"]);
}

#[test]
fn an_end_of_file_mark_behind_the_last_segment() {
    for mark in ["\u{1a}", "\0\0\0", "\r\n\u{1a}\0"] {
        accepted_as(&office(), format!("{}{mark}", office()).as_bytes(), &[]);
    }
}

// The interchange header.

#[test]
fn isa_elements_without_their_padding() {
    for end in ["~\n", "\n"] {
        let text = with(&office(), "*          *", "**")
            .replace("SENDER   *", "SENDER*")
            .replace("PAYER    *", "PAYER*");
        let text = with(&text, "~\n", end);
        refused_unless(Tolerance::UnpaddedIsa, &office(), text.as_bytes(), "E1-001", "ISA");
    }
}

#[test]
fn blank_isa_sender_or_receiver() {
    for party in ["SAMPLESENDER   *", "SAMPLEPAYER    *"] {
        let text = office().replacen(party, "               *", 1);
        let place = if party.starts_with("SAMPLES") { "ISA06" } else { "ISA08" };
        refused_unless(Tolerance::EnvelopeElements, &office(), text.as_bytes(), "E1-017", place);
    }
}

#[test]
fn dotted_isa_elements() {
    let dots = with(&office(), "*          *", "*..........*");
    accepted_as(&office(), dots.as_bytes(), &[]);
    accepted_as(&office(), with(&dots, "SAMPLESENDER   *", "SAMPLESENDER...*").as_bytes(), &[]);
}

#[test]
fn the_letter_u_as_repetition_separator() {
    for name in BASES {
        let text = with(&base(name), "*^*00501*", "*U*00501*");
        refused_unless(Tolerance::Isa11Letter, &base(name), text.as_bytes(), "E1-018", "ISA11");
    }
    // The letter stays a letter, wherever it stands.
    let text = with(&with(&office(), "*^*00501*", "*U*00501*"), "TESTER*ALEX", "TESTERU*ULUU");
    refused_unless(Tolerance::Isa11Letter, &office(), text.as_bytes(), "E1-018", "ISA11");
    assert!(segments(text.as_bytes(), "NM1").iter().any(|nm1| nm1[2] == "TESTERU" && nm1[3] == "ULUU"));
}

#[test]
fn a_blank_repetition_separator() {
    // Every blank in a name would separate.
    let text = with(&office(), "*^*00501*", "* *00501*");
    refused(text.as_bytes(), 1, &["E1-001 interchange ISA16"]);
}

#[test]
fn several_interchanges_with_different_delimiters() {
    let two = sample("837p-two-interchanges");
    let report = accepted(two.as_bytes(), 2, &[]);
    let ids = |r: &Report| r.verdicts.iter().map(|v| v.claim.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&report), ["CLAIM-STAR", "CLAIM-BAR"]);
    // A third with a line end as terminator, and no line end between the others.
    let three = format!("{}{}{}", with(&office(), "~\n", "\n"), two.trim_end(), sample("837p-one-line"));
    let report = accepted(three.as_bytes(), 4, &[]);
    assert_eq!(ids(&report)[..3], ["CLAIM-P1", "CLAIM-STAR", "CLAIM-BAR"]);
    assert!(report.verdicts.iter().take(3).all(|v| v.charge == 15000));
}

#[test]
fn isa_and_iea_inside_data() {
    let named = with(&office(), "TESTER*ALEX", "ISA*IEA");
    accepted_as(&office(), named.as_bytes(), &[]);
    assert!(segments(named.as_bytes(), "NM1").iter().any(|nm1| nm1[2] == "ISA" && nm1[3] == "IEA"));
    let street = with(&office(), "N3*1 TESTER LANE", "N3*ISA*IEA");
    accepted_as(&office(), street.as_bytes(), &[]);
    let note = with(&office(), "HI*ABK", "NTE*ADD*ISA IEA*~\nHI*ABK").replace("*ISA IEA*~", "*ISA IEA~");
    let note = with(&note, "SE*31*", "SE*32*");
    accepted_as(&office(), note.as_bytes(), &[]);
    assert_eq!(segments(note.as_bytes(), "NTE"), [["ADD", "ISA IEA"]]);
    // With line ends as terminators too, and in a remittance.
    accepted_as(&office(), with(&note, "~\n", "\n").as_bytes(), &[]);
    let remittance = with(&sample("835-balanced"), "TESTER*ALEX", "IEA*ISA");
    accepted(remittance.as_bytes(), 0, &[]);
    assert_eq!(payments(remittance.as_bytes()), [balanced("SAMPLETRACE0002")]);
}

#[test]
fn no_isa_at_all() {
    let text = office();
    let (gs, st, ge) = (text.find("GS*").unwrap(), text.find("ST*").unwrap(), text.find("GE*").unwrap());
    for part in [&text[gs..], &text[st..ge], &text[st..]] {
        // Nothing can be read without the separators of an ISA: its claims aren't counted either.
        let report = refused(part.as_bytes(), 0, &["E1-001 interchange ISA"]);
        assert_eq!(report.kind, "unknown");
    }
    let remittance = sample("835-balanced");
    let part = &remittance[remittance.find("GS*").unwrap()..];
    refused(part.as_bytes(), 0, &["E1-001 interchange ISA"]);
    assert_eq!(payments(part.as_bytes()), []);
    // A whole interchange behind it is read and leaves alone.
    let (report, out) = scrubbed(format!("{}{text}", &text[gs..]).as_bytes());
    assert_eq!((said(&report), counts(&report)), (vec!["E1-001 interchange ISA".to_owned()], [1, 1, 0, 0]));
    assert_eq!(out, text.as_bytes());
}

#[test]
fn an_acknowledgment_segment_before_the_group() {
    let ta1 = "TA1*000000905*261101*0930*A*000~\n";
    let claims = with(&office(), "GS*HC*", &format!("{ta1}GS*HC*"));
    accepted_as(&office(), claims.as_bytes(), &[]);
    let remittance = with(&sample("835-balanced"), "GS*HP*", &format!("{ta1}GS*HP*"));
    accepted(remittance.as_bytes(), 0, &[]);
    assert_eq!(payments(remittance.as_bytes()), [balanced("SAMPLETRACE0002")]);
}

// Data.

#[test]
fn letters_outside_ascii() {
    let utf8 = with(&office(), "TESTER*ALEX", "TEST\u{c9}R*ALEX").into_bytes();
    let at = utf8.iter().position(|b| *b == 0xC3).unwrap();
    let mut latin1 = utf8.clone();
    latin1.splice(at..at + 2, [0xC9]);
    for (bytes, shown) in [(utf8, "TEST\u{c9}R"), (latin1, "TEST\u{fffd}R")] {
        let report = held(&bytes, 1, &["E1-007 reject 2010BA NM103"]);
        assert_eq!(report.verdicts[0].findings[0].value.as_deref(), Some(shown));
        assert_eq!(report.verdicts[0].claim, "CLAIM-P1");
    }
    // In a remittance it is told and stops nothing: the file is the payer's.
    let mut remittance = with(&sample("835-balanced"), "TESTER*ALEX", "TEST?R*ALEX").into_bytes();
    let at = remittance.windows(6).position(|w| w == b"TEST?R").unwrap();
    remittance[at + 4] = 0xC9;
    accepted(&remittance, 0, &["E1-007 reject 2100 NM1[QC]03"]);
    assert_eq!(payments(&remittance), [balanced("SAMPLETRACE0002")]);
}

#[test]
fn trailing_separators_and_blanks() {
    let changes = [
        ("*ABF:E119~", "*ABF:E119**~", "E1-008 warn 2300 HI[ABK]04"),
        ("*50*UN*1***1~", "*50*UN*1***1****~", "E1-008 warn 2400 SV111"),
        ("*11:B:1*", "*11:B:1::*", "E1-008 warn 2300 CLM05-3"),
        ("*CH~", "*CH*~", "E1-008 warn ST BHT06"),
        ("TESTER*ALEX", "TESTER *ALEX", "E1-008 warn 2010BA NM103"),
    ];
    for (from, to, warning) in changes {
        accepted_as(&office(), with(&office(), from, to).as_bytes(), &[warning]);
    }
    // Those of SE are seen, those of GE and IEA go unnoticed.
    accepted_as(&office(), with(&office(), "*0001~\nGE", "*0001*~\nGE").as_bytes(), &["E1-008 warn ST SE02"]);
    for (from, to) in [("GE*1*1~", "GE*1*1**~"), ("IEA*1*000000001~", "IEA*1*000000001*~")] {
        accepted_as(&office(), with(&office(), from, to).as_bytes(), &[]);
    }
}

#[test]
fn lines_of_eighty_columns() {
    // Broken inside the ISA, its widths are gone.
    for end in ["\n", "\r\n"] {
        let text = wrapped(&office(), 0, end);
        let (report, out) = scrubbed(text.as_bytes());
        assert!(said(&report).contains(&"E1-001 interchange ISA".to_owned()), "{:?}", said(&report));
        assert_eq!((report.claims.clean, out.len()), (0, 0));
    }
    // With the ISA whole, a break may fall into a value or a segment id: never does such a file leave as clean.
    for more in 0..40 {
        let shifted = with(&office(), "SAMPLE0001*20261102", &format!("SAMPLE{}*20261102", "0".repeat(more)));
        let (report, out) = scrubbed(wrapped(&shifted, 106, "\n").as_bytes());
        assert!(!report.is_clean(), "{more}");
        assert_eq!((report.claims.clean, out.len()), (0, 0), "{more}: {:?}", said(&report));
    }
    // One break anywhere behind the ISA: between two segments it is none, elsewhere it is told.
    for name in BASES {
        let text = base(name).replace('\n', "");
        for at in 106..text.len() {
            let (before, behind) = text.split_at(at);
            let (report, out) = scrubbed(format!("{before}\n{behind}").as_bytes());
            let segment = before.rsplit('~').next().unwrap();
            if segment.is_empty() {
                assert!(report.is_clean() && out.len() == text.len() + 1, "{name}: {at}");
            } else {
                assert_eq!((report.claims.clean, out.len()), (0, 0), "{name}: {segment}");
            }
        }
    }
    held(
        with(&office(), "CLM*CLAIM-P1*150*", "CLM*CLAIM-P1*1\n50*").as_bytes(),
        1,
        &["E1-007 reject 2300 CLM02"],
    );
    // A claim whose own id is broken isn't seen as one; its set is refused.
    let (report, out) = scrubbed(with(&office(), "CLM*", "CL\nM*").as_bytes());
    assert_eq!(said(&report), ["E2-033 transaction set CLM"]);
    assert_eq!((counts(&report), out.len()), ([0; 4], 0));
}

// Sets and groups.

/// The parts of a file with one set: up to ST, ST to SE, the rest.
fn parts(text: &str) -> [String; 3] {
    let (st, ge) = (text.find("ST*").unwrap(), text.find("GE*").unwrap());
    [&text[..st], &text[st..ge], &text[ge..]].map(str::to_owned)
}

#[test]
fn hierarchy_numbers_start_again_in_each_set() {
    let [head, set, tail] = parts(&office());
    let second = with(&with(&set, "*0001*005010", "*0002*005010"), "*0001~\n", "*0002~\n")
        .replace("CLAIM-P1", "CLAIM-P2");
    let tail = with(&tail, "GE*1*", "GE*2*");
    let report = accepted(format!("{head}{set}{second}{tail}").as_bytes(), 2, &[]);
    assert_eq!(report.verdicts[1].claim, "CLAIM-P2");
    // Numbers that run on over the sets are against the standard.
    let on = with(&with(&second, "HL*1**", "HL*3**"), "HL*2*1*", "HL*4*3*");
    let (report, out) = scrubbed(format!("{head}{set}{on}{tail}").as_bytes());
    assert_eq!(said(&report), ["E1-009 reject 2000A HL01", "E1-009 reject 2000B HL01"]);
    assert_eq!(counts(&report), [2, 1, 1, 0]);
    assert_eq!(out, format!("{head}{set}{}", with(&tail, "GE*2*", "GE*1*")).as_bytes());
}

#[test]
fn a_remittance_without_lx() {
    let text = with(&with(&sample("835-balanced"), "LX*1~\n", ""), "SE*39*", "SE*38*");
    let (report, out) = scrubbed(text.as_bytes());
    // What is missing is told, and every claim payment is read all the same.
    assert_eq!(said(&report), ["E2-026 reject 2000 LX"]);
    assert_eq!(out, text.as_bytes());
    assert_eq!(payments(text.as_bytes()), [balanced("SAMPLETRACE0002")]);
}

#[test]
fn joined_remittances() {
    let first = sample("835-balanced");
    let second = with(&with(&first, "000000154", "000000999"), "SAMPLETRACE0002", "SAMPLETRACE0099");
    for between in ["\n", "", "\r\n\r\n"] {
        let text = format!("{}{between}{second}", first.trim_end());
        accepted(text.as_bytes(), 0, &[]);
        assert_eq!(payments(text.as_bytes()), [balanced("SAMPLETRACE0002"), balanced("SAMPLETRACE0099")]);
    }
    // Two sets in one group.
    let [head, set, tail] = parts(&first);
    let other = with(&with(&set, "*0001~", "*0002~"), "SAMPLETRACE0002", "SAMPLETRACE0099");
    let text = format!("{head}{set}{other}{}", with(&tail, "GE*1*", "GE*2*"));
    accepted(text.as_bytes(), 0, &[]);
    assert_eq!(payments(text.as_bytes()), [balanced("SAMPLETRACE0002"), balanced("SAMPLETRACE0099")]);
    // Joined without care: the count of the group, and the number of the set.
    let uncounted = format!("{head}{set}{other}{tail}");
    refused(uncounted.as_bytes(), 0, &["E1-004 group GE01"]);
    assert_eq!(payments(uncounted.as_bytes()), []);
    let alike = format!("{head}{set}{}{}", with(&other, "*0002~", "*0001~"), with(&tail, "GE*1*", "GE*2*"));
    let (report, out) = scrubbed(alike.as_bytes());
    assert_eq!(said(&report), ["E1-005 transaction set ST02"]);
    assert_eq!(out, first.as_bytes(), "the first goes on, counted as one");
    assert_eq!(payments(alike.as_bytes()), [balanced("SAMPLETRACE0002")]);
    // The first without its trailer: it is refused, the second read.
    let open = format!("{}{second}", &first[..first.find("IEA*").unwrap()]);
    let (report, out) = scrubbed(open.as_bytes());
    assert_eq!(said(&report), ["E1-003 interchange IEA"]);
    assert_eq!(out, second.as_bytes());
    assert_eq!(payments(open.as_bytes()), [balanced("SAMPLETRACE0099")]);
}

#[test]
fn one_interchange_twice_in_a_file() {
    // The first copy leaves, the second doesn't.
    let (report, out) = scrubbed(office().repeat(2).as_bytes());
    assert_eq!(said(&report), ["E1-019 interchange ISA13"]);
    assert_eq!((counts(&report), out.as_slice()), ([2, 1, 0, 1], office().as_bytes()));
}

#[test]
fn a_group_code_that_is_not_of_its_sets() {
    for name in BASES {
        for code in ["GS*XX*", "GS**", "GS*HP*"] {
            accepted_as(&base(name), with(&base(name), "GS*HC*", code).as_bytes(), &["E2-034 warn GS01"]);
        }
    }
    let remittance = with(&sample("835-balanced"), "GS*HP*", "GS*XX*");
    accepted(remittance.as_bytes(), 0, &["E2-034 warn GS01"]);
    assert_eq!(payments(remittance.as_bytes()), [balanced("SAMPLETRACE0002")]);
}

#[test]
fn a_version_without_its_errata_letter() {
    for (name, full, bare) in [
        ("837p-office", "005010X222A1", "005010X222"),
        ("837i-outpatient", "005010X223A2", "005010X223"),
        ("837d-office", "005010X224A2", "005010X224"),
    ] {
        let text = base(name);
        assert_eq!(text.matches(full).count(), 2);
        accepted_as(&text, with(&text, full, bare).as_bytes(), &["E2-025 warn GS08"]);
        // Only in one of the two places, they disagree.
        let group = text.replacen(full, bare, 1);
        refused(group.as_bytes(), 1, &["E2-001 transaction set ST03", "E2-025 warn GS08"]);
        let set = with(&text, &format!("*0001*{full}"), &format!("*0001*{bare}"));
        refused(set.as_bytes(), 1, &["E2-001 transaction set ST03"]);
        let without = with(&text, &format!("*0001*{full}"), "*0001");
        held(without.as_bytes(), 1, &["E2-030 reject ST ST03"]);
    }
    let remittance = with(&sample("835-balanced"), "005010X221A1", "005010X221");
    accepted(remittance.as_bytes(), 0, &["E2-025 warn GS08"]);
    assert_eq!(payments(remittance.as_bytes()), [balanced("SAMPLETRACE0002")]);
}

#[test]
fn a_set_of_no_known_kind_in_a_group_of_claims() {
    // The group is one of claims: its claim is counted, and the set refused.
    for kind in ["ST*83X*", "ST**", "ST*270*"] {
        refused(with(&office(), "ST*837*", kind).as_bytes(), 1, &["E2-001 transaction set ST01"]);
    }
}

#[test]
fn an_interchange_of_another_version_than_its_groups() {
    accepted_as(&office(), with(&office(), "*^*00501*", "*^*00401*").as_bytes(), &[]);
}

#[test]
fn composites_cut_by_another_separator_than_the_header_names() {
    let text = with(&with(&office(), "11:B:1", "11>B>1"), "ABK:I10*ABF:E119", "ABK>I10*ABF>E119");
    let (report, out) = scrubbed(text.as_bytes());
    assert_eq!((counts(&report), out.len()), ([1, 0, 1, 0], 0));
    assert!(said(&report).contains(&"E2-011 reject 2300 CLM05-1".to_owned()), "{:?}", said(&report));
}

#[test]
fn a_segment_of_the_claim_on_a_line_does_not_end_the_line() {
    // NTE*DGN belongs to the claim; the line's own date behind it is still the line's.
    let text = with(&office(), "***1:2~\n", "***1:2~\nNTE*DGN*MADE UP~\n");
    let text = with(&text, "SE*31*", "SE*32*");
    held(text.as_bytes(), 1, &["E2-027 reject 2300 NTE"]);
}

#[test]
fn a_provider_adjustment_before_the_last_claim_payment_loses_no_payment() {
    let base = sample("835-balanced");
    let clp = base.rfind("CLP*").unwrap();
    let (head, tail) = base.split_at(clp);
    let text = format!("{head}PLB*1000000012*20261231*L6:MADEUP*0~\n{tail}");
    let text = with(&text, "SE*39*", "SE*40*");
    let count = |text: &str| payments(text.as_bytes()).iter().map(|p| p.1.len()).sum::<usize>();
    assert_eq!(count(&text), count(&base), "every claim payment is read");
}
