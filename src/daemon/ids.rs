//! ULIDs of our own, each later than the last by at least a millisecond, so that their first ten characters differ.

use std::sync::{Mutex, PoisonError};

use ulid::Ulid;

use crate::world::Clock;

/// Hands out ids.
#[derive(Debug, Default)]
pub struct Ids {
    last: Mutex<u64>,
}

impl Ids {
    /// Ids after `id` only; ids seen in the journal are told here.
    pub fn seen(&self, id: &str) {
        if let Ok(ulid) = Ulid::from_string(id) {
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            *last = (*last).max(ulid.timestamp_ms());
        }
    }

    /// The next one.
    pub fn next(&self, clock: &dyn Clock) -> String {
        let now = u64::try_from(clock.now().as_millisecond()).unwrap_or(0);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = now.max(*last + 1);
        Ulid::from_parts(*last, clock.random()).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::World;

    #[test]
    fn ten_characters_differ_even_within_a_millisecond() {
        let ids = Ids::default();
        let clock = World::real().clock;
        let mut heads: Vec<String> = (0..1000).map(|_| ids.next(&*clock)[..10].to_owned()).collect();
        assert!(heads.is_sorted());
        heads.dedup();
        assert_eq!(heads.len(), 1000);
        let after = Ids::default();
        after.seen("7ZZZZZZZZA0000000000000000");
        assert!(after.next(&*clock).as_str() > "7ZZZZZZZZA");
    }
}
