//! What huddles decided and when edits changed, folded from the journal.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::edits::{EditChange, Standings, changes};
use crate::journal::Record;

/// An action as the journal knows it: where its words lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Hex SHA-256 of the action in the archive.
    pub body: String,
    /// Day it was closed, and the hash of what came of it.
    pub closed: Option<(Date, String)>,
}

/// All of it.
#[derive(Debug, Default)]
pub struct Minutes {
    actions: BTreeMap<String, Kept>,
    standings: Option<Standings>,
    changes: Vec<EditChange>,
    /// Id and hash of the first file.
    first: Option<String>,
}

impl Minutes {
    /// Takes over what a record says.
    pub fn apply(&mut self, record: &Record) {
        match record {
            Record::EditsInForce { day, list, .. } => {
                if let Some(before) = &self.standings {
                    self.changes.extend(changes(before, list, *day));
                }
                self.standings = Some(list.clone());
            }
            Record::ActionTaken { action, body, .. } => {
                let fresh = || Kept { body: body.clone(), closed: None };
                self.actions.entry(action.clone()).or_insert_with(fresh);
            }
            Record::ActionClosed { action, day, note, .. } => {
                if let Some(kept) = self.actions.get_mut(action) {
                    kept.closed.get_or_insert((*day, note.clone()));
                }
            }
            Record::Received { file, sha256, .. } | Record::Imported { file, sha256, .. } => {
                self.first.get_or_insert_with(|| format!("{file} {sha256}"));
            }
            _ => {}
        }
    }

    /// What no other state has, and nobody outside knows: pseudonyms are keyed by it where the site has no keys.
    #[must_use]
    pub fn own(&self) -> &str {
        self.first.as_deref().unwrap_or_default()
    }

    /// Every action ever taken, the oldest first.
    pub fn actions(&self) -> impl Iterator<Item = (&str, &Kept)> {
        self.actions.iter().map(|(id, kept)| (id.as_str(), kept))
    }

    /// One action.
    #[must_use]
    pub fn action(&self, id: &str) -> Option<&Kept> {
        self.actions.get(id)
    }

    /// Edits that stand otherwise than before, the oldest change first; none of the time before the first record of them.
    #[must_use]
    pub fn changes(&self) -> &[EditChange] {
        &self.changes
    }

    /// True where these are other standings than the journal's last.
    #[must_use]
    pub fn differ(&self, standings: &Standings) -> bool {
        self.standings.as_ref() != Some(standings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edits::Turn;
    use jiff::civil::date;

    #[test]
    fn an_action_stays_open_until_it_is_closed_once() {
        let mut minutes = Minutes::default();
        let (action, actor) = ("A".to_owned(), "uid 1".to_owned());
        let taken = Record::ActionTaken { action: action.clone(), actor: actor.clone(), body: "b".into() };
        minutes.apply(&taken);
        assert_eq!(minutes.action("A").map(|a| a.closed.is_none()), Some(true));
        for day in [date(2026, 11, 20), date(2026, 11, 21)] {
            let (action, actor) = (action.clone(), actor.clone());
            minutes.apply(&Record::ActionClosed { action, actor, day, note: "n".into() });
        }
        minutes.apply(&taken);
        let closed = minutes.action("A").and_then(|a| a.closed.clone());
        assert_eq!(closed, Some((date(2026, 11, 20), "n".to_owned())));
        assert_eq!(minutes.actions().count(), 1);
    }

    #[test]
    fn edits_change_from_the_second_record_on() {
        let mut minutes = Minutes::default();
        let list = |does: &str| vec![("E5-001".to_owned(), format!("{does} aa"))];
        assert!(minutes.differ(&list("stop")));
        for (day, does) in [(1, "stop"), (8, "off"), (15, "off"), (22, "stop")] {
            let day = date(2026, 11, day);
            minutes.apply(&Record::EditsInForce { edits: String::new(), day, list: list(does) });
        }
        let turns: Vec<_> = minutes.changes().iter().map(|c| (c.day.day(), c.turn)).collect();
        assert_eq!(turns, [(8, Turn::Off), (22, Turn::On)]);
        assert!(!minutes.differ(&list("stop")) && minutes.differ(&list("off")));
    }
}
