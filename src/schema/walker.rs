//! Names the loop and entry each segment of a transaction set stands at: table look-ups, one per open loop at most,
//! no backtracking. What is missing, too often or out of order is reported once, and reading goes on at the next
//! segment that can be placed.

use super::keys::Known;
use super::table::{Entry, EntryIx, Loop, LoopIx, NONE, Schema, Slot, Target};
use crate::x12::fault::At;
use crate::x12::{Fault, FaultKind, Segment};

/// Where a segment stands.
#[derive(Clone, Copy, Debug)]
pub struct Placement {
    /// Its loop; for one that can't be placed, the loop in force.
    pub loop_ix: LoopIx,
    /// Its entry; `None` when it can't be placed.
    pub entry: Option<EntryIx>,
    /// True when it opens an occurrence of its loop.
    pub opens: bool,
}

/// The place in the loops of one transaction set.
#[derive(Clone, Debug)]
pub struct Walker<'s> {
    schema: &'s Schema,
    /// Open loops, outermost first.
    frames: Vec<Frame>,
    /// How often each slot of the open loops was taken; a frame's own start at its `counts`.
    counts: Vec<u16>,
    /// True behind a segment that couldn't be placed: the ones after it that can't either are part of the same trouble.
    lost: bool,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    loop_ix: LoopIx,
    /// Slots taken, a bit each.
    taken: u128,
    /// Position of the last one.
    position: u8,
    /// First of its slots in [`Walker::counts`].
    counts: u32,
    /// The segment that opened it: ordinal and byte.
    opener: (u32, u64),
    /// Nothing more is said of what it misses: it was opened by a segment that isn't its opener, or holds one that
    /// could not be placed.
    excused: bool,
}

/// Takes faults as they are found.
pub type Report<'r> = &'r mut dyn FnMut(Fault);

impl<'s> Walker<'s> {
    /// Starts before ST.
    #[must_use]
    pub fn new(schema: &'s Schema) -> Walker<'s> {
        let mut walker =
            Walker { schema, frames: Vec::with_capacity(8), counts: Vec::with_capacity(256), lost: false };
        walker.open(LoopIx(0), (0, 0), false);
        walker
    }

    /// Says that the innermost loop that may hold this child already held so many, in a part of the file not shown to
    /// this walker.
    pub fn add_count(&mut self, child: LoopIx, count: u16) {
        for frame in self.frames.iter_mut().rev() {
            let Some(l) = self.schema.loops.get(usize::from(frame.loop_ix.0)) else { continue };
            let Some(bit) = l.slots.iter().position(|s| s.target == Target::Loop(child)) else { continue };
            if let Some(n) = self.counts.get_mut(frame.counts as usize + bit) {
                *n = n.saturating_add(count);
            }
            frame.taken |= u128::from(count > 0) << bit;
            return;
        }
    }

    /// Places the next segment; `ordinal` is its number in the set, `offset` its byte in the file.
    pub fn step(
        &mut self,
        segment: &Segment<'_>,
        ordinal: u32,
        offset: u64,
        report: Report<'_>,
    ) -> Placement {
        let place = (ordinal, offset);
        let Some(known) = self.schema.keys.look_up(segment) else {
            let kind =
                if segment.id().is_empty() { FaultKind::SegmentIdEmpty } else { FaultKind::SegmentUnknown };
            return self.unplaced(kind, "", place, report);
        };
        if let Some(root) = self.frames.first_mut().filter(|f| f.opener.0 == 0) {
            root.opener = place;
        }
        match self.find(known) {
            Some((depth, slot, How::Unopened)) => {
                let opened = self.take(depth, slot, How::Unopened, place, report);
                match self.find(known) {
                    Some((depth, slot, How::Plain)) => {
                        Placement { opens: true, ..self.take(depth, slot, How::Plain, place, report) }
                    }
                    _ => opened,
                }
            }
            Some((depth, slot, how)) => self.take(depth, slot, how, place, report),
            None => {
                let id =
                    self.schema.entries.iter().map(|e| e.at.segment).find(|s| s.as_bytes() == segment.id());
                self.unplaced(FaultKind::SegmentUnexpected, id.unwrap_or(""), place, report)
            }
        }
    }

    /// Ends the set: what open loops still miss is said.
    pub fn finish(&mut self, report: Report<'_>) {
        while let Some(frame) = self.frames.pop() {
            self.close(&frame, report);
        }
        self.counts.clear();
    }

    /// Closes the innermost open loop with one of these ids, and those inside it, as if the next segment were outside.
    pub fn close_loop(&mut self, ids: &[&str], report: Report<'_>) {
        let named = |f: &Frame| ids.contains(&self.schema.loop_id(f.loop_ix));
        if let Some(depth) = self.frames.iter().rposition(named).and_then(|d| d.checked_sub(1)) {
            self.close_to(depth, report);
        }
    }

    fn of(&self, frame: &Frame) -> Option<&'s Loop> {
        self.schema.loops.get(usize::from(frame.loop_ix.0))
    }

