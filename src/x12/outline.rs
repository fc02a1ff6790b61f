//! The envelope pass: interchange > functional group > transaction set, with counts and control numbers checked at
//! every level, before anything is said about what is inside.

use std::collections::HashSet;
use std::io::{self, Read};

use super::delimiters::Header;
use super::element::integer;
use super::fault::At;
use super::{Blocks, Chunk, Fault, FaultKind, Segment};
use crate::x12::blocks::SEGMENT_CAP;

pub use super::envelope::{Group, Interchange, Noise, Outline, Set, Visitor};

/// Reads a file to its end.
///
/// # Errors
/// When reading fails.
pub fn outline(reader: impl Read, visitor: &mut impl Visitor) -> io::Result<Outline> {
    let mut pass = Pass::default();
    let mut blocks = Blocks::new(reader);
    while let Some(chunk) = blocks.next_chunk()? {
        match chunk {
            Chunk::Noise { offset, bytes, blank, begins_isa } => {
                pass.noise(offset, bytes.len() as u64, blank, begins_isa)
            }
            Chunk::TooLong { offset, len } => {
                pass.too_long(offset, len);
                visitor.skipped();
            }
            Chunk::Unterminated { offset, len } => {
                pass.outline.bytes = offset + len;
                pass.close(FaultKind::InterchangeTrailerMissing, offset, offset + len);
            }
            Chunk::Block(block) => {
                if let Some(header) = &block.header {
                    pass.close(FaultKind::InterchangeTrailerMissing, block.offset, block.offset);
                    pass.open(header.clone(), block.offset);
                    visitor.interchange();
                }
                for segment in block.segments() {
                    pass.segment(&segment, block.offset, visitor);
                }
                pass.outline.bytes = block.offset + block.bytes.len() as u64;
            }
        }
    }
    let end = pass.outline.bytes;
    pass.close(FaultKind::InterchangeTrailerMissing, end, end);
    Ok(pass.outline)
}

#[derive(Default)]
struct Pass {
    outline: Outline,
    /// ST02 values seen in the open group.
    controls: HashSet<String>,
    open: Option<Interchange>,
    group_open: bool,
    set_open: bool,
}

impl Pass {
    fn noise(&mut self, offset: u64, len: u64, blank: bool, begins_isa: bool) {
        self.outline.bytes = offset + len;
        if blank {
            return;
        }
        let kind = if begins_isa { FaultKind::HeaderMalformed } else { FaultKind::NotAnInterchange };
        let fault = Fault { kind, at: At::from("ISA"), segment: 0, offset, expected: 0, found: 0 };
        match self.outline.noise.last_mut() {
            // One stretch read in several windows is one fault.
            Some(last) if last.fault.offset + last.len == offset => last.len += len,
            _ => self.outline.noise.push(Noise { fault, len }),
        }
    }

    fn open(&mut self, header: Header, start: u64) {
        let mut faults = Vec::new();
        let fault = |kind, at| Fault {
            kind,
            at: At::from(at),
            segment: 0,
            offset: start,
            expected: 106,
            found: header.len as i64,
        };
        // One cause is told once: with separators that clash, widths can't be judged.
        if !header.delimiters.are_usable() {
            faults.push(fault(FaultKind::DelimitersClash, "ISA16"));
        } else if !header.fixed_width {
            faults.push(fault(FaultKind::HeaderUnpadded, "ISA"));
        }
        let (groups, acknowledgements) = (Vec::new(), 0);
        self.open = Some(Interchange { start, end: start, header, groups, acknowledgements, faults });
    }

    /// Ends the interchange without its trailer; does nothing when none is open.
    fn close(&mut self, kind: FaultKind, offset: u64, end: u64) {
        self.end_group(offset, Some(FaultKind::GroupTrailerMissing));
        if let Some(mut interchange) = self.open.take() {
            interchange.faults.push(Fault {
                kind,
                at: At::from("IEA"),
                segment: 0,
                offset,
                expected: 1,
                found: 0,
            });
            interchange.end = end;
            self.outline.interchanges.push(interchange);
        }
    }

    fn group(&mut self) -> Option<&mut Group> {
        if !self.group_open {
            return None;
        }
        self.open.as_mut()?.groups.last_mut()
    }

    fn set(&mut self) -> Option<&mut Set> {
        if !self.set_open {
            return None;
        }
        self.group()?.sets.last_mut()
    }

