//! Checks the elements of one segment against its entry: usage, type, length, characters, codes, syntax notes.

use super::dictionary::{Note, NoteKind};
use super::table::{Element, Entry, Usage};
use super::value::{Alphabet, Kind, Trouble, check};
use crate::x12::fault::At;
use crate::x12::{Fault, FaultKind, Segment};

/// What is being checked, and who is told.
struct Check<'a, 'r> {
    alphabet: &'a Alphabet,
    entry: &'a Entry,
    segment: &'a Segment<'a>,
    ordinal: u32,
    offset: u64,
    report: &'r mut dyn FnMut(Fault),
}

/// What is asked of an element at every segment, packed so that a segment's elements lie together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Brief {
    usage: Usage,
    kind: Kind,
    coded: bool,
    composite: bool,
    /// Element 1250: says how the one after it is written.
    names_format: bool,
    min: u8,
    max: u32,
}

impl Brief {
    pub(super) fn of(elements: &[Element]) -> Box<[Brief]> {
        let brief = |e: &Element| Brief {
            usage: e.usage,
            kind: e.data.kind,
            coded: !e.codes.is_open(),
            composite: e.composite.is_some(),
            names_format: e.data.number == "1250",
            min: e.data.min,
            max: e.data.max,
        };
        elements.iter().map(brief).collect()
    }
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
    let mut check = Check { alphabet, entry, segment, ordinal, offset, report };
    let mut filled = 0u64;
    let mut format: &[u8] = b"";
    let sent = segment.len();
    let mut last: &[u8] = b"";
    for ((n, brief), value) in (1usize..).zip(&entry.briefs).zip(segment.elements()) {
        last = value;
        if value.is_empty() {
            if brief.usage == Usage::Required {
                check.say(FaultKind::ElementMissing, n, 0, (1, 0));
            }
            continue;
        }
        filled |= 1 << n.min(63);
        if brief.usage == Usage::NotUsed {
            check.say(FaultKind::ElementNotUsed, n, 0, (0, 1));
        } else if brief.composite {
            check.composite(n, value);
        } else {
            check.simple((n, 0), brief, value, format, &entry.elements);
        }
        if brief.names_format {
            format = value;
        }
    }
    let known = entry.briefs.len();
    for (n, brief) in (1usize..).zip(&entry.briefs).skip(sent) {
        if brief.usage == Usage::Required {
            check.say(FaultKind::ElementMissing, n, 0, (1, 0));
        }
    }
    if sent > known && segment.elements().skip(known).any(|value| !value.is_empty()) {
        check.say(FaultKind::ElementsTooMany, known + 1, 0, (known as i64, sent as i64));
    } else if sent > 0 && (sent > known || last.is_empty()) {
        check.say(FaultKind::SeparatorTrailing, sent.min(known), 0, (0, 0));
    }
    check.notes(entry.notes, 0, filled, &entry.elements);
}

impl Check<'_, '_> {
    #[cold]
    fn say(&mut self, kind: FaultKind, element: usize, component: usize, (expected, found): (i64, i64)) {
        self.say_repeated(kind, (element, component), 0, (expected, found));
    }

    #[cold]
    fn say_repeated(
        &mut self,
        kind: FaultKind,
        (element, component): (usize, usize),
        repetition: u8,
        (expected, found): (i64, i64),
    ) {
        let at = At { element: element as u8, component: component as u8, repetition, ..self.entry.at };
        (self.report)(Fault { kind, at, segment: self.ordinal, offset: self.offset, expected, found });
    }

    fn notes(&mut self, notes: &[Note], of: usize, filled: u64, elements: &[Element]) {
        for note in notes.iter().filter(|n| !n.holds(filled)) {
            let kind = match note.kind {
                NoteKind::Paired => FaultKind::ElementsUnpaired,
                NoteKind::Required => FaultKind::ElementsAllMissing,
                NoteKind::Exclusion => FaultKind::ElementsExclusive,
                NoteKind::Conditional | NoteKind::ListConditional => FaultKind::ElementDependent,
            };
            if let Some(at) = note.at_fault(filled) {
                self.note(kind, at, of, elements);
            }
        }
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

    /// Checks a filled value that may stand here; `at` is its element and component, `elements` those it is one of.
    #[inline]
    fn simple(
        &mut self,
        at: (usize, usize),
        brief: &Brief,
        value: &[u8],
        format: &[u8],
        elements: &[Element],
    ) {
        let number = if at.1 == 0 { at.0 } else { at.1 };
        let listed = || elements.get(number - 1).is_some_and(|e| e.codes.contains(value));
        if brief.coded && listed() {
            return;
        }
        let alphabet = (!self.segment.is_plain()).then_some(self.alphabet);
        let trouble = match alphabet.and_then(|a| a.trouble(value)) {
            Some(kind) => Some((kind, 0, 0)),
            None => check(brief.kind, brief.min, brief.max, value, format).or(brief.coded.then_some((
                FaultKind::CodeNotAllowed,
                0,
                0,
            ))),
        };
        if let Some(trouble) = trouble {
            self.trouble(at, brief.usage, trouble, value);
        }
    }

    #[cold]
    fn trouble(&mut self, at: (usize, usize), usage: Usage, (kind, expected, found): Trouble, value: &[u8]) {
        // A required element of blanks alone says nothing.
        if kind == FaultKind::BlankTrailing && usage == Usage::Required && value.trim_ascii().is_empty() {
            return self.say(FaultKind::ElementMissing, at.0, at.1, (1, 0));
        }
        let repetition = u8::from(kind == FaultKind::ElementRepeated) * 2;
        self.say_repeated(kind, at, repetition, (expected, found));
    }

    fn composite(&mut self, n: usize, value: &[u8]) {
        let Some(element) = self.entry.elements.get(n - 1) else { return };
        let separator = self.segment.delimiters().component;
        let mut filled = 0u64;
        let mut format: &[u8] = b"";
        let mut sent = 0;
        let mut last_empty = false;
        let mut rest = Some(value);
        for (c, brief) in (1usize..).zip(&element.briefs) {
            let part = match rest {
                None => &b""[..],
                Some(all) => {
                    let end = all.iter().position(|b| *b == separator);
                    let (part, after) = all.split_at_checked(end.unwrap_or(all.len())).unwrap_or((all, b""));
                    rest = end.and_then(|_| after.get(1..));
                    sent = c;
                    last_empty = part.is_empty();
                    part
                }
            };
            if part.is_empty() {
                if brief.usage == Usage::Required {
                    self.say(FaultKind::ElementMissing, n, c, (1, 0));
                }
                continue;
            }
            filled |= 1 << c.min(63);
            if brief.usage == Usage::NotUsed {
                self.say(FaultKind::ElementNotUsed, n, c, (0, 1));
            } else {
                self.simple((n, c), brief, part, format, &element.components);
            }
            if brief.names_format {
                format = part;
            }
        }
        let known = element.components.len();
        if rest.is_some_and(|more| more.iter().all(|b| *b == separator)) {
            self.say(FaultKind::SeparatorTrailing, n, known, (0, 0));
        } else if let Some(more) = rest {
            let found = known + 1 + more.iter().filter(|b| **b == separator).count();
            self.say(FaultKind::ElementsTooMany, n, known + 1, (known as i64, found as i64));
        } else if last_empty && sent > 1 {
            self.say(FaultKind::SeparatorTrailing, n, sent, (0, 0));
        }
        self.notes(element.notes, n, filled, &element.components);
    }
}
