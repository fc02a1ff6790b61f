//! Held claims, and what the history knows of claims. Whatever shows whom one is for is journalled as a view of the token's first.

use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::Web;
use super::super::checklist::teams;
use super::super::queue::{Filter, Moment, Which};
use super::super::row::Row;
use super::call::{Bearer, Call, answer, limit_of};
use super::problem::{self, Problem, Trouble};
use super::reports::{Counted, told};
use crate::daemon::alerting;
use crate::daemon::control::{Asked, Question};
use crate::daemon::desk::Correction;
use crate::edits::Owner;
use crate::holds::{HeldClaim, Status};
use crate::scrub::report::cents;
use crate::x12::Cents;
use crate::x12::element::amount;

/// Which held claims.
#[derive(Debug, Default, Serialize, Deserialize, utoipa::IntoParams, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Which of those that wait for something else than work; those to be worked now where it isn't said.
    #[schema(inline)]
    #[param(inline)]
    which: Which,
    /// Of one team.
    team: Option<Owner>,
    /// To one payer, by its id.
    payer: Option<String>,
    /// Stopped by one edit, by its id.
    edit: Option<String>,
    /// Held for this many days and more.
    #[param(minimum = 0)]
    days: Option<u16>,
    /// To be filed within this many days.
    #[param(minimum = 0)]
    due: Option<u16>,
    /// Of this charge and more: `126.00`.
    charge: Option<String>,
    /// With this in its number, its patient, its payer, its file's name or the name of what was found. In a body alone: it may name somebody.
    #[param(ignore)]
    text: Option<String>,
    /// Where the page before ended: its `next`.
    cursor: Option<String>,
    /// Claims of a page, 200 at most; 50 where it isn't said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
}

/// A held claim in a list. It does not say whom the claim is for.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Listed {
    /// Id of the hold.
    id: String,
    /// Grows with every decision: who decides names the one they saw.
    version: u64,
    /// Claim number, CLM01.
    claim: String,
    /// Id of its payer.
    payer: String,
    /// Name of its payer.
    payer_name: String,
    /// Channel it came by.
    channel: String,
    /// Charge, CLM02.
    #[serde(with = "cents")]
    #[schema(value_type = String)]
    charge: Cents,
    /// Charge by the chance that work lets it leave: what the list is ordered by, with the days left.
    #[serde(with = "cents")]
    #[schema(value_type = String)]
    at_risk: Cents,
    /// First day of service.
    service_from: Option<Date>,
    /// When it was held.
    held_at: Timestamp,
    /// Last day it may be filed, where the payer's pack says so.
    deadline: Option<Date>,
    /// Team that works it.
    owner: Option<Owner>,
    /// Where it is on its way.
    status: Status,
    /// Ids of the edits that stop it.
    edits: Vec<String>,
    /// Out of the list until then.
    snoozed_until: Option<Timestamp>,
    /// Before all others.
    escalated: bool,
    /// When documentation was asked for.
    asked_at: Option<Timestamp>,
    /// Who asked for an override that waits for a second person.
    proposed_by: Option<String>,
}

/// A page of held claims, in the order they are worked.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Page {
    /// They.
    claims: Vec<Listed>,
    /// How many there are on all pages.
    found: usize,
    /// Cursor of the next page; none on the last.
    next: Option<String>,
}

/// A held claim with all that is known of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[allow(dead_code, reason = "says what is sent, for the description")]
pub struct Claim {
    #[serde(flatten)]
    held: HeldClaim,
    /// Its own segments as they were sent; none once its file was purged.
    x12: Option<String>,
    /// What was corrected.
    corrected: Vec<Correction>,
    /// The same segments with that; none where nothing was.
    x12_now: Option<String>,
    /// Who had its file removed, and when.
    #[schema(value_type = Option<Object>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    purged: Option<Value>,
}

fn listed(row: &Row) -> Listed {
    Listed {
        id: row.id.clone(),
        version: row.version,
        claim: row.claim.clone(),
        payer: row.payer.clone(),
        payer_name: row.payer_name.clone(),
        channel: row.channel.clone(),
        charge: row.charge,
        at_risk: row.at_risk(),
        service_from: row.service_from,
        held_at: row.held_at,
        deadline: row.deadline,
        owner: row.owner,
        status: row.status,
        edits: row.edits.iter().map(|(edit, _)| edit.clone()).collect(),
        snoozed_until: row.snoozed_until,
        escalated: row.escalated,
        asked_at: row.asked_at,
        proposed_by: row.proposed_by.clone(),
    }
}

