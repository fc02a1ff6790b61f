//! The claim page, and decisions on it. A decision names the version its page was made of; who comes second keeps what they typed.

use axum::http::StatusCode;
use axum::response::Response;

use super::access::Action;
use super::fixing::{changes, fields};
use super::handle::Failed;
use super::pages::claim::{Claim, Note};
use super::request::{Call, Signed};
use super::{Web, bulk, lineage, pages, row, say, shared, sheet, working};
use crate::daemon::control::Answer;
use crate::daemon::desk::Decide;
use crate::holds::{self, HeldClaim};

/// Shows a claim.
pub fn claim(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let notice = web.sessions.told(&who.key).map(Note::Done);
    show(web, who, call, StatusCode::OK, notice)
}

/// What a form asks for; none where it is no decision.
fn asked(web: &Web, call: &Call, action: Action) -> Option<Decide> {
    let text = |name: &str| call.field(name).to_owned();
    Some(match action {
        Action::Fix => Decide::Fix { changes: changes(call) },
        Action::Release => Decide::Release { reason: text("reason") },
        Action::Override => Decide::Override { code: text("code"), note: text("note") },
        Action::Void => Decide::Void { reason: text("void-reason") },
        Action::Assign => Decide::Assign { owner: text("team"), reason: text("assign-reason") },
        Action::Snooze => Decide::Snooze { until: bulk::until(web, call.field("days")) },
        Action::Escalate => Decide::Escalate { reason: text("escalate-reason") },
        Action::Query => Decide::Query { element: text("element"), question: text("question") },
        Action::AnswerQuery => Decide::Answer { answer: text("answer") },
        Action::Agree => Decide::Agree {},
        Action::Decline => Decide::Decline { reason: text("decline-reason") },
        _ => return None,
    })
}

/// Takes a decision, and says what came of it.
pub fn decide(web: &Web, who: &Signed, call: &Call, action: Action) -> Result<Response, Failed> {
    let id = call.param("hold");
    let Some(asked) = asked(web, call, action) else {
        return Ok(pages::plain(StatusCode::NOT_FOUND, "There is no such page."));
    };
    let refuse = |status, said: String| show(web, who, call, status, Some(Note::Refused(said)));
    let unsound = match &asked {
        Decide::Fix { changes } if changes.is_empty() => {
            Some("Nothing was changed: no value differs from what stands in the claim.")
        }
        Decide::Override { code, .. }
            if !web.config.held.override_codes.iter().any(|(known, _)| known == code) =>
        {
            Some("Choose a reason to override. Nothing was changed.")
        }
        _ => None,
    };
    if let Some(said) = unsound {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, said.to_owned());
    }
    let Ok(version) = call.field("version").parse::<u64>() else {
        return refuse(
            StatusCode::UNPROCESSABLE_ENTITY,
            "The form was not whole. Nothing was changed.".to_owned(),
        );
    };
    let Some(before) = holds::show(&*web.desk.state.store_now()?, id)?.filter(|h| who.sees(&h.channel))
    else {
        return Ok(pages::plain(StatusCode::NOT_FOUND, "No claim is held under this address."));
    };
    // Looked for before anything is changed: afterwards the segments differ.
    let others = match &asked {
        Decide::Fix { changes } if call.field("everywhere") == "yes" => shared::with(web, &before, changes)?,
        _ => Vec::new(),
    };
    match web.desk.decide(id, Some(version), &asked, bulk::by(web, &who.actor()))? {
        Answer::Ok(value) => {
            let mut said = done(&asked, &serde_json::from_value(value)?);
            let mut changed = vec![id.to_owned()];
            for (other, version) in &others {
                if let Answer::Ok(_) =
                    web.desk.decide(other, Some(*version), &asked, bulk::by(web, &who.actor()))?
                {
                    changed.push(other.clone());
                }
            }
            if !others.is_empty() {
                let same = changed.len() - 1;
                said.push_str(&format!(
                    " Corrected in {same} of {} other claims that share it.",
                    others.len()
                ));
            }
            if matches!(
                asked,
                Decide::Query { .. } | Decide::Answer { .. } | Decide::Agree {} | Decide::Decline { .. }
            ) {
                web.sessions.tell(&who.key, said);
            } else {
                web.sessions.tell_undoable(&who.key, said, changed);
            }
            Ok(pages::see(&format!("/claim/{id}")))
        }
        Answer::Refused(why) => {
            let held = holds::show(&*web.desk.state.store_now()?, id)?;
            match held.filter(|held| held.version != version) {
                Some(held) => refuse(StatusCode::CONFLICT, meanwhile(web, who, &held)),
                None => refuse(StatusCode::UNPROCESSABLE_ENTITY, say::refusal(id, &why)),
            }
        }
    }
}

