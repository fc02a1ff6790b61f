//! What people ask of alerts and decide of them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::control::Answer;
use super::desk::Desk;
use super::error::Error;
use crate::alerts::{Book, Decide, Example, Kind, Message, MessageState, Standing, Status, Was};
use crate::history;
use crate::journal::{AlertDecision, Place, Record};
use crate::phi::decode;

/// A question about alerts.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Asked {
    /// Those that are not resolved, the newest first.
    List {
        /// The resolved too.
        all: bool,
    },
    /// Messages that could not be sent.
    Dead,
    /// One alert, with the numbers of its example claims.
    Show {
        /// Its id.
        id: String,
    },
    /// A decision.
    Decide {
        /// The alert's id.
        id: String,
        /// The version that was seen.
        version: Option<u64>,
        /// What is asked for.
        #[serde(flatten)]
        decide: Decide,
    },
    /// Messages that could not be sent are tried again.
    Resend {
        /// One of them; all where it isn't named.
        message: Option<String>,
    },
}

/// True of what somebody may have to do something about.
fn is_open(alert: &Standing, now: Timestamp) -> bool {
    alert.alert.kind != Kind::Pack && alert.status(now) != Status::Resolved
}

/// Answers a question about alerts.
///
/// # Errors
/// When the state fails; what can't be decided is refused, not an error.
pub fn asked(desk: &Desk, question: &Asked, actor: &str) -> Result<Answer, Error> {
    let state = &*desk.state;
    let now = state.world.clock.now();
    Ok(match question {
        Asked::List { all } => Answer::Ok(state.book(|book| {
            let mut found: Vec<&Standing> = book.alerts().filter(|a| *all || is_open(a, now)).collect();
            found.sort_by(|a, b| (b.raised, &a.alert.id).cmp(&(a.raised, &b.alert.id)));
            found.into_iter().map(|alert| shown(alert, now)).collect::<Result<Vec<_>, _>>().map(Value::from)
        })?),
        Asked::Dead => Answer::Ok(state.book(|book| {
            let dead = book.messages().filter(|(_, m)| matches!(m.state, MessageState::Dead { .. }));
            dead.map(|(id, m)| message(id, m)).collect::<Result<Vec<_>, _>>().map(Value::from)
        })?),
        Asked::Show { id } => show(desk, id, actor)?,
        Asked::Decide { id, version, decide } => {
            let _alone = state.deciding();
            let version = match state.book(|book| book.may(id, *version, decide, now)) {
                Ok(version) => version,
                Err(refused) => return Ok(Answer::Refused(refused.0)),
            };
            let decision = match decide {
                Decide::Acknowledge => AlertDecision::Acknowledged,
                Decide::Snooze { until } => AlertDecision::Snoozed { until: *until },
                Decide::Assign { owner } => AlertDecision::Assigned { owner: owner.clone() },
                // What people write has no place in the journal.
                Decide::Resolve { note } => {
                    AlertDecision::Resolved { note: desk.keep(&state.next_id(), note)? }
                }
            };
            let (alert, actor) = (id.clone(), actor.to_owned());
            state.append(vec![Record::AlertDecided { alert, version, actor, decision }])?;
            match state.book(|book| book.alert(id).map(|alert| shown(alert, now))) {
                Some(value) => Answer::Ok(value?),
                None => Answer::Refused(format!("there is no alert {id}")),
            }
        }
        Asked::Resend { message } => {
            let _alone = state.deciding();
            match state.book(|book| book.dead(message.as_deref())) {
                Err(refused) => Answer::Refused(refused.0),
                Ok(dead) => {
                    let actor = actor.to_owned();
                    let again = |message: &String| Record::AlertResent {
                        message: message.clone(),
                        actor: actor.clone(),
                    };
                    state.append(dead.iter().map(again).collect())?;
                    Answer::Ok(json!({ "resent": dead }))
                }
            }
        }
    })
}

fn show(desk: &Desk, id: &str, actor: &str) -> Result<Answer, Error> {
    let state = &*desk.state;
    let now = state.world.clock.now();
    let found = state.book(|book| book.alert(id).map(|alert| (alert.clone(), about(book, id))));
    let Some((alert, messages)) = found else {
        return Ok(Answer::Refused(format!("there is no alert {id}")));
    };
    let examples = &alert.alert.examples;
    if !examples.is_empty() {
        // Before they are shown: who saw claims is known even where the answer gets lost.
        let place = |e: &Example| Place { file: e.file.clone(), position: e.position };
        let places = examples.iter().map(place).collect();
        state.append(vec![Record::viewed_in_history("alert", actor, places, Vec::new())])?;
    }
    let store = state.store_soon()?;
    let mut claims = Vec::new();
    for example in examples {
        let sent = history::at_place(&store, &state.archive, (&example.file, example.position));
        let sent = sent.map_err(|source| Error::LookUp { source })?;
        let claim = sent.map(|sent| sent.claim);
        claims.push(json!({ "file": example.file, "position": example.position, "claim": claim }));
    }
    let mut notes = Vec::new();
    for step in &alert.trail {
        if let Was::Decided(AlertDecision::Resolved { note }) = &step.what {
            let path = state.archive.path(note);
            let bytes = state.archive.read(note).map_err(Error::io("reading a note", &path))?;
            let text: String =
                decode(&bytes).map_err(|bad| Error::io("reading a note", &path)(bad.into()))?;
            notes.push(json!({ "at": step.at, "actor": step.actor, "note": text }));
        }
    }
    let mut value = shown(&alert, now)?;
    if let Some(map) = value.as_object_mut() {
        map.insert("examples".into(), claims.into());
        map.insert("notes".into(), notes.into());
        map.insert("messages".into(), messages?);
    }
    Ok(Answer::Ok(value))
}

/// Messages that tell of an alert.
fn about(book: &Book, id: &str) -> Result<Value, Error> {
    let tells =
        |m: &Message| m.tells.iter().any(|t| t.rsplit_once('@').is_some_and(|(alert, _)| alert == id));
    let found = book.messages().filter(|(_, m)| tells(m));
    found.map(|(id, m)| message(id, m)).collect::<Result<Vec<_>, _>>().map(Value::from)
}

fn message(id: &str, message: &Message) -> Result<Value, Error> {
    let mut value = json!({ "message": id });
    let own = serde_json::to_value(message).map_err(|source| Error::Encode { what: "a message", source })?;
    if let (Some(map), Value::Object(own)) = (value.as_object_mut(), own) {
        map.extend(own);
    }
    Ok(value)
}

/// An alert as it stands, with how long it took from the file to the first sink; to its owner's file where no sink was told.
fn shown(alert: &Standing, now: Timestamp) -> Result<Value, Error> {
    let encode = |source| Error::Encode { what: "an alert", source };
    let mut value = serde_json::to_value(alert).map_err(encode)?;
    if let Some(map) = value.as_object_mut() {
        map.insert("status".into(), serde_json::to_value(alert.status(now)).map_err(encode)?);
        let took = alert
            .arrived
            .zip(alert.told.or(alert.written))
            .map(|(arrived, told)| told.duration_since(arrived).as_secs());
        map.insert("seconds_to_tell".into(), json!(took));
    }
    Ok(value)
}
