//! The clean-claim checklist: every edit that applies to a claim, passed or not, by the team that works it.

use axum::http::StatusCode;
use axum::response::Response;

use super::handle::Failed;
use super::pages::checklist::{Item, Shown};
use super::request::{Call, Signed};
use super::{Web, pages};
use crate::edits::{EditSet, Finding, Owner};
use crate::holds::{self, HeldClaim};
use crate::scrub::Verdict;
use crate::scrub::release::Single;

/// Shows it.
pub fn checklist(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let nothing = || Ok(pages::plain(StatusCode::NOT_FOUND, "No claim is held under this address."));
    // Not even that it is there is told, nor journalled as a view.
    let id = call.param("hold");
    if !holds::show(&*web.desk.state.store_soon()?, id)?.is_some_and(|held| who.sees(&held.channel)) {
        return nothing();
    }
    let Some(viewed) = web.desk.view(id, &who.actor())? else { return nothing() };
    let held = viewed.held;
    let stands = if viewed.purged.is_none() { web.desk.as_it_stands(&held)? } else { None };
    let Some((single, verdict)) = stands else {
        return Ok(pages::plain(StatusCode::GONE, "The segments of this claim are not here any more."));
    };
    let teams = teams(&web.desk.edits(), &held, (&single, &verdict));
    Ok(pages::checklist(who, &Shown { held: &held, teams }))
}

/// Every edit that applies to a claim, with what it found, by team.
pub fn teams(
    edits: &EditSet,
    held: &HeldClaim,
    (single, verdict): (&Single, &Verdict),
) -> Vec<(Owner, Vec<Item>)> {
    let guide = single.guide();
    let payer = edits.payers().of_claim(held.payer.as_bytes()).map(|pack| pack.id.clone());
    let applies = |e: &&crate::edits::Edit| {
        guide.is_none_or(|guide| e.applies.is_empty() || e.applies.contains(&guide))
            && (e.payers.is_empty() || payer.as_ref().is_some_and(|payer| e.payers.contains(payer)))
    };
    let off: Vec<(&str, &'static str)> = edits.off().map(|(e, why)| (e.id.as_str(), why)).collect();
    let mut teams = Vec::new();
    for team in Owner::ALL {
        let own = edits.active().filter(applies).filter(|e| e.owner == team);
        let items: Vec<Item> = own
            .map(|e| {
                let found: Vec<&Finding> = verdict.findings.iter().filter(|f| f.edit == e.id).collect();
                Item {
                    edit: e.id.clone(),
                    name: e.name.clone(),
                    stops: found.iter().any(|f| f.stops()),
                    off: off.iter().find(|(id, _)| *id == e.id).map(|(_, why)| *why),
                    found: found.iter().map(|f| f.message.clone()).collect(),
                }
            })
            .collect();
        if !items.is_empty() {
            teams.push((team, items));
        }
    }
    teams
}
