//! The year's shape of a rate, where two years of weeks show one.

use super::finding::Tally;
use super::regression::{Row, fit};
use super::scan::{Span, shift};
use super::site::Series;
use super::sums::Sums;

/// Fewest weeks in which a yearly shape can be told from a drift.
const TWO_YEARS: usize = 104;
/// Fewest denials for a shape of the series' own.
const FEWEST: u32 = 200;

/// What multiplies each week's volume by the time of the year.
pub(super) fn season(series: &Series, span: Span, dispersion: f64) -> Option<Vec<f64>> {
    let (weeks, fitted) = (series.denied.len(), span.first());
    // In less a change would be taken for one.
    if weeks - span.from.min(weeks) < TWO_YEARS || series.denied.iter().sum::<u32>() < FEWEST {
        return None;
    }
    let step = shift(&Sums::of(series, None), fitted);
    let terms = |week: usize| {
        let year = std::f64::consts::TAU * week as f64 / 52.1775;
        // The step is thrown away: it only keeps a level shift from being taken for a season.
        [1.0, f64::from(u8::from(week >= step)), year.cos(), year.sin()]
    };
    let rows = |seasonal: bool| -> Vec<Row<4>> {
        let row = |(week, (denied, volume)): (usize, (&u32, &f64))| {
            let [one, step, cos, sin] = terms(week);
            let terms = if seasonal { [one, step, cos, sin] } else { [one, step, 0.0, 0.0] };
            let weight = f64::from(u8::from(*volume > 0.0));
            Row { terms, offset: volume.max(1e-9).ln(), count: f64::from(*denied), weight }
        };
        series.denied.iter().zip(&series.adjudicated).take(fitted).enumerate().map(row).collect()
    };
    let likelihood = |rows: &[Row<4>]| {
        let fit = fit(rows, None)?;
        let of = |r: &Row<4>| {
            let mean = fit.ln_mean(&r.terms, r.offset);
            r.weight * (r.count * mean - mean.exp())
        };
        Some((rows.iter().map(of).sum::<f64>(), fit))
    };
    let (plain, _) = likelihood(&rows(false))?;
    let (seasonal, fit) = likelihood(&rows(true))?;
    // BIC with two more terms.
    if (seasonal - plain) / dispersion < (fitted as f64).ln() {
        return None;
    }
    let [_, _, cos, sin] = fit.coefficients;
    let factor = |week: usize| {
        let [_, _, c, s] = terms(week);
        (cos * c + sin * s).exp()
    };
    Some((0..weeks).map(factor).collect())
}

/// True when a wider series' season makes this one's weeks likelier than none.
pub(super) fn suits(series: &Series, season: &[f64], fitted: usize) -> bool {
    let (mut plain, mut shaped, mut logs) = (Tally::default(), 0.0, 0.0);
    for ((denied, volume), factor) in series.denied.iter().zip(&series.adjudicated).zip(season).take(fitted) {
        let denied = f64::from(*denied);
        plain = plain.plus(Tally { denied, exposure: *volume });
        shaped += volume * factor;
        logs += denied * factor.ln();
    }
    logs - plain.denied * (shaped / plain.exposure).ln() > 0.0
}
