//! When edits began or ceased to stop claims: how each stood, before and after.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::edit::{Severity, Status};
use super::set::EditSet;
use crate::payers::Switch;

/// What became of an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    /// It stops claims now, and did not.
    On,
    /// It stopped claims, and no longer does.
    Off,
    /// It says something else, or looks at something else.
    Changed,
}

/// An edit that stands otherwise than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditChange {
    /// Day at the site since which it does.
    pub day: Date,
    /// Its id.
    pub edit: String,
    /// The payer whose pack treats it otherwise; none: all payers.
    pub payer: Option<String>,
    /// What became of it.
    pub turn: Turn,
}

/// How edits stand: by edit, or `edit@payer`; a word for what it does and a print of its definition.
pub type Standings = Vec<(String, String)>;

impl EditSet {
    /// How every edit stands here, those that don't run for want of a code set among them.
    #[must_use]
    pub fn standings(&self) -> Standings {
        let off: Vec<&str> = self.off().map(|(edit, _)| edit.id.as_str()).collect();
        let edits = self.edits().iter().filter(|e| e.status != Status::Retired).map(|e| {
            let does = match (e.status, e.severity) {
                (Status::Active, _) if off.contains(&e.id.as_str()) => "off",
                (Status::Active, Severity::Warn) => "warn",
                (Status::Active, _) => "stop",
                _ => "draft",
            };
            (e.id.clone(), format!("{does} {}", e.print))
        });
        let of_payers = self.payers().iter().flat_map(|pack| {
            pack.edits.iter().map(|(edit, switch)| {
                let does = match switch {
                    Switch::Off => "off",
                    Switch::Shadow => "shadow",
                    Switch::Warn => "warn",
                    Switch::Hold | Switch::Reject => "stop",
                };
                (format!("{edit}@{}", pack.id), does.to_owned())
            })
        });
        edits.chain(of_payers).collect()
    }
}

/// What changed between two standings. An edit that came or went as a whole changed with it.
#[must_use]
pub fn changes(before: &[(String, String)], after: &[(String, String)], day: Date) -> Vec<EditChange> {
    let index = |of: &[(String, String)]| of.iter().cloned().collect::<BTreeMap<String, String>>();
    let (before, after) = (index(before), index(after));
    let mut found = Vec::new();
    let keys: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for key in keys {
        let (was, is) = (stands(&before, key), stands(&after, key));
        if was == is {
            continue;
        }
        let turn = match (stops(was), stops(is)) {
            (false, true) => Turn::On,
            (true, false) => Turn::Off,
            // What stops nobody is nobody's business.
            (false, false) => continue,
            (true, true) => Turn::Changed,
        };
        let (edit, payer) =
            key.split_once('@').map_or((key.as_str(), None), |(e, p)| (e, Some(p.to_owned())));
        found.push(EditChange { day, edit: edit.to_owned(), payer, turn });
    }
    found
}

/// How an edit stands; at a payer that says nothing of it, as everywhere.
fn stands<'a>(of: &'a BTreeMap<String, String>, key: &str) -> &'a str {
    let own = of.get(key).or_else(|| of.get(key.split_once('@')?.0));
    own.map_or("", String::as_str)
}

fn stops(standing: &str) -> bool {
    standing.split(' ').next() == Some("stop")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(before: &[(&str, &str)], after: &[(&str, &str)]) -> Vec<(String, Option<String>, Turn)> {
        let own = |of: &[(&str, &str)]| -> Standings {
            of.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
        };
        let day = jiff::civil::date(2026, 11, 16);
        changes(&own(before), &own(after), day).into_iter().map(|c| (c.edit, c.payer, c.turn)).collect()
    }

    #[test]
    fn an_edit_begins_to_stop_claims_ceases_or_changes() {
        let before =
            [("E5-001", "stop aa"), ("E5-005", "off bb"), ("E5-006", "stop cc"), ("E5-007", "warn dd")];
        let after = [("E5-001", "stop ab"), ("E5-005", "stop bb"), ("E5-007", "draft dd")];
        let expected = [("E5-001", Turn::Changed), ("E5-005", Turn::On), ("E5-006", Turn::Off)];
        let expected: Vec<_> = expected.iter().map(|(e, t)| ((*e).to_owned(), None, *t)).collect();
        assert_eq!(told(&before, &after), expected);
        assert_eq!(told(&before, &before), []);
    }

    #[test]
    fn a_pack_changes_an_edit_for_its_payer_alone() {
        let plain = [("E5-001", "stop aa")];
        let off = [("E5-001", "stop aa"), ("E5-001@ZZP01", "off")];
        let one = |turn| vec![("E5-001".to_owned(), Some("ZZP01".to_owned()), turn)];
        assert_eq!(told(&plain, &off), one(Turn::Off));
        assert_eq!(told(&off, &plain), one(Turn::On));
        assert_eq!(told(&[("E5-001", "warn aa")], &[("E5-001", "warn aa"), ("E5-001@ZZP01", "off")]), []);
    }

    #[test]
    fn a_set_says_how_its_edits_stand() {
        let set = EditSet::shipped().unwrap();
        let standings = set.standings();
        let of = |id: &str| standings.iter().find(|(key, _)| key == id).map(|(_, s)| s.as_str());
        let print = &set.get("E3-001").unwrap().print;
        assert_eq!((of("E3-001"), print.len()), (Some(format!("stop {print}").as_str()), 8));
        assert_eq!(set.edits().len(), standings.iter().filter(|(key, _)| !key.contains('@')).count());
    }
}
