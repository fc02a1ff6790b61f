//! Finds separators, sixty-four bytes at a time where the processor can. The only file with `unsafe`: what it calls for
//! is said at each use, and a plain twin is tested to find the same.

#![allow(unsafe_code)]

/// Writes the places of both bytes to `positions`, and for each `terminator` how many places there are up to it, itself
/// included, to `ends`. `bytes` must be shorter than 4 GiB; what lies behind is not looked at.
pub(super) fn separators(
    bytes: &[u8],
    (element, terminator): (u8, u8),
    positions: &mut Vec<u32>,
    ends: &mut Vec<u32>,
) {
    positions.clear();
    ends.clear();
    let bytes = bytes.get(..u32::MAX as usize).unwrap_or(bytes);
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2")
        && std::arch::is_x86_feature_detected!("bmi1")
        && std::arch::is_x86_feature_detected!("popcnt")
    {
        // SAFETY: the processor has what the function is compiled for.
        unsafe { wide(bytes, (element, terminator), positions, ends) };
        return;
    }
    plain(bytes, 0, (element, terminator), positions, ends);
}

/// Byte by byte, from `start` on.
fn plain(
    bytes: &[u8],
    start: usize,
    (element, terminator): (u8, u8),
    positions: &mut Vec<u32>,
    ends: &mut Vec<u32>,
) {
    for (at, byte) in (0u32..).zip(bytes).skip(start) {
        if *byte == element || *byte == terminator {
            positions.push(at);
            if *byte == terminator {
                ends.push(positions.len() as u32);
            }
        }
    }
}

/// Sixty-four bytes at a time: a bit for each byte that is a separator, then the places of the bits.
///
/// # Safety
/// The processor must have AVX2, BMI1 and POPCNT.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,popcnt")]
unsafe fn wide(bytes: &[u8], (element, terminator): (u8, u8), positions: &mut Vec<u32>, ends: &mut Vec<u32>) {
    use std::arch::x86_64::{
        __m256i, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_set1_epi8,
    };
    let elements = _mm256_set1_epi8(element.cast_signed());
    let terminators = _mm256_set1_epi8(terminator.cast_signed());
    let mask = |chunk: &[u8; 32], of: __m256i| -> u32 {
        // SAFETY: thirty-two bytes are there, and an unaligned load is asked for.
        let bytes = unsafe { _mm256_loadu_si256(chunk.as_ptr().cast()) };
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, of)).cast_unsigned()
    };
    let (chunks, _) = bytes.as_chunks::<64>();
    let mut base = 0u32;
    for chunk in chunks {
        let [Some(low), Some(high)] = [chunk.first_chunk::<32>(), chunk.last_chunk::<32>()] else { break };
        let ended = u64::from(mask(low, terminators)) | (u64::from(mask(high, terminators)) << 32);
        let parted = u64::from(mask(low, elements)) | (u64::from(mask(high, elements)) << 32);
        let mut all = ended | parted;
        let found = all.count_ones() as usize;
        let before = positions.len();
        // Room for every bit of the chunk, rounded up to the eights that are written at once.
        positions.reserve(72);
        // SAFETY: `reserve` made room for 72 places behind `before`; at most 64 bits are set, so no more than eight
        // rounds of eight are written, and `found` of the places hold what a bit said.
        unsafe {
            let mut to = positions.as_mut_ptr().add(before);
            let mut left = found;
            while left > 0 {
                for n in 0..8 {
                    // With no bit left this is 64: a place that lies behind `found` and is written over.
                    to.add(n).write(base.wrapping_add(all.trailing_zeros()));
                    all &= all.wrapping_sub(1);
                }
                to = to.add(8);
                left = left.saturating_sub(8);
            }
            positions.set_len(before + found);
        }
        let all = ended | parted;
        let mut rest = ended;
        while rest != 0 {
            let below = (rest & rest.wrapping_neg()) - 1;
            ends.push(before as u32 + (all & below).count_ones() + 1);
            rest &= rest - 1;
        }
        base += 64;
    }
    plain(bytes, base as usize, (element, terminator), positions, ends);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_find_the_same() {
        let mut state = 7u64;
        let mut byte = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            match (state >> 33) % 9 {
                0..=1 => b'*',
                2 => b'~',
                n => b'a' + n as u8,
            }
        };
        for len in (0..300).chain([4095, 4096, 70_001]) {
            let bytes: Vec<u8> = (0..len).map(|_| byte()).collect();
            let (mut a, mut b) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
            separators(&bytes, (b'*', b'~'), &mut a.0, &mut a.1);
            plain(&bytes, 0, (b'*', b'~'), &mut b.0, &mut b.1);
            assert_eq!(a, b, "{len} bytes");
        }
        let all = [b'~'; 200];
        let (mut positions, mut ends) = (Vec::new(), Vec::new());
        separators(&all, (b'*', b'~'), &mut positions, &mut ends);
        assert_eq!((positions.len(), ends.len(), ends.last()), (200, 200, Some(&200)));
    }
}
