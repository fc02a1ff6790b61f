//! The forms of the claim page. Each carries the version the page was made of, and what was typed when it comes back refused.

use maud::{Markup, html};

use super::claim::{Claim, Field};
use super::csrf;
use crate::daemon::desk::ELEMENTS;
use crate::edits::{Finding, Owner};
use crate::holds::Status;
use crate::web::access::{Action, may};
use crate::web::request::{Call, Signed};
use crate::web::say;
use crate::web::value::Kind;

/// How long a claim may be put off here.
pub const DAYS: &[(&str, &str)] =
    &[("1", "Until tomorrow"), ("3", "3 days"), ("7", "A week"), ("14", "Two weeks"), ("30", "30 days")];

/// True where somebody may still decide of it.
fn is_open(who: &Signed, shown: &Claim<'_>, action: Action) -> bool {
    let status = match action {
        Action::Void | Action::Assign => matches!(shown.held.status, Status::Open | Status::Leaving),
        _ => shown.held.status == Status::Open,
    };
    status && may(who.role, action)
}

fn carried(who: &Signed, shown: &Claim<'_>) -> Markup {
    html! { (csrf(who)) input type="hidden" name="version" value=(shown.held.version); }
}

/// Findings with their fields, as one form where they may be corrected.
pub fn fix(
    who: &Signed,
    shown: &Claim<'_>,
    call: &Call,
    found: &dyn Fn(usize, &Finding) -> Markup,
) -> Markup {
    let all = html! { @for (n, finding) in shown.findings.iter().enumerate() { (found(n, finding)) } };
    if !is_open(who, shown, Action::Fix) || shown.sheet.is_none() {
        // Without a form around them, fields would promise what can't be sent.
        return html! { div .readonly { (all) } };
    }
    let free = call.fields.iter().rposition(|(name, _)| name == "path");
    let typed = |at: usize| call.fields.get(at).map_or("", |(_, value)| value.as_str());
    let (path, value) = match free {
        Some(at) if !shown.fields.iter().any(|field| field.path == typed(at)) => (typed(at), typed(at + 2)),
        _ => ("", ""),
    };
    html! {
        form method="post" action={ "/claim/" (shown.held.id) "/fix" } autocomplete="off" {
            (carried(who, shown))
            (all)
            details open[!path.is_empty()] {
                summary { "Correct something else" }
                div .pair {
                    label { "Place" input name="path" value=(path) list="places" placeholder="Begin with its name" spellcheck="false" autocomplete="off"; }
                    input type="hidden" name="was" value="";
                    label { "New value" input name="value" value=(value) spellcheck="false"; }
                }
                datalist #places {
                    @for (path, label) in shown.sheet.iter().flat_map(|read| read.places()) { option value=(path) { (label) } }
                }
                p .small { "Choose a place by its name, or write any other: places are written as findings show them, with a slash for the blank." }
                @if shown.findings.is_empty() { button { "Save and check again" } }
            }
            @if !shown.findings.is_empty() { button .main { "Save and check again" } }
        }
    }
}

/// The fields of one finding.
pub fn fields(shown: &Claim<'_>, finding: usize) -> Markup {
    html! {
        @for field in shown.fields.iter().filter(|field| field.finding == finding) {
            input type="hidden" name="path" value=(field.path);
            input type="hidden" name="was" value=(field.was);
            label .fix {
                span {
                    (label(shown, &field.path)) " " span .place { (field.path.replacen('/', " ", 1)) }
                    @if shown.fields.first().is_some_and(|first| first.path == field.path) { " " kbd { "f" } }
                }
                (editor(field))
            }
            @if field.shared > 0 {
                label .check {
                    input type="checkbox" name="everywhere" value="yes";
                    span { "Correct it in " (say::claims_of(field.shared)) " of this file that share it, too" }
                }
            }
        }
    }
}

fn editor(field: &Field) -> Markup {
    let (hint, kind) = (field.kind.hint(), field.kind);
    html! {
        @match kind {
            Kind::Choice(choices) if field.value.is_empty() || choices.iter().any(|(raw, _)| *raw == field.value) => {
                select name="value" data-fix {
                    option value="" { "Nothing" }
                    @for (raw, words) in choices { option value=(raw) selected[*raw == field.value] { (words) } }
                }
            },
            _ => input name="value" data-fix value=(field.value) placeholder=[Some(hint).filter(|h| !h.is_empty())] spellcheck="false" autocomplete="off";,
        }
    }
}

/// What people call what stands at a path.
fn label(shown: &Claim<'_>, path: &str) -> String {
    let known = shown.sheet.as_ref().and_then(|read| read.label(path));
    known.unwrap_or_else(|| "Value".to_owned())
}

/// Release, override, assign, void: what this person may, of a claim in this state.
pub fn forms(who: &Signed, shown: &Claim<'_>, call: &Call) -> Markup {
    let stopped = shown.is_stopped();
    html! {
        @if is_open(who, shown, Action::Release) && !stopped { (release(who, shown, call)) }
        @if is_open(who, shown, Action::Override) && stopped && shown.overridable { (let_go(who, shown, call)) }
        @if shown.held.status == Status::Open && may(who.role, Action::Agree) { (second(who, shown, call)) (answer(who, shown, call)) }
        @if is_open(who, shown, Action::Assign) { (assign(who, shown, call)) }
        @if is_open(who, shown, Action::Snooze) { (later(who, shown, call)) }
        @if is_open(who, shown, Action::Query) && shown.held.query.is_none() { (query(who, shown, call)) }
        @if is_open(who, shown, Action::Void) { (void(who, shown, call)) }
    }
}

