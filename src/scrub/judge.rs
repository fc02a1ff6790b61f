//! Reads one piece by its guide and runs the edits over its claims: what the segments themselves show to be wrong, what
//! the survey found of hierarchies, what edits find in the claim.

use std::borrow::Cow;

use super::judged::{Judged, Render, refuse};
use super::report::{Facts, State, Verdict, decide};
use super::ring::Seen;
use super::split::{End, Part, Piece};
use super::survey::Survey;
use crate::claim::hierarchy::depth;
use crate::claim::{ByEntry, Claim, Placed};
use crate::edits::{Billed, EditSet, Finding, Tables, Who};
use crate::schema::{Alphabet, Guide, LoopIx, Schema, Walker, check_elements, schema};
use crate::x12::element::integer;
use crate::x12::fault::At;
use crate::x12::index::Index;
use crate::x12::segment::{Indexed, Segment, Segments};
use crate::x12::{Fault, FaultKind};

/// Judges a piece.
#[must_use]
pub fn judge<R: Render>(
    piece: &Piece,
    survey: &Survey,
    edits: &EditSet,
    tables: &Tables<'_>,
    render: &R,
) -> Judged<R::Part> {
    let Some(guide) = piece.guide else { return refuse(piece, render) };
    let [a, b, c, d] = &piece.context;
    let parts = [a, b, c, d, &piece.own];
    let indexes = parts.map(|part| {
        let mut index = Index::default();
        index.fill(&part.bytes, piece.stretch.delimiters);
        index
    });
    let schema = schema(guide);
    let reading = Reading {
        piece,
        guide,
        survey,
        edits,
        tables,
        looks_back: edits.looks_back(guide),
        schema,
        alphabet: Alphabet::new(piece.stretch.delimiters),
        line_loop: schema.loop_ix("2400"),
        walker: Walker::new(schema),
        counts: vec![0; schema.loops.len()],
        by_entry: ByEntry::new(schema, edits.signs(guide)),
        levels: piece.stretch.claimed.map(|claimed| Level { claimed, ..Level::default() }),
        growing: Some(0),
        claim: None,
        own: Vec::new(),
        lines: 0,
        faults: Vec::new(),
        position: piece.stretch.position,
        render,
        judged: Judged::default(),
    };
    reading.read(&parts, &indexes)
}

/// Claims of a transaction set, by the guides' advice.
const MOST_CLAIMS: u64 = 5000;

/// A context part in force: 1000A/B with what is before them, 2000A, 2000B, 2000C.
#[derive(Default)]
struct Level<'a> {
    placed: Vec<Placed<'a>>,
    faults: Vec<Fault>,
    /// Some claim stands under it.
    claimed: bool,
}

struct Reading<'a, R: Render> {
    piece: &'a Piece,
    guide: Guide,
    survey: &'a Survey,
    edits: &'a EditSet,
    tables: &'a Tables<'a>,
    /// True where an edit looks at earlier claims.
    looks_back: bool,
    schema: &'static Schema,
    alphabet: Alphabet,
    line_loop: Option<LoopIx>,
    walker: Walker<'static>,
    /// Occurrences of each loop in the claim or hierarchy.
    counts: Vec<u16>,
    levels: [Level<'a>; 4],
    by_entry: ByEntry<'a>,
    /// Which level the next segment still belongs to; none inside a claim.
    growing: Option<usize>,
    /// Byte where the claim being read starts.
    claim: Option<u64>,
    own: Vec<Placed<'a>>,
    /// Service lines of the claim so far.
    lines: i64,
    /// Faults not yet given to a claim or level.
    faults: Vec<Fault>,
    position: u64,
    render: &'a R,
    judged: Judged<R::Part>,
}

