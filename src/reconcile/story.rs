//! The records of a history, by file and by hold; and those that can't follow from the ones before them.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Difference;
use crate::journal::{Counted, Decision, Direction, HeldAnswer, Hold, Leaving, Output, Record};

/// What the journal says of a file.
#[derive(Clone, Debug, Default)]
pub(super) struct FileStory {
    pub outbound: bool,
    pub sha256: String,
    pub duplicate: bool,
    pub late: bool,
    pub quarantined: bool,
    pub verdicts: Option<(String, Counted)>,
    pub held: Option<Vec<Hold>>,
    pub staged: Option<Vec<Output>>,
    pub published: bool,
    pub done: bool,
    /// Another file of the same name came by the same folder after this one ended.
    pub again: bool,
    /// Its sender waits for what becomes of its held claims.
    pub awaited: bool,
    /// Tells a sender what became of held claims.
    pub answer: bool,
    /// Held claims, where it is an interchange of our own.
    pub release: Option<Vec<Leaving>>,
    /// How many came before it.
    number: usize,
    key: (String, bool, String),
}

/// A file, and a place among its claims from 1.
pub(super) type Place = (String, u64);

/// What it says of a hold.
#[derive(Clone, Debug, Default)]
pub(super) struct HoldStory {
    pub file: String,
    /// CLM02 as it came, once the verdicts of its file are read.
    pub cents: Option<i64>,
    /// The verdict it was last judged by again.
    pub verdict: Option<String>,
    /// The file its claim left in.
    pub left_in: Option<String>,
    pub voided: bool,
    /// The practice system sent the claim anew, as the one at this place of this file: it counts there.
    pub replaced: Option<Place>,
    /// It was refused and went back.
    pub sent_back: bool,
    version: u64,
    may_leave: bool,
}

/// A history, record by record.
#[derive(Debug, Default)]
pub struct Story {
    pub(super) files: HashMap<String, FileStory>,
    pub(super) holds: BTreeMap<String, HoldStory>,
    /// Files as they came.
    pub(super) order: Vec<String>,
    pub(super) differences: Vec<Difference>,
    /// Hashes of bytes that were removed by somebody's word, with how many files had come by then.
    purged: HashMap<String, usize>,
    /// Who works bytes: channel, way, hash.
    bytes: HashMap<(String, bool, String), String>,
    /// The last that ended with nothing staged, by channel, way and dropped name.
    given_up: HashMap<(String, bool, String), String>,
}

impl Story {
    fn differs(&mut self, file: Option<&str>, hold: Option<&str>, what: &str) {
        let (file, hold) = (file.map(str::to_owned), hold.map(str::to_owned));
        self.differences.push(Difference { file, hold, what: what.to_owned(), wanted: None, found: None });
    }

    fn change(&mut self, file: &str, change: impl FnOnce(&mut FileStory) -> bool, twice: &str) {
        match self.files.get_mut(file).map(change) {
            Some(true) => {}
            Some(false) => self.differs(Some(file), None, twice),
            None => self.differs(Some(file), None, "a record of a file that was never received"),
        }
    }

    /// Takes over the next record.
    pub fn add(&mut self, record: &Record) {
        match record {
            Record::Received { file, channel, direction, name, sha256, duplicate_of, late_of, .. } => {
                let outbound = *direction == Direction::Outbound;
                let key = (channel.clone(), outbound, sha256.clone());
                match (self.bytes.get(&key), duplicate_of) {
                    (Some(_), None) if late_of.is_none() => {
                        self.differs(Some(file), None, "the same bytes are worked a second time");
                    }
                    (before, Some(of)) if before != Some(of) => {
                        self.differs(Some(file), None, "taken for a duplicate of bytes that nobody works");
                    }
                    _ => {}
                }
                self.bytes.entry(key.clone()).or_insert_with(|| file.clone());
                let named = (channel.clone(), outbound, name.expose().clone());
                let before = self.given_up.remove(&named);
                if let Some(before) = before.and_then(|b| self.files.get_mut(&b)) {
                    before.again = true;
                }
                let story = FileStory {
                    outbound,
                    sha256: sha256.clone(),
                    duplicate: duplicate_of.is_some(),
                    late: late_of.is_some(),
                    key: named,
                    ..FileStory::default()
                };
                self.begin(file, story);
            }
            Record::Quarantined { file, .. } => {
                self.bytes.retain(|_, by| by != file);
                let what = "set aside after some of it had been staged";
                self.change(
                    file,
                    |f| !std::mem::replace(&mut f.quarantined, true) && f.staged.is_none(),
                    what,
                );
                for hold in self.holds.values_mut().filter(|h| h.left_in.as_deref() == Some(file.as_str())) {
                    (hold.left_in, hold.may_leave) = (None, false);
                }
            }
            Record::Verdicts { file, report, claims, .. } => {
                let given = (report.clone(), *claims);
                self.change(file, |f| f.verdicts.replace(given).is_none(), "its claims were judged twice");
            }
            Record::Held { file, holds, answer } => self.held(file, holds, *answer),
            Record::HoldChanged { hold, version, decision, verdict, .. } => {
                self.decided(hold, *version, decision, verdict.as_ref());
            }
            Record::Release { file, sha256, holds, .. } => {
                for leaving in holds {
                    self.leaves(file, leaving);
                }
                let (sha256, release) = (sha256.clone(), Some(holds.clone()));
                self.begin(file, FileStory { outbound: true, sha256, release, ..FileStory::default() });
            }
            Record::Answer { file, of, sha256, .. } => {
                let what = "its sender was told twice what became of it, or waited for nothing";
                self.change(of, |f| std::mem::take(&mut f.awaited), what);
                let sha256 = sha256.clone();
                self.begin(file, FileStory { outbound: true, answer: true, sha256, ..FileStory::default() });
            }
            Record::Staged { file, outputs } => {
                let outputs = outputs.clone();
                self.change(file, |f| f.staged.replace(outputs).is_none(), "its outputs were staged twice");
            }
            Record::Published { file } => {
                let what = "published twice, or before it was staged";
                let publish =
                    |f: &mut FileStory| f.staged.is_some() && !std::mem::replace(&mut f.published, true);
                self.change(file, publish, what);
            }
            Record::Done { file } => {
                self.change(file, |f| !std::mem::replace(&mut f.done, true), "it ended twice");
                if self.files.get(file).is_some_and(|f| f.staged.is_some() && !f.published) {
                    self.differs(Some(file), None, "it ended before what was staged had its names");
                }
                if let Some(story) = self.files.get(file).filter(|f| f.staged.is_none()) {
                    self.given_up.insert(story.key.clone(), file.clone());
                    self.bytes.retain(|_, by| by != file);
                }
            }
            Record::Purged { sha256, .. } => {
                self.purged.extend(sha256.iter().map(|hash| (hash.clone(), self.order.len())));
            }
            Record::Tried { .. }
            | Record::Prints { .. }
            | Record::Viewed { .. }
            | Record::SignedIn { .. }
            | Record::Posted { .. }
            | Record::Imported { .. }
            | Record::OfNoUse { .. }
            | Record::ControlTaken { .. }
            | Record::Repaired { .. }
            | Record::AlertDue { .. }
            | Record::AlertWritten { .. }
            | Record::AlertRaised { .. }
            | Record::AlertDecided { .. }
            | Record::AlertSending { .. }
            | Record::AlertTold { .. }
            | Record::AlertResent { .. }
            | Record::EditsInForce { .. }
            | Record::ActionTaken { .. }
            | Record::ActionClosed { .. } => {}
        }
    }

