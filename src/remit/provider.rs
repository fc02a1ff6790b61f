//! PLB: what is paid or taken outside any claim.

use jiff::civil::Date;

use crate::x12::Cents;

/// One pair of a PLB.
#[derive(Clone, Debug, Default)]
pub struct ProviderAdjustment {
    /// PLB03-1 and its like.
    pub reason: String,
    /// PLB03-2 and its like: a claim number of the payer, a letter, an account; what it is, the reason says.
    pub reference: String,
    /// Cents; positive lowers the payment.
    pub amount: Cents,
    /// PLB01.
    pub provider: String,
    /// PLB02, last day of the provider's fiscal year.
    pub fiscal_end: Option<Date>,
    /// Element of the reason: 3, 5, 7, 9, 11 or 13.
    pub element: u8,
    /// Ordinal in the set, byte in the file.
    pub place: (u32, u64),
}

/// What a provider adjustment is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProviderReason {
    /// `WO`: an earlier overpayment is taken back.
    Overpayment,
    /// `FB`: what is owed or due is carried to or from another remittance.
    BalanceForward,
    /// `L6`: interest, to us where the amount is below nothing.
    Interest,
    /// `IR`, `E3`: withheld, for a tax or by contract.
    Withheld,
    /// `72`: money that was sent back is acknowledged.
    Returned,
    /// `J1`: not reimbursed; often what another entry is set off with.
    NotReimbursed,
    /// `CS`: an adjustment that names its claim or letter.
    Adjustment,
    /// `CT`, `CR`: payment by head, and interest on it.
    Capitation,
    /// `LE`: taken by a levy or garnishment.
    Levy,
    /// `OB`: set off for a provider of the same owner.
    Affiliate,
    /// `PI`, `IS`, `PL`, `LS`: interim, final and lump payments.
    Settlement,
    /// Any other of the list.
    Other,
}

impl ProviderAdjustment {
    /// What it is about.
    #[must_use]
    pub fn kind(&self) -> ProviderReason {
        match self.reason.as_str() {
            "WO" => ProviderReason::Overpayment,
            "FB" => ProviderReason::BalanceForward,
            "L6" => ProviderReason::Interest,
            "IR" | "E3" => ProviderReason::Withheld,
            "72" => ProviderReason::Returned,
            "J1" => ProviderReason::NotReimbursed,
            "CS" => ProviderReason::Adjustment,
            "CT" | "CR" => ProviderReason::Capitation,
            "LE" => ProviderReason::Levy,
            "OB" => ProviderReason::Affiliate,
            "PI" | "IS" | "PL" | "LS" => ProviderReason::Settlement,
            _ => ProviderReason::Other,
        }
    }

    /// True for interest, whoever owes it.
    #[must_use]
    pub fn is_interest(&self) -> bool {
        matches!(self.reason.as_str(), "L6" | "51" | "CR")
    }

    /// True where only what the reference names can tell what the money is for: another claim, letter or remittance.
    #[must_use]
    pub fn wants_reference(&self) -> bool {
        matches!(self.reason.as_str(), "WO" | "FB" | "72" | "CS" | "J1")
    }

    /// The reason in words of ours.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self.reason.as_str() {
            "50" => "late charge",
            "51" => "interest as a penalty",
            "72" => "money we sent back",
            "90" => "discount for early payment",
            "AH" => "set-up fee",
            "AM" => "applied to a loan account",
            "AP" => "benefits paid ahead of time",
            "B2" => "rebate",
            "B3" => "recovery allowance",
            "BD" => "bad debt",
            "BN" => "bonus",
            "C5" => "allowance for the time being",
            "CR" => "interest on payment by head",
            "CS" => "adjustment",
            "CT" => "payment by head",
            "CV" => "capital costs passed through",
            "CW" => "nurse anaesthetist costs passed through",
            "DM" => "medical education costs passed through",
            "E3" => "withheld by contract",
            "FB" => "balance carried between remittances",
            "FC" => "share of a fund",
            "GO" => "graduate education costs passed through",
            "HM" => "clotting factor supplement",
            "IP" => "incentive payment",
            "IR" => "tax withheld",
            "IS" => "interim settlement",
            "J1" => "not reimbursed",
            "L3" => "penalty",
            "L6" => "interest",
            "LE" => "levy",
            "LS" => "lump sum",
            "OA" => "organ acquisition costs passed through",
            "OB" => "set off for an affiliated provider",
            "PI" => "periodic interim payment",
            "PL" => "final payment",
            "RA" => "change with retroactive effect",
            "RE" => "return on equity",
            "SL" => "student loan",
            "TL" => "liability of a third party",
            "WO" => "overpayment taken back",
            "WU" => "recovery, not specified",
            _ => "reason not known",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(reason: &str) -> ProviderAdjustment {
        ProviderAdjustment { reason: reason.into(), ..ProviderAdjustment::default() }
    }

    #[test]
    fn reasons() {
        assert_eq!(of("WO").kind(), ProviderReason::Overpayment);
        assert_eq!(of("ZZ").kind(), ProviderReason::Other);
        assert!(of("L6").is_interest() && !of("WO").is_interest());
        assert!(of("FB").wants_reference() && !of("L6").wants_reference());
        assert_eq!((of("WO").words(), of("").words()), ("overpayment taken back", "reason not known"));
    }
}
