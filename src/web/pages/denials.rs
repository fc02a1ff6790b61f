//! The denials explorer, and the claims behind it.

use axum::response::Response;
use maud::{Markup, html};

use super::report::{chart, files, head, report, table};
use super::{csrf, rates};
use crate::daemon::trending::Weekly;
use crate::history::{DIMENSIONS, Dimension};
use crate::sheets::{Cell, Chart, Table, grouped, money};
use crate::web::reading::denials::{Explored, ROWS};
use crate::web::request::Signed;
use crate::web::say;

/// What people call a dimension.
pub fn title(of: Dimension) -> &'static str {
    match of {
        Dimension::Payer => "Payer",
        Dimension::Group => "Group code",
        Dimension::Carc => "CARC",
        Dimension::Rarc => "RARC",
        Dimension::Procedure => "Procedure",
        Dimension::Week => "Week of payment",
        Dimension::Owner => "Team",
        Dimension::Category => "Root cause",
        Dimension::Claim => "Claim",
        Dimension::Modifier => "Modifier",
        Dimension::Consequence => "Consequence",
        Dimension::Leg => "Payer's turn",
        Dimension::Plan => "Plan",
        Dimension::Place => "Place of service",
        Dimension::Diagnosis => "Diagnosis",
        Dimension::Billing => "Billing provider",
        Dimension::Channel => "Channel",
        Dimension::Kind => "Claim type",
    }
}

fn choices() -> impl Iterator<Item = Dimension> {
    DIMENSIONS.iter().filter_map(|name| Dimension::parse(name).ok()).filter(|d| *d != Dimension::Claim)
}

/// What is looked at, as hidden fields: each form of the page changes one thing of it.
fn carried(who: &Signed, of: &Explored, with_by: bool) -> Markup {
    html! {
        (csrf(who))
        @if with_by { @for by in &of.by { input type="hidden" name="by" value=(by.name()); } }
        @for (name, value) in [("from", &of.weeks.from), ("to", &of.weeks.to)] { @if let Some(value) = value.as_ref().filter(|_| with_by) { input type="hidden" name=(name) value=(value); } }
        @for (only, value) in &of.weeks.only { input type="hidden" name="only" value=(only.name()); input type="hidden" name="value" value=(value); }
    }
}

/// The page.
pub fn denials(
    who: &Signed,
    (id, of): (&str, &Explored),
    (mut all, weekly, of_reason, marks): (Table, &Table, &[Weekly], Vec<(String, String)>),
    notice: Option<&str>,
) -> Response {
    let found = all.rows.len();
    let sum = |key: &str| all.total.as_ref().and_then(|t| t.get(all.at(key)?)?.number()).unwrap_or(0);
    let (count, cents) = (sum("denials"), sum("amount"));
    all.rows.truncate(ROWS);
    let top = weekly.column("amount").filter_map(Cell::number).max().unwrap_or(0);
    let rated = (!of_reason.is_empty()).then(|| rates::weekly(of_reason, marks.clone()));
    let content = html! {
        h1 { "Denials" }
        @if let Some(said) = notice { p .notice role="status" { (said) } }
        (choose(who, of))
        (chips(who, of))
        @if found == 0 {
            div .empty {
                p { "No denial is known for this." }
                @if of.weeks == crate::history::Weeks::default() { p { "Denials appear with the first remittances (835) that are dropped, or imported." } }
                @else { p { a href="/denials" { "Show all denials" } } }
            }
        } @else {
            p .lead {
                strong { (money(cents)) } " refused in " strong { (grouped(count)) } " denials"
                ". " a href={ "/denials/" (id) "/claims" } { "Show the claims" }
            }
            (chart(&Chart { table: "weeks".to_owned(), title: "Dollars refused, by week of payment".to_owned(), x: "week".to_owned(), y: "amount".to_owned(), top: ceiling(top), marks, ..Chart::default() }, weekly))
            @if let Some((table, drawn)) = &rated { (chart(drawn, table)) }
            (rows(who, of, &all))
            @if found > ROWS { p .small { "The first " (ROWS) " of " (found) "; the files have all of them." } }
            (files(&format!("/denials/{id}")))
        }
    };
    report(who, ("Denials", "Denials"), &content)
}

/// Rounded up so that ticks are round.
fn ceiling(cents: i64) -> i64 {
    let mut power: i64 = 1_000;
    while power < i64::MAX / 1_000 {
        for step in [10, 12, 16, 20, 24, 30, 40, 50, 60, 80] {
            if power * step >= cents {
                return power * step;
            }
        }
        power *= 10;
    }
    cents
}

