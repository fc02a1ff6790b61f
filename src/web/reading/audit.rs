//! The audit trail: the journal's records as sentences, newest first.

use axum::response::Response;
use jiff::Timestamp;

use super::kept::Look;
use crate::journal::{AlertDecision, Decision, Direction, Entry, Outcome, Position, Record};
use crate::sheets::{Cell, Kind, Table, columns};
use crate::web::Web;
use crate::web::handle::Failed;
use crate::web::pages::{self, audit as shown, report};
use crate::web::request::{Call, Signed};
use crate::web::say;

/// Records of a page.
const PAGE: usize = 100;
/// Records that are looked through at once; the second time where the first found too few.
const WINDOWS: [u64; 2] = [2_000, 50_000];
/// Rows of a file.
const MOST: usize = 100_000;

/// What a record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum About {
    Decisions,
    Views,
    Alerts,
    Files,
    Huddles,
    Upkeep,
}

impl About {
    /// Every one, with its name and what people call it.
    pub const ALL: [(About, &'static str, &'static str); 6] = [
        (About::Decisions, "decisions", "Decisions on claims"),
        (About::Views, "views", "Who saw claims"),
        (About::Alerts, "alerts", "Alerts"),
        (About::Files, "files", "Files"),
        (About::Huddles, "huddles", "What huddles decided"),
        (About::Upkeep, "upkeep", "Edits and upkeep"),
    ];

    fn named(name: &str) -> Option<About> {
        About::ALL.into_iter().find(|(_, known, _)| *known == name).map(|(about, ..)| about)
    }
}

/// Which records somebody looks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sought {
    /// Of this person, of `people`, or of `claimloop`.
    pub actor: String,
    /// About this.
    pub about: Option<About>,
    /// About the hold or file of this id.
    pub id: String,
}

/// A record as people read it.
#[derive(Clone, Debug)]
pub struct Told {
    /// Its number.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What about.
    pub about: About,
    /// What was done.
    pub said: String,
    /// The hold it is about.
    pub hold: Option<String>,
    /// The file it is about.
    pub file: Option<String>,
}

impl Told {
    fn fits(&self, sought: &Sought) -> bool {
        let is = |id: &Option<String>| id.as_deref() == Some(sought.id.as_str());
        let by = match sought.actor.as_str() {
            "" => true,
            "people" => self.actor != "claimloop",
            name => say::who(&self.actor) == name || self.actor == name,
        };
        by && sought.about.is_none_or(|about| about == self.about)
            && (sought.id.is_empty() || is(&self.hold) || is(&self.file))
    }
}

