//! The separator index: where the element separators and segment terminators are. Everything above reads this
//! instead of scanning bytes again.

use super::Delimiters;
use super::scan;

/// Where the separators of a stretch of bytes are. Components and repetitions are not indexed: they are split where one
/// is asked for, which is rarely.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// Every element separator and segment terminator, ascending.
    pub positions: Vec<u32>,
    /// For each terminator, how many positions there are up to it, itself included.
    pub ends: Vec<u32>,
}

impl Index {
    /// Indexes `bytes` anew; no more than 4 GiB of them.
    pub fn fill(&mut self, bytes: &[u8], delimiters: Delimiters) {
        scan::separators(
            bytes,
            (delimiters.element, delimiters.segment),
            &mut self.positions,
            &mut self.ends,
        );
    }

    /// Forgets what stands behind the last terminator; returns how many bytes the whole segments take.
    pub fn cut(&mut self) -> usize {
        let whole = self.ends.last().copied().unwrap_or(0);
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
        assert_eq!((index.positions.as_slice(), index.ends.as_slice()), (&[2, 8, 11][..], &[2][..]));
        assert_eq!(index.cut(), 9);
        assert_eq!(index.positions, [2, 8]);
    }
}
