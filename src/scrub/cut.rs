//! Decides where the claims of a file are cut into stretches that can be judged alone, while the survey reads it.

use super::split::End;
use crate::claim::hierarchy::depth;
use crate::x12::{Delimiters, Segment};

/// Bytes of claims a stretch aims at. It ends at the next subscriber, or at the next claim when twice this long.
const TARGET: u64 = 256 * 1024;

/// Consecutive segments of one transaction set, or claims outside any, and which segments before them they stand under.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    /// Number of the transaction set, from 0; none outside any.
    pub set: Option<usize>,
    /// Number of the interchange, from 0.
    pub interchange: usize,
    /// Delimiters of the interchange.
    pub delimiters: Delimiters,
    /// Where it lies.
    pub own: Span,
    /// 1000A/B with what is before them, 2000A, 2000B, 2000C in force at its first byte.
    pub context: [Option<Span>; 4],
    /// Position of its first claim, 1-based among the file's claims.
    pub position: u64,
    /// CLM segments in it.
    pub claims: u64,
    /// Claims that already stood under the hierarchy in force at the first byte.
    pub under: u16,
    /// Which of the context's parts had a claim under them before.
    pub claimed: [bool; 4],
    /// Where it ends.
    pub end: End,
}

/// Where bytes of one transaction set lie in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub offset: u64,
    /// One past the last.
    pub end: u64,
    /// Ordinal of the first segment in the set.
    pub ordinal: u32,
}

/// Cuts as segments come.
#[derive(Debug, Default)]
pub(super) struct Cutter {
    done: Vec<Stretch>,
    open: Option<Open>,
    /// Interchanges that began.
    interchanges: usize,
    claims: u64,
}

#[derive(Debug)]
struct Open {
    stretch: Stretch,
    in_force: [Option<Span>; 4],
    /// Claims so far under the hierarchy in force.
    under: u16,
    /// Which of the parts in force have a claim under them.
    claimed: [bool; 4],
    /// Which part of the context the next segment still belongs to.
    growing: Option<usize>,
}

impl Open {
    fn new(cutter: &Cutter, set: Option<usize>, delimiters: Delimiters, own: Span) -> Open {
        let (interchange, position) = (cutter.interchanges.saturating_sub(1), cutter.claims + 1);
        let (claims, under, claimed, end, context) = (0, 0, [false; 4], End::Set, [None; 4]);
        let stretch =
            Stretch { set, interchange, delimiters, own, context, position, claims, under, claimed, end };
        Open { stretch, in_force: context, under, claimed, growing: Some(0) }
    }

    /// Keeps track of which loops are in force.
    fn note(&mut self, segment: &Segment<'_>, span: Span) {
        match segment.id() {
            b"CLM" => self.growing = None,
            b"HL" => {
                // An unknown level stands where a subscriber would, so that what follows isn't read under another.
                let depth = depth(segment.value(3)).map_or(2, |d| d + 1);
                for (slot, claimed) in self.in_force.iter_mut().zip(&mut self.claimed).skip(depth) {
                    (*slot, *claimed) = (None, false);
                }
                self.under = 0;
                if let Some(slot) = self.in_force.get_mut(depth) {
                    *slot = Some(span);
                }
                self.growing = Some(depth);
                return;
            }
            _ => {}
        }
        if let Some(slot) = self.growing.and_then(|i| self.in_force.get_mut(i)) {
            slot.get_or_insert(span).end = span.end;
        }
    }
}

impl Cutter {
    /// Takes a segment of a claim set.
    pub(super) fn segment(&mut self, set: usize, segment: &Segment<'_>, ordinal: u32, offset: u64) {
        let span = Span { offset, end: offset + u64::from(segment.end() - segment.start()), ordinal };
        if ordinal == 1 {
            self.close();
        }
        let id = segment.id();
        let full = self.open.as_ref().map_or(0, |o| span.offset - o.stretch.own.offset);
        if full >= TARGET {
            if id == b"HL" && segment.value(3) == b"22" {
                self.cut(span, End::Subscriber);
            } else if full >= 2 * TARGET && id == b"CLM" {
                self.cut(span, End::Claim);
            }
        }
        if self.open.is_none() {
            self.open = Some(Open::new(self, Some(set), segment.delimiters(), span));
        }
        let Some(open) = &mut self.open else { return };
        open.stretch.own.end = span.end;
        open.note(segment, span);
        if id == b"CLM" {
            self.claims += 1;
            open.stretch.claims += 1;
            open.under = open.under.saturating_add(1);
            open.claimed = [true; 4];
        }
    }

    /// Takes a CLM that stands in no transaction set.
    pub(super) fn misplaced(&mut self, clm: &Segment<'_>, offset: u64) {
        let end = offset + u64::from(clm.end() - clm.start());
        let near = |o: &Open| o.stretch.set.is_none() && end - o.stretch.own.offset < TARGET;
        if !self.open.as_ref().is_some_and(near) {
            self.close();
            let own = Span { offset, end, ordinal: 0 };
            self.open = Some(Open::new(self, None, clm.delimiters(), own));
        }
        self.claims += 1;
        if let Some(open) = &mut self.open {
            open.stretch.own.end = end;
            open.stretch.claims += 1;
        }
    }

    /// Ends the stretch and starts the next one of the same set, with the context in force.
    fn cut(&mut self, own: Span, end: End) {
        let Some(Open { mut stretch, in_force, under, claimed, .. }) = self.open.take() else { return };
        let (context, position) = (in_force, self.claims + 1);
        stretch.end = end;
        let next = Stretch { own, context, position, claims: 0, under, claimed, end: End::Set, ..stretch };
        self.open = Some(Open { stretch: next, in_force, under, claimed, growing: None });
        self.done.push(stretch);
    }

    /// Ends the stretch: what comes is not of its set.
    pub(super) fn close(&mut self) {
        self.done.extend(self.open.take().map(|o| o.stretch));
    }

    /// An interchange begins.
    pub(super) fn interchange(&mut self) {
        self.close();
        self.interchanges += 1;
    }

    pub(super) fn finish(mut self) -> Vec<Stretch> {
        self.close();
        self.done
    }
}