/// Held claims, in the order they are worked.
#[utoipa::path(get, path = "/api/v1/claims", tag = "claims", params(Wanted), responses((status = 200, body = Page)))]
pub fn list(web: &Web, who: &Bearer, call: &Call) -> Result<Response, Trouble> {
    let wanted: Wanted = call.query()?;
    if wanted.text.is_some() {
        let said =
            "A text is looked for by POST /api/v1/claims/search: addresses are kept where bodies are not.";
        return Err(Problem::of(problem::SHAPE, said).into());
    }
    page(web, who, &wanted)
}

/// The same, with a text to look for.
#[utoipa::path(post, path = "/api/v1/claims/search", tag = "claims", request_body = Wanted, responses((status = 200, body = Page)))]
pub fn search(web: &Web, who: &Bearer, call: &Call) -> Result<Response, Trouble> {
    page(web, who, &call.json()?)
}

fn page(web: &Web, who: &Bearer, wanted: &Wanted) -> Result<Response, Trouble> {
    let refuse = |said: &str| Err(Problem::of(problem::SHAPE, said).into());
    let limit = limit_of(wanted.limit)?;
    let cents = match wanted.charge.as_deref().map(|charge| amount(charge.as_bytes())) {
        Some(None) => return refuse("A charge is dollars and cents: 126.00."),
        Some(Some(cents)) => Some(cents),
        None => None,
    };
    let text = wanted.text.as_deref().unwrap_or_default().trim().chars().take(100).collect();
    let filter = Filter {
        which: wanted.which,
        team: wanted.team,
        payer: wanted.payer.clone().unwrap_or_default(),
        edit: wanted.edit.clone().unwrap_or_default(),
        days: wanted.days.map(i64::from),
        due: wanted.due.map(i64::from),
        cents,
        text,
    };
    // A claim that left meanwhile is still a place in the order.
    let after = match wanted.cursor.as_deref() {
        None => None,
        Some(last) => match web.board.row(&web.desk, last)?.filter(|row| who.sees(&row.channel)) {
            Some(row) => Some(row),
            None => return refuse("This cursor is none of this list: begin without one."),
        },
    };
    let now = web.desk.state.world.clock.now();
    let at = Moment { now, today: web.desk.today(), channels: &who.channels };
    let rows = web.board.rows(&web.desk)?;
    let found = filter.rows(&rows, at);
    let behind = |row: &&&std::sync::Arc<Row>| after.as_ref().is_none_or(|last| row.key() > last.key());
    let mut left = found.iter().filter(behind);
    let claims: Vec<Listed> = left.by_ref().take(limit).map(|row| listed(row)).collect();
    let next = claims.last().map(|last| last.id.clone()).filter(|_| left.next().is_some());
    answer(StatusCode::OK, &Page { claims, found: found.len(), next })
}

/// A held claim with what stands in it. That it was shown is journalled.
#[utoipa::path(get, path = "/api/v1/claims/{hold}", tag = "claims", params(("hold" = String, Path, description = "Id of the hold")), responses((status = 200, body = Claim)))]
pub fn show(web: &Web, who: &Bearer, call: &Call) -> Result<Response, Trouble> {
    let id = who.held(web, call)?.id;
    told(web, who, &Question::HeldShow { id })
}

/// The edits that apply to a claim, by team.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Team {
    /// Which.
    team: Owner,
    /// What it looks after.
    items: Vec<Item>,
}

/// An edit that applies to a claim.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Item {
    /// Its id.
    edit: String,
    /// Its name.
    name: String,
    /// True where it keeps the claim from leaving.
    stops: bool,
    /// What it found; nothing where the claim passed.
    found: Vec<String>,
}

