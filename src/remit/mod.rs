//! What an 835 means: remittance > claim payment > service payment > adjustment, with balances checked at each level.

mod balance;
mod read;

use jiff::civil::Date;

pub use read::{Sink, read};

use crate::x12::{Cents, Fault};

/// One 835 transaction set.
#[derive(Clone, Debug, Default)]
pub struct Remittance {
    /// TRN02.
    pub trace: String,
    /// ST02.
    pub control: String,
    /// N1*PR: N104, else REF*2U, else TRN03, else N102.
    pub payer: String,
    /// N1*PE: N104, else N102.
    pub payee: String,
    /// BPR02 in cents.
    pub amount: Option<Cents>,
    /// BPR16, payment date.
    pub date: Option<Date>,
    /// Claim payments in order.
    pub claims: Vec<ClaimPayment>,
    /// PLB adjustments in order.
    pub provider: Vec<ProviderAdjustment>,
    /// What doesn't balance, with the loop it stands in.
    pub faults: Vec<(&'static str, Fault)>,
    /// Place of BPR: ordinal in the set, byte in the file.
    pub bpr: (u32, u64),
    /// True when ISA15 says test.
    pub test: bool,
    /// SHA-256 over its segments, hex: the same payment is the same, whatever file brings it.
    pub identity: String,
}

/// CLP and what belongs to it (loop 2100).
#[derive(Clone, Debug, Default)]
pub struct ClaimPayment {
    /// CLP01: our CLM01 as the payer echoes it.
    pub claim: String,
    /// CLP02.
    pub status: String,
    /// CLP03 in cents.
    pub charge: Cents,
    /// CLP04 in cents.
    pub paid: Cents,
    /// CLP05 in cents.
    pub patient_share: Cents,
    /// CLP07.
    pub payer_claim: String,
    /// Claim-level CAS.
    pub adjustments: Vec<Adjustment>,
    /// RARCs of MIA and MOA.
    pub rarcs: Vec<String>,
    /// Service payments in order.
    pub lines: Vec<ServicePayment>,
    /// Claim-level DTM*232 to DTM*233.
    pub dates: Option<(Date, Date)>,
    /// Ordinal in the set, byte in the file.
    pub place: (u32, u64),
}

/// SVC and what belongs to it (loop 2110).
#[derive(Clone, Debug, Default)]
pub struct ServicePayment {
    /// SVC01-2.
    pub procedure: String,
    /// SVC01-3 to SVC01-6.
    pub modifiers: Vec<String>,
    /// SVC02 in cents.
    pub charge: Cents,
    /// SVC03 in cents.
    pub paid: Cents,
    /// CAS.
    pub adjustments: Vec<Adjustment>,
    /// LQ*HE.
    pub rarcs: Vec<String>,
    /// DTM*472, or DTM*150 to DTM*151.
    pub dates: Option<(Date, Date)>,
    /// REF*6R.
    pub control: String,
    /// Ordinal in the set, byte in the file.
    pub place: (u32, u64),
}

/// One triplet of a CAS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adjustment {
    /// CAS01.
    pub group: String,
    /// CARC.
    pub carc: String,
    /// Cents; positive lowers the payment.
    pub amount: Cents,
}

/// One pair of a PLB.
#[derive(Clone, Debug, Default)]
pub struct ProviderAdjustment {
    /// PLB03-1 and its like.
    pub reason: String,
    /// Cents; positive lowers the payment.
    pub amount: Cents,
}

impl Remittance {
    /// True when nothing is out of balance.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        self.faults.is_empty()
    }
}

impl ClaimPayment {
    /// First and last date of service: the lines', else the claim's.
    #[must_use]
    pub fn service_dates(&self) -> Option<(Date, Date)> {
        let lines = self.lines.iter().filter_map(|l| l.dates).reduce(|(a, b), (c, d)| (a.min(c), b.max(d)));
        lines.or(self.dates)
    }
}

/// ISO week of a date as reports print it: `2026-W46`.
#[must_use]
pub fn week(date: Date) -> String {
    let iso = date.iso_week_date();
    format!("{:04}-W{:02}", iso.year(), iso.week())
}
