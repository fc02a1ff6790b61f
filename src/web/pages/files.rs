//! Files, and one file's way. A file's name may hold a person's: it stands on the page, and in no address, title or log.

use axum::response::Response;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::csrf;
use super::report::{files as downloads, head, report};
use crate::daemon::files::{Happened, Standing, Way};
use crate::holds::HeldClaim;
use crate::journal::{Direction, Outlet, Output};
use crate::reconcile::{Reconciliation, Sum};
use crate::sheets::grouped;
use crate::web::reading::files::PAGE;
use crate::web::request::Signed;
use crate::web::say;

/// Sign, word and class of where a file is.
pub fn standing(of: Standing) -> (&'static str, &'static str, &'static str) {
    match of {
        Standing::InWork => ("\u{25d0}", "In work", "trial"),
        Standing::Done => ("\u{2713}", "Done", "clean"),
        Standing::Rejected => ("\u{25b2}", "Done, something rejected", "held"),
        Standing::SetAside => ("\u{2715}", "Set aside", "rejected"),
        Standing::Duplicate => ("\u{21ba}", "Came before", "trial"),
        Standing::Imported => ("\u{2713}", "Imported", "clean"),
    }
}

fn name(of: &Way) -> String {
    match &of.name {
        Some(name) => say::plain(name.expose()),
        None if of.steps.iter().any(|(_, s)| matches!(s, Happened::Answers(_))) => {
            "An answer of ours".to_owned()
        }
        None if of.steps.iter().any(|(_, s)| matches!(s, Happened::Released(_))) => {
            "Released claims".to_owned()
        }
        None => "A file of before".to_owned(),
    }
}

fn way(of: Direction) -> &'static str {
    match of {
        Direction::Outbound => "\u{2192} out",
        Direction::Inbound => "\u{2190} in",
    }
}

/// A page of the list. `place`: how many come before, how many there are, the last of the page where more follow.
pub fn list(
    who: &Signed,
    (id, text): (&str, &str),
    (page, (skipped, found, next)): (&[&Way], (usize, usize, Option<&str>)),
    zone: &TimeZone,
) -> Response {
    let here = format!("/files/found/{id}");
    let content = html! {
        (head("Files", "Each file from the folder it was dropped in to where it went. The newest first."))
        form .search.one method="post" action="/files" role="search" {
            (csrf(who))
            label { "Search" input type="search" name="text" value=(text) placeholder="Name, channel, or where it is"; }
            button { "Show" }
        }
        @if page.is_empty() {
            div .empty {
                @if text.is_empty() { p { "No file came yet. What is dropped into a channel's folder appears here." } }
                @else { p { "No file matches what you look for." } p { a href="/files" { "Show all files" } } }
            }
        } @else {
            p .small { (found) @if found == 1 { " file" } @else { " files" } ". Shown: " (skipped + 1) " to " (skipped + page.len()) "." }
            div .wide tabindex="0" role="region" aria-label="Files" {
                table .figures {
                    thead { tr { th scope="col" { "Came" } th scope="col" { "File" } th scope="col" { "Channel" } th scope="col" { "Where it is" } @for title in ["Claims in", "Clean", "Held", "Rejected"] { th scope="col" .number { (title) } } th scope="col" { "Accounted for" } } }
                    tbody { @for file in page { (row(file, zone)) } }
                }
            }
            nav .pages aria-label="Pages" {
                @if skipped > 0 { a href=(here) { "First page" } }
                @if let Some(next) = next { a href={ (here) "?after=" (next) } { "Next " (PAGE) } }
            }
            (downloads(&here))
        }
    };
    report(who, ("Files", "Files"), &content)
}

