//! The one place that turns elements into X12 text.
//!
//! A [`Composer`] is handed values and writes segments. It keeps the counts and control numbers that the closing
//! segments SE, GE and IEA must repeat, drops trailing empty elements and components, and never looks at what a
//! value means. Values must not contain separators: that is asserted in debug builds and never silently repaired.
//!
//! ```text
//! composer.open_set("837", "0001", "005010X222A1");
//! composer.segment("SV1").composite(&["HC", "99213"]).text("125").text("UN").text("1").end();
//! composer.close_set();                       // SE with the right count
//! ```

/// The four separators of an interchange, and whether a newline follows each terminator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Separators {
    /// Between elements; the fourth byte of ISA.
    pub element: u8,
    /// Between components of a composite; ISA16.
    pub component: u8,
    /// Between repetitions of an element; ISA11.
    pub repetition: u8,
    /// After each segment.
    pub terminator: u8,
    /// Write a newline after each terminator.
    pub newline: bool,
}

impl Default for Separators {
    fn default() -> Self {
        Self { element: b'*', component: b':', repetition: b'^', terminator: b'~', newline: true }
    }
}

/// What ISA says beyond its fixed parts.
#[derive(Debug, Clone, Copy)]
pub struct Interchange<'a> {
    /// ISA05 and ISA06; the id is padded to 15.
    pub sender: (&'a str, &'a str),
    /// ISA07 and ISA08; the id is padded to 15.
    pub receiver: (&'a str, &'a str),
    /// ISA09, `YYMMDD`.
    pub date: &'a str,
    /// ISA10, `HHMM`.
    pub time: &'a str,
    /// ISA13 and IEA02, at most nine digits.
    pub control: u32,
    /// ISA15: `P` or `T`.
    pub usage: &'a str,
}

/// What GS says.
#[derive(Debug, Clone, Copy)]
pub struct Group<'a> {
    /// GS01, such as `HC`.
    pub function: &'a str,
    /// GS02.
    pub sender: &'a str,
    /// GS03.
    pub receiver: &'a str,
    /// GS04, `CCYYMMDD`.
    pub date: &'a str,
    /// GS05, `HHMM`.
    pub time: &'a str,
    /// GS06 and GE02.
    pub control: u32,
    /// GS08, such as `005010X222A1`.
    pub version: &'a str,
}

/// Writes segments into a buffer that its owner empties with [`Composer::take`].
#[derive(Debug)]
pub struct Composer {
    separators: Separators,
    text: Vec<u8>,
    interchange: Option<(u32, u64)>,
    group: Option<(u32, u64)>,
    set: Option<(String, u64)>,
}

impl Composer {
    /// An empty composer.
    #[must_use]
    pub fn new(separators: Separators) -> Self {
        Self { separators, text: Vec::new(), interchange: None, group: None, set: None }
    }

    /// Bytes waiting in the buffer.
    #[must_use]
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether nothing waits in the buffer.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Hands over the bytes written so far; counts go on.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.text)
    }

    /// Segments written since and including ST; 0 when no set is open.
    #[must_use]
    pub fn segments(&self) -> u64 {
        self.set.as_ref().map_or(0, |(_, count)| *count)
    }

    /// Writes ISA, 106 bytes with its terminator. Closes an interchange still open.
    pub fn open_interchange(&mut self, head: &Interchange<'_>) {
        self.close_interchange();
        self.interchange = Some((head.control, 0));
        let repetition = char::from(self.separators.repetition).to_string();
        let component = char::from(self.separators.component).to_string();
        self.segment("ISA")
            .text("00")
            .text("          ")
            .text("00")
            .text("          ")
            .text(head.sender.0)
            .text(&format!("{:<15}", head.sender.1))
            .text(head.receiver.0)
            .text(&format!("{:<15}", head.receiver.1))
            .text(head.date)
            .text(head.time)
            .raw(&repetition)
            .text("00501")
            .text(&format!("{:09}", head.control))
            .text("0")
            .text(head.usage)
            .raw(&component)
            .end();
    }

    /// Writes GS. Closes a group still open.
    pub fn open_group(&mut self, head: &Group<'_>) {
        self.close_group();
        if let Some((_, groups)) = self.interchange.as_mut() {
            *groups += 1;
        }
        self.group = Some((head.control, 0));
        self.plain(
            "GS",
            &[
                head.function,
                head.sender,
                head.receiver,
                head.date,
                head.time,
                &head.control.to_string(),
                "X",
                head.version,
            ],
        );
    }

    /// Writes ST; an empty `version` leaves ST03 out. Closes a set still open.
    pub fn open_set(&mut self, code: &str, control: &str, version: &str) {
        self.close_set();
        if let Some((_, sets)) = self.group.as_mut() {
            *sets += 1;
        }
        self.set = Some((control.to_owned(), 0));
        self.plain("ST", &[code, control, version]);
    }

    /// Writes SE with the count of segments; nothing when no set is open.
    pub fn close_set(&mut self) {
        let Some((control, segments)) = self.set.take() else {
            return;
        };
        self.plain("SE", &[&(segments + 1).to_string(), &control]);
    }

    /// Writes GE with the count of sets, after an SE if one is due.
    pub fn close_group(&mut self) {
        self.close_set();
        let Some((control, sets)) = self.group.take() else {
            return;
        };
        self.plain("GE", &[&sets.to_string(), &control.to_string()]);
    }

    /// Writes IEA with the count of groups, after SE and GE if they are due.
    pub fn close_interchange(&mut self) {
        self.close_group();
        let Some((control, groups)) = self.interchange.take() else {
            return;
        };
        self.plain("IEA", &[&groups.to_string(), &format!("{control:09}")]);
    }

    /// A segment of simple elements only.
    pub fn plain(&mut self, id: &str, elements: &[&str]) {
        elements.iter().fold(self.segment(id), |segment, value| segment.text(value)).end();
    }

    /// Starts a segment; it counts once [`Segment::end`] is called.
    pub fn segment(&mut self, id: &str) -> Segment<'_> {
        self.text.extend_from_slice(id.as_bytes());
        Segment { composer: self, skipped: 0 }
    }

    fn value(&mut self, value: &str) {
        let s = self.separators;
        debug_assert!(
            !value
                .bytes()
                .any(|b| b == s.element || b == s.component || b == s.repetition || b == s.terminator),
            "a value contains a separator"
        );
        self.text.extend_from_slice(value.as_bytes());
    }

    fn joined(&mut self, values: &[&str], separator: u8) {
        let mut skipped = 0;
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                skipped += 1;
            }
            if !value.is_empty() {
                self.text.extend(std::iter::repeat_n(separator, skipped));
                skipped = 0;
                self.value(value);
            }
        }
    }
}

