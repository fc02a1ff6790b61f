//! What the guides' files say, read apart from the machine under test: syntax notes and qualifiers, and whether a row
//! of segments may stand as it is. A mutant that a guide takes is no mutant.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use claimloop::schema::{Entry, LoopIx, Schema};

use super::original::Text;

/// Notes and qualifiers of `config/schemas/segments.toml`.
pub struct Standard {
    /// By segment or composite: letter and positions.
    notes: BTreeMap<String, Vec<(char, Vec<usize>)>>,
    qualifiers: BTreeMap<String, (usize, usize)>,
}

pub static STANDARD: LazyLock<Standard> = LazyLock::new(|| {
    let text = include_str!("../../config/schemas/segments.toml");
    let all: toml::Table = toml::from_str(text).unwrap();
    let read = |notes: &toml::Value| {
        let note = |n: &toml::Value| {
            let (letter, rest) = n.as_str().unwrap().split_at(1);
            let places = (0..rest.len() / 2).map(|i| rest[i * 2..i * 2 + 2].parse().unwrap()).collect();
            (letter.chars().next().unwrap(), places)
        };
        notes.as_array().unwrap().iter().map(note).collect()
    };
    let mut standard = Standard { notes: BTreeMap::new(), qualifiers: BTreeMap::new() };
    for (id, notes) in all["composite_notes"].as_table().unwrap() {
        standard.notes.insert(id.clone(), read(notes));
    }
    for (id, segment) in all["segments"].as_table().unwrap() {
        if let Some(notes) = segment.get("notes") {
            standard.notes.insert(id.clone(), read(notes));
        }
        let place = segment.get("qualifier").map(|q| match q.as_str() {
            None => (q.as_integer().unwrap() as usize, 0),
            Some(text) => {
                let (element, component) = text.split_once('-').unwrap();
                (element.parse().unwrap(), component.parse().unwrap())
            }
        });
        standard.qualifiers.extend(place.map(|p| (id.clone(), p)));
    }
    standard
});

impl Standard {
    /// Syntax notes of a segment or composite.
    pub fn notes(&self, id: &str) -> &[(char, Vec<usize>)] {
        self.notes.get(id).map_or(&[], Vec::as_slice)
    }

    /// Element and component that tell entries of this segment apart.
    pub fn qualifier(&self, id: &str) -> Option<(usize, usize)> {
        self.qualifiers.get(id).copied()
    }
}

/// Whether a note is broken when these positions are filled.
pub fn broken((letter, of): &(char, Vec<usize>), filled: &HashSet<usize>) -> bool {
    let there = of.iter().filter(|n| filled.contains(n)).count();
    let first = filled.contains(&of[0]);
    match letter {
        'P' => there > 0 && there < of.len(),
        'R' => there == 0,
        'E' => there > 1,
        'C' => first && there < of.len(),
        _ => first && there == 1,
    }
}

/// The value that tells entries of a segment apart.
pub fn qualifier(text: &Text) -> Option<&str> {
    let (element, component) = STANDARD.qualifier(&text[0])?;
    let value = text.get(element).map_or("", String::as_str);
    if component == 0 { Some(value) } else { Some(value.split(':').nth(component - 1).unwrap_or("")) }
}

/// True when an entry is for a segment like this.
pub fn takes(entry: &Entry, text: &Text) -> bool {
    if entry.at.segment != text[0] {
        return false;
    }
    let Some((element, component)) = STANDARD.qualifier(&text[0]) else { return true };
    let element = &entry.elements[element - 1];
    let element = if component == 0 { element } else { &element.components[component - 1] };
    element.codes.is_open() || element.codes.contains(qualifier(text).unwrap_or("").as_bytes())
}

#[derive(Clone, Copy)]
enum Member {
    Entry(usize),
    Loop(LoopIx),
}

/// A member with its usage, and how often it may stand; 0 for no limit.
type Slot = (Member, bool, u16);

/// A guide as groups of members: the groups in order, the members of one in any order.
pub struct Grammar {
    schema: &'static Schema,
    openers: Vec<usize>,
    groups: Vec<Vec<Vec<Slot>>>,
}

