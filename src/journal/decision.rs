//! What people decide of held claims.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What was decided of a hold. What people wrote and what stood in the claim lies in the archive, by hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
#[schema(as = DecisionTaken)]
pub enum Decision {
    /// Corrected; the list holds every correction of the claim so far.
    Fixed {
        /// Hash of the list.
        corrections: String,
    },
    /// Another team works it.
    Assigned {
        /// Which.
        owner: String,
        /// Hash of the reason.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        /// Which did until now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        was: Option<String>,
    },
    /// It may leave: nothing stops it any more.
    Released {
        /// Hash of the reason.
        note: String,
    },
    /// It may leave in spite of these edits.
    Overridden {
        /// Why, from a list of the site.
        code: String,
        /// Hash of the note.
        note: String,
        /// Their ids.
        edits: Vec<String>,
        /// Who asked for it, where a second person agreed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asked_by: Option<String>,
    },
    /// Somebody wants it to leave in spite of these edits, and a second person is to agree.
    Proposed {
        /// Why, from a list of the site.
        code: String,
        /// Hash of the note.
        note: String,
        /// Their ids.
        edits: Vec<String>,
    },
    /// The second person doesn't agree.
    Declined {
        /// Hash of the reason.
        note: String,
    },
    /// It leaves no more.
    Voided {
        /// Hash of the reason.
        note: String,
    },
    /// Nobody is to be shown it before then.
    Snoozed {
        /// When it is back.
        until: Timestamp,
    },
    /// It goes before all others, to who leads.
    Escalated {
        /// Hash of the reason.
        note: String,
    },
    /// Who documented the care is asked for something.
    Queried {
        /// What is missing, by a word of the list.
        element: String,
        /// Hash of the question.
        note: String,
        /// The team that asks.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        was: Option<String>,
    },
    /// The question is answered.
    Answered {
        /// Hash of the answer.
        note: String,
    },
    /// What was decided last is taken back.
    Undone {
        /// Hash of the list of corrections that stand then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        corrections: Option<String>,
        /// The team that works it then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<String>,
    },
    /// The practice system sent the claim anew.
    Replaced {
        /// ULID of the file with the new one.
        file: String,
        /// 1-based among its claims.
        position: u64,
    },
    /// It was to leave, but the edits of the day stop it.
    Returned,
}

impl Decision {
    /// True where a claim stays as it was, on its way or not: only who works it, and when, is something else.
    #[must_use]
    pub fn moves_nothing(&self) -> bool {
        matches!(
            self,
            Decision::Assigned { .. }
                | Decision::Proposed { .. }
                | Decision::Declined { .. }
                | Decision::Snoozed { .. }
                | Decision::Escalated { .. }
                | Decision::Queried { .. }
                | Decision::Answered { .. }
        )
    }

    /// Hash of what somebody wrote with it.
    #[must_use]
    pub fn note(&self) -> Option<&String> {
        match self {
            Decision::Assigned { note, .. } => note.as_ref(),
            Decision::Released { note }
            | Decision::Overridden { note, .. }
            | Decision::Proposed { note, .. }
            | Decision::Declined { note }
            | Decision::Voided { note }
            | Decision::Escalated { note }
            | Decision::Queried { note, .. }
            | Decision::Answered { note } => Some(note),
            Decision::Fixed { .. }
            | Decision::Snoozed { .. }
            | Decision::Undone { .. }
            | Decision::Replaced { .. }
            | Decision::Returned => None,
        }
    }
}
