//! Detectors over weekly counts: pure statistics.

/// Weeks before the last full one that make the baseline.
pub const BASELINE_WEEKS: usize = 8;
/// Fewest denials of the last full week worth a word.
const FEWEST: u64 = 5;

/// A rise in one series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rise {
    /// Denials in the last full week.
    pub count: u64,
    /// Mean of the weeks before.
    pub mean: f64,
}

/// Says whether `last` exceeds twice the mean of the weeks before it, and is at least five.
#[must_use]
pub fn rise(before: &[u64; BASELINE_WEEKS], last: u64) -> Option<Rise> {
    let sum: u64 = before.iter().sum();
    // last > 2 * sum / weeks, in whole numbers.
    let exceeds = last * BASELINE_WEEKS as u64 > 2 * sum;
    (last >= FEWEST && exceeds).then_some(Rise { count: last, mean: sum as f64 / BASELINE_WEEKS as f64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_the_mean_and_at_least_five() {
        assert_eq!(rise(&[0; 8], 4), None);
        assert_eq!(rise(&[0; 8], 5), Some(Rise { count: 5, mean: 0.0 }));
        assert_eq!(rise(&[3; 8], 6), None, "exactly twice is not more than twice");
        assert_eq!(rise(&[3; 8], 7), Some(Rise { count: 7, mean: 3.0 }));
    }
}
