//! Decisions on several claims at once, and taking back what was decided last.

use axum::response::Response;
use jiff::SignedDuration;

use super::handle::Failed;
use super::request::{Call, Signed};
use super::{Web, access, pages, say};
use crate::daemon::control::Answer;
use crate::daemon::desk::{By, Decide};

/// Claims at once, at most.
pub const MOST: usize = 500;

/// Takes one decision of every claim that was marked, each of the version that was seen.
pub fn bulk(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let back = pages::see(match call.field("list") {
        list if list.starts_with("/work/") && list.len() < 60 => list,
        _ => "/",
    });
    let text = |name: &str| call.field(name).to_owned();
    let asked = match call.field("do") {
        "release" => Decide::Release { reason: text("reason") },
        "override" => Decide::Override { code: text("code"), note: text("reason") },
        "assign" => Decide::Assign { owner: text("team"), reason: text("reason") },
        "snooze" => Decide::Snooze { until: until(web, call.field("days")) },
        "escalate" => Decide::Escalate { reason: text("reason") },
        "void" if access::may(who.role, access::Action::Void) => Decide::Void { reason: text("reason") },
        _ => {
            web.sessions.tell(&who.key, "Choose what to do with the marked claims.".to_owned());
            return Ok(back);
        }
    };
    let marked = call.every("hold").filter_map(|one| one.split_once(':'));
    let marked: Vec<(&str, u64)> =
        marked.filter_map(|(id, v)| Some((id, v.parse().ok()?))).take(MOST).collect();
    if marked.is_empty() {
        web.sessions.tell(&who.key, "No claim is marked. Mark some with x, or by their boxes.".to_owned());
        return Ok(back);
    }
    if matches!(asked, Decide::Override { .. }) && !share_an_edit(web, &marked)? {
        let said = "Claims are overridden together only where the same edit holds them. Nothing was changed.";
        web.sessions.tell(&who.key, said.to_owned());
        return Ok(back);
    }
    let (mut done, mut refused) = (Vec::new(), Vec::new());
    for (id, version) in &marked {
        let Some(row) = web.board.row(&web.desk, id)?.filter(|row| who.sees(&row.channel)) else { continue };
        match web.desk.decide(id, Some(*version), &asked, by(web, &who.actor()))? {
            Answer::Ok(_) => done.push((*id).to_owned()),
            Answer::Refused(why) => refused.push((row.claim.clone(), say::refusal(id, &why))),
        }
    }
    let mut said = format!("{} {}.", say::claims(done.len()), past(&asked));
    if let Some((claim, why)) = refused.first() {
        let claim = if who.blinded { "one".to_owned() } else { say::plain(claim) };
        said.push_str(&format!(" {} not: {claim}: {why}", say::claims(refused.len())));
        if refused.len() > 1 {
            said.push_str(" The others are still in the list.");
        }
    }
    web.sessions.tell_undoable(&who.key, said, done);
    Ok(back)
}

/// True where one edit stops every one of them.
pub fn share_an_edit(web: &Web, marked: &[(&str, u64)]) -> Result<bool, Failed> {
    let mut common: Option<Vec<String>> = None;
    for (id, _) in marked {
        let Some(row) = web.board.row(&web.desk, id)? else { continue };
        let own: Vec<String> = row.edits.iter().map(|(edit, _)| edit.clone()).collect();
        common = Some(match common {
            None => own,
            Some(all) => all.into_iter().filter(|edit| own.contains(edit)).collect(),
        });
    }
    Ok(common.is_some_and(|edits| !edits.is_empty()))
}

/// Takes back what this session decided last.
pub fn undo(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let (mut done, mut refused) = (0, None);
    for id in web.sessions.undoable(&who.key) {
        match web.desk.decide(&id, None, &Decide::Undo {}, by(web, &who.actor()))? {
            Answer::Ok(_) => done += 1,
            Answer::Refused(why) => refused = Some(say::refusal(&id, &why)),
        }
    }
    let said = match refused {
        None if done == 0 => "There is nothing to take back.".to_owned(),
        None => format!("Taken back: {} as before.", say::claims_are(done)),
        Some(why) => format!("Taken back: {}. One could not be: {why}", say::claims_are(done)),
    };
    web.sessions.tell(&who.key, said);
    let to = call.field("to");
    let local = (to.starts_with("/claim/") || to.starts_with("/work/")) && to.len() < 60;
    Ok(pages::see(if local { to } else { "/" }))
}

/// Who decides here, and how long they may undo it.
pub fn by<'a>(web: &Web, actor: &'a str) -> By<'a> {
    By { actor, undo: Some(web.config.web.undo).filter(|undo| *undo > SignedDuration::ZERO) }
}

/// The morning of the day that many days from now, at the site.
pub fn until(web: &Web, days: &str) -> jiff::Timestamp {
    let now = web.desk.state.world.clock.now();
    let days = days.trim().parse::<i64>().unwrap_or(1).clamp(1, 89);
    let day = web.desk.today().checked_add(SignedDuration::from_hours(24 * days));
    let morning = day.ok().and_then(|day| day.at(6, 0, 0, 0).to_zoned(web.desk.timezone().clone()).ok());
    morning.map_or(now, |at| at.timestamp())
}

fn past(asked: &Decide) -> &'static str {
    match asked {
        Decide::Release { .. } => "released",
        Decide::Override { .. } => "overridden",
        Decide::Assign { .. } => "assigned",
        Decide::Snooze { .. } => "put off",
        Decide::Escalate { .. } => "escalated",
        Decide::Void { .. } => "voided",
        _ => "changed",
    }
}
