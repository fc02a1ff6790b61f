//! Failed sign-ins: who guesses waits, each time longer, and so do all when many guess.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Failures of one name that cost nothing.
const FREE: u32 = 5;
/// The first wait; each further one is twice as long.
const FIRST: Duration = Duration::from_secs(15);
/// The longest.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// Failures of all names within a minute.
const ALL: usize = 60;
/// Names that are remembered: who makes names up fills no memory.
const NAMES: usize = 1000;

#[derive(Debug, Default)]
struct Failed {
    names: HashMap<String, (u32, Duration)>,
    all: Vec<Duration>,
}

/// What failed lately. Times are those of a clock that never goes back.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<Failed>);

impl Throttle {
    /// How long a name must wait; nothing where it may be tried.
    #[must_use]
    pub fn wait(&self, name: &str, now: Duration) -> Option<Duration> {
        let mut failed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failed.all.retain(|at| now < *at + Duration::from_secs(60));
        if failed.all.len() >= ALL {
            return failed.all.first().map(|at| (*at + Duration::from_secs(60)).saturating_sub(now));
        }
        let (count, last) = failed.names.get(name)?;
        let more = count.checked_sub(FREE)?;
        let wait = FIRST.saturating_mul(1 << more.min(10)).min(LONGEST);
        (*last + wait).checked_sub(now).filter(|left| !left.is_zero())
    }

    /// A sign-in failed.
    pub fn failed(&self, name: &str, now: Duration) {
        let mut failed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failed.all.push(now);
        if failed.names.len() >= NAMES && !failed.names.contains_key(name) {
            let oldest = failed.names.iter().min_by_key(|(_, (_, last))| *last).map(|(name, _)| name.clone());
            oldest.and_then(|name| failed.names.remove(&name));
        }
        let one = failed.names.entry(name.to_owned()).or_default();
        *one = (one.0.saturating_add(1), now);
    }

    /// One succeeded.
    pub fn succeeded(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).names.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn who_guesses_waits_longer_each_time() {
        let throttle = Throttle::default();
        (0..FREE - 1).for_each(|_| throttle.failed("mia", at(0)));
        assert_eq!(throttle.wait("mia", at(0)), None);
        throttle.failed("mia", at(0));
        assert_eq!(throttle.wait("mia", at(5)), Some(at(10)));
        assert_eq!(throttle.wait("ana", at(5)), None);
        throttle.failed("mia", at(15));
        assert_eq!(throttle.wait("mia", at(15)), Some(at(30)));
        throttle.succeeded("mia");
        assert_eq!(throttle.wait("mia", at(15)), None);
    }

    #[test]
    fn many_names_at_once_are_held_up_too() {
        let throttle = Throttle::default();
        (0..ALL).for_each(|n| throttle.failed(&format!("n{n}"), at(1)));
        assert_eq!(throttle.wait("ana", at(2)), Some(at(59)));
        assert_eq!(throttle.wait("ana", at(61)), None);
        (0..2 * NAMES).for_each(|n| throttle.failed(&format!("m{n}"), at(3)));
        assert!(throttle.0.lock().unwrap().names.len() <= NAMES);
    }
}
