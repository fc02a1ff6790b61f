//! The claim page, and decisions on it. A decision names the version its page was made of; who comes second keeps what they typed.

use axum::http::StatusCode;
use axum::response::Response;

use super::access::Action;
use super::handle::Failed;
use super::pages::claim::{Claim, Field, Note};
use super::request::{Call, Signed};
use super::{Web, pages, say, sheet, working};
use crate::daemon::control::Answer;
use crate::daemon::desk::Decide;
use crate::edits::Finding;
use crate::holds::{self, HeldClaim};
use crate::journal::Decision;
use crate::schema::Path;
use crate::scrub::release::Single;

/// Shows a claim.
pub fn claim(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let notice = web.sessions.told(&who.key).map(Note::Done);
    show(web, who, call, StatusCode::OK, notice)
}

/// Takes a decision, and says what came of it.
pub fn decide(web: &Web, who: &Signed, call: &Call, action: Action) -> Result<Response, Failed> {
    let id = call.param("hold");
    let text = |name: &str| call.field(name).to_owned();
    let asked = match action {
        Action::Fix => Decide::Fix { changes: changes(call) },
        Action::Release => Decide::Release { reason: text("reason") },
        Action::Override => Decide::Override { code: text("code"), note: text("note") },
        Action::Void => Decide::Void { reason: text("void-reason") },
        Action::Assign => Decide::Assign { owner: text("team") },
        _ => return Ok(pages::plain(StatusCode::NOT_FOUND, "There is no such page.")),
    };
    let refuse = |status, said: String| show(web, who, call, status, Some(Note::Refused(said)));
    if matches!(&asked, Decide::Fix { changes } if changes.is_empty()) {
        let said = "Nothing was changed: no value differs from what stands in the claim.".to_owned();
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, said);
    }
    let Ok(version) = call.field("version").parse::<u64>() else {
        return refuse(
            StatusCode::UNPROCESSABLE_ENTITY,
            "The form was not whole. Nothing was changed.".to_owned(),
        );
    };
    match web.desk.decide(id, Some(version), &asked, &who.actor())? {
        Answer::Ok(value) => {
            web.sessions.tell(&who.key, done(&asked, &serde_json::from_value(value)?));
            Ok(pages::see(&format!("/claim/{id}")))
        }
        Answer::Refused(why) => {
            let held = holds::show(&*web.desk.state.store_soon()?, id)?;
            match held.filter(|held| held.version != version) {
                Some(held) => refuse(StatusCode::CONFLICT, meanwhile(web, who, &held)),
                None => {
                    let why = why.strip_prefix(&format!("hold {id}: ")).unwrap_or(&why);
                    refuse(StatusCode::UNPROCESSABLE_ENTITY, format!("{}.", say::sentence(why)))
                }
            }
        }
    }
}

/// Path and value of every field that was changed.
fn changes(call: &Call) -> Vec<(String, String)> {
    let fields = call.every("path").zip(call.every("was")).zip(call.every("value"));
    let changed = fields.filter(|((path, was), value)| !path.trim().is_empty() && was != value);
    let each = changed.map(|((path, _), value)| (path.trim().replacen(' ', "/", 1), value.trim().to_owned()));
    each.map(|(path, value)| if value.is_empty() { (without(&path), value) } else { (path, value) }).collect()
}

/// What is taken away where a value is emptied: of a reference all, for one without its number says nothing.
fn without(named: &str) -> String {
    match Path::parse(named) {
        Ok(path) if path.segment == "REF" && path.element == Some(2) && path.component.is_none() => {
            Path { element: None, ..path }.to_string().replacen(' ', "/", 1)
        }
        _ => named.to_owned(),
    }
}