impl<'a, R: Render> Reading<'a, R> {
    fn read(mut self, parts: &[&'a Part; 5], indexes: &'a [Index; 5]) -> Judged<R::Part> {
        for (n, (part, index)) in parts.iter().zip(indexes).enumerate() {
            if n == 4 {
                self.walker_resumes();
            } else if !part.bytes.is_empty() {
                self.growing = Some(n);
            }
            let indexed = Indexed::new(&part.bytes, index, self.piece.stretch.delimiters);
            for (ordinal, segment) in (part.ordinal..).zip(Segments(indexed)) {
                self.segment(segment, ordinal, part.offset + u64::from(segment.start()), n < 4);
            }
        }
        self.end()
    }

    /// The context is read; what the piece before held of claims counts too.
    fn walker_resumes(&mut self) {
        if self.piece.context.iter().any(|p| !p.bytes.is_empty()) {
            self.growing = None;
        }
        if let Some(claims) = self.schema.loop_ix("2300") {
            self.walker.add_count(claims, self.piece.stretch.under);
        }
    }

    fn segment(&mut self, segment: Segment<'a>, ordinal: u32, offset: u64, context: bool) {
        let id = segment.id();
        let faults = &mut self.faults;
        let mut report = |fault| faults.push(fault);
        let placement = self.walker.step(&segment, ordinal, offset, &mut report);
        // What the step said of the claim before this segment is known only now.
        if matches!(id, b"ST" | b"HL" | b"CLM" | b"SE") {
            self.close_claim();
            self.counts.fill(0);
        }
        if let Some(entry) = placement.entry.and_then(|e| self.schema.entry(e)) {
            let faults = &mut self.faults;
            let mut report = |fault: Fault| {
                if !is_surveyed(&fault) {
                    faults.push(fault);
                }
            };
            check_elements(&self.alphabet, entry, &segment, ordinal, offset, &mut report);
        }
        match id {
            b"HL" => self.open_level(&segment, context),
            b"CLM" => self.open_claim(offset),
            b"LX" if Some(placement.loop_ix) == self.line_loop => self.line(&segment, ordinal, offset),
            _ => {}
        }
        let count = self.counts.get_mut(usize::from(placement.loop_ix.0));
        let occurrence = count.map_or(1, |n| {
            *n = n.saturating_add(u16::from(placement.opens));
            (*n).max(1)
        });
        let entry = placement.entry;
        let placed = Placed { segment, loop_ix: placement.loop_ix, entry, occurrence, ordinal, offset };
        let at = self.growing.unwrap_or(4);
        self.tell_level(&placed, at);
        if let Some(entry) = entry.filter(|e| usize::from(self.schema.level(*e)) == at) {
            let place = self.levels.get(at).map_or(self.own.len(), |l| l.placed.len());
            self.by_entry.note(at, entry, place, &placed.segment);
        }
        match self.levels.get_mut(at) {
            Some(level) => {
                level.placed.push(placed);
                level.faults.append(&mut self.faults);
            }
            None => self.own.push(placed),
        }
    }

    /// A segment of the header or a hierarchy that stands behind a claim goes where that claim goes: claims that follow
    /// it under the same level must not leave without it.
    fn tell_level(&mut self, placed: &Placed<'a>, at: usize) {
        let Some(entry) = placed.entry.filter(|_| at == 4 && self.claim.is_some()) else { return };
        let level = usize::from(self.schema.level(entry));
        let (Some(own), Some(entry)) = (self.levels.get_mut(level), self.schema.entry(entry)) else { return };
        let (kind, segment, offset) = (FaultKind::SegmentOutOfOrder, placed.ordinal, placed.offset);
        own.faults.push(Fault { kind, at: entry.at, segment, offset, expected: 0, found: 0 });
    }

    /// LX01 counts the claim's lines from 1.
    fn line(&mut self, lx: &Segment<'a>, segment: u32, offset: u64) {
        self.lines += 1;
        if let Some(found) = integer(lx.value(1)).filter(|n| *n != self.lines) {
            let (kind, at) = (FaultKind::LineNumberWrong, At::from("LX01").in_loop("2400"));
            self.faults.push(Fault { kind, at, segment, offset, expected: self.lines, found });
            // One gap is told once.
            self.lines = found.max(self.lines);
        }
    }

    fn open_level(&mut self, hl: &Segment<'a>, context: bool) {
        let depth = depth(hl.value(3)).map_or(2, |d| d + 1);
        if !context {
            self.end_levels(depth);
        }
        // Of the levels above, only what the step said of them.
        self.share_faults();
        self.growing = Some(depth);
    }

    fn open_claim(&mut self, offset: u64) {
        self.share_faults();
        for level in self.levels.iter_mut().filter(|l| !l.placed.is_empty()) {
            level.claimed = true;
        }
        self.claim = Some(offset);
        self.by_entry.forget(4);
        self.lines = 0;
        self.growing = None;
    }

    /// Gives faults of segments in levels to those levels; faults of the segment being read stay.
    fn share_faults(&mut self) {
        let levels = &mut self.levels;
        self.faults.retain(|fault| {
            let within = |l: &&mut Level<'_>| {
                l.placed.first().is_some_and(|p| p.offset <= fault.offset)
                    && l.placed.last().is_some_and(|p| p.offset >= fault.offset)
            };
            let Some(level) = levels.iter_mut().rev().find(within) else { return true };
            level.faults.push(*fault);
            false
        });
    }

