//! Counts, rates, edits, alerts and packs: what the commands' `--format json` says, by the same questions. None of it says whom a claim is for.

use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use serde::Deserialize;

use super::super::Web;
use super::call::{Bearer, Call, answer};
use super::problem::{self, Problem, Trouble};
use crate::daemon::actions as huddled;
use crate::daemon::alerting;
use crate::daemon::control::{Answer, Asked, OfPeriod, Question, Wanted, answer_to};
use crate::history::{DIMENSIONS, Denials, Metrics, Weeks};

/// Asks as the token.
pub fn told(web: &Web, who: &Bearer, question: &Question) -> Result<Response, Trouble> {
    match answer_to(&web.desk, question, &who.actor())? {
        Answer::Ok(value) => answer(StatusCode::OK, &value),
        Answer::Refused(why) => Err(refused(&why).into()),
    }
}

/// Why something can't be done, without what was sent: refusals quote it.
pub fn refused(why: &str) -> Problem {
    let kept: Vec<&str> = why.split('"').step_by(2).collect();
    let said = kept.join("\u{2026}");
    let kind = match said.starts_with("nothing is known") || said.starts_with("there is no a") {
        true => problem::NOWHERE,
        false => problem::REFUSED,
    };
    Problem::of(kind, said)
}

/// ISO weeks, by when something was paid or first sent.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Span {
    /// First ISO week: `2026-W40`.
    from: Option<String>,
    /// Last ISO week.
    to: Option<String>,
}

/// Weeks, and the day it is seen from.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct AsOf {
    /// First ISO week: `2026-W40`.
    from: Option<String>,
    /// Last ISO week.
    to: Option<String>,
    /// As of this day, or today.
    today: Option<Date>,
}

/// What is counted, and by what.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Counted {
    /// Dimensions, with commas between: `payer,carc`.
    by: String,
    /// First ISO week of payment: `2026-W40`.
    from: Option<String>,
    /// Last ISO week of payment.
    to: Option<String>,
}

impl Counted {
    /// As it is asked: dimensions and weeks. Claims are a question of their own.
    pub fn asked(self) -> Result<(Vec<String>, Weeks), Problem> {
        let by: Vec<String> =
            self.by.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        if by.iter().any(|name| name == "claim" || !DIMENSIONS.contains(&name.as_str())) {
            let known: Vec<&str> = DIMENSIONS.iter().copied().filter(|name| *name != "claim").collect();
            let said = format!(
                "Denials are counted by {}; claim by claim at /api/v1/denials/claims.",
                known.join(", ")
            );
            return Err(Problem::of(problem::SHAPE, said));
        }
        Ok((by, Weeks { from: self.from, to: self.to, only: Vec::new() }))
    }
}

/// The figures both teams steer by, as `claimloop history metrics --format json` says them.
#[utoipa::path(get, path = "/api/v1/metrics", tag = "reports", params(AsOf), responses((status = 200, body = Metrics)))]
pub fn metrics(web: &Web, who: &Bearer, call: &Call) -> Result<Response, Trouble> {
    who.whole()?;
    let AsOf { from, to, today } = call.query()?;
    let weeks = Weeks { from, to, only: Vec::new() };
    told(web, who, &Question::History { asked: Asked::Metrics { weeks, today } })
}

/// Denials counted, as `claimloop history denials --format json` says them.
#[utoipa::path(get, path = "/api/v1/denials", tag = "reports", params(Counted), responses((status = 200, body = Denials)))]
pub fn denials(web: &Web, who: &Bearer, call: &Call) -> Result<Response, Trouble> {
    who.whole()?;
    let (by, weeks) = call.query::<Counted>()?.asked()?;
    told(web, who, &Question::Denials { by, weeks })
}

