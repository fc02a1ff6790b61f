//! Bad remittances: each kind once, from a day of its own on.

use jiff::civil::Date;

use crate::simulate::calendar::{Window, days_between, plus};

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// BPR02 is a dollar too high.
    Unbalanced,
    /// The file ends within a segment.
    Truncated,
    /// A reversal whose payment never came.
    ReversalOfNothing,
    /// A CARC that is in no list.
    UnknownCarc,
    /// A payment for a claim that was never sent.
    NeverSent,
    /// A trace number used before, for other claims and amounts.
    TraceAgain,
}

/// The CARC that is in no list.
pub(super) const UNKNOWN_CARC: &str = "Z99";
/// Its cause in the truth.
pub(super) const UNKNOWN_CAUSE: &str = "a code that is in no list";

impl Kind {
    /// The word in the truth.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Unbalanced => "unbalanced",
            Self::Truncated => "truncated",
            Self::ReversalOfNothing => "reversal_without_original",
            Self::UnknownCarc => "unknown_carc",
            Self::NeverSent => "claim_never_sent",
            Self::TraceAgain => "trn_again",
        }
    }
}

/// What is still to be planted.
pub(super) struct Odd {
    waiting: Vec<(Date, Kind)>,
}

impl Odd {
    /// Every kind at its part of the weeks, or nothing.
    pub(super) fn new(wanted: bool, window: Window) -> Self {
        let days = days_between(window.first, window.last);
        let kinds = [
            (30, Kind::ReversalOfNothing),
            (40, Kind::Unbalanced),
            (48, Kind::Truncated),
            (56, Kind::UnknownCarc),
            (64, Kind::NeverSent),
            (72, Kind::TraceAgain),
        ];
        let dated = kinds.into_iter().map(|(percent, kind)| (plus(window.first, days * percent / 100), kind));
        Self { waiting: dated.filter(|_| wanted).collect() }
    }

    /// Whether it is to be planted now.
    pub(super) fn is_ready(&self, kind: Kind, day: Date) -> bool {
        self.waiting.iter().any(|(from, waiting)| *waiting == kind && *from <= day)
    }

    /// Whether it is to be planted now; it is not again.
    pub(super) fn take(&mut self, kind: Kind, day: Date) -> bool {
        let is_ready = self.is_ready(kind, day);
        if is_ready {
            self.waiting.retain(|(_, waiting)| *waiting != kind);
        }
        is_ready
    }
}
