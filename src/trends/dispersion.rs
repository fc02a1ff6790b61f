//! How much wider weekly denials spread than by chance alone: of all series of one size, and of one series.

use super::sums::Sums;

/// Classes by mean denials a week: below 1/16, then doubling.
const CLASSES: usize = 16;
/// What a class says counts like so many weeks of the series' own.
const PRIOR_WEEKS: f64 = 25.0;
/// Of a week's square, what lies beyond this many times its variance counts by the weight below: one odd week isn't the rule. Small counts are
/// skewed, and have more room.
const ODD: f64 = 6.6;
const ODD_WEIGHT: f64 = 0.3;
/// A single series may not speak for its class beyond this.
const MOST: f64 = 8.0;

/// Dispersion by class.
#[derive(Clone, Debug)]
pub(super) struct Classes {
    squares: [f64; CLASSES],
    means: [f64; CLASSES],
}

/// Variance over mean of one series, and how sure that is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dispersion {
    /// At least one.
    pub(super) ratio: f64,
    /// Degrees of freedom.
    pub(super) freedom: f64,
}

fn class(a_week: f64) -> usize {
    ((a_week * 16.0).max(1.0).log2().floor() as usize).min(CLASSES - 1)
}

impl Classes {
    pub(super) fn new() -> Classes {
        // What is found before there is a site: half as wide again as chance.
        Classes { squares: [150.0; CLASSES], means: [100.0; CLASSES] }
    }

    /// Adds a series. Week is held against the week before, so that seasons, drifts and shifts count for little.
    pub(super) fn add(&mut self, sums: &Sums, from: usize, end: usize) {
        let rate = sums.between(0, end).rate();
        let (mut squares, mut mean, mut before) = (0.0, 0.0, None);
        for week in sums.weeks(from, end) {
            let residual = week.denied - rate * week.exposure;
            if let Some(before) = before.replace(residual) {
                squares += (residual - before).powi(2) / 2.0;
                mean += rate * week.exposure;
            }
        }
        let at = class(mean / (end.saturating_sub(from) as f64).max(1.0));
        if let (Some(s), Some(m)) = (self.squares.get_mut(at), self.means.get_mut(at)) {
            *s += squares.min(MOST * mean);
            *m += mean;
        }
    }

    pub(super) fn join(&mut self, other: &Classes) {
        let new = Classes::new();
        for ((s, o), n) in self.squares.iter_mut().zip(&other.squares).zip(&new.squares) {
            *s += o - n;
        }
        for ((m, o), n) in self.means.iter_mut().zip(&other.means).zip(&new.means) {
            *m += o - n;
        }
    }

    /// Of series with so many denials a week.
    pub(super) fn of(&self, a_week: f64) -> f64 {
        let at = class(a_week);
        match (self.squares.get(at), self.means.get(at)) {
            (Some(squares), Some(mean)) => (squares / mean).max(1.0),
            _ => 1.5,
        }
    }

    /// Of one series, by its weeks `from` to `to - 1` and its class.
    pub(super) fn of_series(&self, sums: &Sums, from: usize, to: usize) -> Dispersion {
        let whole = sums.between(from, to);
        let weeks = to.saturating_sub(from) as f64;
        let a_week = whole.denied / weeks.max(1.0);
        let prior = self.of(a_week);
        let (mut squares, mut means) = (0.0, 0.0);
        for week in sums.weeks(from, to) {
            let mean = whole.rate() * week.exposure;
            let (square, odd) = ((week.denied - mean).powi(2), ODD * prior * (mean + 3.0 * prior));
            squares += if square > odd { odd + ODD_WEIGHT * (square - odd) } else { square };
            means += mean;
        }
        // A week with few denials says little of how they spread.
        let known = (weeks - 1.0).max(0.0) * 2.0 * a_week / (2.0 * a_week + 1.0);
        let own = if means > 0.0 && weeks > 1.0 { squares / means * weeks / (weeks - 1.0) } else { 1.0 };
        let ratio = (PRIOR_WEEKS * prior + known * own) / (PRIOR_WEEKS + known);
        Dispersion { ratio: ratio.max(1.0), freedom: PRIOR_WEEKS + known }
    }
}
