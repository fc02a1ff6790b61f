//! Huddle packs.

use axum::response::Response;
use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::report::{head, report};
use crate::alerts::Standing;
use crate::history::first_day;
use crate::huddle::render::Format;
use crate::web::request::Signed;
use crate::web::say;

fn format(of: Format) -> &'static str {
    match of {
        Format::Html => "To read and print",
        Format::Xlsx => "Excel",
        Format::Csv => "CSV",
        Format::Json => "JSON",
        Format::Md => "Text",
    }
}

/// The packs that were made, and the way to the last week's as of now. `when` is when one is made by itself.
pub fn list(
    who: &Signed,
    (packs, week, when): (&[Standing], &str, Option<(Weekday, Time)>),
    zone: &TimeZone,
) -> Response {
    let content = html! {
        (head("Huddle packs", "What coding and billing look at together once a week. Nothing in a pack names a claim or a patient."))
        section .block {
            h2 { "Week " (week) ", as of now" }
            p { "Made of what is known now: " @for (n, of) in Format::ALL.into_iter().enumerate() { @if n > 0 { " \u{b7} " } a href={ "/huddle/" (week) "/now." (of.extension()) } { (format(of)) } } }
        }
        h2 { "Made by themselves" }
        p .small { (schedule(when)) }
        @if packs.is_empty() {
            div .empty { p { "No pack was made yet." } }
        } @else {
            table .figures {
                thead { tr { th scope="col" { "Week" } th scope="col" { "Made" } th scope="col" { "Files" } } }
                tbody { @for pack in packs {
                    tr {
                        td { (pack.alert.week) @if let Some(monday) = first_day(&pack.alert.week) { " " span .small { "from " (say::day(monday)) } } }
                        td { (say::moment(pack.raised, zone)) }
                        td { @for (n, file) in pack.alert.attachments.iter().enumerate() { @if n > 0 { " \u{b7} " } a href={ "/huddle/" (pack.alert.week) "/" (file.name) } { (file.name) } } }
                    }
                } }
            }
        }
    };
    report(who, ("Huddle", "Huddle"), &content)
}

fn schedule(when: Option<(Weekday, Time)>) -> Markup {
    html! {
        @match when {
            Some((day, hour)) => { "Each " (format!("{day:?}")) " at " (hour.strftime("%-I:%M %p").to_string()) ", of the week that is over." },
            None => { "Never: " code { "[huddle] day" } " of the configuration says when." },
        }
    }
}
