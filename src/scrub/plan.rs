//! Which envelopes and hierarchies leave, decided from the survey and the claims' states before a byte is written.

use std::io;
use std::ops::Range;

use super::Source;
use super::refusals::refuses;
use super::report::{State, Verdict};
use super::states::States;
use super::survey::{Fate, Survey};
use crate::claim::hierarchy::depth;
use crate::edits::Tolerances;
use crate::x12::outline::{Group, Interchange};
use crate::x12::{Blocks, Chunk};

/// What happens to an envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Every byte leaves.
    Whole,
    /// Some of it: so many of its groups, sets or claims.
    Some(i64),
    /// Nothing.
    None,
}

/// What happens to a hierarchy, in a byte.
#[derive(Clone, Copy, Debug, Default)]
pub struct HlPlan(u8);

const DEPTH: u8 = 3;
const HAS: u8 = 4;
const KEEPS: u8 = 8;
const KEPT: u8 = 16;
const CHILD: u8 = 32;
const UNFIT: u8 = 64;

impl HlPlan {
    /// Billing provider 0, subscriber 1, patient 2; 3 for an unknown level.
    #[must_use]
    pub fn depth(self) -> u8 {
        self.0 & DEPTH
    }

    /// It leaves: it or one below keeps a claim, or it never had one.
    #[must_use]
    pub fn is_kept(self) -> bool {
        self.0 & KEPT != 0
    }

    /// One directly below leaves: the new HL04.
    #[must_use]
    pub fn has_child(self) -> bool {
        self.0 & CHILD != 0
    }

    fn is(self, what: u8) -> bool {
        self.0 & what != 0
    }

    fn set(&mut self, what: u8, on: bool) {
        if on {
            self.0 |= what;
        }
    }
}

/// The decisions for one file.
#[derive(Debug)]
pub struct Plan<'a> {
    survey: &'a Survey,
    states: &'a States,
    interchanges: Vec<Part>,
    groups: Vec<Part>,
    group_starts: Vec<u64>,
    sets: Vec<Part>,
    hierarchies: Vec<HlPlan>,
}

