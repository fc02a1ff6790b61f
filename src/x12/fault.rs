//! What can be wrong with bytes, envelopes, segments, elements, hierarchies and sums: a closed list, with place and
//! numbers only.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// One thing wrong at one place. Carries no text of the file, so it may be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// Where, as guides name places.
    pub at: At,
    /// Ordinal in the transaction set, ST = 1; 0 outside a set. Where something is missing: of the segment that opens
    /// the loop it is missing from.
    pub segment: u32,
    /// Byte in the file where that segment starts.
    pub offset: u64,
    /// Number that was expected (a count, a limit, a control number, cents), 0 when none applies.
    pub expected: i64,
    /// Number that was found.
    pub found: i64,
}

/// A place as guides name it: loop, segment, element, component, repetition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct At {
    /// Loop id; empty where none is known.
    pub loop_id: &'static str,
    /// Segment id; empty for one that no guide knows.
    pub segment: &'static str,
    /// First qualifier of the segment's entry, where its loop has several of this id.
    pub qualifier: &'static str,
    /// Element, 1-based; 0 for the segment as a whole.
    pub element: u8,
    /// Component, 1-based; 0 for the element as a whole.
    pub component: u8,
    /// Repetition, 1-based; 0 where the element isn't repeated.
    pub repetition: u8,
}

impl At {
    /// An element of a segment whose loop is told elsewhere or doesn't matter.
    #[must_use]
    pub const fn element(segment: &'static str, element: u8) -> At {
        At { loop_id: "", segment, qualifier: "", element, component: 0, repetition: 0 }
    }

    /// A segment as a whole.
    #[must_use]
    pub const fn segment(segment: &'static str) -> At {
        At::element(segment, 0)
    }

    /// The same place in a loop.
    #[must_use]
    pub const fn in_loop(self, loop_id: &'static str) -> At {
        At { loop_id, ..self }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.loop_id)?;
        if !self.loop_id.is_empty() && !self.segment.is_empty() {
            f.write_str(" ")?;
        }
        f.write_str(self.segment)?;
        if !self.qualifier.is_empty() {
            write!(f, "[{}]", self.qualifier)?;
        }
        if self.element > 0 {
            write!(f, "{:02}", self.element)?;
        }
        if self.component > 0 {
            write!(f, "-{}", self.component)?;
        }
        Ok(())
    }
}

macro_rules! fault_kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// The closed list of faults. The names are what an edit of check kind `fault` says.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum FaultKind { $($(#[$doc])* $variant,)* }

        impl FaultKind {
            /// Every kind, for loaders and tests.
            pub const ALL: &'static [FaultKind] = &[$(FaultKind::$variant,)*];

            /// The name an edit's file uses.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(FaultKind::$variant => $name,)* }
            }
        }
    };
}

