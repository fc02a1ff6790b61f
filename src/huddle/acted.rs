//! What was decided before, with its effect; and what is to be done next.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::action::{About, Action};
use super::build::{Told, Work};
use super::calendar::{back, shifted};
use super::effect::{Effect, Ratio, WEEKS};
use super::head::ratio;
use super::pack::{Actions, Next, Todo, Tried};
use super::read::BASELINE;
use crate::remit::week;

/// Proposals at most.
const MOST: usize = 2;
/// Actions at most: the latest of those before, the nearest of those to come.
const TOLD: usize = 3;

/// What was decided, or was to show, until the week was over, and is open or was closed not long ago, with its effect.
#[must_use]
pub fn actions(work: &Work<'_>) -> Actions {
    let since = shifted(work.week(), -(BASELINE as i64));
    let told = |action: &&Action| {
        let recent = action.closed.as_ref().is_none_or(|closed| week(closed.day) >= since);
        recent && week(action.taken.min(action.from)).as_str() <= work.week()
    };
    let mut list: Vec<Tried> =
        work.of.actions.iter().filter(told).map(|action| tried(work, action)).collect();
    list.sort_by(|a, b| (b.from, &a.id).cmp(&(a.from, &b.id)));
    list.truncate(TOLD);
    let said = if list.is_empty() { "No action was decided before.".to_owned() } else { String::new() };
    Actions { said, list }
}

fn tried(work: &Work<'_>, action: &Action) -> Tried {
    let before = back(&shifted(&week(action.from), -1), WEEKS);
    // The week it falls in is of neither, unless it begins with it.
    let first = if action.from.weekday() == Weekday::Monday { 0 } else { 1 };
    let mut after = Vec::new();
    let mut next = shifted(&week(action.from), first);
    while !next.is_empty() && next.as_str() <= work.week() {
        after.push(next.clone());
        next = shifted(&next, 1);
    }
    let sum = |weeks: &[String]| {
        let mut sum = Ratio::default();
        for week in weeks {
            let one = of_week(work, &action.about, week);
            sum.add(one.n, one.of);
        }
        sum
    };
    Tried {
        id: action.id.clone(),
        what: work.names.written(&action.what),
        owner: action.owner,
        from: action.from,
        due: action.due,
        closed: action.closed.as_ref().map(|closed| closed.day),
        effect: Effect::of(sum(&before), sum(&after), after.len()),
    }
}

/// Denials of what an action is about, and the volume they are of; of an edit, claims it held of those scrubbed.
fn of_week(work: &Work<'_>, about: &About, of: &str) -> Ratio {
    let weekly = &work.of.read.weekly;
    let own_payer = |payer: &str| about.payer.as_deref().is_none_or(|wanted| wanted == payer);
    let own_carc = |carc: &str| about.carc.as_deref().is_none_or(|wanted| wanted == carc);
    if let Some(edit) = &about.edit {
        let held = work
            .holds_by_week()
            .filter(|(held, week)| week == of && held.findings.iter().any(|f| f.stops() && f.edit == *edit));
        let shown = &work.of.read.span.shown;
        let metrics =
            shown.iter().position(|week| week == of).and_then(|at| work.of.read.gathered.weekly.get(at));
        return Ratio { n: held.count() as i64, of: metrics.map_or(0, |m| ratio(m, "clean-claim-rate").of) };
    }
    let mut found = Ratio::default();
    if let Some(procedure) = &about.procedure {
        let decided =
            weekly.of_procedures.iter().filter(|((w, p, c), _)| w == of && own_payer(p) && c == procedure);
        decided.for_each(|(_, decided)| found.add(decided.denied, decided.decided));
        if about.carc.is_some() {
            let denied = weekly
                .procedures
                .iter()
                .filter(|((w, p, c, code), _)| w == of && own_payer(p) && own_carc(c) && code == procedure);
            found.n = denied.map(|(_, count)| count.claims.max(0)).sum();
        }
        return found;
    }
    let decided = weekly.decided.iter().filter(|((w, p), _)| w == of && own_payer(p));
    decided.for_each(|(_, decided)| found.add(decided.denied, decided.decided));
    if about.carc.is_some() {
        let denied = weekly.denied.iter().filter(|((w, p, c), _)| w == of && own_payer(p) && own_carc(c));
        found.n = denied.map(|(_, count)| count.claims.max(0)).sum();
    }
    found
}

/// Open actions, and what this week's findings propose.
#[must_use]
pub fn next(work: &Work<'_>) -> Next {
    let today = work.of.read.span.today;
    let open = work.of.actions.iter().filter(|action| action.closed.is_none());
    let mut list: Vec<Todo> = open
        .clone()
        .map(|action| Todo {
            what: work.names.written(&action.what),
            owner: action.owner,
            due: action.due,
            proposed: false,
            id: Some(action.id.clone()),
            proposal: None,
            about: if work.names.are_blinded() { About::default() } else { action.about.clone() },
        })
        .collect();
    list.sort_by_key(|todo| todo.due);
    let is_at_hand = |told: &&Told<'_>| {
        let key = &told.finding.key;
        !open.clone().any(|action| {
            action.about.carc.as_deref() == Some(key.carc.as_str()) && action.about.payer == key.payer
        })
    };
    let due = due(today);
    list.truncate(TOLD);
    let worse = work.told.iter().filter(|told| !told.is_better()).filter(is_at_hand);
    list.extend(worse.take(MOST).map(|told| proposal(work, told, due)));
    let said = if list.is_empty() {
        "Nothing is open, and this week's findings propose nothing.".to_owned()
    } else {
        String::new()
    };
    Next { said, list }
}

fn due(today: Date) -> Date {
    today.checked_add(7.days()).unwrap_or(today)
}

fn proposal(work: &Work<'_>, told: &Told<'_>, due: Date) -> Todo {
    let alert = &told.alert;
    let payer = if alert.payer_name.is_empty() { &alert.payer } else { &alert.payer_name };
    let who = if payer.is_empty() { "several payers".to_owned() } else { payer.clone() };
    let code = if alert.group.is_empty() {
        format!("CARC {}", alert.carc)
    } else {
        format!("{}-{}", alert.group, alert.carc)
    };
    let how = if alert.prevention.is_empty() {
        "look at the claims and find the cause".to_owned()
    } else {
        alert.prevention.trim_end_matches('.').to_owned()
    };
    let (about, proposal) = if work.names.are_blinded() {
        (About::default(), None)
    } else {
        let key = &told.finding.key;
        let procedure = key.slice.as_ref().filter(|s| s.dimension == "procedure").map(|s| s.value.clone());
        let about = About { payer: key.payer.clone(), carc: Some(key.carc.clone()), procedure, edit: None };
        (about, Some(format!("{}@{}", alert.id, work.week())))
    };
    let what = format!("{code} at {who}: {how}.");
    Todo { what, owner: alert.owner, due, proposed: true, id: None, proposal, about }
}