fn release(who: &Signed, shown: &Claim<'_>, call: &Call) -> Markup {
    html! {
        form .card method="post" action={ "/claim/" (shown.held.id) "/release" } {
            (carried(who, shown))
            h2 { "Release " kbd { "r" } }
            label { "Why may it leave?" input #release name="reason" value=(call.field("reason")) maxlength="500" required; }
            button .main { "Release" }
        }
    }
}

fn let_go(who: &Signed, shown: &Claim<'_>, call: &Call) -> Markup {
    html! {
        form .card method="post" action={ "/claim/" (shown.held.id) "/override" } {
            (carried(who, shown))
            h2 { "Let it go as it is " kbd { "r" } }
            label {
                "Reason"
                select #release name="code" required {
                    option value="" { "Choose one" }
                    @for (code, words) in shown.codes { option value=(code) selected[call.field("code") == code] { (words) } }
                }
            }
            label { "Note" textarea name="note" rows="2" maxlength="2000" required { (call.field("note")) } }
            button { "Override and release" }
        }
    }
}

fn to(shown: &Claim<'_>, what: &str) -> String {
    format!("/claim/{}/{what}", shown.held.id)
}

/// The second person agrees to an override, or not.
fn second(who: &Signed, shown: &Claim<'_>, call: &Call) -> Markup {
    let waits = shown.held.proposed.as_ref().filter(|proposed| proposed.by != who.actor());
    html! {
        @if waits.is_some() {
            div .card {
                h2 { "You are the second person" }
                form method="post" action=(to(shown, "agree")) { (carried(who, shown)) button .main { "Agree: override and release" } }
                form .row method="post" action=(to(shown, "decline")) {
                    (carried(who, shown))
                    label { "Or why not?" input name="decline-reason" value=(call.field("decline-reason")) maxlength="500" required; }
                    button { "Decline" }
                }
            }
        }
    }
}

fn answer(who: &Signed, shown: &Claim<'_>, call: &Call) -> Markup {
    html! {
        @if shown.held.query.is_some() {
            form .card method="post" action=(to(shown, "answer")) {
                (carried(who, shown))
                h2 { "Answer the question" }
                label { "What does the documentation say?" textarea name="answer" rows="2" maxlength="2000" required { (call.field("answer")) } }
                button { "Answer" }
            }
        }
    }
}

fn query(who: &Signed, shown: &Claim<'_>, call: &Call) -> Markup {
    let typed = call.field("question");
    html! {
        details .card open[!typed.is_empty()] {
            summary { "Ask clinical for documentation" }
            form method="post" action=(to(shown, "query")) {
                (carried(who, shown))
                label {
                    "What is missing?"
                    select name="element" required {
                        option value="" { "Choose one" }
                        @for (word, words) in ELEMENTS { option value=(word) selected[call.field("element") == *word] { (words) } }
                    }
                }
                label { "Question" textarea name="question" rows="2" maxlength="2000" required { (typed) } }
                button { "Ask" }
            }
        }
    }
}

/// Off the list for a while, or before all others.
fn later(who: &Signed, shown: &Claim<'_>, call: &Call) -> Markup {
    let typed = call.field("escalate-reason");
    html! {
        details .card open[!typed.is_empty()] {
            summary { "Put off, or escalate" }
            form .row method="post" action=(to(shown, "snooze")) {
                (carried(who, shown))
                label { "Put off for" select name="days" { @for (days, words) in DAYS { option value=(days) { (words) } } } }
                button { "Put off" }
            }
            form .row method="post" action=(to(shown, "escalate")) {
                (carried(who, shown))
                label { "Why should a lead look at it?" input name="escalate-reason" value=(typed) maxlength="500" required; }
                button { "Escalate" }
            }
        }
    }
}

fn assign(who: &Signed, shown: &Claim<'_>, call: &Call) -> Markup {
    html! {
        form .card.pair method="post" action={ "/claim/" (shown.held.id) "/assign" } {
            (carried(who, shown))
            label {
                span { "Give to another team " kbd { "a" } }
                select #assign name="team" {
                    @for team in Owner::ALL { option value=(team.name()) selected[shown.held.owner == Some(team)] { (say::team(team)) } }
                }
            }
            label { "Why (if it helps them)" input name="assign-reason" value=(call.field("assign-reason")) maxlength="500"; }
            button { "Assign" }
        }
    }
}

fn void(who: &Signed, shown: &Claim<'_>, call: &Call) -> Markup {
    html! {
        details .card open[!call.field("void-reason").is_empty()] {
            summary { "Void this claim" }
            form method="post" action={ "/claim/" (shown.held.id) "/void" } {
                (carried(who, shown))
                p .small { "It leaves no more. A claim that was released and has not left is taken back." }
                label { "Why?" input name="void-reason" value=(call.field("void-reason")) maxlength="500" required; }
                button .danger { "Void" }
            }
        }
    }
}
