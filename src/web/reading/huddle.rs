//! The packs that were made for huddles, and the pack of the last week, made when it is asked for.

use axum::response::Response;

use crate::alerts::{Kind, Standing};
use crate::daemon::huddling::{Wanted, huddled};
use crate::history::first_day;
use crate::huddle::last_whole;
use crate::huddle::render::{Format, render};
use crate::web::Web;
use crate::web::handle::Failed;
use crate::web::pages::{self, huddle as shown};
use crate::web::request::{Call, Signed};

fn packs(web: &Web) -> Vec<Standing> {
    let mut all: Vec<Standing> =
        web.desk.state.book(|book| book.alerts().filter(|a| a.alert.kind == Kind::Pack).cloned().collect());
    all.sort_by(|a, b| b.alert.week.cmp(&a.alert.week));
    all
}

/// Those that were made, the newest first, and the last week's.
pub fn list(web: &Web, who: &Signed) -> Result<Response, Failed> {
    let packs = packs(web);
    let week = last_whole(web.desk.today());
    let when = web.reading.config.huddling.when;
    Ok(shown::list(who, (&packs, &week, when), web.desk.timezone()))
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, end)| end) {
        Some("html") => "text/html; charset=utf-8",
        Some("xlsx") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Some("csv") => "text/csv; charset=utf-8",
        Some("json") => "application/json",
        _ => "text/plain; charset=utf-8",
    }
}

/// A file of a pack: one that was made as it was sent, or `now.html` and its like, made of what is known now.
pub fn file(web: &Web, call: &Call) -> Result<Response, Failed> {
    let (week, wanted) = (call.param("week"), call.param("export"));
    if let Some(end) = wanted.strip_prefix("now.") {
        let format = Format::ALL.into_iter().find(|format| format.extension() == end);
        let (Some(format), Some(_)) = (format, first_day(week)) else { return Ok(pages::nothing()) };
        let today = web.desk.today();
        let site = web.reading.config.huddling.site.clone();
        let asked = Wanted { week: Some(week.to_owned()), today: Some(today), site, blinded: None };
        let bytes = render(&huddled(&web.desk, (week, today), &asked)?, format)?;
        let name = format!("huddle-{week}.{end}");
        return Ok(pages::download(&name, kind(&name), bytes));
    }
    let attached =
        packs(web).into_iter().filter(|pack| pack.alert.week == week).flat_map(|pack| pack.alert.attachments);
    let Some(found) = attached.into_iter().find(|file| file.name == wanted) else {
        return Ok(pages::nothing());
    };
    let bytes = web.desk.state.archive.read(&found.sha256)?;
    Ok(pages::download(&found.name, kind(&found.name), bytes))
}
