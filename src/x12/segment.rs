//! Segments, elements and components as views into a block, cut by nom parsers that walk the separator index.

use nom::error::{Error, ErrorKind};
use nom::{Err, IResult};

use super::Delimiters;
use super::element::part;
use super::index::{End, Index};

/// What is left of a block to parse: its bytes, the separators not yet consumed, and the next byte.
#[derive(Clone, Copy, Debug)]
pub struct Indexed<'a> {
    /// All bytes of the block.
    pub bytes: &'a [u8],
    /// Separator positions, those before `at` too.
    pub positions: &'a [u32],
    /// Ends of the segments not yet consumed.
    pub ends: &'a [End],
    /// How many positions are consumed.
    pub used: u32,
    /// Next byte to consume.
    pub at: u32,
    /// Delimiters in force.
    pub delimiters: Delimiters,
}

/// One segment, borrowed. Its elements are numbered as the guides number them: the segment id is 0.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    bytes: &'a [u8],
    /// Positions of its separators; the last one is its terminator.
    positions: &'a [u32],
    start: u32,
    delimiters: Delimiters,
    plain: bool,
}

/// Cuts the next segment, skipping blanks and line ends before it. Incomplete where no terminator is left.
///
/// # Errors
/// `nom::Err::Incomplete` when the rest holds no whole segment.
#[inline(always)]
pub fn segment(input: Indexed<'_>) -> IResult<Indexed<'_>, Segment<'_>, Error<()>> {
    let input = skip_gap(input);
    let start = input.at;
    let (end, ends) = input.ends.split_first().ok_or(Err::Incomplete(nom::Needed::Unknown))?;
    let used = end.positions();
    let own = input.positions.get(input.used as usize..used as usize);
    let own = own.ok_or(Err::Error(Error::new((), ErrorKind::Verify)))?;
    let at = own.last().map_or(start, |p| p + 1);
    let Indexed { bytes, delimiters, .. } = input;
    let segment = Segment { bytes, positions: own, start, delimiters, plain: end.is_plain() };
    Ok((Indexed { ends, used, at, ..input }, segment))
}

impl<'a> Indexed<'a> {
    /// All of a block.
    #[must_use]
    pub fn new(bytes: &'a [u8], index: &'a Index, delimiters: Delimiters) -> Indexed<'a> {
        Indexed { bytes, positions: &index.positions, ends: &index.ends, used: 0, at: 0, delimiters }
    }
}

