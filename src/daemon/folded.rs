//! What the daemon knows of files, holds and alerts, folded from the journal.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use jiff::civil::Date;

use super::ids::Ids;
use super::owed::Owed;
use crate::alerts::Book;
use crate::huddle::Minutes;
use crate::journal::{Decision, Direction, HeldAnswer, Output, Record};
use crate::phi::Phi;

/// A hold whose claim may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Its version.
    pub version: u64,
    /// Until then it may be undone.
    pub not_before: Option<Timestamp>,
}

/// Holds that are noted one by one, at most.
const MOST_TOUCHED: usize = 50_000;

/// Holds that something happened to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Their ids.
    pub holds: Vec<String>,
    /// True where it may be any.
    pub all: bool,
}

impl Touched {
    /// Takes over what a record says.
    fn note(&mut self, record: &Record) {
        match record {
            // Who asks after this long reads them all anew.
            _ if self.holds.len() > MOST_TOUCHED => *self = Touched { all: true, ..Touched::default() },
            Record::Held { holds, .. } => self.holds.extend(holds.iter().map(|hold| hold.id.clone())),
            Record::HoldChanged { hold, .. } => self.holds.push(hold.clone()),
            Record::Release { holds, .. } => self.holds.extend(holds.iter().map(|l| l.hold.clone())),
            Record::Quarantined { .. } => self.all = true,
            _ => {}
        }
    }
}

/// A file's way so far, folded from the journal.
#[derive(Clone, Debug)]
pub struct FileState {
    /// ULID.
    pub id: String,
    /// Channel it came by.
    pub channel: String,
    /// Which way it goes.
    pub direction: Direction,
    /// Name it was dropped under.
    pub name: Phi<String>,
    /// Its identity.
    pub sha256: String,
    /// Hash of how it came, where it was packed.
    pub packed: Option<String>,
    /// How many files came before it.
    pub number: u64,
    /// The day it was received on.
    pub today: Date,
    /// File with the same bytes, received before.
    pub duplicate_of: Option<String>,
    /// File that was written on after it was taken, of which these are the bytes.
    pub late_of: Option<String>,
    /// How often work on it was begun again.
    pub tries: u32,
    /// Why it can't be worked.
    pub quarantined: Option<String>,
    /// Archived verdict list.
    pub report: Option<String>,
    /// Its holds are journalled.
    pub held: bool,
    /// Outputs, once staged.
    pub staged: Option<Vec<Output>>,
    /// They have their names.
    pub published: bool,
    /// Its remittances count.
    pub posted: bool,
    /// What it is, where nobody sent it.
    pub ours: Option<Ours>,
}

impl FileState {
    /// A file of which nothing is done yet.
    fn fresh(
        id: &str,
        (channel, direction): (&str, Direction),
        (name, sha256): (&Phi<String>, &str),
        (today, number): (Date, u64),
    ) -> FileState {
        FileState {
            id: id.to_owned(),
            channel: channel.to_owned(),
            direction,
            name: name.clone(),
            sha256: sha256.to_owned(),
            packed: None,
            number,
            today,
            duplicate_of: None,
            late_of: None,
            tries: 0,
            quarantined: None,
            report: None,
            held: false,
            staged: None,
            published: false,
            posted: false,
            ours: None,
        }
    }

    /// Hash of the bytes as they came.
    #[must_use]
    pub fn came_as(&self) -> &str {
        self.packed.as_deref().unwrap_or(&self.sha256)
    }

    /// The name its contents are published under: of a packed file without the ending that says so.
    #[must_use]
    pub fn content_name(&self) -> &str {
        let packed = self.packed.is_some();
        let ending = |name: &str| name.len() > 3 && name.to_ascii_lowercase().ends_with(".gz");
        let name = self.name.expose();
        match name.len().checked_sub(3).and_then(|n| name.get(..n)) {
            Some(stem) if packed && ending(name) => stem,
            _ => name,
        }
    }

    /// True where nothing of it is used: it goes to the rejected folder, or is only delivered.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.quarantined.is_some() || self.late_of.is_some() || self.duplicate_of.is_some()
    }

    /// Takes over what a record of it says.
    pub fn apply(&mut self, record: &Record) {
        match record {
            Record::Tried { .. } => self.tries += 1,
            Record::Quarantined { reason, .. } => self.quarantined = Some(reason.clone()),
            Record::Verdicts { report, .. } => self.report = Some(report.clone()),
            Record::Held { .. } => self.held = true,
            Record::Staged { outputs, .. } => self.staged = Some(outputs.clone()),
            Record::Published { .. } => self.published = true,
            Record::Posted { .. } => self.posted = true,
            _ => {}
        }
    }
}

