//! `[check.provider]`: every NPI of the claim against a list of providers.

use serde::Deserialize;

use super::check_digit::is_npi;
use super::{Found, Report, Tables};
use crate::claim::{Claim, Placed};
use crate::codes::{Answer, Kind, Table};

/// Which list is asked.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    asks: Asks,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Asks {
    /// That it is active on the first day of service, and a person's or an organization's as the claim says.
    Active,
    /// That it is not excluded from federal programs on any of them.
    Excluded,
}

impl Provider {
    /// The list.
    pub(super) fn kind(self) -> Kind {
        match self.asks {
            Asks::Active => Kind::Npi,
            Asks::Excluded => Kind::Exclusion,
        }
    }

    pub(super) fn run<'a>(self, claim: &Claim<'a>, tables: &Tables<'_>, report: Report<'_, 'a>) {
        let Some(table) = tables.codes.table(self.kind()) else { return };
        let (first, last) = claim.service_dates().unwrap_or((tables.today, tables.today));
        let named = |p: &&Placed<'a>| p.segment.id() == b"NM1" && p.segment.value(8) == b"XX";
        for placed in claim.segments().filter(named) {
            let npi = placed.segment.value(9);
            // Of one that is none another edit tells.
            if !is_npi(npi) {
                continue;
            }
            let found = match self.asks {
                Asks::Active => active(table, npi, placed, first),
                Asks::Excluded => {
                    let on = [first, last].into_iter().any(|day| table.on(npi, day) == Answer::Valid);
                    on.then_some((9, ""))
                }
            };
            if let Some((element, reason)) = found {
                let at = format!("{} NM1{element:02}", claim.schema.loop_id(placed.loop_ix));
                let words = vec![("reason", reason.to_owned())];
                let value = (element == 2).then(|| placed.segment.value(2));
                report(Found { placed: Some(*placed), at, value, words });
            }
        }
    }
}

/// Which element is wrong, and why.
fn active(
    table: &Table,
    npi: &[u8],
    placed: &Placed<'_>,
    day: jiff::civil::Date,
) -> Option<(usize, &'static str)> {
    match table.on(npi, day) {
        Answer::Unknown => return Some((9, "isn't in the list of NPPES")),
        Answer::OutOfDate { .. } => return Some((9, "is not active on the day of service")),
        Answer::Valid => {}
    }
    match (table.note(npi, day)?, placed.segment.value(2)) {
        ("1", b"2") => Some((2, "is a person's, and the claim says an organization")),
        ("2", b"1") => Some((2, "is an organization's, and the claim says a person")),
        _ => None,
    }
}
