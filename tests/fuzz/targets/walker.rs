//! Segments of any text are placed, or not, by every guide: a place names the segment it is for, a fault nothing that is
//! yet to come.
#![no_main]

use claimloop::schema::{Alphabet, Guide, Walker, check_elements, schema};
use claimloop::x12::{Blocks, Chunk, Delimiters, Fault};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fn walk(bytes: &[u8], guide: Guide) {
    let schema = schema(guide);
    let mut walker = Walker::new(schema);
    let mut ordinal = 0;
    let mut blocks = Blocks::inside(bytes, Delimiters::COMMON);
    while let Some(chunk) = blocks.next_chunk().unwrap() {
        let Chunk::Block(block) = chunk else { continue };
        for segment in block.segments() {
            ordinal += 1;
            let offset = block.offset + u64::from(segment.start());
            let mut report = |fault: Fault| {
                assert!(fault.segment <= ordinal && fault.offset <= offset, "{fault:?} at {ordinal}");
            };
            let placement = walker.step(&segment, ordinal, offset, &mut report);
            let Some(entry) = placement.entry else { continue };
            let entry = schema.entry(entry).unwrap();
            assert_eq!(entry.at.segment.as_bytes(), segment.id());
            let alphabet = Alphabet::new(segment.delimiters());
            check_elements(&alphabet, entry, &segment, ordinal, offset, &mut report);
        }
    }
    walker.finish(&mut |fault| assert!(fault.segment <= ordinal, "{fault:?}"));
}

fuzz_mutator!(|data: &mut [u8], size: usize, max: usize, seed: u32| { fuzz::damage(data, size, max, seed) });

fuzz_target!(|bytes: &[u8]| {
    Guide::ALL.into_iter().for_each(|guide| walk(bytes, guide));
});
