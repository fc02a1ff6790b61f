//! Operators on whole loops and hierarchies: without their opener, missing, once too often, numbered or linked wrong.

use std::collections::HashSet;

use claimloop::x12::FaultKind as F;
use claimloop::x12::fault::At;

use super::grammar::Grammar;
use super::mutant::{Mutant, Place};
use super::original::{Original, Text};
use super::segments::Breaking;

/// Every operator on the loops of a file.
pub fn mutants(original: &Original, grammar: &Grammar) -> Vec<Mutant> {
    let mut b = Breaking { original, grammar, out: Vec::new() };
    for l in 1..original.loops.len() {
        unopened(&mut b, l);
        missing(&mut b, l);
        repeated(&mut b, l);
    }
    for i in 0..original.segments.len() {
        match &*original.segments[i].text[0] {
            "HL" => hierarchy(&mut b, i),
            "LX" if original.schema.set == "837" => line(&mut b, i),
            _ => {}
        }
    }
    b.out
}

fn opener(b: &Breaking<'_>, l: usize) -> At {
    b.original.segments[b.original.loops[l].first].entry.at
}

fn what(b: &Breaking<'_>, l: usize) -> String {
    let first = b.original.loops[l].first;
    format!("{} {}: {}", b.original.loop_id(l), first + 1, b.original.segments[first].text.join("*"))
}

/// The segment that opens a loop is dropped, and something of the loop stays.
fn unopened(b: &mut Breaking<'_>, l: usize) {
    let of = &b.original.loops[l];
    if of.end - of.first < 2 {
        return;
    }
    let mut set = b.original.texts();
    set.remove(of.first);
    // Named by the opener; by its loop; at a level, by the numbers of the levels around it.
    let at = opener(b, l);
    let ordinal = of.first as u32 + 1;
    let parent = of.parent.map_or(1, |p| b.original.loops[p].first as u32 + 1);
    let mut places =
        vec![Place::exact(at, ordinal, &[F::LoopUnopened]), Place::exact(at, parent, &[F::LoopMissing])];
    if at.segment == "HL" {
        places.push(Place::bare(At { element: 1, ..at }, b.next_level(ordinal), &[F::HierarchyNumberWrong]));
    }
    if at.segment == "CLM" {
        places.push(Place::envelope("CLM", &[F::SetWithoutClaim]));
    }
    b.put("opener dropped", what(b, l), set, places);
}

impl Breaking<'_> {
    /// Ordinal of the first level behind a segment that is dropped.
    fn next_level(&self, dropped: u32) -> u32 {
        let from = dropped as usize;
        let next = self.original.segments.iter().skip(from).position(|s| s.text[0] == "HL");
        next.map_or(0, |n| (from + n) as u32)
    }
}

/// A required loop is dropped with all that is in it, each occurrence in one parent.
fn missing(b: &mut Breaking<'_>, l: usize) {
    let of = &b.original.loops[l];
    let definition = &b.original.schema.loops[usize::from(of.loop_ix.0)];
    let twins: Vec<usize> = b
        .original
        .children(of.parent.unwrap())
        .filter(|t| b.original.loops[*t].loop_ix == of.loop_ix)
        .collect();
    // A level takes numbers with it: that is another fault.
    if !definition.required || twins[0] != l || opener(b, l).segment == "HL" {
        return;
    }
    let gone: HashSet<usize> =
        twins.iter().flat_map(|t| b.original.loops[*t].first..b.original.loops[*t].end).collect();
    let all = b.original.texts().into_iter().enumerate();
    let set: Vec<Text> = all.filter(|(i, _)| !gone.contains(i)).map(|(_, t)| t).collect();
    let parent = b.original.loops[of.parent.unwrap()].first as u32 + 1;
    b.put(
        "required loop dropped",
        what(b, l),
        set,
        vec![Place::exact(opener(b, l), parent, &[F::LoopMissing])],
    );
}

/// A loop stands once more than its parent may hold it.
fn repeated(b: &mut Breaking<'_>, l: usize) {
    let of = &b.original.loops[l];
    let max = usize::from(b.original.schema.loops[usize::from(of.loop_ix.0)].repeat);
    let twins: Vec<usize> = b
        .original
        .children(of.parent.unwrap())
        .filter(|t| b.original.loops[*t].loop_ix == of.loop_ix)
        .collect();
    if max == 0 || twins.last() != Some(&l) {
        return;
    }
    let mut set = b.original.texts();
    let own: Vec<Text> = set[of.first..of.end].to_vec();
    let mut at = of.end;
    let mut last = 0;
    for n in twins.len()..=max {
        let mut copy = own.clone();
        if copy[0][0] == "LX" {
            // Lines go on being numbered, charge nothing, and no earlier payer decided them.
            copy[0][1] = (n + 1).to_string();
            let charge = if copy[1][0] == "SV2" { 3 } else { 2 };
            copy[1][charge] = "0".to_owned();
            let decided = copy.iter().position(|s| s[0] == "SVD").unwrap_or(copy.len());
            copy.truncate(decided);
        }
        last = at;
        at += copy.len();
        set.splice(last..last, copy);
    }
    let places = vec![Place::exact(opener(b, l), last as u32 + 1, &[F::LoopRepeated])];
    b.put("loop repeated past its limit", what(b, l), set, places);
}

/// Numbers, parents, levels and child flags of an HL.
fn hierarchy(b: &mut Breaking<'_>, i: usize) {
    let text = &b.original.segments[i].text;
    let other = if text[4] == "1" { "0" } else { "1" };
    let mut all = vec![
        ("HL number wrong", 1, "77"),
        ("HL number wrong", 1, ""),
        ("HL level wrong", 3, "99"),
        ("HL level wrong", 3, ""),
        ("HL child wrong", 4, other),
        ("HL child wrong", 4, "7"),
        ("HL child wrong", 4, ""),
    ];
    if text[2].is_empty() {
        all.push(("HL parent wrong", 2, "1"));
    } else {
        all.extend([
            ("HL parent wrong", 2, "77"),
            ("HL parent wrong", 2, &*text[1]),
            ("HL parent wrong", 2, ""),
        ]);
    }
    for (operator, element, value) in all {
        let mut set = b.original.texts();
        value.clone_into(&mut set[i][element]);
        while set[i].last().is_some_and(String::is_empty) {
            set[i].pop();
        }
        let at = At { element: element as u8, ..b.original.segments[i].entry.at };
        let places = vec![Place::bare(at, i as u32 + 1, &[])];
        let what = format!("{} {}: {} to {}", at, i + 1, text.join("*"), set[i].join("*"));
        // Structure alone takes most of them: these are faults whatever the grammar says.
        b.out.push(Mutant { operator, what, bytes: b.original.with(set), places });
    }
}

/// Service lines count from 1.
fn line(b: &mut Breaking<'_>, i: usize) {
    let at = At { element: 1, ..b.original.segments[i].entry.at };
    let number: i64 = b.original.segments[i].text[1].parse().unwrap();
    for wrong in [number + 1, number - 1, 0] {
        let mut set = b.original.texts();
        set[i][1] = wrong.to_string();
        let what = format!("{} {}: to {wrong}", at, i + 1);
        let places = vec![Place::exact(at, i as u32 + 1, &[F::LineNumberWrong])];
        b.out.push(Mutant { operator: "line number wrong", what, bytes: b.original.with(set), places });
    }
}
