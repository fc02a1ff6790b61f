//! Questions about the history, answered from the index.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::desk::Desk;
use super::error::Error;
use crate::history::{self, Denials, Deposit, Dimension, Story, Weeks};
use crate::journal::{Place, Record};

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

/// The answer to `actor`; none where there is nothing of that name. What shows claims is journalled before it is shown: who saw them is
/// known even where the answer gets lost.
///
/// # Errors
/// When the index can't be read, or a view not be journalled.
pub fn asked(desk: &Desk, question: &Asked, actor: &str) -> Result<Option<Value>, Error> {
    let viewed =
        |what: &str| desk.state.append(vec![Record::viewed_in_history(what, actor, Vec::new(), Vec::new())]);
    let store = desk.state.store_soon()?;
    let tables = history::tables(&store)?;
    let today = |day: &Option<Date>| day.unwrap_or_else(|| desk.now().date());
    let encode = |value: Result<Value, serde_json::Error>| {
        value.map_err(|source| Error::Encode { what: "an answer", source })
    };
    Ok(Some(match question {
        Asked::Payments => {
            viewed("payments")?;
            history::payments(&store, &tables)?.into()
        }
        Asked::Claim { claim } => {
            let story = history::story_of(&store, &desk.state.archive, claim)?;
            let Some(story) = story else { return Ok(None) };
            desk.state.append(vec![view_of(&story, actor)])?;
            history::told(&story, &tables)
        }
        Asked::Gaps { weeks } => {
            let edits = desk.edits();
            let off: Vec<&str> = edits.off().map(|(edit, _)| edit.id.as_str()).collect();
            let is_on = |id: &str| edits.active().any(|edit| edit.id == id) && !off.contains(&id);
            encode(serde_json::to_value(history::gaps(
                (&store, &desk.state.archive),
                &tables,
                weeks,
                &is_on,
            )?))?
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
            // One export is one view, in however many parts it is fetched.
            if after.is_empty() {
                viewed("export")?;
            }
            let (rows, next) = history::export(&store, &tables, after)?;
            json!({ "rows": rows, "next": next })
        }
    }))
}

/// Denials counted. Where they are counted by claim, that somebody is shown them is journalled first.
///
/// # Errors
/// When the index can't be read, or a view not be journalled.
pub fn denials(desk: &Desk, by: &[Dimension], weeks: &Weeks, actor: &str) -> Result<Denials, Error> {
    if by.contains(&Dimension::Claim) {
        desk.state.append(vec![Record::viewed_in_history("denials", actor, Vec::new(), Vec::new())])?;
    }
    let store = desk.state.store_soon()?;
    Ok(history::denials(&store, &*history::tables(&store)?, by, weeks)?)
}

/// That a claim number was shown, without the number: it names a person to whoever has the practice's books.
fn view_of(story: &Story, actor: &str) -> Record {
    let place = |s: &history::SentClaim| Place { file: s.file.clone(), position: s.position };
    let claims: Vec<Place> = story.sent.iter().map(place).collect();
    let ids = story.paid.iter().map(|p| p.id).chain(story.told.iter().map(|t| t.id));
    let hex = |id: history::FactId| id.iter().map(|b| format!("{b:02x}")).collect();
    let facts = if claims.is_empty() { ids.map(hex).collect() } else { Vec::new() };
    Record::viewed_in_history("claim", actor, claims, facts)
}
