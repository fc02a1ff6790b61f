//! What is known of one claim number: every claim we sent under it, every payment and every answer that names it. A set of facts: in
//! whatever order they came, and however often, it is the same.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::sent::SentClaim;
use crate::remit::{Adjustment, ClaimPayment, Remittance, ServicePayment};
use crate::x12::Cents;

/// What a fact is known by: the first half of a SHA-256 over what it says.
pub type FactId = [u8; 16];

/// All facts under one claim number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Story {
    /// CLM01, which comes back as CLP01.
    pub claim: String,
    /// Claims of ours, in order of file and position.
    pub sent: Vec<SentClaim>,
    /// Claim payments, by date and id.
    pub paid: Vec<Paid>,
    /// Answers, by date and id.
    pub told: Vec<Told>,
}

/// A claim payment, without what names a patient.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    /// The same in whatever file it comes: trace, payer and loop 2100 with its lines.
    pub id: FactId,
    /// The payer by the site's packs, else as the 835 identifies it.
    pub payer: String,
    /// TRN02.
    pub trace: String,
    /// BPR16.
    pub date: Option<Date>,
    /// False where its remittance doesn't balance.
    pub balanced: bool,
    /// True where it came by an import of old files alone: nobody is alerted to it.
    pub imported: bool,
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
    /// First and last date of service.
    pub dates: Option<(Date, Date)>,
    /// RARCs of MIA and MOA.
    pub rarcs: Vec<String>,
    /// CAS of the claim.
    pub adjustments: Vec<Adjusted>,
    /// Loop 2110, in order.
    pub lines: Vec<PaidLine>,
}

/// A service payment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaidLine {
    /// SVC01-2.
    pub procedure: String,
    /// SVC06-2: the code it was sent under, where the payer judged another.
    pub original: String,
    /// SVC01-3 to SVC01-6.
    pub modifiers: Vec<String>,
    /// SVC02 in cents.
    pub charge: Cents,
    /// SVC03 in cents.
    pub paid: Cents,
    /// What the payer allows, in cents.
    pub allowed: Cents,
    /// SVC05: units paid, in millionths; absent means one.
    pub units: Option<i64>,
    /// REF*6R.
    pub control: String,
    /// DTM*472 or DTM*150 and DTM*151.
    pub dates: Option<(Date, Date)>,
    /// LQ*HE.
    pub rarcs: Vec<String>,
    /// CAS.
    pub adjustments: Vec<Adjusted>,
}

/// One triplet of a CAS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjusted {
    /// CAS01.
    pub group: String,
    /// CARC.
    pub carc: String,
    /// Cents; positive lowers the payment.
    pub amount: Cents,
}

/// An answer to a claim: of a receiver to its transaction set, or to itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// What it is known by.
    pub id: FactId,
    /// `TA1`, `999`, `277CA`.
    pub kind: String,
    /// The day it was made.
    pub date: Option<Date>,
    /// Accepted, or rejected.
    pub accepted: bool,
    /// True of a payer's own answer, false of a clearinghouse's.
    pub by_payer: bool,
    /// Category, status, entity; TA105 or IK502 alone.
    pub statuses: Vec<(String, String, String)>,
    /// REF*1K.
    pub payer_claim: String,
    /// Charge of the claim that is meant, in cents, where it is said.
    pub charge: Option<Cents>,
    /// The claim that is meant, by file and position, where numbers lead to it.
    pub of: Option<(String, u64)>,
}

/// First half of the SHA-256 of parts, each with its length before it.
#[must_use]
pub fn fact_id(parts: &[&[u8]]) -> FactId {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    let mut id = FactId::default();
    id.iter_mut().zip(digest.finalize()).for_each(|(to, from)| *to = from);
    id
}

impl Story {
    /// A story without facts.
    #[must_use]
    pub fn of(claim: &str) -> Story {
        Story { claim: claim.to_owned(), ..Story::default() }
    }

