//! Totals and settlement amounts a payer states beside its payments: LX with TS3 and TS2, MIA, MOA.

use jiff::civil::Date;

use crate::x12::Cents;

/// LX: claim payments of one provider and kind of bill (loop 2000).
#[derive(Clone, Debug, Default)]
pub struct ClaimGroup {
    /// LX01.
    pub number: String,
    /// Index in [`super::Remittance::claims`] of its first claim payment; they go to the next group's first.
    pub first: usize,
    /// TS3.
    pub provider: Option<Box<ProviderTotals>>,
    /// TS2.
    pub inpatient: Option<Box<InpatientTotals>>,
    /// Of TS3, else of LX: ordinal in the set, byte in the file.
    pub place: (u32, u64),
}

/// TS3: what the payer counts in a group of claims. Amounts in cents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderTotals {
    /// TS301, the provider.
    pub provider: String,
    /// TS302, facility type.
    pub facility: String,
    /// TS303, last day of the provider's fiscal year.
    pub fiscal_end: Option<Date>,
    /// TS304, claims.
    pub claims: Option<i64>,
    /// TS305, charges.
    pub charge: Option<Cents>,
    /// TS313, paid by who pays before Medicare.
    pub first_payer: Option<Cents>,
    /// TS315, charges not of laboratories.
    pub not_laboratory: Option<Cents>,
    /// TS317, charges that HCPCS codes report.
    pub hcpcs_charge: Option<Cents>,
    /// TS318, payable by HCPCS codes.
    pub hcpcs_payable: Option<Cents>,
    /// TS320, professional component.
    pub professional: Option<Cents>,
    /// TS321, patient liability met before Medicare.
    pub first_payer_liability: Option<Cents>,
    /// TS322, refunded to patients.
    pub patient_refund: Option<Cents>,
    /// TS323, claims paid by periodic interim payments.
    pub interim_claims: Option<i64>,
    /// TS324, adjusted by periodic interim payments.
    pub interim_adjustment: Option<Cents>,
}

/// TS2: more of it for stays. Amounts in cents, numbers of days and stays in millionths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InpatientTotals {
    /// TS201.
    pub drg: Option<Cents>,
    /// TS202.
    pub federal_specific: Option<Cents>,
    /// TS203.
    pub hospital_specific: Option<Cents>,
    /// TS204.
    pub disproportionate_share: Option<Cents>,
    /// TS205.
    pub capital: Option<Cents>,
    /// TS206.
    pub indirect_education: Option<Cents>,
    /// TS207.
    pub outlier_days: Option<i64>,
    /// TS208.
    pub day_outlier: Option<Cents>,
    /// TS209.
    pub cost_outlier: Option<Cents>,
    /// TS210.
    pub average_stay: Option<i64>,
    /// TS211.
    pub discharges: Option<i64>,
    /// TS212.
    pub cost_report_days: Option<i64>,
    /// TS213.
    pub covered_days: Option<i64>,
    /// TS214.
    pub days_not_covered: Option<i64>,
    /// TS215.
    pub first_payer_passthrough: Option<Cents>,
    /// TS216.
    pub average_weight: Option<i64>,
    /// TS217.
    pub capital_federal: Option<Cents>,
    /// TS218.
    pub capital_hospital: Option<Cents>,
    /// TS219.
    pub capital_disproportionate: Option<Cents>,
}

/// MIA: how a stay was priced. Amounts in cents, days in millionths; its remarks stand in [`super::ClaimPayment::rarcs`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inpatient {
    /// MIA01, covered days or visits.
    pub covered_days: Option<i64>,
    /// MIA02.
    pub outlier: Option<Cents>,
    /// MIA03, lifetime psychiatric days.
    pub psychiatric_days: Option<i64>,
    /// MIA04.
    pub drg: Option<Cents>,
    /// MIA06.
    pub disproportionate_share: Option<Cents>,
    /// MIA07.
    pub first_payer_passthrough: Option<Cents>,
    /// MIA08, capital in all.
    pub capital: Option<Cents>,
    /// MIA09, its federal part.
    pub capital_federal: Option<Cents>,
    /// MIA10, its hospital part.
    pub capital_hospital: Option<Cents>,
    /// MIA11.
    pub capital_disproportionate: Option<Cents>,
    /// MIA12.
    pub old_capital: Option<Cents>,
    /// MIA13.
    pub capital_education: Option<Cents>,
    /// MIA14.
    pub hospital_specific: Option<Cents>,
    /// MIA15.
    pub cost_report_days: Option<i64>,
    /// MIA16.
    pub federal_specific: Option<Cents>,
    /// MIA17.
    pub capital_outlier: Option<Cents>,
    /// MIA18.
    pub indirect_education: Option<Cents>,
    /// MIA19, professional component that isn't paid.
    pub professional: Option<Cents>,
    /// MIA24.
    pub capital_exception: Option<Cents>,
}

/// MOA: how an outpatient or professional claim was priced; its remarks stand in [`super::ClaimPayment::rarcs`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outpatient {
    /// MOA01, share of the charge that is paid, in millionths.
    pub rate: Option<i64>,
    /// MOA02, payable by HCPCS codes, cents.
    pub hcpcs_payable: Option<Cents>,
    /// MOA08, end-stage renal disease, cents.
    pub renal: Option<Cents>,
    /// MOA09, professional component that isn't paid, cents.
    pub professional: Option<Cents>,
}