fault_kinds! {
    /// Bytes outside any interchange.
    NotAnInterchange = "not-an-interchange",
    /// Starts with ISA but isn't the fixed 106 bytes.
    HeaderMalformed = "interchange-header-malformed",
    /// ISA elements aren't filled to their fixed widths.
    HeaderUnpadded = "interchange-header-unpadded",
    /// ISA11 is a letter or digit in 00501, where it must separate repetitions.
    RepetitionLetter = "repetition-separator-missing",
    /// An element of ISA, GS, GE, IEA or TA1 is not what it must be.
    EnvelopeElement = "envelope-element-wrong",
    /// The same interchange stands in the file already.
    InterchangeRepeated = "interchange-repeated",
    /// Another interchange that was sent before has the same numbers.
    InterchangeNumberUsed = "interchange-number-used",
    /// A transaction set that was sent before says the same.
    SetSentBefore = "set-sent-before",
    /// Two delimiters are the same byte, or one is a letter, digit or blank.
    DelimitersClash = "delimiters-clash",
    /// The file ends, or another ISA begins, before IEA.
    InterchangeTrailerMissing = "interchange-trailer-missing",
    /// IEA02 is not ISA13.
    InterchangeControlDiffers = "interchange-control-differs",
    /// IEA01 is not the number of groups.
    GroupCountDiffers = "group-count-differs",
    /// No GE before the next GS or the IEA.
    GroupTrailerMissing = "group-trailer-missing",
    /// GE02 is not GS06.
    GroupControlDiffers = "group-control-differs",
    /// GE01 is not the number of transaction sets.
    SetCountDiffers = "set-count-differs",
    /// GS08 or ST03 names a guide that isn't ours, or the two disagree.
    VersionUnsupported = "version-unsupported",
    /// GS08 or ST03 names our guide without its errata letter.
    VersionErrataMissing = "version-errata-missing",
    /// GS01 is not the code of the sets in the group.
    GroupCodeWrong = "group-code-wrong",
    /// A set of a kind this channel doesn't take.
    SetNotTaken = "set-not-taken",
    /// No SE before the next ST, GE or IEA.
    SetTrailerMissing = "set-trailer-missing",
    /// SE02 is not ST02.
    SetControlDiffers = "set-control-differs",
    /// SE01 is not the number of segments.
    SegmentCountDiffers = "segment-count-differs",
    /// ST02 stands twice in one group.
    SetControlRepeated = "set-control-repeated",
    /// A segment longer than the cap.
    SegmentTooLong = "segment-too-long",
    /// A segment where none may stand: between sets, between groups.
    SegmentMisplaced = "segment-misplaced",
    /// A claim before any subscriber hierarchy.
    ClaimWithoutHierarchy = "claim-without-hierarchy",
    /// A claim set that holds no claim.
    SetWithoutClaim = "set-without-claim",
    /// The first claim of a set beyond the number the guides advise.
    SetOverfull = "set-overfull",
    /// HL01 is not one more than the last.
    HierarchyNumberWrong = "hierarchy-number-wrong",
    /// HL02 names no earlier hierarchy of the set.
    HierarchyParentMissing = "hierarchy-parent-missing",
    /// HL02 names a hierarchy of another level, or not the one in force.
    HierarchyParentWrong = "hierarchy-parent-wrong",
    /// HL04 says children and there are none, or none and there are.
    HierarchyChildWrong = "hierarchy-child-wrong",
    /// HL03 is a level the guide doesn't have.
    HierarchyLevelUnknown = "hierarchy-level-unknown",
    /// A segment id that no guide of ours knows.
    SegmentUnknown = "segment-unknown",
    /// Two separators with no segment id between them, or blanks before the id.
    SegmentIdEmpty = "segment-id-empty",
    /// A segment the guide has, but not here.
    SegmentUnexpected = "segment-unexpected",
    /// A segment behind others it must precede.
    SegmentOutOfOrder = "segment-out-of-order",
    /// A segment more often than its loop may hold it.
    SegmentRepeated = "segment-repeated",
    /// A loop more often than its parent may hold it.
    LoopRepeated = "loop-repeated",
    /// A required segment is missing.
    SegmentMissing = "segment-missing",
    /// A required loop is missing.
    LoopMissing = "loop-missing",
    /// A loop's segments stand without the one that opens it.
    LoopUnopened = "loop-unopened",
    /// A required element or component is missing.
    ElementMissing = "element-missing",
    /// An element or component that the guide doesn't use here is filled.
    ElementNotUsed = "element-not-used",
    /// More elements or components than the segment or composite has.
    ElementsTooMany = "elements-too-many",
    /// An element is repeated that may not be.
    ElementRepeated = "element-repeated",
    /// Shorter than the least length.
    ElementTooShort = "element-too-short",
    /// Longer than the greatest length.
    ElementTooLong = "element-too-long",
    /// Not of the element's type: a number that is none.
    ElementTypeWrong = "element-type-wrong",
    /// A control byte.
    CharacterInvalid = "character-invalid",
    /// A byte outside ASCII.
    CharacterNotAscii = "character-not-ascii",
    /// An amount or quantity that is no plain decimal.
    DecimalMalformed = "decimal-malformed",
    /// Not one of the codes the guide lists.
    CodeNotAllowed = "code-not-allowed",
    /// Not a day of the calendar.
    DateImpossible = "date-impossible",
    /// Not a time of day.
    TimeImpossible = "time-impossible",
    /// A period whose end is before its start.
    PeriodReversed = "period-reversed",
    /// Elements that belong together aren't all there (syntax note P).
    ElementsUnpaired = "elements-unpaired",
    /// Of several elements at least one must be there (syntax note R).
    ElementsAllMissing = "elements-all-missing",
    /// Of several elements more than one is there (syntax note E).
    ElementsExclusive = "elements-exclusive",
    /// An element that asks for others stands without them (syntax notes C and L).
    ElementDependent = "element-dependent",
    /// Separators with nothing behind them at the end of a segment or composite.
    SeparatorTrailing = "separator-trailing",
    /// Blanks at the end of an element.
    BlankTrailing = "blank-trailing",
    /// LX01 is not one more than the last.
    LineNumberWrong = "line-number-wrong",
    /// Service payment: charge less adjustments is not the amount paid.
    LineOutOfBalance = "line-out-of-balance",
    /// Claim payment: charge less all adjustments is not the amount paid.
    ClaimOutOfBalance = "claim-out-of-balance",
    /// Remittance: claim payments less provider adjustments is not BPR02.
    TransactionOutOfBalance = "transaction-out-of-balance",
    /// Claim payment: out of balance by just what an adjustment of the claim repeats of its lines.
    ClaimAdjustmentRepeated = "claim-adjustment-repeated",
    /// TS304 is not the number of claim payments of its LX.
    GroupClaimsDiffer = "group-claims-differ",
    /// TS305 is not the sum of the charges of its LX.
    GroupChargeDiffers = "group-charge-differs",
    /// The same group code, CARC and amount twice at one level.
    AdjustmentTwice = "adjustment-twice",
    /// Units of adjustments are not those billed less those paid.
    AdjustedUnitsDiffer = "adjusted-units-differ",
    /// The same claim payment twice in a remittance.
    ClaimPaymentRepeated = "claim-payment-repeated",
    /// A provider adjustment that names nothing by which it could be traced.
    ProviderAdjustmentUntraceable = "provider-adjustment-untraceable",
    /// A debt is carried to the next remittance, though this one pays.
    DebtForwardedThoughPaid = "debt-forwarded-though-paid",
    /// A claim payment names interest (AMT*I), but no provider adjustment pays any.
    InterestNotPaid = "interest-not-paid",
}

impl FaultKind {
    /// The kind that has this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<FaultKind> {
        FaultKind::ALL.iter().copied().find(|k| k.name() == name)
    }
}

impl Serialize for FaultKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for FaultKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<FaultKind, D::Error> {
        let name = String::deserialize(deserializer)?;
        FaultKind::from_name(&name).ok_or_else(|| de::Error::custom("no fault of this name"))
    }
}

impl From<&'static str> for At {
    /// Reads a place as billing people write it: `SE01`, `SE`.
    fn from(text: &'static str) -> At {
        let numbered =
            text.len().checked_sub(2).filter(|cut| *cut >= 2).and_then(|cut| text.split_at_checked(cut));
        match numbered.and_then(|(segment, n)| Some((segment, n.parse().ok()?))) {
            Some((segment, n)) => At::element(segment, n),
            None => At::segment(text),
        }
    }
}
