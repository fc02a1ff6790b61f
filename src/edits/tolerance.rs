//! Named departures from the standard that a site may choose to let pass. The standard is the default; what is tolerated is
//! still told, at `warn`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::x12::FaultKind;

macro_rules! tolerances {
    ($($(#[$doc:meta])* $variant:ident = $name:literal: $($kind:ident)|+,)*) => {
        /// One departure that may be tolerated.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Tolerance { $($(#[$doc])* $variant,)* }

        impl Tolerance {
            /// Every one.
            pub const ALL: &'static [Tolerance] = &[$(Tolerance::$variant,)*];

            /// As settings spell it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Tolerance::$variant => $name,)* }
            }

            /// The tolerance a fault falls under.
            #[must_use]
            pub fn of(kind: FaultKind) -> Option<Tolerance> {
                match kind { $($(FaultKind::$kind)|+ => Some(Tolerance::$variant),)* _ => None }
            }
        }
    };
}

tolerances! {
    /// ISA elements that aren't filled with blanks to their fixed widths.
    UnpaddedIsa = "unpadded-isa": HeaderUnpadded,
    /// ISA11 is the letter U of older versions: nothing is repeated.
    Isa11Letter = "isa11-letter": RepetitionLetter,
    /// Elements of ISA, GS, GE, IEA that are empty, filled with dots, or not of the guides' codes, dates and lengths.
    EnvelopeElements = "envelope-elements": EnvelopeElement,
    /// Letters outside ASCII in values.
    NonAscii = "non-ascii": CharacterNotAscii,
    /// GS08 or ST03 without the errata letter, and GS01 of another kind: read by the nearest guide.
    NearestGuide = "nearest-guide": VersionErrataMissing | GroupCodeWrong,
}

/// The tolerances of a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerances(u8);

impl Default for Tolerances {
    /// Only the nearest guide: a file of ours under an old name is read, and said to be.
    fn default() -> Tolerances {
        Tolerances::NONE.and(Tolerance::NearestGuide)
    }
}

impl Tolerances {
    /// The standard, to the letter.
    pub const NONE: Tolerances = Tolerances(0);

    /// Everything: for what others send us, which we can read but not have mended.
    #[must_use]
    pub fn all() -> Tolerances {
        Tolerance::ALL.iter().fold(Tolerances::NONE, |all, one| all.and(*one))
    }

    /// One more.
    #[must_use]
    pub fn and(self, one: Tolerance) -> Tolerances {
        Tolerances(self.0 | (1 << one as u8))
    }

    /// True when this fault is let pass.
    #[must_use]
    pub fn tolerate(self, kind: FaultKind) -> bool {
        Tolerance::of(kind).is_some_and(|t| self.0 & (1 << t as u8) != 0)
    }
}

impl fmt::Display for Tolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Tolerance {
    type Err = String;

    fn from_str(text: &str) -> Result<Tolerance, String> {
        Tolerance::ALL.iter().copied().find(|t| t.name() == text).ok_or_else(|| {
            let names: Vec<&str> = Tolerance::ALL.iter().map(|t| t.name()).collect();
            format!("{text:?} is none of {}", names.join(", "))
        })
    }
}

impl Serialize for Tolerances {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let named = Tolerance::ALL.iter().filter(|t| self.0 & (1 << **t as u8) != 0);
        serializer.collect_seq(named.map(|t| t.name()))
    }
}

impl<'de> Deserialize<'de> for Tolerances {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Tolerances, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        names.iter().try_fold(Tolerances::NONE, |all, name| {
            name.parse().map(|one| all.and(one)).map_err(serde::de::Error::custom)
        })
    }
}
