//! Distributions of counts, and the tails that say how odd a count is.

/// Below this dispersion a negative binomial is taken for a Poisson: its size would overflow.
const POISSON: f64 = 1.0001;
/// A tail is summed until a term adds less than this share of it.
const NEGLIGIBLE: f64 = 1e-12;

/// Natural logarithm of the gamma function, for positive arguments; relative error below 1e-13 (Lanczos, g = 7, nine terms).
#[must_use]
pub fn ln_gamma(x: f64) -> f64 {
    const TERMS: [f64; 8] = [
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if x < 0.5 {
        // Reflection: the series holds from one half on.
        return (std::f64::consts::PI / (std::f64::consts::PI * x).sin()).ln() - ln_gamma(1.0 - x);
    }
    let x = x - 1.0;
    let mut sum = 0.999_999_999_999_809_9;
    let mut below = x;
    for term in TERMS {
        below += 1.0;
        sum += term / below;
    }
    let t = x + 7.5;
    0.918_938_533_204_672_8 + (x + 0.5) * t.ln() - t + sum.ln()
}

/// Natural logarithm of the chance of `count` under a negative binomial of mean `mean` and variance `dispersion * mean`.
#[must_use]
pub fn ln_chance(count: f64, mean: f64, dispersion: f64) -> f64 {
    if dispersion < POISSON {
        return count * mean.ln() - mean - ln_gamma(count + 1.0);
    }
    let (size, kept) = (mean / (dispersion - 1.0), 1.0 / dispersion);
    let more = if count > 0.0 { count * (-kept).ln_1p() } else { 0.0 };
    ln_gamma(count + size) - ln_gamma(size) - ln_gamma(count + 1.0) + size * kept.ln() + more
}

/// Chance of more than `count`, and half that of `count` itself: the upper mid-p tail of the same distribution.
#[must_use]
pub fn upper_tail(count: f64, mean: f64, dispersion: f64) -> f64 {
    let here = ln_chance(count, mean, dispersion).exp();
    let (size, share) = if dispersion < POISSON {
        (f64::INFINITY, 0.0)
    } else {
        (mean / (dispersion - 1.0), 1.0 - 1.0 / dispersion)
    };
    // The chance of n + 1 over that of n.
    let step = |n: f64| if size.is_infinite() { mean / (n + 1.0) } else { (n + size) * share / (n + 1.0) };
    if count > mean {
        let (mut n, mut term, mut sum) = (count, here, 0.0);
        for _ in 0..3_000 {
            term *= step(n);
            n += 1.0;
            sum += term;
            if term < NEGLIGIBLE * sum || term < 1e-300 {
                break;
            }
        }
        sum + here / 2.0
    } else {
        let (mut n, mut term, mut sum) = (count, here, 0.0);
        while n >= 1.0 && term > 1e-14 {
            n -= 1.0;
            term /= step(n);
            sum += term;
        }
        (1.0 - sum - here).max(0.0) + here / 2.0
    }
}

/// Chances of at least, and of at most, `inside` of `all` events in a part that each of them falls into with a chance that is itself
/// beta distributed. With sizes `a` (the part) and `b` (the rest) this is how negative binomial counts of one dispersion share their sum;
/// infinite sizes are written as `dispersion <= 1`: then the chance is fixed at `share`.
#[must_use]
pub fn shared_tails(inside: f64, all: f64, share: f64, sizes: Option<(f64, f64)>) -> (f64, f64) {
    let out = all - inside;
    let ways = ln_gamma(all + 1.0) - ln_gamma(inside + 1.0) - ln_gamma(out + 1.0);
    let here = match sizes {
        None => (ways + inside * share.ln() + out * (-share).ln_1p()).exp(),
        Some((a, b)) => {
            let whole = ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b);
            (ways + whole + ln_gamma(inside + a) + ln_gamma(out + b) - ln_gamma(all + a + b)).exp()
        }
    };
    // The chance of n + 1 over that of n.
    let step = |n: f64| match sizes {
        None => (all - n) * share / ((n + 1.0) * (1.0 - share)),
        Some((a, b)) => (all - n) * (n + a) / ((n + 1.0) * (all - n - 1.0 + b)),
    };
    let mean = match sizes {
        None => all * share,
        Some((a, b)) => all * a / (a + b),
    };
    if inside > mean {
        let (mut n, mut term, mut sum) = (inside, here, 0.0);
        while n < all && term > NEGLIGIBLE * sum {
            term *= step(n);
            n += 1.0;
            sum += term;
        }
        (here + sum, (1.0 - sum).max(0.0))
    } else {
        let (mut n, mut term, mut sum) = (inside, here, 0.0);
        while n >= 1.0 && term > NEGLIGIBLE * sum {
            n -= 1.0;
            term /= step(n);
            sum += term;
        }
        ((1.0 - sum).max(0.0), here + sum)
    }
}

