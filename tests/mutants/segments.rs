//! Operators on whole segments: dropped, repeated, out of order, unknown, of another loop, with a broken qualifier.
//! Each is applied at every place; what the guide still takes afterwards is no mutant.

use claimloop::schema::Entry;
use claimloop::x12::FaultKind as F;
use claimloop::x12::fault::At;

use super::grammar::{Grammar, STANDARD, takes};
use super::mutant::{Mutant, Place};
use super::original::{Original, Text};

/// A file being broken.
pub struct Breaking<'o> {
    pub original: &'o Original,
    pub grammar: &'o Grammar,
    pub out: Vec<Mutant>,
}

impl Breaking<'_> {
    /// Keeps a mutant, unless the guide takes it.
    pub fn put(&mut self, operator: &'static str, what: String, set: Vec<Text>, places: Vec<Place>) {
        if !self.grammar.takes(&set) {
            self.out.push(Mutant { operator, what, bytes: self.original.with(set), places });
        }
    }

    /// Ordinal of the segment that opens the occurrence a segment is in.
    fn opener(&self, i: usize) -> u32 {
        self.original.loops[self.original.segments[i].inside].first as u32 + 1
    }

    /// The segments of an entry in one occurrence of its loop, `i` among them.
    fn same(&self, i: usize) -> Vec<usize> {
        let (all, of) = (&self.original.segments, &self.original.segments[i]);
        self.original.own(of.inside).filter(|k| std::ptr::eq(all[*k].entry, of.entry)).collect()
    }

    fn what(&self, i: usize) -> String {
        let of = &self.original.segments[i];
        format!("{} {}: {}", of.entry.at, i + 1, of.text.join("*"))
    }
}

/// Every operator on the segments of a file.
pub fn mutants(original: &Original, grammar: &Grammar) -> Vec<Mutant> {
    let mut b = Breaking { original, grammar, out: Vec::new() };
    for i in 1..original.segments.len() - 1 {
        let placed = &original.segments[i];
        if !placed.opens {
            dropped(&mut b, i);
            repeated(&mut b, i);
            swapped(&mut b, i);
            late(&mut b, i);
            early(&mut b, i);
        }
        qualifier(&mut b, i);
    }
    for after in 0..original.segments.len() - 1 {
        unknown(&mut b, after);
        unexpected(&mut b, after);
    }
    b.out
}

fn dropped(b: &mut Breaking<'_>, i: usize) {
    let Entry { at, required, .. } = *b.original.segments[i].entry;
    // One of several of the entry may go.
    if !required || b.same(i).len() > 1 {
        return;
    }
    let mut set = b.original.texts();
    set.remove(i);
    let places = vec![Place::exact(at, b.opener(i), &[F::SegmentMissing])];
    b.put("required segment dropped", b.what(i), set, places);
}

fn repeated(b: &mut Breaking<'_>, i: usize) {
    let of = &b.original.segments[i];
    let same = b.same(i);
    let last = *same.last().unwrap();
    // Where another entry of the loop takes the same qualifier, nobody can say which of the two is full.
    let others =
        |e: &&Entry| e.loop_ix == of.entry.loop_ix && !std::ptr::eq(*e, of.entry) && takes(e, &of.text);
    if of.entry.repeat == 0 || i != last || b.original.schema.entries.iter().any(|e| others(&e)) {
        return;
    }
    let more = usize::from(of.entry.repeat) + 1 - same.len();
    let mut set = b.original.texts();
    (0..more).for_each(|_| set.insert(last, of.text.clone()));
    let places = vec![Place::exact(of.entry.at, (last + more) as u32 + 1, &[F::SegmentRepeated])];
    b.put("segment repeated past its limit", b.what(i), set, places);
}

/// Two neighbours change places.
fn swapped(b: &mut Breaking<'_>, i: usize) {
    let (this, next) = (&b.original.segments[i], &b.original.segments[i + 1]);
    if this.inside != next.inside || next.opens || next.text[0] == "SE" {
        return;
    }
    let mut set = b.original.texts();
    set.swap(i, i + 1);
    let at = |n: usize, at: At| Place::exact(at, n as u32 + 1, &[]);
    let places = vec![at(i + 1, this.entry.at), at(i, next.entry.at)];
    b.put("neighbours swapped", b.what(i), set, places);
}

/// A segment moves behind the first loop inside its own.
fn late(b: &mut Breaking<'_>, i: usize) {
    let of = &b.original.segments[i];
    let Some(child) = b.original.children(of.inside).find(|c| b.original.loops[*c].first > i) else { return };
    let end = b.original.loops[child].end;
    let mut set = b.original.texts();
    let text = set.remove(i);
    set.insert(end - 1, text);
    // Where a loop open there has such a segment too, it is late in that one as well.
    let open = around(b, end - 1);
    let stands = |e: &&Entry| open.contains(&e.loop_ix.0) && takes(e, &of.text);
    let places = b.original.schema.entries.iter().filter(stands);
    let places = places.map(|e| Place::exact(e.at, end as u32, &[])).collect();
    b.put("segment behind a loop", b.what(i), set, places);
}

