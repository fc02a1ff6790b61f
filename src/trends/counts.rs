//! Weekly counts without a volume: what the weeks before lead to expect, and how odd the last one is.
//!
//! A quasi-Poisson log-linear model with a trend and up to two yearly harmonics, each kept where BIC asks for it, is fitted to all weeks before
//! the one judged. Weeks beyond its tail weigh less, so that past outbreaks don't widen what is expected; leaving them out
//! altogether would make the rest look calmer than it is. The score is the logarithm of a likelihood ratio: that a rise began this week or the
//! week before, averaged over its sizes, against that none did.

use super::distribution::{ln_chance, normal_upper, upper_tail};
use super::regression::{Fit, Row, fit};

/// Constant, trend, two harmonics.
const TERMS: usize = 6;
const WEEKS_A_YEAR: f64 = 52.0;
/// The trend's unit, so that its coefficient is of the size of the others.
const FIVE_YEARS: f64 = 263.0;
/// Weeks this many standard deviations above the expected weigh less, as in Noufaily et al. 2013.
const OUTLIER: f64 = 2.58;
const OUTLIER_WEIGHT: f64 = 0.3;
/// Rounds of fitting and weighing.
const ROUNDS: usize = 3;
/// Sizes a rise may have, in standard deviations of a week; never fewer than two cases.
const SIZES: [f64; 4] = [2.0, 3.0, 5.0, 10.0];
/// Shares of a rise's cases in its first and second week: a lognormal(0, 0.5) cut into weeks.
const FIRST_SHARE: f64 = 0.5;
const SECOND_SHARE: f64 = 0.417;
/// A rise that began last week counts by half, and only where this week is high too: its tail is below.
const LATE_WEIGHT: f64 = 0.5;
const LATE_TAIL: f64 = 0.1;

/// What the weeks so far lead to expect of a week.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected {
    /// Mean count.
    pub mean: f64,
    /// Variance over mean, of a count that is yet to come: the series' own dispersion and the doubt about the mean.
    pub dispersion: f64,
}

/// A model of one series, kept from week to week.
#[derive(Clone, Debug)]
pub struct CountModel {
    trend: bool,
    harmonics: usize,
    weights: Vec<f64>,
    fit: Fit<TERMS>,
    dispersion: f64,
}

impl CountModel {
    /// Chooses terms by BIC and fits them to these weeks, oldest first. None where there are too few to fit anything.
    #[must_use]
    pub fn choose(counts: &[u32]) -> Option<CountModel> {
        let mut full = CountModel {
            trend: true,
            harmonics: 2,
            weights: Vec::new(),
            fit: Fit { coefficients: [0.0; TERMS], covariance: [[0.0; TERMS]; TERMS] },
            dispersion: 1.0,
        };
        full.fit = fit(&full.rows(counts), None)?;
        full.refit(counts)?;
        let mut best = (f64::INFINITY, true, 2);
        for trend in [false, true] {
            for harmonics in 0..=2 {
                let model = CountModel { trend, harmonics, ..full.clone() };
                let rows = model.rows(counts);
                let Some(fit) = fit(&rows, None) else { continue };
                let likelihood: f64 = rows
                    .iter()
                    .map(|r| (fit.ln_mean(&r.terms, 0.0), r))
                    .map(|(mean, r)| r.weight * (r.count * mean - mean.exp()))
                    .sum();
                let terms = 1 + usize::from(trend) + 2 * harmonics;
                let bic = (counts.len() as f64).ln() * terms as f64 - 2.0 * likelihood / full.dispersion;
                if bic < best.0 {
                    best = (bic, trend, harmonics);
                }
            }
        }
        let mut chosen = CountModel { trend: best.1, harmonics: best.2, ..full };
        chosen.fit = fit(&chosen.rows(counts), None)?;
        chosen.refit(counts)?;
        Some(chosen)
    }

