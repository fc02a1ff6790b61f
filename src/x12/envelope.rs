//! Envelopes as the outline finds them: interchange > functional group > transaction set, and what is wrong with each.

use super::delimiters::Header;
use super::{Delimiters, Fault, Segment};

/// A file's envelopes, in file order.
#[derive(Debug, Default)]
pub struct Outline {
    /// Interchanges.
    pub interchanges: Vec<Interchange>,
    /// Stretches outside any interchange, blanks aside.
    pub noise: Vec<Noise>,
    /// Bytes read.
    pub bytes: u64,
}

/// Bytes that belong to no interchange.
#[derive(Clone, Copy, Debug)]
pub struct Noise {
    /// Why, and where they start.
    pub fault: Fault,
    /// How many bytes.
    pub len: u64,
}

/// One ISA to IEA.
#[derive(Debug)]
pub struct Interchange {
    /// First byte.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
    /// What the ISA says.
    pub header: Header,
    /// Functional groups.
    pub groups: Vec<Group>,
    /// TA1 segments.
    pub acknowledgements: u32,
    /// What makes it unusable.
    pub faults: Vec<Fault>,
}

/// One GS to GE.
#[derive(Debug)]
pub struct Group {
    /// GS01.
    pub code: String,
    /// GS02.
    pub sender: String,
    /// GS03.
    pub receiver: String,
    /// GS06.
    pub control: String,
    /// GS08.
    pub version: String,
    /// First byte.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
    /// Transaction sets.
    pub sets: Vec<Set>,
    /// What makes it unusable.
    pub faults: Vec<Fault>,
}

/// One ST to SE.
#[derive(Debug)]
pub struct Set {
    /// ST01.
    pub id: String,
    /// ST02.
    pub control: String,
    /// ST03, or GS08 where it wasn't sent.
    pub version: String,
    /// First byte.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
    /// Segments counted, ST and SE included.
    pub segments: u32,
    /// What makes it unusable.
    pub faults: Vec<Fault>,
}

/// Told of every segment that stands in a transaction set, ST and SE included.
pub trait Visitor {
    /// `set` is its transaction set as known so far, `ordinal` its place in it (ST = 1), `offset` its byte in the file.
    fn segment(&mut self, set: &Set, segment: &Segment<'_>, ordinal: u32, offset: u64);

    /// Told of ISA, GS, GE, IEA and TA1; what is wrong with it belongs to its interchange or group.
    fn envelope(&mut self, segment: &Segment<'_>, offset: u64) -> Vec<Fault>;

    /// Told of a segment that stands in no set and is no envelope.
    fn misplaced(&mut self, segment: &Segment<'_>, offset: u64);

    /// Told that an interchange begins, before any segment of it.
    fn interchange(&mut self) {}

    /// Told that a segment too long to be read was skipped.
    fn skipped(&mut self) {}
}

impl Visitor for () {
    fn segment(&mut self, _: &Set, _: &Segment<'_>, _: u32, _: u64) {}
    fn envelope(&mut self, _: &Segment<'_>, _: u64) -> Vec<Fault> {
        Vec::new()
    }
    fn misplaced(&mut self, _: &Segment<'_>, _: u64) {}
}

impl Interchange {
    /// Delimiters in force.
    #[must_use]
    pub fn delimiters(&self) -> Delimiters {
        self.header.delimiters
    }

    /// True when ISA15 says test.
    #[must_use]
    pub fn is_test(&self) -> bool {
        self.header.usage == b'T'
    }
}
