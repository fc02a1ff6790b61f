//! The work list, and the filters it is seen through.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::handle::Failed;
use super::pages::work::Shown;
use super::queue::{Filter, Moment, Queue, Which};
use super::request::{Call, Signed};
use super::row::Row;
use super::{Web, pages, say};
use crate::edits::Owner;
use crate::journal::{Place, Record};
use crate::sheets::{Cell, Kind, Table, columns};
use crate::x12::element::amount;

/// Claims of a file that is downloaded, at most.
const MOST: usize = 50_000;

/// Claims that one record of who saw them names.
const MOST_OF_A_RECORD: usize = 500;

/// What a filter is held against, for somebody.
pub fn moment<'a>(web: &Web, who: &'a Signed) -> Moment<'a> {
    let now = web.desk.state.world.clock.now();
    Moment { now, today: web.desk.today(), channels: &who.channels }
}

/// A page of it.
pub fn list(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let id = Some(call.param("filter")).filter(|id| !id.is_empty());
    let filter = match id {
        None => Filter::default(),
        Some(id) => match web.sessions.filter(&who.key, Some(id)) {
            Some(filter) => filter,
            // Of a session that ended, or long ago: what it was is not in its address.
            None => return Ok(pages::see("/")),
        },
    };
    let after = match call.field("after") {
        "" => None,
        last => web.board.row(&web.desk, last)?,
    };
    let at = moment(web, who);
    let queue = Queue::of(&*web.board.rows(&web.desk)?, &filter, after.as_deref(), at);
    journalled(web, who, &queue.page)?;
    let shown = Shown {
        queue,
        filter,
        id,
        now: at.now,
        today: at.today,
        zone: web.desk.timezone(),
        notice: web.sessions.told(&who.key),
        saved: web.saved.list(&who.name)?,
        codes: &web.config.held.override_codes,
    };
    Ok(pages::work_list(StatusCode::OK, who, &shown))
}

/// Who sees whom claims are for is on record before it is shown.
fn journalled(web: &Web, who: &Signed, rows: &[Arc<Row>]) -> Result<(), Failed> {
    if who.blinded || rows.is_empty() {
        return Ok(());
    }
    let place = |row: &Arc<Row>| Place { file: row.file_id.clone(), position: row.position };
    let some = rows.chunks(MOST_OF_A_RECORD).map(|rows| {
        let places = rows.iter().map(place).collect();
        Record::viewed_in_history("list", &who.actor(), places, Vec::new())
    });
    Ok(web.desk.state.append(some.collect())?)
}

/// What a filter finds, as a file: the first of them, as many as a file is good for.
pub fn export(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let filter = web.sessions.filter(&who.key, Some(call.param("filter"))).unwrap_or_default();
    let at = moment(web, who);
    let rows: Vec<Arc<Row>> = {
        let all = web.board.rows(&web.desk)?;
        filter.rows(&all, at).into_iter().take(MOST).cloned().collect()
    };
    journalled(web, who, &rows)?;
    pages::report::exported(&[table(&rows, who, at.today)], "held-claims", call.param("export"), at.today)
}

