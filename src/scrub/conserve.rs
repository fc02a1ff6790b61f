//! Conservation of claims: what the verdicts add up to is what the tokenizer counted, in count and in charge.

use std::fmt;

use super::report::{Charges, Counts, State};
use super::survey::Survey;
use crate::x12::Cents;
use crate::x12::element::decimal;

/// Running totals over verdicts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Claims by state; `in` is not filled.
    pub claims: Counts,
    /// Charges by state; `in` is not filled.
    pub charges: Charges,
    /// Position of the first, and the one expected next; 0 before any.
    first: u64,
    next: u64,
    out_of_order: bool,
}

/// The two counts differ: a claim was lost or doubled inside. Nothing may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conservation {
    /// Claims counted in, and accounted for.
    pub claims: (u64, u64),
    /// Cents counted in, and accounted for.
    pub charges: (i64, i64),
}

impl Tally {
    /// Adds a verdict: its state, charge and 1-based position.
    pub fn add(&mut self, state: State, charge: Cents, position: u64) {
        let (claims, charges) = match state {
            State::Clean => (&mut self.claims.clean, &mut self.charges.clean),
            State::Held => (&mut self.claims.held, &mut self.charges.held),
            State::Rejected => (&mut self.claims.rejected, &mut self.charges.rejected),
        };
        *claims += 1;
        *charges = charges.saturating_add(charge);
        if self.first == 0 {
            (self.first, self.next) = (position, position);
        }
        self.out_of_order |= position != self.next;
        self.next = position + 1;
    }

    /// Adds the verdicts that come next in the file.
    pub fn append(&mut self, after: &Tally) {
        if after.first == 0 {
            return;
        }
        let (claims, charges) = (&mut self.claims, &mut self.charges);
        claims.clean += after.claims.clean;
        claims.held += after.claims.held;
        claims.rejected += after.claims.rejected;
        charges.clean = charges.clean.saturating_add(after.charges.clean);
        charges.held = charges.held.saturating_add(after.charges.held);
        charges.rejected = charges.rejected.saturating_add(after.charges.rejected);
        let wanted = if self.first == 0 { 1 } else { self.next };
        self.out_of_order |= after.out_of_order || after.first != wanted;
        self.first = 1;
        self.next = after.next;
    }

    /// Holds the totals against the survey's.
    ///
    /// # Errors
    /// When count, charge or order differ.
    pub fn check(mut self, survey: &Survey) -> Result<(Counts, Charges), Conservation> {
        let out = self.claims.clean + self.claims.held + self.claims.rejected;
        let cents =
            self.charges.clean.saturating_add(self.charges.held).saturating_add(self.charges.rejected);
        if out != survey.claims || cents != survey.charges || self.out_of_order {
            return Err(Conservation { claims: (survey.claims, out), charges: (survey.charges, cents) });
        }
        self.claims.r#in = survey.claims;
        self.charges.r#in = survey.charges;
        self.charges.unreadable = survey.unreadable;
        Ok((self.claims, self.charges))
    }
}

impl fmt::Display for Conservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (claims_in, claims_out) = self.claims;
        let (cents_in, cents_out) = self.charges;
        write!(
            f,
            "claims are not conserved: {claims_in} in, {claims_out} accounted for; charges {} in, {} accounted for",
            decimal(cents_in),
            decimal(cents_out)
        )
    }
}

impl std::error::Error for Conservation {}
