//! What an 835 means: remittance > claim payment > service payment > adjustment, with balances checked at each level. What names a
//! person is covered ([`crate::phi::Phi`]), and numbers of banks are not read at all.

mod balance;
mod code;
mod conflicts;
mod meaning;
mod party;
mod provider;
mod read;
mod totals;

use jiff::civil::Date;

pub use code::{Amount, Code, Quantity, Reference};
pub use meaning::{Leg, PaymentKey};
pub use party::{Contact, Named, Party};
pub use provider::{ProviderAdjustment, ProviderReason};
pub use read::{Sink, read};
pub use totals::{ClaimGroup, Inpatient, InpatientTotals, Outpatient, ProviderTotals};

use crate::x12::{Cents, Fault};

/// One 835 transaction set.
#[derive(Clone, Debug, Default)]
pub struct Remittance {
    /// TRN02: number of the check or transfer.
    pub trace: String,
    /// TRN03: who sends the money, as the bank knows it.
    pub origin: String,
    /// TRN04: its division.
    pub division: String,
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
    /// BPR, besides amount and date.
    pub payment: Payment,
    /// CUR02; empty means US dollars.
    pub currency: Code,
    /// REF*EV: for whom the remittance was made, where that is not the payee.
    pub receiver: String,
    /// REF*F2: version of the system that decided.
    pub version: String,
    /// DTM*405: day up to which claims were decided.
    pub produced: Option<Date>,
    /// Loop 1000A.
    pub payer_party: Party,
    /// Loop 1000B.
    pub payee_party: Party,
    /// LX, in order.
    pub groups: Vec<ClaimGroup>,
    /// Claim payments in order.
    pub claims: Vec<ClaimPayment>,
    /// PLB adjustments in order.
    pub provider: Vec<ProviderAdjustment>,
    /// What doesn't balance, with the loop it stands in.
    pub faults: Vec<(&'static str, Fault)>,
    /// What else the payer says against itself, with the loop it stands in; the amounts balance nevertheless.
    pub conflicts: Vec<(&'static str, Fault)>,
    /// Place of BPR: ordinal in the set, byte in the file.
    pub bpr: (u32, u64),
    /// True when ISA15 says test.
    pub test: bool,
    /// SHA-256 over its segments, hex: the same payment is the same, whatever file brings it.
    pub identity: String,
}

/// How money moves (BPR).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payment {
    /// BPR01: `I` remittance only, `C` or `D` or `U` or `X` money too, `P` prenotification, `H` notice only.
    pub handling: Code,
    /// BPR03: `C` credit, `D` debit.
    pub flag: Code,
    /// BPR04: `ACH`, `BOP`, `CHK`, `FWT`, `NON`.
    pub method: Code,
    /// BPR05: `CCP` or `CTX`.
    pub format: Code,
    /// BPR10: who sends the money; the same as TRN03.
    pub origin: String,
    /// BPR11: the same as TRN04.
    pub division: String,
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
    /// CLP06: kind of insurance, as SBR09 has it.
    pub filing: Code,
    /// CLP07.
    pub payer_claim: String,
    /// CLP08: place of service, or the first two digits of the type of bill.
    pub facility: Code,
    /// CLP09: third digit of the type of bill.
    pub frequency: Code,
    /// CLP10: patient status; the guide doesn't use it.
    pub patient_status: Code,
    /// CLP11.
    pub drg: Code,
    /// CLP12: weight of the DRG, in millionths.
    pub drg_weight: Option<i64>,
    /// CLP13: share of the DRG that is paid, in millionths.
    pub discharge_fraction: Option<i64>,
    /// CLP14: consent of the patient; the guide doesn't use it.
    pub consent: Code,
    /// Claim-level CAS.
    pub adjustments: Vec<Adjustment>,
    /// RARCs of MIA and MOA.
    pub rarcs: Vec<String>,
    /// MIA.
    pub inpatient: Option<Box<Inpatient>>,
    /// MOA.
    pub outpatient: Option<Box<Outpatient>>,
    /// NM1 in order.
    pub names: Vec<Named>,
    /// REF in order.
    pub references: Vec<Reference>,
    /// PER in order.
    pub contacts: Vec<Contact>,
    /// AMT in order.
    pub amounts: Vec<Amount>,
    /// QTY in order.
    pub quantities: Vec<Quantity>,
    /// Service payments in order.
    pub lines: Vec<ServicePayment>,
    /// Claim-level DTM*232 to DTM*233.
    pub dates: Option<(Date, Date)>,
    /// DTM*036: last day of coverage.
    pub coverage_end: Option<Date>,
    /// DTM*050: day the payer received the claim.
    pub received: Option<Date>,
    /// Ordinal in the set, byte in the file.
    pub place: (u32, u64),
}

/// SVC and what belongs to it (loop 2110).
#[derive(Clone, Debug, Default)]
pub struct ServicePayment {
    /// SVC01-1: `HC` a HCPCS or CPT code, `AD` a dental one, `NU` a revenue code, `N4` a drug, ...
    pub kind: Code,
    /// SVC01-2.
    pub procedure: String,
    /// SVC01-3 to SVC01-6.
    pub modifiers: Vec<String>,
    /// SVC02 in cents.
    pub charge: Cents,
    /// SVC03 in cents.
    pub paid: Cents,
    /// SVC04: revenue code beside the procedure.
    pub revenue: Code,
    /// SVC05: units paid, in millionths; absent means one.
    pub units: Option<i64>,
    /// SVC06: what was billed, where another was paid.
    pub billed: Option<Box<Billed>>,
    /// SVC07: units billed, in millionths, where others were paid.
    pub billed_units: Option<i64>,
    /// CAS.
    pub adjustments: Vec<Adjustment>,
    /// LQ*HE.
    pub rarcs: Vec<String>,
    /// LQ*RX: reasons as pharmacies have them.
    pub drug_reasons: Vec<String>,
    /// DTM*472, or DTM*150 to DTM*151.
    pub dates: Option<(Date, Date)>,
    /// REF*6R.
    pub control: String,
    /// REF in order, but for REF*6R.
    pub references: Vec<Reference>,
    /// AMT in order.
    pub amounts: Vec<Amount>,
    /// QTY in order.
    pub quantities: Vec<Quantity>,
    /// Ordinal in the set, byte in the file.
    pub place: (u32, u64),
}

/// SVC06: the procedure as it was billed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Billed {
    /// SVC06-1.
    pub kind: Code,
    /// SVC06-2.
    pub code: String,
    /// SVC06-3 to SVC06-6.
    pub modifiers: Vec<String>,
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
    /// Units or days it takes away, in millionths.
    pub quantity: Option<i64>,
}

impl Remittance {
    /// True when nothing is out of balance.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        self.faults.is_empty()
    }

    /// The claim payments of a group of LX.
    #[must_use]
    pub fn of_group(&self, group: usize) -> &[ClaimPayment] {
        let first = self.groups.get(group).map_or(self.claims.len(), |g| g.first);
        let end = self.groups.get(group + 1).map_or(self.claims.len(), |g| g.first);
        self.claims.get(first..end).unwrap_or_default()
    }
}

/// ISO week of a date as reports print it: `2026-W46`.
#[must_use]
pub fn week(date: Date) -> String {
    let iso = date.iso_week_date();
    format!("{:04}-W{:02}", iso.year(), iso.week())
}
