//! The first pass: envelopes, hierarchies and counts, before anything is said of a claim.

use std::collections::HashMap;
use std::io;
use std::ops::Range;

use super::cut::{Cutter, Stretch};
use super::envelope;
use super::refusals::{self, refuses};
use super::set_check::SetCheck;
use super::{Other, Source};
use crate::claim::hierarchy::{Hierarchy, depth};
use crate::edits::{EditSet, Finding, Rejection, Tolerances};
use crate::schema::Guide;
use crate::x12::element::amount;
use crate::x12::fault::At;
use crate::x12::outline::{self, Interchange, Outline, Visitor};
use crate::x12::{Cents, Delimiters, Fault, FaultKind, Segment};

/// What the first pass knows.
#[derive(Debug)]
pub struct Survey {
    /// Envelopes.
    pub outline: Outline,
    /// What is inside each transaction set, in file order.
    pub sets: Vec<Inside>,
    /// What is wrong with a hierarchy, by the byte its HL starts at.
    pub hierarchy_faults: HashMap<u64, Vec<Fault>>,
    /// Bytes where hierarchies start that hold no claim and can't leave; filled by the judging.
    pub unfit: Vec<u64>,
    /// What is wrong in sets that hold no claims, by the guide each follows.
    pub set_faults: Vec<SetFault>,
    /// Where its claims lie, cut so that each stretch can be judged alone.
    pub stretches: Vec<Stretch>,
    /// Where the hierarchy right before a claim starts, if something is wrong with it; claims 0-based.
    pub heads: HashMap<u64, u64>,
    /// CLM segments in claim sets or out of place.
    pub claims: u64,
    /// Sum of their CLM02.
    pub charges: Cents,
    /// How many CLM02 were no number.
    pub unreadable: u64,
    /// Kind of the file.
    pub kind: &'static str,
    /// What was let pass.
    pub tolerances: Tolerances,
}

/// A fault in a set that holds no claims.
#[derive(Clone, Debug)]
pub struct SetFault {
    /// Guide of the set.
    pub guide: Guide,
    /// What is wrong.
    pub fault: Fault,
    /// The value at fault, where it is one element.
    pub value: Option<String>,
}

/// The inside of one transaction set.
#[derive(Clone, Debug)]
pub struct Inside {
    /// What happens to it.
    pub fate: Fate,
    /// True for an 837, judged or not: its HL and CLM were counted.
    pub is_claims: bool,
    /// Byte in the file where its ST starts.
    pub start: u64,
    /// Its claims, 0-based among the file's claims.
    pub claims: Range<u64>,
}

/// What happens to a transaction set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Its claims are judged one by one.
    Claims(Guide),
    /// Neither claims nor answers: leaves unchanged.
    Pass,
    /// Unusable: its claims count as rejected.
    Refused,
}

/// A hierarchy whose end hasn't come.
#[derive(Clone, Copy)]
struct Open {
    offset: u64,
    /// First claim after it, 0-based among the file's claims.
    first_claim: u64,
    /// The first fault of it.
    fault: Option<Fault>,
}

/// Hierarchy faults kept of one set; with more, the set is unusable.
const MOST_FAULTS: usize = 1000;

#[derive(Default)]
struct Pass {
    sets: Vec<Inside>,
    /// Hierarchy faults of the open set.
    told: usize,
    /// Check of the open set, where it holds no claims and its guide is known.
    check: Option<(Guide, SetCheck)>,
    set_faults: Vec<SetFault>,
    hierarchy: Hierarchy,
    /// Hierarchies in force, by depth.
    open: [Option<Open>; 4],
    /// By set: the first fault of a hierarchy that no claim stands under.
    barren: HashMap<usize, Fault>,
    heads: HashMap<u64, u64>,
    faults: HashMap<u64, Vec<Fault>>,
    claims: u64,
    charges: Cents,
    unreadable: u64,
    cutter: Cutter,
}

impl Pass {
    fn claim(&mut self, segment: &Segment<'_>) {
        self.claims += 1;
        match amount(segment.value(2)) {
            Some(cents) => self.charges = self.charges.saturating_add(cents),
            None => self.unreadable += 1,
        }
    }

