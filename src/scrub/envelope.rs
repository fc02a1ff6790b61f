//! Checks the elements of ISA, GS, GE, IEA and TA1. Counts and control numbers are the outline's.

use crate::schema::{Alphabet, check_elements, interchange};
use crate::x12::fault::At;
use crate::x12::{Fault, FaultKind, Segment};

/// What is wrong with an envelope segment, each fault once, as one of its elements.
pub(super) fn check(segment: &Segment<'_>, offset: u64) -> Vec<Fault> {
    let Some(entry) = interchange().entries.iter().find(|e| e.at.segment.as_bytes() == segment.id()) else {
        return Vec::new();
    };
    let mut faults = Vec::new();
    let alphabet = Alphabet::new(segment.delimiters());
    let is_isa = segment.id() == b"ISA";
    check_elements(&alphabet, entry, segment, 0, offset, &mut |fault| {
        let value = segment.value(usize::from(fault.at.element));
        // ISA is filled with blanks; two of its elements are separators, two may be all blank, and which version it is
        // GS08 and ST03 say.
        let padded = is_isa
            && (matches!(fault.at.element, 2 | 4 | 11 | 12 | 16)
                || (matches!(fault.kind, FaultKind::BlankTrailing | FaultKind::ElementTooShort)
                    && !value.trim_ascii().is_empty()));
        let told_elsewhere =
            matches!((segment.id(), fault.at.element), (b"GE" | b"IEA", 1 | 2) | (b"GS", 1 | 8))
                && fault.kind != FaultKind::CharacterInvalid;
        if !padded && !told_elsewhere && fault.kind != FaultKind::SeparatorTrailing {
            let at = At { loop_id: "", ..fault.at };
            faults.push(Fault { kind: FaultKind::EnvelopeElement, at, expected: 0, found: 0, ..fault });
        }
    });
    if is_isa {
        faults.extend(isa(segment, offset));
    }
    faults.dedup_by_key(|f| f.at.element);
    faults
}

/// What a table of elements can't say of an ISA.
fn isa(isa: &Segment<'_>, offset: u64) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut say = |kind, element| {
        let at = At::element("ISA", element);
        faults.push(Fault { kind, at, segment: 0, offset, expected: 0, found: 0 });
    };
    for element in [6, 8] {
        let id = isa.value(element).trim_ascii();
        if !id.is_empty() && id.iter().all(|b| *b == b'.') {
            say(FaultKind::EnvelopeElement, element as u8);
        }
    }
    if isa.value(12) == b"00501" && isa.value(11).iter().all(u8::is_ascii_alphanumeric) {
        say(FaultKind::RepetitionLetter, 11);
    }
    faults
}
