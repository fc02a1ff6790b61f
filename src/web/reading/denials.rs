//! The denials explorer: grouped by what somebody chooses, narrowed step by step, down to claims.

use axum::response::Response;

use super::kept::Look;
use crate::daemon::asked;
use crate::daemon::trending::{Weekly, weekly};
use crate::history::{Denials, Dimension, TRENDED, Weeks, first_day, tables};
use crate::huddle::{SHOWN, back};
use crate::remit::week;
use crate::sheets::{Cell, Column, Kind, Table, cents, columns};
use crate::web::Web;
use crate::web::handle::Failed;
use crate::web::pages::{self, denials as shown, report};
use crate::web::request::{Call, Signed};

/// Longest value that is kept.
const LONGEST: usize = 100;
/// Rows of a page; a file has all of them.
pub const ROWS: usize = 200;

/// What somebody looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explored {
    /// By what denials are counted: one dimension, or two.
    pub by: Vec<Dimension>,
    /// Of which weeks of payment, and of what alone.
    pub weeks: Weeks,
}

impl Default for Explored {
    fn default() -> Explored {
        Explored { by: vec![Dimension::Payer, Dimension::Carc], weeks: Weeks::default() }
    }
}

/// What is looked at under the address's id; with none, everything.
fn explored(web: &Web, who: &Signed, call: &Call) -> Option<Explored> {
    match call.param("filter") {
        "" | "all" => Some(Explored::default()),
        id => match web.reading.kept.get(&who.key, id) {
            Some(Look::Denials(explored)) => Some(explored),
            _ => None,
        },
    }
}

/// Cells of counted rows, in the order of their dimensions.
fn table(web: &Web, found: &Denials, by: &[Dimension]) -> Result<Table, Failed> {
    let store = web.desk.state.store_soon()?;
    let known = tables(&store)?;
    let with_meaning = by.contains(&Dimension::Carc);
    let mut heads: Vec<Column> =
        by.iter().map(|d| Column::of(d.name(), shown::title(*d), Kind::Text)).collect();
    if with_meaning {
        heads.push(Column::of("means", "Means", Kind::Text));
    }
    heads.extend(columns(&[
        ("claims", "Claims", Kind::Count),
        ("denials", "Denials", Kind::Count),
        ("amount", "Refused", Kind::Money),
    ]));
    let text = |row: &serde_json::Map<String, serde_json::Value>, key: &str| {
        row.get(key).and_then(|v| v.as_str()).unwrap_or_default().to_owned()
    };
    let numbers = |row: &serde_json::Map<String, serde_json::Value>| {
        let number = |key: &str| Cell::maybe(row.get(key).and_then(serde_json::Value::as_i64));
        [number("claims"), number("denials"), Cell::maybe(cents(&text(row, "amount")))]
    };
    let rows = found.rows.iter().map(|row| {
        let mut cells: Vec<Cell> = by.iter().map(|d| Cell::text(text(row, d.name()))).collect();
        if with_meaning {
            let meaning = known.dictionary.meaning(&text(row, "carc"), &[], &text(row, "payer"));
            cells.push(Cell::text(meaning.map(|m| m.means.clone()).unwrap_or_default()));
        }
        cells.extend(numbers(row));
        cells
    });
    let mut total: Vec<Cell> = vec![Cell::text("all")];
    total.resize(heads.len() - 3, Cell::text(""));
    let rows = rows.collect();
    total.extend(numbers(&found.total));
    let said = match (found.from.as_str(), found.to.as_str()) {
        ("", _) => "No denial is known of these weeks.".to_owned(),
        (from, to) => format!(
            "Denials of remittances paid in weeks {from} to {to}, less those taken back, most dollars first. A claim counts once for each value. \
             Dollars of remittances that don't balance are left out."
        ),
    };
    Ok(Table {
        id: "denials".to_owned(),
        title: "Denials".to_owned(),
        definition: said,
        columns: heads,
        rows,
        total: Some(total),
    })
}

/// Weeks of the same, oldest first, those without a denial among them.
fn by_week(web: &Web, who: &Signed, of: &Explored) -> Result<Table, Failed> {
    let found = asked::denials(&web.desk, &[Dimension::Week], &of.weeks, &who.actor())?;
    let mut weekly = table(web, &found, &[Dimension::Week])?;
    let mut names = Vec::new();
    let mut week = found.from.clone();
    while !week.is_empty() && week <= found.to && names.len() < 520 {
        names.push(week.clone());
        week = crate::huddle::shifted(&week, 1);
    }
    let row = |name: &String| {
        let known = weekly.rows.iter().find(|row| row.first() == Some(&Cell::text(name.as_str())));
        known.cloned().unwrap_or_else(|| {
            vec![Cell::text(name.as_str()), Cell::Number(0), Cell::Number(0), Cell::Number(0)]
        })
    };
    weekly.rows = names.iter().map(row).collect();
    (weekly.id, weekly.title) = ("weeks".to_owned(), "By week of payment".to_owned());
    weekly.definition =
        "The same denials by the week they were paid in; a claim counts in the first week it is denied."
            .to_owned();
    Ok(weekly)
}

/// Weeks in which an alert about just this began.
fn marks(web: &Web, of: &Explored) -> Vec<(String, String)> {
    let value =
        |d: Dimension| of.weeks.only.iter().find(|(known, _)| *known == d).map(|(_, value)| value.as_str());
    let (payer, carc) = (value(Dimension::Payer), value(Dimension::Carc));
    if payer.is_none() && carc.is_none() {
        return Vec::new();
    }
    web.desk.state.book(|book| {
        let about = book.alerts().map(|a| &a.alert).filter(|a| a.kind.is_of_denials() && !a.since.is_empty());
        let fits = about.filter(|a| payer.is_none_or(|p| p == a.payer) && carc.is_none_or(|c| c == a.carc));
        let mut marks: Vec<(String, String)> =
            fits.map(|a| (a.since.clone(), format!("alert, CARC {}", a.carc))).collect();
        marks.sort();
        marks.dedup();
        marks
    })
}

