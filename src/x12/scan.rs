//! Finds separators, sixty-four bytes at a time where the processor can. The only file with `unsafe`: what it calls for
//! is said at each use, and a plain twin is tested to find the same.

#![allow(unsafe_code)]

use super::Delimiters;
use super::index::{End, Index};

/// Fills an index. `bytes` must be shorter than 2 GiB; what lies behind is not looked at.
pub(super) fn separators(bytes: &[u8], delimiters: Delimiters, index: &mut Index) {
    index.positions.clear();
    index.ends.clear();
    let bytes = bytes.get(..i32::MAX as usize).unwrap_or(bytes);
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2")
        && std::arch::is_x86_feature_detected!("bmi1")
        && std::arch::is_x86_feature_detected!("popcnt")
    {
        // SAFETY: the processor has what the function is compiled for.
        unsafe { wide(bytes, delimiters, index) };
        return;
    }
    plain(bytes, 0, delimiters, Seen::START, index);
}

/// What was seen of the segment being read. Its first byte is not counted as special, nor the second behind a first
/// that is: there stand the line ends that follow a terminator.
#[derive(Clone, Copy)]
struct Seen {
    /// The next byte is its first.
    first: bool,
    /// The next byte is its second, and the first was special.
    second: bool,
    /// A special byte was counted.
    special: bool,
}

impl Seen {
    const START: Seen = Seen { first: true, second: false, special: false };
}

/// Byte by byte, from `start` on.
fn plain(bytes: &[u8], start: usize, delimiters: Delimiters, mut seen: Seen, index: &mut Index) {
    let [component, repetition] = inner(delimiters);
    let rest = bytes.get(start..).unwrap_or_default();
    for (at, byte) in (start as u32..).zip(rest) {
        let separates = *byte == delimiters.element || *byte == delimiters.segment;
        let special =
            !separates && (*byte == component || *byte == repetition || !matches!(*byte, b' '..=b'~'));
        let Seen { first, second, .. } = seen;
        seen.special |= special && !first && !second;
        (seen.first, seen.second) = (false, first && special);
        if separates {
            index.positions.push(at);
        }
        if *byte == delimiters.segment {
            index.ends.push(End::new(index.positions.len() as u32, !seen.special));
            seen = Seen::START;
        }
    }
}

/// The separators inside elements. A letter or digit in ISA11 separates nothing.
fn inner(delimiters: Delimiters) -> [u8; 2] {
    let Delimiters { component, repetition, .. } = delimiters;
    [component, if repetition.is_ascii_alphanumeric() { component } else { repetition }]
}

/// Sixty-four bytes at a time: a bit for each byte that is a separator, then the places of the bits.
///
/// # Safety
/// The processor must have AVX2, BMI1 and POPCNT.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,popcnt")]
unsafe fn wide(bytes: &[u8], delimiters: Delimiters, index: &mut Index) {
    use std::arch::x86_64::{
        __m256i, _mm256_andnot_si256, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_loadu_si256,
        _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8,
    };
    let all_of = |byte: u8| _mm256_set1_epi8(byte.cast_signed());
    let (elements, terminators) = (all_of(delimiters.element), all_of(delimiters.segment));
    let [components, repetitions] = inner(delimiters).map(all_of);
    let (last_control, delete) = (all_of(0x1F), all_of(0x7F));
    let bits = |of: __m256i| _mm256_movemask_epi8(of).cast_unsigned();
    // Separators, terminators, and which bytes are special.
    let masks = |chunk: &[u8; 32]| -> (u32, u32, u32) {
        // SAFETY: thirty-two bytes are there, and an unaligned load is asked for.
        let bytes = unsafe { _mm256_loadu_si256(chunk.as_ptr().cast()) };
        let is = |what| _mm256_cmpeq_epi8(bytes, what);
        let (parted, ended) = (is(elements), is(terminators));
        let inner = _mm256_or_si256(is(components), _mm256_or_si256(is(repetitions), is(delete)));
        // Compared as signed, bytes beyond ASCII are less than any other.
        let printed = _mm256_andnot_si256(inner, _mm256_cmpgt_epi8(bytes, last_control));
        let separators = bits(_mm256_or_si256(parted, ended));
        (separators, bits(ended), !(bits(printed) | separators))
    };
    let (chunks, _) = bytes.as_chunks::<64>();
    let mut base = 0u32;
    let mut seen = Seen::START;
    for chunk in chunks {
        let [Some(low), Some(high)] = [chunk.first_chunk::<32>(), chunk.last_chunk::<32>()] else { break };
        let (low, high) = (masks(low), masks(high));
        let whole = |low: u32, high: u32| u64::from(low) | (u64::from(high) << 32);
        let separators = whole(low.0, high.0);
        let found = separators.count_ones() as usize;
        let before = index.positions.len();
        // Room for every bit of the chunk, rounded up to the eights that are written at once.
        index.positions.reserve(72);
        // SAFETY: `reserve` made room for 72 places behind `before`; at most 64 bits are set, so no more than eight
        // rounds of eight are written, and `found` of the places hold what a bit said.
        unsafe {
            let mut to = index.positions.as_mut_ptr().add(before);
            let mut left = found;
            let mut rest = separators;
            while left > 0 {
                for n in 0..8 {
                    // With no bit left this is 64: a place that lies behind `found` and is written over.
                    to.add(n).write(base.wrapping_add(rest.trailing_zeros()));
                    rest &= rest.wrapping_sub(1);
                }
                to = to.add(8);
                left = left.saturating_sub(8);
            }
            index.positions.set_len(before + found);
        }
        let (ended, special) = (whole(low.1, high.1), whole(low.2, high.2));
        let first = (ended << 1) | u64::from(seen.first);
        let second = ((first & special) << 1) | u64::from(seen.second);
        (seen.first, seen.second) = (ended >> 63 == 1, (first & special) >> 63 == 1);
        let mut special = special & !(first | second);
        let mut rest = ended;
        while rest != 0 {
            let below = (rest & rest.wrapping_neg()) - 1;
            let upto = before as u32 + (separators & below).count_ones() + 1;
            index.ends.push(End::new(upto, !seen.special && special & below == 0));
            seen.special = false;
            special &= !below;
            rest &= rest - 1;
        }
        seen.special |= special != 0;
        base += 64;
    }
    plain(bytes, base as usize, delimiters, seen, index);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_find_the_same() {
        let mut state = 7u64;
        let mut byte = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            match (state >> 33) % 16 {
                0..=2 => b'*',
                3..=4 => b'~',
                5 => b':',
                6 => b'^',
                7 => (state >> 40) as u8,
                n => b'a' + n as u8,
            }
        };
        let letter = Delimiters { repetition: b'U', ..Delimiters::COMMON };
        let lines = Delimiters { segment: b'\n', element: 0x1D, ..Delimiters::COMMON };
        for delimiters in [Delimiters::COMMON, letter, lines] {
            for len in (0..300).chain([4095, 4096, 70_001]) {
                let bytes: Vec<u8> = (0..len).map(|_| byte()).collect();
                let (mut a, mut b) = (Index::default(), Index::default());
                separators(&bytes, delimiters, &mut a);
                plain(&bytes, 0, delimiters, Seen::START, &mut b);
                assert_eq!(a, b, "{len} bytes");
            }
        }
        let mut index = Index::default();
        separators(&[b'~'; 200], Delimiters::COMMON, &mut index);
        assert_eq!((index.positions.len(), index.ends.len()), (200, 200));
        assert_eq!(index.ends.last().map(|e| e.positions()), Some(200));
    }
}
