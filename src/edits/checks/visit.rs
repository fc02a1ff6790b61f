//! `[check.visit]`: an evaluation and management visit on the day of a procedure, which pays for the visit too unless a modifier sets it
//! apart.

use jiff::civil::Date;
use serde::Deserialize;

use super::services::{earlier, earlier_name};
use super::{Found, Report, Tables};
use crate::claim::{Claim, Part, Service};
use crate::codes::Kind;

/// What is asked of the visit.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visit {
    /// Days of the procedure's global period, as the fee schedule writes them.
    global: Vec<String>,
    /// Modifiers that set the visit apart.
    apart: Vec<String>,
}

impl Visit {
    pub(super) fn run<'a>(&self, claim: &Claim<'a>, tables: &Tables<'_>, report: Report<'_, 'a>) {
        let Some(fees) = tables.codes.table(Kind::FeeSchedule) else { return };
        let services = claim.services();
        let global = |code: &[u8], day: Date| {
            let note = fees.note(code, day);
            note.and_then(|n| n.split(' ').nth(1)).is_some_and(|days| self.global.iter().any(|g| g == days))
        };
        let apart: Vec<&str> = self.apart.iter().map(String::as_str).collect();
        for visit in services.iter().filter(|s| is_visit(s.code) && !s.has(&apart)) {
            let day = visit.days.0;
            let meets = |code: &[u8]| !is_visit(code) && global(code, day);
            let here = services.iter().find(|s| s.same_day(visit) && meets(s.code)).map(Service::name);
            let before = || earlier(visit, claim, tables).iter().find(|e| meets(e.code())).map(earlier_name);
            if let Some(procedure) = here.or_else(before) {
                let words = vec![("code", visit.name()), ("other", procedure)];
                let at = visit.at(Part::Code).to_owned();
                report(Found { placed: Some(*visit.placed), at, value: Some(visit.code), words });
            }
        }
    }
}

/// Evaluation and management, and visits to an eye doctor.
pub(super) fn is_visit(code: &[u8]) -> bool {
    let number = std::str::from_utf8(code).ok().and_then(|c| c.parse::<u32>().ok());
    number.is_some_and(|n| {
        code.len() == 5 && ((99_202..=99_499).contains(&n) || (92_002..=92_014).contains(&n))
    })
}
