//! An entry of the reference, with the site's own numbers beside it.

use std::collections::BTreeMap;

use axum::response::Response;
use maud::{Markup, html};

use super::reference::{denied, does};
use super::report::{plain_table, report};
use crate::codes::{Modifier, ModifierKind};
use crate::edits::{Edit, EditSet, Expect};
use crate::history::{Denial, Meaning, Slip};
use crate::scrub::examples::differing;
use crate::sheets::{Cell, Kind, Table, columns, share};
use crate::web::reading::reference::{Denied, Numbers, Slipped};
use crate::web::request::Signed;
use crate::web::say;

/// An entry: where it is, its heading, its lines, and what stands behind them.
fn entry(who: &Signed, title: &str, lines: &[(&str, Markup)], here: &Markup) -> Response {
    let content = html! {
        p .back { a href="/reference" { "Reference" } }
        h1 { (title) }
        div .desk {
            section .block { dl .facts { @for (name, line) in lines { div { dt { (name) } dd { (line) } } } } }
            section { h2 { "At this site" } (here) }
        }
    };
    report(who, ("Reference", "Reference"), &content)
}

fn carcs(of: &[String]) -> Markup {
    // `16/M52` is CARC 16 beside RARC M52.
    let parts = |code: &str| {
        code.split_once('/').map_or((code.to_owned(), None), |(c, r)| (c.to_owned(), Some(r.to_owned())))
    };
    html! {
        @for (n, code) in of.iter().enumerate() {
            @if n > 0 { ", " }
            @let (carc, rarc) = parts(code);
            a href={ "/reference/codes/CARC-" (carc) } { "CARC " (carc) }
            @if let Some(rarc) = rarc { " with " a href={ "/reference/codes/RARC-" (rarc) } { (rarc) } }
        }
    }
}

fn slip(of: Slip) -> &'static str {
    match of {
        Slip::NoEdit => "No edit would have stopped it",
        Slip::Off => "It is not in force here",
        Slip::DidNotFire => "It saw nothing",
        Slip::Warned => "It only warned",
        Slip::Overridden => "Somebody let the claim leave in spite of it",
        Slip::Fired => "It held the claim, which was corrected and denied all the same",
        Slip::NotOurs => "No claim of ours is known",
    }
}

/// An edit; `off` is what it lacks to run.
pub fn edit(who: &Signed, (edit, off): (&Edit, Option<&str>), numbers: &Numbers) -> Response {
    let applies: Vec<&str> = edit.applies.iter().map(|g| g.name()).collect();
    let said = match edit.check.says() {
        said if said.is_empty() => vec![open(edit.message.text())],
        said => said.into_iter().map(open).collect(),
    };
    let mut lines: Vec<(&str, Markup)> = vec![
        ("What", html! { @for text in &said { p { (say::sentence(text)) } } }),
        ("Why", html! { (edit.why) }),
        ("Fix", html! { (edit.fix) }),
        ("Team", html! { (say::team(edit.owner)) }),
        (
            "Does",
            html! { (does(edit.severity)) @if let Some(needs) = off { " \u{b7} off here: needs " (needs) } },
        ),
        (
            "Where",
            html! { code { (edit.at.to_string()) } " \u{b7} " (applies.join(", ")) " \u{b7} SNIP type " (edit.snip) },
        ),
        ("Source", html! { (edit.source) " \u{b7} since " (edit.since) }),
    ];
    if !edit.prevents.is_empty() {
        lines.insert(3, ("Prevents", carcs(&edit.prevents)));
    }
    for example in &edit.examples {
        let name = if example.expect == Expect::Finding { "Found" } else { "Clean" };
        lines.push((
            name,
            html! { (example.title) @for segment in differing(example) { br; code { (segment) } } },
        ));
    }
    let mut rows: Vec<Vec<Cell>> = numbers
        .edits
        .iter()
        .filter(|((id, _), _)| *id == edit.id)
        .map(|((_, payer), used)| {
            vec![
                Cell::text(payer.as_str()),
                Cell::Number(used.fired),
                Cell::Number(used.stopped),
                Cell::Number(used.overridden),
            ]
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.get(1).and_then(Cell::number)));
    let by_payer = Table {
        id: "used".to_owned(),
        title: "What it did, by payer".to_owned(),
        definition: "Claims it fired on when they were first scrubbed, those it held, those somebody let leave in spite of it.".to_owned(),
        columns: columns(&[("payer", "Payer", Kind::Text), ("fired", "Fired", Kind::Count), ("held", "Held", Kind::Count), ("overridden", "Overridden", Kind::Count)]),
        rows,
        total: None,
    };
    let slipped: Vec<(&Slip, &Slipped)> = numbers
        .slipped
        .iter()
        .filter(|((id, _), _)| *id == edit.id)
        .map(|((_, slip), s)| (slip, s))
        .collect();
    let denied = Table {
        id: "slipped".to_owned(),
        title: "Denied all the same".to_owned(),
        definition: "Denials for reasons it is meant to prevent, by what it did to the claim.".to_owned(),
        columns: columns(&[
            ("slip", "How", Kind::Text),
            ("denials", "Denials", Kind::Count),
            ("amount", "Refused", Kind::Money),
        ]),
        rows: slipped
            .into_iter()
            .map(|(how, s)| vec![Cell::text(slip(*how)), Cell::Number(s.denials), Cell::Number(s.cents)])
            .collect(),
        total: None,
    };
    let here = html! {
        @if by_payer.rows.is_empty() { p { "It never fired here." } } @else { (plain_table(&by_payer)) }
        @if denied.rows.is_empty() { p { "Nothing it is meant to stop was denied here." } } @else { (plain_table(&denied)) }
    };
    entry(who, &format!("{} {}", edit.id, say::name(&edit.name)), &lines, &here)
}

