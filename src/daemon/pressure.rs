//! When not to take files: no room on a disk, nobody fetches what is clean, a folder is gone. What is in hand is finished all the same.

use std::collections::BTreeMap;

use super::intake::Candidate;
use super::stage::{OUTLETS, folder};
use crate::config::{Channel, Config};
use crate::events;
use crate::journal::Direction;
use crate::world::{Fs, Kind, Listed, Room};

/// Files a file system must have room for.
const FEWEST: u64 = 1000;

/// Why a channel's files stay where they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// A disk has less room than `state.low_water`.
    LowWater,
    /// Nobody fetches clean files.
    Unfetched,
    /// A drop folder can't be read.
    Unreadable,
    /// A file is longer than `intake.most_bytes`.
    TooLong,
}

impl Cause {
    /// Its name in alerts and events.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Cause::LowWater => "low-water",
            Cause::Unfetched => "unfetched",
            Cause::Unreadable => "unreadable",
            Cause::TooLong => "too-long",
        }
    }

    /// What it means to people, with the channel.
    #[must_use]
    pub fn message(self, channel: &str) -> String {
        match self {
            Cause::LowWater => {
                format!(
                    "There is too little room on a disk: no file of channel {channel} is taken. Make room."
                )
            }
            Cause::Unfetched => {
                format!(
                    "Nobody fetches the clean files of channel {channel}: no more claims of it are taken."
                )
            }
            Cause::Unreadable => {
                format!("A drop folder of channel {channel}, or a file in it, can't be read.")
            }
            Cause::TooLong => {
                format!("A file dropped in channel {channel} is too long and is left where it is.")
            }
        }
    }
}

/// What stands in the way, by channel.
#[derive(Debug, Default)]
pub struct Pressure {
    now: BTreeMap<(String, Cause), bool>,
    /// How many files more may lie unfetched, by channel.
    more: BTreeMap<String, usize>,
}

impl Pressure {
    /// Looks at the disks and the outlets.
    pub fn look(&mut self, fs: &dyn Fs, config: &Config) {
        let low = |room: std::io::Result<Room>| {
            // One that can't be asked is told of where it is used.
            room.is_ok_and(|room| {
                room.free < config.low_water.min(room.bytes / 20) || room.files < FEWEST.min(config.low_water)
            })
        };
        let state_is_low = low(fs.room(&config.state));
        for channel in &config.channels {
            let is_low = state_is_low || OUTLETS.iter().any(|o| low(fs.room(folder(channel, *o))));
            self.set(&channel.name, Cause::LowWater, is_low);
            let files = |listed: Vec<Listed>| listed.iter().filter(|l| l.kind == Kind::File).count();
            let unfetched = fs.list(&channel.clean).map_or(0, files);
            self.more.insert(channel.name.clone(), channel.most_unfetched.saturating_sub(unfetched));
            self.set(&channel.name, Cause::Unfetched, unfetched >= channel.most_unfetched);
        }
    }

    /// Notes whether something stands in the way; an event tells when that changes.
    pub fn set(&mut self, channel: &str, cause: Cause, is: bool) {
        let was = self.now.insert((channel.to_owned(), cause), is).unwrap_or(false);
        if was != is {
            events::pressure(channel, cause.name(), is);
        }
    }

    fn is(&self, channel: &str, cause: Cause) -> bool {
        self.now.get(&(channel.to_owned(), cause)).copied().unwrap_or(false)
    }

    /// True where files of a channel stay where they are.
    #[must_use]
    pub fn is_paused(&self, channel: &Channel, direction: Direction) -> bool {
        let unfetched = direction == Direction::Outbound && self.is(&channel.name, Cause::Unfetched);
        unfetched || self.is(&channel.name, Cause::LowWater)
    }

    /// Leaves out claims whose files would be too many unfetched.
    pub fn thin_out(&self, candidates: &mut Vec<Candidate>) {
        let mut more = self.more.clone();
        candidates.retain(|candidate| {
            let outbound = candidate.meta.direction == Direction::Outbound;
            match more.get_mut(&candidate.meta.channel).filter(|_| outbound) {
                Some(0) => false,
                Some(n) => {
                    *n -= 1;
                    true
                }
                None => true,
            }
        });
    }

    /// Everything that stands in the way.
    pub fn causes(&self) -> impl Iterator<Item = (&str, Cause)> {
        self.now.iter().filter(|(_, is)| **is).map(|((channel, cause), _)| (channel.as_str(), *cause))
    }
}
