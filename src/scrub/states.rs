//! The state of every claim of a file by position, a quarter of a byte each: a file of any size fits.

use super::report::{State, Verdict};

/// States in file order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct States {
    packed: Vec<u8>,
    len: u64,
}

impl States {
    /// Adds the next claim's.
    pub fn push(&mut self, state: State) {
        let shift = (self.len % 4) * 2;
        if shift == 0 {
            self.packed.push(0);
        }
        if let Some(last) = self.packed.last_mut() {
            *last |= (state as u8) << shift;
        }
        self.len += 1;
    }

    /// The state of a claim, 0-based among the file's claims.
    #[must_use]
    pub fn get(&self, claim: u64) -> Option<State> {
        if claim >= self.len {
            return None;
        }
        let byte = usize::try_from(claim / 4).ok().and_then(|at| self.packed.get(at))?;
        Some(match (byte >> ((claim % 4) * 2)) & 3 {
            0 => State::Clean,
            1 => State::Held,
            _ => State::Rejected,
        })
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = State> {
        (0..self.len).filter_map(|n| self.get(n))
    }

    /// How many claims are in this state.
    #[must_use]
    pub fn count(&self, state: State) -> u64 {
        self.iter().filter(|s| *s == state).count() as u64
    }
}

impl FromIterator<State> for States {
    fn from_iter<T: IntoIterator<Item = State>>(states: T) -> States {
        let mut all = States::default();
        states.into_iter().for_each(|s| all.push(s));
        all
    }
}

/// The states of verdicts in file order.
#[must_use]
pub fn states(verdicts: &[Verdict]) -> States {
    verdicts.iter().map(|v| v.verdict).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_come_back_in_order() {
        let all: Vec<State> =
            (0..1000).map(|n| [State::Clean, State::Held, State::Rejected][n * 7 % 3]).collect();
        let packed: States = all.iter().copied().collect();
        assert!(packed.iter().eq(all.iter().copied()));
        assert_eq!(packed.get(1000), None);
        assert_eq!(packed.count(State::Held), all.iter().filter(|s| **s == State::Held).count() as u64);
    }
}
