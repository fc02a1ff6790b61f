//! What is to be told, to which sink, when: a function of the book, the sink's rule, the site's hours and the moment.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::alert::{Kind, Severity};
use super::book::{Book, Message, MessageState, Standing, Status};
use crate::edits::Owner;

/// An occasion that is older and that a sink never began to be told of is told no more: a sink that is new in the settings does not hear of
/// all that ever was.
const STALE: i64 = 7 * 24;
/// Longest wait between two attempts.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(1);

/// What a sink is told, and how often a message is tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Teams whose alerts it is told.
    pub owners: Vec<Owner>,
    /// The lowest severity it is told.
    pub severity: Severity,
    /// It is also told what nobody acknowledged in time, whosever it is.
    pub escalations: bool,
    /// Quiet hours hold for it.
    pub quiet: bool,
    /// It is told when the huddle's pack is ready.
    pub packs: bool,
    /// Wait after the first failure; doubled with each more, up to an hour.
    pub wait: SignedDuration,
    /// Attempts after which a message is dead.
    pub attempts: u32,
}

/// The site's hours.
#[derive(Clone, Debug)]
pub struct Times {
    /// The site's time zone.
    pub zone: TimeZone,
    /// When the day's digest goes.
    pub digest: Time,
    /// From when to when nobody is told anything; from one day to the next where the first is later.
    pub quiet: Option<(Time, Time)>,
    /// How long an alert may stay open until it is escalated: told at once, and by digest.
    pub escalate: (Option<SignedDuration>, Option<SignedDuration>),
}

/// A message that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// When.
    pub at: Timestamp,
    /// Its id.
    pub message: String,
    /// Alerts, each with its occasion.
    pub tells: Vec<String>,
    /// Which attempt this is, from 1.
    pub attempt: u32,
}

/// An occasion as messages name it.
#[must_use]
pub fn occasion(alert: &str, tag: &str) -> String {
    format!("{alert}@{tag}")
}

/// Everything a sink is to be sent, now or later, the earliest first.
#[must_use]
pub fn plan(book: &Book, rule: &Rule, times: &Times, now: Timestamp) -> Vec<Due> {
    let own = book.messages().filter(|(_, message)| message.sink == rule.name);
    let mut due: Vec<Due> = own.filter_map(|(id, message)| again(id, message, rule, times)).collect();
    let mut digest: Vec<(Timestamp, Date, String)> = Vec::new();
    let stale = now.saturating_sub(STALE.hours()).unwrap_or(now);
    for known in book.alerts().filter(|known| !known.of_before) {
        for (at, tag, severity) in occasions(known, rule, times, now) {
            let tells = occasion(&known.alert.id, &tag);
            if at < stale || book.is_covered(&rule.name, &tells) {
                continue;
            }
            match severity {
                Severity::AtOnce => {
                    let message = format!("{}/{}/{tag}", known.alert.id, rule.name);
                    due.push(Due { at: awake(at, rule, times), message, tells: vec![tells], attempt: 1 });
                }
                Severity::Digest => {
                    let (at, day) = next_digest(at, times);
                    digest.push((awake(at, rule, times), day, tells));
                }
            }
        }
    }
    due.extend(digests(book, rule, times, now, digest));
    due.sort_by(|a, b| (a.at, &a.message).cmp(&(b.at, &b.message)));
    due
}

/// What of an alert this sink is to be told: since when, as what, and how soon.
fn occasions(
    known: &Standing,
    rule: &Rule,
    times: &Times,
    now: Timestamp,
) -> Vec<(Timestamp, String, Severity)> {
    let mut found = Vec::new();
    if known.alert.kind == Kind::Pack {
        // Nobody has to do anything of it: it is told once, to those who want it.
        return rule
            .packs
            .then(|| (known.raised, known.n.to_string(), Severity::AtOnce))
            .into_iter()
            .collect();
    }
    let (n, severity) = (known.n, known.alert.severity);
    let status = known.status(now);
    if rule.owners.contains(&known.alert.owner) && severity >= rule.severity {
        // Where somebody is at it, only a team that was given it since hears of it.
        let hears = status == Status::Open || (status == Status::Acknowledged && known.assigned.is_some());
        match known.until.filter(|until| *until <= now) {
            // A snooze that is over: told again, to those who were told before too.
            Some(until) => found.push((until, format!("{n}-awake-{}", known.version), severity)),
            None if hears => {
                let since = known.assigned.map_or(known.raised, |at| at.max(known.raised));
                found.push((since, n.to_string(), severity));
            }
            None => {}
        }
    }
    let limit = match severity {
        Severity::AtOnce => times.escalate.0,
        Severity::Digest => times.escalate.1,
    };
    if rule.escalations
        && known.alert.kind != Kind::Improvement
        && status == Status::Open
        && let Some(at) = limit.and_then(|limit| known.raised.checked_add(limit).ok())
    {
        found.push((at, format!("{n}-escalated"), Severity::AtOnce));
    }
    found
}

