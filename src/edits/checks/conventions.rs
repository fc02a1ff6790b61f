//! What a payer's pack asks of lines: the modifier for care at a distance, modifiers of a code, and how often a service may be billed.

use super::services::earlier;
use super::{Found, Report, Tables};
use crate::claim::{Claim, Part, Service};
use crate::payers::{Limit, Pack};

/// Lines at a distance without the modifier that the payer wants.
pub(super) fn telehealth<'a>(pack: &Pack, claim: &Claim<'a>, report: Report<'_, 'a>) {
    let asked = &pack.telehealth;
    let of_claim = claim.clm().map_or(&b""[..], |clm| clm.segment.component(5, 1));
    for service in claim.services() {
        let of_line =
            if service.placed.segment.id() == b"SV1" { service.placed.segment.value(5) } else { b"" };
        let place = if of_line.is_empty() { of_claim } else { of_line };
        let at_distance = asked.places.iter().any(|p| p.as_bytes() == place);
        if at_distance && !has(service, &asked.modifiers) {
            tell(service, Part::Modifier(0), pack, asked.modifiers.join(" or "), report);
        }
    }
}

/// Lines of a code without one of the modifiers that the payer wants with it.
pub(super) fn modifiers<'a>(pack: &Pack, claim: &Claim<'a>, report: Report<'_, 'a>) {
    for service in claim.services() {
        let mut wants = pack.modifiers.iter().filter(|w| w.names(service.code));
        if let Some(wanted) = wants.find(|w| !has(service, &w.any_of)) {
            tell(service, Part::Modifier(0), pack, wanted.any_of.join(" or "), report);
        }
    }
}

/// The first line with which a service is billed more often than the payer pays it: within the claim, and in earlier claims of the day.
pub(super) fn frequency<'a>(pack: &Pack, claim: &Claim<'a>, tables: &Tables<'_>, report: Report<'_, 'a>) {
    let services = claim.services();
    for limit in &pack.frequency {
        let named = |code: &[u8]| limit.names(code);
        let mut told = false;
        for (n, service) in services.iter().enumerate().filter(|(_, s)| named(s.code)) {
            let near = |s: &&Service<'_>| within(limit, service, s);
            let here = services.iter().take(n).filter(|s| named(s.code)).filter(near);
            let before = here.map(|s| s.units.unwrap_or(1)).sum::<i64>();
            let past = earlier(service, claim, tables).into_iter().filter(|e| named(e.code()));
            let past = past.map(|e| e.units.unwrap_or(1)).sum::<i64>();
            let units = before.saturating_add(past).saturating_add(service.units.unwrap_or(1));
            if units > limit.most && !told {
                told = true;
                let most = format!("{} in {} days", limit.most, limit.days);
                tell(service, Part::Units, pack, most, report);
            }
        }
    }
}

/// True where both begin within the days of a limit.
fn within(limit: &Limit, one: &Service<'_>, other: &Service<'_>) -> bool {
    i64::from((one.days.0 - other.days.0).get_days()).abs() < limit.days
}

fn has(service: &Service<'_>, modifiers: &[String]) -> bool {
    service.modifiers.iter().any(|m| modifiers.iter().any(|wanted| wanted.as_bytes() == *m))
}

fn tell<'a>(service: &Service<'a>, part: Part, pack: &Pack, other: String, report: Report<'_, 'a>) {
    let words = vec![("code", service.name()), ("payer", pack.name.clone()), ("other", other)];
    let at = service.at(part).to_owned();
    report(Found { placed: Some(*service.placed), at, value: Some(service.code), words });
}