    /// Fits the same terms to these weeks, of which there may be more than before. None where they can't be fitted; then nothing changes.
    pub fn refit(&mut self, counts: &[u32]) -> Option<()> {
        let before = self.clone();
        let fitted = (0..ROUNDS).try_for_each(|_| {
            self.fit = self.fitted(counts)?;
            self.dispersion = self.dispersion(counts);
            self.weigh(counts);
            Some(())
        });
        let done = fitted.and_then(|()| {
            self.fit = self.fitted(counts)?;
            self.dispersion = self.dispersion(counts);
            Some(())
        });
        if done.is_none() {
            *self = before;
        }
        done
    }

    /// What to expect of a week, counted from the first that was fitted.
    #[must_use]
    pub fn expected(&self, week: usize) -> Expected {
        let terms = self.terms(week);
        let mean = self.fit.ln_mean(&terms, 0.0).exp();
        Expected { mean, dispersion: self.dispersion * (1.0 + mean * self.fit.variance(&terms)) }
    }

    fn terms(&self, week: usize) -> [f64; TERMS] {
        let year = 2.0 * std::f64::consts::PI * week as f64 / WEEKS_A_YEAR;
        let [one, two] = [self.harmonics >= 1, self.harmonics >= 2].map(|used| f64::from(u8::from(used)));
        [
            1.0,
            if self.trend { week as f64 / FIVE_YEARS - 0.5 } else { 0.0 },
            one * year.cos(),
            one * year.sin(),
            two * (2.0 * year).cos(),
            two * (2.0 * year).sin(),
        ]
    }

    fn rows(&self, counts: &[u32]) -> Vec<Row<TERMS>> {
        let weights = self.weights.iter().copied().chain(std::iter::repeat(1.0));
        let row = |(week, (count, weight)): (usize, (&u32, f64))| Row {
            terms: self.terms(week),
            offset: 0.0,
            count: f64::from(*count),
            weight,
        };
        counts.iter().zip(weights).enumerate().map(row).collect()
    }

    fn fitted(&self, counts: &[u32]) -> Option<Fit<TERMS>> {
        fit(&self.rows(counts), Some(self.fit.coefficients))
    }

    /// Weighted Pearson statistic over its degrees of freedom; never below one.
    fn dispersion(&self, counts: &[u32]) -> f64 {
        let (mut squares, mut weights) = (0.0, 0.0);
        for row in self.rows(counts) {
            let mean = self.fit.ln_mean(&row.terms, 0.0).exp();
            squares += row.weight * (row.count - mean).powi(2) / mean;
            weights += row.weight;
        }
        let terms = 1 + usize::from(self.trend) + 2 * self.harmonics;
        (squares / (weights - terms as f64).max(1.0)).max(1.0)
    }

    fn weigh(&mut self, counts: &[u32]) {
        let beyond = normal_upper(OUTLIER);
        let weight = |row: Row<TERMS>| {
            let mean = self.fit.ln_mean(&row.terms, 0.0).exp();
            let above = row.count - mean;
            // Only what lies a standard deviation above may be an outlier: the tail is dear.
            let outlier = above > 0.0
                && above * above > self.dispersion * mean
                && upper_tail(row.count, mean, self.dispersion) < beyond;
            if outlier { OUTLIER_WEIGHT } else { 1.0 }
        };
        self.weights = self.rows(counts).into_iter().map(weight).collect();
    }

    /// How much likelier the counts up to `week` are with a rise that began in `week - late` than without, averaged over its sizes.
    fn ratio(&self, counts: &[u32], week: usize, late: usize) -> f64 {
        let doubt = self.expected(week);
        // The doubt about the mean is that of the week judged: the week before lies too near to differ.
        let doubt = (doubt.dispersion - self.dispersion) / doubt.mean;
        let Some(start) = week.checked_sub(late) else { return 0.0 };
        let deviation = (self.dispersion * self.expected(start).mean).sqrt();
        let of_size = |size: f64| -> f64 {
            let cases = (size * deviation).max(2.0);
            let weeks = (start..=week).zip([FIRST_SHARE, SECOND_SHARE]);
            let sum: f64 = weeks
                .filter_map(|(at, share)| {
                    let (count, mean) = (f64::from(*counts.get(at)?), self.expected(at).mean);
                    let (more, dispersion) = (cases * share, self.dispersion + mean * doubt);
                    let with = mean + more;
                    Some(
                        ln_chance(count, with, (dispersion * mean + more) / with)
                            - ln_chance(count, mean, dispersion),
                    )
                })
                .sum();
            sum.min(600.0).exp()
        };
        SIZES.into_iter().map(of_size).sum::<f64>() / SIZES.len() as f64
    }