/// Alerts of a digest that is due go in one message; those of later ones wait.
fn digests(
    book: &Book,
    rule: &Rule,
    times: &Times,
    now: Timestamp,
    mut waiting: Vec<(Timestamp, Date, String)>,
) -> Option<Due> {
    waiting.sort();
    let (first, _, _) = waiting.first()?;
    let limit = (*first).max(now);
    let ready: Vec<_> = waiting.iter().filter(|(at, ..)| *at <= limit).collect();
    let (mut at, mut day) = ready.iter().map(|(at, day, _)| (*at, *day)).max()?;
    let id = |day: Date| format!("digest/{}/{day}", rule.name);
    // What came too late for the day's goes with the next.
    while book.message(&id(day)).is_some() {
        day = day.tomorrow().ok()?;
        at = awake(moment(day, times)?, rule, times);
    }
    let tells = ready.into_iter().map(|(_, _, tells)| tells.clone()).collect();
    Some(Due { at, message: id(day), tells, attempt: 1 })
}

/// A message that was tried before.
fn again(id: &str, message: &Message, rule: &Rule, times: &Times) -> Option<Due> {
    let at = match message.state {
        MessageState::Told | MessageState::Dead { .. } => return None,
        MessageState::Unclear => message.last,
        MessageState::Failed { .. } => {
            let doubled = 1_i32.checked_shl(message.attempts.saturating_sub(1)).unwrap_or(i32::MAX);
            let wait = rule.wait.saturating_mul(doubled.max(1)).min(LONGEST_WAIT);
            awake(message.last.checked_add(wait).ok()?, rule, times)
        }
    };
    let (message, tells, attempt) = (id.to_owned(), message.tells.clone(), message.attempts + 1);
    Some(Due { at, message, tells, attempt })
}

/// That moment, or the end of the quiet hours it falls into.
fn awake(at: Timestamp, rule: &Rule, times: &Times) -> Timestamp {
    let Some((from, to)) = times.quiet.filter(|(from, to)| rule.quiet && from != to) else { return at };
    let local = at.to_zoned(times.zone.clone()).datetime();
    let (day, time) = (local.date(), local.time());
    let ends = match from < to {
        true if from <= time && time < to => Some(day),
        false if time >= from => day.tomorrow().ok(),
        false if time < to => Some(day),
        _ => None,
    };
    let end = ends.and_then(|day| day.to_datetime(to).to_zoned(times.zone.clone()).ok());
    end.map_or(at, |end| end.timestamp())
}

/// The first digest at or behind a moment, and its day.
fn next_digest(at: Timestamp, times: &Times) -> (Timestamp, Date) {
    let day = at.to_zoned(times.zone.clone()).date();
    let days = [Some(day), day.tomorrow().ok()].into_iter().flatten();
    let mut moments = days.filter_map(|day| Some((moment(day, times)?, day)));
    moments.find(|(digest, _)| *digest >= at).unwrap_or((at, day))
}