fn denials_here(of: &BTreeMap<(String, String), Denied>, code: &str) -> Markup {
    let mut rows: Vec<Vec<Cell>> = of
        .iter()
        .filter(|((known, _), _)| known == code)
        .map(|((_, payer), d)| {
            vec![
                Cell::text(payer.as_str()),
                Cell::Number(d.claims),
                Cell::Number(d.denials),
                Cell::Number(d.cents),
            ]
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.get(3).and_then(Cell::number)));
    let sum = denied(of, code);
    let table = Table {
        id: "denied".to_owned(),
        title: "Denied, by payer".to_owned(),
        definition: "Denials less those taken back, over all that is known, most dollars first.".to_owned(),
        columns: columns(&[
            ("payer", "Payer", Kind::Text),
            ("claims", "Claims", Kind::Count),
            ("denials", "Denials", Kind::Count),
            ("amount", "Refused", Kind::Money),
        ]),
        rows,
        total: Some(vec![
            Cell::text("all"),
            Cell::Number(sum.claims),
            Cell::Number(sum.denials),
            Cell::Number(sum.cents),
        ]),
    };
    html! { @if table.rows.is_empty() { p { "No payer denied for this here." } } @else { (plain_table(&table)) } }
}

/// A CARC, with the text the site imported.
pub fn carc(
    who: &Signed,
    (code, of, text): (&str, &Meaning, Option<String>),
    (edits, numbers): (&EditSet, &Numbers),
) -> Response {
    let denial = match of.denial {
        Denial::Yes => "A denial",
        Denial::No => "Not a denial",
        Denial::Depends => "A denial where nothing was paid",
    };
    let mut lines: Vec<(&str, Markup)> = vec![
        ("Means", html! { (of.means) }),
        ("Kind", html! { (denial) ", " (of.category.replace('-', " ")) }),
        ("Prevent", html! { (of.prevention) }),
        ("Fix", html! { (of.fix) }),
        ("Team", html! { (say::team(of.owner)) }),
    ];
    if let Some(text) = text {
        lines.insert(1, ("Reads", html! { (say::plain(&text)) }));
    }
    if !of.groups.is_empty() {
        lines.push(("Groups", html! { @for (n, code) in of.groups.iter().enumerate() { @if n > 0 { ", " } a href={ "/reference/codes/GROUP-" (code) } { (code) } } }));
    }
    if !of.rarcs.is_empty() {
        lines.push(("Remarks", html! { @for (n, code) in of.rarcs.iter().enumerate() { @if n > 0 { ", " } a href={ "/reference/codes/RARC-" (code) } { (code) } } }));
    }
    if !of.edits.is_empty() {
        lines.push(("Edits", html! { @for id in &of.edits { p { a href={ "/reference/edits/" (id) } { (id) } " " (edits.get(id).map(|e| say::name(&e.name)).unwrap_or_default()) } } }));
    }
    entry(who, &format!("CARC {code}"), &lines, &denials_here(&numbers.carcs, code))
}

