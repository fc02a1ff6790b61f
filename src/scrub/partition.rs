//! What leaves: the interchanges of a file without the claims that stay. A wholly clean interchange leaves byte for
//! byte; in one that loses claims only HL01, HL02, HL04, SE01, GE01 and IEA01 are written anew.

use std::io::{self, Write};

use super::plan::{Level, Part, Plan};
use super::refusals::refuses;
use super::states::States;
use super::survey::{Fate, Survey, survey};
use super::{Other, Source};
use crate::edits::Tolerances;
use crate::x12::element::integer;
use crate::x12::write::with_elements;
use crate::x12::{Blocks, Chunk, Segment};

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Bytes.
    pub bytes: u64,
    /// Claims.
    pub claims: u64,
}

/// Writes what leaves of a file: nothing when nothing does.
///
/// # Errors
/// When reading or writing fails.
pub fn partition<S: Source + ?Sized>(
    source: &S,
    survey: &Survey,
    states: &States,
    out: &mut dyn Write,
) -> io::Result<Written> {
    let plan = Plan::new(source, survey, states)?;
    let mut writer = Writer::new(&plan, out);
    let mut blocks = Blocks::new(source.open()?);
    while let Some(chunk) = blocks.next_chunk()? {
        let block = match chunk {
            Chunk::Block(block) => block,
            Chunk::Noise { offset: 0, bytes, blank: true, .. } => {
                // Blanks before the first interchange leave with it, or not at all.
                writer.leading = bytes.to_vec();
                continue;
            }
            Chunk::Noise { bytes, blank: true, .. } => {
                writer.gap(bytes)?;
                continue;
            }
            _ => continue,
        };
        if block.header.is_some() {
            writer.open_interchange(block.offset);
        }
        let mut last = 0;
        let between = |from: u32, to: u32| block.bytes.get(from as usize..to as usize).unwrap_or_default();
        for segment in block.segments() {
            // What stands between segments goes with the one before.
            writer.gap(between(last, segment.start()))?;
            let offset = block.offset + u64::from(segment.start());
            writer.segment(&segment, offset, between(segment.start(), segment.end()))?;
            last = segment.end();
        }
    }
    Ok(writer.written)
}

/// Reads what was written as its receiver will: sound envelopes, and so many claims.
///
/// # Errors
/// When it can't be read.
pub fn reads_back(output: &impl Source, claims: u64, tolerances: Tolerances) -> io::Result<bool> {
    let survey = survey(output, Other::Pass, tolerances)?;
    let sound = survey.outline.noise.is_empty()
        && survey.outline.interchanges.iter().all(|i| !i.faults.iter().any(|f| refuses(f, tolerances)))
        && survey.sets.iter().all(|s| s.fate != Fate::Refused);
    Ok(sound && survey.claims == claims)
}

struct Writer<'p, 'w> {
    plan: &'p Plan<'p>,
    out: &'w mut dyn Write,
    written: Written,
    /// Next interchange, group, set, hierarchy and claim of the survey.
    next: Next,
    interchange: Part,
    group: Part,
    set: Part,
    in_group: bool,
    in_set: bool,
    /// New HL01 of the hierarchies in force, by depth.
    numbers: [i64; 3],
    last_number: i64,
    /// Segments written of this set.
    segments: i64,
    /// True while the claim or hierarchy being read leaves.
    keeping: bool,
    /// True when the last segment was written.
    kept_last: bool,
    /// What stands before the first interchange, until something leaves.
    leading: Vec<u8>,
}

#[derive(Default)]
struct Next {
    interchange: usize,
    group: usize,
    set: usize,
    hierarchy: usize,
    claim: u64,
}

impl<'p, 'w> Writer<'p, 'w> {
    fn new(plan: &'p Plan<'p>, out: &'w mut dyn Write) -> Writer<'p, 'w> {
        Writer {
            plan,
            out,
            written: Written::default(),
            next: Next::default(),
            interchange: Part::None,
            group: Part::None,
            set: Part::None,
            in_group: false,
            in_set: false,
            numbers: [0; 3],
            last_number: 0,
            segments: 0,
            keeping: true,
            kept_last: false,
            leading: Vec::new(),
        }
    }

    fn open_interchange(&mut self, offset: u64) {
        self.interchange = Part::None;
        if self.plan.starts(Level::Interchange, self.next.interchange, offset) {
            self.interchange = self.plan.interchange(self.next.interchange);
            self.next.interchange += 1;
        }
        (self.in_group, self.in_set) = (false, false);
    }

