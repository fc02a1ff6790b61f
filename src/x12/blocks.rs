//! Reads a file of any size through a fixed window and yields it as blocks of whole segments. Every byte of the
//! input is in exactly one chunk.

use std::io::{self, Read};

use super::Delimiters;
use super::delimiters::{Header, begins_interchange, header};
use super::index::Index;
use super::segment::{Indexed, Segments};

/// Bytes kept of a file at a time.
pub const WINDOW: usize = 256 * 1024;
/// Longest segment that is read as one; a longer one makes its transaction set unusable.
pub const SEGMENT_CAP: usize = 64 * 1024;
/// Longest ISA looked for, unpadded elements and blanks before it included.
const HEADER_REACH: usize = 512;

/// What a stretch of the file turned out to be.
// A block is what nearly every chunk is: boxing it would only cost an allocation.
#[allow(clippy::large_enum_variant)]
#[derive(Debug)]
pub enum Chunk<'a> {
    /// Whole segments of one interchange.
    Block(Block<'a>),
    /// Bytes outside any interchange.
    Noise {
        /// First byte.
        offset: u64,
        /// The bytes.
        bytes: &'a [u8],
        /// True when they are only blanks, line ends or a byte order mark.
        blank: bool,
        /// True when they start with ISA but that can't be read as a header.
        begins_isa: bool,
    },
    /// One segment longer than [`SEGMENT_CAP`], skipped to its terminator.
    TooLong {
        /// First byte.
        offset: u64,
        /// How many.
        len: u64,
    },
    /// Bytes after the last terminator, where the file ends or another interchange begins.
    Unterminated {
        /// First byte.
        offset: u64,
        /// How many.
        len: u64,
    },
}

/// Whole segments with their separator index.
#[derive(Debug)]
pub struct Block<'a> {
    /// The bytes, blanks between segments included.
    pub bytes: &'a [u8],
    /// Byte in the file of the first of them.
    pub offset: u64,
    /// The interchange header when the block starts one.
    pub header: Option<Header>,
    indexed: Indexed<'a>,
}

impl<'a> Block<'a> {
    /// Its segments in order.
    #[must_use]
    pub fn segments(&self) -> Segments<'a> {
        Segments(self.indexed)
    }
}

enum Place {
    Outside,
    Inside(Delimiters),
    SkippingSegment { delimiters: Delimiters, since: u64 },
}

/// The window over a `Read`.
pub struct Blocks<R> {
    reader: R,
    buffer: Vec<u8>,
    /// Bytes at the front that were yielded already.
    used: usize,
    /// Byte in the file of `buffer[0]`.
    offset: u64,
    ended: bool,
    place: Place,
    index: Index,
}

enum Cut {
    Block { len: usize, header: Option<Header>, delimiters: Delimiters },
    Noise { len: usize, blank: bool, begins_isa: bool },
    TooLong { since: u64, len: usize },
    Unterminated { len: usize },
}

impl<R: Read> Blocks<R> {
    /// Starts at the first byte of `reader`.
    pub fn new(reader: R) -> Blocks<R> {
        Blocks {
            reader,
            buffer: Vec::with_capacity(WINDOW),
            used: 0,
            offset: 0,
            ended: false,
            place: Place::Outside,
            index: Index::default(),
        }
    }

    /// Starts inside an interchange, at the first byte of a segment.
    pub fn inside(reader: R, delimiters: Delimiters) -> Blocks<R> {
        Blocks { place: Place::Inside(delimiters), ..Blocks::new(reader) }
    }