/// Denials by what became of the edit that should have stopped them.
#[utoipa::path(get, path = "/api/v1/gaps", tag = "reports", params(Span), responses((status = 200, body = Vec<Object>)))]
pub fn gaps(web: &Web, who: &Bearer, call: &Call) -> Result<Response, Trouble> {
    who.whole()?;
    let Span { from, to } = call.query()?;
    told(web, who, &Question::History { asked: Asked::Gaps { weeks: Weeks { from, to, only: Vec::new() } } })
}

/// Every payer the history knows, and names that a payer pack should map.
#[utoipa::path(get, path = "/api/v1/payers", tag = "reports", responses((status = 200, body = Object)))]
pub fn payers(web: &Web, who: &Bearer, _: &Call) -> Result<Response, Trouble> {
    who.whole()?;
    told(web, who, &Question::History { asked: Asked::Payers })
}

/// Reasons of denials that the dictionary doesn't know.
#[utoipa::path(get, path = "/api/v1/unmapped", tag = "reports", responses((status = 200, body = Vec<Object>)))]
pub fn unmapped(web: &Web, who: &Bearer, _: &Call) -> Result<Response, Trouble> {
    who.whole()?;
    told(web, who, &Question::History { asked: Asked::Unmapped })
}

/// What changed of denials, as `claimloop trends --format json` says it.
#[utoipa::path(get, path = "/api/v1/trends", tag = "reports", params(Span), responses((status = 200, body = Vec<Object>)))]
pub fn trends(web: &Web, who: &Bearer, call: &Call) -> Result<Response, Trouble> {
    who.whole()?;
    let Span { from, to } = call.query()?;
    told(web, who, &Question::Trends { from, to })
}

/// Which pack.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Week {
    /// ISO week, `2026-W46`; the last that is over where it isn't named.
    week: Option<String>,
    /// As of this day, or today.
    today: Option<Date>,
}

/// The pack of a weekly huddle, as `claimloop huddle --format json` says it.
#[utoipa::path(get, path = "/api/v1/huddle", tag = "reports", params(Week), responses((status = 200, body = Object)))]
pub fn huddle(web: &Web, who: &Bearer, call: &Call) -> Result<Response, Trouble> {
    who.whole()?;
    let Week { week, today } = call.query()?;
    let site = web.config.huddling.site.clone();
    told(web, who, &Question::Huddle { wanted: Wanted { week, today, site, blinded: None } })
}

/// Which summary.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct OfTime {
    /// `2026-10` or `2026-Q3`; the last month that is over where it isn't named.
    period: Option<String>,
    /// With a table by who bills.
    providers: bool,
}

/// The summary of a month or quarter, as `claimloop leadership --format json` says it.
#[utoipa::path(get, path = "/api/v1/leadership", tag = "reports", params(OfTime), responses((status = 200, body = Object)))]
pub fn leadership(web: &Web, who: &Bearer, call: &Call) -> Result<Response, Trouble> {
    who.whole()?;
    let OfTime { period, providers } = call.query()?;
    let site = web.config.huddling.site.clone();
    told(web, who, &Question::Leadership { wanted: OfPeriod { period, providers, site } })
}

/// Whether what is over is shown as well.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct All {
    /// What is resolved or closed, too.
    all: bool,
}

/// Alerts, the newest first, as `claimloop alerts list --format json` says them.
#[utoipa::path(get, path = "/api/v1/alerts", tag = "alerts", params(All), responses((status = 200, body = Vec<Object>)))]
pub fn alerts(web: &Web, who: &Bearer, call: &Call) -> Result<Response, Trouble> {
    who.whole()?;
    let All { all } = call.query()?;
    told(web, who, &Question::Alerts { asked: alerting::Asked::List { all } })
}

/// What huddles decided to do, the oldest first, as `claimloop actions list --format json` says it.
#[utoipa::path(get, path = "/api/v1/actions", tag = "actions", params(All), responses((status = 200, body = Vec<Object>)))]
pub fn actions(web: &Web, who: &Bearer, call: &Call) -> Result<Response, Trouble> {
    who.whole()?;
    let All { all } = call.query()?;
    told(web, who, &Question::Actions { asked: huddled::Asked::List { all } })
}
