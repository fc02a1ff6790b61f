//! How every alert and every message stands, folded from the journal.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::alert::Alert;
use super::found::is_of_one_cause;
use super::sentence::monday;
use crate::edits::Owner;
use crate::journal::{AlertDecision, Outcome, Record};

/// Weeks after which the same cause, resolved, is a run of its own.
const GAP: i64 = 4;

/// Where an alert is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Nobody said anything yet.
    Open,
    /// Somebody is at it.
    Acknowledged,
    /// Nobody is to hear of it for a while.
    Snoozed,
    /// What caused it is put right.
    Resolved,
}

/// Something that was done of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What.
    #[serde(flatten)]
    pub what: Was,
}

/// What was done of an alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Was {
    /// Somebody decided.
    Decided(AlertDecision),
    /// It was raised for the n-th time.
    Raised {
        /// How often by then.
        raised: u32,
    },
}

/// An alert as it stands.
#[derive(Clone, Debug, Serialize)]
pub struct Standing {
    /// What it says.
    #[serde(flatten)]
    pub alert: Alert,
    /// Where it is on its way; a snooze that is over is told by [`Standing::status`].
    pub status: Status,
    /// Until when nobody is to hear of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Grows with each decision and each time it is raised.
    pub version: u64,
    /// How often it was raised.
    pub n: u32,
    /// When it was raised last.
    pub raised: Timestamp,
    /// When the file came that it was found in.
    pub arrived: Option<Timestamp>,
    /// When its owner's file had it.
    pub written: Option<Timestamp>,
    /// When a sink first had it.
    pub told: Option<Timestamp>,
    /// When it was given to another team.
    #[serde(skip)]
    pub assigned: Option<Timestamp>,
    /// Of before there were sinks: it is in its owner's file, and no sink hears of it.
    #[serde(skip)]
    pub of_before: bool,
    /// What was done of it.
    pub trail: Vec<Step>,
}

impl Standing {
    /// Where it is at a moment: one whose snooze is over is open.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> Status {
        match (self.status, self.until) {
            (Status::Snoozed, Some(until)) if until <= now => Status::Open,
            (status, _) => status,
        }
    }
}

/// Where a message is on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum MessageState {
    /// It was being sent when the program ended, or is being sent now: the sink may have it.
    Unclear,
    /// It is tried again.
    Failed {
        /// Why it was not taken.
        why: String,
    },
    /// A person may send it again.
    Dead {
        /// Why it was not taken.
        why: String,
    },
    /// The sink has it.
    Told,
}

/// A message to a sink.
#[derive(Clone, Debug, Serialize)]
pub struct Message {
    /// The sink's name.
    pub sink: String,
    /// Alerts, each with its occasion.
    pub tells: Vec<String>,
    /// When it was first tried.
    pub first: Timestamp,
    /// When it was last tried, or that was asked for.
    pub last: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// Where it is on its way.
    #[serde(flatten)]
    pub state: MessageState,
}

/// All of them.
#[derive(Debug, Default)]
pub struct Book {
    alerts: BTreeMap<String, Standing>,
    messages: BTreeMap<String, Message>,
    /// What each sink was told, or is being told.
    covered: BTreeSet<(String, String)>,
}

impl Book {
    /// Takes over what a record says.
    pub fn apply(&mut self, at: Timestamp, record: &Record) {
        match record {
            Record::AlertDue { key, line, .. } => self.of_before(at, key, line),
            Record::AlertRaised { n, line, arrived, .. } => {
                // A line of another version reads as far as it is known; one that doesn't at all is nobody's alert.
                if let Ok(alert) = serde_json::from_str::<Alert>(line) {
                    self.raised(at, alert, *n, *arrived);
                }
            }
            Record::AlertWritten { key } => {
                let known = key.rsplit_once('/').and_then(|(id, _)| self.alerts.get_mut(id));
                if let Some(known) = known {
                    known.written.get_or_insert(at);
                }
            }
            Record::AlertDecided { alert, version, actor, decision } => {
                if let Some(known) = self.alerts.get_mut(alert) {
                    known.decided(at, *version, actor, decision);
                }
            }
            Record::AlertSending { message, sink, tells } => {
                self.covered.extend(tells.iter().map(|tells| (sink.clone(), tells.clone())));
                let new = || Message {
                    sink: sink.clone(),
                    tells: tells.clone(),
                    first: at,
                    last: at,
                    attempts: 0,
                    state: MessageState::Unclear,
                };
                let known = self.messages.entry(message.clone()).or_insert_with(new);
                (known.attempts, known.last, known.state) = (known.attempts + 1, at, MessageState::Unclear);
            }
            Record::AlertTold { message, outcome } => self.told(at, message, outcome),
            Record::AlertResent { message, .. } => {
                if let Some(known) = self.messages.get_mut(message) {
                    (known.attempts, known.last, known.state) = (0, at, MessageState::Unclear);
                }
            }
            _ => {}
        }
    }

