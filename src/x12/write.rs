//! Writes slices of the input back, recounting what changed. Nothing is re-formatted: an element that keeps its
//! value keeps its bytes.

use std::io::{self, Write};

use super::Segment;

/// Writes `segment` with some elements replaced; the terminator follows. Elements not named keep their bytes.
///
/// # Errors
/// When writing fails.
pub fn with_elements(
    out: &mut impl Write,
    segment: &Segment<'_>,
    replaced: &[(usize, i64)],
) -> io::Result<()> {
    let delimiters = segment.delimiters();
    out.write_all(segment.id())?;
    for n in 1..=segment.len() {
        out.write_all(&[delimiters.element])?;
        match replaced.iter().find(|(at, _)| *at == n) {
            Some((_, number)) => write!(out, "{number}")?,
            None => out.write_all(segment.value(n))?,
        }
    }
    out.write_all(&[delimiters.segment])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x12::blocks::{Blocks, Chunk};

    #[test]
    fn replaces_only_what_is_named() {
        let text = b"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261102*0900*^*00501*000000001*0*P*:~\nSE*0028*0001~";
        let mut blocks = Blocks::new(&text[..]);
        let Some(Chunk::Block(block)) = blocks.next_chunk().unwrap() else { panic!("one block") };
        let se = block.segments().nth(1).unwrap();
        let mut out = Vec::new();
        with_elements(&mut out, &se, &[(1, 3)]).unwrap();
        assert_eq!(out, b"SE*3*0001~");
    }
}
