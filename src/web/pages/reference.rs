//! The reference: lists of edits, reasons and modifiers, with the site's own numbers beside them.

use std::collections::BTreeMap;

use axum::response::Response;
use maud::html;

use super::csrf;
use super::report::{files, head, report, table};
use crate::codes::Modifier;
use crate::edits::{Edit, EditSet, Severity};
use crate::history::{Dictionary, Meaning};
use crate::sheets::{Cell, Kind, Table, columns, share};
use crate::web::reading::reference::{Denied, Numbers, Used};
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

/// All denials for a code.
pub fn denied(of: &BTreeMap<(String, String), Denied>, name: &str) -> Denied {
    let mut sum = Denied::default();
    sum_of(of, name, &mut |one| {
        sum.claims += one.claims;
        sum.denials += one.denials;
        sum.cents = sum.cents.saturating_add(one.cents);
    });
    sum
}

/// A table, and where each of its rows leads.
type Linked = (Table, Vec<String>);

/// The lists, of what has a text in it; all of them where it is empty.
pub fn lists(text: &str, (all, dictionary, numbers): (&EditSet, &Dictionary, &Numbers)) -> Vec<Linked> {
    let wanted = text.to_lowercase();
    let has = |parts: &[&str]| wanted.is_empty() || parts.iter().any(|p| p.to_lowercase().contains(&wanted));
    let found: Vec<&Edit> =
        all.active().filter(|e| has(&[&e.id, &e.name, &say::name(&e.name), &e.why, &e.fix])).collect();
    let of_reason = |(code, m): &(&str, &Meaning)| {
        has(&[code, &format!("carc-{code}"), &m.means, &m.category, &m.prevention])
            || m.rarcs.iter().any(|r| has(&[r]))
    };
    let found_reasons: Vec<(&str, &Meaning)> = dictionary.iter().filter(of_reason).collect();
    let found_modifiers: Vec<&Modifier> =
        Modifier::all().iter().filter(|m| has(&[&m.code, &m.name, &m.family, &m.used])).collect();
    let mut lists = vec![edits(&found, numbers), reasons(&found_reasons, numbers)];
    if wanted.is_empty() {
        lists.push(groups(numbers));
    }
    lists.push(modifiers(&found_modifiers, numbers));
    lists.retain(|(table, _)| !table.rows.is_empty());
    lists
}

/// Their page; `id` is what the text goes by.
pub fn list(who: &Signed, (id, text): (&str, &str), lists: &[Linked]) -> Response {
    let content = html! {
        (head("Reference", "Edits, denial reasons and modifiers in our own words, each with what it did here."))
        form .search.one method="post" action="/reference" role="search" {
            (csrf(who))
            label { "Search" input type="search" name="text" value=(text) placeholder="E3-001, CARC 16, MOD 59, authorization" autocomplete="off"; }
            button { "Show" }
        }
        @if lists.is_empty() {
            div .empty { p { "Nothing in the reference has this in it." } p { a href="/reference" { "Show all of it" } } }
        } @else {
            nav .choices aria-label="Lists" { @for (of, _) in lists { a href={ "#" (of.id) } { (of.title) " (" (of.rows.len()) ")" } } }
            @for (of, links) in lists { section id=(of.id) { (table(of, &|n| links.get(n).cloned())) } }
            (files(&format!("/reference/found/{id}")))
        }
    };
    report(who, ("Reference", "Reference"), &content)
}

fn edits(found: &[&Edit], numbers: &Numbers) -> Linked {
    let fired = |id: &str| {
        let mut n = 0;
        sum_of(&numbers.edits, id, &mut |one| n += one.fired);
        n
    };
    let mut found = found.to_vec();
    found.sort_by_key(|edit| std::cmp::Reverse(fired(&edit.id)));
    let row = |edit: &&Edit| {
        let mut used = Used::default();
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
    (of, found.iter().map(|edit| format!("/reference/edits/{}", edit.id)).collect())
}

fn reasons(found: &[(&str, &Meaning)], numbers: &Numbers) -> Linked {
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
    (of, found.iter().map(|(code, _)| format!("/reference/codes/CARC-{code}")).collect())
}

fn groups(numbers: &Numbers) -> Linked {
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
    (of, GROUPS.iter().map(|(code, _)| format!("/reference/codes/GROUP-{code}")).collect())
}

fn modifiers(found: &[&Modifier], numbers: &Numbers) -> Linked {
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
    (of, found.iter().map(|modifier| format!("/reference/modifiers/{}", modifier.code)).collect())
}

/// What an edit does, as people say it.
pub fn does(of: Severity) -> &'static str {
    match of {
        Severity::Reject => "Must be corrected",
        Severity::Hold => "Holds the claim",
        Severity::Warn => "Warns",
    }
}