    /// Takes an HL, or the end of the set: what it says of hierarchies, and which of those it ends were barren and broken.
    fn hierarchies(&mut self, hl: Option<&Segment<'_>>, depth: usize, ordinal: u32, offset: u64) {
        let number = self.sets.len().saturating_sub(1);
        let (faults, told, open) = (&mut self.faults, &mut self.told, &mut self.open);
        let barren = &mut self.barren;
        let mut report = |fault: Fault| {
            *told += 1;
            if let Some(open) = open.iter_mut().flatten().find(|o| o.offset == fault.offset) {
                open.fault = open.fault.or(Some(fault));
            }
            // A set with more than these is not worth a claim's name each: it is refused with the first.
            if *told <= MOST_FAULTS {
                faults.entry(fault.offset).or_default().push(fault);
            } else {
                barren.entry(number).or_insert(fault);
            }
        };
        match hl {
            Some(hl) => self.hierarchy.step(hl, ordinal, offset, &mut report),
            None => self.hierarchy.finish(&mut report),
        }
        for ended in self.open.iter_mut().skip(depth).filter_map(Option::take) {
            if let Some(fault) = ended.fault.filter(|_| ended.first_claim == self.claims) {
                self.barren.entry(number).or_insert(fault);
            }
        }
    }

    fn check_segment(&mut self, segment: &Segment<'_>, ordinal: u32, offset: u64) {
        let Some((guide, check)) = &mut self.check else { return };
        let (guide, told, faults) = (*guide, &mut self.told, &mut self.set_faults);
        check.segment(segment, ordinal, offset, &mut |fault| {
            *told += 1;
            if *told <= MOST_FAULTS {
                let value = value_at(segment, &fault, offset);
                faults.push(SetFault { guide, fault, value });
            }
        });
    }
}

/// True for a set whose CLM segments count: an 837, or one that a claim guide is named for and should be one.
pub(super) fn is_claims(set: &outline::Set) -> bool {
    set.id == "837" || Guide::of("837", &set.version).is_some()
}

/// The value at fault, where it is an element of this segment.
fn value_at(segment: &Segment<'_>, fault: &Fault, offset: u64) -> Option<String> {
    let (element, component) = (usize::from(fault.at.element), usize::from(fault.at.component));
    if element == 0 || fault.offset != offset {
        return None;
    }
    let value = if component == 0 { segment.value(element) } else { segment.component(element, component) };
    (!value.is_empty()).then(|| String::from_utf8_lossy(value).into_owned())
}

impl Visitor for Pass {
    fn segment(&mut self, set: &outline::Set, segment: &Segment<'_>, ordinal: u32, offset: u64) {
        if ordinal == 1 {
            let (fate, is_claims, start, claims) =
                (Fate::Pass, is_claims(set), offset, self.claims..self.claims);
            self.sets.push(Inside { fate, is_claims, start, claims });
            self.hierarchy = Hierarchy::default();
            self.open = [None; 4];
            self.told = 0;
            let guide = Guide::of(&set.id, &set.version).map(|(g, _)| g).filter(|g| !g.is_claims());
            self.check = guide.map(|g| (g, SetCheck::new(g, segment.delimiters())));
        }
        if !self.sets.last().is_some_and(|s| s.is_claims) {
            self.cutter.close();
            self.check_segment(segment, ordinal, offset);
            return;
        }
        self.cutter.segment(self.sets.len() - 1, segment, ordinal, offset);
        match segment.id() {
            b"CLM" => self.claim(segment),
            b"HL" => {
                let depth = depth(segment.value(3)).unwrap_or(3);
                self.hierarchies(Some(segment), depth, ordinal, offset);
                if let Some(slot) = self.open.get_mut(depth) {
                    let fault = self.faults.get(&offset).and_then(|f| f.first()).copied();
                    if fault.is_some() {
                        self.heads.insert(self.claims, offset);
                    }
                    *slot = Some(Open { offset, first_claim: self.claims, fault });
                }
            }
            b"SE" => self.hierarchies(None, 0, ordinal, offset),
            _ => {}
        }
        if let Some(inside) = self.sets.last_mut() {
            inside.claims.end = self.claims;
        }
    }

    fn envelope(&mut self, segment: &Segment<'_>, offset: u64) -> Vec<Fault> {
        envelope::check(segment, offset)
    }

    fn misplaced(&mut self, segment: &Segment<'_>, offset: u64) {
        if segment.id() == b"CLM" {
            self.claim(segment);
            self.cutter.misplaced(segment, offset);
        }
    }

    fn interchange(&mut self) {
        self.cutter.interchange();
    }

    fn skipped(&mut self) {
        self.cutter.close();
    }
}

