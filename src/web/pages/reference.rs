//! The reference: lists of edits, reasons and modifiers, and a page for each, with the site's own numbers beside it.

use std::collections::BTreeMap;

use axum::response::Response;
use maud::{Markup, html};

use super::csrf;
use super::report::{head, plain_table, report, table};
use crate::codes::{Modifier, ModifierKind};
use crate::edits::{Edit, EditSet, Expect, Severity};
use crate::history::{Denial, Dictionary, Meaning, Slip};
use crate::scrub::examples::differing;
use crate::sheets::{Cell, Kind, Table, columns, share};
use crate::web::reading::reference::{Denied, Numbers, Slipped};
use crate::web::request::Signed;
use crate::web::say;

/// Group codes, in our words.
const GROUPS: [(&str, &str); 4] = [
    (
        "CO",
        "Contractual obligation: the provider bears it by contract or rule. The patient must not be billed for it.",
    ),
    (
        "PR",
        "Patient responsibility: the patient owes it, as deductible, coinsurance, copayment or for what is not covered.",
    ),
    ("OA", "Other adjustment: neither the contract nor the patient, often another payer's part."),
    (
        "PI",
        "Payer initiated: the payer takes it off without a contract that says so. The patient must not be billed for it.",
    ),
];

/// What a group code means.
pub fn group_means(code: &str) -> Option<&'static str> {
    GROUPS.into_iter().find(|(known, _)| *known == code).map(|(_, means)| means)
}

fn sum_of<T: Copy>(of: &BTreeMap<(String, String), T>, name: &str, add: &mut dyn FnMut(T)) {
    of.iter().filter(|((known, _), _)| known == name).for_each(|(_, one)| add(*one));
}

fn denied(of: &BTreeMap<(String, String), Denied>, name: &str) -> Denied {
    let mut sum = Denied::default();
    sum_of(of, name, &mut |one| {
        sum.claims += one.claims;
        sum.denials += one.denials;
        sum.cents = sum.cents.saturating_add(one.cents);
    });
    sum
}