    /// Adds a claim of ours, or takes its newer state over.
    pub fn send(&mut self, sent: SentClaim) {
        let key = |s: &SentClaim| (s.file.clone(), s.position);
        match self.sent.binary_search_by_key(&key(&sent), key) {
            Ok(at) => {
                if let Some(known) = self.sent.get_mut(at) {
                    *known = sent;
                }
            }
            Err(at) => self.sent.insert(at, sent),
        }
    }

    /// Adds a payment that isn't known. One that balances in some file does.
    pub fn pay(&mut self, paid: Paid) {
        match self.paid.iter_mut().find(|p| p.id == paid.id) {
            Some(known) => {
                known.balanced |= paid.balanced;
                known.imported &= paid.imported;
            }
            None => {
                let key = |p: &Paid| (p.date, p.id);
                let at = self.paid.partition_point(|p| key(p) < key(&paid));
                self.paid.insert(at, paid);
            }
        }
    }

    /// Adds an answer that isn't known.
    pub fn tell(&mut self, told: Told) {
        if self.told.iter().any(|t| t.id == told.id) {
            return;
        }
        let key = |t: &Told| (t.date, t.id);
        let at = self.told.partition_point(|t| key(t) < key(&told));
        self.told.insert(at, told);
    }

    /// True where nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sent.is_empty() && self.paid.is_empty() && self.told.is_empty()
    }
}

impl Paid {
    /// Claim payments of a remittance, with their claim numbers. Two that say the same in one remittance are two.
    #[must_use]
    pub fn all(remittance: &Remittance, payer: &str) -> Vec<(String, Paid)> {
        let mut all: Vec<(String, Paid)> = Vec::with_capacity(remittance.claims.len());
        let mut seen: std::collections::HashMap<FactId, u32> = std::collections::HashMap::new();
        for claim in &remittance.claims {
            let mut paid = Paid::of(remittance, claim, payer);
            let says = (&claim.claim, &remittance.payer, Paid { balanced: true, ..paid.clone() });
            let bytes = postcard::to_allocvec(&says).unwrap_or_default();
            let said = fact_id(&[&bytes]);
            let times = seen.entry(said).or_default();
            paid.id = fact_id(&[&said, &times.to_be_bytes()]);
            *times += 1;
            all.push((claim.claim.clone(), paid));
        }
        all
    }

    fn of(remittance: &Remittance, claim: &ClaimPayment, payer: &str) -> Paid {
        Paid {
            payer: payer.to_owned(),
            trace: remittance.trace.clone(),
            date: remittance.date,
            balanced: remittance.is_balanced(),
            ..Paid::from(claim)
        }
    }

    /// CLP02 = 22: takes an earlier payment back.
    #[must_use]
    pub fn is_reversal(&self) -> bool {
        self.status == "22"
    }
}

/// Alone, without the remittance it stands in.
impl From<&ClaimPayment> for Paid {
    fn from(claim: &ClaimPayment) -> Paid {
        Paid {
            balanced: true,
            status: claim.status.clone(),
            charge: claim.charge,
            paid: claim.paid,
            patient_share: claim.patient_share,
            payer_claim: claim.payer_claim.clone(),
            dates: claim.service_dates(),
            rarcs: claim.rarcs.clone(),
            adjustments: claim.adjustments.iter().map(Adjusted::of).collect(),
            lines: claim.lines.iter().map(PaidLine::of).collect(),
            ..Paid::default()
        }
    }
}

impl PaidLine {
    fn of(line: &ServicePayment) -> PaidLine {
        PaidLine {
            procedure: line.procedure.clone(),
            original: line.billed.as_ref().map(|b| b.code.clone()).unwrap_or_default(),
            modifiers: line.modifiers.clone(),
            charge: line.charge,
            paid: line.paid,
            allowed: line.allowed(),
            units: line.units,
            control: line.control.clone(),
            dates: line.dates,
            rarcs: line.rarcs.clone(),
            adjustments: line.adjustments.iter().map(Adjusted::of).collect(),
        }
    }
}

impl Adjusted {
    fn of(adjustment: &Adjustment) -> Adjusted {
        let Adjustment { group, carc, amount, .. } = adjustment;
        Adjusted { group: group.clone(), carc: carc.clone(), amount: *amount }
    }
}
