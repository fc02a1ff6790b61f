//! Cuts the claims of a file into pieces that carry their context, so that each can be judged alone, in any order.

use std::io;

use super::Source;
use super::survey::{Fate, Survey, is_claims};
use crate::claim::hierarchy::depth;
use crate::schema::Guide;
use crate::x12::element::amount;
use crate::x12::outline::{self, Interchange};
use crate::x12::{Block, Blocks, Cents, Chunk, Delimiters, Segment};

/// Bytes of claims a piece aims at. It ends at the next subscriber, or at the next claim when twice this long.
const TARGET: usize = 256 * 1024;

/// What comes next in file order.
#[derive(Debug)]
pub enum Work {
    /// Claims to judge.
    Piece(Piece),
    /// A claim of an unusable set.
    Refused(Refused),
}

/// Consecutive segments of one transaction set with the context of the first.
#[derive(Debug)]
pub struct Piece {
    /// Guide the set follows.
    pub guide: Guide,
    /// Delimiters of the interchange.
    pub delimiters: Delimiters,
    /// True when ISA15 says test.
    pub test: bool,
    /// ST02.
    pub control: String,
    /// Segments, blanks between them included.
    pub own: Part,
    /// 1000A/B with what is before them, 2000A, 2000B, 2000C in force at the first byte.
    pub context: [Part; 4],
    /// Position of the first claim, 1-based.
    pub position: u64,
    /// CLM segments in it.
    pub claims: u64,
    /// Claims that already stood under the hierarchy in force at the first byte.
    pub under: u16,
    /// Which of the context's parts had a claim under them before.
    pub claimed: [bool; 4],
    /// Where the piece ends.
    pub end: End,
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

/// A claim nobody can hold as a claim.
#[derive(Debug)]
pub struct Refused {
    /// CLM01.
    pub claim: String,
    /// ST02, empty outside a set.
    pub control: String,
    /// 1-based among the file's claims.
    pub position: u64,
    /// CLM02.
    pub charge: Option<Cents>,
    /// Byte in the file.
    pub offset: u64,
    /// True when ISA15 says test.
    pub test: bool,
}

/// Cuts a file; what comes is given to the closure in file order. The real one is [`split`].
pub type Splitter<S> = fn(&S, &Survey, &mut dyn FnMut(Work) -> io::Result<()>) -> io::Result<()>;

#[derive(Clone, Copy)]
enum InForce {
    /// As the piece's context has it.
    Inherited,
    /// Bytes of this piece, and the ordinal of the first segment.
    Here { from: usize, to: usize, ordinal: u32 },
    /// Ended.
    Ended,
}

struct Building {
    piece: Piece,
    in_force: [InForce; 4],
    /// Claims so far under the hierarchy in force.
    under: u16,
    /// Which of the parts in force have a claim under them.
    claimed: [bool; 4],
    /// Which context part the next segment still belongs to.
    growing: Option<usize>,
}

struct Split<'a> {
    survey: &'a Survey,
    sets: Vec<&'a outline::Set>,
    interchange: usize,
    set: usize,
    in_set: bool,
    ordinal: u32,
    position: u64,
    building: Option<Building>,
    emit: &'a mut dyn FnMut(Work) -> io::Result<()>,
}

/// Cuts a file along its survey.
///
/// # Errors
/// When reading fails, or the closure does.
pub fn split<S: Source + ?Sized>(
    source: &S,
    survey: &Survey,
    emit: &mut dyn FnMut(Work) -> io::Result<()>,
) -> io::Result<()> {
    let mut blocks = Blocks::new(source.open()?);
    let mut state = Split {
        survey,
        sets: survey.outline.interchanges.iter().flat_map(|i| &i.groups).flat_map(|g| &g.sets).collect(),
        interchange: 0,
        set: 0,
        in_set: false,
        ordinal: 0,
        position: 1,
        building: None,
        emit,
    };
    while let Some(chunk) = blocks.next_chunk()? {
        match chunk {
            Chunk::Block(block) => {
                if block.header.is_some() {
                    state.interchange += 1;
                    state.end_set()?;
                }
                for segment in block.segments() {
                    state.segment(&block, &segment)?;
                }
            }
            Chunk::TooLong { .. } => state.ordinal += 1,
            Chunk::Noise { .. } | Chunk::Unterminated { .. } => {}
        }
    }
    state.end_set()
}

