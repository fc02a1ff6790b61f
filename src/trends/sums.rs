//! A series' weeks, summed so that any stretch of them costs two look-ups.

use super::finding::Tally;
use super::site::Series;

/// Running sums of denials and exposure.
#[derive(Clone, Debug)]
pub(super) struct Sums(Vec<Tally>);

impl Sums {
    /// Of a series; `season` multiplies each week's volume.
    pub(super) fn of(series: &Series, season: Option<&[f64]>) -> Sums {
        let mut sum = Tally::default();
        let mut all = Vec::with_capacity(series.denied.len() + 1);
        all.push(sum);
        let factors = season.unwrap_or_default().iter().copied().chain(std::iter::repeat(1.0));
        for ((denied, adjudicated), factor) in series.denied.iter().zip(&series.adjudicated).zip(factors) {
            let denied = f64::from(*denied);
            // Denials of no known volume stand for themselves.
            let volume = if *adjudicated > 0.0 { *adjudicated } else { denied };
            sum = sum.plus(Tally { denied, exposure: volume * factor });
            all.push(sum);
        }
        Sums(all)
    }

    /// Weeks `from` to `to - 1`.
    pub(super) fn between(&self, from: usize, to: usize) -> Tally {
        let at = |week: usize| self.0.get(week).or(self.0.last()).copied().unwrap_or_default();
        at(to).less(at(from))
    }

    /// Each week from `from` to `to - 1`.
    pub(super) fn weeks(&self, from: usize, to: usize) -> impl Iterator<Item = Tally> {
        let weeks = self.0.get(from..=to.max(from)).unwrap_or_default();
        weeks.iter().zip(weeks.iter().skip(1)).map(|(before, after)| after.less(*before))
    }
}

/// How much likelier these denials are at their own rate than at `expected` in number.
pub(super) fn gain(denied: f64, expected: f64) -> f64 {
    if denied > 0.0 && expected > 0.0 {
        denied * (denied / expected).ln() - (denied - expected)
    } else {
        expected
    }
}
