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
    /// Whose they are, and the days they have services on.
    claims: VecDeque<(Who, Vec<Date>)>,
    /// What was billed, by key and day, each with the byte of its claim, in file order.
    by_day: HashMap<(u64, Date), VecDeque<(u64, Billed)>>,
}

impl Ring {
    /// Adds the claims of a piece, in file order, and says whether a service of one of them meets an earlier one of the same key and
    /// day, by what `meets` says of the two: then the piece must be judged again, looking back.
    pub fn add(&mut self, seen: Vec<Seen>, meets: impl Fn(&Billed, &Billed) -> bool) -> bool {
        let mut met = false;
        for Seen { who, billed } in seen {
            let mut days: Vec<Date> = billed.iter().map(|b| b.days.0).collect();
            days.sort_unstable();
            days.dedup();
            met |= billed.iter().any(|own| {
                let earlier = self.by_day.get(&(who.key, own.days.0));
                earlier.is_some_and(|earlier| earlier.iter().any(|(_, e)| meets(own, e)))
            });
            for service in billed {
                self.by_day.entry((who.key, service.days.0)).or_default().push_back((who.claim, service));
            }
            self.claims.push_back((who, days));
        }
        met
    }

    /// Forgets claims beyond the last 5,000; only after the piece that was added is done.
    pub fn forget(&mut self) {
        while self.claims.len() > CLAIMS {
            let Some((who, days)) = self.claims.pop_front() else { return };
            for day in days {
                if let Some(billed) = self.by_day.get_mut(&(who.key, day)) {
                    while billed.front().is_some_and(|(claim, _)| *claim <= who.claim) {
                        billed.pop_front();
                    }
                    if billed.is_empty() {
                        self.by_day.remove(&(who.key, day));
                    }
                }
            }
        }
    }
}

impl Past for Ring {
    fn billed(&self, who: &Who, day: Date) -> Vec<Billed> {
        let Some(billed) = self.by_day.get(&(who.key, day)) else { return Vec::new() };
        // The claim itself and those behind it in its piece stand here too, and some of more than 5,000 claims back.
        let at = self.claims.partition_point(|(w, _)| w.claim < who.claim);
        let first = self.claims.get(at.saturating_sub(CLAIMS)).map_or(0, |(w, _)| w.claim);
        billed.iter().filter(|(claim, _)| (first..who.claim).contains(claim)).map(|(_, b)| *b).collect()
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
        let add = |ring: &mut Ring, seen| ring.add(seen, |a, b| a.code == b.code);
        let mut ring = Ring::default();
        assert!(!add(&mut ring, vec![seen(1, 1, today)]));
        assert!(!add(&mut ring, vec![seen(2, 2, today), seen(1, 3, other)]), "another patient, another day");
        assert!(add(&mut ring, vec![seen(1, 4, today)]));
        let before = |ring: &Ring, claim| ring.billed(&Who { key: 1, claim }, today).len();
        assert_eq!((before(&ring, 1), before(&ring, 4), before(&ring, 5)), (0, 1, 2));
        for n in 5..5_005i64 {
            let day = date(2026, 12, 1).checked_add(jiff::Span::new().days(n)).unwrap();
            assert!(!add(&mut ring, vec![seen(3, n.unsigned_abs(), day)]));
            ring.forget();
        }
        assert_eq!(before(&ring, 5_006), 0);
        assert!(ring.by_day.len() == 5_000 && ring.claims.len() == 5_000);
    }
}