/// The lists.
pub fn list(
    who: &Signed,
    text: &str,
    (edits, dictionary, numbers): (&EditSet, &Dictionary, &Numbers),
) -> Response {
    let wanted = text.to_lowercase();
    let has =
        |parts: &[&str]| wanted.is_empty() || parts.iter().any(|part| part.to_lowercase().contains(&wanted));
    let found: Vec<&Edit> =
        edits.active().filter(|e| has(&[&e.id, &e.name, &say::name(&e.name), &e.why, &e.fix])).collect();
    let reasons: Vec<(&str, &Meaning)> = dictionary
        .iter()
        .filter(|(code, m)| {
            has(&[code, &format!("carc-{code}"), &m.means, &m.category, &m.prevention])
                || m.rarcs.iter().any(|r| has(&[r]) && !wanted.is_empty())
        })
        .collect();
    let modifiers: Vec<&Modifier> =
        Modifier::all().iter().filter(|m| has(&[&m.code, &m.name, &m.family, &m.used])).collect();
    let content = html! {
        (head("Reference", "Edits, denial reasons and modifiers in our own words, each with what it did here."))
        form .search.one method="post" action="/reference" role="search" {
            (csrf(who))
            label { "Search" input type="search" name="text" value=(text) placeholder="E3-001, CARC 16, MOD 59, authorization" autocomplete="off"; }
            button { "Show" }
        }
        nav .choices aria-label="Lists" { a href="#edits" { (found.len()) " edits" } a href="#reasons" { (reasons.len()) " denial reasons" } a href="#groups" { "Group codes" } a href="#modifiers" { (modifiers.len()) " modifiers" } }
        @if found.is_empty() && reasons.is_empty() && modifiers.is_empty() { div .empty { p { "Nothing in the reference has this in it." } p { a href="/reference" { "Show all of it" } } } }
        @if !found.is_empty() { section #edits { (edits_table(&found, numbers)) } }
        @if !reasons.is_empty() { section #reasons { (reasons_table(&reasons, numbers)) } }
        @if wanted.is_empty() { section #groups { (groups_table(numbers)) } }
        @if !modifiers.is_empty() { section #modifiers { (modifiers_table(&modifiers, numbers)) } }
    };
    report(who, ("Reference", "Reference"), &content)
}

fn edits_table(found: &[&Edit], numbers: &Numbers) -> Markup {
    let fired = |id: &str| {
        let mut n = 0;
        sum_of(&numbers.edits, id, &mut |one| n += one.fired);
        n
    };
    let mut found = found.to_vec();
    found.sort_by_key(|edit| std::cmp::Reverse(fired(&edit.id)));
    let row = |edit: &&Edit| {
        let mut used = crate::web::reading::reference::Used::default();
        sum_of(&numbers.edits, &edit.id, &mut |one| {
            (used.fired, used.stopped) = (used.fired + one.fired, used.stopped + one.stopped);
            used.overridden += one.overridden;
        });
        let slipped =
            numbers.slipped.iter().filter(|((id, _), _)| *id == edit.id).map(|(_, s)| s.denials).sum();
        vec![
            Cell::text(edit.id.as_str()),
            Cell::text(say::name(&edit.name)),
            Cell::text(say::team(edit.owner)),
            Cell::text(does(edit.severity)),
            Cell::text(edit.prevents.join(", ")),
            Cell::Number(used.fired),
            Cell::Number(used.stopped),
            Cell::Number(used.overridden),
            Cell::Number(slipped),
        ]
    };
    let of = Table {
        id: "edits".to_owned(),
        title: "Edits".to_owned(),
        definition: "Fired, held, overridden: claims at this site, over all that is known; what fired most first. Denied all the same: denials it was meant to stop.".to_owned(),
        columns: columns(&[
            ("edit", "Edit", Kind::Text),
            ("name", "What it finds", Kind::Text),
            ("owner", "Team", Kind::Text),
            ("severity", "Does", Kind::Text),
            ("prevents", "Prevents CARC", Kind::Text),
            ("fired", "Fired", Kind::Count),
            ("held", "Held", Kind::Count),
            ("overridden", "Overridden", Kind::Count),
            ("denied", "Denied all the same", Kind::Count),
        ]),
        rows: found.iter().map(row).collect(),
        total: None,
    };
    table(&of, &|n| found.get(n).map(|edit| format!("/reference/edits/{}", edit.id)))
}

fn reasons_table(found: &[(&str, &Meaning)], numbers: &Numbers) -> Markup {
    let mut found = found.to_vec();
    found.sort_by_key(|(code, _)| std::cmp::Reverse(denied(&numbers.carcs, code).cents));
    let row = |(code, meaning): &(&str, &Meaning)| {
        let here = denied(&numbers.carcs, code);
        vec![
            Cell::text(format!("CARC {code}")),
            Cell::text(meaning.means.as_str()),
            Cell::text(meaning.category.replace('-', " ")),
            Cell::text(say::team(meaning.owner)),
            Cell::Number(here.claims),
            Cell::Number(here.denials),
            Cell::Number(here.cents),
        ]
    };
    let of = Table {
        id: "reasons".to_owned(),
        title: "Denial reasons".to_owned(),
        definition: "What each claim adjustment reason code says, in our words. Claims, denials and dollars: at this site, over all that is known.".to_owned(),
        columns: columns(&[
            ("carc", "Reason", Kind::Text),
            ("means", "Means", Kind::Text),
            ("category", "Root cause", Kind::Text),
            ("owner", "Team", Kind::Text),
            ("claims", "Claims", Kind::Count),
            ("denials", "Denials", Kind::Count),
            ("amount", "Refused", Kind::Money),
        ]),
        rows: found.iter().map(row).collect(),
        total: None,
    };
    table(&of, &|n| found.get(n).map(|(code, _)| format!("/reference/codes/CARC-{code}")))
}

fn groups_table(numbers: &Numbers) -> Markup {
    let row = |(code, means): (&str, &str)| {
        let here = denied(&numbers.groups, code);
        vec![Cell::text(code), Cell::text(means), Cell::Number(here.denials), Cell::Number(here.cents)]
    };
    let of = Table {
        id: "groups".to_owned(),
        title: "Group codes".to_owned(),
        definition: "Who bears an adjustment.".to_owned(),
        columns: columns(&[
            ("group", "Group", Kind::Text),
            ("means", "Means", Kind::Text),
            ("denials", "Denials", Kind::Count),
            ("amount", "Refused", Kind::Money),
        ]),
        rows: GROUPS.into_iter().map(row).collect(),
        total: None,
    };
    table(&of, &|n| GROUPS.get(n).map(|(code, _)| format!("/reference/codes/GROUP-{code}")))
}

fn modifiers_table(found: &[&Modifier], numbers: &Numbers) -> Markup {
    let uses = |code: &str| {
        let mut n = 0;
        sum_of(&numbers.modifiers, code, &mut |one| n += one.decided);
        n
    };
    let mut found = found.to_vec();
    found.sort_by_key(|modifier| std::cmp::Reverse(uses(&modifier.code)));
    let row = |modifier: &&Modifier| {
        let (mut decided, mut denials) = (0, 0);
        sum_of(&numbers.modifiers, &modifier.code, &mut |one| {
            (decided, denials) = (decided + one.decided, denials + one.denied)
        });
        vec![
            Cell::text(modifier.code.as_str()),
            Cell::text(modifier.name.as_str()),
            Cell::text(modifier.family.as_str()),
            Cell::Number(decided),
            Cell::Number(denials),
            Cell::maybe(share(denials, decided)),
        ]
    };
    let of = Table {
        id: "modifiers".to_owned(),
        title: "Modifiers".to_owned(),
        definition:
            "Decided and denied: claims with a line under the modifier, at this site, over all that is known."
                .to_owned(),
        columns: columns(&[
            ("modifier", "Modifier", Kind::Text),
            ("name", "Says", Kind::Text),
            ("family", "About", Kind::Text),
            ("decided", "Decided", Kind::Count),
            ("denied", "Denied", Kind::Count),
            ("rate", "Denied of decided", Kind::Percent),
        ]),
        rows: found.iter().map(row).collect(),
        total: None,
    };
    table(&of, &|n| found.get(n).map(|modifier| format!("/reference/modifiers/{}", modifier.code)))
}

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

fn does(of: Severity) -> &'static str {
    match of {
        Severity::Reject => "Must be corrected",
        Severity::Hold => "Holds the claim",
        Severity::Warn => "Warns",
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
        said if said.is_empty() => vec![edit.message.text().to_owned()],
        said => said.into_iter().map(str::to_owned).collect(),
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
