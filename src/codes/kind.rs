//! The code sets there are.

use std::str::FromStr;

/// How a set is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Codes with their days, and what else the set says of each: a [`super::Table`].
    Codes,
    /// Pairs of codes with their days and a number: [`super::Pairs`].
    Pairs,
}

macro_rules! kinds {
    ($($kind:ident $name:literal $shape:ident),* $(,)?) => {
        /// A code set.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[allow(missing_docs)]
        pub enum Kind {
            $(#[serde(rename = $name)] $kind),*
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Kind] = &[$(Kind::$kind),*];

            /// As edits, commands and reports spell it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Kind::$kind => $name),* }
            }

            /// How it is kept.
            #[must_use]
            pub fn shape(self) -> Shape {
                match self { $(Kind::$kind => Shape::$shape),* }
            }
        }
    };
}

kinds![
    Icd10cm "icd-10-cm" Codes,
    Icd10pcs "icd-10-pcs" Codes,
    DiagnosisAttribute "icd-10-cm-attribute" Codes,
    Excludes1 "icd-10-cm-excludes1" Codes,
    Hcpcs "hcpcs" Codes,
    Cpt "cpt" Codes,
    Cdt "cdt" Codes,
    NcciPractitioner "ncci-practitioner" Pairs,
    NcciHospital "ncci-hospital" Pairs,
    MuePractitioner "mue-practitioner" Codes,
    MueHospital "mue-hospital" Codes,
    MueSupplier "mue-supplier" Codes,
    AddOn "add-on" Pairs,
    FeeSchedule "fee-schedule" Codes,
    Npi "npi" Codes,
    Exclusion "exclusion" Codes,
    Ndc "ndc" Codes,
    NdcHcpcs "ndc-hcpcs" Codes,
    CoveredDiagnosis "covered-diagnosis" Codes,
    RevenueHcpcs "revenue-hcpcs" Codes,
    SingleDoseDrug "single-dose-drug" Codes,
    InpatientOnly "inpatient-only" Codes,
    Carc "carc" Codes,
    Rarc "rarc" Codes,
    Pos "pos" Codes,
    Modifier "modifier" Codes,
    RevenueCode "revenue-code" Codes,
    BillType "bill-type" Codes,
    ConditionCode "condition-code" Codes,
    OccurrenceCode "occurrence-code" Codes,
    OccurrenceSpanCode "occurrence-span-code" Codes,
    ValueCode "value-code" Codes,
    PatientStatus "patient-status" Codes,
    BillFrequency "bill-frequency" Codes,
    AdmissionType "admission-type" Codes,
    PointOfOrigin "point-of-origin" Codes,
    State "state" Codes,
    Taxonomy "taxonomy" Codes,
    ClaimStatus "claim-status" Codes,
    ClaimStatusCategory "claim-status-category" Codes,
];

impl Kind {
    /// True for sets whose use is what they say of a code, not that it exists: before its first day they say nothing.
    #[must_use]
    pub fn says_values(self) -> bool {
        matches!(
            self,
            Kind::MuePractitioner
                | Kind::MueHospital
                | Kind::MueSupplier
                | Kind::FeeSchedule
                | Kind::NdcHcpcs
                | Kind::CoveredDiagnosis
                | Kind::RevenueHcpcs
                | Kind::SingleDoseDrug
                | Kind::InpatientOnly
        )
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(name: &str) -> Result<Kind, String> {
        Kind::ALL.iter().copied().find(|k| k.name() == name).ok_or_else(|| {
            let names: Vec<&str> = Kind::ALL.iter().map(|k| k.name()).collect();
            format!("there is no code set {name:?}; there are {}", names.join(", "))
        })
    }
}