fn choose(who: &Signed, of: &Explored) -> Markup {
    let second = of.by.get(1).copied();
    html! {
        form .search.wide-search method="post" action="/denials" {
            (carried(who, of, false))
            label { "Count by" select name="by" { @for d in choices() { option value=(d.name()) selected[of.by.first() == Some(&d)] { (title(d)) } } } }
            label { "and by" select name="by" { option value="" { "Nothing else" } @for d in choices() { option value=(d.name()) selected[second == Some(d)] { (title(d)) } } } }
            label { "From week" input name="from" value=(of.weeks.from.as_deref().unwrap_or_default()) placeholder="2026-W20" pattern="[0-9]{4}-[Ww][0-9]{2}" title="A week such as 2026-W20"; }
            label { "To week" input name="to" value=(of.weeks.to.as_deref().unwrap_or_default()) placeholder="2026-W46" pattern="[0-9]{4}-[Ww][0-9]{2}" title="A week such as 2026-W46"; }
            label { "Only where" select name="only" { @for d in choices().filter(|d| *d != Dimension::Week) { option value=(d.name()) { (title(d)) } } } }
            label { "is" input name="value" placeholder="as it stands in the table" spellcheck="false" autocomplete="off"; }
            button { "Show" }
        }
    }
}

fn chips(who: &Signed, of: &Explored) -> Markup {
    html! {
        @if !of.weeks.only.is_empty() {
            form .chips method="post" action="/denials" aria-label="Only" {
                (carried(who, of, true))
                @for (d, value) in &of.weeks.only {
                    button name="drop" value=(d.name()) { "Only " (title(*d)) " " strong { (say::plain(value)) } " " span aria-hidden="true" { "\u{2715}" } span .hidden { " (take away)" } }
                }
            }
        }
    }
}

/// The rows: each value narrows what is looked at when it is chosen.
fn rows(who: &Signed, of: &Explored, all: &Table) -> Markup {
    let narrows =
        |key: &str| Dimension::parse(key).ok().filter(|d| of.by.contains(d) && *d != Dimension::Week);
    html! {
        form method="post" action="/denials" {
            (carried(who, of, true))
            div .wide tabindex="0" role="region" aria-label="Denials" {
                table .figures {
                    caption { (all.definition) " Choose a value to see it alone." }
                    thead { tr { @for c in &all.columns { th scope="col" class=[c.kind.is_number().then_some("number")] { (c.title) } } } }
                    tbody {
                        @for row in &all.rows {
                            tr {
                                @for (c, cell) in all.columns.iter().zip(row) {
                                    td class=[c.kind.is_number().then_some("number")] { (narrowing(narrows(&c.key), cell, c.kind)) }
                                }
                            }
                        }
                    }
                    @if let Some(total) = &all.total { tfoot { tr { @for (c, cell) in all.columns.iter().zip(total) { td class=[c.kind.is_number().then_some("number")] { (cell.shown(c.kind)) } } } } }
                }
            }
        }
    }
}

fn narrowing(by: Option<Dimension>, cell: &Cell, kind: crate::sheets::Kind) -> Markup {
    let text = say::plain(&cell.shown(kind));
    html! {
        @match by {
            Some(d) if !text.is_empty() => button .link name="pick" value=(format!("{}={}", d.name(), cell.shown(kind))) { (text) },
            _ if text.is_empty() => span .none { "\u{2013}" },
            _ => (text),
        }
    }
}

/// The claims behind it.
pub fn claims(
    who: &Signed,
    (id, of): (&str, &Explored),
    mut all: Table,
    links: &[Option<String>],
) -> Response {
    let found = all.rows.len();
    all.rows.truncate(ROWS);
    let content = html! {
        p .back { a href={ "/denials/" (id) } { "Denials" } }
        (head("Claims denied", "That you saw these claim numbers is in the audit trail. Those that are held now lead to their page."))
        @if !of.weeks.only.is_empty() { p .lead { @for (d, value) in &of.weeks.only { span .chip { "Only " (title(*d)) " " strong { (say::plain(value)) } } " " } } }
        @if found == 0 { div .empty { p { "No claim." } } } @else { (table(&all, &|n| links.get(n).cloned().flatten())) }
        @if found > ROWS { p .small { "The first " (ROWS) " of " (found) "; the files have all of them." } }
        (files(&format!("/denials/{id}/claims")))
    };
    report(who, ("Claims denied", "Denials"), &content)
}
