//! What people may do of an alert: acknowledge, snooze, give to another team, resolve.

use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::book::{Book, MessageState, Status};
use crate::edits::Owner;

/// Longest snooze.
const LONGEST: i64 = 90;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "decision", rename_all = "kebab-case")]
#[schema(as = DecideAlert)]
pub enum Decide {
    /// Somebody is at it.
    Acknowledge,
    /// Nobody is to hear of it until then.
    Snooze {
        /// When it is told again.
        until: Timestamp,
    },
    /// Another team works it.
    Assign {
        /// Which.
        owner: String,
    },
    /// What caused it is put right.
    Resolve {
        /// How, in words.
        note: String,
    },
}

/// Why not, in words for who asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(pub String);

impl Book {
    /// The version a decision brings an alert to. `version` is the one that was seen; the present one where it isn't named.
    ///
    /// # Errors
    /// What stands against it.
    pub fn may(
        &self,
        id: &str,
        version: Option<u64>,
        asked: &Decide,
        now: Timestamp,
    ) -> Result<u64, Refused> {
        let refuse = |why: String| Err(Refused(why));
        let Some(known) = self.alert(id) else { return refuse(format!("there is no alert {id}")) };
        if version.is_some_and(|seen| seen != known.version) {
            let now = known.version;
            return refuse(format!("alert {id} changed meanwhile: it is at version {now} now"));
        }
        match (known.status(now), asked) {
            (Status::Resolved, _) => {
                return refuse(format!("alert {id} was resolved; it comes back by itself when it worsens"));
            }
            (Status::Acknowledged, Decide::Acknowledge) => {
                return refuse(format!("alert {id} was acknowledged before"));
            }
            (_, Decide::Snooze { until }) if *until <= now => {
                return refuse("a snooze ends in the future".to_owned());
            }
            (_, Decide::Snooze { until })
                if *until > now.saturating_add((24 * LONGEST).hours()).unwrap_or(now) =>
            {
                return refuse(format!("nothing is snoozed for more than {LONGEST} days: resolve it"));
            }
            (_, Decide::Assign { owner }) => match Owner::ALL.iter().find(|o| o.name() == owner) {
                None => {
                    let teams: Vec<&str> = Owner::ALL.iter().map(|o| o.name()).collect();
                    return refuse(format!("there is no such team; there are {}", teams.join(", ")));
                }
                Some(owner) if *owner == known.alert.owner => {
                    return refuse(format!("alert {id} is {owner}'s already"));
                }
                Some(_) => {}
            },
            (_, Decide::Resolve { note }) if note.trim().is_empty() => {
                return refuse(format!("alert {id}: say what was put right"));
            }
            _ => {}
        }
        Ok(known.version + 1)
    }

    /// Messages that are to be sent again: one by its id, or all that could not be sent.
    ///
    /// # Errors
    /// When there is none.
    pub fn dead(&self, id: Option<&str>) -> Result<Vec<String>, Refused> {
        let is_dead = |state: &MessageState| matches!(state, MessageState::Dead { .. });
        let dead = self.messages().filter(|(_, m)| is_dead(&m.state));
        let dead: Vec<String> =
            dead.filter(|(m, _)| id.is_none_or(|id| *m == id)).map(|(m, _)| m.to_owned()).collect();
        match (dead.is_empty(), id) {
            (false, _) => Ok(dead),
            (true, Some(id)) => Err(Refused(format!("no message {id} waits to be sent again"))),
            (true, None) => Err(Refused("no message waits to be sent again".to_owned())),
        }
    }
}
