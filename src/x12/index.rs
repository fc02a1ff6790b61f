//! The separator index: where the element separators and segment terminators are. Everything above reads this
//! instead of scanning bytes again, so its inside can be replaced by a faster one without touching a parser.

use super::Delimiters;

/// Writes to `positions` the place of every element separator and segment terminator in `bytes`, ascending.
/// Components and repetitions are not indexed: they are split where one is asked for, which is rarely.
pub fn separators(bytes: &[u8], delimiters: Delimiters, positions: &mut Vec<u32>) {
    positions.clear();
    positions.extend(
        memchr::memchr2_iter(delimiters.element, delimiters.segment, bytes)
            .filter_map(|p| u32::try_from(p).ok()),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_both_kinds_in_order() {
        let mut positions = Vec::new();
        separators(b"ST*837:X~SE*", Delimiters::COMMON, &mut positions);
        assert_eq!(positions, [2, 8, 11]);
    }
}
