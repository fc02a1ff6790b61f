//! The alerts inbox, and one alert with its evidence.

use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, PreEscaped, html};

use super::report::{chart, head, report};
use super::{csrf, page_of, rates};
use crate::alerts::{Alert, Kind, Numbers, Severity, Standing, Status, Was};
use crate::daemon::alerting::Seen;
use crate::daemon::trending::Weekly;
use crate::edits::{EditSet, Owner};
use crate::journal::AlertDecision;
use crate::sheets::{share, sparkline};
use crate::web::access::{Action, may};
use crate::web::reading::alerts::key;
use crate::web::request::{Call, Signed};
use crate::web::say;

/// The moment, at the site.
type Now<'a> = (Timestamp, &'a TimeZone);

fn status(of: Status) -> (&'static str, &'static str, &'static str) {
    match of {
        Status::Open => ("\u{25b2}", "Open", "held"),
        Status::Acknowledged => ("\u{25d0}", "Somebody is at it", "trial"),
        Status::Snoozed => ("\u{25cb}", "Put off", "trial"),
        Status::Resolved => ("\u{2713}", "Resolved", "clean"),
    }
}

fn kind(of: Kind) -> &'static str {
    match of {
        Kind::Rise => "More denials",
        Kind::Drift => "More and more denials",
        Kind::New => "New denials",
        Kind::Improvement => "Fewer denials",
        Kind::File => "A file",
        Kind::Channel => "A channel",
        Kind::Pack => "Huddle pack",
    }
}

/// The inbox: those that are open with their weeks, and those that were resolved.
pub fn list(
    who: &Signed,
    (open, lines, resolved): (&[Standing], &[Vec<Weekly>], &[Standing]),
    now: Now<'_>,
    notice: Option<&str>,
) -> Response {
    let content = html! {
        (head("Alerts", "What began or got worse, and what lies somewhere for a person. The newest first."))
        @if let Some(said) = notice { p .notice role="status" { (said) } }
        @if open.is_empty() {
            div .empty { p { "No alert is open." } p .small { "One comes when denials rise by more than chance, or a file needs a person." } }
        } @else {
            ol .inbox { @for (alert, weeks) in open.iter().zip(lines) { (row(alert, weeks, now)) } }
        }
        @if !resolved.is_empty() {
            details { summary { (resolved.len()) " resolved" } ol .inbox { @for alert in resolved { (row(alert, &[], now)) } } }
        }
    };
    report(who, ("Alerts", "Alerts"), &content)
}

fn row(of: &Standing, weeks: &[Weekly], (now, zone): Now<'_>) -> Markup {
    let (sign, word, class) = status(of.status(now));
    let rates: Vec<Option<i64>> = weeks.iter().map(|w| share(w.denied, w.decided)).collect();
    let line = sparkline(&rates, 400, &format!("Denied of decided by week over {} weeks", weeks.len()));
    html! {
        li {
            a href={ "/alerts/" (key(&of.alert.id)) } {
                span .state.(class) { (sign) " " (word) }
                span .said { (say::plain(&of.alert.message)) }
                span .small {
                    (kind(of.alert.kind)) " \u{b7} " (say::team(of.alert.owner))
                    @if !of.alert.since.is_empty() { " \u{b7} since week " (of.alert.since) }
                    @if !of.alert.evidence.is_empty() { " \u{b7} evidence " (of.alert.evidence) }
                    @if of.alert.severity == Severity::AtOnce { " \u{b7} told at once" }
                    " \u{b7} raised " (say::lately(of.raised, now, zone))
                }
                @if let Some(line) = line { span .line { (PreEscaped(line)) } }
            }
        }
    }
}

