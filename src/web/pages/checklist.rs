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
    /// Why it does not run at this site.
    pub off: Option<&'static str>,
}

impl Item {
    fn passed(&self) -> bool {
        self.found.is_empty() && self.off.is_none()
    }
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
    let (passed, stops) = (all().filter(|i| i.passed()).count(), all().filter(|i| i.stops).count());
    let run = all().filter(|i| i.off.is_none()).count();
    let claim = if who.blinded { "a held claim" } else { shown.held.claim.expose() };
    let content = html! {
        h1 { "Clean-claim checklist" }
        p {
            "Of " strong { (say::plain(claim)) } ": " (passed) " of " (run) " edits pass, "
            @match stops { 0 => "none stops it.", 1 => "one stops it.", n => { (n) " stop it." } }
            @if all().count() > run { " " (all().count() - run) " more are not checked at this site, for what they need is not there." }
            " " a href={ "/claim/" (shown.held.id) } data-key="u" { "Back to the claim " kbd { "u" } }
        }
        div .checklist {
            @for (team, items) in &shown.teams {
                section .block {
                    h2 { (say::team(*team)) " \u{b7} " (items.iter().filter(|i| i.passed()).count()) " of " (items.iter().filter(|i| i.off.is_none()).count()) }
                    ul { @for item in failed_first(items) { (row(item)) } }
                }
            }
        }
    };
    page(StatusCode::OK, "Checklist", Some(who), &content)
}

fn failed_first(items: &[Item]) -> impl Iterator<Item = &Item> {
    let of = |wanted: fn(&Item) -> bool| items.iter().filter(move |item| wanted(item));
    of(|i| !i.found.is_empty()).chain(of(Item::passed)).chain(of(|i| i.found.is_empty() && i.off.is_some()))
}

fn row(item: &Item) -> Markup {
    let (sign, word, class) = match (item.found.is_empty(), item.stops) {
        (true, _) if item.off.is_some() => ("\u{2013}", "not checked", "trial"),
        (true, _) => ("\u{2713}", "passes", "clean"),
        (false, true) => ("\u{25b2}", "fails", "held"),
        (false, false) => ("\u{25cb}", "warns", "trial"),
    };
    html! {
        li {
            span .state.(class) { (sign) " " (word) } " " (say::name(&item.name)) " " span .place { (item.edit) }
            @if let Some(why) = item.off.filter(|_| item.found.is_empty()) { " " span .small { "needs " (why) } }
            @for found in &item.found { p .small { (say::sentence(&say::plain(found))) "." } }
        }
    }
}