    /// Levels from `depth` on end: what is wrong in one without a claim is nobody's but its own.
    fn end_levels(&mut self, depth: usize) {
        self.share_faults();
        for (n, level) in self.levels.iter_mut().enumerate().skip(depth) {
            let ended = std::mem::take(level);
            self.by_entry.forget(n);
            let Some(head) = ended.placed.first().filter(|_| !ended.claimed && !ended.faults.is_empty())
            else {
                continue;
            };
            let said = |f: &Fault| self.edits.finding_at(f, self.guide, find(&ended.placed, f));
            let findings: Vec<Finding> = ended.faults.iter().filter_map(said).collect();
            if findings.iter().any(Finding::stops) {
                self.judged.unfit.push(head.offset);
            }
            self.judged.findings.extend(findings);
        }
    }

    fn end(mut self) -> Judged<R::Part> {
        let faults = &mut self.faults;
        let mut report = |fault| faults.push(fault);
        match self.piece.stretch.end {
            End::Set => self.walker.finish(&mut report),
            End::Subscriber => self.walker.close_loop(&["2000B"], &mut report),
            End::Claim => self.walker.close_loop(&["2300"], &mut report),
        }
        self.close_claim();
        // What is left is of SE itself, which belongs to no claim.
        self.share_faults();
        if self.piece.stretch.end == End::Set {
            let rest: Vec<Fault> = self.faults.drain(..).collect();
            let said = rest.iter().filter_map(|f| self.edits.finding_at(f, self.guide, None));
            self.judged.findings.extend(said);
        }
        match self.piece.stretch.end {
            End::Set => self.end_levels(0),
            End::Subscriber => self.end_levels(2),
            End::Claim => {}
        }
        self.judged
    }

    /// Judges the claim read so far; faults at or behind its CLM, but not of the segment being read, are its own.
    fn close_claim(&mut self) {
        let Some(from) = self.claim.take() else { return };
        let to = self.own.last().map_or(from, |p| p.offset);
        let mut faults: Vec<Fault> = Vec::new();
        self.faults.retain(|f| {
            let own = (from..=to).contains(&f.offset);
            if own {
                faults.push(*f);
            }
            !own
        });
        self.share_faults();
        let own = std::mem::take(&mut self.own);
        self.claim(&own, &faults);
        self.position += 1;
        self.own = own;
        self.own.clear();
    }

