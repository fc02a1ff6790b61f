//! The claim page: what it is, what was found, what to do, what was decided.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use super::{before, forms, page, sheet};
use crate::daemon::desk::Correction;
use crate::daemon::viewing::Purged;
use crate::edits::{EditSet, Finding};
use crate::holds::{HeldClaim, Step};
use crate::web::alike::Alike;
use crate::web::lineage::Event;
use crate::web::request::{Call, Signed};
use crate::web::say;
use crate::web::sessions::Notice;
use crate::web::sheet::Sheet;
use crate::web::value::Kind;

/// What is said above it.
pub enum Note {
    /// What was asked for was done.
    Done(Notice),
    /// It was not.
    Refused(String),
}

/// A value to correct.
pub struct Field {
    /// Which finding it stands at.
    pub finding: usize,
    /// `2300/CLM02`.
    pub path: String,
    /// What stands there.
    pub was: String,
    /// What is shown to be changed.
    pub value: String,
    /// How it is written.
    pub kind: Kind,
    /// Other held claims of the file that stand under the same segment.
    pub shared: usize,
}

/// All that is shown.
pub struct Claim<'a> {
    /// The hold.
    pub held: HeldClaim,
    /// The claim in form order; none where its segments can't be shown.
    pub sheet: Option<Sheet>,
    /// What the edits say of it, worst first.
    pub findings: Vec<Finding>,
    /// True where a person may let it go in spite of them.
    pub overridable: bool,
    /// What may be corrected at them.
    pub fields: Vec<Field>,
    /// Decisions, the latest first, each with what was written.
    pub trail: Vec<(Step, Option<String>)>,
    /// Corrections so far.
    pub corrected: Vec<Correction>,
    /// Who had its file removed.
    pub purged: Option<Purged>,
    /// Last day it may be filed.
    pub deadline: Option<Date>,
    /// How its payer treated the like; none while that is counted.
    pub alike: Option<Vec<Alike>>,
    /// What happened under its number.
    pub lineage: Vec<Event>,
    /// What documentation was asked for.
    pub question: Option<String>,
    /// Why somebody wants it overridden.
    pub proposal: Option<String>,
    /// How long documentation may take.
    pub answer_within: SignedDuration,
    /// Reasons to override.
    pub codes: &'a [(String, String)],
    /// The day at the site.
    pub today: Date,
    /// What edits say.
    pub edits: Arc<EditSet>,
    /// The site's.
    pub zone: &'a TimeZone,
    /// Now.
    pub now: Timestamp,
    /// Where the list is that its reader came from.
    pub list: String,
    /// The claim after it.
    pub next: Option<String>,
    /// What is to be said first.
    pub note: Option<Note>,
}

impl Claim<'_> {
    /// True while findings keep it from leaving.
    pub fn is_stopped(&self) -> bool {
        self.findings.iter().any(Finding::stops)
    }
}

/// The page.
pub fn claim(status: StatusCode, who: &Signed, shown: &Claim<'_>, call: &Call) -> Response {
    let content = html! {
        (strip(who, shown))
        @match &shown.note {
            Some(Note::Done(notice)) => { (super::done(who, notice, &format!("/claim/{}", shown.held.id))) },
            Some(Note::Refused(said)) => { p .notice.bad role="alert" { "\u{25b2} " (said) } },
            None => {},
        }
        @if let Some(purged) = &shown.purged {
            p .notice { (say::who(&purged.actor)) " had the file of this claim purged on " (say::moment(purged.at, shown.zone)) ". Its segments are not here any more." }
        }
        div .desk {
            div .sheet { @if let Some(read) = &shown.sheet { (sheet::sheet(read, who.blinded)) } }
            div .decide {
                (waiting(shown))
                (findings(who, shown, call))
                (forms::forms(who, shown, call))
                (before::alike(shown))
            }
        }
        (before::lineage(shown))
        (trail(shown))
        @if let Some(read) = shown.sheet.as_ref().filter(|_| !who.blinded) { (sheet::segments(read)) }
    };
    page(status, "Held claim", Some(who), &content)
}

/// What the claim waits for.
fn waiting(shown: &Claim<'_>) -> Markup {
    let held = &shown.held;
    if !held.is_open() {
        return html! {};
    }
    html! {
        @if let Some(until) = held.snoozed_until.filter(|until| shown.now < *until) {
            p .notice { "Put off until " (say::moment(until, shown.zone)) "." }
        }
        @if held.escalated { p .notice.bad { "\u{25b2} Escalated: it goes before all others." } }
        @if let (Some(query), Some(question)) = (&held.query, &shown.question) {
            div .notice {
                p { strong { "Documentation asked for: " } (say::lacking(&query.element)) }
                p { "\u{201c}" (say::plain(question)) "\u{201d}" }
                p .small {
                    (say::plain(say::who(&query.by))) ", " (say::moment(query.at, shown.zone)) " \u{b7} waits for " (say::age(query.at, shown.now))
                    @if shown.now.duration_since(query.at) > shown.answer_within { " \u{b7} " strong { "\u{25b2} overdue" } }
                }
            }
        }
        @if let (Some(proposed), Some(note)) = (&held.proposed, &shown.proposal) {
            div .notice {
                p { strong { "An override waits for a second person. " } (say::plain(say::who(&proposed.by))) " asked on " (say::moment(proposed.at, shown.zone)) ", in spite of " (proposed.edits.join(", ")) " (" (proposed.code) "):" }
                p { "\u{201c}" (say::plain(note)) "\u{201d}" }
            }
        }
    }
}

