//! Weighted log-linear fits of counts to a few terms.

/// Rounds of reweighting at most; a fit that needs more moves no decision.
const ROUNDS: usize = 25;
/// The linear predictor is kept within: a series of zeros has no finite fit.
const BOUND: f64 = 12.0;

/// One count and what it is explained by.
#[derive(Clone, Copy, Debug)]
pub struct Row<const N: usize> {
    /// Terms; those not in use are zero in every row.
    pub terms: [f64; N],
    /// Logarithm of the exposure.
    pub offset: f64,
    /// What was counted.
    pub count: f64,
    /// Weight from 0 to 1.
    pub weight: f64,
}

/// Coefficients of a fit.
#[derive(Clone, Copy, Debug)]
pub struct Fit<const N: usize> {
    /// One for each term, in the logarithm.
    pub coefficients: [f64; N],
    /// Their covariance where the counts are Poisson; times the dispersion otherwise.
    pub covariance: [[f64; N]; N],
}

impl<const N: usize> Fit<N> {
    /// Logarithm of the mean at these terms.
    #[must_use]
    pub fn ln_mean(&self, terms: &[f64; N], offset: f64) -> f64 {
        (dot(&self.coefficients, terms) + offset).clamp(-BOUND, BOUND)
    }

    /// Variance of that logarithm where the counts are Poisson.
    #[must_use]
    pub fn variance(&self, terms: &[f64; N]) -> f64 {
        self.covariance.iter().zip(terms).map(|(row, term)| term * dot(row, terms)).sum()
    }
}

fn dot<const N: usize>(a: &[f64; N], b: &[f64; N]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Fits by iterated reweighting from `start`, or from the weighted mean where there is none. The first term is the constant. None where
/// the terms can't be told apart.
#[must_use]
pub fn fit<const N: usize>(rows: &[Row<N>], start: Option<[f64; N]>) -> Option<Fit<N>> {
    let mut fit = Fit { coefficients: start.unwrap_or_else(|| constant(rows)), covariance: [[0.0; N]; N] };
    let unused: [bool; N] = std::array::from_fn(|n| rows.iter().all(|r| r.terms.get(n) == Some(&0.0)));
    for _ in 0..ROUNDS {
        let mut information = [[0.0; N]; N];
        let mut slope = [0.0; N];
        for row in rows {
            let mean = fit.ln_mean(&row.terms, row.offset).exp();
            let (residual, curve) = (row.weight * (row.count - mean), row.weight * mean);
            for ((line, slope), term) in information.iter_mut().zip(&mut slope).zip(&row.terms) {
                *slope += residual * term;
                for (cell, other) in line.iter_mut().zip(&row.terms) {
                    *cell += curve * term * other;
                }
            }
        }
        for (n, line) in information.iter_mut().enumerate() {
            if let (Some(cell), Some(true)) = (line.get_mut(n), unused.get(n)) {
                *cell = 1.0;
            }
        }
        fit.covariance = inverse(information)?;
        let step: [f64; N] =
            std::array::from_fn(|n| fit.covariance.get(n).map_or(0.0, |line| dot(line, &slope)));
        let longest = step.iter().fold(0.0_f64, |most, s| most.max(s.abs()));
        let scale = if longest > 2.0 { 2.0 / longest } else { 1.0 };
        fit.coefficients.iter_mut().zip(step).for_each(|(c, s)| *c += scale * s);
        if longest < 1e-6 {
            break;
        }
    }
    fit.coefficients.iter().all(|c| c.is_finite()).then_some(fit)
}

/// The constant alone.
fn constant<const N: usize>(rows: &[Row<N>]) -> [f64; N] {
    let (counted, exposed) =
        rows.iter().fold((0.1, 1e-9), |(y, e), r| (y + r.weight * r.count, e + r.weight * r.offset.exp()));
    std::array::from_fn(|n| if n == 0 { (counted / exposed).ln() } else { 0.0 })
}

/// Inverse of a symmetric positive matrix; none where a pivot vanishes.
fn inverse<const N: usize>(mut matrix: [[f64; N]; N]) -> Option<[[f64; N]; N]> {
    let mut inverse: [[f64; N]; N] =
        std::array::from_fn(|i| std::array::from_fn(|j| f64::from(u8::from(i == j))));
    for k in 0..N {
        let (mut pivot, mut beside) = (*matrix.get(k)?, *inverse.get(k)?);
        let by = *pivot.get(k)?;
        if by.is_nan() || by <= 1e-12 {
            return None;
        }
        pivot.iter_mut().chain(&mut beside).for_each(|v| *v /= by);
        for (i, (line, other)) in matrix.iter_mut().zip(&mut inverse).enumerate() {
            if i == k {
                (*line, *other) = (pivot, beside);
                continue;
            }
            let factor = *line.get(k)?;
            line.iter_mut().zip(&pivot).for_each(|(v, p)| *v -= factor * p);
            other.iter_mut().zip(&beside).for_each(|(v, p)| *v -= factor * p);
        }
    }
    Some(inverse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_the_counts_were_made_of() {
        let rows: Vec<Row<3>> = (0..100)
            .map(|t| {
                let x = f64::from(t) / 100.0;
                let offset = 0.3 * x;
                Row { terms: [1.0, x, 0.0], offset, count: (2.0 + 0.7 * x + offset).exp(), weight: 1.0 }
            })
            .collect();
        let fit = fit(&rows, None).unwrap();
        let [constant, slope, unused] = fit.coefficients;
        assert!((constant - 2.0).abs() < 1e-6 && (slope - 0.7).abs() < 1e-6, "{fit:?}");
        assert!(unused.abs() < 1e-12);
    }

    #[test]
    fn terms_that_say_the_same_have_no_fit() {
        let rows = [Row { terms: [1.0, 2.0], offset: 0.0, count: 3.0, weight: 1.0 }; 5];
        assert!(fit(&rows, None).is_none());
    }
}