    fn raised(&mut self, at: Timestamp, alert: Alert, n: u32, arrived: Option<Timestamp>) {
        let step = Step { at, actor: "claimloop".to_owned(), what: Was::Raised { raised: n } };
        match self.alerts.get_mut(&alert.id) {
            Some(known) if known.n >= n => {
                // The same run, with the numbers it has now. Whom it was given to has it still.
                let owner = known.alert.owner;
                let since = std::mem::take(&mut known.alert.since);
                known.alert = Alert { owner, since, ..alert };
            }
            Some(known) => {
                (known.alert, known.n, known.raised, known.arrived) = (alert, n, at, arrived);
                (known.status, known.until, known.assigned) = (Status::Open, None, None);
                (known.written, known.told) = (None, None);
                known.of_before = false;
                known.version += 1;
                known.trail.push(step);
            }
            None => {
                let id = alert.id.clone();
                let standing = Standing {
                    alert,
                    status: Status::Open,
                    until: None,
                    version: 1,
                    n,
                    raised: at,
                    arrived,
                    written: None,
                    told: None,
                    assigned: None,
                    of_before: false,
                    trail: vec![step],
                };
                self.alerts.insert(id, standing);
            }
        }
    }

    /// One that was due before alerts had a life: its id names the week.
    fn of_before(&mut self, at: Timestamp, key: &str, line: &str) {
        let Ok(mut alert) = serde_json::from_str::<Alert>(line) else { return };
        if !alert.payer.is_empty() && !alert.carc.is_empty() {
            alert.id = format!("{}/{}", alert.payer, alert.carc);
        } else {
            key.clone_into(&mut alert.id);
        }
        let (id, n) = (alert.id.clone(), self.alerts.get(&alert.id).map_or(1, |known| known.n));
        self.raised(at, alert, n, None);
        if let Some(known) = self.alerts.get_mut(&id) {
            known.of_before = true;
            known.written.get_or_insert(at);
        }
    }

    fn told(&mut self, at: Timestamp, message: &str, outcome: &Outcome) {
        let Some(known) = self.messages.get_mut(message) else { return };
        known.last = at;
        known.state = match outcome {
            Outcome::Ok => MessageState::Told,
            Outcome::Failed { why } => MessageState::Failed { why: why.clone() },
            Outcome::Dead { why } => MessageState::Dead { why: why.clone() },
        };
        if *outcome == Outcome::Ok {
            for id in known.tells.iter().filter_map(|tells| Some(tells.rsplit_once('@')?.0)) {
                if let Some(known) = self.alerts.get_mut(id) {
                    known.told.get_or_insert(at);
                }
            }
        }
    }

    /// What is to be journalled of an alert that is due now: how often it is raised by then; none where nothing is new. It is raised again
    /// where it worsened: after it was resolved, with more denials or at a higher severity, or as a new run some weeks later; before
    /// that, at a higher severity alone.
    #[must_use]
    pub fn meet(&self, alert: &Alert) -> Option<u32> {
        let Some(known) = self.alerts.get(&alert.id) else { return Some(1) };
        let harder = alert.severity > known.alert.severity && !known.of_before;
        let again = match known.status {
            Status::Resolved => harder || alert.count() > known.alert.count() || new_run(&known.alert, alert),
            _ => harder || (known.of_before && alert.week > known.alert.week),
        };
        let changed = alert.week != known.alert.week || alert.numbers != known.alert.numbers;
        match (again, known.status) {
            (true, _) => Some(known.n + 1),
            (false, Status::Resolved) => None,
            (false, _) => (changed && !known.of_before).then_some(known.n),
        }
    }

