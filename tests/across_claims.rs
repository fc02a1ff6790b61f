//! Checks that look back over the claims of a file: pairs, units, visits and repeats of one patient, by one provider, on one day.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use claimloop::codes::{CodeSets, Content, Kind, Pair, Pairs, Row, Table};
use claimloop::edits::EditSet;
use claimloop::scrub::{self, Other, Report, Settings};
use jiff::civil::date;

const BASE: &str = include_str!("../config/edits/bases/837p-office.edi");

/// A claim of one line: number, code with modifiers, day, rendering provider.
fn claim(n: usize, code: &str, day: &str, provider: &str) -> String {
    format!(
        "CLM*CLAIM-{n}*50***11:B:1*Y*A*Y*Y~\nHI*ABK:I10~\nNM1*82*1*SAMPLEDOC*ALEX****XX*{provider}~\nPRV*PE*PXC*207Q00000X~\n\
         LX*1~\nSV1*HC:{code}*50*UN*1***1~\nDTP*472*D8*{day}~\nREF*6R*L{n}~\n"
    )
}

const PROVIDER: &str = "1000000020";

fn file(claims: &str) -> Vec<u8> {
    let (head, rest) = BASE.split_once("CLM*").unwrap();
    let (_, tail) = rest.split_once("SE*").unwrap();
    let behind = tail.split_once('*').unwrap().1;
    let set = head.split_once("\nST*").unwrap().1;
    let segments = set.matches('~').count() + claims.matches('~').count() + 1;
    format!("{head}{claims}SE*{segments}*{behind}").into_bytes()
}

fn edits() -> EditSet {
    let pair = |a: &str, b: &str, value| Pair::new(a.as_bytes(), b.as_bytes(), (None, None), value).unwrap();
    let row =
        |code: &str, note: &str| Row { code: code.to_owned(), from: None, to: None, note: note.to_owned() };
    let pairs = Pairs::new(vec![pair("99213", "93000", 1), pair("99214", "93000", 0)]);
    let limits = Table::of_rows(&[row("93005", "2 3")]).unwrap();
    let fees = Table::of_rows(&[row("11719", "0 000 0 0")]).unwrap();
    let sets = CodeSets::shipped()
        .with(Kind::NcciPractitioner, Content::Pairs(pairs), "")
        .with(Kind::MuePractitioner, Content::Codes(limits), "")
        .with(Kind::FeeSchedule, Content::Codes(fees), "");
    EditSet::shipped().unwrap().with_codes(sets)
}

fn report(claims: &str, threads: usize) -> Report {
    let settings = Settings { today: date(2026, 11, 21), threads, other: Other::Pass };
    scrub::scrub(&file(claims), &edits(), settings).unwrap().0
}

fn found(claims: &str) -> Vec<(String, String)> {
    let report = report(claims, 1);
    assert!(report.rejections.is_empty() && report.findings.is_empty(), "{:?}", report.rejections);
    let of = |v: scrub::Verdict| {
        v.findings.into_iter().map(move |f| (v.claim.to_string(), f.edit)).collect::<Vec<_>>()
    };
    report.verdicts.into_iter().flat_map(of).collect()
}

fn says(claims: &str, claim: &str, edit: &str) {
    assert_eq!(found(claims), [(claim.to_owned(), edit.to_owned())], "{claims}");
}

#[test]
fn the_later_claim_is_told() {
    let day = "20261005";
    let both = |a: &str, b: &str| claim(1, a, day, PROVIDER) + &claim(2, b, day, PROVIDER);
    says(&both("99213", "93000"), "CLAIM-2", "E6-002");
    says(&both("93000", "99213"), "CLAIM-2", "E6-002");
    says(&both("99214", "93000:59"), "CLAIM-2", "E6-001");
    says(&both("11719", "99212"), "CLAIM-2", "E6-005");
    says(&both("99203", "99203"), "CLAIM-2", "E6-035");
    let three = both("93005:59", "93005:XU") + &claim(3, "93005:76", day, PROVIDER);
    says(&three, "CLAIM-3", "E6-003");
}

/// The same claim, replacing an earlier one.
fn replaced(claim: &str) -> String {
    claim.replace("11:B:1*", "11:B:7*").replacen("HI*", "REF*F8*PAYERNUMBER1~\nHI*", 1)
}

#[test]
fn what_stands_apart_is_not() {
    let day = "20261005";
    for (a, b) in [
        (claim(1, "99213:25", day, PROVIDER), claim(2, "93000", day, PROVIDER)),
        (claim(1, "99213", day, PROVIDER), claim(2, "93000", "20261006", PROVIDER)),
        (claim(1, "99213", day, PROVIDER), claim(2, "93000", day, "1000000103")),
        (claim(1, "99203", day, PROVIDER), claim(2, "99203:76", day, PROVIDER)),
        (claim(1, "93005", day, PROVIDER), claim(2, "93005:59", day, PROVIDER)),
        (claim(1, "99203", day, PROVIDER), replaced(&claim(2, "99203", day, PROVIDER))),
    ] {
        let claims = a + &b;
        assert_eq!(found(&claims), [], "{claims}");
    }
}

/// Claims of the same patient that have nothing to do with one another.
fn between(from: usize, count: usize) -> String {
    let days = (0..).map(|n| date(2021, 1, 1).checked_add(jiff::Span::new().days(n % 1_500)).unwrap());
    let code = |n: usize| format!("{}", 99_202 + n / 1_500);
    (from..from + count)
        .zip(days)
        .map(|(n, day)| claim(n, &code(n - from), &day.strftime("%Y%m%d").to_string(), PROVIDER))
        .collect()
}

#[test]
fn it_looks_back_five_thousand_claims_and_no_further() {
    for (count, wanted) in [(4_998, 1), (5_000, 0)] {
        let claims = claim(1, "99214", "20261005", PROVIDER)
            + &between(2, count)
            + &claim(count + 2, "93000", "20261005", PROVIDER);
        let found = found(&claims);
        // More than a hundred claims of a patient are told too.
        let own: Vec<_> = found.iter().filter(|(_, edit)| edit.starts_with("E6")).collect();
        assert_eq!(own.len(), wanted, "{count}: {own:?}");
    }
}

#[test]
fn any_number_of_threads_finds_the_same() {
    let mut claims = String::new();
    for n in 0..1_500 {
        let day = format!("202610{:02}", n / 50 % 28 + 1);
        let code = ["99213", "93000", "93005", "99214", "11719", "99212"][n % 6];
        claims += &claim(n, code, &day, if n % 4 == 0 { "1000000103" } else { PROVIDER });
    }
    let one = serde_json::to_string(&report(&claims, 1)).unwrap();
    assert!(one.matches("E6-").count() > 300);
    for threads in [2, 3, 8] {
        assert!(one == serde_json::to_string(&report(&claims, threads)).unwrap(), "{threads} threads");
    }
}
