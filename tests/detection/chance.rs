//! Seeded counts for tests and measurements of detectors.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// One stream of chance.
pub struct Chance(ChaCha8Rng);

impl Chance {
    pub fn new(seed: u64) -> Chance {
        Chance(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Between 0 and 1, neither included.
    pub fn share(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.share()
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.share().ln()).sqrt() * (2.0 * std::f64::consts::PI * self.share()).cos()
    }

    pub fn lognormal(&mut self, middle: f64, sd: f64) -> f64 {
        middle * (sd * self.normal()).exp()
    }

    pub fn poisson(&mut self, mean: f64) -> u32 {
        if mean > 20.0 {
            return self.poisson(mean / 2.0) + self.poisson(mean / 2.0);
        }
        let (floor, mut product, mut count) = ((-mean).exp(), self.share(), 0);
        while product > floor {
            product *= self.share();
            count += 1;
        }
        count
    }

    /// Of mean `size` (Marsaglia and Tsang 2000).
    fn gamma(&mut self, size: f64) -> f64 {
        if size < 1.0 {
            return self.gamma(size + 1.0) * self.share().powf(1.0 / size);
        }
        let d = size - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 && self.share().ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return d * v;
            }
        }
    }

    /// A count of this mean and of variance `dispersion * mean`.
    pub fn count(&mut self, mean: f64, dispersion: f64) -> u32 {
        if mean <= 0.0 {
            return 0;
        }
        let mean =
            if dispersion > 1.0 { self.gamma(mean / (dispersion - 1.0)) * (dispersion - 1.0) } else { mean };
        self.poisson(mean)
    }
}