    /// The slot a segment takes: depth of the frame, slot, and how it got there.
    fn find(&self, known: Known) -> Option<(usize, u8, How)> {
        let key = usize::from(known.key.0);
        // In order, from the innermost loop outwards: nearly always the answer.
        for (depth, frame) in self.frames.iter().enumerate().rev() {
            let Some(l) = self.of(frame) else { continue };
            let first = l.by_key.get(key).copied().unwrap_or(NONE);
            if first != NONE
                && let Some(bit) = self.free(frame, l, first, true)
            {
                return Some((depth, bit, How::Plain));
            }
        }
        self.recover(known, key)
    }

    /// The first slot of a chain that has room, else the first in order.
    fn free(&self, frame: &Frame, l: &Loop, first: u8, in_order: bool) -> Option<u8> {
        let mut at = first;
        let mut fallback = None;
        while let Some(slot) = l.slots.get(usize::from(at)) {
            if !in_order || slot.position >= frame.position {
                if self.has_room(frame, at, slot) {
                    return Some(at);
                }
                fallback = fallback.or(Some(at));
            }
            at = slot.next;
        }
        fallback
    }

    fn has_room(&self, frame: &Frame, bit: u8, slot: &Slot) -> bool {
        slot.max == 0 || self.count(frame, bit) < slot.max
    }

    fn count(&self, frame: &Frame, bit: u8) -> u16 {
        self.counts.get(frame.counts as usize + usize::from(bit)).copied().unwrap_or(0)
    }

    /// Where a segment that stands nowhere in order is best taken to stand.
    #[cold]
    fn recover(&self, known: Known, key: usize) -> Option<(usize, u8, How)> {
        let each = || self.frames.iter().enumerate().rev();
        // Late anywhere inside the claim or hierarchy in force, where it hasn't been yet.
        let unit = self.unit();
        let late = |once: bool| {
            each().take_while(|(depth, _)| *depth >= unit).find_map(|(depth, frame)| {
                let l = self.of(frame)?;
                let first = l.by_key.get(key).copied().filter(|b| *b != NONE)?;
                let bit = self.free(frame, l, first, false)?;
                let room = l.slots.get(usize::from(bit)).is_some_and(|s| self.has_room(frame, bit, s));
                (room || !once).then_some((depth, bit, How::Late))
            })
        };
        // In a loop that nothing opened, from the innermost outwards.
        let unopened = || {
            each().find_map(|(depth, frame)| {
                Some((depth, self.unopened(frame, self.of(frame)?, key, true)?, How::Unopened))
            })
        };
        if let Some(found) = late(true).or_else(unopened).or_else(|| late(false)) {
            return Some(found);
        }
        // Its id is right, its qualifier isn't: where one is still wanted, else where one may stand.
        for wanted in [true, false] {
            for (depth, frame) in each().take_while(|(depth, _)| *depth >= unit) {
                let Some(l) = self.of(frame) else { continue };
                if let Some(bit) = self.by_id(frame, l, known.segment, wanted) {
                    return Some((depth, bit, How::Misqualified));
                }
            }
        }
        // Better in a loop that comes too late than nowhere: what stands in it is read.
        each().find_map(|(depth, frame)| {
            Some((depth, self.unopened(frame, self.of(frame)?, key, false)?, How::Unopened))
        })
    }