/// Reads a file once.
///
/// # Errors
/// When reading fails.
pub fn survey<S: Source + ?Sized>(source: &S, other: Other, tolerances: Tolerances) -> io::Result<Survey> {
    let mut pass = Pass::default();
    let mut outline = outline::outline(source.open()?, &mut pass)?;
    refusals::find(&mut outline, other, &pass.sets, &pass.barren);
    let kind = kind(&outline);
    let fates =
        outline.interchanges.iter().flat_map(|i| i.groups.iter().map(move |g| (i, g))).flat_map(|(i, g)| {
            g.sets.iter().map(move |s| {
                let refused = [&i.faults, &g.faults, &s.faults]
                    .into_iter()
                    .any(|f| f.iter().any(|f| refuses(f, tolerances)));
                match Guide::of(&s.id, &s.version) {
                    _ if refused => Fate::Refused,
                    Some((guide, _)) if s.id == "837" => Fate::Claims(guide),
                    None if s.id == "837" => Fate::Refused,
                    _ => Fate::Pass,
                }
            })
        });
    for (inside, fate) in pass.sets.iter_mut().zip(fates) {
        inside.fate = fate;
    }
    let stretches = pass.cutter.finish();
    let Pass { sets, faults: hierarchy_faults, heads, set_faults, claims, charges, unreadable, .. } = pass;
    let unfit = Vec::new();
    Ok(Survey {
        outline,
        sets,
        hierarchy_faults,
        unfit,
        stretches,
        heads,
        set_faults,
        claims,
        charges,
        unreadable,
        kind,
        tolerances,
    })
}

/// `837P`, ... by what the sets are; `mixed` when they differ.
fn kind(outline: &Outline) -> &'static str {
    let mut kinds: Vec<&'static str> = Vec::new();
    for interchange in &outline.interchanges {
        if interchange.groups.is_empty() && interchange.acknowledgements > 0 {
            kinds.push("TA1");
        }
        for (group, set) in interchange.groups.iter().flat_map(|g| g.sets.iter().map(move |s| (g, s))) {
            kinds.push(match &*set.id {
                "837" => Guide::of("837", &set.version)
                    .or_else(|| Guide::of("837", &group.version))
                    .map_or("unknown", |(g, _)| g.name()),
                "835" => "835",
                "999" => "999",
                "277" if set.version.starts_with("005010X214") => "277CA",
                _ => "unknown",
            });
        }
    }
    kinds.dedup();
    match kinds.as_slice() {
        [] => "unknown",
        [one] => one,
        [first, rest @ ..] if rest.iter().all(|k| k == first) => first,
        _ => "mixed",
    }
}

impl Survey {
    /// The delimiters in force at a byte.
    #[must_use]
    pub fn delimiters_at(&self, offset: u64) -> Delimiters {
        let mut all = self.outline.interchanges.iter();
        all.find(|i| (i.start..i.end).contains(&offset)).map_or(Delimiters::COMMON, Interchange::delimiters)
    }

    /// Envelope troubles, as the edits that speak for them say them. One cause is told once: a truncated interchange
    /// says nothing of the trailers missing inside it.
    #[must_use]
    pub fn envelopes(&self, edits: &EditSet) -> (Vec<Finding>, Vec<Rejection>) {
        let (mut findings, mut rejections) = (Vec::new(), Vec::new());
        for SetFault { guide, fault, value } in &self.set_faults {
            let said = edits.finding_at(fault, *guide, None);
            findings.extend(said.map(|f| Finding { value: value.clone(), ..f }));
        }
        let mut say = |fault: &Fault, level: &str, control: &str| {
            if refuses(fault, self.tolerances) {
                rejections.extend(edits.rejection(fault, level, control));
            } else {
                findings.extend(edits.finding(fault));
            }
        };
        for noise in &self.outline.noise {
            say(&noise.fault, "interchange", "");
        }
        for interchange in &self.outline.interchanges {
            let cut = interchange.faults.iter().any(|f| f.kind == FaultKind::InterchangeTrailerMissing);
            let control = String::from_utf8_lossy(&interchange.header.control).into_owned();
            for fault in &interchange.faults {
                say(fault, "interchange", &control);
            }
            for group in &interchange.groups {
                let short = group.faults.iter().any(|f| f.kind == FaultKind::GroupTrailerMissing);
                for fault in
                    group.faults.iter().filter(|f| !(cut && f.kind == FaultKind::GroupTrailerMissing))
                {
                    say(fault, "group", &group.control);
                }
                for set in &group.sets {
                    let consequence = |f: &Fault| (cut || short) && f.kind == FaultKind::SetTrailerMissing;
                    for fault in set.faults.iter().filter(|f| !consequence(f)) {
                        say(fault, "transaction set", &set.control);
                    }
                }
            }
        }
        // An empty file holds no interchange and no bytes that aren't one.
        if self.outline.interchanges.is_empty() && self.outline.noise.is_empty() {
            let kind = FaultKind::NotAnInterchange;
            say(
                &Fault { kind, at: At::from("ISA"), segment: 0, offset: 0, expected: 0, found: 0 },
                "interchange",
                "",
            );
        }
        (findings, rejections)
    }
}
