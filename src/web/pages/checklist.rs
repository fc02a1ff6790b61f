//! The checklist of a claim, to read or to print.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use super::page;
use crate::edits::Owner;
use crate::holds::HeldClaim;
use crate::web::request::Signed;
use crate::web::say;

/// One edit.
pub struct Item {
    /// Id.
    pub edit: String,
    /// Name.
    pub name: String,
    /// True where it stops the claim.
    pub stops: bool,
    /// What it found.
    pub found: Vec<String>,
}

/// All of them, by team.
pub struct Shown<'a> {
    /// The claim.
    pub held: &'a HeldClaim,
    /// Teams, each with its edits.
    pub teams: Vec<(Owner, Vec<Item>)>,
}

/// The page.
pub fn checklist(who: &Signed, shown: &Shown<'_>) -> Response {
    let all = || shown.teams.iter().flat_map(|(_, items)| items);
    let (passed, stops) = (all().filter(|i| i.found.is_empty()).count(), all().filter(|i| i.stops).count());
    let claim = if who.blinded { "a held claim" } else { shown.held.claim.expose() };
    let content = html! {
        h1 { "Clean-claim checklist" }
        p {
            "Of " strong { (say::plain(claim)) } ": " (passed) " of " (all().count()) " edits pass, "
            @if stops == 0 { "none stops it." } @else { (stops) " stop it." }
            " " a href={ "/claim/" (shown.held.id) } data-key="u" { "Back to the claim " kbd { "u" } }
        }
        div .checklist {
            @for (team, items) in &shown.teams {
                section .block {
                    h2 { (say::team(*team)) " \u{b7} " (items.iter().filter(|i| i.found.is_empty()).count()) " of " (items.len()) }
                    ul { @for item in failed_first(items) { (row(item)) } }
                }
            }
        }
    };
    page(StatusCode::OK, "Checklist", Some(who), &content)
}

fn failed_first(items: &[Item]) -> impl Iterator<Item = &Item> {
    items.iter().filter(|i| !i.found.is_empty()).chain(items.iter().filter(|i| i.found.is_empty()))
}

fn row(item: &Item) -> Markup {
    let (sign, word, class) = match (item.found.is_empty(), item.stops) {
        (true, _) => ("\u{2713}", "passes", "clean"),
        (false, true) => ("\u{25b2}", "fails", "held"),
        (false, false) => ("\u{25cb}", "warns", "trial"),
    };
    html! {
        li {
            span .state.(class) { (sign) " " (word) } " " (say::name(&item.name)) " " span .place { (item.edit) }
            @for found in &item.found { p .small { (say::sentence(&say::plain(found))) "." } }
        }
    }
}