/// A RARC, with the reasons it comes with.
pub fn rarc(
    who: &Signed,
    (code, text, with): (&str, Option<String>, &[(&str, &Meaning)]),
    numbers: &Numbers,
) -> Response {
    let reads = match text {
        Some(text) => html! { (say::plain(&text)) },
        None => {
            html! { "Its text is licensed: " code { "claimloop codes import rarc FILE" } " brings it here." }
        }
    };
    let comes = html! { @for (code, meaning) in with { p { a href={ "/reference/codes/CARC-" (code) } { "CARC " (code) } " " (meaning.means) } } };
    let lines = [
        ("Kind", html! { "A remark that says more of an adjustment" }),
        ("Reads", reads),
        ("Comes with", comes),
    ];
    entry(who, &format!("RARC {code}"), &lines, &denials_here(&numbers.rarcs, code))
}

/// A group code.
pub fn group(who: &Signed, (code, means): (&str, &str), numbers: &Numbers) -> Response {
    entry(
        who,
        &format!("Group code {code}"),
        &[("Means", html! { (means) })],
        &denials_here(&numbers.groups, code),
    )
}

/// A modifier.
pub fn modifier(who: &Signed, of: &Modifier, numbers: &Numbers) -> Response {
    let kind = match of.kind {
        ModifierKind::Payment => "changes what is paid",
        ModifierKind::Information => "informs",
    };
    let mut lines: Vec<(&str, Markup)> = vec![
        ("Says", html! { (of.name) }),
        ("Kind", html! { (say::sentence(&of.family)) ", " (kind) }),
        ("Used", html! { (of.used) }),
        ("Support", html! { (of.supports) }),
    ];
    if !of.conflicts.is_empty() {
        lines.push(("Never beside", html! { @for (n, code) in of.conflicts.iter().enumerate() { @if n > 0 { ", " } a href={ "/reference/modifiers/" (code) } { (code) } } }));
    }
    if !of.scrutiny.is_empty() {
        lines.push(("Payers", html! { (of.scrutiny) }));
    }
    let mut rows: Vec<Vec<Cell>> = numbers
        .modifiers
        .iter()
        .filter(|((code, _), _)| *code == of.code)
        .map(|((_, payer), d)| {
            vec![
                Cell::text(payer.as_str()),
                Cell::Number(d.decided),
                Cell::Number(d.denied),
                Cell::maybe(share(d.denied, d.decided)),
            ]
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.get(1).and_then(Cell::number)));
    let here = Table {
        id: "decided".to_owned(),
        title: "Decided and denied, by payer".to_owned(),
        definition: "Claims with a line under it that the payer decided, and those of them with a denial."
            .to_owned(),
        columns: columns(&[
            ("payer", "Payer", Kind::Text),
            ("decided", "Decided", Kind::Count),
            ("denied", "Denied", Kind::Count),
            ("rate", "Denied of decided", Kind::Percent),
        ]),
        rows,
        total: None,
    };
    let here = html! { @if here.rows.is_empty() { p { "No payer decided a claim with it here." } } @else { (plain_table(&here)) } };
    entry(who, &format!("Modifier {}", of.code), &lines, &here)
}

/// A message with a dash for each thing that a finding fills in.
fn open(message: &str) -> String {
    let mut parts = message.split('{');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push('\u{2026}');
        text.push_str(part.split_once('}').map_or(part, |(_, after)| after));
    }
    text
}