    /// The id under which a cause is told already, by its own or by a wider or narrower look at it.
    #[must_use]
    pub fn of_cause(&self, alert: &Alert) -> Option<String> {
        let told =
            |known: &&Standing| known.status != Status::Resolved && is_of_one_cause(&known.alert, alert);
        match self.alerts.get(&alert.id) {
            Some(_) => None,
            None => self.alerts.values().find(told).map(|known| known.alert.id.clone()),
        }
    }

    /// Every alert, by id.
    pub fn alerts(&self) -> impl Iterator<Item = &Standing> {
        self.alerts.values()
    }

    /// One of them.
    #[must_use]
    pub fn alert(&self, id: &str) -> Option<&Standing> {
        self.alerts.get(id)
    }

    /// Every message, by id.
    pub fn messages(&self) -> impl Iterator<Item = (&str, &Message)> {
        self.messages.iter().map(|(id, message)| (id.as_str(), message))
    }

    /// One of them.
    #[must_use]
    pub fn message(&self, id: &str) -> Option<&Message> {
        self.messages.get(id)
    }

    /// True where a sink was told of an occasion, or is being told.
    #[must_use]
    pub fn is_covered(&self, sink: &str, tells: &str) -> bool {
        self.covered.contains(&(sink.to_owned(), tells.to_owned()))
    }
}

impl Standing {
    fn decided(&mut self, at: Timestamp, version: u64, actor: &str, decision: &AlertDecision) {
        self.version = version;
        match decision {
            AlertDecision::Acknowledged => (self.status, self.until) = (Status::Acknowledged, None),
            AlertDecision::Snoozed { until } => {
                (self.status, self.until) = (Status::Snoozed, Some(*until));
            }
            AlertDecision::Assigned { owner } => {
                if let Some(owner) = Owner::ALL.into_iter().find(|o| o.name() == owner) {
                    (self.alert.owner, self.assigned) = (owner, Some(at));
                }
            }
            AlertDecision::Resolved { .. } => (self.status, self.until) = (Status::Resolved, None),
        }
        self.trail.push(Step { at, actor: actor.to_owned(), what: Was::Decided(decision.clone()) });
    }
}

