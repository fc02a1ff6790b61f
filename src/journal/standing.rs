//! What a ledger must know to keep its promises: whose each file is, how far each hold is, the numbers given out.

use std::collections::{HashMap, HashSet};

use super::ledger::{Claim, FileKey};
use super::{Error, Record};

/// A hold, as far as the ledger minds it.
#[derive(Clone, Debug, Default)]
struct HoldStanding {
    version: u64,
    /// The file its claim left in.
    left_in: Option<String>,
}

/// Folded from the records, in order.
#[derive(Debug, Default)]
pub(super) struct Standing {
    claims: HashMap<FileKey, String>,
    /// Files of which nothing was staged yet.
    unstaged: HashSet<String>,
    holds: HashMap<String, HoldStanding>,
    /// Next number by channel.
    controls: HashMap<String, u64>,
}

impl Standing {
    /// Whose a file is; of who asks, when it was nobody's.
    pub fn claim(&mut self, key: &FileKey, by: &str) -> Claim {
        match self.claims.get(key) {
            Some(before) if before != by => Claim::Before(before.clone()),
            _ => {
                self.claims.insert(key.clone(), by.to_owned());
                Claim::Ours
            }
        }
    }

    /// The next number of a channel.
    pub fn next_control(&self, channel: &str) -> u64 {
        self.controls.get(channel).copied().unwrap_or(0)
    }

    /// Whether a batch fits what was before it.
    pub fn check(&self, batch: &[Record]) -> Result<(), Error> {
        // Holds this batch changes itself.
        let mut ahead: HashMap<&str, HoldStanding> = HashMap::new();
        let stale = |hold: &str, what| Err(Error::Stale { hold: hold.to_owned(), what });
        for record in batch {
            match record {
                Record::Held { holds, .. } => {
                    for hold in holds {
                        ahead.insert(&hold.id, HoldStanding { version: 1, left_in: None });
                    }
                }
                Record::HoldChanged { hold, version, .. } => {
                    let Some(mut now) = ahead.get(hold.as_str()).or_else(|| self.holds.get(hold)).cloned()
                    else {
                        return stale(hold, "there is no such hold");
                    };
                    if now.version.checked_add(1) != Some(*version) {
                        return stale(hold, "it is at another version");
                    }
                    now.version = *version;
                    ahead.insert(hold, now);
                }
                Record::Release { file, holds, .. } => {
                    for leaving in holds {
                        let known =
                            ahead.get(leaving.hold.as_str()).or_else(|| self.holds.get(&leaving.hold));
                        let Some(mut now) = known.cloned() else {
                            return stale(&leaving.hold, "there is no such hold");
                        };
                        if now.version != leaving.version {
                            return stale(&leaving.hold, "it is at another version");
                        }
                        if now.left_in.replace(file.clone()).is_some() {
                            return stale(&leaving.hold, "its claim has left");
                        }
                        ahead.insert(&leaving.hold, now);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Takes over what a record says.
    pub fn apply(&mut self, record: &Record) {
        match record {
            Record::Received { file, channel, direction, sha256, .. } => {
                let (channel, sha256) = (channel.clone(), sha256.clone());
                let key = FileKey { channel, direction: *direction, sha256 };
                self.claims.entry(key).or_insert_with(|| file.clone());
                self.unstaged.insert(file.clone());
            }
            Record::Imported { file, channel, direction, sha256, .. } => {
                let (channel, sha256) = (channel.clone(), sha256.clone());
                let key = FileKey { channel, direction: *direction, sha256 };
                self.claims.entry(key).or_insert_with(|| file.clone());
            }
            Record::Staged { file, .. } => {
                self.unstaged.remove(file);
            }
            // Begun again with other bytes: these were never worked, and are no duplicate when they come again.
            Record::Done { file } if self.unstaged.remove(file) => {
                self.claims.retain(|_, by| by != file);
            }
            Record::Held { holds, .. } => {
                for hold in holds {
                    self.holds.insert(hold.id.clone(), HoldStanding { version: 1, left_in: None });
                }
            }
            Record::HoldChanged { hold, version, .. } => {
                self.holds.entry(hold.clone()).or_default().version = *version;
            }
            Record::ControlTaken { channel, number } => {
                let next = self.controls.entry(channel.clone()).or_default();
                *next = (*next).max(number.saturating_add(1));
            }
            Record::Release { file, channel, holds, .. } => {
                for leaving in holds {
                    self.holds.entry(leaving.hold.clone()).or_default().left_in = Some(file.clone());
                }
                self.released(channel);
            }
            // Dropped again, its bytes are worked again; released claims that could not leave are held again.
            Record::Quarantined { file, .. } => {
                self.claims.retain(|_, by| by != file);
                for hold in self.holds.values_mut().filter(|h| h.left_in.as_deref() == Some(file.as_str())) {
                    hold.left_in = None;
                }
            }
            _ => {}
        }
    }

    /// Before numbers were journalled as they were taken, each release took the next.
    fn released(&mut self, channel: &str) {
        let releases = self.controls.entry(format!("\0{channel}")).or_default();
        *releases += 1;
        let releases = *releases;
        let next = self.controls.entry(channel.to_owned()).or_default();
        *next = (*next).max(releases);
    }
}