    fn too_long(&mut self, offset: u64, len: u64) {
        let found = i64::try_from(len).unwrap_or(i64::MAX);
        let mut fault = Fault {
            kind: FaultKind::SegmentTooLong,
            at: At::from(""),
            segment: 0,
            offset,
            expected: SEGMENT_CAP as i64,
            found,
        };
        self.outline.bytes = offset + len;
        if let Some(set) = self.set() {
            set.segments += 1;
            fault.segment = set.segments;
            set.faults.push(fault);
        } else if let Some(interchange) = &mut self.open {
            interchange.faults.push(fault);
        }
    }

    fn end_set(&mut self, offset: u64, missing: Option<FaultKind>) {
        if let Some(set) = self.set() {
            set.end = offset;
            if let Some(kind) = missing {
                let segment = set.segments;
                set.faults.push(Fault { kind, at: At::from("SE"), segment, offset, expected: 1, found: 0 });
            }
        }
        self.set_open = false;
    }

    fn end_group(&mut self, offset: u64, missing: Option<FaultKind>) {
        self.end_set(offset, Some(FaultKind::SetTrailerMissing));
        if let Some(group) = self.group() {
            group.end = offset;
            if let Some(kind) = missing {
                group.faults.push(Fault {
                    kind,
                    at: At::from("GE"),
                    segment: 0,
                    offset,
                    expected: 1,
                    found: 0,
                });
            }
        }
        self.group_open = false;
    }

    fn segment(&mut self, segment: &Segment<'_>, base: u64, visitor: &mut impl Visitor) {
        let (offset, end) = (base + u64::from(segment.start()), base + u64::from(segment.end()));
        // With separators that clash nothing else of it can be judged.
        let clash = |i: &Interchange| i.faults.iter().any(|f| f.kind == FaultKind::DelimitersClash);
        let found = match segment.id() {
            _ if self.open.as_ref().is_some_and(clash) => Vec::new(),
            b"ISA" | b"IEA" | b"GS" | b"GE" => visitor.envelope(segment, offset),
            b"TA1" if !self.group_open => visitor.envelope(segment, offset),
            _ => Vec::new(),
        };
        if segment.id() != b"GS"
            && let Some(interchange) = &mut self.open
        {
            match interchange.groups.last_mut().filter(|_| segment.id() == b"GE" && self.group_open) {
                Some(group) => group.faults.extend(&found),
                None => interchange.faults.extend(&found),
            }
        }
        match segment.id() {
            b"ISA" => {}
            b"IEA" => self.interchange_trailer(segment, offset, end),
            b"GS" => {
                self.group_header(segment, offset);
                if let Some(group) = self.group() {
                    group.faults.extend(found);
                }
            }
            b"GE" => self.group_trailer(segment, offset, end),
            b"ST" => self.set_header(segment, offset, visitor),
            b"TA1" if !self.group_open => {
                if let Some(interchange) = &mut self.open {
                    interchange.acknowledgements += 1;
                }
            }
            _ => self.in_set(segment, offset, end, visitor),
        }
    }

    fn in_set(&mut self, segment: &Segment<'_>, offset: u64, end: u64, visitor: &mut impl Visitor) {
        let Some(set) = self.set() else {
            let fault = Fault {
                kind: FaultKind::SegmentMisplaced,
                at: At::from(""),
                segment: 0,
                offset,
                expected: 0,
                found: 1,
            };
            let faults = match (self.group_open, &mut self.open) {
                (true, Some(interchange)) => interchange.groups.last_mut().map(|g| &mut g.faults),
                (false, Some(interchange)) => Some(&mut interchange.faults),
                (_, None) => None,
            };
            // The first of them says where; more of the same kind only count.
            if let Some(faults) = faults {
                match faults.iter_mut().find(|f| f.kind == FaultKind::SegmentMisplaced) {
                    Some(first) => first.found += 1,
                    None => faults.push(fault),
                }
            }
            visitor.misplaced(segment, offset);
            return;
        };
        set.segments += 1;
        let ordinal = set.segments;
        if segment.text().len() > SEGMENT_CAP {
            let found = segment.text().len() as i64;
            let kind = FaultKind::SegmentTooLong;
            set.faults.push(Fault {
                kind,
                at: At::from(""),
                segment: ordinal,
                offset,
                expected: SEGMENT_CAP as i64,
                found,
            });
        }
        visitor.segment(set, segment, ordinal, offset);
        if segment.id() == b"SE" {
            let fault = |kind, at, expected, found| Fault {
                kind,
                at: At::from(at),
                segment: ordinal,
                offset,
                expected,
                found,
            };
            if (3..=segment.len()).any(|n| !segment.value(n).is_empty()) {
                set.faults.push(fault(FaultKind::ElementsTooMany, "SE03", 2, segment.len() as i64));
            }
            if integer(segment.value(1)) != Some(i64::from(ordinal)) {
                let found = integer(segment.value(1)).unwrap_or(-1);
                set.faults.push(fault(FaultKind::SegmentCountDiffers, "SE01", i64::from(ordinal), found));
            }
            if segment.value(2) != set.control.as_bytes() {
                let expected = integer(set.control.as_bytes()).unwrap_or(-1);
                let found = integer(segment.value(2)).unwrap_or(-1);
                set.faults.push(fault(FaultKind::SetControlDiffers, "SE02", expected, found));
            }
            self.end_set(end, None);
        }
    }