impl Split<'_> {
    fn fate(&self) -> Option<Fate> {
        if !self.in_set {
            return None;
        }
        self.survey.sets.get(self.set.checked_sub(1)?).map(|s| s.fate)
    }

    fn is_test(&self) -> bool {
        let open = self.interchange.checked_sub(1).and_then(|i| self.survey.outline.interchanges.get(i));
        open.is_some_and(Interchange::is_test)
    }

    fn segment(&mut self, block: &Block<'_>, segment: &Segment<'_>) -> io::Result<()> {
        let offset = block.offset + u64::from(segment.start());
        match segment.id() {
            b"ISA" | b"IEA" | b"GS" | b"GE" => return self.end_set(),
            b"ST" => {
                self.end_set()?;
                // The survey decides what is a set: one outside any group is none.
                if self.survey.sets.get(self.set).is_some_and(|s| s.start == offset) {
                    self.set += 1;
                    self.in_set = true;
                    self.ordinal = 0;
                }
            }
            _ => {}
        }
        self.ordinal += 1;
        match self.fate() {
            Some(Fate::Claims(guide)) => self.judged(guide, block, segment, offset)?,
            Some(Fate::Pass) => {}
            Some(Fate::Refused) | None if segment.id() == b"CLM" && self.counts() => {
                self.refuse(segment, offset)?
            }
            Some(Fate::Refused) | None => {}
        }
        if segment.id() == b"SE" {
            self.end_set()?;
        }
        Ok(())
    }

    fn open_set(&self) -> Option<&outline::Set> {
        self.sets.get(self.set.checked_sub(1).filter(|_| self.in_set)?).copied()
    }

    /// CLM counts as a claim in an 837 or out of place, as in the survey.
    fn counts(&self) -> bool {
        self.open_set().is_none_or(is_claims)
    }

    fn refuse(&mut self, segment: &Segment<'_>, offset: u64) -> io::Result<()> {
        let control = self.control();
        let claim = String::from_utf8_lossy(segment.value(1)).into_owned();
        let (position, test) = (self.position, self.is_test());
        self.position += 1;
        (self.emit)(Work::Refused(Refused {
            claim,
            control,
            position,
            charge: amount(segment.value(2)),
            offset,
            test,
        }))
    }

    fn control(&self) -> String {
        self.open_set().map(|s| s.control.clone()).unwrap_or_default()
    }

    fn judged(
        &mut self,
        guide: Guide,
        block: &Block<'_>,
        segment: &Segment<'_>,
        offset: u64,
    ) -> io::Result<()> {
        let id = segment.id();
        if let Some(building) = &self.building {
            let full = building.piece.own.bytes.len();
            let at_subscriber = id == b"HL" && segment.value(3) == b"22" && full >= TARGET;
            let at_claim = id == b"CLM" && full >= 2 * TARGET;
            if at_subscriber || at_claim {
                self.cut(offset, if at_claim { End::Claim } else { End::Subscriber })?;
            }
        }
        let (control, test, position, ordinal) =
            (self.control_once(), self.is_test(), self.position, self.ordinal);
        let building = self.building.get_or_insert_with(|| {
            let own = Part { bytes: Vec::with_capacity(TARGET + TARGET / 4), offset, ordinal };
            let context = [Part::default(), Part::default(), Part::default(), Part::default()];
            let delimiters = segment.delimiters();
            let (claims, under, claimed, end) = (0, 0, [false; 4], End::Set);
            let piece = Piece {
                guide,
                delimiters,
                test,
                control,
                own,
                context,
                position,
                claims,
                under,
                claimed,
                end,
            };
            Building { piece, in_force: [InForce::Ended; 4], under, claimed, growing: Some(0) }
        });
        let bytes = block.bytes.get(segment.start() as usize..segment.end() as usize).unwrap_or_default();
        // What was between segments becomes blanks, so that places in the copy are places in the file.
        let end = building.piece.own.offset + building.piece.own.bytes.len() as u64;
        let gap = usize::try_from(offset - end).unwrap_or(0);
        building.piece.own.bytes.resize(building.piece.own.bytes.len() + gap, b' ');
        let from = building.piece.own.bytes.len();
        building.piece.own.bytes.extend_from_slice(bytes);
        building.note(id, segment, from, ordinal);
        if id == b"CLM" {
            building.piece.claims += 1;
            building.under = building.under.saturating_add(1);
            building.claimed = [true; 4];
            self.position += 1;
        }
        Ok(())
    }

    /// The set's control number where a new piece needs it.
    fn control_once(&self) -> String {
        if self.building.is_some() { String::new() } else { self.control() }
    }

    /// Ends the piece and starts the next one at `offset`, with the context in force.
    fn cut(&mut self, offset: u64, end: End) -> io::Result<()> {
        let Some(Building { mut piece, in_force, under, claimed, .. }) = self.building.take() else {
            return Ok(());
        };
        let [a, b, c, d] = in_force;
        let [pa, pb, pc, pd] = &piece.context;
        let context = [(a, pa), (b, pb), (c, pc), (d, pd)].map(|(force, part)| match force {
            InForce::Inherited => part.clone(),
            InForce::Ended => Part::default(),
            InForce::Here { from, to, ordinal } => Part {
                bytes: piece.own.bytes.get(from..to).unwrap_or_default().to_vec(),
                offset: piece.own.offset + from as u64,
                ordinal,
            },
        });
        let own = Part { bytes: Vec::with_capacity(TARGET + TARGET / 4), offset, ordinal: self.ordinal };
        let (guide, delimiters, test) = (piece.guide, piece.delimiters, piece.test);
        let (control, position) = (piece.control.clone(), self.position);
        piece.end = end;
        let (claims, end) = (0, End::Set);
        let next =
            Piece { guide, delimiters, test, control, own, context, position, claims, under, claimed, end };
        let in_force = [InForce::Inherited; 4];
        self.building = Some(Building { piece: next, in_force, under, claimed, growing: None });
        (self.emit)(Work::Piece(piece))
    }

    fn end_set(&mut self) -> io::Result<()> {
        self.in_set = false;
        match self.building.take() {
            Some(building) => (self.emit)(Work::Piece(building.piece)),
            None => Ok(()),
        }
    }
}

impl Building {
    /// Keeps track of which loops are in force.
    fn note(&mut self, id: &[u8], segment: &Segment<'_>, from: usize, ordinal: u32) {
        let to = self.piece.own.bytes.len();
        match id {
            b"CLM" => self.growing = None,
            b"HL" => {
                // An unknown level stands where a subscriber would, so that what follows isn't read under another.
                let depth = depth(segment.value(3)).map_or(2, |d| d + 1);
                for (slot, claimed) in self.in_force.iter_mut().zip(&mut self.claimed).skip(depth) {
                    (*slot, *claimed) = (InForce::Ended, false);
                }
                self.under = 0;
                if let Some(slot) = self.in_force.get_mut(depth) {
                    *slot = InForce::Here { from, to, ordinal };
                }
                self.growing = Some(depth);
                return;
            }
            _ => {}
        }
        let Some(slot) = self.growing.and_then(|i| self.in_force.get_mut(i)) else { return };
        *slot = match *slot {
            InForce::Here { from, ordinal, .. } => InForce::Here { from, to, ordinal },
            _ => InForce::Here { from, to, ordinal },
        };
    }
}