    /// The score of `week` by a model of the weeks before it: zero where a rise is as likely as none.
    #[must_use]
    pub fn score(&self, counts: &[u32], week: usize) -> f64 {
        let Some(&count) = counts.get(week) else { return 0.0 };
        let expected = self.expected(week);
        let high = upper_tail(f64::from(count), expected.mean, expected.dispersion) < LATE_TAIL;
        let late = if high { LATE_WEIGHT * self.ratio(counts, week, 1) } else { 0.0 };
        (self.ratio(counts, week, 0) + late).ln()
    }
}

/// Scores of the weeks from `first` on, each by the weeks before it alone. Terms are chosen at `first` and kept. None where the weeks before
/// can't be fitted.
#[must_use]
pub fn scores(counts: &[u32], first: usize) -> Option<Vec<f64>> {
    let mut model = CountModel::choose(counts.get(..first)?)?;
    let mut scores = Vec::with_capacity(counts.len() - first);
    for week in first..counts.len() {
        if week > first {
            // A week that can't be fitted is judged by the fit before it.
            let _ = model.refit(counts.get(..week)?);
        }
        scores.push(model.score(counts, week));
    }
    Some(scores)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trends::chance::Chance;

    /// Five years of a rising series with a season, an outbreak in the third, and whatever more in the last week.
    fn series(seed: u64, more: u32) -> Vec<u32> {
        let mut chance = Chance::new(seed);
        let mut counts: Vec<u32> = (0..264)
            .map(|t| {
                let year = 2.0 * std::f64::consts::PI * f64::from(t) / 52.0;
                let mean = (1.5 + 0.002 * f64::from(t) + 0.4 * year.sin()).exp();
                chance.count(mean, 1.5) + if (130..133).contains(&t) { 15 } else { 0 }
            })
            .collect();
        counts[263] += more;
        counts
    }

    #[test]
    fn trend_season_and_dispersion_are_found_through_an_outbreak() {
        let (mut means, mut dispersions) = (0.0, 0.0);
        for seed in 0..20 {
            let model = CountModel::choose(&series(seed, 0)[..263]).unwrap();
            let year = 2.0 * std::f64::consts::PI * 263.0 / 52.0;
            means += model.expected(263).mean / (1.5 + 0.002 * 263.0 + 0.4 * f64::sin(year)).exp() / 20.0;
            dispersions += model.dispersion / 20.0;
        }
        assert!((means - 1.0).abs() < 0.1, "{means}");
        assert!((1.2..2.0).contains(&dispersions), "{dispersions}");
    }

    #[test]
    fn a_week_of_five_deviations_more_stands_out() {
        let score = |seed, more| scores(&series(seed, more), 263).unwrap()[0];
        let high = (0..20).filter(|seed| score(*seed, 17) > 2.747).count();
        let usual = (0..20).filter(|seed| score(*seed, 0) > 2.747).count();
        assert!(high >= 18 && usual <= 1, "{high} {usual}");
    }

    #[test]
    fn series_of_zeros_and_short_ones_say_nothing() {
        let score = scores(&[0; 60], 52).unwrap();
        assert!(score.iter().all(|s| *s < 0.5), "{score:?}");
        assert!(scores(&[3, 4], 1).is_none_or(|s| s.iter().all(|s| s.is_finite())));
        assert!(scores(&[], 1).is_none());
    }
}
