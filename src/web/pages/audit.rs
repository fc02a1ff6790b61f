//! The audit trail.

use axum::response::Response;
use jiff::tz::TimeZone;
use maud::html;

use super::csrf;
use super::report::{files, head, report};
use crate::web::reading::audit::{About, Sought, Told};
use crate::web::request::Signed;
use crate::web::say;

/// A page of it: the records, whether they are the newest, and the record before which it goes on.
pub fn list(
    who: &Signed,
    (id, of): (&str, &Sought),
    (page, first, next): (&[Told], bool, Option<u64>),
    zone: &TimeZone,
) -> Response {
    let here = format!("/audit/{id}");
    let content = html! {
        (head("Audit trail", "Who did what, and when: the journal's records, newest first. What people wrote and what stands in claims is on the claims' own pages."))
        form .search.wide-search method="post" action="/audit" role="search" {
            (csrf(who))
            label { "Who" input name="actor" value=(of.actor) placeholder="A name, people, or claimloop" spellcheck="false" autocomplete="off"; }
            label { "About" select name="about" { option value="" { "Everything" } @for (about, name, title) in About::ALL { option value=(name) selected[of.about == Some(about)] { (title) } } } }
            label { "Hold or file" input name="id" value=(of.id) placeholder="Its id" spellcheck="false" autocomplete="off"; }
            button { "Show" }
        }
        @if page.is_empty() {
            div .empty { p { "No record of the last ones fits." } @if let Some(next) = next { p { a href={ (here) "?before=" (next) } { "Look further back" } } } @else { p { a href="/audit" { "Show everything" } } } }
        } @else {
            div .wide tabindex="0" role="region" aria-label="Audit trail" {
                table .figures {
                    thead { tr { th scope="col" { "When" } th scope="col" { "Who" } th scope="col" { "What" } th scope="col" { "Of" } th scope="col" .number { "Record" } } }
                    tbody {
                        @for one in page {
                            tr {
                                td .when { (say::moment(one.at, zone)) }
                                td { (say::plain(say::who(&one.actor))) }
                                td { (say::sentence(&say::plain(&one.said))) }
                                td {
                                    @if let Some(hold) = &one.hold { a href={ "/claim/" (hold) } { "claim" } " " }
                                    @if let Some(file) = &one.file { a href={ "/files/" (file) } { "file" } }
                                }
                                td .number { (one.seq) }
                            }
                        }
                    }
                }
            }
            nav .pages aria-label="Pages" {
                @if !first { a href=(here) { "Newest" } }
                @if let Some(next) = next { a href={ (here) "?before=" (next) } { "Older" } }
            }
            (files(&here))
        }
    };
    report(who, ("Audit", "Audit"), &content)
}