/// What came of a decision.
fn done(asked: &Decide, held: &HeldClaim) -> String {
    let stops = held.findings.iter().filter(|f| f.stops()).count();
    match asked {
        Decide::Fix { .. } if stops == 0 => {
            "Corrected, and checked again: nothing stops this claim any more. Release it to let it leave."
                .to_owned()
        }
        Decide::Fix { .. } if stops == 1 => {
            "Corrected, and checked again: one finding still stops this claim.".to_owned()
        }
        Decide::Fix { .. } => {
            format!("Corrected, and checked again: {stops} findings still stop this claim.")
        }
        Decide::Release { .. } => "Released. It leaves with the next file.".to_owned(),
        Decide::Override { .. } if held.proposed.is_some() => {
            "Asked for. A claim of this charge is overridden by two: it leaves once a second person agrees."
                .to_owned()
        }
        Decide::Override { .. } | Decide::Agree {} => {
            "Overridden. It leaves with the next file, in spite of what was found.".to_owned()
        }
        Decide::Decline { .. } => "The override is declined. The claim stays held.".to_owned(),
        Decide::Void { .. } => "Voided. It leaves no more.".to_owned(),
        Decide::Assign { .. } => format!("Given to {}.", held.owner.map_or("nobody", say::team)),
        Decide::Snooze { .. } => "Put off. It is out of the list until then.".to_owned(),
        Decide::Escalate { .. } => "Escalated. It goes before all others.".to_owned(),
        Decide::Query { .. } => "Asked. The claim is with Clinical until the answer.".to_owned(),
        Decide::Answer { .. } => {
            format!("Answered. {} has the claim again.", held.owner.map_or("Nobody", say::team))
        }
        Decide::Undo {} => "Taken back.".to_owned(),
        Decide::Link { .. } => "Linked.".to_owned(),
    }
}

/// Who was first.
fn meanwhile(web: &Web, who: &Signed, held: &HeldClaim) -> String {
    let kept = "Nothing of yours was lost: what you typed stands below. Look at the claim as it is now, then send it again.";
    let Some(last) = held.trail.last() else { return kept.to_owned() };
    let at = say::lately(last.at, web.desk.state.world.clock.now(), web.desk.timezone());
    let by = if last.actor == who.actor() { "in another window of yours" } else { say::who(&last.actor) };
    let first = if last.actor == who.actor() { "You" } else { "Someone else" };
    format!("{first} changed this claim at {at} ({by} {}). {kept}", say::decision(&last.decision))
}

fn show(
    web: &Web,
    who: &Signed,
    call: &Call,
    status: StatusCode,
    note: Option<Note>,
) -> Result<Response, Failed> {
    let id = call.param("hold");
    let store = web.desk.state.store_now()?;
    let nothing = || Ok(pages::plain(StatusCode::NOT_FOUND, "No claim is held under this address."));
    // Not even that it is there is told, nor journalled as a view.
    if !holds::show(&store, id)?.is_some_and(|held| who.sees(&held.channel)) {
        return nothing();
    }
    let Some(viewed) = web.desk.view(id, &who.actor())? else { return nothing() };
    let held = viewed.held;
    let stands = if viewed.purged.is_none() { web.desk.as_it_stands(&held)? } else { None };
    let (single, mut findings, overridable) = match stands {
        Some((single, verdict)) if held.is_open() => (Some(single), verdict.findings, verdict.overridable),
        Some((single, _)) => (Some(single), held.findings.clone(), false),
        None => (None, held.findings.clone(), held.overridable),
    };
    findings.sort_by_key(|f| (f.shadow, f.severity));
    let mut fields = single.as_ref().map(|single| fields(single, &findings, call)).unwrap_or_default();
    if held.is_open() {
        shared::count(web, &held, &mut fields)?;
    }
    let mut trail = Vec::new();
    for step in held.trail.iter().rev() {
        let note = step.decision.note().map(|note| web.desk.written(note)).transpose()?;
        trail.push((step.clone(), note));
    }
    let written = |note: Option<&String>| note.map(|note| web.desk.written(note)).transpose();
    let (edits, today) = (web.desk.edits(), web.desk.today());
    let read = single.as_ref().map(|single| sheet::read(single, &findings));
    let procedures = read.as_ref().map(sheet::Sheet::procedures).unwrap_or_default();
    let page = Claim {
        deadline: row::deadline(&held, &edits),
        alike: web.alike.of(&web.desk, &held.payer, &procedures),
        lineage: lineage::of(&web.desk, &held)?,
        question: written(held.query.as_ref().map(|query| &query.note))?,
        proposal: written(held.proposed.as_ref().map(|proposed| &proposed.note))?,
        answer_within: web.config.web.answer_within,
        codes: &web.config.held.override_codes,
        sheet: read,
        edits,
        today,
        zone: web.desk.timezone(),
        now: web.desk.state.world.clock.now(),
        next: working::next(web, who, id)?,
        list: web.sessions.last(&who.key).map_or("/".to_owned(), |filter| format!("/work/{filter}")),
        corrected: viewed.corrected,
        purged: viewed.purged,
        held,
        findings,
        overridable,
        fields,
        trail,
        note,
    };
    Ok(pages::claim(status, who, &page, call))
}