/// A file that we made ourselves.
#[derive(Clone, Debug)]
pub enum Ours {
    /// Claims that were held.
    Release {
        /// The holds.
        holds: Vec<String>,
        /// Hash of what was corrected in them.
        corrections: Option<String>,
    },
    /// What became of a file's held claims, for its sender.
    Answer,
}

/// All of it.
#[derive(Default)]
pub(super) struct Folded {
    /// Files with work left, in order of their ids.
    pub open: BTreeMap<String, FileState>,
    /// Every file ever received.
    pub received: HashSet<String>,
    /// Every interchange of our own.
    pub released: HashSet<String>,
    /// Interchanges by channel and numbers: what they say, and the file they came in.
    pub interchanges: HashMap<(String, String), (String, String)>,
    /// Transaction sets by channel and what they say: the file they came in.
    pub sets: HashMap<(String, String), String>,
    /// Holds whose claims may leave and have not, with their version.
    pub leaving: BTreeMap<String, Due>,
    /// Number of the last record.
    pub last: u64,
    /// Holds that something happened to since somebody asked; none while nobody does.
    pub touched: Option<Touched>,
    /// Answers that wait for what becomes of held claims.
    pub owed: Owed,
    /// Alerts: key to owner and line while not yet written.
    pub alerts: BTreeMap<String, Option<(String, String)>>,
    /// How each alert and each message to a sink stands.
    pub book: Book,
    /// What huddles decided, and when edits changed.
    pub minutes: Minutes,
    /// When the last inbound file came.
    pub inbound: Option<Timestamp>,
    /// Hashes of what came while a purge looks for what nobody needs.
    pub arrived: Option<HashSet<String>>,
}

