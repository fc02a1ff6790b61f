//! Decisions, as the pages and the commands take them: of the version that was seen, journalled with the token's name before anything follows.

use axum::http::StatusCode;
use axum::response::Response;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::super::Web;
use super::super::bulk::{self, MOST};
use super::super::say;
use super::call::{Bearer, Call, answer};
use super::problem::{self, Problem, Trouble};
use super::reports::{refused, told};
use crate::alerts;
use crate::daemon::actions::{self, Draft};
use crate::daemon::alerting;
use crate::daemon::control::{Answer, Question};
use crate::daemon::desk::{By, Decide};
use crate::edits::Owner;
use crate::holds::{self, HeldClaim, Status};

/// A decision on a held claim.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Decision {
    /// The version that was seen.
    version: u64,
    #[serde(flatten)]
    decide: Decide,
}

/// A held claim as a decision left it. It does not say whom the claim is for.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Decided {
    /// Id of the hold.
    id: String,
    /// The version it has from now on.
    version: u64,
    /// Where it is on its way.
    status: Status,
    /// Team that works it.
    owner: Option<Owner>,
    /// Ids of the edits that stop it still.
    edits: Vec<String>,
    /// True while an override waits for a second person.
    proposed: bool,
}

impl From<&HeldClaim> for Decided {
    fn from(held: &HeldClaim) -> Decided {
        let mut edits: Vec<String> =
            held.findings.iter().filter(|f| f.stops()).map(|f| f.edit.clone()).collect();
        edits.sort();
        edits.dedup();
        Decided {
            id: held.id.clone(),
            version: held.version,
            status: held.status,
            owner: held.owner,
            edits,
            proposed: held.proposed.is_some(),
        }
    }
}

/// One hold of several.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Seen {
    /// Its id.
    id: String,
    /// The version that was seen.
    version: u64,
}

/// One decision on several held claims.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Several {
    /// They, 500 at most.
    holds: Vec<Seen>,
    #[serde(flatten)]
    decide: Decide,
}

/// What came of one of several.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Outcome {
    /// Id of the hold.
    id: String,
    /// As it is now; none where nothing was decided of it.
    decided: Option<Decided>,
    /// Why nothing was.
    problem: Option<Problem>,
}

fn sound(web: &Web, decide: &Decide) -> Result<(), Problem> {
    let Decide::Override { code, .. } = decide else { return Ok(()) };
    let codes = &web.config.held.override_codes;
    if codes.iter().any(|(known, _)| known == code) {
        return Ok(());
    }
    let known: Vec<&str> = codes.iter().map(|(code, _)| code.as_str()).collect();
    Err(Problem::of(problem::REFUSED, format!("A code is one of {}.", known.join(", "))))
}

fn decide(web: &Web, who: &Bearer, (id, version): (&str, u64), asked: &Decide) -> Result<Decided, Trouble> {
    let actor = who.actor();
    let undo = Some(web.config.web.undo).filter(|undo| *undo > SignedDuration::ZERO);
    match web.desk.decide(id, Some(version), asked, By { actor: &actor, undo })? {
        Answer::Ok(value) => Ok(Decided::from(&serde_json::from_value::<HeldClaim>(value)?)),
        Answer::Refused(why) => {
            let now = holds::show(&*web.desk.state.store_soon()?, id)?;
            Err(match now.filter(|held| held.version != version) {
                Some(held) => {
                    let said = format!("Somebody decided of it: it is at version {} now.", held.version);
                    Problem::of(problem::CHANGED, said)
                }
                None => refused(&say::refusal(id, &why)),
            }
            .into())
        }
    }
}

/// Decides of a held claim. 409 where somebody did since that version, 422 where it can't be done.
#[utoipa::path(post, path = "/api/v1/claims/{hold}/decisions", tag = "claims", params(("hold" = String, Path, description = "Id of the hold")), request_body = Decision, responses((status = 200, body = Decided)))]
pub fn one(web: &Web, who: &Bearer, call: &Call) -> Result<Response, Trouble> {
    let held = who.held(web, call)?;
    let Decision { version, decide: asked } = call.json()?;
    sound(web, &asked)?;
    answer(StatusCode::OK, &decide(web, who, (&held.id, version), &asked)?)
}

/// Decides the same of several held claims, each for itself. The answer says of each what came of it.
#[utoipa::path(post, path = "/api/v1/decisions", tag = "claims", request_body = Several, responses((status = 200, body = Vec<Outcome>)))]
pub fn several(web: &Web, who: &Bearer, call: &Call) -> Result<Response, Trouble> {
    let Several { holds, decide: asked } = call.json()?;
    sound(web, &asked)?;
    if holds.len() > MOST {
        return Err(Problem::of(problem::REFUSED, format!("Of {MOST} holds at once, at most.")).into());
    }
    if matches!(asked, Decide::Override { .. }) {
        let seen: Vec<(&str, u64)> = holds.iter().map(|seen| (seen.id.as_str(), seen.version)).collect();
        if !bulk::share_an_edit(web, &seen)? {
            let said = "Claims are overridden together only where the same edit holds them.";
            return Err(Problem::of(problem::REFUSED, said).into());
        }
    }
    let mut outcomes = Vec::new();
    for Seen { id, version } in holds {
        let held = holds::show(&*web.desk.state.store_soon()?, &id)?.filter(|held| who.sees(&held.channel));
        let done = match held {
            None => Err(Problem::of(problem::NOWHERE, "No claim is held under this id.").into()),
            Some(_) => decide(web, who, (&id, version), &asked),
        };
        outcomes.push(match done {
            Ok(decided) => Outcome { id, decided: Some(decided), problem: None },
            Err(Trouble::Asked(problem)) => Outcome { id, decided: None, problem: Some(*problem) },
            Err(failed) => return Err(failed),
        });
    }
    answer(StatusCode::OK, &outcomes)
}

/// A decision on an alert.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OnAlert {
    /// The version that was seen.
    version: u64,
    #[serde(flatten)]
    decide: alerts::Decide,
}

/// Decides of an alert.
#[utoipa::path(post, path = "/api/v1/alerts/{alert}/decisions", tag = "alerts", params(("alert" = String, Path, description = "Id of the alert")), request_body = OnAlert, responses((status = 200, body = Object)))]
pub fn alert(web: &Web, who: &Bearer, call: &Call) -> Result<Response, Trouble> {
    who.whole()?;
    let OnAlert { version, decide } = call.json()?;
    let id = call.param("alert").to_owned();
    told(
        web,
        who,
        &Question::Alerts { asked: alerting::Asked::Decide { id, version: Some(version), decide } },
    )
}

/// Writes down what a huddle decided to do.
#[utoipa::path(post, path = "/api/v1/actions", tag = "actions", request_body = Draft, responses((status = 200, body = Vec<Object>)))]
pub fn take(web: &Web, who: &Bearer, call: &Call) -> Result<Response, Trouble> {
    who.whole()?;
    let actions = vec![call.json::<Draft>()?];
    told(web, who, &Question::Actions { asked: actions::Asked::Take { actions } })
}

/// What came of an action.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Close {
    /// In words.
    note: String,
}

/// Ends an action.
#[utoipa::path(post, path = "/api/v1/actions/{action}/close", tag = "actions", params(("action" = String, Path, description = "Id of the action")), request_body = Close, responses((status = 200, body = Object)))]
pub fn close(web: &Web, who: &Bearer, call: &Call) -> Result<Response, Trouble> {
    who.whole()?;
    let Close { note } = call.json()?;
    let id = call.param("action").to_owned();
    told(web, who, &Question::Actions { asked: actions::Asked::Close { id, note } })
}