    /// The slot of a child loop that holds this key behind its opener and may still begin here: a required one first.
    fn unopened(&self, frame: &Frame, l: &Loop, key: usize, in_order: bool) -> Option<u8> {
        let holds = |slot: &Slot| {
            let Target::Loop(child) = slot.target else { return false };
            let child = self.schema.loops.get(usize::from(child.0));
            child.is_some_and(|c| c.within.get(key) == Some(&true))
        };
        let may = |(bit, slot): &(u8, &Slot)| {
            (!in_order || slot.position >= frame.position) && self.has_room(frame, *bit, slot) && holds(slot)
        };
        let mut found = (0u8..).zip(&l.slots).filter(may);
        let first = found.next()?;
        let required = std::iter::once(first).chain(found).find(|(_, s)| s.required);
        Some(required.unwrap_or(first).0)
    }

    /// A slot for this segment id, whatever its qualifier.
    fn by_id(&self, frame: &Frame, l: &Loop, segment: u8, wanted: bool) -> Option<u8> {
        let first = l.by_segment.get(usize::from(segment)).copied().filter(|b| *b != NONE)?;
        let same = |slot: &Slot| slot.entry.is_some_and(|e| self.schema.keys.segment_of(e) == segment);
        let slots = (0u8..).zip(&l.slots).skip(usize::from(first)).filter(|(_, s)| same(s));
        let mut in_order = slots.filter(|(_, s)| s.position >= frame.position);
        if wanted {
            return in_order.find(|(bit, s)| s.required && self.count(frame, *bit) == 0).map(|(bit, _)| bit);
        }
        in_order.find(|(bit, s)| self.has_room(frame, *bit, s)).map(|(bit, _)| bit)
    }

    /// Depth of the innermost claim, claim payment or hierarchy: a segment that can't be placed in order is not taken
    /// to end it.
    fn unit(&self) -> usize {
        let opens_unit = |frame: &Frame| {
            let first = self.of(frame).and_then(|l| l.slots.first());
            let entry = first.and_then(|s| s.entry).and_then(|e| self.schema.entry(e));
            entry.is_some_and(|e| matches!(e.at.segment, "HL" | "CLM" | "CLP" | "AK2" | "ST"))
        };
        self.frames.iter().rposition(opens_unit).unwrap_or(0)
    }

    fn open(&mut self, loop_ix: LoopIx, opener: (u32, u64), excused: bool) {
        let slots = self.schema.loops.get(usize::from(loop_ix.0)).map_or(0, |l| l.slots.len());
        let counts = self.counts.len() as u32;
        self.counts.resize(self.counts.len() + slots, 0);
        let inside = loop_ix != LoopIx(0);
        if let Some(n) = self.counts.get_mut(counts as usize).filter(|_| inside) {
            *n = 1;
        }
        let taken = u128::from(inside);
        self.frames.push(Frame { loop_ix, taken, position: 0, counts, opener, excused });
    }

    /// Closes the loops inside `depth`.
    fn close_to(&mut self, depth: usize, report: Report<'_>) {
        while self.frames.len() > depth + 1 {
            let Some(frame) = self.frames.pop() else { break };
            self.close(&frame, report);
            self.counts.truncate(frame.counts as usize);
        }
    }

    fn close(&self, frame: &Frame, report: Report<'_>) {
        let Some(l) = self.of(frame) else { return };
        let missing = l.needed & !frame.taken;
        if missing != 0 && !frame.excused {
            self.missing(l, frame, missing, report);
        }
    }

    /// Says what is missing.
    #[cold]
    fn missing(&self, l: &Loop, frame: &Frame, missing: u128, report: Report<'_>) {
        let absent = (0..128).filter(|bit| missing & (1 << bit) != 0);
        for slot in absent.filter_map(|bit| l.slots.get(bit)) {
            let Some(entry) = slot.entry.and_then(|e| self.schema.entry(e)) else {
                continue;
            };
            let kind = match slot.target {
                Target::Entry(_) => FaultKind::SegmentMissing,
                Target::Loop(_) => FaultKind::LoopMissing,
            };
            let (segment, offset) = frame.opener;
            report(Fault { kind, at: entry.at, segment, offset, expected: 1, found: 0 });
        }
    }

