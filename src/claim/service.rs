//! The services of a claim's lines side by side: what checks across lines compare.

use std::cell::OnceCell;
use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::civil::Date;

use super::view::{Claim, Placed};
use crate::x12::element::{date_range, millionths};

/// A line's service.
#[derive(Clone, Debug)]
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
    said: OnceCell<u64>,
}

impl<'a> Service<'a> {
    /// True where one of these modifiers is on it.
    pub fn has(&self, modifiers: &[&str]) -> bool {
        self.modifiers.iter().any(|m| !m.is_empty() && modifiers.iter().any(|wanted| wanted.as_bytes() == *m))
    }

    /// Hash of what its line says, the line's own numbers aside.
    pub fn said(&self) -> u64 {
        *self.said.get_or_init(|| {
            let numbers = |p: &&Placed<'_>| {
                p.segment.id() == b"LX" || (p.segment.id() == b"REF" && p.segment.value(1) == b"6R")
            };
            let mut hash = DefaultHasher::new();
            self.line.iter().filter(|p| !numbers(p)).for_each(|p| p.segment.text().hash(&mut hash));
            hash.finish()
        })
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
pub(super) fn read<'a>(claim: &Claim<'a>) -> Vec<Service<'a>> {
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
        let (line, said) = (line.segments, OnceCell::new());
        (!code.is_empty()).then_some(Service { placed, code, modifiers, days, units, line, said })
    });
    services.collect()
}

/// A quantity, rounded up to whole units.
fn whole(value: &[u8]) -> Option<i64> {
    let millionths = millionths(value)?;
    Some((millionths + 999_999).div_euclid(1_000_000))
}