    fn claim(&mut self, own: &[Placed<'a>], faults: &[Fault]) {
        let [header, billing, subscriber, patient] = &self.levels;
        let context = [&*header.placed, &*billing.placed, &*subscriber.placed, &*patient.placed];
        let claim = Claim::new(self.schema, &self.by_entry, context, own);
        let mut findings = Vec::new();
        let hierarchy = self.hierarchy_faults(&claim);
        let told = |f: &Fault| faults.iter().any(|o| (o.offset, o.kind) == (f.offset, f.kind));
        let levels = self.levels.iter().flat_map(|l| &l.faults).filter(|f| !told(f));
        let overfull = self.overfull(&claim);
        for fault in hierarchy.iter().chain(levels).chain(faults).chain(&overfull) {
            let segment = claim.segments().find(|p| p.offset == fault.offset);
            findings.extend(self.edits.finding_at(fault, self.guide, segment.copied()));
        }
        self.edits.run(&claim, self.tables, &mut findings);
        self.edits.switch(&claim, &mut findings);
        let (mut verdict, mut overridable) = decide(&findings);
        if hierarchy.iter().any(|f| loses_ancestry(f.kind)) {
            (verdict, overridable) = (State::Rejected, false);
        }
        let text = String::from_utf8_lossy;
        let dates = claim.service_dates();
        let offset = own.first().map_or(0, |p| p.offset);
        let end = own.last().map_or(0, |p| p.offset + p.segment.text().len() as u64 + 1);
        let verdict = Verdict {
            claim: text(claim.id()),
            transaction_set: Cow::Borrowed(self.piece.control.as_str()),
            position: self.position,
            verdict,
            overridable,
            charge: claim.charge().unwrap_or(0),
            payer: text(claim.payer()),
            findings: findings.as_slice(),
            facts: Facts {
                kind: Cow::Borrowed(self.guide.name()),
                billing_npi: text(claim.billing_npi()),
                service_from: dates.map(|d| d.0),
                service_to: dates.map(|d| d.1),
                offset,
                bytes: end.saturating_sub(offset),
                test: self.piece.test,
            },
        };
        self.judged.add(self.render, &verdict);
        if let Some(who) = Who::of(&claim).filter(|_| self.looks_back) {
            let billed = claim.services().iter().filter_map(Billed::of).collect();
            self.judged.seen.push(Seen { who, billed });
        }
    }

    /// The first claim too many of its transaction set speaks for those behind it.
    fn overfull(&self, claim: &Claim<'_>) -> Option<Fault> {
        let inside = self.survey.sets.get(self.piece.stretch.set?)?;
        let clm = claim.clm().filter(|_| self.position == inside.claims.start + MOST_CLAIMS + 1)?;
        let found = i64::try_from(inside.claims.end - inside.claims.start).unwrap_or(i64::MAX);
        let (kind, at, expected) =
            (FaultKind::SetOverfull, At::segment("CLM").in_loop("2300"), MOST_CLAIMS.cast_signed());
        Some(Fault { kind, at, segment: clm.ordinal, offset: clm.offset, expected, found })
    }

    /// Faults of the hierarchies the claim stands under; one of its own when it stands under none.
    fn hierarchy_faults(&self, claim: &Claim<'_>) -> Vec<Fault> {
        let [_, billing, subscriber, patient] = claim.context;
        let heads = [("2000A", billing), ("2000B", subscriber), ("2000C", patient)];
        let mut faults = Vec::new();
        for (loop_id, head) in heads.iter().filter_map(|(id, placed)| Some((*id, placed.first()?))) {
            let known = self.survey.hierarchy_faults.get(&head.offset).into_iter().flatten();
            faults.extend(known.map(|f| Fault { at: f.at.in_loop(loop_id), ..*f }));
        }
        if let ([_, [], _, _] | [_, _, [], _], Some(clm)) = (claim.context, claim.clm()) {
            let (kind, segment, offset) = (FaultKind::ClaimWithoutHierarchy, clm.ordinal, clm.offset);
            let at = At::from("CLM").in_loop("2300");
            faults.push(Fault { kind, at, segment, offset, expected: 0, found: 0 });
        }
        faults
    }
}

fn find<'a>(placed: &[Placed<'a>], fault: &Fault) -> Option<Placed<'a>> {
    placed.iter().find(|p| p.offset == fault.offset).copied()
}

/// True for what the survey tells: numbers, parents and levels of HL, and which version of a guide it is.
pub(super) fn is_surveyed(fault: &Fault) -> bool {
    match fault.at.segment {
        "HL" => fault.at.element <= 3,
        "ST" => fault.at.element == 3 && fault.kind == FaultKind::CodeNotAllowed,
        _ => false,
    }
}

/// True when nobody can say whose claim it is.
fn loses_ancestry(kind: FaultKind) -> bool {
    matches!(
        kind,
        FaultKind::HierarchyParentMissing
            | FaultKind::HierarchyLevelUnknown
            | FaultKind::ClaimWithoutHierarchy
    )
}
