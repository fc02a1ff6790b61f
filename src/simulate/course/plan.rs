//! `[course]` of a plant file: what befalls claims after they are made.

use serde::Deserialize;

/// Shares of what can happen, each from 0 to 1. What is not given does not happen.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Course {
    /// Each payer takes its own time, seldom much longer; else 10 to 25 days on a fixed weekday.
    pub lags: bool,
    /// Fresh claims that the 277CA rejects.
    pub rejected: f64,
    /// Transaction sets that the 999 rejects.
    pub rejected_sets: f64,
    /// One interchange in the middle of the weeks is refused by TA1.
    pub rejected_interchange: bool,
    /// Claims rejected in any of these ways that are corrected and sent again.
    pub resubmissions: f64,
    /// Fresh claims that no remittance ever answers; every second of them is not in the 277CA either.
    pub silent: f64,
    /// Professional claims with place of service 22 instead of 11.
    pub elsewhere: f64,
    /// Denied first payments that are reversed; those not denied follow the plant file's `reversals`.
    pub denied_reversals: f64,
    /// Payments by commercial payers and Medicare that leave the patient a share and go on to a second payer.
    pub crossovers: f64,
    /// Claims passed on that the second payer denies.
    pub secondary_denials: f64,
    /// Denied claims that the practice replaces.
    pub replacements: f64,
    /// Answered claims that the practice voids.
    pub voids: f64,
    /// Paid claims that are paid once more under another trace number.
    pub second_payments: f64,
    /// Paid claims whose payment is taken back at provider level.
    pub take_backs: f64,
    /// Remittance files delivered twice.
    pub duplicate_files: f64,
    /// Transaction sets that come again within another file.
    pub joined_sets: f64,
    /// Transactions cut into two files under one trace number.
    pub split_sets: f64,
    /// Each kind of bad remittance once.
    pub oddities: bool,
}

impl Course {
    /// All the shares, to be checked.
    pub(in crate::simulate) fn shares(&self) -> [(&'static str, f64); 15] {
        [
            ("rejected", self.rejected),
            ("rejected_sets", self.rejected_sets),
            ("resubmissions", self.resubmissions),
            ("silent", self.silent),
            ("elsewhere", self.elsewhere),
            ("denied_reversals", self.denied_reversals),
            ("crossovers", self.crossovers),
            ("secondary_denials", self.secondary_denials),
            ("replacements", self.replacements),
            ("voids", self.voids),
            ("second_payments", self.second_payments),
            ("take_backs", self.take_backs),
            ("duplicate_files", self.duplicate_files),
            ("joined_sets", self.joined_sets),
            ("split_sets", self.split_sets),
        ]
    }
}
