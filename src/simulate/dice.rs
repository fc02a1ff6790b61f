//! Chance, the same on every platform.
//!
//! The generator is `ChaCha8` fed with the seed's own bytes; choices are made from whole 64-bit words by this module's
//! own arithmetic, so that no other crate's idea of a uniform choice can change a byte of the output.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Parts in a share of 1.0.
pub(super) const WHOLE: u64 = 1_000_000_000;

/// One stream of chance. Streams of one seed are independent, so that planting faults leaves the claims as they were.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    pub(super) fn new(seed: u64, stream: u8) -> Self {
        let mut key = [0_u8; 32];
        for (slot, byte) in key.iter_mut().zip(seed.to_le_bytes().into_iter().chain([stream])) {
            *slot = byte;
        }
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A number from 0 to `bound - 1`; 0 when there is no choice.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.0.next_u64()) * u128::from(bound);
        u64::try_from(wide >> 64).unwrap_or_default()
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high - low + 1).unwrap_or(1);
        low + i64::try_from(self.below(span)).unwrap_or_default()
    }

    /// True in `parts` of [`WHOLE`] cases.
    pub(super) fn share(&mut self, parts: u64) -> bool {
        self.below(WHOLE) < parts
    }

    /// True in `percent` of a hundred cases.
    pub(super) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of the items.
    pub(super) fn pick<T: Copy + Default>(&mut self, items: &[T]) -> T {
        let count = u64::try_from(items.len()).unwrap_or_default();
        let index = self.below(count);
        nth(items, index)
    }
}

/// The item at `index`, counting round and round.
pub(super) fn nth<T: Copy + Default>(items: &[T], index: u64) -> T {
    let count = u64::try_from(items.len()).unwrap_or_default().max(1);
    usize::try_from(index % count).ok().and_then(|at| items.get(at)).copied().unwrap_or_default()
}
