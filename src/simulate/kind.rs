//! What can be simulated.

use std::fmt;
use std::str::FromStr;

use super::Error;

/// What to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `837p`.
    Professional,
    /// `837i`.
    Institutional,
    /// `837d`.
    Dental,
    /// `835`.
    Remittance,
    /// `linked`: claims, acknowledgements and remittances that belong together.
    Linked,
}

impl Kind {
    /// All kinds, in the order in which they are documented.
    pub const ALL: [Self; 5] =
        [Self::Professional, Self::Institutional, Self::Dental, Self::Remittance, Self::Linked];

    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Professional => "837p",
            Self::Institutional => "837i",
            Self::Dental => "837d",
            Self::Remittance => "835",
            Self::Linked => "linked",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Kind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or(Error::Kind)
    }
}
