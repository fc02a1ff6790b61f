//! Questions about the history, answered from the index.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::desk::Desk;
use super::error::Error;
use crate::history::{self, Deposit, Weeks};

/// A question about the history.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Asked {
    /// Every claim payment and the claim of ours it is for.
    Payments,
    /// What is known under a claim number.
    Claim {
        /// CLM01.
        claim: String,
    },
    /// Denials by what became of the edit that should have stopped them.
    Gaps {
        /// Weeks of payment, and what else is asked for.
        weeks: Weeks,
    },
    /// Every payer; and names that a payer pack should map.
    Payers,
    /// Reasons that the dictionary doesn't know.
    Unmapped,
    /// The figures both teams steer by.
    Metrics {
        /// Weeks in which claims came first.
        weeks: Weeks,
        /// As of this day, or today.
        today: Option<Date>,
    },
    /// Claims that should have been answered by now.
    Expected {
        /// As of this day, or today.
        today: Option<Date>,
    },
    /// What is odd about remittances and payments, by name.
    Outcomes {
        /// Weeks of payment.
        weeks: Weeks,
    },
    /// What was paid or taken outside claims, followed through.
    ProviderAdjustments,
    /// A bank's list against the remittances.
    Eft {
        /// The list.
        deposits: Vec<Deposit>,
        /// The day up to which it goes; that of its last row where it isn't said.
        until: Option<Date>,
    },
    /// Payments that look wrong.
    Sanity {
        /// Weeks of payment.
        weeks: Weeks,
    },
    /// A part of all there is, behind a place.
    Export {
        /// Empty at the start.
        after: String,
    },
}

/// The answer; none where there is nothing of that name.
///
/// # Errors
/// When the index can't be read.
pub fn asked(desk: &Desk, question: &Asked) -> Result<Option<Value>, Error> {
    let store = desk.state.store_soon()?;
    let tables = history::tables(&store)?;
    let today = |day: &Option<Date>| day.unwrap_or_else(|| desk.now().date());
    let encode = |value: Result<Value, serde_json::Error>| {
        value.map_err(|source| Error::Encode { what: "an answer", source })
    };
    Ok(Some(match question {
        Asked::Payments => history::payments(&store, &tables)?.into(),
        Asked::Claim { claim } => {
            let story = history::story_of(&store, &desk.state.archive, claim)?;
            return Ok(story.map(|story| history::told(&story, &tables)));
        }
        Asked::Gaps { weeks } => {
            let edits = desk.edits();
            let off: Vec<&str> = edits.off().map(|(edit, _)| edit.id.as_str()).collect();
            let is_on = |id: &str| edits.active().any(|edit| edit.id == id) && !off.contains(&id);
            encode(serde_json::to_value(history::gaps(&store, &tables, weeks, &is_on)?))?
        }
        Asked::Payers => {
            let (payers, unmapped) = history::payers(&store, &tables)?;
            json!({ "payers": encode(serde_json::to_value(payers))?, "unmapped": encode(serde_json::to_value(unmapped))? })
        }
        Asked::Unmapped => encode(serde_json::to_value(history::unmapped(&store, &tables)?))?,
        Asked::Metrics { weeks, today: day } => {
            encode(serde_json::to_value(history::metrics(&store, &tables, weeks, today(day))?))?
        }
        Asked::Expected { today: day } => {
            encode(serde_json::to_value(history::expected(&store, &tables, today(day))?))?
        }
        Asked::Outcomes { weeks } => {
            encode(serde_json::to_value(history::outcomes(&store, &tables, weeks)?))?
        }
        Asked::ProviderAdjustments => encode(serde_json::to_value(history::provider_adjustments(&store)?))?,
        Asked::Eft { deposits, until } => {
            encode(serde_json::to_value(history::eft(&store, deposits, *until)?))?
        }
        Asked::Sanity { weeks } => encode(serde_json::to_value(history::sanity(&store, &tables, weeks)?))?,
        Asked::Export { after } => {
            let (rows, next) = history::export(&store, &tables, after)?;
            json!({ "rows": rows, "next": next })
        }
    }))
}