/// A segment under way. Empty elements are written only when a filled one follows.
#[must_use = "a segment is written by `end`"]
#[derive(Debug)]
pub struct Segment<'c> {
    composer: &'c mut Composer,
    skipped: usize,
}

impl Segment<'_> {
    /// The next element, a simple one; empty text leaves it out.
    pub fn text(mut self, value: &str) -> Self {
        if self.separate(value.is_empty()) {
            self.composer.value(value);
        }
        self
    }

    /// Leaves out the next `count` elements.
    pub fn empty(mut self, count: usize) -> Self {
        self.skipped += count;
        self
    }

    /// The next element, a composite.
    pub fn composite(mut self, components: &[&str]) -> Self {
        if self.separate(components.iter().all(|c| c.is_empty())) {
            let separator = self.composer.separators.component;
            self.composer.joined(components, separator);
        }
        self
    }

    /// The next element, repeated.
    pub fn repeated(mut self, repetitions: &[&str]) -> Self {
        if self.separate(repetitions.iter().all(|r| r.is_empty())) {
            let separator = self.composer.separators.repetition;
            self.composer.joined(repetitions, separator);
        }
        self
    }

    /// Ends the segment with the terminator and counts it.
    pub fn end(self) {
        let composer = self.composer;
        composer.text.push(composer.separators.terminator);
        if composer.separators.newline {
            composer.text.push(b'\n');
        }
        if let Some((_, segments)) = composer.set.as_mut() {
            *segments += 1;
        }
    }

    fn raw(mut self, value: &str) -> Self {
        self.separate(false);
        self.composer.text.extend_from_slice(value.as_bytes());
        self
    }

    /// Writes the separators due before a filled element; false when this one is empty.
    fn separate(&mut self, is_empty: bool) -> bool {
        self.skipped += 1;
        if is_empty {
            return false;
        }
        let separator = self.composer.separators.element;
        self.composer.text.extend(std::iter::repeat_n(separator, self.skipped));
        self.skipped = 0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn envelope_closes_with_counts_and_control_numbers() {
        let mut composer = Composer::new(Separators::default());
        composer.open_interchange(&Interchange {
            sender: ("ZZ", "ZZSENDER"),
            receiver: ("ZZ", "ZZRECEIVER"),
            date: "261115",
            time: "1200",
            control: 7,
            usage: "P",
        });
        assert_eq!(composer.len(), 107); // 106 and the newline
        composer.open_group(&Group {
            function: "HC",
            sender: "A",
            receiver: "B",
            date: "20261115",
            time: "1200",
            control: 3,
            version: "005010X222A1",
        });
        composer.open_set("837", "0001", "005010X222A1");
        composer
            .segment("X")
            .text("")
            .composite(&["A", "", "B", ""])
            .empty(2)
            .repeated(&["1", "2"])
            .text("")
            .end();
        composer.close_interchange();
        let text = String::from_utf8(composer.take()).unwrap();
        assert!(text.contains("X**A::B***1^2~\n"), "{text}");
        assert!(text.ends_with("SE*3*0001~\nGE*1*3~\nIEA*1*000000007~\n"), "{text}");
    }
}
