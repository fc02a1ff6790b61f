//! The work list.

use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use maud::{Markup, html};

use super::{csrf, page};
use crate::holds::{HeldClaim, Status};
use crate::web::queue::{Filter, PAGE, Queue, leading};
use crate::web::request::Signed;
use crate::web::say;

/// A page of it; `id` is what its filter goes by.
pub fn work_list(
    status: StatusCode,
    who: &Signed,
    queue: &Queue,
    filter: &Filter,
    id: Option<&str>,
    now: Timestamp,
    notice: Option<&str>,
) -> Response {
    let here = id.map_or("/".to_owned(), |id| format!("/work/{id}"));
    let content = html! {
        div .work {
            (teams(who, queue, filter))
            section {
                h1 { "Held claims" }
                @if let Some(said) = notice { p .notice role="status" { (said) } }
                (search(who, queue, filter))
                @if queue.page.is_empty() {
                    (nothing(filter))
                } @else {
                    p .small {
                        (queue.found) @if queue.found == 1 { " claim, " } @else { " claims, " } (say::dollars(queue.cents))
                        " at risk. The most dollars first. Shown: " (queue.first) " to " (queue.first + queue.page.len() - 1) "."
                    }
                    ol .claims start=(queue.first) {
                        @for held in &queue.page { (row(held, now)) }
                    }
                    nav .pages aria-label="Pages" {
                        @if queue.first > 1 { a href=(here) { "First page" } }
                        @if let Some(next) = &queue.next { a href={ (here) "?after=" (next) } { "Next " (PAGE) } }
                    }
                }
                p .small.keys { kbd { "j" } " " kbd { "k" } " next, previous \u{b7} " kbd { "enter" } " open \u{b7} " kbd { "/" } " search" }
            }
        }
    };
    page(status, "Work list", Some(who), &content)
}

fn teams(who: &Signed, queue: &Queue, filter: &Filter) -> Markup {
    let all: usize = queue.teams.iter().map(|(_, n)| n).sum();
    html! {
        form .teams method="post" action="/work" aria-label="Teams" {
            (csrf(who))
            input type="hidden" name="payer" value=(filter.payer);
            input type="hidden" name="edit" value=(filter.edit);
            input type="hidden" name="text" value=(filter.text);
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
    html! {
        form .search method="post" action="/work" role="search" {
            (csrf(who))
            input type="hidden" name="team" value=(filter.team.map_or("", |team| team.name()));
            label { "Search" input #search type="search" name="text" value=(filter.text) placeholder="Claim, payer, file or finding"; }
            label {
                "Payer"
                select name="payer" {
                    option value="" { "Every payer" }
                    @for payer in &queue.payers { option selected[*payer == filter.payer] { (say::plain(payer)) } }
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
            button { "Show" }
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

fn row(held: &HeldClaim, now: Timestamp) -> Markup {
    let stopped = held.findings.iter().any(|f| f.stops());
    let (sign, word, class) = say::state(held.status, stopped);
    let finding = leading(&held.findings);
    html! {
        li {
            a .claim data-row href={ "/claim/" (held.id) } {
                span .charge { (say::dollars(held.charge)) }
                span .number { (say::plain(held.claim.expose())) }
                span .payer { (say::plain(&held.payer)) }
                span .day { @if let Some(day) = held.service_from { (say::day(day)) } }
                span .state.(class) { (sign) " " (word) }
                span .why {
                    @match finding {
                        Some(f) if stopped => { (say::name(&f.name)) },
                        _ if held.status == Status::Leaving => { "About to leave" },
                        _ => { "Nothing stops it any more" },
                    }
                    @if held.findings.len() > 1 { " \u{b7} " (held.findings.len()) " findings" }
                    " \u{b7} held for " (say::age(held.held_at, now))
                }
                span .owner { (held.owner.map_or("Nobody", say::team)) }
            }
        }
    }
}
