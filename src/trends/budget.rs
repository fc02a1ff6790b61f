//! The chance below which a change is told, so that a site without any hears no more than its budget of them.

use super::distribution::upper_tail;

/// Expected denials of the alert weeks from which a series has its full share of the budget.
const FULL: f64 = 10.0;
/// The least share of a series. Where few denials are usual, a rise worth a word is far beyond any threshold.
const LEAST: f64 = 0.1;
/// However few series there are, what comes once in a hundred weeks of one of them is the most that is told.
const MOST: f64 = 0.01;

/// A series' claim on the budget.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    weight: f64,
    /// What it can add to the false findings: never more than the chance that it reaches the least number of claims at all.
    reach: f64,
}

impl Share {
    /// Of a series with so many denials expected in the scan and in the alert weeks, told from `least` claims on.
    pub(super) fn of_rise(scan: f64, alert: f64, dispersion: f64, least: f64) -> Share {
        let reach = if scan >= least {
            1.0
        } else {
            upper_tail((least - 1.0).ceil(), scan.max(1e-9), dispersion).min(1.0)
        };
        Share { weight: (alert / FULL).clamp(LEAST, 1.0), reach }
    }

    /// For falls: none where fewer are expected than must be missing.
    pub(super) fn of_fall(scan: f64, alert: f64, least: f64) -> Share {
        Share { weight: (alert / FULL).clamp(LEAST, 1.0), reach: f64::from(u8::from(scan >= least)) }
    }

    /// Chance below which the series tells, of the threshold for all.
    pub(super) fn threshold(self, whole: f64) -> f64 {
        (self.weight * whole).min(MOST)
    }
}

/// The threshold for all at which the false findings expected of all series, each at most its reach, are `budget`.
pub(super) fn threshold(shares: &[Share], budget: f64) -> f64 {
    let spent = |whole: f64| shares.iter().map(|s| s.threshold(whole).min(s.reach)).sum::<f64>();
    let (mut low, mut high) = (1e-12_f64, MOST / LEAST);
    if spent(high) <= budget {
        return high;
    }
    for _ in 0..50 {
        let middle = (low * high).sqrt();
        if spent(middle) > budget { high = middle } else { low = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_series_leave_their_part_to_others() {
        let common = Share { weight: 1.0, reach: 1.0 };
        assert!((threshold(&[common; 1000], 1.0) - 0.001).abs() < 1e-9);
        let rare = Share { weight: 1.0, reach: 1e-5 };
        let mixed: Vec<Share> = (0..1000).map(|n| if n < 900 { rare } else { common }).collect();
        let at = threshold(&mixed, 1.0);
        assert!((at - (1.0 - 0.009) / 100.0).abs() < 1e-6, "{at}");
        assert_eq!(common.threshold(threshold(&[], 1.0)), MOST);
    }

    #[test]
    fn few_claims_reach_little() {
        assert!(Share::of_rise(0.1, 0.02, 1.5, 5.0).reach < 1e-3);
        assert_eq!(Share::of_rise(6.0, 1.4, 1.0, 5.0).reach, 1.0);
        assert_eq!(Share::of_fall(4.0, 1.0, 5.0).reach, 0.0);
    }
}