fn moment(day: Date, times: &Times) -> Option<Timestamp> {
    Some(day.to_datetime(times.digest).to_zoned(times.zone.clone()).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::{Alert, Decide};
    use crate::journal::{AlertDecision, Outcome, Record};
    use jiff::civil::time;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn times() -> Times {
        let zone = TimeZone::get("America/New_York").unwrap();
        let quiet = Some((time(19, 0, 0, 0), time(7, 0, 0, 0)));
        let escalate = (Some(SignedDuration::from_hours(4)), Some(SignedDuration::from_hours(72)));
        Times { zone, digest: time(7, 30, 0, 0), quiet, escalate }
    }

    fn rule(name: &str) -> Rule {
        Rule {
            name: name.into(),
            owners: Owner::ALL.to_vec(),
            severity: Severity::Digest,
            escalations: false,
            quiet: true,
            packs: false,
            wait: SignedDuration::from_mins(1),
            attempts: 3,
        }
    }

    fn raise(book: &mut Book, now: &str, id: &str, severity: Severity) {
        let owner = Owner::Coding;
        let alert = Alert { id: id.into(), severity, owner, message: "M.".into(), ..Alert::default() };
        let n = book.meet(&alert).unwrap();
        let (line, owner) = (serde_json::to_string(&alert).unwrap(), owner.name().to_owned());
        book.apply(at(now), &Record::AlertRaised { alert: id.into(), n, owner, line, arrived: None });
    }

    fn sending(book: &mut Book, now: &str, sink: &str, due: &Due) {
        let (message, tells) = (due.message.clone(), due.tells.clone());
        book.apply(at(now), &Record::AlertSending { message, sink: sink.into(), tells });
    }

    fn told(book: &mut Book, now: &str, due: &Due, outcome: Outcome) {
        book.apply(at(now), &Record::AlertTold { message: due.message.clone(), outcome });
    }

    fn shown(due: &[Due]) -> Vec<(String, String, u32)> {
        due.iter().map(|d| (d.at.to_string(), d.message.clone(), d.attempt)).collect()
    }

    fn is(at: &str, message: &str, attempt: u32) -> (String, String, u32) {
        (at.to_owned(), message.to_owned(), attempt)
    }

    #[test]
    fn at_once_by_day_and_after_quiet_hours_by_night() {
        let mut book = Book::default();
        // Noon and ten in the evening in New York.
        raise(&mut book, "2026-11-18T17:00:00Z", "A/197", Severity::AtOnce);
        raise(&mut book, "2026-11-19T03:00:00Z", "B/16", Severity::AtOnce);
        let due = plan(&book, &rule("ops"), &times(), at("2026-11-19T03:00:01Z"));
        assert_eq!(
            shown(&due),
            [is("2026-11-18T17:00:00Z", "A/197/ops/1", 1), is("2026-11-19T12:00:00Z", "B/16/ops/1", 1)]
        );
        assert_eq!(due[0].tells, ["A/197@1"]);
        let loud = Rule { quiet: false, ..rule("ops") };
        assert_eq!(
            plan(&book, &loud, &times(), at("2026-11-19T03:00:01Z"))[1].at,
            at("2026-11-19T03:00:00Z")
        );
    }

    #[test]
    fn one_digest_a_day_and_what_comes_late_goes_with_the_next() {
        let mut book = Book::default();
        raise(&mut book, "2026-11-18T17:00:00Z", "A/197", Severity::Digest);
        raise(&mut book, "2026-11-18T18:00:00Z", "B/16", Severity::Digest);
        let (ops, hour) = (rule("ops"), "2026-11-19T12:30:00Z");
        let due = plan(&book, &ops, &times(), at("2026-11-18T18:00:01Z"));
        assert_eq!(shown(&due), [is(hour, "digest/ops/2026-11-19", 1)]);
        assert_eq!(due[0].tells, ["A/197@1", "B/16@1"]);
        sending(&mut book, hour, "ops", &due[0]);
        told(&mut book, hour, &due[0], Outcome::Ok);
        assert!(plan(&book, &ops, &times(), at(hour)).is_empty());
        raise(&mut book, hour, "C/50", Severity::Digest);
        let due = plan(&book, &ops, &times(), at(hour));
        assert_eq!(shown(&due), [is("2026-11-20T12:30:00Z", "digest/ops/2026-11-20", 1)]);
        // Days without the program: one digest all the same.
        raise(&mut book, "2026-11-20T17:00:00Z", "D/4", Severity::Digest);
        let due = plan(&book, &ops, &times(), at("2026-11-22T15:00:00Z"));
        assert_eq!(shown(&due), [is("2026-11-21T12:30:00Z", "digest/ops/2026-11-21", 1)]);
        assert_eq!(due[0].tells.len(), 2);
        assert!(plan(&book, &ops, &times(), at("2026-12-20T15:00:00Z")).is_empty(), "stale by then");
    }

    #[test]
    fn a_failure_is_tried_again_ever_later_and_what_is_unclear_at_once() {
        let mut book = Book::default();
        let (ops, now) = (rule("ops"), "2026-11-18T17:00:00Z");
        raise(&mut book, now, "A/197", Severity::AtOnce);
        let first = plan(&book, &ops, &times(), at(now)).remove(0);
        sending(&mut book, now, "ops", &first);
        let unclear = plan(&book, &ops, &times(), at(now)).remove(0);
        assert_eq!((unclear.message.as_str(), unclear.at, unclear.attempt), ("A/197/ops/1", at(now), 2));
        for (wait, attempt) in [("2026-11-18T17:01:00Z", 2), ("2026-11-18T17:02:00Z", 3)] {
            told(&mut book, now, &first, Outcome::Failed { why: "no answer".into() });
            let next = plan(&book, &ops, &times(), at(now)).remove(0);
            assert_eq!((next.at, next.attempt), (at(wait), attempt));
            sending(&mut book, now, "ops", &next);
        }
        told(&mut book, now, &first, Outcome::Dead { why: "no answer".into() });
        assert!(plan(&book, &ops, &times(), at(now)).is_empty());
        assert_eq!(book.dead(None).unwrap(), ["A/197/ops/1"]);
        assert!(book.dead(Some("A/197/ops/2")).is_err());
        let (message, actor) = (first.message.clone(), "uid 1".into());
        book.apply(at(now), &Record::AlertResent { message, actor });
        assert_eq!(plan(&book, &ops, &times(), at(now)).remove(0).attempt, 1);
    }

    #[test]
    fn what_nobody_acknowledges_is_escalated_once() {
        let mut book = Book::default();
        let leads = Rule { owners: Vec::new(), escalations: true, ..rule("leads") };
        raise(&mut book, "2026-11-18T17:00:00Z", "A/197", Severity::AtOnce);
        let now = at("2026-11-18T21:30:00Z");
        let due = plan(&book, &leads, &times(), now);
        assert_eq!(shown(&due), [is("2026-11-18T21:00:00Z", "A/197/leads/1-escalated", 1)]);
        sending(&mut book, "2026-11-18T21:00:01Z", "leads", &due[0]);
        told(&mut book, "2026-11-18T21:00:02Z", &due[0], Outcome::Ok);
        assert!(plan(&book, &leads, &times(), now).is_empty());
        raise(&mut book, "2026-11-18T17:00:00Z", "B/16", Severity::AtOnce);
        assert_eq!(book.may("B/16", None, &Decide::Acknowledge, now), Ok(2));
        let (alert, actor, decision) = ("B/16".into(), "uid 1".into(), AlertDecision::Acknowledged);
        book.apply(now, &Record::AlertDecided { alert, version: 2, actor, decision });
        assert!(plan(&book, &leads, &times(), now).is_empty());
    }

    #[test]
    fn a_team_hears_of_its_own_and_of_what_it_is_given() {
        let mut book = Book::default();
        let now = at("2026-11-18T17:30:00Z");
        raise(&mut book, "2026-11-18T17:00:00Z", "A/197", Severity::AtOnce);
        let billing = Rule { owners: vec![Owner::Billing], ..rule("billing") };
        assert!(plan(&book, &billing, &times(), now).is_empty());
        let decision = AlertDecision::Assigned { owner: "billing".into() };
        let (alert, actor) = ("A/197".into(), "uid 1".into());
        book.apply(now, &Record::AlertDecided { alert, version: 2, actor, decision });
        assert_eq!(
            shown(&plan(&book, &billing, &times(), now)),
            [is(&now.to_string(), "A/197/billing/1", 1)]
        );
        let snooze = AlertDecision::Snoozed { until: at("2026-11-20T15:00:00Z") };
        let (alert, actor) = ("A/197".into(), "uid 1".into());
        book.apply(now, &Record::AlertDecided { alert, version: 3, actor, decision: snooze });
        assert!(plan(&book, &billing, &times(), now).is_empty());
        let woken = plan(&book, &billing, &times(), at("2026-11-20T15:00:00Z"));
        assert_eq!(shown(&woken), [is("2026-11-20T15:00:00Z", "A/197/billing/1-awake-3", 1)]);
    }
}
