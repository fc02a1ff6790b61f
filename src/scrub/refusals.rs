//! What makes an interchange, group or transaction set unusable besides its own envelope.

use std::collections::{HashMap, HashSet};

use super::Other;
use super::survey::{Inside, is_claims};
use crate::edits::Tolerances;
use crate::schema::{Guide, schema};
use crate::x12::fault::At;
use crate::x12::outline::Outline;
use crate::x12::{Fault, FaultKind};

/// Adds to an outline what its envelopes don't show; `inside` is what its sets hold, `barren` the first fault of a
/// hierarchy that no claim stands under, by set.
pub(super) fn find(outline: &mut Outline, other: Other, inside: &[Inside], barren: &HashMap<usize, Fault>) {
    check_versions(outline);
    refuse_repeated(outline);
    if other == Other::Reject {
        refuse_others(outline);
    }
    refuse_for_hierarchies(outline, barren);
    refuse_without_claims(outline, inside);
}

/// True for a fault that makes its envelope unusable.
pub(super) fn refuses(fault: &Fault, tolerances: Tolerances) -> bool {
    !tolerances.tolerate(fault.kind)
}

/// A broken hierarchy that no claim stands under is nobody's finding: the set itself is unusable. So is a set with more
/// broken hierarchies than are kept.
fn refuse_for_hierarchies(outline: &mut Outline, barren: &HashMap<usize, Fault>) {
    let sets = outline.interchanges.iter_mut().flat_map(|i| &mut i.groups).flat_map(|g| &mut g.sets);
    for (number, set) in sets.enumerate() {
        set.faults.extend(barren.get(&number).copied());
    }
}

/// An interchange with the bytes and numbers of an earlier one of the file would send every claim of it twice.
fn refuse_repeated(outline: &mut Outline) {
    let mut seen = HashSet::new();
    for interchange in &mut outline.interchanges {
        let groups: Vec<(String, Vec<String>)> = interchange
            .groups
            .iter()
            .map(|g| (g.control.clone(), g.sets.iter().map(|s| s.control.clone()).collect()))
            .collect();
        let header = &interchange.header;
        let own =
            (header.sender.clone(), header.control.clone(), interchange.end - interchange.start, groups);
        if !interchange.groups.is_empty() && !seen.insert(own) {
            let (kind, at, offset) = (FaultKind::InterchangeRepeated, At::from("ISA13"), interchange.start);
            interchange.faults.push(Fault { kind, at, segment: 0, offset, expected: 0, found: 0 });
        }
    }
}

/// A claim set without a claim has nothing to say to a payer.
fn refuse_without_claims(outline: &mut Outline, inside: &[Inside]) {
    let sets = outline.interchanges.iter_mut().flat_map(|i| &mut i.groups).flat_map(|g| &mut g.sets);
    for (set, inside) in sets.zip(inside) {
        if inside.is_claims && inside.claims.is_empty() && set.faults.is_empty() {
            let (kind, offset) = (FaultKind::SetWithoutClaim, set.start);
            set.faults.push(Fault { kind, at: At::from("CLM"), segment: 1, offset, expected: 1, found: 0 });
        }
    }
}

/// A channel that takes claims and answers alone refuses every other set.
fn refuse_others(outline: &mut Outline) {
    for set in outline.interchanges.iter_mut().flat_map(|i| &mut i.groups).flat_map(|g| &mut g.sets) {
        if !matches!(&*set.id, "837" | "835" | "999" | "277") {
            let (kind, offset) = (FaultKind::SetNotTaken, set.start);
            set.faults.push(Fault { kind, at: At::from("ST01"), segment: 1, offset, expected: 0, found: 0 });
        }
    }
}

/// Version of every 837 and 835: GS08 must be a guide of ours (else the group is unusable) and ST03 must agree.
fn check_versions(outline: &mut Outline) {
    for group in outline.interchanges.iter_mut().flat_map(|i| i.groups.iter_mut()) {
        let claims = group.sets.iter().any(is_claims).then_some("837");
        let ids = || group.sets.iter().map(|s| &*s.id);
        let Some(set) = ids().find(|id| matches!(*id, "837" | "835")).or(claims) else { continue };
        let offset = group.start;
        let fault = |kind, at, segment, offset| Fault {
            kind,
            at: At::from(at),
            segment,
            offset,
            expected: 0,
            found: 0,
        };
        match Guide::of(set, &group.version) {
            None => group.faults.push(fault(FaultKind::VersionUnsupported, "GS08", 0, offset)),
            Some((_, false)) => group.faults.push(fault(FaultKind::VersionErrataMissing, "GS08", 0, offset)),
            Some((_, true)) => {}
        }
        if Guide::of(set, &group.version).is_some_and(|(g, _)| schema(g).group != group.code) {
            group.faults.push(fault(FaultKind::GroupCodeWrong, "GS01", 0, offset));
        }
        let group_known = Guide::of(set, &group.version).is_some();
        for set in &mut group.sets {
            if is_claims(set) && set.id != "837" {
                set.faults.push(fault(FaultKind::VersionUnsupported, "ST01", 1, set.start));
                continue;
            }
            let known = !matches!(&*set.id, "837" | "835") || Guide::of(&set.id, &set.version).is_some();
            if set.version != group.version || (!known && group_known) {
                set.faults.push(fault(FaultKind::VersionUnsupported, "ST03", 1, set.start));
            }
        }
    }
}