/// What came of a decision.
fn done(asked: &Decide, held: &HeldClaim) -> String {
    match asked {
        Decide::Fix { .. } => match held.findings.iter().filter(|f| f.stops()).count() {
            0 => {
                "Corrected, and checked again: nothing stops this claim any more. Release it to let it leave."
                    .to_owned()
            }
            1 => "Corrected, and checked again: one finding still stops this claim.".to_owned(),
            n => format!("Corrected, and checked again: {n} findings still stop this claim."),
        },
        Decide::Release { .. } => "Released. It leaves with the next file.".to_owned(),
        Decide::Override { .. } => {
            "Overridden. It leaves with the next file, in spite of what was found.".to_owned()
        }
        Decide::Void { .. } => "Voided. It leaves no more.".to_owned(),
        Decide::Assign { .. } => {
            format!("Given to {}.", held.owner.map_or("nobody", say::team))
        }
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
    let Some(viewed) = web.desk.view(id, &who.actor())? else {
        return Ok(pages::plain(StatusCode::NOT_FOUND, "No claim is held under this address."));
    };
    let held = viewed.held;
    let stands = if viewed.purged.is_none() { web.desk.as_it_stands(&held)? } else { None };
    let (single, mut findings, overridable) = match stands {
        Some((single, verdict)) if held.is_open() => (Some(single), verdict.findings, verdict.overridable),
        Some((single, _)) => (Some(single), held.findings.clone(), false),
        None => (None, held.findings.clone(), held.overridable),
    };
    findings.sort_by_key(|f| (f.shadow, f.severity));
    let fields = single.as_ref().map(|single| fields(single, &findings, call)).unwrap_or_default();
    let mut trail = Vec::new();
    for step in held.trail.iter().rev() {
        let note = match &step.decision {
            Decision::Released { note } | Decision::Overridden { note, .. } | Decision::Voided { note } => {
                Some(web.desk.written(note)?)
            }
            _ => None,
        };
        trail.push((step.clone(), note));
    }
    let page = Claim {
        sheet: single.as_ref().map(|single| sheet::read(single, &findings)),
        edits: web.desk.edits(),
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

/// Fields to correct, one for each place where something was found, filled with what stands there or what was typed.
fn fields(single: &Single, findings: &[Finding], call: &Call) -> Vec<Field> {
    // What was left as it stood is no wish of theirs: somebody else may have corrected it meanwhile.
    let typed = changes(call);
    let mut all: Vec<Field> = Vec::new();
    let places = findings.iter().enumerate().flat_map(|(n, finding)| {
        let own = place(finding).map(|path| single.exact(path, finding.segment));
        let with = own.as_ref().and_then(goes_with);
        own.into_iter().chain(with).map(move |path| (n, path))
    });
    for (n, path) in places {
        let named = path.to_string().replacen(' ', "/", 1);
        if all.iter().any(|field| field.path == named) {
            continue;
        }
        let was = single.value(&path).unwrap_or_default();
        let value = typed.iter().find(|(path, _)| *path == named).map_or(was.as_str(), |(_, value)| value);
        all.push(Field { finding: n, value: value.to_owned(), was, path: named });
    }
    all
}

/// What must often be put right together with a place: a frequency needs, or forbids, the payer's claim number.
fn goes_with(path: &Path) -> Option<Path> {
    let is_frequency = path.segment == "CLM" && path.element == Some(5) && path.component == Some(3);
    if is_frequency { Path::parse("2300/REF[F8]02").ok() } else { None }
}

/// The element a finding asks about; where a whole segment is missing, the one that says most.
fn place(finding: &Finding) -> Option<Path> {
    let path = Path::parse(&finding.at.replacen(' ', "/", 1)).ok()?;
    if path.element.is_some() {
        return Some(path);
    }
    let element = match path.segment.as_str() {
        "REF" | "DMG" => 2,
        "DTP" | "PRV" | "N4" => 3,
        "N3" => 1,
        "NM1" => 9,
        _ => return None,
    };
    // Without a qualifier nobody knows which segment would be made.
    let known = path.qualifier.is_some() || !matches!(path.segment.as_str(), "REF" | "DTP" | "NM1");
    known.then_some(Path { element: Some(element), ..path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_changed_is_sent_to_the_desk() {
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let call = Call {
            fields: vec![
                field("path", "2300/CLM02"),
                field("was", "126"),
                field("value", "125 "),
                field("path", "2010BA/NM109"),
                field("was", "A1"),
                field("value", "A1"),
                field("path", "2300 REF[F8]02"),
                field("was", ""),
                field("value", "X9"),
                field("path", "2300/REF[G1]02"),
                field("was", "A77"),
                field("value", ""),
                field("path", ""),
                field("was", ""),
                field("value", "lost"),
            ],
            ..Call::default()
        };
        let wanted = [("2300/CLM02", "125"), ("2300/REF[F8]02", "X9"), ("2300/REF[G1]", "")];
        assert_eq!(changes(&call), wanted.map(|(path, value)| (path.to_owned(), value.to_owned())));
    }
}
