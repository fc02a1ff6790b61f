//! What happened to a claim number so far: sent, answered, paid, denied, in the order of days.

use jiff::civil::Date;

use super::handle::Failed;
use crate::daemon::desk::Desk;
use crate::history;
use crate::holds::HeldClaim;
use crate::x12::Cents;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The day, where it is known.
    pub day: Option<Date>,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A claim came under this number: charge, state, and whether it is the one that is looked at.
    Came(Cents, String, bool),
    /// It left.
    Left,
    /// Somebody answered: kind, and whether it was accepted.
    Answered(String, bool),
    /// The payer paid so much of so much, and refused lines for these reasons.
    Decided {
        /// CLP04.
        paid: Cents,
        /// CLP03.
        charge: Cents,
        /// Group and CARC of what it took off.
        reasons: Vec<String>,
    },
}

/// All that is known under the number of a claim.
pub fn of(desk: &Desk, held: &HeldClaim) -> Result<Vec<Event>, Failed> {
    let store = desk.state.store_now()?;
    let Some(story) = history::story_of(&store, &desk.state.archive, held.claim.expose())? else {
        return Ok(Vec::new());
    };
    let mut events = Vec::new();
    for sent in &story.sent {
        let own = sent.file == held.file_id && sent.position == held.position;
        events.push(Event { day: sent.day, what: What::Came(sent.charge, sent.state.clone(), own) });
        if sent.has_left() {
            events.push(Event { day: sent.left, what: What::Left });
        }
    }
    for told in &story.told {
        events.push(Event { day: told.date, what: What::Answered(told.kind.clone(), told.accepted) });
    }
    for paid in &story.paid {
        let lines = paid.lines.iter().flat_map(|line| &line.adjustments);
        let mut reasons: Vec<String> =
            paid.adjustments.iter().chain(lines).map(|a| format!("{} {}", a.group, a.carc)).collect();
        reasons.sort();
        reasons.dedup();
        events.push(Event {
            day: paid.date,
            what: What::Decided { paid: paid.paid, charge: paid.charge, reasons },
        });
    }
    // Of one day, in the order above: it came, left, was answered, was paid.
    events.sort_by_key(|event| event.day);
    Ok(events)
}