impl<'a> Plan<'a> {
    /// Decides.
    ///
    /// # Errors
    /// When reading fails.
    pub fn new<S: Source + ?Sized>(
        source: &S,
        survey: &'a Survey,
        states: &'a States,
    ) -> io::Result<Plan<'a>> {
        let mut plan = Plan {
            survey,
            states,
            interchanges: Vec::new(),
            groups: Vec::new(),
            group_starts: survey
                .outline
                .interchanges
                .iter()
                .flat_map(|i| &i.groups)
                .map(|g| g.start)
                .collect(),
            sets: Vec::new(),
            hierarchies: Vec::new(),
        };
        plan.sets = (0..survey.sets.len()).map(|i| plan.decide_set(i)).collect();
        if plan.sets.iter().any(|s| matches!(s, Part::Some(_))) {
            plan.hierarchies = plan.decide_hierarchies(source)?;
        }
        let mut set = 0;
        for interchange in &survey.outline.interchanges {
            let mut parts = Vec::new();
            for group in &interchange.groups {
                let own = plan.sets.get(set..set + group.sets.len()).unwrap_or_default();
                set += group.sets.len();
                parts.push(envelope(
                    is_usable(interchange, survey.tolerances) && group_is_usable(group, survey.tolerances),
                    own,
                ));
            }
            let part = match envelope(is_usable(interchange, survey.tolerances), &parts) {
                // TA1 is an answer; it passes, whatever becomes of the groups beside it.
                Part::None
                    if is_usable(interchange, survey.tolerances) && interchange.acknowledgements > 0 =>
                {
                    Part::Some(0)
                }
                part => part,
            };
            plan.groups.extend(parts);
            plan.interchanges.push(part);
        }
        Ok(plan)
    }

    /// True for a claim that leaves; `claim` is 0-based among the file's claims.
    #[must_use]
    pub fn leaves(&self, claim: u64) -> bool {
        self.states.get(claim) == Some(State::Clean)
    }

    /// The n-th interchange.
    #[must_use]
    pub fn interchange(&self, n: usize) -> Part {
        self.interchanges.get(n).copied().unwrap_or(Part::None)
    }

    /// The n-th group.
    #[must_use]
    pub fn group(&self, n: usize) -> Part {
        self.groups.get(n).copied().unwrap_or(Part::None)
    }

    /// The n-th transaction set.
    #[must_use]
    pub fn set(&self, n: usize) -> Part {
        self.sets.get(n).copied().unwrap_or(Part::None)
    }

    /// The n-th hierarchy.
    #[must_use]
    pub fn hierarchy(&self, n: usize) -> HlPlan {
        self.hierarchies.get(n).copied().unwrap_or_default()
    }

    /// True when the set just opened (its number is one less than `next`) has claims that were judged.
    #[must_use]
    pub fn is_claims(&self, next: usize) -> bool {
        let set = next.checked_sub(1).and_then(|i| self.survey.sets.get(i));
        set.is_some_and(|s| matches!(s.fate, Fate::Claims(_)))
    }

    /// True when the set just opened is an 837, judged or not: its HL and CLM were counted.
    #[must_use]
    pub fn has_hierarchies(&self, next: usize) -> bool {
        next.checked_sub(1).and_then(|i| self.survey.sets.get(i)).is_some_and(|s| s.is_claims)
    }

    /// Where the n-th interchange, group or set starts, so that a second reading can't fall out of step.
    #[must_use]
    pub fn starts(&self, level: Level, n: usize, offset: u64) -> bool {
        let start = match level {
            Level::Interchange => self.survey.outline.interchanges.get(n).map(|i| i.start),
            Level::Group => self.group_starts.get(n).copied(),
            Level::Set => self.survey.sets.get(n).map(|s| s.start),
        };
        start == Some(offset)
    }

    fn decide_set(&self, i: usize) -> Part {
        match self.survey.sets.get(i).map(|s| s.fate) {
            None | Some(Fate::Refused) => Part::None,
            Some(Fate::Pass) => Part::Whole,
            Some(Fate::Claims(_)) => {
                let claims = self.survey.sets.get(i).map_or(0..0, |s| s.claims.clone());
                let all = claims.end - claims.start;
                let unfit = self.has_unfit(i);
                match claims.filter(|c| self.leaves(*c)).count() as u64 {
                    n if n == all && !unfit => Part::Whole,
                    0 => Part::None,
                    n => Part::Some(n as i64),
                }
            }
        }
    }

    /// True when a hierarchy of the n-th set holds no claim and can't leave.
    fn has_unfit(&self, n: usize) -> bool {
        if self.survey.unfit.is_empty() {
            return false;
        }
        let starts = |n: usize| self.survey.sets.get(n).map_or(u64::MAX, |s| s.start);
        self.survey.unfit.iter().any(|at| (starts(n)..starts(n + 1)).contains(at))
    }

    /// Reads the file again for its hierarchies: which keep a claim, which never had one.
    fn decide_hierarchies<S: Source + ?Sized>(&self, source: &S) -> io::Result<Vec<HlPlan>> {
        let mut plans: Vec<HlPlan> = Vec::new();
        // First hierarchy of each set.
        let mut firsts = Vec::new();
        let (mut set, mut claim, mut in_set) = (0usize, 0u64, false);
        let mut above = Above::default();
        let mut blocks = Blocks::new(source.open()?);
        while let Some(chunk) = blocks.next_chunk()? {
            let Chunk::Block(block) = chunk else { continue };
            in_set &= block.header.is_none();
            for segment in block.segments() {
                let offset = block.offset + u64::from(segment.start());
                match segment.id() {
                    b"GS" | b"GE" | b"IEA" => in_set = false,
                    b"ST" => {
                        in_set = self.starts(Level::Set, set, offset);
                        set += usize::from(in_set);
                        firsts.push(plans.len());
                        above = Above::default();
                    }
                    b"SE" => in_set = false,
                    b"HL" if in_set && self.has_hierarchies(set) => {
                        let depth = depth(segment.value(3)).map_or(3, |d| d as u8);
                        above.open(depth, plans.len());
                        let mut plan = HlPlan(depth);
                        plan.set(UNFIT, self.survey.unfit.contains(&offset));
                        plans.push(plan);
                    }
                    b"CLM" if !in_set || self.has_hierarchies(set) => {
                        let leaves = self.leaves(claim);
                        claim += 1;
                        for at in above.up_to(3).filter(|_| in_set) {
                            if let Some(plan) = plans.get_mut(at) {
                                plan.set(HAS, true);
                                plan.set(KEEPS, leaves);
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
        keep(&mut plans, &firsts);
        Ok(plans)
    }
}

/// Decides, parents before children.
fn keep(plans: &mut [HlPlan], firsts: &[usize]) {
    let mut above = Above::default();
    let mut firsts = firsts.iter().peekable();
    for n in 0..plans.len() {
        while firsts.next_if(|first| **first <= n).is_some() {
            above = Above::default();
        }
        let Some(plan) = plans.get(n).copied() else { break };
        let depth = plan.depth();
        above.open(depth, n);
        let parent = depth.checked_sub(1).and_then(|d| above.at(d));
        // One that never had a claim stays with its parent, never under another; an unknown level never stays.
        let parent_kept = match (depth, parent) {
            (0, _) => true,
            (1 | 2, Some(at)) => plans.get(at).is_some_and(|p| p.is_kept()),
            _ => false,
        };
        let barren = !plan.is(HAS) && parent_kept && !plan.is(UNFIT);
        let kept = depth <= 2 && (plan.is(KEEPS) || barren);
        if let Some(plan) = plans.get_mut(n) {
            plan.set(KEPT, kept);
        }
        if let Some(parent) = parent.and_then(|at| plans.get_mut(at)) {
            parent.set(CHILD, kept);
        }
    }
}

/// A level of envelope.
#[derive(Clone, Copy, Debug)]
pub enum Level {
    /// ISA to IEA.
    Interchange,
    /// GS to GE.
    Group,
    /// ST to SE.
    Set,
}

/// The hierarchies in force, by depth.
#[derive(Default)]
struct Above([Option<usize>; 4]);

impl Above {
    fn open(&mut self, depth: u8, n: usize) {
        for slot in self.0.iter_mut().skip(usize::from(depth)) {
            *slot = None;
        }
        if let Some(slot) = self.0.get_mut(usize::from(depth)) {
            *slot = Some(n);
        }
    }

    fn at(&self, depth: u8) -> Option<usize> {
        self.0.get(usize::from(depth)).copied().flatten()
    }

    fn up_to(&self, depth: u8) -> impl Iterator<Item = usize> + use<> {
        self.0.into_iter().take(usize::from(depth) + 1).flatten()
    }
}

fn is_usable(interchange: &Interchange, tolerances: Tolerances) -> bool {
    !interchange.faults.iter().any(|f| refuses(f, tolerances))
}

fn group_is_usable(group: &Group, tolerances: Tolerances) -> bool {
    !group.faults.iter().any(|f| refuses(f, tolerances))
}

fn envelope(usable: bool, inside: &[Part]) -> Part {
    let kept = inside.iter().filter(|p| **p != Part::None).count();
    match usable {
        false => Part::None,
        true if inside.iter().all(|p| *p == Part::Whole) => Part::Whole,
        true if kept == 0 => Part::None,
        true => Part::Some(kept as i64),
    }
}

/// The bytes of what can't be used, in file order: noise, refused interchanges, groups and sets with the envelope
/// segments around them, and single rejected claims. What lies in `rejected/` is made of these.
#[must_use]
pub fn rejected_ranges(survey: &Survey, verdicts: &[Verdict]) -> Vec<Range<u64>> {
    let mut ranges: Vec<Range<u64>> =
        survey.outline.noise.iter().map(|n| n.fault.offset..n.fault.offset + n.len).collect();
    let mut set_ix = 0;
    for interchange in &survey.outline.interchanges {
        if !is_usable(interchange, survey.tolerances) {
            set_ix += interchange.groups.iter().map(|g| g.sets.len()).sum::<usize>();
            ranges.push(interchange.start..interchange.end);
            continue;
        }
        let mut inside = Vec::new();
        for group in &interchange.groups {
            let first = set_ix;
            set_ix += group.sets.len();
            if !group_is_usable(group, survey.tolerances) {
                inside.push(group.start..group.end);
                continue;
            }
            let mut own: Vec<Range<u64>> = Vec::new();
            for (i, set) in group.sets.iter().enumerate() {
                match survey.sets.get(first + i).map(|s| s.fate) {
                    Some(Fate::Refused) => own.push(set.start..set.end),
                    Some(Fate::Claims(_)) => {
                        own.extend(rejected_claims(survey, verdicts, set.start..set.end))
                    }
                    _ => {}
                }
            }
            if let (false, Some(head)) = (own.is_empty(), group.sets.first()) {
                inside.push(group.start..head.start);
                inside.append(&mut own);
                inside.push(group.sets.last().map_or(group.end, |s| s.end)..group.end);
            }
        }
        if !inside.is_empty() {
            let head = interchange.groups.first().map_or(interchange.end, |g| g.start);
            ranges.push(interchange.start..head);
            ranges.append(&mut inside);
            ranges.push(interchange.groups.last().map_or(head, |g| g.end)..interchange.end);
        }
    }
    ranges.sort_by_key(|r| r.start);
    ranges
}

fn rejected_claims(survey: &Survey, verdicts: &[Verdict], set: Range<u64>) -> Vec<Range<u64>> {
    let rejected = verdicts.iter().filter(|v| v.verdict == State::Rejected && set.contains(&v.facts.offset));
    rejected
        .map(|v| {
            // The first claim of a hierarchy brings the hierarchy's own segments with it.
            let claim = v.position.saturating_sub(1);
            let end = v.facts.offset + v.facts.bytes;
            let head = survey.heads.get(&claim).filter(|at| set.contains(at));
            head.copied().unwrap_or(v.facts.offset)..end
        })
        .collect()
}