/// Every edit that applies to a held claim, passed or not, by the edits of the day. That it was shown is journalled.
#[utoipa::path(get, path = "/api/v1/claims/{hold}/checklist", tag = "claims", params(("hold" = String, Path, description = "Id of the hold")), responses((status = 200, body = Vec<Team>)))]
pub fn checklist(web: &Web, who: &Bearer, call: &Call) -> Result<Response, Trouble> {
    let id = who.held(web, call)?.id;
    let none = || Problem::of(problem::NOWHERE, "No claim is held under this id.");
    let viewed = web.desk.view(&id, &who.actor())?.ok_or_else(none)?;
    let stands = if viewed.purged.is_none() { web.desk.as_it_stands(&viewed.held)? } else { None };
    let Some((single, verdict)) = stands else {
        return Err(Problem::of(problem::GONE, "The segments of this claim are not here any more.").into());
    };
    let item = |item: super::super::pages::checklist::Item| Item {
        edit: item.edit,
        name: item.name,
        stops: item.stops,
        found: item.found,
    };
    let teams = teams(&web.desk.edits(), &viewed.held, (&single, &verdict)).into_iter();
    let teams = teams.map(|(team, items)| Team { team, items: items.into_iter().map(item).collect() });
    answer(StatusCode::OK, &teams.collect::<Vec<_>>())
}

/// A claim number to look for.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Number {
    /// CLM01 as it was sent.
    claim: String,
}

/// What the history knows under a claim number, as `claimloop history claim --format json` says it. That it was shown is journalled.
#[utoipa::path(post, path = "/api/v1/history/claims/search", tag = "history", request_body = Number, responses((status = 200, body = Object)))]
pub fn history(web: &Web, who: &Bearer, call: &Call) -> Result<Response, Trouble> {
    who.whole()?;
    let Number { claim } = call.json()?;
    told(web, who, &Question::History { asked: Asked::Claim { claim } })
}

/// Every claim payment and the claim of ours it is for, as `claimloop history payments --format json` says it. That it was shown is journalled.
#[utoipa::path(get, path = "/api/v1/payments", tag = "history", responses((status = 200, body = Vec<Object>)))]
pub fn payments(web: &Web, who: &Bearer, _: &Call) -> Result<Response, Trouble> {
    who.whole()?;
    told(web, who, &Question::History { asked: Asked::Payments })
}

/// Where an export goes on.
#[derive(Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct After {
    /// The `next` of the part before; it begins without one.
    cursor: String,
}

/// A part of an export.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[allow(dead_code, reason = "says what is sent, for the description")]
pub struct Part {
    /// Rows of claims, of payments and of adjustments, as the export's three tables have them.
    rows: Vec<Vec<Vec<String>>>,
    /// Cursor of the next part; none behind the last.
    next: Option<String>,
}

/// The history, row by row, as `claimloop history export` writes it. That it was shown is journalled, once an export. A cursor tells where in
/// the claims it is, so it stands in the body.
#[utoipa::path(post, path = "/api/v1/export", tag = "history", request_body = After, responses((status = 200, body = Part)))]
pub fn export(web: &Web, who: &Bearer, call: &Call) -> Result<Response, Trouble> {
    who.whole()?;
    let After { cursor } = call.json()?;
    told(web, who, &Question::History { asked: Asked::Export { after: cursor } })
}

/// Denials claim by claim. That they were shown is journalled.
#[utoipa::path(get, path = "/api/v1/denials/claims", tag = "history", params(Counted), responses((status = 200, body = crate::history::Denials)))]
pub fn denials(web: &Web, who: &Bearer, call: &Call) -> Result<Response, Trouble> {
    who.whole()?;
    let (mut by, weeks) = call.query::<Counted>()?.asked()?;
    by.push("claim".to_owned());
    told(web, who, &Question::Denials { by, weeks })
}

/// An alert with the numbers of its example claims. That it was shown is journalled.
#[utoipa::path(get, path = "/api/v1/alerts/{alert}", tag = "alerts", params(("alert" = String, Path, description = "Id of the alert")), responses((status = 200, body = Object)))]
pub fn alert(web: &Web, who: &Bearer, call: &Call) -> Result<Response, Trouble> {
    who.whole()?;
    let id = call.param("alert").to_owned();
    told(web, who, &Question::Alerts { asked: alerting::Asked::Show { id } })
}
