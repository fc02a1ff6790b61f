//! The work list.

use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use std::collections::BTreeMap;

use super::report::files;
use super::{bulk, csrf, done, page};
use crate::holds::Status;
use crate::web::access::{Action, may};
use crate::web::queue::{Filter, PAGE, Queue, Which};
use crate::web::request::Signed;
use crate::web::row::Row;
use crate::web::say;
use crate::web::sessions::Notice;

/// What is shown.
pub struct Shown<'a> {
    /// The page of the list.
    pub queue: Queue,
    /// What it is seen through.
    pub filter: Filter,
    /// What that goes by.
    pub id: Option<&'a str>,
    /// Now.
    pub now: Timestamp,
    /// The day at the site.
    pub today: Date,
    /// The site's.
    pub zone: &'a TimeZone,
    /// What is to be said first.
    pub notice: Option<Notice>,
    /// Filters its reader keeps.
    pub saved: BTreeMap<String, Filter>,
    /// Reasons to override.
    pub codes: &'a [(String, String)],
}

impl Shown<'_> {
    /// Where this list is.
    pub fn here(&self) -> String {
        self.id.map_or("/".to_owned(), |id| format!("/work/{id}"))
    }
}

/// A page of it.
pub fn work_list(status: StatusCode, who: &Signed, shown: &Shown<'_>) -> Response {
    let (queue, filter) = (&shown.queue, &shown.filter);
    let decides = may(who.role, Action::Bulk);
    let live = format!("/live/{}/{}", queue.generation, shown.id.unwrap_or("all"));
    let content = html! {
        div .work {
            (teams(who, queue, filter))
            section {
                h1 { "Held claims" }
                @if let Some(notice) = &shown.notice { (done(who, notice, &shown.here())) }
                p .notice #news role="status" data-live=(live) data-here=(shown.here()) hidden {}
                (search(who, queue, filter))
                (saved(who, shown))
                @if queue.page.is_empty() {
                    (nothing(filter))
                } @else {
                    p .small {
                        (say::claims(queue.found)) " for " (say::dollars(queue.cents)) ", "
                        span title="Each charge times the share of claims stopped by the same edit that left in the end (four of five where nothing is known yet)" {
                            strong { (say::dollars(queue.at_risk)) } " at risk"
                        }
                        ". Ordered by what is at risk and the days left to file. Shown: " (queue.first) " to " (queue.first + queue.page.len() - 1) "."
                    }
                    form #list method="post" action="/work/bulk" {
                        (csrf(who))
                        input type="hidden" name="list" value=(shown.here());
                        @if decides { (bulk::bar(who, shown)) }
                        ol .claims start=(queue.first) {
                            @for row in &queue.page { (line(who, row, shown, decides)) }
                        }
                    }
                    nav .pages aria-label="Pages" {
                        @if queue.first > 1 { a href=(shown.here()) { "First page" } }
                        @if let Some(next) = &queue.next { a href={ (shown.here()) "?after=" (next) } { "Next " (PAGE) } }
                        (files(&format!("/work/{}", shown.id.unwrap_or("all"))))
                    }
                }
                p .small.keys {
                    kbd { "j" } " " kbd { "k" } " next, previous \u{b7} " kbd { "enter" } " open \u{b7} " kbd { "/" } " search \u{b7} "
                    kbd { "x" } " mark \u{b7} " kbd { "shift" } " " kbd { "x" } " mark up to here \u{b7} " kbd { "b" } " do with the marked \u{b7} " kbd { "z" } " undo"
                }
            }
        }
    };
    page(status, "Work list", Some(who), &content)
}

/// What a form carries of the filter it doesn't show.
fn carried(filter: &Filter, without: &str) -> Markup {
    let which = Which::ALL.into_iter().find(|(w, ..)| *w == filter.which).map_or("work", |(_, word, _)| word);
    let number = |n: Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
    let all = [
        ("team", filter.team.map_or(String::new(), |team| team.name().to_owned())),
        ("which", which.to_owned()),
        ("payer", filter.payer.clone()),
        ("edit", filter.edit.clone()),
        ("days", number(filter.days)),
        ("due", number(filter.due)),
        ("dollars", number(filter.cents.map(|cents| cents / 100))),
        ("text", filter.text.clone()),
    ];
    html! {
        @for (name, value) in all.iter().filter(|(name, _)| *name != without) {
            input type="hidden" name=(name) value=(value);
        }
    }
}

fn teams(who: &Signed, queue: &Queue, filter: &Filter) -> Markup {
    let all: usize = queue.teams.iter().map(|(_, n)| n).sum();
    html! {
        form .teams method="post" action="/work" aria-label="Teams" {
            (csrf(who))
            (carried(filter, "team"))
            h2 { "Teams" }
            button .team name="team" value="" aria-pressed=(filter.team.is_none()) { span { "Every team" } span .count { (all) } }
            @for (team, count) in &queue.teams {
                button .team name="team" value=(team.name()) aria-pressed=(filter.team == Some(*team)) {
                    span { (say::team(*team)) } span .count { (count) }
                }
            }
        }
    }
}

