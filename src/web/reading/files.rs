//! Files: each one's way from drop to done, and whether every claim of it is accounted for.

use axum::response::Response;

use super::kept::Look;
use crate::daemon::files::{Files, Happened, Standing, Way};
use crate::journal::{Direction, Outlet};
use crate::sheets::{Cell, Kind, Table, columns};
use crate::web::Web;
use crate::web::handle::Failed;
use crate::web::pages::{self, files as shown, report};
use crate::web::request::{Call, Signed};

/// Files of a page.
pub const PAGE: usize = 50;

fn sought(web: &Web, who: &Signed, call: &Call) -> Option<String> {
    match call.param("filter") {
        "" | "all" => Some(String::new()),
        id => match web.reading.kept.get(&who.key, id) {
            Some(Look::Files(text)) => Some(text),
            _ => None,
        },
    }
}

/// True of a file with a text in its name, its channel, its id or what became of it.
fn fits(way: &Way, text: &str) -> bool {
    let has = |value: &str| value.to_lowercase().contains(text);
    text.is_empty()
        || way.name.as_ref().is_some_and(|name| has(name.expose()))
        || has(&way.channel)
        || has(&way.id)
        || has(shown::standing(way.standing()).1)
}

/// A page of them, the newest first.
pub fn list(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let Some(text) = sought(web, who, call) else { return Ok(pages::see("/files")) };
    let id = match call.param("filter") {
        "" => "all",
        id => id,
    };
    let after = call.field("after");
    let mut files = super::locked(&web.reading.files);
    files.catch_up(&web.desk.state)?;
    let found: Vec<&Way> = files.newest().filter(|way| fits(way, &text.to_lowercase())).collect();
    let skipped = found.iter().take_while(|way| !after.is_empty() && way.id.as_str() >= after).count();
    let page: Vec<&Way> = found.iter().skip(skipped).take(PAGE).copied().collect();
    let next = page.last().filter(|_| skipped + page.len() < found.len()).map(|way| way.id.clone());
    let place = (skipped, found.len(), next.as_deref());
    Ok(shown::list(who, (id, &text), (&page, place), web.desk.timezone()))
}

/// Keeps what somebody looks for and leads to it.
pub fn filter(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let text: String = call.field("text").trim().chars().take(100).collect();
    if text.is_empty() {
        return Ok(pages::see("/files"));
    }
    let id = web.reading.kept.keep(&who.key, Look::Files(text))?;
    Ok(pages::see(&format!("/files/found/{id}")))
}

/// They as a file.
pub fn export(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let Some(text) = sought(web, who, call) else { return Ok(pages::see("/files")) };
    let mut files = super::locked(&web.reading.files);
    files.catch_up(&web.desk.state)?;
    let table = table(web, &files, &text.to_lowercase());
    report::exported(&[table], "files", call.param("export"), web.desk.today())
}

fn table(web: &Web, files: &Files, text: &str) -> Table {
    let zone = web.desk.timezone();
    let row = |way: &Way| {
        let claims = way.counted();
        let claims = |of: fn(&crate::journal::Counted) -> u64| {
            Cell::maybe(claims.as_ref().and_then(|counted| i64::try_from(of(counted)).ok()))
        };
        let day = way.came().map(|at| at.to_zoned(zone.clone()));
        vec![
            Cell::text(way.id.as_str()),
            Cell::text(day.as_ref().map(|d| d.date().to_string()).unwrap_or_default()),
            Cell::text(day.as_ref().map(|d| d.strftime("%H:%M:%S").to_string()).unwrap_or_default()),
            Cell::text(way.name.as_ref().map(|name| name.expose().clone()).unwrap_or_default()),
            Cell::text(way.channel.as_str()),
            Cell::text(if way.direction == Direction::Outbound { "outbound" } else { "inbound" }),
            Cell::text(shown::standing(way.standing()).1),
            claims(|c| c.r#in),
            claims(|c| c.clean),
            claims(|c| c.held),
            claims(|c| c.rejected),
        ]
    };
    Table {
        id: "files".to_owned(),
        title: "Files".to_owned(),
        definition: "Every file that came or left, the newest first.".to_owned(),
        columns: columns(&[
            ("file", "File", Kind::Text),
            ("day", "Day", Kind::Date),
            ("time", "Time", Kind::Text),
            ("name", "Name", Kind::Text),
            ("channel", "Channel", Kind::Text),
            ("way", "Way", Kind::Text),
            ("standing", "Standing", Kind::Text),
            ("claims_in", "Claims in", Kind::Count),
            ("clean", "Clean", Kind::Count),
            ("held", "Held", Kind::Count),
            ("rejected", "Rejected", Kind::Count),
        ]),
        rows: files.newest().filter(|way| fits(way, text)).map(row).collect(),
        total: None,
    }
}

/// One file, from drop to done.
pub fn one(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let mut files = super::locked(&web.reading.files);
    files.catch_up(&web.desk.state)?;
    let Some(way) = files.get(call.param("file")).cloned() else { return Ok(pages::nothing()) };
    let dropped = way.direction == Direction::Outbound && way.standing() != Standing::Imported;
    let conserved = if dropped { Some(files.conserved(&web.desk.state, &way.id)?) } else { None };
    let related = related(&files, &way);
    drop(files);
    let ids: Vec<String> = {
        let rows = web.board.rows(&web.desk)?;
        rows.ordered.iter().filter(|row| row.file_id == way.id).map(|row| row.id.clone()).collect()
    };
    let store = web.desk.state.store_now()?;
    let mut held = Vec::new();
    for id in ids {
        held.extend(crate::holds::show(&store, &id)?);
    }
    held.sort_by_key(|held| held.position);
    Ok(shown::one(who, &way, (conserved.as_ref(), &held, &related), web.desk.timezone()))
}

/// Files that have to do with one: what it is a copy of, what it answers, what answers it; by what they are to it.
fn related(files: &Files, way: &Way) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    if let Some(id) = &way.duplicate_of {
        found.push(("The same bytes came before as", id.clone()));
    }
    if let Some(id) = &way.late_of {
        found.push(("Its sender wrote on after this was taken:", id.clone()));
    }
    for (_, step) in &way.steps {
        if let Happened::Answers(id) = step {
            found.push(("It answers", id.clone()));
        }
    }
    if way.left_by(Outlet::Clean) || way.counted().is_some() {
        let answers = |other: &&Way| other.steps.iter().any(|(_, s)| *s == Happened::Answers(way.id.clone()));
        found.extend(files.newest().filter(answers).map(|other| ("It was answered by", other.id.clone())));
    }
    found
}
