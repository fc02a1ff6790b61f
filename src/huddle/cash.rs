//! What a payer may be expected to pay in the next weeks: its own pace applied to what it has not decided.

use super::gather::{AGES, Pace};
use crate::x12::Cents;

/// Weeks ahead.
pub const AHEAD: usize = 4;
/// Decisions below which a payer's own pace is too little known: that of all payers is taken.
const FEWEST: i64 = 20;
/// A standard normal value lies within this nineteen times in twenty.
const Z: f64 = 1.96;

/// One week ahead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ahead {
    /// Cents expected.
    pub expected: Cents,
    /// Cents it lies above in 39 of 40 cases, if the payer keeps its pace and claims are decided one by one.
    pub low: Cents,
    /// Cents it lies below in 39 of 40.
    pub high: Cents,
}

/// Chance that a claim not decided for so many whole weeks is decided in the next: claims still open count as long as they were watched.
fn hazards(pace: &Pace) -> [f64; AGES] {
    let mut hazards = [0.0; AGES];
    let (mut decided_later, mut open_later) = (0, 0);
    let weeks = hazards.iter_mut().zip(pace.decided.iter().zip(pace.open)).rev();
    for (hazard, (decided, open)) in weeks {
        decided_later += decided;
        let at_risk = decided_later + open_later + if decided_later > 0 { pace.late.claims } else { 0 };
        if at_risk > 0 {
            *hazard = *decided as f64 / at_risk as f64;
        }
        // Who has waited exactly so long was not watched through this week.
        open_later += open.claims;
    }
    hazards
}

/// Squared coefficient of variation of what is paid for a claim.
fn spread(pace: &Pace) -> f64 {
    let mean = pace.paid as f64 / pace.paid_for.max(1) as f64;
    if mean <= 0.0 {
        return 0.0;
    }
    (pace.squares / pace.paid_for.max(1) as f64 / (mean * mean) - 1.0).max(0.0)
}

/// Expected cash of the next four weeks. `all`: the pace of all payers together, for one of whom too little is known.
#[must_use]
pub fn ahead(own: &Pace, all: &Pace) -> [Ahead; AHEAD] {
    let known = own.decided.iter().sum::<i64>() >= FEWEST;
    let model = if known { own } else { all };
    let hazards = hazards(model);
    let rate = if model.charged > 0 { model.paid as f64 / model.charged as f64 } else { 0.0 };
    let spread = spread(model);
    let mut weeks = [(0.0, 0.0); AHEAD];
    for (age, open) in own.open.iter().enumerate().filter(|(_, open)| open.claims > 0) {
        let mean = open.amount as f64 * rate / open.claims as f64;
        let mut waits = 1.0;
        for (sum, hazard) in weeks.iter_mut().zip(hazards.iter().skip(age)) {
            let chance = waits * hazard;
            waits *= 1.0 - hazard;
            sum.0 += open.claims as f64 * chance * mean;
            // Of when it is decided, and of how much is paid then.
            sum.1 += open.claims as f64 * chance * (1.0 + spread - chance) * mean * mean;
        }
    }
    weeks.map(|(mean, variance): (f64, f64)| {
        let wide = Z * variance.sqrt();
        Ahead {
            expected: mean.round() as Cents,
            low: (mean - wide).max(0.0).round() as Cents,
            high: (mean + wide).round() as Cents,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::huddle::gather::Sum;

    #[test]
    fn open_claims_are_expected_at_the_payers_pace() {
        let mut pace = Pace { charged: 100_000, paid: 50_000, ..Pace::default() };
        // Half are decided in the third week, the others in the fourth.
        (pace.decided[2], pace.decided[3]) = (50, 50);
        pace.open[1] = Sum { claims: 10, amount: 20_000 };
        let ahead = ahead(&pace, &Pace::default());
        assert_eq!(ahead.map(|week| week.expected), [0, 5_000, 5_000, 0]);
        assert!(ahead[1].low < 5_000 && ahead[1].high > 5_000);
    }

    #[test]
    fn who_still_waits_counts_while_they_were_watched() {
        let mut pace = Pace::default();
        (pace.decided[0], pace.decided[1]) = (10, 10);
        pace.open[1] = Sum { claims: 20, amount: 1 };
        let hazards = hazards(&pace);
        assert!((hazards[0] - 0.25).abs() < 1e-9 && (hazards[1] - 1.0).abs() < 1e-9, "{hazards:?}");
    }

    #[test]
    fn of_a_payer_hardly_known_the_pace_of_all_is_taken() {
        let mut own = Pace { charged: 100, paid: 100, ..Pace::default() };
        own.decided[0] = 1;
        own.open[0] = Sum { claims: 1, amount: 1_000 };
        let mut all = Pace { charged: 100, paid: 40, ..Pace::default() };
        all.decided[0] = 100;
        assert_eq!(ahead(&own, &all)[0].expected, 400);
        assert_eq!(ahead(&own, &Pace::default())[0].expected, 0);
    }
}