/// One of them: its numbers, its weeks, its claims, what was done of it, and what may be.
pub fn one(
    who: &Signed,
    seen: &Seen,
    weeks: &[Weekly],
    now: Now<'_>,
    (edits, call, (refused, notice)): (&EditSet, &Call, (Option<&str>, Option<&str>)),
) -> Response {
    let of = &seen.alert;
    let (sign, word, class) = status(of.status(now.0));
    let content = html! {
        p .back { a href="/alerts" { "Alerts" } }
        h1 { (say::plain(&of.alert.message)) }
        p .lead { span .state.(class) { (sign) " " (word) } " \u{b7} for " (say::team(of.alert.owner)) @if let Some(until) = of.until.filter(|_| of.status(now.0) == Status::Snoozed) { " \u{b7} until " (say::moment(until, now.1)) } }
        @if let Some(said) = refused { p .notice.bad role="alert" { (said) } }
        @if let Some(said) = notice { p .notice.good role="status" { (said) } }
        div .desk {
            div {
                (evidence(&of.alert, weeks))
                (prevention(&of.alert, edits))
                (claims(who, seen))
            }
            div .decide {
                (decisions(who, of, call, now.0))
                (trail(seen, now))
            }
        }
    };
    let code = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    page_of(code, ("Alert", "Alerts"), Some(who), &content)
}

fn evidence(of: &Alert, weeks: &[Weekly]) -> Markup {
    let word = if of.kind == Kind::Improvement { "fewer" } else { "more" };
    let marks = if of.since.is_empty() { Vec::new() } else { vec![(of.since.clone(), word.to_owned())] };
    let (rates, drawn) = rates::weekly(weeks, marks);
    html! {
        section .block {
            h2 { "Evidence" }
            dl .facts {
                @if let Some(n) = &of.numbers { (numbers(n, of.kind)) }
                @if !of.since.is_empty() { div { dt { "Began" } dd { "week " (of.since) } } }
                @if !of.payer.is_empty() { div { dt { "Payer" } dd { (say::plain(if of.payer_name.is_empty() { &of.payer } else { &of.payer_name })) } } }
                @if !of.carc.is_empty() { div { dt { "Reason" } dd { a href={ "/reference/codes/CARC-" (of.carc) } { @if !of.group.is_empty() { (of.group) "-" } (of.carc) } @if !of.reason.is_empty() { " (" (say::plain(&of.reason)) ")" } } } }
                @for (name, value) in &of.only { div { dt { (say::sentence(name)) } dd { (say::plain(value)) } } }
                @if !of.changed.is_empty() { div { dt { "What changed" } dd { (changed(&of.changed)) } } }
                @if !of.evidence.is_empty() { div { dt { "How sure" } dd { (of.evidence) } } }
            }
        }
        (chart(&drawn, &rates))
    }
}

fn changed(name: &str) -> &str {
    match name {
        "payer" => "the payer",
        "our-mix" => "the mix of what we send",
        "our-edit" => "an edit of ours",
        "all-payers" => "all payers alike",
        other => other,
    }
}

fn numbers(of: &Numbers, kind: Kind) -> Markup {
    let many = |n: f64| if n < 10.0 { format!("{n:.1}") } else { format!("{n:.0}") };
    html! {
        div { dt { "Denials since" } dd { (of.count) @if let Some(all) = of.of { " of " (all) } } }
        div { dt { "Usual in that time" } dd { (many(of.usual)) @if let Some(all) = of.usual_of { " of " (many(all)) } } }
        @if let Some((low, high)) = of.ratio { div { dt { "The rate rose" } dd { (many(low)) " to " (many(high)) " times, with 95 % confidence" } } }
        div { dt { @if kind == Kind::Improvement { "Dollars not refused" } @else { "Dollars beyond the usual" } } dd { (say::dollars(of.cents)) } }
    }
}

fn prevention(of: &Alert, edits: &EditSet) -> Markup {
    html! {
        @if !of.prevention.is_empty() || !of.edits.is_empty() || of.draft.is_some() {
            section .block {
                h2 { "What prevents it" }
                @if !of.prevention.is_empty() { p { (say::plain(&of.prevention)) } }
                @if !of.edits.is_empty() {
                    ul { @for id in &of.edits { li { a href={ "/reference/edits/" (id) } { (id) } " " (edits.get(id).map(|e| say::name(&e.name)).unwrap_or_default()) } } }
                }
                @if let Some(draft) = &of.draft { details { summary { "A draft of an edit that would stop it" } pre { (say_lines(draft)) } } }
            }
        }
    }
}