impl Folded {
    /// Takes over what a record says.
    pub fn apply(&mut self, at: Timestamp, record: &Record, ids: &Ids) {
        self.book.apply(at, record);
        self.minutes.apply(record);
        if let Some(touched) = &mut self.touched {
            touched.note(record);
        }
        match record {
            Record::Received {
                file,
                channel,
                direction,
                name,
                sha256,
                today,
                duplicate_of,
                late_of,
                packed,
                ..
            } => {
                ids.seen(file);
                if *direction == Direction::Inbound {
                    self.inbound = Some(at);
                }
                let number = self.received.len() as u64;
                self.received.insert(file.clone());
                let fresh = FileState::fresh(file, (channel, *direction), (name, sha256), (*today, number));
                let (duplicate_of, late_of) = (duplicate_of.clone(), late_of.clone());
                let packed = packed.as_ref().map(|p| p.sha256.clone());
                if let Some(arrived) = &mut self.arrived {
                    arrived.extend([sha256.clone()].into_iter().chain(packed.clone()));
                }
                let state = FileState { duplicate_of, late_of, packed, ..fresh };
                self.open.insert(file.clone(), state);
            }
            Record::Held { file, holds, answer } => {
                holds.iter().for_each(|h| ids.seen(&h.id));
                if *answer == HeldAnswer::Waits
                    && let Some(state) = self.open.get(file)
                {
                    self.owed.begin(state, holds);
                }
                self.change(file, record);
            }
            Record::Prints { file, interchanges, sets } => {
                let Some(channel) = self.open.get(file).map(|f| f.channel.clone()) else { return };
                for (number, content) in interchanges {
                    let known = self.interchanges.entry((channel.clone(), number.clone()));
                    known.or_insert_with(|| (content.clone(), file.clone()));
                }
                for content in sets {
                    self.sets.entry((channel.clone(), content.clone())).or_insert_with(|| file.clone());
                }
            }
            // Nothing of it left: it may come again.
            Record::Quarantined { file, .. } => {
                self.interchanges.retain(|_, (_, by)| by != file);
                self.sets.retain(|_, by| by != file);
                self.owed.end(file);
                self.change(file, record);
            }
            Record::Tried { file }
            | Record::Verdicts { file, .. }
            | Record::Staged { file, .. }
            | Record::Published { file }
            | Record::Posted { file, .. } => self.change(file, record),
            Record::HoldChanged { hold, version, decision, undo_until, .. } => {
                match decision {
                    Decision::Released { .. } | Decision::Overridden { .. } => {
                        self.leaving.insert(hold.clone(), Due { version: *version, not_before: *undo_until });
                    }
                    // Whoever works it, it may leave.
                    passive if passive.moves_nothing() => {
                        if let Some(due) = self.leaving.get_mut(hold) {
                            due.version = *version;
                        }
                    }
                    _ => {
                        self.leaving.remove(hold);
                    }
                };
                match decision {
                    Decision::Voided { .. } => self.owed.ended_until(hold, *undo_until),
                    Decision::Replaced { .. } => self.owed.ended(hold),
                    Decision::Undone { .. } => self.owed.again(hold),
                    _ => {}
                }
            }
            Record::Release { file, channel, sha256, today, holds, corrections, .. } => {
                ids.seen(file);
                holds.iter().for_each(|h| {
                    self.leaving.remove(&h.hold);
                });
                self.released.insert(file.clone());
                let (way, number) = (Direction::Outbound, self.received.len() as u64);
                let fresh = FileState::fresh(
                    file,
                    (channel, way),
                    (&"released.edi".into(), sha256),
                    (*today, number),
                );
                let holds = holds.iter().map(|leaving| leaving.hold.clone()).collect();
                let ours = Some(Ours::Release { holds, corrections: corrections.clone() });
                self.open.insert(file.clone(), FileState { ours, ..fresh });
            }
            Record::Answer { file, of, channel, sha256, today } => {
                ids.seen(file);
                self.released.insert(file.clone());
                let (way, number) = (Direction::Outbound, self.received.len() as u64);
                let name = self.owed.end(of).unwrap_or_else(|| "answer.edi".into());
                let fresh = FileState::fresh(file, (channel, way), (&name, sha256), (*today, number));
                self.open.insert(file.clone(), FileState { ours: Some(Ours::Answer), ..fresh });
            }
            Record::Done { file } => {
                // Only what lies in the folder has left: released claims may yet be held again.
                if let Some(FileState { ours: Some(Ours::Release { holds, .. }), published: true, .. }) =
                    self.open.remove(file)
                {
                    holds.iter().for_each(|hold| self.owed.ended(hold));
                }
            }
            Record::AlertDue { key, owner, line } => {
                self.alerts.insert(key.clone(), Some((owner.clone(), line.clone())));
            }
            Record::AlertRaised { alert, n, owner, line, .. } => {
                let key = format!("{alert}/{n}");
                self.alerts.entry(key).or_insert_with(|| Some((owner.clone(), line.clone())));
            }
            Record::Imported { file, .. } => ids.seen(file),
            Record::Viewed { .. }
            | Record::SignedIn { .. }
            | Record::OfNoUse { .. }
            | Record::ControlTaken { .. }
            | Record::Purged { .. }
            | Record::Repaired { .. }
            | Record::AlertDecided { .. }
            | Record::AlertSending { .. }
            | Record::AlertTold { .. }
            | Record::AlertResent { .. }
            | Record::EditsInForce { .. }
            | Record::ActionClosed { .. } => {}
            Record::ActionTaken { action, .. } => ids.seen(action),
            Record::AlertWritten { key } => {
                self.alerts.insert(key.clone(), None);
            }
        }
    }

    fn change(&mut self, file: &str, record: &Record) {
        if let Some(state) = self.open.get_mut(file) {
            state.apply(record);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Hold;

    fn changed(version: u64, decision: Decision) -> Record {
        let (hold, actor) = ("H".to_owned(), "uid 1".to_owned());
        Record::HoldChanged { hold, version, actor, decision, verdict: None, edits: None, undo_until: None }
    }

    #[test]
    fn a_claim_about_to_leave_leaves_whoever_works_it() {
        let (mut folded, ids) = (Folded::default(), Ids::default());
        folded.apply(
            Timestamp::UNIX_EPOCH,
            &Record::Held {
                file: "F".into(),
                holds: vec![Hold { id: "H".into(), position: 1 }],
                answer: HeldAnswer::Nothing,
            },
            &ids,
        );
        folded.apply(Timestamp::UNIX_EPOCH, &changed(2, Decision::Released { note: String::new() }), &ids);
        folded.apply(
            Timestamp::UNIX_EPOCH,
            &changed(3, Decision::Assigned { owner: "coding".into(), note: None, was: None }),
            &ids,
        );
        assert_eq!(folded.leaving.get("H").map(|due| due.version), Some(3));
        folded.apply(Timestamp::UNIX_EPOCH, &changed(4, Decision::Voided { note: String::new() }), &ids);
        assert!(folded.leaving.is_empty());
    }
}
