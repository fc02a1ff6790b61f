//! Alerts: the inbox, the evidence of one, and what people decide of it.

use axum::response::Response;
use jiff::ToSpan;
use jiff::civil::Date;

use crate::alerts::{Alert, Decide, Kind, Standing, Status};
use crate::daemon::alerting;
use crate::daemon::trending::{Weekly, weekly};
use crate::history::Dimension;
use crate::huddle::{SHOWN, back};
use crate::remit::week;
use crate::web::access::Action;
use crate::web::handle::Failed;
use crate::web::pages::{self, alerts as shown};
use crate::web::request::{Call, Signed};
use crate::web::{Web, secret};

/// What an alert goes by in addresses: ids of causes hold slashes, and names of channels.
pub fn key(id: &str) -> String {
    secret::kept(id).chars().take(16).collect()
}

/// The newest first, those that are resolved behind the others.
pub fn list(web: &Web, who: &Signed) -> Result<Response, Failed> {
    let state = &web.desk.state;
    let now = state.world.clock.now();
    let mut all: Vec<Standing> =
        state.book(|book| book.alerts().filter(|a| a.alert.kind != Kind::Pack).cloned().collect());
    all.sort_by(|a, b| (b.raised, &a.alert.id).cmp(&(a.raised, &b.alert.id)));
    let (open, resolved): (Vec<_>, Vec<_>) = all.into_iter().partition(|a| a.status(now) != Status::Resolved);
    let mut lines = Vec::new();
    for alert in &open {
        lines.push(weeks(web, &alert.alert)?);
    }
    let notice = web.sessions.told(&who.key);
    Ok(shown::list(
        who,
        (&open, &lines, &resolved),
        (now, web.desk.timezone()),
        notice.as_ref().map(|notice| notice.said.as_str()),
    ))
}

/// The weeks of an alert's cause; none where it isn't of denials.
fn weeks(web: &Web, alert: &Alert) -> Result<Vec<Weekly>, Failed> {
    if !alert.kind.is_of_denials() || alert.carc.is_empty() {
        return Ok(Vec::new());
    }
    let names = back(&week(web.desk.today()), SHOWN);
    let only =
        alert.only.first().and_then(|(name, value)| Some((Dimension::parse(name).ok()?, value.as_str())));
    Ok(weekly(&web.desk, &names, (&alert.payer, &alert.carc), only)?)
}

fn id_of(web: &Web, call: &Call) -> Option<String> {
    let wanted = call.param("alert");
    web.desk.state.book(|book| book.alerts().find(|a| key(&a.alert.id) == wanted).map(|a| a.alert.id.clone()))
}

/// One alert with its evidence; `refused` says why a decision of it was not taken.
pub fn one(web: &Web, who: &Signed, call: &Call, refused: Option<&str>) -> Result<Response, Failed> {
    let Some(id) = id_of(web, call) else { return Ok(pages::nothing()) };
    let Some(seen) = alerting::seen(&web.desk, &id, &who.actor())? else { return Ok(pages::nothing()) };
    let weeks = weeks(web, &seen.alert.alert)?;
    let now = web.desk.state.world.clock.now();
    let notice = web.sessions.told(&who.key);
    let edits = web.desk.edits();
    let told = (refused, notice.as_ref().map(|notice| notice.said.as_str()));
    Ok(shown::one(who, &seen, &weeks, (now, web.desk.timezone()), (&edits, call, told)))
}

/// Decides of one, as `claimloop alerts` does.
pub fn decide(web: &Web, who: &Signed, call: &Call, action: Action) -> Result<Response, Failed> {
    let Some(id) = id_of(web, call) else { return Ok(pages::nothing()) };
    let (asked, done) = match action {
        Action::AlertAcknowledge => {
            (Decide::Acknowledge, "Acknowledged: others see that somebody is at it.".to_owned())
        }
        Action::AlertSnooze => {
            let Ok(day) = call.field("until").parse::<Date>() else {
                return one(web, who, call, Some("Choose the day on which it is to come back."));
            };
            let until = day.to_zoned(web.desk.timezone().clone())?.timestamp();
            (Decide::Snooze { until }, format!("Put off: it comes back on {}.", crate::web::say::day(day)))
        }
        Action::AlertAssign => {
            (Decide::Assign { owner: call.field("team").to_owned() }, "Given to another team.".to_owned())
        }
        _ => (
            Decide::Resolve { note: call.field("note").to_owned() },
            "Resolved. It comes back by itself when it worsens.".to_owned(),
        ),
    };
    let Ok(version) = call.field("version").parse() else {
        return one(web, who, call, Some("Nothing was decided: open the alert again."));
    };
    match alerting::decide(&web.desk, &id, Some(version), &asked, &who.actor())? {
        Ok(_) => {
            web.sessions.tell(&who.key, done);
            Ok(pages::see(&format!("/alerts/{}", key(&id))))
        }
        Err(_) => {
            let standing = web.desk.state.book(|book| book.alert(&id).cloned());
            let said = standing.map(|alert| why_not(web, &alert, version, &asked));
            one(web, who, call, Some(said.as_deref().unwrap_or("There is no such alert.")))
        }
    }
}

/// Why a decision was not taken, in words for who sits there.
fn why_not(web: &Web, alert: &Standing, version: u64, asked: &Decide) -> String {
    let now = web.desk.state.world.clock.now();
    if alert.version != version {
        let last = alert.trail.last().map(|step| {
            let at = crate::web::say::lately(step.at, now, web.desk.timezone());
            format!(" at {at} ({})", crate::web::say::who(&step.actor))
        });
        return format!(
            "This alert changed{} since you opened it. Nothing of yours was lost; look, and decide again.",
            last.unwrap_or_default()
        );
    }
    match asked {
        _ if alert.status(now) == Status::Resolved => {
            "It was resolved; it comes back by itself when it worsens."
        }
        Decide::Acknowledge => "It was acknowledged before.",
        Decide::Snooze { until } if *until > now.saturating_add((24 * 90).hours()).unwrap_or(now) => {
            "Nothing is put off for more than 90 days: resolve it, it comes back when it worsens."
        }
        Decide::Snooze { .. } => "Choose a day to come.",
        Decide::Assign { .. } => "It is that team's already.",
        Decide::Resolve { .. } => "Say what was put right.",
    }
    .to_owned()
}
