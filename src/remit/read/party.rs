//! Loops 1000A and 1000B, and the names and contacts of claim payments.

use super::claim::reference;
use super::text;
use crate::remit::{Code, Contact, Named, Party};
use crate::x12::Segment;

/// Takes a segment of a party's loop.
pub(super) fn party(party: &mut Party, segment: &Segment<'_>) {
    match segment.id() {
        b"N1" => {
            party.name = text(segment.value(2));
            party.id_kind = Code::new(segment.value(3));
            party.id = text(segment.value(4));
        }
        b"N3" => {
            let lines = [1, 2].map(|n| segment.value(n)).into_iter().filter(|v| !v.is_empty());
            party.street.extend(lines.map(text));
        }
        b"N4" => {
            party.city = text(segment.value(1));
            party.state = text(segment.value(2));
            party.zip = text(segment.value(3));
        }
        b"REF" => party.references.push(reference(segment)),
        b"PER" => party.contacts.push(contact(segment)),
        b"RDM" => party.delivery = Some((Code::new(segment.value(1)), text(segment.value(3)))),
        _ => {}
    }
}

/// PER.
pub(super) fn contact(segment: &Segment<'_>) -> Contact {
    let numbers = [3, 5, 7].map(|n| (segment.value(n), segment.value(n + 1)));
    let numbers = numbers.into_iter().filter(|(_, number)| !number.is_empty());
    Contact {
        function: Code::new(segment.value(1)),
        name: text(segment.value(2)),
        numbers: numbers.map(|(kind, number)| (Code::new(kind), text(number))).collect(),
    }
}

/// NM1.
pub(super) fn named(segment: &Segment<'_>) -> Named {
    let part = |n| text(segment.value(n)).into();
    Named {
        role: Code::new(segment.value(1)),
        is_person: segment.value(2) == b"1",
        last: part(3),
        first: part(4),
        middle: part(5),
        suffix: part(7),
        id_kind: Code::new(segment.value(8)),
        id: part(9),
    }
}
