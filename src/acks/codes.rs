//! Faults as the codes of TA1, 999 and AK9. Code numbers are facts of X12; what they mean is said in our words.

use crate::x12::FaultKind;
use crate::x12::outline::{Group, Interchange, Set};

/// TA104 and TA105.
pub(super) fn interchange(of: &Interchange) -> (&'static str, &'static str) {
    let Some(fault) = of.faults.first() else { return ("A", "000") };
    let note = match fault.kind {
        FaultKind::InterchangeControlDiffers => "001",
        FaultKind::GroupCountDiffers => "021",
        FaultKind::InterchangeTrailerMissing => "023",
        FaultKind::DelimitersClash => "027",
        FaultKind::HeaderMalformed => "024",
        _ => "022",
    };
    ("R", note)
}

/// AK905: what is wrong with a group.
pub(super) fn group(of: &Group) -> Option<&'static str> {
    of.faults.iter().find_map(|f| match f.kind {
        FaultKind::VersionUnsupported => Some("2"),
        FaultKind::GroupTrailerMissing => Some("3"),
        FaultKind::GroupControlDiffers => Some("4"),
        FaultKind::SetCountDiffers => Some("5"),
        FaultKind::SegmentMisplaced => Some("1"),
        _ => None,
    })
}

/// IK502: what is wrong with a set as a whole.
pub(super) fn set(of: &Set) -> Option<&'static str> {
    of.faults.first().map(|f| match f.kind {
        FaultKind::VersionUnsupported => "I6",
        FaultKind::SetNotTaken => "1",
        FaultKind::SetTrailerMissing => "2",
        FaultKind::SetControlDiffers => "3",
        FaultKind::SegmentCountDiffers => "4",
        FaultKind::SetControlRepeated => "23",
        _ => "5",
    })
}

/// A fault as IK304, and IK403 where it is one element's.
pub(super) fn segment(kind: FaultKind) -> Option<(&'static str, Option<&'static str>)> {
    let element = |code| Some(("8", Some(code)));
    match kind {
        FaultKind::SegmentUnknown | FaultKind::SegmentIdEmpty => Some(("1", None)),
        FaultKind::SegmentUnexpected | FaultKind::SegmentMisplaced => Some(("2", None)),
        FaultKind::SegmentMissing | FaultKind::LoopUnopened => Some(("3", None)),
        FaultKind::LoopMissing => Some(("I7", None)),
        FaultKind::LoopRepeated => Some(("4", None)),
        FaultKind::SegmentRepeated => Some(("5", None)),
        FaultKind::SegmentOutOfOrder => Some(("7", None)),
        FaultKind::ElementMissing => element("1"),
        FaultKind::ElementsUnpaired | FaultKind::ElementsAllMissing | FaultKind::ElementDependent => {
            element("2")
        }
        FaultKind::ElementsTooMany => element("3"),
        FaultKind::ElementTooShort => element("4"),
        FaultKind::ElementTooLong => element("5"),
        FaultKind::ElementTypeWrong
        | FaultKind::DecimalMalformed
        | FaultKind::CharacterInvalid
        | FaultKind::CharacterNotAscii => element("6"),
        FaultKind::CodeNotAllowed => element("7"),
        FaultKind::DateImpossible | FaultKind::PeriodReversed => element("8"),
        FaultKind::TimeImpossible => element("9"),
        FaultKind::ElementsExclusive => element("10"),
        FaultKind::ElementRepeated => element("12"),
        FaultKind::ElementNotUsed => element("I10"),
        FaultKind::LineNumberWrong
        | FaultKind::HierarchyNumberWrong
        | FaultKind::HierarchyParentMissing
        | FaultKind::HierarchyParentWrong
        | FaultKind::HierarchyChildWrong
        | FaultKind::HierarchyLevelUnknown => element("I12"),
        FaultKind::ClaimWithoutHierarchy => Some(("2", None)),
        _ => None,
    }
}

/// Too many components of a composite have a code of their own.
pub(super) fn element(kind: FaultKind, component: u8) -> Option<&'static str> {
    match (segment(kind)?.1?, component) {
        ("3", 1..) => Some("13"),
        (code, _) => Some(code),
    }
}

/// True where IK404 may repeat the value: a code that isn't one is no name, number or date of a person.
pub(super) fn shows_value(kind: FaultKind) -> bool {
    kind == FaultKind::CodeNotAllowed
}
