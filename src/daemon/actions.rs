//! What huddles decide to do: written down, listed, closed.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::control::Answer;
use super::desk::Desk;
use super::error::Error;
use super::state::State;
use crate::edits::Owner;
use crate::huddle::{About, Action, Closed, Kept};
use crate::journal::Record;
use crate::phi::decode;

/// Longest that somebody may write.
const LONGEST: usize = 500;

/// A question about actions, or a decision.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Asked {
    /// Those that are open, the oldest first.
    List {
        /// The closed too.
        all: bool,
    },
    /// Writes actions down. One that was proposed by a pack and taken before is left as it is.
    Take {
        /// They.
        actions: Vec<Draft>,
    },
    /// Ends one.
    Close {
        /// Its id.
        id: String,
        /// What came of it.
        note: String,
    },
}

/// An action as somebody writes it down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// Team.
    pub owner: Owner,
    /// What is to be done.
    pub what: String,
    /// Day it is to be done by; in a week where it isn't named.
    #[serde(default)]
    pub due: Option<Date>,
    /// Day from which it should show; the day it is due by where it isn't named.
    #[serde(default)]
    pub from: Option<Date>,
    /// What it is meant to change.
    #[serde(default)]
    pub about: About,
    /// The proposal of a pack it was.
    #[serde(default)]
    pub proposal: Option<String>,
}

/// Answers.
///
/// # Errors
/// When the state fails; what can't be done is refused, not an error.
pub fn asked(desk: &Desk, question: &Asked, actor: &str) -> Result<Answer, Error> {
    let state = &*desk.state;
    match question {
        Asked::List { all } => listed(state, *all),
        Asked::Take { actions } => {
            let _alone = state.deciding();
            let known: Vec<String> = kept(state)?.into_iter().filter_map(|action| action.proposal).collect();
            let today = desk.today();
            let mut fresh: Vec<Action> = Vec::new();
            for draft in actions {
                let is_known =
                    |p: &String| known.contains(p) || fresh.iter().any(|a| a.proposal.as_ref() == Some(p));
                if draft.proposal.as_ref().is_some_and(is_known) {
                    continue;
                }
                match draft.action(state.next_id(), today) {
                    Ok(action) => fresh.push(action),
                    Err(why) => return Ok(Answer::Refused(why)),
                }
            }
            let mut records = Vec::new();
            for action in &fresh {
                let body = desk.keep(&action.id, action)?;
                records.push(Record::ActionTaken {
                    action: action.id.clone(),
                    actor: actor.to_owned(),
                    body,
                });
            }
            if !records.is_empty() {
                state.append(records)?;
            }
            Ok(Answer::Ok(encoded(&fresh)?))
        }
        Asked::Close { id, note } => {
            let _alone = state.deciding();
            match state.minutes(|minutes| minutes.action(id).cloned()) {
                None => return Ok(Answer::Refused(format!("there is no action {id}"))),
                Some(Kept { closed: Some((day, _)), .. }) => {
                    return Ok(Answer::Refused(format!("action {id} was closed on {day}")));
                }
                Some(_) => {}
            }
            if let Err(why) = said("what came of it", note) {
                return Ok(Answer::Refused(why));
            }
            let note = desk.keep(&state.next_id(), &note.trim())?;
            let (action, actor, day) = (id.clone(), actor.to_owned(), desk.today());
            state.append(vec![Record::ActionClosed { action, actor, day, note }])?;
            Ok(Answer::Ok(json!({ "id": id, "closed": day })))
        }
    }
}

fn listed(state: &State, all: bool) -> Result<Answer, Error> {
    let mut found = kept(state)?;
    found.retain(|action| all || action.closed.is_none());
    Ok(Answer::Ok(encoded(&found)?))
}

fn encoded(actions: &[Action]) -> Result<Value, Error> {
    serde_json::to_value(actions).map_err(|source| Error::Encode { what: "actions", source })
}

/// Every action ever taken, the oldest first.
///
/// # Errors
/// When the archive fails.
pub fn kept(state: &State) -> Result<Vec<Action>, Error> {
    let known: Vec<Kept> = state.minutes(|minutes| minutes.actions().map(|(_, kept)| kept.clone()).collect());
    let action = |Kept { body, closed }: Kept| {
        let mut action: Action = words(state, &body)?;
        if let Some((day, note)) = closed {
            action.closed = Some(Closed { day, note: words(state, &note)? });
        }
        Ok(action)
    };
    known.into_iter().map(action).collect()
}

fn words<T: serde::de::DeserializeOwned>(state: &State, sha256: &str) -> Result<T, Error> {
    let path = state.archive.path(sha256);
    let bytes = state.archive.read(sha256).map_err(Error::io("reading an action", &path))?;
    decode(&bytes).map_err(|bad| Error::io("reading an action", &path)(bad.into()))
}

fn said(what: &str, words: &str) -> Result<(), String> {
    match words.trim().chars().count() {
        0 => Err(format!("say {what}")),
        n if n > LONGEST => Err(format!("{what} takes {LONGEST} characters at most")),
        _ => Ok(()),
    }
}

impl Draft {
    fn action(&self, id: String, today: Date) -> Result<Action, String> {
        said("what is to be done", &self.what)?;
        let (what, owner, about) = (self.what.trim().to_owned(), self.owner, self.about.clone());
        let due = self.due.unwrap_or_else(|| today.saturating_add(jiff::ToSpan::days(7)));
        let from = self.from.unwrap_or(due);
        let proposal = self.proposal.clone();
        Ok(Action { id, taken: today, owner, due, what, about, from, proposal, closed: None })
    }
}
