//! The work list.

use axum::http::StatusCode;
use axum::response::Response;

use super::handle::Failed;
use super::queue::{Filter, Queue};
use super::request::{Call, Signed};
use super::{Web, pages};
use crate::edits::Owner;
use crate::holds;

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
    let store = web.desk.state.store_soon()?;
    let after = match call.field("after") {
        "" => None,
        last => holds::show(&store, last)?,
    };
    let queue = Queue::of(holds::list(&store, false)?, &filter, after.as_ref());
    let now = web.desk.state.world.clock.now();
    let notice = web.sessions.told(&who.key);
    Ok(pages::work_list(StatusCode::OK, who, &queue, &filter, id, now, notice.as_deref()))
}

/// Keeps what somebody looks for and leads to it.
pub fn filter(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let team = call.field("team");
    let filter = Filter {
        team: Owner::ALL.into_iter().find(|owner| owner.name() == team),
        payer: call.field("payer").to_owned(),
        edit: call.field("edit").to_owned(),
        text: call.field("text").trim().chars().take(100).collect(),
    };
    let id = web.sessions.keep(&who.key, filter)?;
    Ok(pages::see(&format!("/work/{id}")))
}

/// The claim that follows one in what its reader last looked for.
pub fn next(web: &Web, who: &Signed, id: &str) -> Result<Option<String>, Failed> {
    let store = web.desk.state.store_soon()?;
    let filter = web.sessions.filter(&who.key, None).unwrap_or_default();
    let Some(here) = holds::show(&store, id)? else { return Ok(None) };
    let queue = Queue::of(holds::list(&store, false)?, &filter, Some(&here));
    Ok(queue.page.first().map(|held| held.id.clone()))
}
