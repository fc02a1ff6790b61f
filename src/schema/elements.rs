//! Checks the elements of one segment against its entry: usage, type, length, characters, codes, syntax notes.

use super::dictionary::{Note, NoteKind};
use super::table::{Element, Entry, Usage};
use super::value::{Alphabet, check};
use crate::x12::fault::At;
use crate::x12::{Fault, FaultKind, Segment};

/// What is being checked, and who is told.
struct Check<'a, 'r> {
    alphabet: &'a Alphabet,
    entry: &'a Entry,
    segment: u32,
    offset: u64,
    component_separator: u8,
    report: &'r mut dyn FnMut(Fault),
}

/// Checks a segment that stands at `entry`; `ordinal` is its number in the set, `offset` its byte in the file.
pub fn check_elements(
    alphabet: &Alphabet,
    entry: &Entry,
    segment: &Segment<'_>,
    ordinal: u32,
    offset: u64,
    report: &mut dyn FnMut(Fault),
) {
    let component_separator = segment.delimiters().component;
    let mut check = Check { alphabet, entry, segment: ordinal, offset, component_separator, report };
    let mut filled = 0u64;
    let mut format: &[u8] = b"";
    let sent = segment.len();
    for (n, element) in (1usize..).zip(&entry.elements) {
        let value = segment.value(n);
        if value.is_empty() {
            if element.usage == Usage::Required {
                check.say(FaultKind::ElementMissing, n, 0, (1, 0));
            }
            continue;
        }
        filled |= 1 << n.min(63);
        if element.composite.is_some() {
            check.composite(n, element, value);
        } else {
            check.simple(n, 0, element, value, format);
            if element.data.number == "1250" {
                format = value;
            }
        }
    }
    let known = entry.elements.len();
    if sent > known && (known + 1..=sent).any(|n| !segment.value(n).is_empty()) {
        check.say(FaultKind::ElementsTooMany, known + 1, 0, (known as i64, sent as i64));
    } else if sent > 0 && segment.value(sent).is_empty() {
        check.say(FaultKind::SeparatorTrailing, sent.min(known), 0, (0, 0));
    }
    for note in entry.notes {
        if let Some((kind, at)) = broken(note, filled) {
            check.note(kind, at, 0, &entry.elements);
        }
    }
}

impl Check<'_, '_> {
    fn say(&mut self, kind: FaultKind, element: usize, component: usize, (expected, found): (i64, i64)) {
        self.say_repeated(kind, element, component, 0, (expected, found));
    }

    #[cold]
    fn say_repeated(
        &mut self,
        kind: FaultKind,
        element: usize,
        component: usize,
        repetition: u8,
        (expected, found): (i64, i64),
    ) {
        let at = At { element: element as u8, component: component as u8, repetition, ..self.entry.at };
        (self.report)(Fault { kind, at, segment: self.segment, offset: self.offset, expected, found });
    }

    /// A broken note is said at the element it asks for, unless that one is required anyway or not used.
    fn note(&mut self, kind: FaultKind, at: u8, of: usize, elements: &[Element]) {
        let usage = usize::from(at).checked_sub(1).and_then(|n| elements.get(n)).map(|e| e.usage);
        if usage == Some(Usage::Required) && kind != FaultKind::ElementsExclusive {
            return;
        }
        let (element, component) = if of == 0 { (usize::from(at), 0) } else { (of, usize::from(at)) };
        self.say(kind, element, component, (0, 0));
    }

    fn simple(&mut self, n: usize, component: usize, element: &Element, value: &[u8], format: &[u8]) {
        if element.usage == Usage::NotUsed {
            return self.say(FaultKind::ElementNotUsed, n, component, (0, 1));
        }
        let coded = !element.codes.is_open();
        if coded && element.codes.contains(value) {
            return;
        }
        let data = element.data;
        let trouble =
            match self.alphabet.trouble(value) {
                Err(kind) => Some((kind, 0, 0)),
                Ok(plain) => check(data.kind, data.min, data.max, plain, value, format)
                    .or(coded.then_some((FaultKind::CodeNotAllowed, 0, 0))),
            };
        let Some((kind, expected, found)) = trouble else { return };
        // A required element of blanks alone says nothing.
        if kind == FaultKind::BlankTrailing
            && element.usage == Usage::Required
            && value.trim_ascii().is_empty()
        {
            return self.say(FaultKind::ElementMissing, n, component, (1, 0));
        }
        let repetition = u8::from(kind == FaultKind::ElementRepeated) * 2;
        self.say_repeated(kind, n, component, repetition, (expected, found));
    }

    fn composite(&mut self, n: usize, element: &Element, value: &[u8]) {
        if element.usage == Usage::NotUsed {
            return self.say(FaultKind::ElementNotUsed, n, 0, (0, 1));
        }
        let mut filled = 0u64;
        let mut format: &[u8] = b"";
        let mut sent = 0;
        let mut last_empty = false;
        let mut rest = Some(value);
        for (c, component) in (1usize..).zip(&element.components) {
            let part = match rest {
                None => &b""[..],
                Some(all) => {
                    let end = all.iter().position(|b| *b == self.component_separator);
                    let (part, after) = all.split_at_checked(end.unwrap_or(all.len())).unwrap_or((all, b""));
                    rest = end.and_then(|_| after.get(1..));
                    sent = c;
                    last_empty = part.is_empty();
                    part
                }
            };
            if part.is_empty() {
                if component.usage == Usage::Required {
                    self.say(FaultKind::ElementMissing, n, c, (1, 0));
                }
                continue;
            }
            filled |= 1 << c.min(63);
            self.simple(n, c, component, part, format);
            if component.data.number == "1250" {
                format = part;
            }
        }
        let known = element.components.len();
        if rest.is_some_and(|more| more.iter().all(|b| *b == self.component_separator)) {
            self.say(FaultKind::SeparatorTrailing, n, known, (0, 0));
        } else if let Some(more) = rest {
            let found = known + 1 + more.iter().filter(|b| **b == self.component_separator).count();
            self.say(FaultKind::ElementsTooMany, n, known + 1, (known as i64, found as i64));
        } else if last_empty && sent > 1 {
            self.say(FaultKind::SeparatorTrailing, n, sent, (0, 0));
        }
        for note in element.notes {
            if let Some((kind, at)) = broken(note, filled) {
                self.note(kind, at, n, &element.components);
            }
        }
    }
}

/// Whether a note is broken, and at which element.
fn broken(note: &Note, filled: u64) -> Option<(FaultKind, u8)> {
    let has = |n: &&u8| filled & (1 << (**n).min(63)) != 0;
    let (first, others) = note.of.split_first()?;
    match note.kind {
        NoteKind::Paired => {
            let there = note.of.iter().filter(has).count();
            let absent = note.of.iter().find(|n| !has(n))?;
            (there > 0).then_some((FaultKind::ElementsUnpaired, *absent))
        }
        NoteKind::Required => {
            (!note.of.iter().any(|n| has(&n))).then_some((FaultKind::ElementsAllMissing, *first))
        }
        NoteKind::Exclusion => {
            let mut there = note.of.iter().filter(has);
            there.next()?;
            there.next().map(|second| (FaultKind::ElementsExclusive, *second))
        }
        NoteKind::Conditional => {
            if !has(&first) {
                return None;
            }
            others.iter().find(|n| !has(n)).map(|absent| (FaultKind::ElementDependent, *absent))
        }
        NoteKind::ListConditional => (has(&first) && !others.iter().any(|n| has(&n)))
            .then(|| others.first().map(|absent| (FaultKind::ElementDependent, *absent)))
            .flatten(),
    }
}