/// The weeks of a reason, where just one is looked at: at a payer or at all of them, confined to a value of one more dimension at most.
fn rates(web: &Web, of: &Explored) -> Result<Vec<Weekly>, Failed> {
    let value =
        |d: Dimension| of.weeks.only.iter().find(|(known, _)| *known == d).map(|(_, value)| value.as_str());
    let others = || of.weeks.only.iter().filter(|(d, _)| !matches!(d, Dimension::Payer | Dimension::Carc));
    let sliced = others().all(|(d, _)| TRENDED.contains(&Some(*d)));
    let (Some(carc), true, 0..=1) = (value(Dimension::Carc), sliced, others().count()) else {
        return Ok(Vec::new());
    };
    let names = back(&week(web.desk.today()), SHOWN);
    let only = others().next().map(|(d, value)| (*d, value.as_str()));
    Ok(weekly(&web.desk, &names, (value(Dimension::Payer).unwrap_or_default(), carc), only)?)
}

/// The page.
pub fn page(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let Some(of) = explored(web, who, call) else { return Ok(pages::see("/denials")) };
    let id = match call.param("filter") {
        "" => "all",
        id => id,
    };
    let found = asked::denials(&web.desk, &of.by, &of.weeks, &who.actor())?;
    let (all, by_week) = (table(web, &found, &of.by)?, by_week(web, who, &of)?);
    let notice = web.sessions.told(&who.key);
    Ok(shown::denials(
        who,
        (id, &of),
        (all, &by_week, &rates(web, &of)?, marks(web, &of)),
        notice.as_ref().map(|notice| notice.said.as_str()),
    ))
}

/// Keeps what somebody chooses and leads to it.
pub fn filter(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let named = |name: &str| Dimension::parse(name).ok().filter(|d| *d != Dimension::Claim);
    let mut by: Vec<Dimension> = call.every("by").filter_map(named).collect();
    by.dedup();
    by.truncate(2);
    if by.is_empty() {
        by = Explored::default().by;
    }
    let week =
        |name: &str| Some(call.field(name).trim().to_uppercase()).filter(|week| first_day(week).is_some());
    let names: Vec<&str> = call.every("only").collect();
    let values: Vec<&str> = call.every("value").collect();
    let mut only: Vec<(Dimension, String)> = Vec::new();
    for (name, value) in names.into_iter().zip(values) {
        let value: String = value.trim().chars().take(LONGEST).collect();
        if let Some(dimension) = named(name).filter(|_| !value.is_empty()) {
            only.retain(|(known, _)| *known != dimension);
            only.push((dimension, value));
        }
    }
    // A value of a row that was chosen.
    if let Some((name, value)) = call.field("pick").split_once('=')
        && let Some(dimension) = named(name)
    {
        only.retain(|(known, _)| *known != dimension);
        only.push((dimension, value.chars().take(LONGEST).collect()));
    }
    let drop = named(call.field("drop"));
    only.retain(|(known, _)| Some(*known) != drop);
    let wrong =
        ["from", "to"].into_iter().any(|name| !call.field(name).trim().is_empty() && week(name).is_none());
    if wrong {
        web.sessions.tell(&who.key, "Weeks are written as 2026-W46; what is none was left out.".to_owned());
    }
    let weeks = Weeks { from: week("from"), to: week("to"), only };
    let id = web.reading.kept.keep(&who.key, Look::Denials(Explored { by, weeks }))?;
    Ok(pages::see(&format!("/denials/{id}")))
}

/// The page's tables as a file.
pub fn export(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let Some(of) = explored(web, who, call) else { return Ok(pages::see("/denials")) };
    let found = asked::denials(&web.desk, &of.by, &of.weeks, &who.actor())?;
    let tables = [table(web, &found, &of.by)?, by_week(web, who, &of)?];
    report::exported(&tables, "denials", call.param("export"), web.desk.today())
}

/// The claims behind what is looked at. That they were seen is journalled before they are.
fn of_claims(web: &Web, who: &Signed, of: &Explored) -> Result<Table, Failed> {
    let by = [Dimension::Claim, Dimension::Payer, Dimension::Group, Dimension::Carc, Dimension::Week];
    let found = asked::denials(&web.desk, &by, &of.weeks, &who.actor())?;
    let mut table = table(web, &found, &by)?;
    if let Some(at) = table.at("claims") {
        table.columns.remove(at);
        table.rows.iter_mut().chain(&mut table.total).for_each(|row| drop(row.remove(at)));
    }
    (table.id, table.title) = ("claims".to_owned(), "Claims denied".to_owned());
    Ok(table)
}

/// Their page.
pub fn claims(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let Some(of) = explored(web, who, call) else { return Ok(pages::see("/denials")) };
    let table = of_claims(web, who, &of)?;
    let store = web.desk.state.store_soon()?;
    let mut links = Vec::new();
    for row in table.rows.iter().take(ROWS) {
        let Some(Cell::Text(number)) = row.first() else { continue };
        let held = crate::holds::of_claim(&store, &web.desk.state.archive, number)?;
        links.push(held.first().map(|held| format!("/claim/{}", held.id)));
    }
    Ok(shown::claims(who, (call.param("filter"), &of), table, &links))
}

/// They as a file.
pub fn export_claims(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let Some(of) = explored(web, who, call) else { return Ok(pages::see("/denials")) };
    report::exported(&[of_claims(web, who, &of)?], "denied-claims", call.param("export"), web.desk.today())
}
