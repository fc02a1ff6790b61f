//! Runs the edits over the claims of one piece.

use super::report::{Facts, State, Verdict, decide};
use super::split::{Part, Piece, Refused};
use super::survey::Survey;
use crate::claim::{Claim, Placed};
use crate::edits::{EditSet, Tables};
use crate::schema::{Schema, Walker, schema};
use crate::x12::index::separators;
use crate::x12::segment::{Indexed, Segments};
use crate::x12::{Delimiters, Fault, FaultKind};

/// Verdicts of a piece's claims, in file order.
#[must_use]
pub fn judge(piece: &Piece, survey: &Survey, edits: &EditSet, tables: &Tables) -> Vec<Verdict> {
    let schema = schema(piece.guide);
    let [a, b, c, d] = &piece.context;
    let parts = [a, b, c, d, &piece.own];
    let indexes = parts.map(|part| {
        let mut positions = Vec::new();
        separators(&part.bytes, piece.delimiters, &mut positions);
        positions
    });
    let mut placer = Placer { schema, walker: Walker::new(schema), counts: Vec::new(), placed: Vec::new() };
    let mut ranges = [(0, 0); 4];
    for (i, (part, index)) in parts.iter().zip(&indexes).enumerate() {
        let from = placer.placed.len();
        placer.place(part, index, piece.delimiters);
        if let Some(range) = ranges.get_mut(i) {
            *range = (from, placer.placed.len());
        }
    }
    let own = ranges.iter().map(|r| r.1).max().unwrap_or(0);
    let mut reading = Reading { piece, schema, placed: &placer.placed, ranges, position: piece.position };
    reading.claims(own, survey, edits, tables)
}

/// A claim of an unusable set.
#[must_use]
pub fn refused(claim: Refused) -> Verdict {
    Verdict {
        claim: claim.claim,
        transaction_set: claim.control,
        position: claim.position,
        verdict: State::Rejected,
        overridable: false,
        charge: claim.charge.unwrap_or(0),
        payer: String::new(),
        findings: Vec::new(),
        facts: Facts { offset: claim.offset, test: claim.test, ..Facts::default() },
    }
}

struct Placer<'a> {
    schema: &'a Schema,
    walker: Walker<'a>,
    counts: Vec<u16>,
    placed: Vec<Placed<'a>>,
}

impl<'a> Placer<'a> {
    fn place(&mut self, part: &'a Part, index: &'a [u32], delimiters: Delimiters) {
        let indexed = Indexed { bytes: &part.bytes, positions: index, at: 0, delimiters };
        for (ordinal, segment) in (part.ordinal..).zip(Segments(indexed)) {
            if matches!(segment.id(), b"CLM" | b"HL" | b"ST") {
                self.counts.clear();
                self.counts.resize(self.schema.loops.len(), 0);
            }
            let (loop_ix, opens) = self.walker.step(&segment);
            let count = self.counts.get_mut(usize::from(loop_ix.0));
            let occurrence = count.map_or(1, |n| {
                *n = n.saturating_add(u16::from(opens));
                (*n).max(1)
            });
            let offset = part.offset + u64::from(segment.start());
            self.placed.push(Placed { segment, loop_ix, occurrence, ordinal, offset });
        }
    }
}

struct Reading<'a> {
    piece: &'a Piece,
    schema: &'a Schema,
    placed: &'a [Placed<'a>],
    /// Context parts in force, as ranges of `placed`.
    ranges: [(usize, usize); 4],
    position: u64,
}

impl<'a> Reading<'a> {
    fn claims(&mut self, own: usize, survey: &Survey, edits: &EditSet, tables: &Tables) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        let mut at = own;
        let mut growing =
            if self.placed.get(own).is_some_and(|p| p.segment.id() == b"ST") { Some(0) } else { None };
        if growing.is_some() {
            self.ranges = [(own, own); 4];
        }
        while let Some(here) = self.placed.get(at) {
            match here.segment.id() {
                b"CLM" => {
                    let rest = self.placed.get(at + 1..).unwrap_or_default();
                    let len =
                        rest.iter().take_while(|p| !matches!(p.segment.id(), b"CLM" | b"HL" | b"SE")).count();
                    let end = at + 1 + len;
                    verdicts.push(self.claim(at, end, survey, edits, tables));
                    self.position += 1;
                    growing = None;
                    at = end;
                    continue;
                }
                b"HL" => {
                    let depth = crate::claim::hierarchy::depth(here.segment.value(3)).map_or(2, |d| d + 1);
                    for range in self.ranges.iter_mut().skip(depth) {
                        *range = (at, at);
                    }
                    growing = Some(depth);
                }
                _ => {}
            }
            if let Some(range) = growing.and_then(|i| self.ranges.get_mut(i)) {
                range.1 = at + 1;
            }
            at += 1;
        }
        verdicts
    }

    fn claim(&self, from: usize, to: usize, survey: &Survey, edits: &EditSet, tables: &Tables) -> Verdict {
        let context = self.ranges.map(|(a, b)| self.placed.get(a..b).unwrap_or_default());
        let own = self.placed.get(from..to).unwrap_or_default();
        let claim = Claim { schema: self.schema, context, own };
        let mut findings = Vec::new();
        let faults = self.hierarchy_faults(&claim, survey);
        for fault in &faults {
            let loop_id = claim
                .segments()
                .find(|p| p.offset == fault.offset)
                .map_or("2000B", |p| self.schema.loop_id(p.loop_ix));
            findings.extend(edits.finding(fault, loop_id));
        }
        edits.run(&claim, tables, &mut findings);
        let (mut verdict, mut overridable) = decide(&findings);
        if faults.iter().any(|f| loses_ancestry(f.kind)) {
            (verdict, overridable) = (State::Rejected, false);
        }
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let dates = claim.service_dates();
        let offset = own.first().map_or(0, |p| p.offset);
        let end = own.last().map_or(0, |p| p.offset + p.segment.text().len() as u64 + 1);
        Verdict {
            claim: text(claim.id()),
            transaction_set: self.piece.control.clone(),
            position: self.position,
            verdict,
            overridable,
            charge: claim.charge().unwrap_or(0),
            payer: text(claim.payer()),
            findings,
            facts: Facts {
                kind: self.piece.guide.name().to_owned(),
                billing_npi: text(claim.billing_npi()),
                service_from: dates.map(|d| d.0),
                service_to: dates.map(|d| d.1),
                offset,
                bytes: end.saturating_sub(offset),
                test: self.piece.test,
            },
        }
    }

    /// Faults of the hierarchies the claim stands under; one of its own when it stands under none.
    fn hierarchy_faults(&self, claim: &Claim<'_>, survey: &Survey) -> Vec<Fault> {
        let [_, billing, subscriber, patient] = claim.context;
        let heads = [billing, subscriber, patient].map(|p| p.first().map(|hl| hl.offset));
        let mut faults: Vec<Fault> = heads
            .iter()
            .flatten()
            .filter_map(|at| survey.hierarchy_faults.get(at))
            .flatten()
            .copied()
            .collect();
        if let ([_, None, _] | [None, _, _], Some(clm)) = (heads, claim.clm()) {
            let (kind, segment, offset) = (FaultKind::ClaimWithoutHierarchy, clm.ordinal, clm.offset);
            faults.push(Fault { kind, at: "CLM", segment, offset, expected: 0, found: 0 });
        }
        faults
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