    fn gap(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.kept_last { self.put(bytes) } else { Ok(()) }
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        let leading = std::mem::take(&mut self.leading);
        self.written.bytes += leading.len() as u64;
        self.out.write_all(&leading)?;
        self.written.bytes += bytes.len() as u64;
        self.out.write_all(bytes)
    }

    fn segment(&mut self, segment: &Segment<'_>, offset: u64, raw: &[u8]) -> io::Result<()> {
        match segment.id() {
            b"GS" => {
                (self.in_group, self.in_set) = (false, false);
                if self.plan.starts(Level::Group, self.next.group, offset) {
                    self.group = self.plan.group(self.next.group);
                    self.next.group += 1;
                    self.in_group = true;
                }
            }
            b"ST" => {
                self.in_set = false;
                if self.plan.starts(Level::Set, self.next.set, offset) {
                    self.set = self.plan.set(self.next.set);
                    self.next.set += 1;
                    self.in_set = true;
                    (self.numbers, self.last_number, self.segments, self.keeping) = ([0; 3], 0, 0, true);
                }
            }
            b"GE" | b"IEA" => self.in_set = false,
            _ => {}
        }
        let (numbered, claims) = self.count(segment);
        let part = match segment.id() {
            b"ISA" | b"IEA" => self.interchange,
            b"GS" | b"GE" if !self.in_group => Part::None,
            b"GS" | b"GE" => self.group,
            _ if self.in_set => self.set,
            _ if self.in_group => self.group,
            _ => self.interchange,
        };
        self.kept_last = part != Part::None
            && (part == Part::Whole || !self.in_set || self.keeping || segment.id() == b"SE");
        if self.kept_last {
            self.segments += 1;
            self.written.claims += claims;
            self.rewrite(segment, raw, part, numbered)?;
        }
        match segment.id() {
            b"SE" => self.in_set = false,
            b"GE" => (self.in_group, self.in_set) = (false, false),
            _ => {}
        }
        Ok(())
    }

    /// Moves on in the survey's lists; returns the hierarchy an HL is, and how many claims a CLM is.
    fn count(&mut self, segment: &Segment<'_>) -> (Option<usize>, u64) {
        let judged = self.in_set && self.plan.is_claims(self.next.set);
        match segment.id() {
            b"HL" if judged => {
                let here = self.next.hierarchy;
                self.next.hierarchy += 1;
                self.keeping = self.plan.hierarchy(here).is_kept();
                (Some(here), 0)
            }
            b"HL" if self.in_set && self.plan.has_hierarchies(self.next.set) => {
                self.next.hierarchy += 1;
                (None, 0)
            }
            b"CLM" if judged => {
                self.keeping = self.plan.leaves(self.next.claim);
                self.next.claim += 1;
                (None, 1)
            }
            b"CLM" if !self.in_set || self.plan.has_hierarchies(self.next.set) => {
                self.next.claim += 1;
                (None, 1)
            }
            _ => (None, 0),
        }
    }

    fn rewrite(
        &mut self,
        segment: &Segment<'_>,
        raw: &[u8],
        part: Part,
        hl: Option<usize>,
    ) -> io::Result<()> {
        let Part::Some(kept) = part else { return self.put(raw) };
        let mut bytes = Vec::with_capacity(raw.len() + 8);
        match (segment.id(), hl) {
            (b"SE", _) => with_elements(&mut bytes, segment, &[(1, self.segments)])?,
            // An element that already says so keeps its bytes.
            (b"GE" | b"IEA", _) if integer(segment.value(1)) == Some(kept) => return self.put(raw),
            (b"GE" | b"IEA", _) => with_elements(&mut bytes, segment, &[(1, kept)])?,
            (b"HL", Some(here)) => {
                let plan = self.plan.hierarchy(here);
                self.last_number += 1;
                if let Some(slot) = self.numbers.get_mut(usize::from(plan.depth())) {
                    *slot = self.last_number;
                }
                let above =
                    plan.depth().checked_sub(1).and_then(|d| self.numbers.get(usize::from(d)).copied());
                let mut changes = vec![(1, self.last_number), (4, i64::from(plan.has_child()))];
                changes.extend(above.map(|number| (2, number)));
                changes.retain(|(n, number)| integer(segment.value(*n)) != Some(*number));
                with_elements(&mut bytes, segment, &changes)?;
            }
            _ => return self.put(raw),
        }
        self.put(&bytes)
    }
}
