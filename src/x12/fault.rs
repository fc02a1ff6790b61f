//! What can be wrong with bytes, envelopes, hierarchies and sums: a closed list, with place and numbers only.

/// One thing wrong at one place. Carries no text of the file, so it may be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// Element it stands in, as billing people write it (`"SE01"`).
    pub at: &'static str,
    /// Ordinal in the transaction set, ST = 1; 0 outside a set.
    pub segment: u32,
    /// Byte in the file where the segment starts.
    pub offset: u64,
    /// Number that was expected (a count, a control number, cents), 0 when none applies.
    pub expected: i64,
    /// Number that was found.
    pub found: i64,
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
    /// Service payment: charge less adjustments is not the amount paid.
    LineOutOfBalance = "line-out-of-balance",
    /// Claim payment: charge less all adjustments is not the amount paid.
    ClaimOutOfBalance = "claim-out-of-balance",
    /// Remittance: claim payments less provider adjustments is not BPR02.
    TransactionOutOfBalance = "transaction-out-of-balance",
}

impl FaultKind {
    /// The kind that has this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<FaultKind> {
        FaultKind::ALL.iter().copied().find(|k| k.name() == name)
    }
}
