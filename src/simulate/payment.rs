//! A claim payment before it is written. Amounts are whole cents.

use super::claim::Claim;
use super::roster::Payer;
use super::truth::Denial;

/// Group code, CARC and the amount it takes off.
#[derive(Debug, Clone)]
pub(super) struct Adjustment {
    pub(super) group: String,
    pub(super) carc: String,
    pub(super) amount: i64,
}

impl Adjustment {
    pub(super) fn new(group: &str, carc: &str, amount: i64) -> Self {
        Self { group: group.to_owned(), carc: carc.to_owned(), amount }
    }

    /// The same reason for another amount.
    pub(super) fn of(&self, amount: i64) -> Self {
        Self::new(&self.group, &self.carc, amount)
    }
}

/// One service line as decided.
#[derive(Debug, Clone)]
pub(super) struct Settled {
    pub(super) charge: i64,
    pub(super) allowed: i64,
    pub(super) adjustments: Vec<Adjustment>,
    /// RARC, or empty.
    pub(super) remark: String,
}

impl Settled {
    /// SVC03.
    pub(super) fn paid(&self) -> i64 {
        self.charge - taken(&self.adjustments)
    }
}

/// One claim payment. Its amounts are the first decision's; a reversal is written with `sign` -1.
#[derive(Debug, Clone)]
pub(super) struct Payment {
    pub(super) claim: Claim,
    /// CLP07.
    pub(super) number: String,
    /// CLP02.
    pub(super) status: &'static str,
    pub(super) sign: i64,
    /// False for a reversal and the correction after it.
    pub(super) is_first: bool,
    /// The payer to whom this one passed the claim on.
    pub(super) crossover: Option<Payer>,
    /// Of the claim as a whole.
    pub(super) adjustments: Vec<Adjustment>,
    /// RARC of the claim as a whole, or empty.
    pub(super) remark: String,
    /// In the claim's order; none when the claim was refused as a whole.
    pub(super) lines: Vec<Settled>,
    pub(super) denials: Vec<Denial>,
}

impl Payment {
    /// CLP03.
    pub(super) fn charge(&self) -> i64 {
        self.sign * self.claim.charges()
    }

    /// CLP04.
    pub(super) fn paid(&self) -> i64 {
        let lines: i64 = self.lines.iter().map(|line| taken(&line.adjustments)).sum();
        self.sign * (self.claim.charges() - lines - taken(&self.adjustments))
    }

    /// CLP05: all that the patient owes.
    pub(super) fn patient_share(&self) -> i64 {
        let all = self.lines.iter().flat_map(|line| &line.adjustments).chain(&self.adjustments);
        self.sign * all.filter(|a| a.group == "PR").map(|a| a.amount).sum::<i64>()
    }
}

fn taken(adjustments: &[Adjustment]) -> i64 {
    adjustments.iter().map(|adjustment| adjustment.amount).sum()
}
