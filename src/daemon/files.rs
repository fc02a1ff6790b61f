//! Each file's way from drop to done, told from the journal.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::error::Error;
use super::evidence::Folders;
use super::state::State;
use crate::journal::{Counted, Direction, Outlet, Output, Position, Record};
use crate::phi::Phi;
use crate::reconcile::{Reconciliation, Story, of_file};

/// Something that happened to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// We have it.
    Received,
    /// It came by an import: it went its way without us.
    Imported,
    /// Work on it was begun again.
    BegunAgain,
    /// Its claims have verdicts.
    Judged(Counted),
    /// So many are held.
    Held(usize),
    /// Remittances and answers of it count.
    Posted {
        /// Remittances.
        remittances: u64,
        /// Answers.
        answers: u64,
    },
    /// What is to leave lies ready.
    Staged(Vec<Output>),
    /// It has its names.
    Published,
    /// It can't be worked: why.
    SetAside(String),
    /// So many claims that were held left in it.
    Released(usize),
    /// It answers a file, by its id.
    Answers(String),
    /// Nothing is left to do.
    Done,
}

/// A file.
#[derive(Clone, Debug)]
pub struct Way {
    /// ULID.
    pub id: String,
    /// Channel it came by.
    pub channel: String,
    /// Which way it goes.
    pub direction: Direction,
    /// Name it was dropped under; none of one of our own.
    pub name: Option<Phi<String>>,
    /// Size, where it was dropped.
    pub bytes: Option<u64>,
    /// The file with the same bytes that came before.
    pub duplicate_of: Option<String>,
    /// The file it is a later state of.
    pub late_of: Option<String>,
    /// What happened, oldest first.
    pub steps: Vec<(Timestamp, Happened)>,
}

/// Where a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// In work.
    InWork,
    /// Done.
    Done,
    /// Done; it, or something of it, lies in the rejected folder for a person.
    Rejected,
    /// Set aside whole.
    SetAside,
    /// The same bytes as one before.
    Duplicate,
    /// Of before: it counts in the history alone.
    Imported,
}

impl Way {
    /// When it came.
    #[must_use]
    pub fn came(&self) -> Option<Timestamp> {
        self.steps.first().map(|(at, _)| *at)
    }

    /// Where it is.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let has = |of: fn(&Happened) -> bool| self.steps.iter().any(|(_, step)| of(step));
        if has(|s| matches!(s, Happened::Imported)) {
            Standing::Imported
        } else if has(|s| matches!(s, Happened::SetAside(_))) || self.late_of.is_some() {
            Standing::SetAside
        } else if self.duplicate_of.is_some() {
            Standing::Duplicate
        } else if has(|s| *s == Happened::Done) {
            if self.left_by(Outlet::Rejected) { Standing::Rejected } else { Standing::Done }
        } else {
            Standing::InWork
        }
    }

    /// Its claims, once they are judged.
    #[must_use]
    pub fn counted(&self) -> Option<Counted> {
        self.steps.iter().find_map(|(_, step)| match step {
            Happened::Judged(counted) => Some(*counted),
            _ => None,
        })
    }

    /// What left of it.
    pub fn outputs(&self) -> impl Iterator<Item = &Output> {
        self.steps.iter().flat_map(|(_, step)| match step {
            Happened::Staged(outputs) => outputs.as_slice(),
            _ => &[],
        })
    }

    /// True where something of it left by an outlet.
    #[must_use]
    pub fn left_by(&self, outlet: Outlet) -> bool {
        self.outputs().any(|output| output.outlet == outlet)
    }
}

/// Every file, told as far as the journal was read.
#[derive(Debug, Default)]
pub struct Files {
    read: Option<Position>,
    all: BTreeMap<String, Way>,
    story: Story,
}

impl Files {
    /// Reads on to the journal's end.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn catch_up(&mut self, state: &State) -> Result<(), Error> {
        let after = self.read.unwrap_or(Position::START);
        let read = state.tail(after, &mut |_, entry| {
            self.story.add(&entry.record);
            self.take(entry.at, &entry.record);
            Ok(())
        });
        match read {
            Ok(read) => self.read = Some(read),
            Err(error) => {
                // What was read of it would be told twice.
                *self = Files::default();
                return Err(error);
            }
        }
        Ok(())
    }

    /// The newest first.
    pub fn newest(&self) -> impl Iterator<Item = &Way> {
        self.all.values().rev()
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Way> {
        self.all.get(id)
    }

    /// A file of claims held against what the archive holds, as `claimloop reconcile` holds all of them.
    ///
    /// # Errors
    /// When something that is there can't be read.
    pub fn conserved(&mut self, state: &State, id: &str) -> Result<Reconciliation, Error> {
        let evidence = Folders::new(state.archive.clone(), state.spool_folder());
        let folder = state.spool_folder();
        of_file(id, &mut self.story, &evidence).map_err(Error::io("holding a file against", &folder))
    }

    fn begin(
        &mut self,
        at: Timestamp,
        id: &str,
        (channel, direction): (&str, Direction),
        first: Happened,
    ) -> &mut Way {
        self.all.entry(id.to_owned()).or_insert_with(|| Way {
            id: id.to_owned(),
            channel: channel.to_owned(),
            direction,
            name: None,
            bytes: None,
            duplicate_of: None,
            late_of: None,
            steps: vec![(at, first)],
        })
    }

    fn take(&mut self, at: Timestamp, record: &Record) {
        use Direction::Outbound;
        let (id, step) = match record {
            Record::Received { file, channel, direction, name, bytes, duplicate_of, late_of, .. } => {
                let way = self.begin(at, file, (channel, *direction), Happened::Received);
                (way.name, way.bytes) = (Some(name.clone()), Some(*bytes));
                (way.duplicate_of, way.late_of) = (duplicate_of.clone(), late_of.clone());
                return;
            }
            Record::Imported { file, channel, direction, .. } => {
                self.begin(at, file, (channel, *direction), Happened::Imported);
                return;
            }
            Record::Release { file, channel, holds, .. } => {
                self.begin(at, file, (channel, Outbound), Happened::Released(holds.len()));
                return;
            }
            Record::Answer { file, channel, of, .. } => {
                self.begin(at, file, (channel, Outbound), Happened::Answers(of.clone()));
                return;
            }
            Record::Tried { file } => (file, Happened::BegunAgain),
            Record::Quarantined { file, reason } => (file, Happened::SetAside(reason.clone())),
            Record::Verdicts { file, claims, .. } => (file, Happened::Judged(*claims)),
            Record::Held { file, holds, .. } => (file, Happened::Held(holds.len())),
            Record::Posted { file, remittances, answers, .. } => {
                (file, Happened::Posted { remittances: *remittances, answers: *answers })
            }
            Record::Staged { file, outputs } => (file, Happened::Staged(outputs.clone())),
            Record::Published { file } => (file, Happened::Published),
            Record::Done { file } => (file, Happened::Done),
            _ => return,
        };
        if let Some(way) = self.all.get_mut(id) {
            way.steps.push((at, step));
        }
    }
}