/// Skips blanks and line ends. Where a line end is the terminator, an empty line is no segment but a gap.
#[inline(always)]
fn skip_gap(mut input: Indexed<'_>) -> Indexed<'_> {
    let terminator = input.delimiters.segment;
    // Segments begin with letters: only what sorts before them can be a gap.
    while let Some(byte) = input.bytes.get(input.at as usize).copied().filter(|b| !b.is_ascii_alphanumeric())
    {
        let empty_line = byte == terminator && matches!(byte, b'\n' | b'\r');
        if !empty_line && !input.delimiters.is_gap(byte) {
            break;
        }
        if empty_line {
            input.ends = input.ends.get(1..).unwrap_or_default();
            input.used += 1;
        }
        input.at += 1;
    }
    input
}

impl<'a> Segment<'a> {
    /// Segment id: element 0.
    #[inline]
    #[must_use]
    pub fn id(&self) -> &'a [u8] {
        self.element(0).unwrap_or_default()
    }

    /// Element `n`, 1-based; `None` past the last one sent. Empty elements are `Some(b"")`.
    #[inline]
    #[must_use]
    pub fn element(&self, n: usize) -> Option<&'a [u8]> {
        let (from, to) = self.span(n)?;
        self.bytes.get(from as usize..to as usize)
    }

    /// Element `n`, empty where it wasn't sent.
    #[inline]
    #[must_use]
    pub fn value(&self, n: usize) -> &'a [u8] {
        self.element(n).unwrap_or_default()
    }

    /// The elements behind the id, in order.
    #[inline]
    pub fn elements(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let bytes = self.bytes;
        self.positions.windows(2).map(move |pair| match *pair {
            [before, at] => bytes.get(before as usize + 1..at as usize).unwrap_or_default(),
            _ => b"",
        })
    }

    /// Component `c` (1-based) of element `n`, empty where it wasn't sent.
    #[inline]
    #[must_use]
    pub fn component(&self, n: usize, c: usize) -> &'a [u8] {
        if self.plain && n > 0 {
            return if c == 1 { self.value(n) } else { b"" };
        }
        self.split_component(n, c)
    }

    fn split_component(&self, n: usize, c: usize) -> &'a [u8] {
        let mut rest = Some(self.value(n));
        let mut found: &[u8] = b"";
        for _ in 0..c {
            let Some((after, value)) = rest.and_then(|r| part(self.delimiters.component, r).ok()) else {
                return b"";
            };
            // What a separator follows goes on; what nothing follows was the last.
            rest = after.split_first().map(|(_, behind)| behind);
            found = value;
        }
        found
    }

    /// Start and end of element `n` in the block.
    #[inline]
    #[must_use]
    pub fn span(&self, n: usize) -> Option<(u32, u32)> {
        let from = match n.checked_sub(1) {
            None => self.start,
            Some(before) => self.positions.get(before)? + 1,
        };
        Some((from, *self.positions.get(n)?))
    }

    /// True when it holds, behind its id, printable ASCII alone and no separator of components or repetitions. It may be
    /// false for one of which that is true.
    #[inline]
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.plain
    }

    /// Number of elements sent after the id.
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.positions.len().saturating_sub(1)
    }

    /// True for a segment of an id alone.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// First byte, in the block.
    #[must_use]
    pub fn start(&self) -> u32 {
        self.start
    }

    /// One past the terminator, in the block.
    #[must_use]
    pub fn end(&self) -> u32 {
        self.positions.last().map_or(self.start, |p| p + 1)
    }

    /// The segment as sent, without its terminator.
    #[must_use]
    pub fn text(&self) -> &'a [u8] {
        self.bytes.get(self.start as usize..(self.end() as usize).saturating_sub(1)).unwrap_or_default()
    }

    /// Delimiters it was cut with.
    #[must_use]
    pub fn delimiters(&self) -> Delimiters {
        self.delimiters
    }
}

/// Iterates over the whole segments of an indexed block.
#[derive(Clone, Copy, Debug)]
pub struct Segments<'a>(pub Indexed<'a>);

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<Segment<'a>> {
        let (rest, segment) = segment(self.0).ok()?;
        self.0 = rest;
        Some(segment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &[u8]) -> Vec<(String, Vec<String>)> {
        let mut index = Index::default();
        index.fill(text, Delimiters::COMMON);
        let input = Indexed::new(text, &index, Delimiters::COMMON);
        let owned = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
        Segments(input).map(|s| (owned(s.id()), (1..=s.len()).map(|n| owned(s.value(n))).collect())).collect()
    }

    #[test]
    fn cuts_segments_and_elements() {
        let cut = cut(b"ST*837*0001~\n SV1*HC:99213:25*100**1~~SE*2");
        assert_eq!(cut.len(), 3, "the unterminated SE is not a segment");
        assert_eq!(
            cut[1],
            ("SV1".into(), vec!["HC:99213:25".into(), "100".into(), String::new(), "1".into()])
        );
        assert_eq!(cut[2], (String::new(), vec![]), "two terminators hold an empty segment");
    }

    #[test]
    fn components_are_numbered_from_one() {
        let mut index = Index::default();
        let text = b"SV1*HC:99213:25~";
        index.fill(text, Delimiters::COMMON);
        let input = Indexed::new(text, &index, Delimiters::COMMON);
        let (_, sv1) = segment(input).unwrap();
        assert_eq!(sv1.component(1, 2), b"99213");
        assert_eq!(sv1.component(1, 9), b"");
        assert_eq!(sv1.value(9), b"");
        assert_eq!(sv1.text(), b"SV1*HC:99213:25");
    }
}
