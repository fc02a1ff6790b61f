//! The separator index: where the element separators and segment terminators are. Everything above reads this
//! instead of scanning bytes again.

use super::Delimiters;
use super::scan;

/// Where the separators of a stretch of bytes are. Components and repetitions are split where one is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    /// Every element separator and segment terminator, ascending.
    pub positions: Vec<u32>,
    /// Every terminator.
    pub ends: Vec<End>,
}

/// A segment terminator: how many positions there are up to it, itself included, and whether its segment is plain text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End(u32);

impl End {
    /// `positions` is below 2^31.
    #[inline]
    pub(super) fn new(positions: u32, plain: bool) -> End {
        End((positions << 1) | u32::from(plain))
    }

    /// How many positions there are up to it, itself included.
    #[inline]
    #[must_use]
    pub fn positions(self) -> u32 {
        self.0 >> 1
    }

    /// True when the segment holds, behind its id, no separator of components or repetitions, no control character and
    /// no byte beyond ASCII. It may be false for one that holds none.
    #[inline]
    #[must_use]
    pub fn is_plain(self) -> bool {
        self.0 & 1 == 1
    }
}

impl Index {
    /// Indexes `bytes` anew; no more than 2 GiB of them.
    pub fn fill(&mut self, bytes: &[u8], delimiters: Delimiters) {
        scan::separators(bytes, delimiters, self);
    }

    /// Forgets what stands behind the last terminator; returns how many bytes the whole segments take.
    pub fn cut(&mut self) -> usize {
        let whole = self.ends.last().map_or(0, |e| e.positions());
        self.positions.truncate(whole as usize);
        self.positions.last().map_or(0, |p| *p as usize + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_both_kinds_in_order() {
        let mut index = Index::default();
        index.fill(b"ST*837:X~SE*1", Delimiters::COMMON);
        assert_eq!(index.positions, [2, 8, 11]);
        assert_eq!(index.ends, [End::new(2, false)]);
        assert_eq!(index.cut(), 9);
        assert_eq!(index.positions, [2, 8]);
    }
}