/// `1 claim`, `2 claims`.
fn many(n: impl TryInto<i64>, what: &str) -> String {
    let n = n.try_into().unwrap_or(i64::MAX);
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// The sentence of a record. What people wrote, and what stands in claims, is in the archive: no sentence has it.
fn told(entry: &Entry) -> Told {
    let mut actor = "claimloop".to_owned();
    let mut hold = None;
    let file = entry.record.file().map(str::to_owned);
    let mut by = |who: &String| actor.clone_from(who);
    let (about, said) = match &entry.record {
        Record::HoldChanged { hold: id, actor, decision, version, .. } => {
            by(actor);
            hold = Some(id.clone());
            let did = match decision {
                Decision::Fixed { .. } => "corrected a held claim".to_owned(),
                Decision::Released { .. } => "released a held claim".to_owned(),
                Decision::Voided { .. } => "voided a held claim".to_owned(),
                other => format!("{}: a held claim", say::decision(other)),
            };
            (About::Decisions, format!("{did} (version {version})"))
        }
        Record::Viewed { hold: id, actor, history, claims, .. } => {
            by(actor);
            hold = Some(id.clone()).filter(|id| !id.is_empty());
            let of = match (history.as_deref(), claims.len()) {
                (None, _) => "a held claim".to_owned(),
                (Some("claim"), _) => "what is known of one claim number".to_owned(),
                (Some("denials"), _) => "denials with their claim numbers".to_owned(),
                (Some("list"), n) => format!("the work list with {}", many(n, "claim")),
                (Some("alert"), n) => format!("an alert with {}", many(n, "example claim")),
                (Some(what), _) => format!("the history's {what} with their claim numbers"),
            };
            (About::Views, format!("saw {of}"))
        }
        Record::SignedIn { actor, ok } => {
            by(actor);
            let what = if *ok { "signed in at the workbench" } else { "was refused: the password was wrong" };
            (About::Views, what.to_owned())
        }
        Record::AlertDecided { actor, decision, alert, .. } => {
            by(actor);
            let did = match decision {
                AlertDecision::Acknowledged => "acknowledged".to_owned(),
                AlertDecision::Snoozed { until } => format!("put off until {until}"),
                AlertDecision::Assigned { owner } => format!("gave to {owner}"),
                AlertDecision::Resolved { .. } => "resolved".to_owned(),
            };
            (About::Alerts, format!("{did}: alert {alert}"))
        }
        Record::AlertDue { key, owner, .. } => (About::Alerts, format!("found alert {key}, for {owner}")),
        Record::AlertRaised { alert, n: 1, owner, .. } => {
            (About::Alerts, format!("raised alert {alert}, for {owner}"))
        }
        Record::AlertRaised { alert, n, .. } => {
            (About::Alerts, format!("raised alert {alert} for the {n}th time, or with new numbers"))
        }
        Record::AlertWritten { key } => (About::Alerts, format!("wrote alert {key} to its team's file")),
        Record::AlertSending { sink, tells, .. } => {
            (About::Alerts, format!("began to tell {sink} of {}", many(tells.len(), "alert")))
        }
        Record::AlertTold { outcome, .. } => (
            About::Alerts,
            match outcome {
                Outcome::Ok => "sent a message, which was taken".to_owned(),
                Outcome::Failed { .. } => "sent a message, which was not taken; it is tried again".to_owned(),
                Outcome::Dead { .. } => "gave a message up that could not be sent".to_owned(),
            },
        ),
        Record::AlertResent { actor, .. } => {
            by(actor);
            (About::Alerts, "asked for a message to be sent again".to_owned())
        }
        Record::ActionTaken { actor, .. } => {
            by(actor);
            (About::Huddles, "wrote down what a huddle decided to do".to_owned())
        }
        Record::ActionClosed { actor, .. } => {
            by(actor);
            (About::Huddles, "closed an action".to_owned())
        }
        Record::EditsInForce { list, .. } => {
            (About::Upkeep, format!("has {} in force from now on", many(list.len(), "edit")))
        }
        Record::Purged { actor, sha256 } => {
            by(actor);
            (About::Upkeep, format!("removed {}", many(sha256.len(), "archived file")))
        }
        Record::Repaired { actor, records, .. } => {
            by(actor);
            (
                About::Upkeep,
                format!("let the journal go on without {records} records that could be read no more"),
            )
        }
        Record::ControlTaken { channel, number } => {
            (About::Upkeep, format!("took interchange number {number} of channel {channel}"))
        }
        Record::OfNoUse { channel, .. } => {
            (About::Files, format!("found an imported file of channel {channel} of no use"))
        }
        Record::Received { channel, direction, duplicate_of, .. } => {
            let way = if *direction == Direction::Outbound { "claims" } else { "answers" };
            let again = if duplicate_of.is_some() { ", the same bytes as one before" } else { "" };
            (About::Files, format!("received a file of {way} by channel {channel}{again}"))
        }
        Record::Tried { .. } => (About::Files, "began work on a file again".to_owned()),
        Record::Quarantined { .. } => (About::Files, "set a file aside".to_owned()),
        Record::Verdicts { claims, .. } => (
            About::Files,
            format!(
                "judged {}: {} clean, {} held, {} rejected",
                many(claims.r#in, "claim"),
                claims.clean,
                claims.held,
                claims.rejected
            ),
        ),
        Record::Prints { sets, .. } => (
            About::Files,
            format!("noted what {} said, to know it when it comes again", many(sets.len(), "set")),
        ),
        Record::Held { holds, .. } => (About::Files, format!("held {}", many(holds.len(), "claim"))),
        Record::Release { holds, .. } => {
            (About::Files, format!("put {} into a file", many(holds.len(), "released claim")))
        }
        Record::Answer { .. } => (About::Files, "made the answer to a file".to_owned()),
        Record::Staged { outputs, .. } => {
            (About::Files, format!("laid {} ready", many(outputs.len(), "output")))
        }
        Record::Published { .. } => (About::Files, "published what was ready".to_owned()),
        Record::Posted { remittances, answers, .. } => (
            About::Files,
            format!("counted {} and {}", many(*remittances, "remittance"), many(*answers, "answer")),
        ),
        Record::Imported { .. } => (About::Files, "imported a file of before".to_owned()),
        Record::Done { .. } => (About::Files, "was done with a file".to_owned()),
    };
    Told { seq: entry.seq, at: entry.at, actor, about, said, hold, file }
}

/// Records before one that fit, newest first, up to so many; and the one before which it goes on.
fn found(web: &Web, sought: &Sought, before: u64, most: usize) -> Result<(Vec<Told>, Option<u64>), Failed> {
    let last = web.desk.state.store_soon()?.applied();
    let mut upper = before.min(last.saturating_add(1)).max(1);
    let mut all: Vec<Told> = Vec::new();
    let whole = [last.saturating_add(1)];
    let windows: &[u64] = if most > PAGE { &whole } else { &WINDOWS };
    for window in windows {
        let lower = upper.saturating_sub(*window).max(1);
        let mut some: Vec<Told> = Vec::new();
        web.desk.state.tail(Position::behind(lower - 1), &mut |_, entry| {
            if entry.seq < upper {
                some.push(told(&entry));
            }
            Ok(())
        })?;
        some.retain(|one| one.fits(sought));
        all.extend(some.into_iter().rev());
        upper = lower;
        if all.len() > most || upper == 1 {
            break;
        }
    }
    let more = all.len() > most;
    all.truncate(most);
    let next = if more { all.last().map(|one| one.seq) } else { Some(upper).filter(|upper| *upper > 1) };
    Ok((all, next))
}

fn sought(web: &Web, who: &Signed, call: &Call) -> Option<Sought> {
    match call.param("filter") {
        "" | "all" => Some(Sought::default()),
        id => match web.reading.kept.get(&who.key, id) {
            Some(Look::Audit(sought)) => Some(sought),
            _ => None,
        },
    }
}

/// A page of them.
pub fn list(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let Some(of) = sought(web, who, call) else { return Ok(pages::see("/audit")) };
    let id = match call.param("filter") {
        "" => "all",
        id => id,
    };
    let (page, next) = found(web, &of, call.field("before").parse().unwrap_or(u64::MAX), PAGE)?;
    let first = call.field("before").is_empty();
    Ok(shown::list(who, (id, &of), (&page, first, next), web.desk.timezone()))
}

/// Keeps what somebody looks for and leads to it.
pub fn filter(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let text = |name: &str| call.field(name).trim().chars().take(64).collect::<String>();
    let of = Sought { actor: text("actor"), about: About::named(call.field("about")), id: text("id") };
    let id = web.reading.kept.keep(&who.key, Look::Audit(of))?;
    Ok(pages::see(&format!("/audit/{id}")))
}

/// They as a file.
pub fn export(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let Some(of) = sought(web, who, call) else { return Ok(pages::see("/audit")) };
    let (all, _) = found(web, &of, u64::MAX, MOST)?;
    let zone = web.desk.timezone();
    let row = |one: &Told| {
        let at = one.at.to_zoned(zone.clone());
        let id = |of: &Option<String>| Cell::text(of.clone().unwrap_or_default());
        vec![
            Cell::Number(i64::try_from(one.seq).unwrap_or(i64::MAX)),
            Cell::text(at.date().to_string()),
            Cell::text(at.strftime("%H:%M:%S").to_string()),
            Cell::text(one.actor.as_str()),
            Cell::text(one.said.as_str()),
            id(&one.hold),
            id(&one.file),
        ]
    };
    let table = Table {
        id: "audit".to_owned(),
        title: "Audit trail".to_owned(),
        definition:
            "The journal's records, newest first; `claimloop journal verify` proves that none was changed."
                .to_owned(),
        columns: columns(&[
            ("record", "Record", Kind::Count),
            ("day", "Day", Kind::Date),
            ("time", "Time", Kind::Text),
            ("actor", "Who", Kind::Text),
            ("said", "What", Kind::Text),
            ("hold", "Hold", Kind::Text),
            ("file", "File", Kind::Text),
        ]),
        rows: all.iter().map(row).collect(),
        total: None,
    };
    report::exported(&[table], "audit", call.param("export"), web.desk.today())
}