    /// The next chunk; `None` at the end of the file.
    ///
    /// # Errors
    /// When reading fails.
    pub fn next_chunk(&mut self) -> io::Result<Option<Chunk<'_>>> {
        self.fill()?;
        loop {
            if self.buffer.is_empty() {
                return Ok(self.finish());
            }
            let Some(cut) = self.cut() else {
                self.used = self.buffer.len();
                self.fill()?;
                continue;
            };
            let (Cut::Block { len, .. }
            | Cut::Noise { len, .. }
            | Cut::TooLong { len, .. }
            | Cut::Unterminated { len }) = cut;
            self.used = len;
            let (offset, bytes) = (self.offset, self.buffer.get(..len).unwrap_or_default());
            return Ok(Some(match cut {
                Cut::Noise { blank, begins_isa, .. } => Chunk::Noise { offset, bytes, blank, begins_isa },
                Cut::TooLong { since, .. } => {
                    Chunk::TooLong { offset: since, len: offset + len as u64 - since }
                }
                Cut::Unterminated { .. } => Chunk::Unterminated { offset, len: len as u64 },
                Cut::Block { header, delimiters, .. } => {
                    let indexed = Indexed::new(bytes, &self.index, delimiters);
                    Chunk::Block(Block { bytes, offset, header, indexed })
                }
            }));
        }
    }

    /// Drops what was yielded and reads until the window is full or the file ends.
    fn fill(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.used);
        self.offset += self.used as u64;
        self.used = 0;
        while !self.ended && self.buffer.len() < WINDOW {
            let room = WINDOW - self.buffer.len();
            let read = (&mut self.reader).take(room as u64).read_to_end(&mut self.buffer)?;
            self.ended = read == 0;
        }
        Ok(())
    }

    fn finish(&mut self) -> Option<Chunk<'static>> {
        if let Place::SkippingSegment { delimiters, since } = self.place {
            self.place = Place::Inside(delimiters);
            return Some(Chunk::TooLong { offset: since, len: self.offset - since });
        }
        None
    }

    /// Decides how much of the buffer the next chunk takes. `None`: all of it was skipped, read on.
    fn cut(&mut self) -> Option<Cut> {
        match self.place {
            Place::Outside => self.cut_outside(),
            Place::Inside(delimiters) => self.cut_inside(delimiters, None),
            Place::SkippingSegment { delimiters, since } => {
                let end = memchr::memchr(delimiters.segment, &self.buffer)?;
                self.place = Place::Inside(delimiters);
                Some(Cut::TooLong { since, len: end + 1 })
            }
        }
    }

    fn cut_outside(&mut self) -> Option<Cut> {
        let bom = if self.offset == 0 && self.buffer.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        let blanks = self.buffer.iter().skip(bom).take_while(|b| is_blank(**b)).count() + bom;
        let rest = self.buffer.get(blanks..).unwrap_or_default();
        if let Some(header) = header(rest.get(..rest.len().min(HEADER_REACH)).unwrap_or_default()) {
            if blanks > 0 {
                return Some(self.noise(blanks));
            }
            let delimiters = header.delimiters;
            self.place = Place::Inside(delimiters);
            return self.cut_inside(delimiters, Some(header));
        }
        // Not a header here: skip to the next place where a fixed-width one can be read.
        let next = memchr::memmem::find_iter(&self.buffer, b"ISA")
            .filter(|at| *at > blanks)
            .find(|at| header_at(&self.buffer, *at).is_some());
        // A header may straddle the window's end: keep that much back unless the file ends here.
        let keep = if self.ended { 0 } else { HEADER_REACH };
        let len = next.unwrap_or(self.buffer.len().saturating_sub(keep)).max(1);
        Some(self.noise(len))
    }

    fn noise(&self, len: usize) -> Cut {
        let bytes = self.buffer.get(..len).unwrap_or_default();
        let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let first = text.iter().position(|b| !is_blank(*b)).unwrap_or(text.len());
        let text = text.get(first..).unwrap_or_default();
        let begins_isa = begins_interchange(text);
        Cut::Noise { len, blank: text.is_empty(), begins_isa }
    }

    fn cut_inside(&mut self, delimiters: Delimiters, header: Option<Header>) -> Option<Cut> {
        let from = header.as_ref().map_or(0, |h| h.len);
        let limit = self.interchange_limit(delimiters, from);
        let (end, closes, opens) = match limit {
            Limit::None => (self.buffer.len(), false, false),
            Limit::Trailer(end) => (end, true, false),
            Limit::NextHeader(at) => (at, false, true),
        };
        let bytes = self.buffer.get(..end).unwrap_or_default();
        self.index.fill(bytes, delimiters);
        let whole = self.index.cut();
        if whole > 0 {
            if closes {
                self.place = Place::Outside;
            }
            return Some(Cut::Block { len: whole, header, delimiters });
        }
        // No terminator in reach. Blanks before what has none are not part of it.
        let blanks = bytes.iter().take_while(|b| delimiters.is_gap(**b)).count();
        if blanks > 0 {
            return Some(Cut::Noise { len: blanks, blank: true, begins_isa: false });
        }
        if opens || self.ended {
            self.place = if opens { Place::Outside } else { Place::Inside(delimiters) };
            return Some(Cut::Unterminated { len: end });
        }
        self.place = Place::SkippingSegment { delimiters, since: self.offset };
        None
    }

    /// Where this interchange must stop inside the window: after its IEA, or before the next ISA.
    fn interchange_limit(&self, delimiters: Delimiters, from: usize) -> Limit {
        let starts_segment = |at: usize| {
            let before = self.buffer.get(..at).unwrap_or_default();
            let last = before.iter().rposition(|b| !delimiters.is_gap(*b));
            match last {
                None => true,
                Some(i) => before.get(i) == Some(&delimiters.segment),
            }
        };
        let rest = self.buffer.get(from..).unwrap_or_default();
        let header = memchr::memmem::find_iter(rest, b"ISA")
            .map(|i| i + from)
            .find(|at| starts_segment(*at) && begins_interchange(self.buffer.get(*at..).unwrap_or_default()));
        let reach = header.unwrap_or(self.buffer.len());
        let inside = self.buffer.get(from..reach).unwrap_or_default();
        let trailer = memchr::memmem::find_iter(inside, b"IEA").map(|i| i + from).find_map(|at| {
            let tail = self.buffer.get(at..reach).unwrap_or_default();
            let ends_id = tail.get(3).is_some_and(|b| *b == delimiters.element || *b == delimiters.segment);
            if !ends_id || !starts_segment(at) {
                return None;
            }
            Some(at + memchr::memchr(delimiters.segment, tail)? + 1)
        });
        match (trailer, header) {
            (Some(end), _) => Limit::Trailer(end),
            (None, Some(at)) => Limit::NextHeader(at),
            (None, None) => Limit::None,
        }
    }
}

/// Bytes that may stand around interchanges: white space, and the end-of-file mark and padding of old systems.
fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, 0x1A | 0)
}

enum Limit {
    None,
    Trailer(usize),
    NextHeader(usize),
}

/// The fixed-width header that starts at `at`, if one does: unpadded ones are only looked for where one must stand.
fn header_at(buffer: &[u8], at: usize) -> Option<Header> {
    let bytes = buffer.get(at..)?;
    header(bytes.get(..bytes.len().min(HEADER_REACH))?).filter(|h| h.fixed_width)
}
