//! What checks across lines share: which tables count, what sets a service apart, and what was billed before.

use super::Tables;
use crate::claim::{Claim, Service};
use crate::codes::Kind;
use crate::edits::past::{Billed, Who};
use crate::schema::Guide;

/// Modifiers that say a service stands apart from another of the same day, as the NCCI pairs know them.
pub const APART: &[&str] = &[
    "24", "25", "27", "57", "58", "59", "78", "79", "91", "E1", "E2", "E3", "E4", "F1", "F2", "F3", "F4",
    "F5", "F6", "F7", "F8", "F9", "FA", "LC", "LD", "LM", "LT", "RC", "RI", "RT", "T1", "T2", "T3", "T4",
    "T5", "T6", "T7", "T8", "T9", "TA", "XE", "XP", "XS", "XU",
];

/// What was billed before for the day of a service.
pub fn earlier(service: &Service<'_>, claim: &Claim<'_>, tables: &Tables<'_>) -> Vec<Billed> {
    if tables.past.is_blank() {
        return Vec::new();
    }
    Who::of(claim).map(|who| tables.past.billed(&who, service.days.0)).unwrap_or_default()
}

/// The procedure pairs that count for claims of a guide.
pub fn pair_set(guide: Guide) -> Option<Kind> {
    match guide {
        Guide::Professional => Some(Kind::NcciPractitioner),
        Guide::Institutional => Some(Kind::NcciHospital),
        _ => None,
    }
}

/// The unit limits that count for claims of a guide.
pub fn limit_set(guide: Guide) -> Option<Kind> {
    match guide {
        Guide::Professional => Some(Kind::MuePractitioner),
        Guide::Institutional => Some(Kind::MueHospital),
        _ => None,
    }
}

/// True where one of these modifiers is on an earlier service.
pub fn had(earlier: &Billed, modifiers: &[&str]) -> bool {
    earlier.modifiers.iter().any(|m| modifiers.iter().any(|wanted| wanted.as_bytes() == m))
}

/// An earlier service, for people to read.
pub fn earlier_name(earlier: &Billed) -> String {
    format!("{} of an earlier claim", String::from_utf8_lossy(earlier.code()))
}
