//! Which code sets a site has: those compiled in, and those it imported.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::LazyLock;

use jiff::civil::Date;

use super::kind::Kind;
use super::pairs::Pairs;
use super::table::{Answer, Table};

/// What a set can vouch for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its publisher's list with its dates.
    Dated,
    /// Bare numbers, without dates and perhaps not the newest: what it doesn't know may still be right.
    Bare,
    /// Not there: nothing is checked against it.
    Absent,
}

/// What comes with the binary.
#[derive(Debug)]
pub struct Shipped {
    kind: Kind,
    standing: Standing,
    /// Of which time it is.
    pub vintage: &'static str,
    table: LazyLock<Table>,
}

/// What an imported set holds.
#[derive(Debug)]
pub enum Content {
    /// Codes.
    Codes(Table),
    /// Pairs.
    Pairs(Pairs),
}

/// The code sets at hand. An imported set stands for the shipped one of its kind.
#[derive(Debug, Default)]
pub struct CodeSets {
    imported: BTreeMap<Kind, (Content, String)>,
}

macro_rules! shipped {
    ($($kind:ident $standing:ident $vintage:literal $file:literal $start:expr),* $(,)?) => {
        [$(Shipped {
            kind: Kind::$kind,
            standing: Standing::$standing,
            vintage: $vintage,
            table: LazyLock::new(|| read(include_bytes!(concat!("../../config/codes/", $file)), $start)),
        }),*]
    };
}

/// First day of ICD-10 in the United States.
const ICD_10: Option<Date> = Some(Date::constant(2015, 10, 1));

static SHIPPED: [Shipped; 19] = shipped![
    Icd10cm Dated "FY2027" "icd10cm.csv.gz" ICD_10,
    Icd10pcs Dated "FY2027" "icd10pcs.csv.gz" ICD_10,
    DiagnosisAttribute Dated "FY2027" "icd10cm_attributes.csv.gz" ICD_10,
    Excludes1 Bare "April 2026" "icd10cm_excludes1.csv.gz" None,
    Carc Bare "to CARC 305" "carc.csv" None,
    Rarc Bare "to RARC N911" "rarc.csv" None,
    Pos Bare "2024" "pos.csv" None,
    Modifier Bare "2026" "modifiers.csv" None,
    ConditionCode Bare "2024" "condition_codes.csv" None,
    OccurrenceCode Bare "2024" "occurrence_codes.csv" None,
    OccurrenceSpanCode Bare "2024" "occurrence_span_codes.csv" None,
    ValueCode Bare "2024" "value_codes.csv" None,
    PatientStatus Bare "2024" "patient_status.csv" None,
    BillFrequency Bare "2024" "bill_frequency.csv" None,
    AdmissionType Bare "2024" "admission_type.csv" None,
    PointOfOrigin Bare "2024" "point_of_origin.csv" None,
    State Bare "2024" "states.csv" None,
    ClaimStatus Bare "to 771" "claim_status.csv" None,
    ClaimStatusCategory Bare "2026" "claim_status_category.csv" None,
];

/// Compiled in and read by a test: a failure can't reach a user.
fn read(bytes: &[u8], start: Option<Date>) -> Table {
    let mut text = String::new();
    let _read = match bytes {
        [0x1F, 0x8B, ..] => flate2::read::GzDecoder::new(bytes).read_to_string(&mut text),
        mut plain => plain.read_to_string(&mut text),
    };
    Table::read(&text, start).unwrap_or_else(|_| Table::empty())
}

impl Content {
    /// How many of its codes are valid on a day; of pairs all count.
    #[must_use]
    pub fn valid_on(&self, day: Date) -> usize {
        match self {
            Content::Codes(table) => table.valid_on(day),
            Content::Pairs(pairs) => pairs.len(),
        }
    }
}

impl CodeSets {
    /// Those compiled in.
    #[must_use]
    pub fn shipped() -> CodeSets {
        CodeSets::default()
    }

    /// The same with an imported set, whose data has this SHA-256.
    #[must_use]
    pub fn with(mut self, kind: Kind, content: Content, sha256: &str) -> CodeSets {
        self.imported.insert(kind, (content, sha256.to_owned()));
        self
    }

    /// Names and hashes of the imported sets: with the edits they are what *clean* means.
    pub fn imported(&self) -> impl Iterator<Item = (Kind, &str)> {
        self.imported.iter().map(|(kind, (_, sha256))| (*kind, sha256.as_str()))
    }

