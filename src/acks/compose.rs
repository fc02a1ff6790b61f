//! Writes segments of answers: values are cleaned of whatever could break them, and segments are counted.

use std::io::{self, Write};

use jiff::civil::DateTime;

use crate::schema::interchange;
use crate::x12::Delimiters;
use crate::x12::delimiters::Header;

/// A sink for segments under the delimiters of the interchange that is answered.
pub(super) struct Out<'w> {
    sink: &'w mut dyn Write,
    delimiters: Delimiters,
    /// Segments since [`Out::begin`].
    count: u32,
}

impl<'w> Out<'w> {
    pub(super) fn new(sink: &'w mut dyn Write, delimiters: Delimiters) -> Out<'w> {
        // Delimiters that clash, or are no ASCII, can't carry an answer; nor can a repetition separator that is a letter.
        let d = delimiters;
        let usable = d.are_usable() && [d.element, d.component, d.repetition, d.segment].is_ascii();
        let mut delimiters = if usable { delimiters } else { Delimiters::COMMON };
        if delimiters.repetition.is_ascii_alphanumeric() {
            let taken = [delimiters.element, delimiters.component, delimiters.segment];
            delimiters.repetition = if taken.contains(&b'^') { b'!' } else { b'^' };
        }
        Out { sink, delimiters, count: 0 }
    }

    /// A value as it may stand in an element of at most `most` characters: delimiters, control characters and foreign
    /// letters become blanks.
    pub(super) fn clean(&self, value: &str, most: usize) -> String {
        let d = self.delimiters;
        let marks = [d.element, d.component, d.repetition, d.segment].map(char::from);
        let plain =
            value.chars().map(|c| if (' '..='~').contains(&c) && !marks.contains(&c) { c } else { ' ' });
        let plain: String = plain.collect();
        plain.trim().chars().take(most).collect::<String>().trim_end().to_owned()
    }

    /// Components of a composite, empty ones at the end left out.
    pub(super) fn composite(&self, parts: &[&str]) -> String {
        let joined = parts.join(&char::from(self.delimiters.component).to_string());
        joined.trim_end_matches(char::from(self.delimiters.component)).to_owned()
    }

    /// One segment; empty elements at the end are left out.
    pub(super) fn segment(&mut self, elements: &[&str]) -> io::Result<()> {
        let filled = elements.iter().rposition(|e| !e.is_empty()).map_or(0, |n| n + 1);
        for (n, element) in elements.iter().take(filled).enumerate() {
            if n > 0 {
                self.sink.write_all(&[self.delimiters.element])?;
            }
            self.sink.write_all(element.as_bytes())?;
        }
        self.count += 1;
        self.sink.write_all(&[self.delimiters.segment])?;
        if self.delimiters.segment == b'\n' { Ok(()) } else { self.sink.write_all(b"\n") }
    }

    /// Starts counting at the next segment, an ST.
    pub(super) fn begin(&mut self) {
        self.count = 0;
    }

    /// SE of the set begun.
    pub(super) fn end(&mut self, control: &str) -> io::Result<()> {
        let count = (self.count + 1).to_string();
        self.segment(&["SE", &count, control])
    }

    /// ISA back to the sender of `received`.
    pub(super) fn interchange(&mut self, received: &Header, control: &str, now: DateTime) -> io::Result<()> {
        let lossy = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
        // A qualifier that the envelope doesn't have is mutually defined at best.
        let isa = interchange().entries.iter().find(|e| e.at.segment == "ISA");
        let known = |code: &str| {
            isa.and_then(|e| e.elements.get(4)).is_some_and(|e| e.codes.contains(code.as_bytes()))
        };
        let qualifier = |b: &[u8]| Some(lossy(b)).filter(|q| known(q)).unwrap_or_else(|| "ZZ".to_owned());
        let id = |b: &[u8]| {
            let own = self.clean(&lossy(b), 15);
            // Whoever sent no name can't be named; a blank one would make the answer unusable as well.
            padded(if own.trim_matches([' ', '.']).is_empty() { "UNKNOWN" } else { &own }, 15)
        };
        let d = self.delimiters;
        let mark = |b: u8| char::from(b).to_string();
        let usage = if received.usage == b'T' { "T" } else { "P" };
        let (from, to) = (&received.receiver, &received.sender);
        let blank = padded("", 10);
        let head = [
            "ISA",
            "00",
            &blank,
            "00",
            &blank,
            &qualifier(&from.0),
            &id(&from.1),
            &qualifier(&to.0),
            &id(&to.1),
            &now.strftime("%y%m%d").to_string(),
            &now.strftime("%H%M").to_string(),
            &mark(d.repetition),
            "00501",
            control,
            "0",
            usage,
            &mark(d.component),
        ];
        self.segment(&head)
    }

    /// GS back to the sender of a group.
    pub(super) fn group(
        &mut self,
        code: &str,
        ids: (&str, &str),
        number: u32,
        version: &str,
        now: DateTime,
    ) -> io::Result<()> {
        let (from, to) = (self.clean(ids.0, 15), self.clean(ids.1, 15));
        let date = now.strftime("%Y%m%d").to_string();
        let time = now.strftime("%H%M").to_string();
        let or = |id: &str| if id.len() < 2 { "UNKNOWN".to_owned() } else { id.to_owned() };
        self.segment(&["GS", code, &or(&from), &or(&to), &date, &time, &number.to_string(), "X", version])
    }
}

/// A value in exactly so many characters, blanks behind it.
fn padded(value: &str, width: usize) -> String {
    let cut: String = value.chars().take(width).collect();
    format!("{cut:<width$}")
}