/// A text of several lines without what turns them around.
fn say_lines(text: &str) -> String {
    text.lines().map(say::plain).collect::<Vec<_>>().join("\n")
}

fn claims(who: &Signed, seen: &Seen) -> Markup {
    html! {
        @if !seen.examples.is_empty() && !who.blinded {
            section .block {
                h2 { "Claims it happened to" }
                ul {
                    @for (example, claim) in &seen.examples {
                        li { @match claim { Some(number) => (say::plain(number)), None => "A claim that is not known any more" } span .small { " \u{b7} number " (example.position) " of " a href={ "/files/" (example.file) } { "its file" } } }
                    }
                }
                p .small { "That you saw them is in the audit trail." }
            }
        }
    }
}

fn decisions(who: &Signed, of: &Standing, call: &Call, now: Timestamp) -> Markup {
    let path = |what: &str| format!("/alerts/{}/{what}", key(&of.alert.id));
    let carried = html! { (csrf(who)) input type="hidden" name="version" value=(of.version); };
    let standing = of.status(now);
    html! {
        @if standing != Status::Resolved && may(who.role, Action::AlertResolve) {
            @if matches!(standing, Status::Open | Status::Snoozed) {
                form .card method="post" action=(path("acknowledge")) { (carried) h2 { "Somebody is at it" } p .small { "Nobody is reminded of it any more." } button .main { "Acknowledge" } }
            }
            form .card.row method="post" action=(path("snooze")) { (carried) label { "Put it off until" input type="date" name="until" value=(call.field("until")) required; } button { "Put off" } }
            form .card.row method="post" action=(path("assign")) {
                (carried)
                label { "Give to another team" select name="team" { @for team in Owner::ALL { @if team != of.alert.owner { option value=(team.name()) { (say::team(team)) } } } } }
                button { "Assign" }
            }
            form .card method="post" action=(path("resolve")) { (carried) label { "What was put right?" textarea name="note" rows="2" maxlength="2000" required { (call.field("note")) } } button { "Resolve" } }
        }
    }
}

fn trail(seen: &Seen, (now, zone): Now<'_>) -> Markup {
    let did = |what: &Was| match what {
        Was::Raised { raised: 1 } => "raised it".to_owned(),
        Was::Raised { .. } => "raised it again".to_owned(),
        Was::Decided(AlertDecision::Acknowledged) => "acknowledged it".to_owned(),
        Was::Decided(AlertDecision::Snoozed { until }) => {
            format!("put it off until {}", say::moment(*until, zone))
        }
        Was::Decided(AlertDecision::Assigned { owner }) => {
            let known = Owner::ALL.into_iter().find(|o| o.name() == owner);
            let team = known.map_or_else(|| owner.clone(), |o| say::team(o).to_owned());
            format!("gave it to {team}")
        }
        Was::Decided(AlertDecision::Resolved { .. }) => "resolved it".to_owned(),
    };
    html! {
        section .block {
            h2 { "What was done" }
            ul .trail {
                @for step in seen.alert.trail.iter().rev() {
                    li {
                        span .small { (say::lately(step.at, now, zone)) } " " (say::who(&step.actor)) " " (did(&step.what)) "."
                        @for (at, actor, note) in &seen.notes { @if *at == step.at && *actor == step.actor { blockquote { (say::plain(note)) } } }
                    }
                }
            }
            @if !seen.messages.is_empty() {
                h3 { "Who was told" }
                ul .trail {
                    @for (_, message) in &seen.messages {
                        li { span .small { (say::lately(message.last, now, zone)) } " " (say::plain(&message.sink)) ": " (delivery(&message.state)) }
                    }
                }
            }
        }
    }
}

fn delivery(of: &crate::alerts::MessageState) -> String {
    use crate::alerts::MessageState;
    match of {
        MessageState::Told => "told".to_owned(),
        MessageState::Unclear => "being told".to_owned(),
        MessageState::Failed { why } => format!("tried again; {}", say::plain(why)),
        MessageState::Dead { why } => format!("could not be told: {}", say::plain(why)),
    }
}
