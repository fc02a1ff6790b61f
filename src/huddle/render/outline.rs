//! Page one as parts of lines, for formats without a layout of their own.

use jiff::civil::Date;

use crate::huddle::pack::{Block, Item, Pack};
use crate::sheets::{grouped, percent};
use crate::x12::Cents;

/// A part of page one.
#[derive(Debug, Default)]
pub struct Part {
    /// As programs know it.
    pub id: &'static str,
    /// For people.
    pub title: &'static str,
    /// What it says as a whole; may be empty.
    pub said: String,
    /// One thing each.
    pub lines: Vec<Line>,
}

/// One line.
#[derive(Debug, Default)]
pub struct Line {
    /// The sentence.
    pub text: String,
    /// Small print.
    pub small: String,
    /// Team.
    pub owner: String,
    /// Claims.
    pub claims: Option<i64>,
    /// Cents.
    pub amount: Option<Cents>,
    /// Day it is due.
    pub due: Option<Date>,
}

/// A sentence as a line.
pub fn line(item: &Item) -> Line {
    Line {
        text: item.text.clone(),
        small: item.small.clone(),
        owner: item.owner.map(|o| o.name().to_owned()).unwrap_or_default(),
        claims: item.claims,
        amount: Some(item.amount),
        due: None,
    }
}

/// A day as people say it.
#[must_use]
pub fn said(day: Date) -> String {
    day.strftime("%b %-d").to_string()
}

fn block(id: &'static str, title: &'static str, block: &Block) -> Part {
    Part { id, title, said: block.said.clone(), lines: block.items.iter().map(line).collect() }
}

/// `97.2 %, 140 of 144 (+1.2 points ...)`.
#[must_use]
pub fn figure(figure: &crate::huddle::Figure) -> String {
    let value = figure.hundredths.map_or_else(|| "\u{2013}".to_owned(), percent);
    let of = figure.numerator.zip(figure.denominator);
    let of = of.map(|(n, of)| format!(", {} of {}", grouped(n), grouped(of))).unwrap_or_default();
    format!("{value}{of}; {}", figure.change)
}

/// What a teaching point cost.
#[must_use]
pub fn cost(point: &crate::huddle::Teaching) -> String {
    match point.denials {
        Some(n) => {
            let dollars = crate::alerts::dollars(point.amount);
            format!(
                "{}: {dollars} refused on {} denial{}",
                point.reason,
                grouped(n),
                if n == 1 { "" } else { "s" }
            )
        }
        None => format!("{}: too few to show", point.reason),
    }
}

fn places(before: &str, places: &[String]) -> String {
    if places.is_empty() { String::new() } else { format!("{before}{}", places.join(", ")) }
}

/// All parts in their order.
#[must_use]
pub fn page_one(pack: &Pack) -> Vec<Part> {
    let head = pack.head.iter().map(|f| Line {
        text: format!("{}: {}", f.title, figure(f)),
        small: f.definition.clone(),
        ..Line::default()
    });
    let head = Part { id: "head", title: "The shared numbers", said: String::new(), lines: head.collect() };
    let teaching = pack.teaching.points.iter().map(|point| Line {
        text: format!(
            "{} ({}). Wrong: {}. Right: {}. {}",
            point.title,
            cost(point),
            point.bad.text,
            point.good.text,
            point.todo
        ),
        small: format!(
            "{}{}{}{}",
            point.edit,
            if point.in_force { "" } else { ", not in force here" },
            places("; wrong: ", &point.bad.places),
            places("; right: ", &point.good.places)
        ),
        owner: point.owner.name().to_owned(),
        claims: None,
        amount: point.denials.map(|_| point.amount),
        due: None,
    });
    let teaching = Part {
        id: "teaching",
        title: "Teaching points",
        said: pack.teaching.said.clone(),
        lines: teaching.collect(),
    };
    let actions = pack.actions.list.iter().map(|tried| Line {
        text: format!("{}: {}", tried.what, tried.effect.said),
        small: format!(
            "from {}{}",
            said(tried.from),
            tried.closed.map(|day| format!(", closed {}", said(day))).unwrap_or_default()
        ),
        owner: tried.owner.name().to_owned(),
        due: Some(tried.due),
        ..Line::default()
    });
    let actions = Part {
        id: "actions",
        title: "What we did, and what came of it",
        said: pack.actions.said.clone(),
        lines: actions.collect(),
    };
    let next = pack.next.list.iter().map(|todo| Line {
        text: todo.what.clone(),
        small: match (todo.proposed, todo.due < pack.as_of) {
            (true, _) => "proposed".to_owned(),
            (false, true) => "overdue".to_owned(),
            (false, false) => String::new(),
        },
        owner: todo.owner.name().to_owned(),
        due: Some(todo.due),
        ..Line::default()
    });
    let next =
        Part { id: "next", title: "Next actions", said: pack.next.said.clone(), lines: next.collect() };
    vec![
        head,
        block("wins", "Wins", &pack.wins),
        block("worsening", "New and worsening", &pack.worsening),
        block("stuck", "Stuck", &pack.stuck),
        block("changes", "Payer and edit changes", &pack.changes),
        teaching,
        actions,
        next,
    ]
}
