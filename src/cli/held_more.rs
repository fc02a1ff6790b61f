//! `claimloop held snooze|escalate|query|answer|agree|decline|undo`: decisions about the work on a claim.

use clap::Subcommand;
use jiff::Timestamp;

use super::held::Seen;
use crate::daemon::desk::Decide;

#[derive(Debug, Subcommand)]
pub enum More {
    /// Put a held claim off: it is out of the work list until then
    Snooze {
        /// Id of the hold.
        id: String,
        /// When it is back, as in 2026-11-30T13:00:00Z.
        #[arg(long)]
        until: Timestamp,
        #[command(flatten)]
        seen: Seen,
    },
    /// Put a held claim before all others, for who leads
    Escalate {
        /// Id of the hold.
        id: String,
        /// Why.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        seen: Seen,
    },
    /// Ask who documented the care for what the note lacks
    Query {
        /// Id of the hold.
        id: String,
        /// What is missing: laterality, time, medical-necessity, ... (any other word prints them all).
        #[arg(long)]
        element: String,
        /// The question.
        #[arg(long)]
        question: String,
        #[command(flatten)]
        seen: Seen,
    },
    /// Answer such a question; the team that asked has the claim again
    Answer {
        /// Id of the hold.
        id: String,
        /// The answer.
        #[arg(long)]
        answer: String,
        #[command(flatten)]
        seen: Seen,
    },
    /// Agree, as the second person, to an override
    Agree {
        /// Id of the hold.
        id: String,
        #[command(flatten)]
        seen: Seen,
    },
    /// Don't agree to it
    Decline {
        /// Id of the hold.
        id: String,
        /// Why.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        seen: Seen,
    },
}

impl More {
    /// Of which hold, of which version, what.
    pub fn asked(&self) -> (&str, &Seen, Decide) {
        match self {
            More::Snooze { id, until, seen } => (id, seen, Decide::Snooze { until: *until }),
            More::Escalate { id, reason, seen } => (id, seen, Decide::Escalate { reason: reason.clone() }),
            More::Query { id, element, question, seen } => {
                (id, seen, Decide::Query { element: element.clone(), question: question.clone() })
            }
            More::Answer { id, answer, seen } => (id, seen, Decide::Answer { answer: answer.clone() }),
            More::Agree { id, seen } => (id, seen, Decide::Agree {}),
            More::Decline { id, reason, seen } => (id, seen, Decide::Decline { reason: reason.clone() }),
        }
    }
}

/// What was done.
pub fn said(decide: &Decide) -> &'static str {
    match decide {
        Decide::Snooze { .. } => "put off",
        Decide::Escalate { .. } => "escalated",
        Decide::Query { .. } => "asked: it is with clinical until the answer",
        Decide::Answer { .. } => "answered: it is with who asked again",
        Decide::Agree {} => "overridden by two: it leaves with the daemon's next round",
        Decide::Decline { .. } => "the override was declined",
        _ => "done",
    }
}