    /// What comes with the binary of a kind.
    #[must_use]
    pub fn compiled_in(kind: Kind) -> Option<&'static Shipped> {
        SHIPPED.iter().find(|s| s.kind == kind)
    }

    /// What the set at hand can vouch for.
    #[must_use]
    pub fn standing(&self, kind: Kind) -> Standing {
        match self.imported.get(&kind) {
            Some(_) => Standing::Dated,
            None => CodeSets::compiled_in(kind).map_or(Standing::Absent, |s| s.standing),
        }
    }

    /// The codes at hand.
    #[must_use]
    pub fn table(&self, kind: Kind) -> Option<&Table> {
        match self.imported.get(&kind) {
            Some((Content::Codes(table), _)) => Some(table),
            Some((Content::Pairs(_), _)) => None,
            None => CodeSets::compiled_in(kind).map(|s| &*s.table),
        }
    }

    /// The pairs at hand.
    #[must_use]
    pub fn pairs(&self, kind: Kind) -> Option<&Pairs> {
        match self.imported.get(&kind) {
            Some((Content::Pairs(pairs), _)) => Some(pairs),
            _ => None,
        }
    }

    /// What the set at hand says of a code; `None` where there is none.
    #[must_use]
    pub fn on(&self, kind: Kind, code: &[u8], day: Date) -> Option<Answer> {
        self.table(kind).map(|t| t.on(code, day))
    }

    /// How many codes are valid on a day; of pairs all count.
    #[must_use]
    pub fn valid_on(&self, kind: Kind, day: Date) -> usize {
        match self.table(kind) {
            Some(table) => table.valid_on(day),
            None => self.pairs(kind).map_or(0, Pairs::len),
        }
    }

    /// How many codes or pairs there are.
    #[must_use]
    pub fn len(&self, kind: Kind) -> usize {
        self.pairs(kind).map(Pairs::len).or_else(|| self.table(kind).map(Table::len)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::{Row, Shape};
    use jiff::civil::date;

    #[test]
    fn every_shipped_set_reads() {
        let sets = CodeSets::shipped();
        for kind in Kind::ALL {
            assert_eq!(sets.len(*kind) == 0, sets.standing(*kind) == Standing::Absent, "{}", kind.name());
            assert!(kind.shape() == Shape::Codes || sets.standing(*kind) == Standing::Absent);
        }
        assert_eq!((sets.len(Kind::Icd10cm), sets.len(Kind::Icd10pcs)), (75_909, 82_508));
        assert_eq!((sets.len(Kind::DiagnosisAttribute), sets.len(Kind::Excludes1)), (46_939, 2_845));
    }

    #[test]
    fn knows_codes_and_their_days() {
        let sets = CodeSets::shipped();
        let on = |kind: Kind, code: &str, day| sets.on(kind, code.as_bytes(), day);
        assert_eq!(on(Kind::Icd10cm, "E119", date(2026, 10, 1)), Some(Answer::Valid));
        assert_eq!(
            on(Kind::Icd10cm, "E11", date(2026, 10, 1)),
            Some(Answer::Unknown),
            "a header is not billable"
        );
        assert_eq!(on(Kind::Icd10cm, "E11.9", date(2026, 10, 1)), Some(Answer::Unknown));
        assert!(matches!(on(Kind::Icd10cm, "A047", date(2018, 1, 1)), Some(Answer::OutOfDate { .. })));
        let ended = on(Kind::Icd10cm, "E119", date(2014, 1, 1));
        assert_eq!(ended, Some(Answer::OutOfDate { from: ICD_10, to: None }));
        let says = |code: &str, day| sets.table(Kind::DiagnosisAttribute).unwrap().note(code.as_bytes(), day);
        assert_eq!((says("M1712", date(2026, 1, 1)), says("E119", date(2026, 1, 1))), (Some("L"), None));
        assert_eq!((says("P030", date(2016, 9, 30)), says("P030", date(2016, 10, 1))), (Some("n"), None));
        assert_eq!(on(Kind::Pos, "11", date(2026, 1, 1)), Some(Answer::Valid));
        assert_eq!(on(Kind::Hcpcs, "J1100", date(2026, 1, 1)), None);
    }

    #[test]
    fn an_imported_set_stands_for_the_shipped_one() {
        let row = Row { code: "11".to_owned(), from: Some(date(2026, 1, 1)), to: None, note: String::new() };
        let sets = CodeSets::shipped().with(Kind::Pos, Content::Codes(Table::of_rows(&[row]).unwrap()), "");
        assert_eq!((sets.standing(Kind::Pos), sets.len(Kind::Pos)), (Standing::Dated, 1));
        assert!(matches!(sets.on(Kind::Pos, b"11", date(2025, 1, 1)), Some(Answer::OutOfDate { .. })));
    }
}
