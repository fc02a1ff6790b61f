//! The services of a claim's lines side by side: what checks across lines compare.

use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::civil::Date;

use super::Tables;
use crate::claim::{Claim, Placed};
use crate::codes::Kind;
use crate::edits::past::{Billed, Who};
use crate::schema::Guide;
use crate::x12::element::date_range;

/// A line's service.
#[derive(Clone, Copy, Debug)]
pub struct Service<'a> {
    /// SV1, SV2 or SV3.
    pub placed: &'a Placed<'a>,
    /// Procedure code.
    pub code: &'a [u8],
    /// Modifiers as sent; empty where there is none.
    pub modifiers: [&'a [u8]; 4],
    /// First and last day of service: the line's, else the claim's.
    pub days: (Date, Date),
    /// Whole units, rounded up; none where they are minutes or no number.
    pub units: Option<i64>,
    /// Everything in the line.
    pub line: &'a [Placed<'a>],
}

/// Modifiers that say a service stands apart from another of the same day, as the NCCI pairs know them.
pub const APART: &[&str] = &[
    "24", "25", "27", "57", "58", "59", "78", "79", "91", "E1", "E2", "E3", "E4", "F1", "F2", "F3", "F4",
    "F5", "F6", "F7", "F8", "F9", "FA", "LC", "LD", "LM", "LT", "RC", "RI", "RT", "T1", "T2", "T3", "T4",
    "T5", "T6", "T7", "T8", "T9", "TA", "XE", "XP", "XS", "XU",
];

impl<'a> Service<'a> {
    /// True where one of these modifiers is on it.
    pub fn has(&self, modifiers: &[&str]) -> bool {
        self.modifiers.iter().any(|m| modifiers.iter().any(|wanted| wanted.as_bytes() == *m))
    }

    /// As later claims look back at it; none where its code is longer than any.
    pub fn billed(&self) -> Option<Billed> {
        let mut code = [b' '; 5];
        code.get_mut(..self.code.len())?.copy_from_slice(self.code);
        let modifiers = self.modifiers.map(|m| <[u8; 2]>::try_from(m).unwrap_or_default());
        Some(Billed { code, modifiers, days: self.days, units: self.units, said: self.said() })
    }

    /// Hash of what its line says, the line's own numbers aside.
    pub fn said(&self) -> u64 {
        let numbers = |p: &&Placed<'_>| {
            p.segment.id() == b"LX" || (p.segment.id() == b"REF" && p.segment.value(1) == b"6R")
        };
        let mut hash = DefaultHasher::new();
        self.line.iter().filter(|p| !numbers(p)).for_each(|p| p.segment.text().hash(&mut hash));
        hash.finish()
    }

    /// What was billed before for its day.
    pub fn earlier(&self, claim: &Claim<'_>, tables: &Tables<'_>) -> Vec<Billed> {
        Who::of(claim).map(|who| tables.past.billed(&who, self.days.0)).unwrap_or_default()
    }

    /// True where both begin on one day.
    pub fn same_day(&self, other: &Service<'_>) -> bool {
        self.days.0 == other.days.0
    }

    /// As findings print where its code stands, or another part of it.
    pub fn at(&self, part: Part) -> &'static str {
        const MODIFIERS: [[&str; 4]; 3] = [
            ["2400 SV101-3", "2400 SV101-4", "2400 SV101-5", "2400 SV101-6"],
            ["2400 SV202-3", "2400 SV202-4", "2400 SV202-5", "2400 SV202-6"],
            ["2400 SV301-3", "2400 SV301-4", "2400 SV301-5", "2400 SV301-6"],
        ];
        let modifier =
            |of: usize, n: usize| MODIFIERS.get(of).and_then(|m| m.get(n)).copied().unwrap_or("2400");
        match (self.placed.segment.id(), part) {
            (b"SV2", Part::Modifier(n)) => modifier(1, n),
            (b"SV3", Part::Modifier(n)) => modifier(2, n),
            (_, Part::Modifier(n)) => modifier(0, n),
            (b"SV2", Part::Code) => "2400 SV202-2",
            (b"SV2", Part::Units) => "2400 SV205",
            (b"SV3", Part::Code) => "2400 SV301-2",
            (b"SV3", Part::Units) => "2400 SV306",
            (_, Part::Code) => "2400 SV101-2",
            (_, Part::Units) => "2400 SV104",
        }
    }

    /// Its code, for people to read.
    pub fn name(&self) -> String {
        String::from_utf8_lossy(self.code).into_owned()
    }
}

/// A part of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The procedure code.
    Code,
    /// How many.
    Units,
    /// By its place among them, from 0.
    Modifier(usize),
}

/// Every line with a procedure code and a day.
pub fn services<'a>(claim: &Claim<'a>) -> Vec<Service<'a>> {
    let services = claim.lines().filter_map(|line| {
        let placed = line.service()?;
        let segment = &placed.segment;
        let (composite, unit, units) = match segment.id() {
            b"SV2" => (2, Some(4), 5),
            b"SV3" => (1, None, 6),
            _ => (1, Some(3), 4),
        };
        let code = line.procedure();
        let days = line.segments.iter().find(|p| p.segment.id() == b"DTP" && p.segment.value(1) == b"472");
        let days = days.and_then(|p| date_range(p.segment.value(3))).or_else(|| claim.service_dates())?;
        let counted = unit.is_none_or(|at| segment.value(at) == b"UN");
        let units = counted.then(|| whole(segment.value(units))).flatten();
        let modifiers = [3, 4, 5, 6].map(|n| segment.component(composite, n));
        (!code.is_empty()).then_some(Service { placed, code, modifiers, days, units, line: line.segments })
    });
    services.collect()
}

/// A quantity, rounded up to whole units.
fn whole(value: &[u8]) -> Option<i64> {
    let millionths = crate::x12::element::millionths(value)?;
    Some((millionths + 999_999).div_euclid(1_000_000))
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