impl Grammar {
    pub fn new(schema: &'static Schema) -> Grammar {
        let (mut openers, mut groups) = (Vec::new(), Vec::new());
        for ix in (0..schema.loops.len() as u8).map(LoopIx) {
            let mut entries = (0..schema.entries.len()).filter(|e| schema.entries[*e].loop_ix == ix);
            openers.push(entries.next().unwrap());
            // Of the set itself PLB and SE stand behind its loops.
            let slot = |e| (Member::Entry(e), schema.entries[e].required, schema.entries[e].repeat);
            let last = |e: &usize| ix == LoopIx(0) && matches!(schema.entries[*e].at.segment, "PLB" | "SE");
            let (after, before): (Vec<usize>, Vec<usize>) = entries.partition(last);
            let children = (0u8..).map(LoopIx).zip(&schema.loops).filter(|(_, l)| l.parents.contains(&ix));
            let children = children.map(|(c, l)| (Member::Loop(c), l.required, l.repeat));
            let slots = before.into_iter().map(slot).chain(children).chain(after.into_iter().map(slot));
            groups.push(Vec::<Vec<Slot>>::new());
            let own = groups.last_mut().unwrap();
            let mut last = None;
            for slot in slots {
                let kind = match slot.0 {
                    Member::Entry(e) => (schema.entries[e].at.segment, false),
                    Member::Loop(l) => {
                        (schema.entries.iter().find(|e| e.loop_ix == l).unwrap().at.segment, true)
                    }
                };
                if last != Some(kind) {
                    own.push(Vec::new());
                }
                last = Some(kind);
                own.last_mut().unwrap().push(slot);
            }
        }
        Grammar { schema, openers, groups }
    }

    /// True when the guide has segments in this order and number.
    pub fn takes(&self, set: &[Text]) -> bool {
        let mut known = HashMap::new();
        self.ends(LoopIx(0), 0, set, &mut known).contains(&set.len())
    }

    /// Where a loop that begins at `from` may end.
    fn ends(
        &self,
        ix: LoopIx,
        from: usize,
        set: &[Text],
        known: &mut HashMap<(u8, usize), Vec<usize>>,
    ) -> Vec<usize> {
        if let Some(ends) = known.get(&(ix.0, from)) {
            return ends.clone();
        }
        let opener = &self.schema.entries[self.openers[usize::from(ix.0)]];
        let mut at: Vec<usize> =
            if set.get(from).is_some_and(|t| takes(opener, t)) { vec![from + 1] } else { Vec::new() };
        for group in &self.groups[usize::from(ix.0)] {
            at = self.group(group, at, set, known);
        }
        known.insert((ix.0, from), at.clone());
        at
    }

    fn group(
        &self,
        group: &[Slot],
        from: Vec<usize>,
        set: &[Text],
        known: &mut HashMap<(u8, usize), Vec<usize>>,
    ) -> Vec<usize> {
        let mut todo: Vec<(usize, Vec<u16>)> = from.into_iter().map(|p| (p, vec![0; group.len()])).collect();
        let mut seen: HashSet<(usize, Vec<u16>)> = todo.iter().cloned().collect();
        let mut ends = HashSet::new();
        while let Some((at, counts)) = todo.pop() {
            if group.iter().zip(&counts).all(|((_, required, _), n)| !required || *n > 0) {
                ends.insert(at);
            }
            for (n, (member, _, max)) in group.iter().enumerate() {
                if *max != 0 && counts[n] >= *max {
                    continue;
                }
                let next = match member {
                    Member::Entry(e) => {
                        let fits = set.get(at).is_some_and(|t| takes(&self.schema.entries[*e], t));
                        if fits { vec![at + 1] } else { Vec::new() }
                    }
                    Member::Loop(l) => self.ends(*l, at, set, known),
                };
                for next in next {
                    let mut counts = counts.clone();
                    counts[n] = if *max == 0 { 1 } else { counts[n] + 1 };
                    if seen.insert((next, counts.clone())) {
                        todo.push((next, counts));
                    }
                }
            }
        }
        ends.into_iter().collect()
    }
}
