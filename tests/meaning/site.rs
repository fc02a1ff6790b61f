//! What a site adds to the shipped edits: code sets of its own, small ones, under which the originals are clean, and payer packs.

use claimloop::codes::{CodeSets, Content, Kind, Pair, Pairs, Row, Table};
use claimloop::edits::EditSet;
use claimloop::payers::Payers;
use jiff::civil::{Date, date};

const SINCE: Date = date(2000, 1, 1);

/// Procedures that ended before any service of the originals, one of each kind.
pub const ENDED: [&str; 3] = ["J0001", "99201", "D0999"];

const CPT: &[&str] = &[
    "11200", "20610", "27130", "27236", "27447", "29881", "36415", "36416", "92012", "92083", "93000",
    "93005", "93041", "93320", "94760", "99205", "99213", "99214", "99215", "99417", "99499",
];
const HCPCS: &[&str] = &["E0601", "G0463", "J1100", "J2003", "J9000", "J9355", "K0823"];
const CDT: &[&str] = &["D0120", "D2391"];
const REVENUE: &[&str] = &["0120", "0128", "0250", "0510", "0730"];
const BILLS: &[&str] = &["11", "12", "13", "18", "21", "41"];
const TAXONOMY: &[&str] =
    &["207Q00000X", "282N00000X", "207R00000X", "122300000X", "1223G0001X", "1223S0112X"];

/// Two services of which only one is paid, and with 1 both where a modifier sets one apart.
pub const PAIRS: &[(&str, &str, u8)] =
    &[("99213", "36415", 0), ("93000", "36416", 0), ("93041", "93000", 1), ("99213", "94760", 1)];
pub const HOSPITAL_PAIRS: &[(&str, &str, u8)] =
    &[("G0463", "36415", 0), ("36416", "93005", 0), ("93005", "93041", 1), ("G0463", "94760", 1)];
/// Most units, then 1 for a line and 2 or 3 for a day.
pub const UNITS: &[(&str, i64, u8)] = &[("99213", 1, 3), ("93000", 2, 1)];
pub const HOSPITAL_UNITS: &[(&str, i64, u8)] = &[("G0463", 1, 2), ("93005", 4, 2)];
/// Services that only add to one.
pub const ADD_ONS: &[(&str, &str)] = &[("93320", "93303"), ("99417", "99215")];
/// NPIs that prove their last digit: one in no list, one of a provider who is excluded.
pub const UNLISTED: &str = "1000000186";
pub const EXCLUDED: &str = "1000000996";
/// NPIs of the originals: of persons, of organizations, and of either.
const PERSONS: &[&str] = &[
    "1000000020",
    "1000000046",
    "1000000061",
    "1000000079",
    "1000000087",
    "1000000103",
    "1000000111",
    "1000000152",
    "1000000160",
    "1000000178",
];
const ORGANIZATIONS: &[&str] = &["1000000012", "1000000038", "1000000053", "1000000095"];
const EITHER: &[&str] = &["1000000129", "1000000137", "1000000145", EXCLUDED];
/// Days that a procedure's fee covers.
pub const DAYS: &[(&str, &str)] =
    &[("20610", "000"), ("11200", "010"), ("27236", "090"), ("29881", "090"), ("93000", "XXX")];

fn row(code: &str, to: Option<Date>, note: &str) -> Row {
    Row { code: code.to_owned(), from: Some(SINCE), to, note: note.to_owned() }
}

fn table(rows: impl IntoIterator<Item = Row>) -> Content {
    let rows: Vec<Row> = rows.into_iter().collect();
    Content::Codes(Table::of_rows(&rows).unwrap())
}

fn codes(codes: &[&str], ended: Option<&str>) -> Content {
    let ended = ended.map(|code| row(code, Some(date(2020, 12, 31)), ""));
    table(codes.iter().map(|code| row(code, None, "")).chain(ended))
}

fn pairs(pairs: impl IntoIterator<Item = (&'static str, &'static str, u8)>) -> Content {
    let pair = |(a, b, n): (&str, &str, u8)| Pair::new(a.as_bytes(), b.as_bytes(), (Some(SINCE), None), n);
    Content::Pairs(Pairs::new(pairs.into_iter().map(|p| pair(p).unwrap()).collect()))
}

fn limits(limits: &[(&str, i64, u8)]) -> Content {
    table(limits.iter().map(|(code, most, per)| row(code, None, &format!("{most} {per}"))))
}

/// The shipped edits, with code sets and with packs for every payer.
pub fn edits() -> EditSet {
    let add_ons = ADD_ONS.iter().map(|(more, primary)| (*more, *primary, 1));
    let fees = DAYS.iter().map(|(code, days)| row(code, None, &format!("0 {days} 0 0")));
    let fees = fees.chain([row("92083", None, "1 XXX 0 2")]);
    let npis = |all: &[&str], entity: &str| all.iter().map(|npi| row(npi, None, entity)).collect::<Vec<_>>();
    let npis = [npis(PERSONS, "1"), npis(ORGANIZATIONS, "2"), npis(EITHER, "")].concat();
    let revenue = [row("93005", None, "0480 0730"), row("G0463", None, "0510")];
    let sets = [
        (Kind::Hcpcs, codes(HCPCS, Some(ENDED[0]))),
        (Kind::Cpt, codes(CPT, Some(ENDED[1]))),
        (Kind::Cdt, codes(CDT, Some(ENDED[2]))),
        (Kind::RevenueCode, codes(REVENUE, Some("0101"))),
        (Kind::BillType, codes(BILLS, Some("73"))),
        (Kind::Taxonomy, codes(TAXONOMY, Some("207QA0000X"))),
        (Kind::NcciPractitioner, pairs(PAIRS.iter().copied())),
        (Kind::NcciHospital, pairs(HOSPITAL_PAIRS.iter().copied())),
        (Kind::MuePractitioner, limits(UNITS)),
        (Kind::MueHospital, limits(HOSPITAL_UNITS)),
        (Kind::AddOn, pairs(add_ons)),
        (Kind::FeeSchedule, table(fees)),
        (Kind::Npi, table(npis)),
        (Kind::Exclusion, codes(&[EXCLUDED], None)),
        (Kind::Ndc, codes(&["00000000001", "00000000002"], None)),
        (Kind::NdcHcpcs, table([row("00000000002", None, "J2003")])),
        (Kind::CoveredDiagnosis, table(["93000", "93005"].map(|code| row(code, None, "R000 R001")))),
        (Kind::RevenueHcpcs, table(revenue)),
        (Kind::SingleDoseDrug, codes(&["J2003"], None)),
        (Kind::InpatientOnly, codes(&["27236"], None)),
    ];
    let sets = sets.into_iter().fold(CodeSets::shipped(), |all, (kind, set)| all.with(kind, set, ""));
    EditSet::shipped().unwrap().with_codes(sets).with_payers(Payers::shipped().unwrap().complete())
}
