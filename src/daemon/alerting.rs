//! What people ask of alerts and decide of them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::control::Answer;
use super::desk::Desk;
use super::error::Error;
use crate::alerts::{Book, Decide, Example, Kind, Message, MessageState, Refused, Standing, Status, Was};
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
#[must_use]
pub fn is_open(alert: &Standing, now: Timestamp) -> bool {
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
        Asked::Decide { id, version, decide } => match self::decide(desk, id, *version, decide, actor)? {
            Ok(alert) => Answer::Ok(shown(&alert, now)?),
            Err(refused) => Answer::Refused(refused.0),
        },
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

/// Decides of an alert; gives it as it is then, or why it can't be so decided.
///
/// # Errors
/// When the state fails.
pub fn decide(
    desk: &Desk,
    id: &str,
    version: Option<u64>,
    decide: &Decide,
    actor: &str,
) -> Result<Result<Standing, Refused>, Error> {
    let state = &*desk.state;
    let _alone = state.deciding();
    let version = match state.book(|book| book.may(id, version, decide, state.world.clock.now())) {
        Ok(version) => version,
        Err(refused) => return Ok(Err(refused)),
    };
    let decision = match decide {
        Decide::Acknowledge => AlertDecision::Acknowledged,
        Decide::Snooze { until } => AlertDecision::Snoozed { until: *until },
        Decide::Assign { owner } => AlertDecision::Assigned { owner: owner.clone() },
        // What people write has no place in the journal.
        Decide::Resolve { note } => AlertDecision::Resolved { note: desk.keep(&state.next_id(), note)? },
    };
    let (alert, actor) = (id.to_owned(), actor.to_owned());
    state.append(vec![Record::AlertDecided { alert, version, actor, decision }])?;
    let decided = state.book(|book| book.alert(id).cloned());
    Ok(decided.ok_or_else(|| Refused(format!("there is no alert {id}"))))
}

/// An alert with all that is known of it.
pub struct Seen {
    /// As it stands.
    pub alert: Standing,
    /// Claims it happened to, with their numbers where they are known still.
    pub examples: Vec<(Example, Option<String>)>,
    /// What people wrote, by the step of its trail.
    pub notes: Vec<(Timestamp, String, String)>,
    /// Messages that tell of it, with their ids.
    pub messages: Vec<(String, Message)>,
}

/// One alert; where it names claims, that they were seen is journalled first.
///
/// # Errors
/// When the state fails.
pub fn seen(desk: &Desk, id: &str, actor: &str) -> Result<Option<Seen>, Error> {
    let state = &*desk.state;
    let found = state.book(|book| book.alert(id).map(|alert| (alert.clone(), about(book, id))));
    let Some((alert, messages)) = found else { return Ok(None) };
    if !alert.alert.examples.is_empty() {
        // Before they are shown: who saw claims is known even where the answer gets lost.
        let place = |e: &Example| Place { file: e.file.clone(), position: e.position };
        let places = alert.alert.examples.iter().map(place).collect();
        state.append(vec![Record::viewed_in_history("alert", actor, places, Vec::new())])?;
    }
    let store = state.store_soon()?;
    let mut examples = Vec::new();
    for example in &alert.alert.examples {
        let sent = history::at_place(&store, &state.archive, (&example.file, example.position));
        let sent = sent.map_err(|source| Error::LookUp { source })?;
        examples.push((example.clone(), sent.map(|sent| sent.claim)));
    }
    let mut notes = Vec::new();
    for step in &alert.trail {
        if let Was::Decided(AlertDecision::Resolved { note }) = &step.what {
            let path = state.archive.path(note);
            let bytes = state.archive.read(note).map_err(Error::io("reading a note", &path))?;
            let text: String =
                decode(&bytes).map_err(|bad| Error::io("reading a note", &path)(bad.into()))?;
            notes.push((step.at, step.actor.clone(), text));
        }
    }
    Ok(Some(Seen { alert, examples, notes, messages }))
}

fn show(desk: &Desk, id: &str, actor: &str) -> Result<Answer, Error> {
    let Some(seen) = seen(desk, id, actor)? else {
        return Ok(Answer::Refused(format!("there is no alert {id}")));
    };
    let example = |(e, claim): &(Example, Option<String>)| json!({ "file": e.file, "position": e.position, "claim": claim });
    let note =
        |(at, actor, note): &(Timestamp, String, String)| json!({ "at": at, "actor": actor, "note": note });
    let messages = seen.messages.iter().map(|(id, m)| message(id, m)).collect::<Result<Vec<_>, _>>()?;
    let mut value = shown(&seen.alert, desk.state.world.clock.now())?;
    if let Some(map) = value.as_object_mut() {
        map.insert("examples".into(), seen.examples.iter().map(example).collect());
        map.insert("notes".into(), seen.notes.iter().map(note).collect());
        map.insert("messages".into(), messages.into());
    }
    Ok(Answer::Ok(value))
}

/// Messages that tell of an alert.
fn about(book: &Book, id: &str) -> Vec<(String, Message)> {
    let tells =
        |m: &Message| m.tells.iter().any(|t| t.rsplit_once('@').is_some_and(|(alert, _)| alert == id));
    let found = book.messages().filter(|(_, m)| tells(m));
    found.map(|(id, m)| (id.to_owned(), m.clone())).collect()
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