/// Chance that a standard normal value exceeds `z`; relative error about 1e-7.
#[must_use]
pub fn normal_upper(z: f64) -> f64 {
    // Chebyshev fit of the complementary error function, as in Numerical Recipes' erfcc.
    const TERMS: [f64; 10] = [
        0.170_872_77,
        -0.822_152_23,
        1.488_515_87,
        -1.135_203_98,
        0.278_868_07,
        -0.186_288_06,
        0.096_784_18,
        0.374_091_96,
        1.000_023_68,
        -1.265_512_23,
    ];
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + x / 2.0);
    let sum = TERMS.iter().fold(0.0, |sum, term| sum * t + term);
    let upper = t * (sum - x * x).exp() / 2.0;
    if z >= 0.0 { upper } else { 1.0 - upper }
}

/// The value a standard normal one exceeds with chance `p`; absolute error below 5e-4 (Abramowitz and Stegun 26.2.23).
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    let p = p.clamp(1e-300, 1.0 - 1e-16);
    let t = (-2.0 * p.min(1.0 - p).ln()).sqrt();
    let z = t
        - (2.515_517 + t * (0.802_853 + t * 0.010_328))
            / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)));
    if p <= 0.5 { z } else { -z }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64, relative: f64) {
        assert!((a - b).abs() <= relative * b.abs(), "{a} {b}");
    }

    #[test]
    fn gamma_and_normal_agree_with_tables() {
        near(ln_gamma(0.5), std::f64::consts::PI.sqrt().ln(), 1e-12);
        near(ln_gamma(11.0), 3_628_800_f64.ln(), 1e-12);
        near(ln_gamma(1000.0), 5_905.220_423_209_181, 1e-12);
        near(normal_upper(1.959_964), 0.025, 1e-6);
        near(normal_upper(-1.0), 0.841_344_746, 1e-6);
        near(normal_upper(6.0), 9.865_876e-10, 1e-5);
        near(normal_quantile(0.025), 1.959_964, 5e-4);
        near(normal_quantile(1e-6), 4.753_424, 2e-4);
    }

    #[test]
    fn tails_are_sums_of_chances() {
        for dispersion in [1.0, 2.5] {
            let chances: Vec<f64> =
                (0..400).map(|n| ln_chance(f64::from(n), 6.0, dispersion).exp()).collect();
            near(chances.iter().sum(), 1.0, 1e-9);
            for count in [0, 3, 6, 9, 20] {
                let summed = chances[count + 1..].iter().sum::<f64>() + chances[count] / 2.0;
                near(upper_tail(count as f64, 6.0, dispersion), summed, 1e-8);
            }
        }
    }

    #[test]
    fn counts_of_one_dispersion_share_their_sum() {
        // Two negative binomials of means 3 and 12 and dispersion 2, given that they sum to 20.
        let pair =
            |x: i32| (ln_chance(f64::from(x), 3.0, 2.0) + ln_chance(f64::from(20 - x), 12.0, 2.0)).exp();
        let whole: f64 = (0..=20).map(pair).sum();
        for inside in [0, 2, 4, 9, 20] {
            let at_least = (inside..=20).map(pair).sum::<f64>() / whole;
            let at_most = (0..=inside).map(pair).sum::<f64>() / whole;
            let (least, most) = shared_tails(f64::from(inside), 20.0, 0.2, Some((3.0, 12.0)));
            near(least, at_least, 1e-8);
            near(most, at_most, 1e-8);
        }
        near(shared_tails(5.0, 5.0, 3.0 / 55.0, None).0, (3.0_f64 / 55.0).powi(5), 1e-9);
    }
}