fn strip(who: &Signed, shown: &Claim<'_>) -> Markup {
    let held = &shown.held;
    let (sign, word, class) = say::state(held.status, shown.is_stopped());
    let one = |label: &str, value: &str| {
        html! { div { dt { (label) } dd { (say::plain(value)) } } }
    };
    html! {
        div .strip {
            h1 .number { @if who.blinded { "Held claim" } @else { (say::plain(held.claim.expose())) } }
            dl {
                @if !who.blinded { (one("Patient", shown.sheet.as_ref().map_or(held.patient.expose(), |read| &read.patient))) }
                (one("Payer", shown.sheet.as_ref().map_or(&held.payer, |read| &read.payer)))
                @if let Some(day) = held.service_from { (one("Service from", &say::day(day))) }
                (one("Charge", &say::dollars(held.charge)))
                (one("Team", held.owner.map_or("Nobody", say::team)))
                (one("Held for", &say::age(held.held_at, shown.now)))
                @if let Some(deadline) = shown.deadline { (one("To be filed", &say::deadline(deadline, shown.today))) }
            }
            span .state.(class) { (sign) " " (word) }
            nav aria-label="Claims" {
                a href=(shown.list) data-key="u" { "Work list " kbd { "u" } }
                a href={ "/claim/" (held.id) "/checklist" } data-key="c" { "Checklist " kbd { "c" } }
                @if let Some(next) = &shown.next { a href={ "/claim/" (next) } data-key="n" { "Next claim " kbd { "n" } } }
            }
        }
    }
}

fn findings(who: &Signed, shown: &Claim<'_>, call: &Call) -> Markup {
    html! {
        section aria-labelledby="findings" {
            h2 #findings { "Findings" }
            @if shown.findings.is_empty() { p .notice.good { "\u{2713} Every edit passes." } }
            (forms::fix(who, shown, call, &|n, finding| found(shown, n, finding)))
        }
    }
}

/// What, why, what to do; then the field.
fn found(shown: &Claim<'_>, n: usize, finding: &Finding) -> Markup {
    let (sign, word, class) = say::severity(finding);
    let edit = shown.edits.get(&finding.edit);
    html! {
        article .finding.(class) {
            h3 { span .state.(class) { (sign) " " (word) } " " (say::name(&finding.name)) }
            p { (say::sentence(&say::plain(&finding.message))) "." }
            @if let Some(edit) = edit {
                p { strong { "Why: " } (edit.why) }
                p { strong { "What to do: " } (edit.fix) }
            }
            p .small { (finding.edit) " \u{b7} " code { (say::plain(&finding.at)) } " \u{b7} " (say::team(finding.owner)) }
            (forms::fields(shown, n))
        }
    }
}

fn trail(shown: &Claim<'_>) -> Markup {
    html! {
        section aria-labelledby="trail" {
            h2 #trail { "What was decided" }
            ol .trail {
                @for (step, note) in &shown.trail {
                    li {
                        (say::moment(step.at, shown.zone)) " \u{b7} " strong { (say::plain(say::who(&step.actor))) } " " (say::plain(&say::decision(&step.decision)))
                        @if let Some(note) = note { ": \u{201c}" (say::plain(note)) "\u{201d}" }
                    }
                }
                li { (say::moment(shown.held.held_at, shown.zone)) " \u{b7} " strong { "claimloop" } " held it, from channel " (shown.held.channel) }
            }
            @if !shown.corrected.is_empty() {
                table {
                    caption { "Corrections" }
                    thead { tr { th scope="col" { "Place" } th scope="col" { "Was" } th scope="col" { "Is" } th scope="col" { "By" } th scope="col" { "When" } } }
                    tbody {
                        @for c in &shown.corrected {
                            tr {
                                td { code { (c.path) } }
                                td { (say::plain(c.old.expose().as_deref().unwrap_or("nothing"))) }
                                td { @if c.new.expose().is_empty() { "nothing" } @else { (say::plain(c.new.expose())) } }
                                td { (say::plain(say::who(&c.who))) }
                                td { (say::moment(c.at, shown.zone)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
