//! Every byte belongs to exactly one chunk, every byte of a block to a segment or the blanks between, however the bytes
//! come in.
#![no_main]

use std::io::{self, Read};

use claimloop::x12::{Blocks, Chunk, Delimiters};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

/// A source that hands out a few bytes at a time.
struct Slow<'a>(&'a [u8], usize);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.1.min(self.0.len()).min(buffer.len());
        buffer[..n].copy_from_slice(&self.0[..n]);
        self.0 = &self.0[n..];
        Ok(n)
    }
}

/// Puts the bytes together again; also where each segment started.
fn rebuilt(bytes: &[u8], mut blocks: Blocks<impl Read>) -> (Vec<u8>, Vec<usize>) {
    let (mut out, mut starts) = (Vec::new(), Vec::new());
    while let Some(chunk) = blocks.next_chunk().unwrap() {
        match chunk {
            Chunk::Block(block) => {
                assert_eq!(block.offset as usize, out.len());
                let mut last = 0;
                for segment in block.segments() {
                    let gap = &block.bytes[last..segment.start() as usize];
                    let blank = |b: &u8| segment.delimiters().is_gap(*b) || matches!(b, b'\r' | b'\n');
                    assert!(gap.iter().all(blank), "{gap:?}");
                    out.extend_from_slice(gap);
                    starts.push(out.len());
                    for n in 0..=segment.len() {
                        if n > 0 {
                            out.push(segment.delimiters().element);
                        }
                        out.extend_from_slice(segment.value(n));
                    }
                    out.push(segment.delimiters().segment);
                    last = segment.end() as usize;
                }
                out.extend_from_slice(&block.bytes[last..]);
            }
            Chunk::Noise { offset, bytes: noise, .. } => {
                assert_eq!(offset as usize, out.len());
                out.extend_from_slice(noise);
            }
            Chunk::TooLong { offset, len } | Chunk::Unterminated { offset, len } => {
                assert_eq!(offset as usize, out.len());
                out.extend_from_slice(&bytes[offset as usize..(offset + len) as usize]);
            }
        }
    }
    (out, starts)
}

fuzz_mutator!(|data: &mut [u8], size: usize, max: usize, seed: u32| { fuzz::damage(data, size, max, seed) });

fuzz_target!(|bytes: &[u8]| {
    let at_once = rebuilt(bytes, Blocks::new(bytes));
    assert!(at_once.0 == bytes, "not the same bytes");
    let step = usize::from(bytes.first().copied().unwrap_or(0)) + 1;
    assert_eq!(rebuilt(bytes, Blocks::new(Slow(bytes, step))), at_once);
    assert!(
        rebuilt(bytes, Blocks::inside(bytes, Delimiters::COMMON)).0 == bytes,
        "not the same bytes inside"
    );
});