/// True where a cause began anew, weeks after the one that was resolved.
fn new_run(before: &Alert, now: &Alert) -> bool {
    let ends = monday(&before.week).and_then(|day| day.checked_add((7 * GAP).days()).ok());
    ends.zip(monday(&now.since)).is_some_and(|(ends, begins)| begins > ends)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::{Decide, Kind, Numbers, Severity};

    fn alert(week: &str, count: u64) -> Alert {
        let numbers = Some(Numbers { count, ..Numbers::default() });
        let (payer, carc) = ("A".to_owned(), "197".to_owned());
        let id = format!("{payer}/{carc}");
        Alert { id, payer, carc, week: week.into(), since: week.into(), numbers, ..Alert::default() }
    }

    fn now() -> Timestamp {
        "2026-11-18T17:00:00Z".parse().unwrap()
    }

    fn raise(book: &mut Book, alert: &Alert) -> Option<u32> {
        let n = book.meet(alert)?;
        let (line, owner) = (serde_json::to_string(alert).unwrap(), alert.owner.name().to_owned());
        book.apply(now(), &Record::AlertRaised { alert: alert.id.clone(), n, owner, line, arrived: None });
        Some(n)
    }

    fn decide(book: &mut Book, asked: &Decide) -> Result<(), String> {
        let version = book.may("A/197", None, asked, now()).map_err(|refused| refused.0)?;
        let decision = match asked {
            Decide::Acknowledge => AlertDecision::Acknowledged,
            Decide::Snooze { until } => AlertDecision::Snoozed { until: *until },
            Decide::Assign { owner } => AlertDecision::Assigned { owner: owner.clone() },
            Decide::Resolve { .. } => AlertDecision::Resolved { note: "hash".into() },
        };
        let (alert, actor) = ("A/197".to_owned(), "uid 1".to_owned());
        book.apply(now(), &Record::AlertDecided { alert, version, actor, decision });
        Ok(())
    }

    fn resolve() -> Decide {
        Decide::Resolve { note: "the list at booking was wrong".into() }
    }

    #[test]
    fn one_cause_is_one_alert_and_comes_back_when_it_worsens() {
        let mut book = Book::default();
        assert_eq!(raise(&mut book, &alert("2026-W40", 8)), Some(1));
        assert_eq!(raise(&mut book, &alert("2026-W40", 8)), None, "nothing new");
        assert_eq!(raise(&mut book, &alert("2026-W41", 9)), Some(1), "the same, with other numbers");
        let known = book.alert("A/197").unwrap();
        assert_eq!((known.alert.count(), known.alert.since.as_str(), known.version), (9, "2026-W40", 1));
        let steep = Alert { severity: Severity::AtOnce, ..alert("2026-W41", 9) };
        assert_eq!(raise(&mut book, &steep), Some(2), "told again: it is urgent now");
        decide(&mut book, &resolve()).unwrap();
        assert_eq!(raise(&mut book, &alert("2026-W42", 9)), None, "no worse than when it was resolved");
        assert_eq!(raise(&mut book, &alert("2026-W42", 10)), Some(3));
        assert_eq!(book.alert("A/197").unwrap().status, Status::Open);
        decide(&mut book, &resolve()).unwrap();
        assert_eq!(raise(&mut book, &alert("2026-W46", 5)), None);
        assert_eq!(raise(&mut book, &alert("2026-W47", 5)), Some(4), "a new run, weeks later");
    }

    #[test]
    fn what_is_not_allowed_is_refused_in_words() {
        let mut book = Book::default();
        assert!(decide(&mut book, &Decide::Acknowledge).unwrap_err().contains("no alert A/197"));
        raise(&mut book, &alert("2026-W40", 8));
        let until = |days: i64| Decide::Snooze { until: now() + (24 * days).hours() };
        let assign = |owner: &str| Decide::Assign { owner: owner.into() };
        assert!(decide(&mut book, &until(-1)).unwrap_err().contains("future"));
        assert!(decide(&mut book, &until(91)).unwrap_err().contains("90 days"));
        assert!(decide(&mut book, &assign("nobody")).unwrap_err().contains("credentialing"));
        assert!(decide(&mut book, &assign("billing")).unwrap_err().contains("billing's already"));
        assert!(decide(&mut book, &Decide::Resolve { note: " ".into() }).unwrap_err().contains("say what"));
        decide(&mut book, &until(3)).unwrap();
        let known = book.alert("A/197").unwrap();
        assert_eq!(known.status(now()), Status::Snoozed);
        assert_eq!(known.status(now() + 72.hours()), Status::Open);
        decide(&mut book, &Decide::Acknowledge).unwrap();
        assert!(decide(&mut book, &Decide::Acknowledge).unwrap_err().contains("before"));
        decide(&mut book, &assign("coding")).unwrap();
        assert_eq!(raise(&mut book, &alert("2026-W41", 7)), Some(1));
        assert_eq!(book.alert("A/197").unwrap().alert.owner, Owner::Coding, "new numbers change no owner");
        assert!(book.may("A/197", Some(1), &resolve(), now()).unwrap_err().0.contains("version 4 now"));
        decide(&mut book, &resolve()).unwrap();
        for asked in [Decide::Acknowledge, until(1), assign("clinical"), resolve()] {
            assert!(decide(&mut book, &asked).unwrap_err().contains("was resolved"), "{asked:?}");
        }
        assert_eq!(book.alert("A/197").unwrap().trail.len(), 5);
    }

    #[test]
    fn alerts_of_before_are_known_and_told_to_no_sink() {
        let mut book = Book::default();
        let line = r#"{"id":"2026-W40/A/197","owner":"authorisation","week":"2026-W40","payer":"A","carc":"197","denials":8,"usual":1.5,"amount":"9.00","message":"Payer A denied 8 times.","prevention":"p"}"#;
        let key = "2026-W40/A/197".to_owned();
        book.apply(now(), &Record::AlertDue { key, owner: "authorisation".into(), line: line.into() });
        let known = book.alert("A/197").unwrap();
        assert!(known.of_before && known.alert.owner == Owner::Authorisation);
        assert_eq!(raise(&mut book, &alert("2026-W40", 8)), None, "told of in its week");
        assert_eq!(raise(&mut book, &alert("2026-W41", 8)), Some(2));
        assert_eq!(book.alert("A/197").unwrap().alert.kind, Kind::Rise);
        assert!(!book.alert("A/197").unwrap().of_before);
    }
}