fn search(who: &Signed, queue: &Queue, filter: &Filter) -> Markup {
    let choice = |n: Option<i64>, of: i64| n == Some(of);
    let more = filter.days.is_some() || filter.due.is_some() || filter.cents.is_some();
    html! {
        form .search method="post" action="/work" role="search" {
            (csrf(who))
            input type="hidden" name="team" value=(filter.team.map_or("", |team| team.name()));
            label { "Search" input #search type="search" name="text" value=(filter.text) placeholder="Patient, claim, payer, file or finding"; }
            label {
                "Payer"
                select name="payer" {
                    option value="" { "Every payer" }
                    @for (payer, name) in &queue.payers {
                        option value=(payer) selected[*payer == filter.payer] { @if name.is_empty() { (say::plain(payer)) } @else { (say::plain(name)) " \u{b7} " (say::plain(payer)) } }
                    }
                }
            }
            label {
                "Edit"
                select name="edit" {
                    option value="" { "Every edit" }
                    @for (edit, name) in &queue.edits {
                        option value=(edit) selected[*edit == filter.edit] { (edit) " " (say::name(name)) }
                    }
                }
            }
            label {
                "Show"
                select name="which" {
                    @for (which, word, words) in Which::ALL { option value=(word) selected[which == filter.which] { (words) } }
                }
            }
            button { "Show" }
            details .more open[more] {
                summary { "Age, deadline, dollars" }
                div .three {
                    label {
                        "Held for"
                        select name="days" {
                            option value="" { "Any time" }
                            @for days in [1, 3, 7, 14, 30] { option value=(days) selected[choice(filter.days, days)] { (days) @if days == 1 { " day or more" } @else { " days or more" } } }
                        }
                    }
                    label {
                        "To be filed within"
                        select name="due" {
                            option value="" { "Any time" }
                            @for days in [7, 14, 30, 60] { option value=(days) selected[choice(filter.due, days)] { (days) " days" } }
                        }
                    }
                    label { "Charge from" input name="dollars" inputmode="decimal" value=(filter.cents.map(|c| (c / 100).to_string()).unwrap_or_default()) placeholder="$"; }
                }
            }
        }
    }
}

/// Filters that are kept, and keeping this one.
fn saved(who: &Signed, shown: &Shown<'_>) -> Markup {
    let filter = &shown.filter;
    let bare = Filter { text: String::new(), ..filter.clone() };
    let kept = shown.saved.iter().find(|(_, own)| **own == bare).map(|(name, _)| name);
    html! {
        div .saved {
            @for name in shown.saved.keys() {
                form method="post" action="/work" {
                    (csrf(who))
                    button .chip name="saved" value=(name) aria-pressed=(kept == Some(name)) { (name) }
                }
            }
            @if let Some(name) = kept {
                form method="post" action="/work/forget" { (csrf(who)) button .quiet name="saved" value=(name) { "Remove \u{201c}" (name) "\u{201d}" } }
            } @else if bare != Filter::default() {
                form .keep method="post" action="/work/keep" {
                    (csrf(who)) (carried(filter, ""))
                    input name="name" maxlength="40" placeholder="Name" aria-label="Name to keep this filter under" required;
                    button .quiet { "Keep this filter" }
                }
            }
        }
    }
}

fn nothing(filter: &Filter) -> Markup {
    html! {
        div .empty {
            @if *filter == Filter::default() {
                p { "No claim is held. What is dropped next and stopped by an edit appears here." }
            } @else if let (Some(team), true) = (filter.team, *filter == (Filter { team: filter.team, ..Filter::default() })) {
                p { "No claim is held for " (say::team(team)) "." }
                p { a href="/" { "Show every team's" } }
            } @else {
                p { "No held claim matches what you look for." }
                p { a href="/" { "Show all held claims" } }
            }
        }
    }
}

/// Two lines a claim: numbers above, why below.
fn line(who: &Signed, row: &Row, shown: &Shown<'_>, decides: bool) -> Markup {
    let (sign, word, class) = say::state(row.status, row.is_stopped());
    let name = if row.payer_name.is_empty() { &row.payer } else { &row.payer_name };
    let snoozed = row.snoozed_until.filter(|until| shown.now < *until);
    html! {
        li {
            @if decides {
                input .mark-box type="checkbox" name="hold" value={ (row.id) ":" (row.version) } tabindex="-1"
                    aria-label={ "Mark " @if who.blinded { "this claim" } @else { (say::plain(&row.claim)) } };
            }
            a .claim data-row href={ "/claim/" (row.id) } {
                span .charge { (say::dollars(row.charge)) }
                @if who.blinded {
                    span .number { "Claim" } span .patient {}
                } @else {
                    span .number { (say::plain(&row.claim)) }
                    span .patient { (say::plain(&row.patient)) }
                }
                span .payer { (say::plain(name)) }
                span .day { @if let Some(day) = row.service_from { (say::day(day)) } }
                span .state.(class) { (sign) " " (word) }
                span .risk { (say::dollars(row.at_risk())) " at risk" }
                span .why {
                    @if row.escalated { strong { "\u{25b2} Escalated" } " \u{b7} " }
                    @match row.status {
                        Status::Leaving => "About to leave",
                        _ if row.is_stopped() => { (say::name(&row.leading)) },
                        _ => "Nothing stops it any more",
                    }
                    @if row.findings > 1 { " \u{b7} " (row.findings) " findings" }
                    " \u{b7} held for " (say::age(row.held_at, shown.now))
                    @if let Some(last) = row.deadline { " \u{b7} file " (say::deadline(last, shown.today)) }
                    @if row.asked_at.is_some() { " \u{b7} documentation asked for" }
                    @if row.proposed_by.is_some() { " \u{b7} waits for a second person" }
                    @if let Some(until) = snoozed { " \u{b7} put off until " (say::moment(until, shown.zone)) }
                }
                span .owner { (row.owner.map_or("Nobody", say::team)) }
            }
        }
    }
}
