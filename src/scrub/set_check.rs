//! Transaction sets that hold no claims, read by their guide.

use super::judge::is_surveyed;
use crate::schema::{Alphabet, Guide, Schema, Walker, check_elements, schema};
use crate::x12::{Delimiters, Fault, Segment};

/// Checks a transaction set that holds no claims, segment by segment, by its guide.
pub struct SetCheck {
    schema: &'static Schema,
    walker: Walker<'static>,
    alphabet: Alphabet,
}

impl SetCheck {
    /// Starts before ST.
    #[must_use]
    pub fn new(guide: Guide, delimiters: Delimiters) -> SetCheck {
        let schema = schema(guide);
        SetCheck { schema, walker: Walker::new(schema), alphabet: Alphabet::new(delimiters) }
    }

    /// Takes the next segment; SE ends the set.
    pub fn segment(
        &mut self,
        segment: &Segment<'_>,
        ordinal: u32,
        offset: u64,
        report: &mut dyn FnMut(Fault),
    ) {
        let placement = self.walker.step(segment, ordinal, offset, report);
        if let Some(entry) = placement.entry.and_then(|e| self.schema.entry(e)) {
            let mut report = |fault: Fault| {
                if fault.at.segment == "HL" || !is_surveyed(&fault) {
                    report(fault);
                }
            };
            check_elements(&self.alphabet, entry, segment, ordinal, offset, &mut report);
        }
        if segment.id() == b"SE" {
            self.walker.finish(report);
        }
    }
}
