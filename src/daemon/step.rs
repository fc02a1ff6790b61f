//! What is to be done next for a file: a pure function of where it is and of what just happened. Every record of a file's way but the
//! first is made here, and each stands before the effect it announces.

use super::folded::FileState;
use crate::journal::{Counted, Direction, HeldAnswer, Hold, Output, Record};
use crate::scrub::repeats::Print;

/// How often work on one file may be begun again before it is set aside.
pub const MOST_TRIES: u32 = 10;

/// A file, as far as the journal and this run know it.
#[derive(Clone, Debug)]
pub struct Way {
    /// What the journal says, or will say once what was to be appended is.
    pub file: FileState,
    /// Its bytes are in the archive, and are the ones received.
    kept: bool,
    /// Its outputs were staged by this run: none can have been fetched yet.
    fresh: bool,
    /// Holds that its claims replace were looked for.
    compared: bool,
    /// The work began again with other bytes once.
    again: bool,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// The file came, or its turn to be tried again.
    Begun,
    /// An earlier run left it.
    Resumed,
    /// Its bytes are kept.
    Kept,
    /// Every claim has a verdict.
    Judged {
        /// Hash of the list.
        report: String,
        /// Hash of the edits.
        edits: String,
        /// Claims by state.
        claims: Counted,
        /// What its interchanges are known by.
        prints: Vec<Print>,
    },
    /// Ids for its held claims, and what their sender hears of them.
    Drawn(Vec<Hold>, HeldAnswer),
    /// Its outputs lie beside their folders, synced.
    Staged(Vec<Output>),
    /// They have their names.
    Published,
    /// Holds that its claims replace have ended.
    Compared,
    /// Its remittances and answers were read.
    Read {
        /// How many.
        remittances: u64,
        /// How many.
        answers: u64,
    },
    /// Nothing of it lies in the spool any more that isn't kept; what came late is a file of its own.
    Closed,
    /// What was to be done was not.
    Failed(Trouble),
}

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It may pass.
    Passing,
    /// The file can't be worked, today and tomorrow: why, in our words.
    OfTheFile(String),
    /// The bytes received exist no more: its sender wrote on.
    Rewritten,
    /// Only a new start can tell how things are.
    Ours,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Journal this, before anything else.
    Append(Vec<Record>),
    /// Put its bytes into the archive, or see that they are there.
    Keep,
    /// Give every claim a verdict.
    Judge,
    /// Draw an id for each claim that is held.
    Draw,
    /// Write its outputs beside their folders.
    Stage,
    /// Give them their names.
    Publish {
        /// None can have been fetched yet.
        fresh: bool,
    },
    /// End the holds its claims replace.
    Compare,
    /// Read its remittances.
    Read,
    /// See whether its sender wrote on, and make that a file of its own.
    Close,
    /// Remove it from the spool.
    Clear,
    /// Begin again with the bytes it has now.
    BeginAgain,
    /// Try again later.
    Wait,
    /// Stop the daemon.
    Stop,
}

impl Way {
    /// A file with work left.
    #[must_use]
    pub fn new(file: FileState) -> Way {
        Way { file, kept: false, fresh: false, compared: false, again: false }
    }

    fn is_judged(&self) -> bool {
        self.file.direction == Direction::Outbound && !self.file.is_refused() && self.file.ours.is_none()
    }
}

/// The next state and what is to be done, in order: an `Append` first, if any, and one more.
#[must_use]
pub fn step(mut way: Way, event: Event) -> (Way, Vec<Effect>) {
    let file = way.file.id.clone();
    let mut records = Vec::new();
    match event {
        Event::Begun => {}
        Event::Resumed => {
            records.push(Record::Tried { file: file.clone() });
            if way.file.tries + 1 >= MOST_TRIES && way.file.staged.is_none() && way.file.quarantined.is_none()
            {
                let reason = "work on it was begun again and again and never ended".to_owned();
                records.push(Record::Quarantined { file, reason });
            }
        }
        Event::Kept => way.kept = true,
        Event::Judged { report, edits, claims, prints } => {
            if !prints.is_empty() {
                let sets = prints.iter().flat_map(|p| &p.sets).map(|(content, _)| content.clone()).collect();
                let interchanges = prints.into_iter().map(|p| (p.number, p.content)).collect();
                records.push(Record::Prints { file: file.clone(), interchanges, sets });
            }
            records.push(Record::Verdicts { file, report, edits, claims });
        }
        Event::Drawn(holds, _) if holds.is_empty() => way.file.held = true,
        Event::Drawn(holds, answer) => records.push(Record::Held { file, holds, answer }),
        Event::Staged(outputs) => {
            way.fresh = true;
            records.push(Record::Staged { file, outputs });
        }
        Event::Published => records.push(Record::Published { file }),
        Event::Compared => way.compared = true,
        Event::Read { remittances: 0, answers: 0 } => way.file.posted = true,
        Event::Read { remittances, answers } => {
            let sha256 = way.file.sha256.clone();
            records.push(Record::Posted { file, sha256, remittances, answers });
        }
        Event::Closed => {
            let mut records = vec![Record::Done { file }];
            let late = way.file.late_of.as_ref().map(|_| "written on");
            if let Some(outcome) = way.file.quarantined.as_ref().map(|_| "quarantined").or(late) {
                records.extend(super::notices::file_alert(&way.file, outcome));
            }
            return (way, vec![Effect::Append(records), Effect::Clear]);
        }
        Event::Failed(trouble) => match trouble {
            Trouble::Rewritten if !way.again && way.file.staged.is_none() && way.file.ours.is_none() => {
                way.again = true;
                return (way, vec![Effect::BeginAgain]);
            }
            Trouble::OfTheFile(reason) if way.file.staged.is_none() && way.file.quarantined.is_none() => {
                records.push(Record::Quarantined { file, reason });
            }
            Trouble::Passing | Trouble::Rewritten | Trouble::OfTheFile(_) => {
                return (way, vec![Effect::Wait]);
            }
            Trouble::Ours => return (way, vec![Effect::Stop]),
        },
    }
    records.iter().for_each(|record| way.file.apply(record));
    let next = next(&way);
    let first = if records.is_empty() { None } else { Some(Effect::Append(records)) };
    (way, first.into_iter().chain([next]).collect())
}

fn next(way: &Way) -> Effect {
    let file = &way.file;
    let judged = way.is_judged();
    if !way.kept {
        Effect::Keep
    } else if judged && file.report.is_none() {
        Effect::Judge
    } else if judged && !file.held && file.staged.is_none() {
        Effect::Draw
    } else if file.staged.is_none() {
        Effect::Stage
    } else if !file.published {
        Effect::Publish { fresh: way.fresh }
    } else if judged && !way.compared {
        Effect::Compare
    } else if file.direction == Direction::Inbound && !file.posted && !file.is_refused() {
        Effect::Read
    } else {
        Effect::Close
    }
}