fn table(rows: &[Arc<Row>], who: &Signed, today: Date) -> Table {
    let day = |day: Option<Date>| Cell::text(day.map(|d| d.to_string()).unwrap_or_default());
    let person = |text: &str| if who.blinded { Cell::Nothing } else { Cell::text(text) };
    let row = |row: &Arc<Row>| {
        let edits: Vec<&str> = row.edits.iter().map(|(edit, _)| edit.as_str()).collect();
        vec![
            person(&row.claim),
            person(&row.patient),
            Cell::text(row.payer.as_str()),
            Cell::text(row.payer_name.as_str()),
            day(row.service_from),
            Cell::Number(row.charge),
            Cell::Number(row.at_risk()),
            Cell::text(row.owner.map_or("", say::team)),
            Cell::text(say::state(row.status, row.is_stopped()).1),
            Cell::text(say::name(&row.leading)),
            Cell::text(edits.join(" ")),
            day(Some(row.held_at.to_zoned(TimeZone::UTC).date())),
            day(row.deadline),
            Cell::maybe(row.days_left(today)),
        ]
    };
    Table {
        id: "held".to_owned(),
        title: "Held claims".to_owned(),
        definition: format!(
            "Held claims as the work list shows them, what is at risk first, on {}",
            say::day(today)
        ),
        columns: columns(&[
            ("claim", "Claim", Kind::Text),
            ("patient", "Patient", Kind::Text),
            ("payer", "Payer ID", Kind::Text),
            ("payer_name", "Payer", Kind::Text),
            ("service", "Service from", Kind::Date),
            ("charge", "Charge", Kind::Money),
            ("at_risk", "At risk", Kind::Money),
            ("team", "Team", Kind::Text),
            ("state", "State", Kind::Text),
            ("finding", "Finding", Kind::Text),
            ("edits", "Edits", Kind::Text),
            ("held", "Held since", Kind::Date),
            ("file_by", "File by", Kind::Date),
            ("days_left", "Days left", Kind::Days),
        ]),
        rows: rows.iter().map(row).collect(),
        total: None,
    }
}

/// What a form asks to see.
fn asked(call: &Call) -> Filter {
    let (team, which) = (call.field("team"), call.field("which"));
    let number = |name: &str| call.field(name).trim().parse::<i64>().ok().filter(|n| (0..10_000).contains(n));
    let dollars = call.field("dollars").replace(['$', ','], "");
    Filter {
        which: Which::ALL
            .into_iter()
            .find(|(_, word, _)| *word == which)
            .map(|(w, ..)| w)
            .unwrap_or_default(),
        team: Owner::ALL.into_iter().find(|owner| owner.name() == team),
        payer: call.field("payer").to_owned(),
        edit: call.field("edit").to_owned(),
        days: number("days"),
        due: number("due"),
        cents: amount(dollars.trim().as_bytes()).filter(|cents| *cents > 0),
        text: call.field("text").trim().chars().take(100).collect(),
    }
}

/// Keeps what somebody looks for and leads to it.
pub fn filter(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let kept = match call.field("saved") {
        "" => None,
        name => web.saved.list(&who.name)?.remove(name),
    };
    seen(web, who, kept.unwrap_or_else(|| asked(call)))
}

fn seen(web: &Web, who: &Signed, filter: Filter) -> Result<Response, Failed> {
    let id = web.sessions.keep(&who.key, filter)?;
    Ok(pages::see(&format!("/work/{id}")))
}

/// Keeps the filter that is seen under a name.
pub fn keep(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let name: String = call.field("name").trim().chars().filter(|c| !c.is_control()).take(40).collect();
    let filter = asked(call);
    let said = if name.is_empty() {
        "Give the filter a name to keep it under.".to_owned()
    } else if web.saved.keep(&who.name, &name, &filter)? {
        format!("Kept as \u{201c}{name}\u{201d}, without what you searched for.")
    } else {
        "You keep too many filters already: remove one first.".to_owned()
    };
    web.sessions.tell(&who.key, said);
    seen(web, who, filter)
}

/// Forgets a filter that was kept.
pub fn forget(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    web.saved.forget(&who.name, call.field("saved"))?;
    web.sessions.tell(&who.key, "The filter is removed.".to_owned());
    Ok(pages::see("/"))
}

/// Hides whom claims are for, or shows it again: for a room where others look on.
pub fn blind(web: &Web, who: &Signed, call: &Call) -> Response {
    web.sessions.blind(&who.key, call.field("blinded") == "yes");
    pages::see("/")
}

/// The claim that follows one in what its reader last looked for.
pub fn next(web: &Web, who: &Signed, id: &str) -> Result<Option<String>, Failed> {
    let filter = web.sessions.filter(&who.key, None).unwrap_or_default();
    let Some(here) = web.board.row(&web.desk, id)? else { return Ok(None) };
    let rows = web.board.rows(&web.desk)?;
    Ok(filter.first_behind(&rows, &here, moment(web, who)).map(|row| row.id.clone()))
}
