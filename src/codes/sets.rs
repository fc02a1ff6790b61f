//! The code sets there are, and which of them a site has: those compiled in, and later those it imports.

use std::io::Read;
use std::sync::LazyLock;

use jiff::civil::Date;

use super::table::{Answer, Table};

/// A code set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Kind {
    #[serde(rename = "icd-10-cm")]
    Icd10cm,
    #[serde(rename = "icd-10-pcs")]
    Icd10pcs,
    Hcpcs,
    Pos,
    Modifier,
    RevenueCode,
    ConditionCode,
    OccurrenceCode,
    OccurrenceSpanCode,
    ValueCode,
    PatientStatus,
    BillFrequency,
    AdmissionType,
    PointOfOrigin,
    State,
    Taxonomy,
    ClaimStatus,
    ClaimStatusCategory,
}

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
struct Shipped {
    kind: Kind,
    standing: Standing,
    table: LazyLock<Table>,
}

macro_rules! shipped {
    ($($kind:ident $standing:ident $file:literal $start:expr),* $(,)?) => {
        [$(Shipped {
            kind: Kind::$kind,
            standing: Standing::$standing,
            table: LazyLock::new(|| read(include_bytes!(concat!("../../config/codes/", $file)), $start)),
        }),*]
    };
}

/// First day of ICD-10 in the United States.
const ICD_10: Option<Date> = Some(Date::constant(2015, 10, 1));

static SHIPPED: [Shipped; 15] = shipped![
    Icd10cm Dated "icd10cm.csv.gz" ICD_10,
    Icd10pcs Dated "icd10pcs.csv.gz" ICD_10,
    Pos Bare "pos.csv" None,
    Modifier Bare "modifiers.csv" None,
    ConditionCode Bare "condition_codes.csv" None,
    OccurrenceCode Bare "occurrence_codes.csv" None,
    OccurrenceSpanCode Bare "occurrence_span_codes.csv" None,
    ValueCode Bare "value_codes.csv" None,
    PatientStatus Bare "patient_status.csv" None,
    BillFrequency Bare "bill_frequency.csv" None,
    AdmissionType Bare "admission_type.csv" None,
    PointOfOrigin Bare "point_of_origin.csv" None,
    State Bare "states.csv" None,
    ClaimStatus Bare "claim_status.csv" None,
    ClaimStatusCategory Bare "claim_status_category.csv" None,
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

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 18] = [
        Kind::Icd10cm,
        Kind::Icd10pcs,
        Kind::Hcpcs,
        Kind::Pos,
        Kind::Modifier,
        Kind::RevenueCode,
        Kind::ConditionCode,
        Kind::OccurrenceCode,
        Kind::OccurrenceSpanCode,
        Kind::ValueCode,
        Kind::PatientStatus,
        Kind::BillFrequency,
        Kind::AdmissionType,
        Kind::PointOfOrigin,
        Kind::State,
        Kind::Taxonomy,
        Kind::ClaimStatus,
        Kind::ClaimStatusCategory,
    ];

    /// As edits and reports spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Icd10cm => "icd-10-cm",
            Kind::Icd10pcs => "icd-10-pcs",
            Kind::Hcpcs => "hcpcs",
            Kind::Pos => "pos",
            Kind::Modifier => "modifier",
            Kind::RevenueCode => "revenue-code",
            Kind::ConditionCode => "condition-code",
            Kind::OccurrenceCode => "occurrence-code",
            Kind::OccurrenceSpanCode => "occurrence-span-code",
            Kind::ValueCode => "value-code",
            Kind::PatientStatus => "patient-status",
            Kind::BillFrequency => "bill-frequency",
            Kind::AdmissionType => "admission-type",
            Kind::PointOfOrigin => "point-of-origin",
            Kind::State => "state",
            Kind::Taxonomy => "taxonomy",
            Kind::ClaimStatus => "claim-status",
            Kind::ClaimStatusCategory => "claim-status-category",
        }
    }

    fn shipped(self) -> Option<&'static Shipped> {
        SHIPPED.iter().find(|s| s.kind == self)
    }

    /// What the set at hand can vouch for.
    #[must_use]
    pub fn standing(self) -> Standing {
        self.shipped().map_or(Standing::Absent, |s| s.standing)
    }

    /// The set at hand.
    #[must_use]
    pub fn table(self) -> Option<&'static Table> {
        self.shipped().map(|s| &*s.table)
    }

    /// What the set at hand says of a code; `None` where there is none.
    #[must_use]
    pub fn on(self, code: &[u8], day: Date) -> Option<Answer> {
        self.table().map(|t| t.on(code, day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn every_shipped_set_reads() {
        for kind in Kind::ALL {
            let codes = kind.table().map_or(0, Table::len);
            assert_eq!(codes == 0, kind.standing() == Standing::Absent, "{}", kind.name());
        }
        assert_eq!(Kind::Icd10cm.table().map(Table::len), Some(75_909));
        assert_eq!(Kind::Icd10pcs.table().map(Table::len), Some(82_508));
    }

    #[test]
    fn knows_codes_and_their_days() {
        let on = |kind: Kind, code: &str, day| kind.on(code.as_bytes(), day);
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
        assert_eq!(on(Kind::Pos, "11", date(2026, 1, 1)), Some(Answer::Valid));
        assert_eq!(on(Kind::Hcpcs, "J1100", date(2026, 1, 1)), None);
    }
}