    fn set_header(&mut self, segment: &Segment<'_>, offset: u64, visitor: &mut impl Visitor) {
        self.end_set(offset, Some(FaultKind::SetTrailerMissing));
        let control = text(segment.value(2));
        let repeated = self.group_open && !self.controls.insert(control.clone());
        let Some(group) = self.group() else {
            // A set without a group: nothing can be said of its version; the interchange is unusable.
            return self.in_set(segment, offset, offset, visitor);
        };
        let version =
            segment.element(3).filter(|v| !v.is_empty()).map_or_else(|| group.version.clone(), text);
        let mut faults = Vec::new();
        if repeated {
            let found = integer(segment.value(2)).unwrap_or(-1);
            let kind = FaultKind::SetControlRepeated;
            faults.push(Fault { kind, at: At::from("ST02"), segment: 1, offset, expected: 0, found });
        }
        group.sets.push(Set {
            id: text(segment.value(1)),
            control,
            version,
            start: offset,
            end: offset,
            segments: 1,
            faults,
        });
        if let Some(set) = group.sets.last() {
            visitor.segment(set, segment, 1, offset);
        }
        self.set_open = true;
    }

    fn group_header(&mut self, segment: &Segment<'_>, offset: u64) {
        self.end_group(offset, Some(FaultKind::GroupTrailerMissing));
        if let Some(interchange) = &mut self.open {
            interchange.groups.push(Group {
                code: text(segment.value(1)),
                sender: text(segment.value(2)),
                receiver: text(segment.value(3)),
                control: text(segment.value(6)),
                version: text(segment.value(8)),
                start: offset,
                end: offset,
                sets: Vec::new(),
                faults: Vec::new(),
            });
            self.group_open = true;
            self.controls.clear();
        }
    }

    fn group_trailer(&mut self, segment: &Segment<'_>, offset: u64, end: u64) {
        self.end_set(offset, Some(FaultKind::SetTrailerMissing));
        let fault =
            |kind, at, expected, found| Fault { kind, at: At::from(at), segment: 0, offset, expected, found };
        if let Some(group) = self.group() {
            let sets = group.sets.len() as i64;
            if integer(segment.value(1)) != Some(sets) {
                let found = integer(segment.value(1)).unwrap_or(-1);
                group.faults.push(fault(FaultKind::SetCountDiffers, "GE01", sets, found));
            }
            if !same_number(segment.value(2), group.control.as_bytes()) {
                let expected = integer(group.control.as_bytes()).unwrap_or(-1);
                let found = integer(segment.value(2)).unwrap_or(-1);
                group.faults.push(fault(FaultKind::GroupControlDiffers, "GE02", expected, found));
            }
        } else if let Some(interchange) = &mut self.open {
            interchange.faults.push(fault(FaultKind::SegmentMisplaced, "GE", 0, 1));
        }
        self.end_group(end, None);
    }

    fn interchange_trailer(&mut self, segment: &Segment<'_>, offset: u64, end: u64) {
        self.end_group(offset, Some(FaultKind::GroupTrailerMissing));
        let Some(mut interchange) = self.open.take() else { return };
        let fault =
            |kind, at, expected, found| Fault { kind, at: At::from(at), segment: 0, offset, expected, found };
        // A file of TA1 alone may say 0 groups; TA1 is not a group.
        let groups = interchange.groups.len() as i64;
        if integer(segment.value(1)) != Some(groups) {
            let found = integer(segment.value(1)).unwrap_or(-1);
            interchange.faults.push(fault(FaultKind::GroupCountDiffers, "IEA01", groups, found));
        }
        if !same_number(segment.value(2), &interchange.header.control) {
            let expected = integer(&interchange.header.control).unwrap_or(-1);
            let found = integer(segment.value(2)).unwrap_or(-1);
            interchange.faults.push(fault(FaultKind::InterchangeControlDiffers, "IEA02", expected, found));
        }
        interchange.end = end;
        self.outline.interchanges.push(interchange);
    }
}

/// Control numbers are numbers: `1` answers `000000001`. Where either is no number, the bytes decide.
fn same_number(a: &[u8], b: &[u8]) -> bool {
    match (integer(a), integer(b)) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).into_owned()
}
