//! The interchange header: delimiters and identity, read from the ISA itself, whatever they are.

use nom::bytes::complete::{tag, take};
use nom::sequence::preceded;
use nom::{IResult, Parser};

/// Length of an ISA segment, its terminator included.
pub const ISA_LEN: usize = 106;

/// Widths of ISA01 to ISA16.
const WIDTHS: [usize; 16] = [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1];

/// The four bytes that cut an interchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delimiters {
    /// Between elements.
    pub element: u8,
    /// Between components of a composite (ISA16).
    pub component: u8,
    /// Between repetitions (ISA11; the letter `U` in versions before 00402 means none).
    pub repetition: u8,
    /// After a segment.
    pub segment: u8,
}

impl Delimiters {
    /// The common set: `*`, `:`, `^`, `~`.
    pub const COMMON: Delimiters =
        Delimiters { element: b'*', component: b':', repetition: b'^', segment: b'~' };

    /// True for the bytes that may stand between segments: blanks and line ends that aren't the terminator.
    #[must_use]
    pub fn is_gap(&self, byte: u8) -> bool {
        byte != self.segment && byte != self.element && matches!(byte, b'\r' | b'\n' | b' ' | b'\t')
    }

    /// True when all differ and none could be data. A repetition separator that is a letter or digit (the `U` of
    /// older versions) never separates and is not held against it.
    #[must_use]
    pub fn are_usable(&self) -> bool {
        // A line end may terminate; between elements and components it is lost on the way.
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b' ';
        let blank = |b: u8| b.is_ascii_whitespace();
        let three = [self.element, self.component, self.segment];
        let distinct = self.element != self.component
            && self.element != self.segment
            && self.component != self.segment
            && (self.repetition.is_ascii_alphanumeric() || !three.contains(&self.repetition));
        distinct
            && self.repetition != b' '
            && !three.iter().any(|b| plain(*b))
            && !blank(self.element)
            && !blank(self.component)
    }
}

/// An ISA as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Delimiters found in it.
    pub delimiters: Delimiters,
    /// Bytes from `I` to the terminator, both included.
    pub len: usize,
    /// False when elements aren't padded to their fixed widths.
    pub fixed_width: bool,
    /// ISA05 and ISA06, as sent.
    pub sender: (Vec<u8>, Vec<u8>),
    /// ISA07 and ISA08, as sent.
    pub receiver: (Vec<u8>, Vec<u8>),
    /// ISA09 and ISA10, as sent.
    pub sent: (Vec<u8>, Vec<u8>),
    /// ISA14 asks for a TA1.
    pub wants_acknowledgement: bool,
    /// ISA13, as sent.
    pub control: Vec<u8>,
    /// ISA15: `P` or `T`.
    pub usage: u8,
}

/// True where an interchange may begin: `ISA` and a byte that can separate.
#[must_use]
pub fn begins_interchange(bytes: &[u8]) -> bool {
    bytes.starts_with(b"ISA") && bytes.get(3).is_some_and(|b| !b.is_ascii_alphanumeric())
}

/// Reads an ISA from the start of `input`. Elements may be unpadded; then `fixed_width` says so. `None` when there
/// aren't 16 elements, or the bytes end first.
#[must_use]
pub fn header(input: &[u8]) -> Option<Header> {
    let element = separator(input).ok().and_then(|(_, found)| found.first().copied())?;
    let (fixed_width, parts) = match fixed(input, element) {
        Ok((_, parts)) => (true, parts),
        Err(_) => (false, loose(input, element)?),
    };
    let [.., from, sender, to, receiver, date, time, repetition, _, control, asks, usage, component] =
        parts.as_slice()
    else {
        return None;
    };
    let component = *component.first()?;
    let len = if fixed_width { ISA_LEN } else { 3 + parts.iter().map(|p| p.len() + 1).sum::<usize>() + 1 };
    let segment = *input.get(len - 1)?;
    let delimiters =
        Delimiters { element, component, repetition: *repetition.first().unwrap_or(&b'U'), segment };
    Some(Header {
        delimiters,
        len,
        fixed_width,
        sender: (from.to_vec(), sender.to_vec()),
        receiver: (to.to_vec(), receiver.to_vec()),
        sent: (date.to_vec(), time.to_vec()),
        wants_acknowledgement: *asks == b"1",
        control: control.to_vec(),
        usage: usage.first().copied().unwrap_or(b'P'),
    })
}

/// The byte after `ISA`.
fn separator(input: &[u8]) -> IResult<&[u8], &[u8]> {
    preceded(tag(&b"ISA"[..]), take(1usize)).parse(input)
}

/// The sixteen elements at their fixed widths.
fn fixed(input: &[u8], element: u8) -> IResult<&[u8], Vec<&[u8]>> {
    let (mut rest, _) = tag(&b"ISA"[..])(input)?;
    let mut parts = Vec::with_capacity(WIDTHS.len());
    for width in WIDTHS {
        let (after, (_, value)) = (tag(&[element][..]), take(width)).parse(rest)?;
        if value.contains(&element) {
            return Err(nom::Err::Error(nom::error::Error::new(rest, nom::error::ErrorKind::Verify)));
        }
        parts.push(value);
        rest = after;
    }
    Ok((rest, parts))
}

/// The sixteen elements wherever the separators are; the last is one byte.
fn loose(input: &[u8], element: u8) -> Option<Vec<&[u8]>> {
    let body = input.get(4..input.len().min(400))?;
    let mut parts: Vec<&[u8]> = body.splitn(16, |b| *b == element).collect();
    let last = parts.pop()?;
    if parts.len() != 15 || parts.iter().any(|p| p.len() > 60) {
        return None;
    }
    parts.push(last.get(..1)?);
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISA: &[u8] = b"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261102*0900*^*00501*000000001*0*P*:~GS";

    #[test]
    fn reads_a_fixed_header() {
        let header = header(ISA).unwrap();
        assert!(header.fixed_width);
        assert_eq!(header.len, ISA_LEN);
        assert_eq!(header.delimiters, Delimiters::COMMON);
        assert_eq!(header.control, b"000000001");
        assert_eq!(header.usage, b'P');
    }

    #[test]
    fn reads_an_unpadded_header_and_says_so() {
        let header = header(b"ISA|00||00||ZZ|A|ZZ|B|261102|0900|!|00501|1|0|T|>\nGS|HC").unwrap();
        assert!(!header.fixed_width);
        assert_eq!(
            header.delimiters,
            Delimiters { element: b'|', component: b'>', repetition: b'!', segment: b'\n' }
        );
        assert_eq!((header.control.as_slice(), header.usage), (&b"1"[..], b'T'));
    }

    #[test]
    fn a_short_header_is_none() {
        for len in 0..ISA_LEN {
            assert_eq!(header(&ISA[..len]), None, "{len} bytes");
        }
    }

    #[test]
    fn delimiters_must_differ() {
        assert!(Delimiters::COMMON.are_usable());
        assert!(!Delimiters { component: b'*', ..Delimiters::COMMON }.are_usable());
        assert!(!Delimiters { segment: b'A', ..Delimiters::COMMON }.are_usable());
        assert!(Delimiters { repetition: b'U', ..Delimiters::COMMON }.are_usable());
        assert!(Delimiters { segment: b'\n', ..Delimiters::COMMON }.are_usable());
        assert!(!Delimiters { element: b'\n', ..Delimiters::COMMON }.are_usable());
    }
}
