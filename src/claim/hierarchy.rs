//! HL structure of a transaction set: numbers, parents, levels and child flags (loops 2000A, 2000B, 2000C).

use crate::x12::element::integer;
use crate::x12::fault::At;
use crate::x12::{Fault, FaultKind, Segment};

/// Checks HL segments one after the other, in one set.
#[derive(Debug, Default)]
pub struct Hierarchy {
    /// How many HL so far.
    count: i64,
    /// The hierarchies in force: 20, 22, 23.
    open: [Option<Open>; 3],
    /// Levels of every HL so far, by HL01: index = number - 1. One byte each.
    levels: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    /// HL01 as sent, and as it should be: where they differ, those below may name either.
    number: i64,
    count: i64,
    says_child: bool,
    has_child: bool,
    segment: u32,
    offset: u64,
}

/// Depth of an HL03 level in a claim hierarchy: billing provider 0, subscriber 1, patient 2.
#[must_use]
pub fn depth(level: &[u8]) -> Option<usize> {
    match level {
        b"20" => Some(0),
        b"22" => Some(1),
        b"23" => Some(2),
        _ => None,
    }
}

impl Hierarchy {
    /// Takes the next HL; reports what is wrong with it, and with the child flag of those it closes.
    pub fn step(&mut self, hl: &Segment<'_>, segment: u32, offset: u64, report: &mut impl FnMut(Fault)) {
        self.count += 1;
        let number = integer(hl.value(1)).unwrap_or(-1);
        let fault =
            |kind, at, expected, found| Fault { kind, at: At::from(at), segment, offset, expected, found };
        if number != self.count {
            report(fault(FaultKind::HierarchyNumberWrong, "HL01", self.count, number));
        }
        let Some(depth) = depth(hl.value(3)) else {
            let found = integer(hl.value(3)).unwrap_or(-1);
            report(fault(FaultKind::HierarchyLevelUnknown, "HL03", 22, found));
            self.levels.push(u8::MAX);
            return;
        };
        self.close(depth, report);
        let parent = integer(hl.value(2));
        let wanted = depth.checked_sub(1).and_then(|d| self.open.get(d).copied().flatten());
        let count = wanted.map(|o| o.count);
        let wanted = wanted.map(|o| o.number);
        match (depth, parent, wanted) {
            (0, None, _) if hl.value(2).is_empty() => {}
            (0, found, _) => report(fault(FaultKind::HierarchyParentWrong, "HL02", 0, found.unwrap_or(-1))),
            (_, Some(found), Some(wanted)) if found == wanted || Some(found) == count => {}
            (_, found, wanted) => {
                let found = found.unwrap_or(-1);
                let exists = usize::try_from(found - 1).is_ok_and(|i| i < self.levels.len());
                let kind =
                    if exists { FaultKind::HierarchyParentWrong } else { FaultKind::HierarchyParentMissing };
                report(fault(kind, "HL02", wanted.unwrap_or(-1), found));
            }
        }
        if let Some(Some(above)) = depth.checked_sub(1).and_then(|d| self.open.get_mut(d)) {
            above.has_child = true;
            if !above.says_child {
                // Said once, at the parent.
                above.says_child = true;
                let (segment, offset) = (above.segment, above.offset);
                report(Fault {
                    kind: FaultKind::HierarchyChildWrong,
                    at: At::from("HL04"),
                    segment,
                    offset,
                    expected: 1,
                    found: 0,
                });
            }
        }
        // A flag that is neither is told as an element; nothing more is made of it.
        let flag = hl.value(4);
        let (says_child, has_child) = (flag != b"0", flag != b"0" && flag != b"1");
        if let Some(slot) = self.open.get_mut(depth) {
            *slot = Some(Open { number, count: self.count, says_child, has_child, segment, offset });
        }
        self.levels.push(depth as u8);
    }

    /// Ends the set.
    pub fn finish(&mut self, report: &mut impl FnMut(Fault)) {
        self.close(0, report);
        *self = Hierarchy::default();
    }

    fn close(&mut self, from: usize, report: &mut impl FnMut(Fault)) {
        for slot in self.open.iter_mut().skip(from) {
            if let Some(open) = slot.take()
                && open.says_child
                && !open.has_child
            {
                let (segment, offset) = (open.segment, open.offset);
                report(Fault {
                    kind: FaultKind::HierarchyChildWrong,
                    at: At::from("HL04"),
                    segment,
                    offset,
                    expected: 0,
                    found: 1,
                });
            }
        }
    }
}