fn row(of: &Way, zone: &TimeZone) -> Markup {
    let (sign, word, class) = standing(of.standing());
    html! {
        tr {
            td { (of.came().map(|at| say::moment(at, zone)).unwrap_or_default()) }
            td { a href={ "/files/" (of.id) } { (name(of)) } }
            td { (of.channel) " " span .small { (way(of.direction)) } }
            td { span .state.(class) { (sign) " " (word) } }
            @match of.counted() {
                Some(c) => {
                    @for n in [c.r#in, c.clean, c.held, c.rejected] { td .number { (n) } }
                    td { (adds_up(c.r#in == c.clean + c.held + c.rejected)) }
                }
                None => { @for _ in 0..4 { td .number { span .none { "\u{2013}" } } } td {} }
            }
        }
    }
}

fn adds_up(holds: bool) -> Markup {
    html! { @if holds { span .state.clean { "\u{2713} all" } } @else { span .state.rejected { "\u{2715} no" } } }
}

/// One file.
pub fn one(
    who: &Signed,
    of: &Way,
    (conserved, held, related): (Option<&Reconciliation>, &[HeldClaim], &[(&'static str, String)]),
    zone: &TimeZone,
) -> Response {
    let (sign, word, class) = standing(of.standing());
    let content = html! {
        p .back { a href="/files" { "Files" } }
        h1 { (name(of)) }
        p .lead { span .state.(class) { (sign) " " (word) } " \u{b7} channel " (of.channel) ", " (way(of.direction)) @if let Some(bytes) = of.bytes { " \u{b7} " (grouped(i64::try_from(bytes).unwrap_or(i64::MAX))) " bytes" } " \u{b7} " span .small { "file " code { (of.id) } } }
        @if let Some(sums) = conserved { (conservation(sums)) }
        section .block {
            h2 { "Its way" }
            ol .way { @for (at, step) in &of.steps { li { span .small { (say::moment(*at, zone)) } (happened(step, of)) } } }
            @for (what, id) in related { p .small { (what) " " a href={ "/files/" (id) } { "this file" } } }
        }
        @if !held.is_empty() {
            section .block {
                h2 { "Held still" }
                ul { @for held in held { li { a href={ "/claim/" (held.id) } { (say::plain(held.claim.expose())) } ", " (say::dollars(held.charge)) " \u{b7} " (held.owner.map_or("nobody", say::team)) } } }
            }
        }
    };
    report(who, ("File", "Files"), &content)
}

/// In = clean + held + rejected, in claims and dollars, and what became of each part.
fn conservation(of: &Reconciliation) -> Markup {
    let part = |title: &str, sum: Sum| {
        html! { div .part { span .count { (sum.claims) } span { (title) } span .small { (say::dollars(sum.cents)) } } }
    };
    let ended = [
        ("left with it", of.left),
        ("about to leave", of.leaving),
        ("left since", of.released),
        ("voided", of.voided),
        ("sent anew", of.replaced),
        ("sent back", of.sent_back),
        ("held still", of.still_held),
    ];
    html! {
        section .block.conserved {
            h2 { "Every claim" }
            div .sum role="group" aria-label="Claims in are clean, held or rejected" {
                (part("in", of.r#in)) span .sign { "=" } (part("clean", of.clean)) span .sign { "+" } (part("held", of.held)) span .sign { "+" } (part("rejected", of.rejected))
                @if of.unjudged != Sum::default() { span .sign { "+" } (part("not judged yet", of.unjudged)) }
                @if of.holds() { span .state.clean { "\u{2713} Every claim is accounted for, once" } } @else { span .state.rejected { "\u{2715} It does not add up" } }
            }
            @if of.set_aside != Sum::default() { p { "Set aside whole: " (of.set_aside.claims) " claims, " (say::dollars(of.set_aside.cents)) ". None of them left." } }
            p .small {
                @for (n, (title, sum)) in ended.iter().filter(|(_, sum)| sum.claims > 0).enumerate() { @if n > 0 { " \u{b7} " } (sum.claims) " " (title) " (" (say::dollars(sum.cents)) ")" }
            }
            @for difference in &of.differences {
                p .notice.bad { (difference.what) @if let (Some(a), Some(b)) = (difference.wanted, difference.found) { ": " (a.claims) " of " (say::dollars(a.cents)) ", and " (b.claims) " of " (say::dollars(b.cents)) } }
            }
        }
    }
}

fn happened(step: &Happened, of: &Way) -> Markup {
    html! {
        @match step {
            Happened::Received => { "Received" @if of.direction == Direction::Outbound { " from the practice system" } @else { " from the partner" } ", and kept" },
            Happened::Imported => "Imported: it went its way without us, and counts in the history alone",
            Happened::BegunAgain => "Work on it was begun again after a stop",
            Happened::Judged(c) => { "Judged: " (c.r#in) @if c.r#in == 1 { " claim in, " } @else { " claims in, " } (c.clean) " clean, " (c.held) " held, " (c.rejected) " rejected" },
            Happened::Held(n) => { (n) @if *n == 1 { " claim is held" } @else { " claims are held" } },
            Happened::Posted { remittances, answers } => { "Counted: " (remittances) " remittances, " (answers) " answers" },
            Happened::Staged(outputs) => { "What is to leave lies ready" @if !outputs.is_empty() { ul { @for output in outputs { li { (outlet(output)) } } } } },
            Happened::Published => "It has its place under its name",
            Happened::SetAside(why) => { "Set aside whole: " (say::plain(why)) },
            Happened::Released(n) => { (n) @if *n == 1 { " claim" } @else { " claims" } " that had been held were put together in it" },
            Happened::Answers(_) => "Made: it tells the sender what became of claims that were held",
            Happened::Done => "Done: nothing is left to do",
        }
    }
}

fn outlet(of: &Output) -> Markup {
    let folder = match of.outlet {
        Outlet::Clean => "clean",
        Outlet::Delivered => "delivered",
        Outlet::Rejected => "rejected",
        Outlet::Acks => "acks",
    };
    html! { code { (folder) } " \u{b7} " (say::plain(of.name.expose())) " \u{b7} " (grouped(i64::try_from(of.bytes).unwrap_or(i64::MAX))) " bytes" }
}
