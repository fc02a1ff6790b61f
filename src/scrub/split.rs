//! Reads the claims of a file as pieces that carry their context, so that each can be judged alone, in any order.

use std::io::{self, Read};

use super::Source;
use super::cut::{Span, Stretch};
use super::survey::{Fate, Survey};
use crate::schema::Guide;
use crate::x12::outline::Interchange;

/// Consecutive segments of one transaction set with the context of the first.
#[derive(Debug)]
pub struct Piece {
    /// Guide the set follows; none where its claims are refused.
    pub guide: Option<Guide>,
    /// Where it was cut.
    pub stretch: Stretch,
    /// True when ISA15 says test.
    pub test: bool,
    /// ST02, empty outside a set.
    pub control: String,
    /// Segments, blanks between them included.
    pub own: Part,
    /// 1000A/B with what is before them, 2000A, 2000B, 2000C in force at the first byte.
    pub context: [Part; 4],
}

/// What follows a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing: the set ends in it.
    Set,
    /// A subscriber hierarchy.
    Subscriber,
    /// A claim.
    Claim,
}

/// A stretch of the file, copied.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// The bytes; empty when the loop isn't in force.
    pub bytes: Vec<u8>,
    /// Byte in the file of the first.
    pub offset: u64,
    /// Ordinal of its first segment in the set.
    pub ordinal: u32,
}

/// Cuts a file; what comes is given to the closure in file order. The real one is [`split`].
pub type Splitter<S> = fn(&S, &Survey, &mut dyn FnMut(Piece) -> io::Result<()>) -> io::Result<()>;

/// Reads a file's claims along its survey.
///
/// # Errors
/// When reading fails, the file is shorter than it was, or the closure fails.
pub fn split<S: Source + ?Sized>(
    source: &S,
    survey: &Survey,
    emit: &mut dyn FnMut(Piece) -> io::Result<()>,
) -> io::Result<()> {
    let mut reader = Reader { bytes: source.open()?, at: 0 };
    let groups = survey.outline.interchanges.iter().flat_map(|i| &i.groups);
    let controls: Vec<&str> = groups.flat_map(|g| &g.sets).map(|s| s.control.as_str()).collect();
    let mut context: [Part; 4] = Default::default();
    let mut stretches = survey.stretches.iter().peekable();
    while let Some(stretch) = stretches.next() {
        let fate = stretch.set.and_then(|set| survey.sets.get(set)).map_or(Fate::Refused, |s| s.fate);
        let guide = match fate {
            Fate::Pass => continue,
            Fate::Claims(guide) => Some(guide),
            Fate::Refused => None,
        };
        let control = stretch.set.and_then(|set| controls.get(set)).copied().unwrap_or_default();
        let test = survey.outline.interchanges.get(stretch.interchange).is_some_and(Interchange::is_test);
        let own = reader.part(stretch.own)?;
        // What the next one stands under lies in this one, or is what this one stands under.
        let of = |span: Span| match context.iter().find(|p| !p.bytes.is_empty() && p.offset == span.offset) {
            Some(part) => part.clone(),
            None => own.part(span),
        };
        let next = stretches.peek().map_or([None; 4], |next| next.context);
        let next = next.map(|span| span.map(of).unwrap_or_default());
        let (control, context) = (control.to_owned(), std::mem::replace(&mut context, next));
        emit(Piece { guide, stretch: *stretch, test, control, own, context })?;
    }
    Ok(())
}

struct Reader<'s> {
    bytes: Box<dyn Read + Send + 's>,
    /// Byte of the file that comes next.
    at: u64,
}

impl Reader<'_> {
    fn part(&mut self, span: Span) -> io::Result<Part> {
        let (skip, len) = (span.offset.saturating_sub(self.at), span.end - span.offset);
        io::copy(&mut (&mut self.bytes).take(skip), &mut io::sink())?;
        let mut bytes = Vec::with_capacity(usize::try_from(len).map_err(io::Error::other)?);
        (&mut self.bytes).take(len).read_to_end(&mut bytes)?;
        if bytes.len() as u64 != len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.at = span.end;
        Ok(Part { bytes, offset: span.offset, ordinal: span.ordinal })
    }
}

impl Part {
    /// The part of it that lies there.
    fn part(&self, span: Span) -> Part {
        let place = |at: u64| usize::try_from(at.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        let bytes = self.bytes.get(place(span.offset)..place(span.end)).unwrap_or_default().to_vec();
        Part { bytes, offset: span.offset, ordinal: span.ordinal }
    }
}
