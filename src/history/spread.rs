//! Days, counted by how many: quantiles of as many as there are, in little memory.

use std::collections::BTreeMap;

use serde::Serialize;

/// How often each number of days came.
#[derive(Clone, Debug, Default)]
pub struct Spread(BTreeMap<i32, u64>);

/// What a spread comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Quantiles {
    /// How many.
    pub n: u64,
    /// Half of them take no longer.
    pub median: i32,
    /// Nine in ten.
    pub p90: i32,
    /// Nineteen in twenty.
    pub p95: i32,
}

impl Spread {
    /// One more.
    pub fn add(&mut self, days: i32) {
        *self.0.entry(days).or_default() += 1;
    }

    /// These too.
    pub fn plus(&mut self, other: &Spread) {
        other.0.iter().for_each(|(days, times)| *self.0.entry(*days).or_default() += times);
    }

    /// The least number of days within which this share of them lies, in percent; none without any.
    #[must_use]
    pub fn at(&self, percent: u64) -> Option<i32> {
        let n: u64 = self.0.values().sum();
        let wanted = (n * percent).div_ceil(100).max(1);
        let mut seen = 0;
        self.0.iter().find_map(|(days, times)| {
            seen += times;
            (seen >= wanted).then_some(*days)
        })
    }

    /// Median, 90 and 95 percent.
    #[must_use]
    pub fn quantiles(&self) -> Option<Quantiles> {
        let n = self.0.values().sum();
        Some(Quantiles { n, median: self.at(50)?, p90: self.at(90)?, p95: self.at(95)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_days_that_came() {
        let mut spread = Spread::default();
        assert_eq!(spread.quantiles(), None);
        (1..=10).for_each(|days| spread.add(days));
        assert_eq!(spread.quantiles(), Some(Quantiles { n: 10, median: 5, p90: 9, p95: 10 }));
    }
}
