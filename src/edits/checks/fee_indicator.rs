//! `[check.fee_indicator]`: what the indicators of the fee schedule say of a line's place and modifiers.

use serde::Deserialize;

use super::{Found, Report, Tables};
use crate::claim::{Claim, Part, Service};
use crate::codes::Kind;

/// What is asked of lines.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeeIndicator {
    asks: Asks,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Asks {
    /// That a test done in a hospital is billed without its equipment.
    Facility,
    /// That 26 and TC stand on services with two parts.
    Components,
    /// That 50 stands on services that can be done on both sides, once.
    Bilateral,
}

/// Places of service of a hospital, which bills for the equipment itself.
const HOSPITAL: [&[u8]; 4] = [b"19", b"21", b"22", b"23"];

impl FeeIndicator {
    pub(super) fn run<'a>(self, claim: &Claim<'a>, tables: &Tables<'_>, report: Report<'_, 'a>) {
        let Some(fees) = tables.codes.table(Kind::FeeSchedule) else { return };
        for service in claim.services() {
            let Some(note) = fees.note(service.code, service.days.0) else { continue };
            let mut indicators = note.split(' ');
            let (parts, sides) =
                (indicators.next().unwrap_or_default(), indicators.nth(2).unwrap_or_default());
            let found = match self.asks {
                Asks::Facility => facility(claim, service, parts),
                Asks::Components => component(service, parts),
                Asks::Bilateral => bilateral(service, sides),
            };
            if let Some((part, reason)) = found {
                let words = vec![("code", service.name()), ("reason", reason)];
                let value = match part {
                    Part::Code => Some(service.code),
                    Part::Modifier(n) => service.modifiers.get(n).copied(),
                    Part::Units => None,
                };
                report(Found {
                    placed: Some(*service.placed),
                    at: service.at(part).to_owned(),
                    value,
                    words,
                });
            }
        }
    }
}

/// A part of a service that is wrong, and why.
type Wrong = Option<(Part, String)>;

fn facility(claim: &Claim<'_>, service: &Service<'_>, parts: &str) -> Wrong {
    let of_claim = || claim.clm().map_or(&b""[..], |c| c.segment.component(5, 1));
    let own = Some(service.placed.segment.value(5)).filter(|place| !place.is_empty());
    let place = own.unwrap_or_else(of_claim);
    let whole = parts == "1" && !service.has(&["26", "TC"]);
    (whole && HOSPITAL.contains(&place)).then(|| (Part::Code, String::from_utf8_lossy(place).into_owned()))
}

fn component(service: &Service<'_>, parts: &str) -> Wrong {
    let reason = match parts {
        "0" => "is a service of a physician, without a part of the equipment",
        "2" => "is the physician's part already",
        "3" => "is the part of the equipment already",
        "4" => "is both parts by its definition",
        "5" | "7" | "8" | "9" => "has no two parts",
        // Reading a laboratory test is the physician's part of it.
        "6" if service.has(&["TC"]) => "has a physician's part alone",
        _ => return None,
    };
    let at = service.modifiers.iter().position(|m| matches!(m, [b'2', b'6'] | [b'T', b'C']))?;
    Some((Part::Modifier(at), reason.to_owned()))
}

fn bilateral(service: &Service<'_>, sides: &str) -> Wrong {
    let at = service.modifiers.iter().position(|m| *m == b"50")?;
    let reason = match sides {
        "0" => "is priced for one side, or there is another code for both",
        "2" => "is priced for both sides already",
        "9" => "has no sides",
        "1" | "3" if service.units.is_some_and(|units| units > 1) => {
            return Some((Part::Units, "is both sides in one unit".to_owned()));
        }
        _ => return None,
    };
    Some((Part::Modifier(at), reason.to_owned()))
}
