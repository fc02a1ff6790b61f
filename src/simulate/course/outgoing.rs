//! A claim on its way out, and what will answer it.

use jiff::civil::Date;

use super::posting::Posting;
use crate::simulate::claim::Claim;

/// A claim to be sent.
#[derive(Debug, Clone)]
pub(super) struct Outgoing {
    pub(super) claim: Claim,
    /// The claim that it replaces, when its own number differs.
    pub(super) replaces: Option<String>,
    pub(super) answer: Answer,
}

/// What answers a claim that the front door takes.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    /// The payer decides.
    Decide,
    /// Decided already, for this day.
    On(Date, Box<Posting>),
    /// Nothing, ever.
    Silence,
}

impl Outgoing {
    /// A claim for the payer to decide.
    pub(super) fn fresh(claim: Claim) -> Self {
        Self { claim, replaces: None, answer: Answer::Decide }
    }
}