    /// True when the bytes of a file were removed by somebody's word. The same bytes that came since are not.
    pub(super) fn is_purged(&self, of: &FileStory) -> bool {
        self.purged.get(&of.sha256).is_some_and(|known| of.number < *known)
    }

    /// True when there is a claim at a place of a file that was judged, and was not itself sent anew as one that led here. `held` is where holds
    /// stand that ended so.
    pub(super) fn is_there(&self, at: &Place, held: &HashMap<Place, &Place>) -> bool {
        let (mut at, mut seen) = (at, HashSet::new());
        while seen.insert(at) {
            let of = self.files.get(&at.0).filter(|f| !f.quarantined);
            let claims = of.and_then(|f| f.verdicts.as_ref()).map_or(0, |(_, counted)| counted.r#in);
            if !(1..=claims).contains(&at.1) {
                return false;
            }
            match held.get(at) {
                Some(next) => at = next,
                None => return true,
            }
        }
        false
    }

    fn begin(&mut self, file: &str, mut story: FileStory) {
        story.number = self.order.len();
        if self.files.insert(file.to_owned(), story).is_some() {
            self.differs(Some(file), None, "the same file was received twice");
        } else {
            self.order.push(file.to_owned());
        }
    }

    fn held(&mut self, file: &str, holds: &[Hold], answer: HeldAnswer) {
        let given = holds.to_vec();
        let awaited = answer == HeldAnswer::Waits;
        let hold = |f: &mut FileStory| {
            f.awaited = awaited;
            f.held.replace(given).is_none()
        };
        self.change(file, hold, "its claims were held twice");
        let sent_back = answer == HeldAnswer::SentBack;
        for hold in holds {
            let story = HoldStory { file: file.to_owned(), version: 1, sent_back, ..HoldStory::default() };
            if self.holds.insert(hold.id.clone(), story).is_some() {
                self.differs(Some(file), Some(&hold.id), "the same hold was begun twice");
            }
        }
    }

    fn decided(&mut self, id: &str, version: u64, decision: &Decision, verdict: Option<&String>) {
        let Some(hold) = self.holds.get_mut(id) else {
            return self.differs(None, Some(id), "a decision of a hold that never was");
        };
        let follows = hold.version.checked_add(1) == Some(version);
        hold.version = version;
        match decision {
            Decision::Released { .. } | Decision::Overridden { .. } => hold.may_leave = true,
            passive if passive.moves_nothing() => {}
            _ => hold.may_leave = false,
        }
        // Who works it changes with time; whether it was voided ends with the next word on that alone.
        if !decision.moves_nothing() {
            hold.voided = matches!(decision, Decision::Voided { .. });
            hold.replaced = match decision {
                Decision::Replaced { file, position } => Some((file.clone(), *position)),
                _ => None,
            };
        }
        if verdict.is_some() {
            hold.verdict = verdict.cloned();
        }
        if !follows {
            self.differs(None, Some(id), "a decision is missing, or was taken twice of the same version");
        }
    }

    fn leaves(&mut self, file: &str, leaving: &Leaving) {
        let Some(hold) = self.holds.get_mut(&leaving.hold) else {
            return self.differs(Some(file), Some(&leaving.hold), "a claim left that was never held");
        };
        let twice = hold.left_in.replace(file.to_owned()).is_some();
        let (allowed, same) = (hold.may_leave, hold.version == leaving.version);
        let back = hold.sent_back;
        if twice {
            self.differs(Some(file), Some(&leaving.hold), "a held claim left a second time");
        }
        if back {
            self.differs(Some(file), Some(&leaving.hold), "a claim left that had gone back to its sender");
        }
        if !allowed || !same {
            self.differs(
                Some(file),
                Some(&leaving.hold),
                "a held claim left that nobody had released as it was",
            );
        }
    }
}
