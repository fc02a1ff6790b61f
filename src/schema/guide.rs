//! The guides we read, and which one a transaction set follows.

use std::fmt;

use super::schema;

/// The guides we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Guide {
    /// 837 professional.
    Professional,
    /// 837 institutional.
    Institutional,
    /// 837 dental.
    Dental,
    /// 835 remittance.
    Remittance,
    /// 999 implementation acknowledgement.
    Acknowledgement,
    /// 277CA claim acknowledgement.
    ClaimAcknowledgement,
}

impl Guide {
    /// How many there are.
    pub const COUNT: usize = 6;

    /// All of them.
    pub const ALL: [Guide; Guide::COUNT] = [
        Guide::Professional,
        Guide::Institutional,
        Guide::Dental,
        Guide::Remittance,
        Guide::Acknowledgement,
        Guide::ClaimAcknowledgement,
    ];

    /// `837P`, `837I`, `837D`, `835`, `999` or `277CA`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Guide::Professional => "837P",
            Guide::Institutional => "837I",
            Guide::Dental => "837D",
            Guide::Remittance => "835",
            Guide::Acknowledgement => "999",
            Guide::ClaimAcknowledgement => "277CA",
        }
    }

    /// The guide of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Guide> {
        Guide::ALL.into_iter().find(|g| g.name() == name)
    }

    /// True for the three claim guides.
    #[must_use]
    pub fn is_claims(self) -> bool {
        matches!(self, Guide::Professional | Guide::Institutional | Guide::Dental)
    }

    /// The guide a transaction set follows, by ST01 and version; the flag is false when the version is ours but
    /// for its errata letter.
    #[must_use]
    pub fn of(set: &str, version: &str) -> Option<(Guide, bool)> {
        Guide::ALL.into_iter().find_map(|guide| {
            let schema = schema(guide);
            if schema.set != set {
                return None;
            }
            if schema.versions.contains(&version) {
                return Some((guide, true));
            }
            version.starts_with(schema.nearest).then_some((guide, false))
        })
    }
}

impl fmt::Display for Guide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_with_and_without_errata() {
        assert_eq!(Guide::of("837", "005010X222A1"), Some((Guide::Professional, true)));
        assert_eq!(Guide::of("837", "005010X223"), Some((Guide::Institutional, false)));
        assert_eq!(Guide::of("837", "004010X098A1"), None);
        assert_eq!(Guide::of("835", "005010X222A1"), None);
        assert_eq!(Guide::of("277", "005010X214"), Some((Guide::ClaimAcknowledgement, true)));
    }
}
