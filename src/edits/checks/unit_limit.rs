//! `[check.unit_limit]`: no more units of a service than a payer takes for one line or one day (medically unlikely edits).

use jiff::civil::Date;

use super::services::{earlier, limit_set};
use super::{Found, Report, Tables};
use crate::claim::{Claim, Part, Service};

pub(super) fn run<'a>(claim: &Claim<'a>, tables: &Tables<'_>, report: Report<'_, 'a>) {
    let Some(table) = limit_set(claim.guide()).and_then(|kind| tables.codes.table(kind)) else { return };
    if claim.is_inpatient() {
        return;
    }
    let services = claim.services();
    for (n, service) in services.iter().enumerate() {
        let Some((most, limit)) = table.note(service.code, service.days.0).and_then(read) else { continue };
        let same = |s: &&Service<'_>| s.code == service.code && s.same_day(service);
        // What goes over is told where it does: the lines before count, those behind have their own turn.
        let before = services.iter().take(n).filter(same).filter_map(a_day).sum::<i64>();
        let Some(own) = a_day(service) else { continue };
        let past = || earlier(service, claim, tables).into_iter().filter(|e| e.code() == service.code);
        let before =
            if limit == 1 { 0 } else { before + past().filter_map(|e| spread(e.units, e.days)).sum::<i64>() };
        let units = if limit == 1 { own } else { own.saturating_add(before) };
        if units > most && own > 0 && (limit == 1 || before <= most) {
            let per = if limit == 1 { "line" } else { "day" };
            let words = vec![
                ("code", service.name()),
                ("units", units.to_string()),
                ("most", most.to_string()),
                ("per", per.to_owned()),
            ];
            let at = service.at(Part::Units).to_owned();
            report(Found { placed: Some(*service.placed), at, value: None, words });
        }
    }
}

/// Units of one day: those of a span are spread over it.
fn a_day(service: &Service<'_>) -> Option<i64> {
    spread(service.units, service.days)
}

fn spread(units: Option<i64>, (first, last): (Date, Date)) -> Option<i64> {
    let days = i64::from((last - first).get_days()).max(0) + 1;
    units.map(|units| (units + days - 1).div_euclid(days))
}

/// The most units, and the kind of limit: 1 for a line, 2 and 3 for a day.
fn read(note: &str) -> Option<(i64, u8)> {
    let (most, limit) = note.split_once(' ')?;
    Some((most.parse().ok()?, limit.parse().ok()?))
}
