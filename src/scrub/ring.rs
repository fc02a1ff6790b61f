//! The last claims of a file: what was billed before, for checks that look across claims. It is asked where results are merged in file order, so
//! that any number of threads sees the same past.

use std::collections::{HashMap, VecDeque};

use jiff::civil::Date;

use crate::edits::{Billed, Past, Who};

/// How many claims it looks back.
const CLAIMS: usize = 5_000;

/// A claim as others may look back at it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Whose it is.
    pub who: Who,
    /// Its services.
    pub billed: Vec<Billed>,
}

/// The last claims.
#[derive(Debug, Default)]
pub struct Ring {
    claims: VecDeque<Seen>,
    /// How many claims in it have a key.
    keys: HashMap<u64, u32>,
}

impl Ring {
    /// Adds the claims of a piece, in file order, and says whether one of them has services on a day of an earlier one by the same
    /// key: then the piece must be judged again, looking back.
    pub fn add(&mut self, seen: Vec<Seen>) -> bool {
        let mut meets = false;
        for claim in seen {
            if claim.billed.is_empty() {
                continue;
            }
            meets |= self.keys.contains_key(&claim.who.key) && {
                let day = |d: Date| claim.billed.iter().any(|b| b.days.0 == d);
                let before = self.claims.iter().filter(|c| c.who.key == claim.who.key);
                before.flat_map(|c| &c.billed).any(|b| day(b.days.0))
            };
            *self.keys.entry(claim.who.key).or_default() += 1;
            self.claims.push_back(claim);
        }
        meets
    }

    /// Forgets claims beyond the last 5,000; only after the piece that was added is done.
    pub fn forget(&mut self) {
        while self.claims.len() > CLAIMS {
            let Some(old) = self.claims.pop_front() else { return };
            if let Some(count) = self.keys.get_mut(&old.who.key) {
                *count -= 1;
                if *count == 0 {
                    self.keys.remove(&old.who.key);
                }
            }
        }
    }
}

impl Past for Ring {
    fn billed(&self, who: &Who, day: Date) -> Vec<Billed> {
        if !self.keys.contains_key(&who.key) {
            return Vec::new();
        }
        let own = |c: &&Seen| c.who.key == who.key && c.who.claim < who.claim;
        // The claim itself and those behind it in its piece stand here too; what is more than 5,000 claims back doesn't count.
        let at = self.claims.partition_point(|c| c.who.claim < who.claim);
        let window = self.claims.range(at.saturating_sub(CLAIMS)..at);
        window.filter(own).flat_map(|c| &c.billed).filter(|b| b.days.0 == day).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn seen(key: u64, claim: u64, day: Date) -> Seen {
        let billed = Billed {
            code: *b"99213",
            modifiers: Default::default(),
            days: (day, day),
            units: Some(1),
            said: claim,
        };
        Seen { who: Who { key, claim }, billed: vec![billed] }
    }

    #[test]
    fn looks_back_so_far_and_no_further() {
        let (today, other) = (date(2026, 11, 1), date(2026, 11, 2));
        let mut ring = Ring::default();
        assert!(!ring.add(vec![seen(1, 1, today)]));
        assert!(!ring.add(vec![seen(2, 2, today), seen(1, 3, other)]), "another patient, another day");
        assert!(ring.add(vec![seen(1, 4, today)]));
        let before = |ring: &Ring, claim| ring.billed(&Who { key: 1, claim }, today).len();
        assert_eq!((before(&ring, 1), before(&ring, 4), before(&ring, 5)), (0, 1, 2));
        for n in 5..5_005i64 {
            let day = date(2026, 12, 1).checked_add(jiff::Span::new().days(n)).unwrap();
            assert!(!ring.add(vec![seen(3, n.unsigned_abs(), day)]));
            ring.forget();
        }
        assert_eq!(before(&ring, 5_006), 0);
        assert!(ring.keys.len() == 1 && ring.claims.len() == 5_000);
    }
}