/// A segment moves ahead, directly behind the one that opens its loop: said of itself, or of the next one.
fn early(b: &mut Breaking<'_>, i: usize) {
    let of = &b.original.segments[i];
    let first = b.original.loops[of.inside].first;
    if i < first + 3 || of.inside == 0 {
        return;
    }
    let mut set = b.original.texts();
    let text = set.remove(i);
    set.insert(first + 1, text);
    let next = b.original.segments[first + 1].entry.at;
    let places =
        vec![Place::exact(of.entry.at, first as u32 + 2, &[]), Place::exact(next, first as u32 + 3, &[])];
    b.put("segment ahead of its place", b.what(i), set, places);
}

/// A qualifier that no entry of this id has, and one that entries of other loops have.
fn qualifier(b: &mut Breaking<'_>, i: usize) {
    let of = &b.original.segments[i];
    let Some((element, component)) = STANDARD.qualifier(&of.text[0]).filter(|_| of.text[0] != "HL") else {
        return;
    };
    let at = At { element: element as u8, component: component as u8, ..of.entry.at };
    let whole = At { element: 0, component: 0, ..at };
    let with = |value: &str| {
        let mut text = of.text.clone();
        let rest = text[element].split_once(':').map_or("", |(_, rest)| rest);
        text[element] = if component == 0 { value.to_owned() } else { format!("{value}:{rest}") };
        text
    };
    let ordinal = i as u32 + 1;
    let code = of.entry.elements[element - 1].codes.listed().first().map_or(2, |c| c.len().max(2));
    for (operator, value) in [("qualifier broken", &"QQQ"[..code]), ("qualifier emptied", "")] {
        let mut set = b.original.texts();
        set[i] = with(value);
        b.put(operator, b.what(i), set, vec![Place::bare(at, ordinal, &[])]);
    }
    let foreign = b.original.schema.entries.iter().filter(|e| e.at.segment == of.text[0]).flat_map(|e| {
        let element = &e.elements[element - 1];
        let codes = if component == 0 { &element.codes } else { &element.components[component - 1].codes };
        codes.listed().iter().copied()
    });
    // Of those that stand nowhere in a loop open here.
    let open = open(b, i);
    let stands =
        |t: &Text| b.original.schema.entries.iter().any(|e| open.contains(&e.loop_ix.0) && takes(e, t));
    let Some(value) = foreign.into_iter().find(|code| !stands(&with(code))) else { return };
    let mut set = b.original.texts();
    set[i] = with(value);
    // Said of the segment, or of its qualifier: both are the truth.
    let places = vec![Place::bare(at, ordinal, &[]), Place::bare(whole, ordinal, &[])];
    b.put("qualifier of another loop", format!("{} to {value}", b.what(i)), set, places);
}

/// Loops open at a segment: its own and all around it.
fn around(b: &Breaking<'_>, i: usize) -> Vec<u8> {
    let mut open = Vec::new();
    let mut inside = Some(b.original.segments[i].inside);
    while let Some(n) = inside {
        open.push(b.original.loops[n].loop_ix.0);
        inside = b.original.loops[n].parent;
    }
    open
}

/// The same, and those that may still begin in them.
fn open(b: &Breaking<'_>, i: usize) -> Vec<u8> {
    let around = around(b, i);
    let mut open = around.clone();
    for (ix, l) in (0u8..).zip(&b.original.schema.loops) {
        if l.parents.iter().any(|p| around.contains(&p.0)) {
            open.push(ix);
        }
    }
    open
}

fn unknown(b: &mut Breaking<'_>, after: usize) {
    for (operator, id) in [("unknown segment", "ZZZ"), ("segment without an id", "")] {
        let mut set = b.original.texts();
        set.insert(after + 1, vec![id.to_owned(), "1".to_owned()]);
        let what = format!("after {}", b.what(after));
        let kinds: &[F] = &[F::SegmentUnknown, F::SegmentIdEmpty];
        b.put(operator, what, set, vec![Place::segment(after as u32 + 2, kinds)]);
    }
}

/// A segment of another loop: one that no loop takes that is open here or may begin here, so that nothing but itself can
/// be at fault.
fn unexpected(b: &mut Breaking<'_>, after: usize) {
    let open = open(b, after);
    let stands =
        |t: &Text| b.original.schema.entries.iter().any(|e| open.contains(&e.loop_ix.0) && takes(e, t));
    let all = &b.original.segments;
    let mut given = 0;
    // Another three at each place, so that in the end most segments stood at most places.
    for n in 0..all.len() {
        let other = &all[(n + after * 7) % all.len()];
        // One that opens a loop, or a level, makes a new place where others may stand.
        if other.opens || stands(&other.text) || matches!(&*other.text[0], "ST" | "SE" | "HL") {
            continue;
        }
        let mut set = b.original.texts();
        set.insert(after + 1, other.text.clone());
        let what = format!("{} after {}", other.text.join("*"), b.what(after));
        b.put("segment of another loop", what, set, vec![Place::segment(after as u32 + 2, &[])]);
        given += 1;
        if given == 3 {
            break;
        }
    }
}