    fn take(&mut self, depth: usize, bit: u8, how: How, place: (u32, u64), report: Report<'_>) -> Placement {
        let lost = std::mem::take(&mut self.lost);
        let nowhere = Placement { loop_ix: LoopIx(0), entry: None, opens: false };
        let Some(frame) = self.frames.get(depth) else { return nowhere };
        let Some(l) = self.of(frame) else { return nowhere };
        let (position, counts, loop_ix) = (frame.position, frame.counts, frame.loop_ix);
        let Some(slot) = l.slots.get(usize::from(bit)) else { return nowhere };
        let Some(entry_ix) = slot.entry else { return nowhere };
        // A late segment of an outer loop doesn't end the inner ones: what follows is theirs.
        let aside =
            how == How::Late && depth + 1 < self.frames.len() && matches!(slot.target, Target::Entry(_));
        if depth + 1 < self.frames.len() && !aside {
            self.close_to(depth, report);
        }
        let entry = self.schema.entry(entry_ix);
        let say = |kind, entry: Option<&Entry>, expected, found, report: Report<'_>| {
            let at = entry.map_or(At::default(), |e| e.at);
            let (segment, offset) = place;
            report(Fault { kind, at, segment, offset, expected, found });
        };
        // Claims and hierarchies are judged one by one: what the level above must hold before them is known by now.
        // Anything else may still come late, and is missed when its loop ends.
        let mut before = 0;
        if let Some(frame) = self.frames.get(depth).filter(|_| slot.milestone) {
            before = slot.before & !frame.taken;
            if before != 0 && !frame.excused {
                self.missing(l, frame, before, report);
            }
        }
        let count = match self.counts.get_mut(counts as usize + usize::from(bit)) {
            Some(n) => {
                *n = n.saturating_add(1);
                *n
            }
            None => 1,
        };
        if slot.max != 0 && count > slot.max {
            let kind = match slot.target {
                Target::Entry(_) => FaultKind::SegmentRepeated,
                Target::Loop(_) => FaultKind::LoopRepeated,
            };
            say(kind, entry, i64::from(slot.max), i64::from(count), report);
        } else if how == How::Late && slot.position < position {
            say(FaultKind::SegmentOutOfOrder, entry, 0, 0, report);
        }
        if let Some(frame) = self.frames.get_mut(depth) {
            frame.taken |= (1 << bit) | before;
            // One out of place doesn't make those after it late; of one taken by its id alone the place is a guess.
            if how != How::Misqualified && !aside {
                frame.position = slot.position;
            }
        }
        let Target::Loop(child) = slot.target else {
            return Placement { loop_ix, entry: Some(entry_ix), opens: false };
        };
        if how == How::Unopened && !lost {
            say(FaultKind::LoopUnopened, entry, 1, 0, report);
        }
        self.open(child, place, how == How::Unopened);
        Placement { loop_ix: child, entry: Some(entry_ix), opens: true }
    }

    /// A segment that stands nowhere. One of a run speaks for all.
    #[cold]
    fn unplaced(
        &mut self,
        kind: FaultKind,
        id: &'static str,
        place: (u32, u64),
        report: Report<'_>,
    ) -> Placement {
        let loop_ix = self.frames.last().map_or(LoopIx(0), |f| f.loop_ix);
        if !self.lost {
            let at = At { loop_id: self.schema.loop_id(loop_ix), ..At::segment(id) };
            let (segment, offset) = place;
            report(Fault { kind, at, segment, offset, expected: 0, found: 1 });
        }
        self.lost = true;
        for frame in &mut self.frames {
            frame.excused |= frame.loop_ix == loop_ix;
        }
        Placement { loop_ix, entry: None, opens: false }
    }
}

/// How a segment got its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// In order.
    Plain,
    /// Behind what it should precede, or once too often.
    Late,
    /// In a loop whose opener is missing.
    Unopened,
    /// By its id alone.
    Misqualified,
}
