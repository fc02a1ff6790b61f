//! `[check.pairs]`: two services of one day of which a payer pays one (NCCI procedure-to-procedure edits).

use serde::Deserialize;

use super::services::{APART, earlier, earlier_name, had, pair_set};
use super::{Found, Report, Tables};
use crate::claim::{Claim, Part};
use crate::edits::past::Billed;

/// Pairs of one modifier indicator.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pairs {
    /// 0: never paid together. 1: paid together where a modifier says that one stands apart.
    indicator: u8,
}

impl Pairs {
    pub(super) fn run<'a>(&self, claim: &Claim<'a>, tables: &Tables<'_>, report: Report<'_, 'a>) {
        let Some(pairs) = pair_set(claim.guide()).and_then(|kind| tables.codes.pairs(kind)) else { return };
        // Stays are paid as a whole, and not compared.
        if claim.is_inpatient() {
            return;
        }
        let services = claim.services();
        let mut told = Vec::new();
        for first in services {
            let others =
                services.iter().filter(|s| s.same_day(first) && s.placed.ordinal != first.placed.ordinal);
            for second in others {
                if pairs.on(first.code, second.code, first.days.0) != Some(self.indicator) {
                    continue;
                }
                let apart = self.indicator == 1 && (first.has(APART) || second.has(APART));
                if !apart && !told.contains(&second.placed.ordinal) {
                    told.push(second.placed.ordinal);
                    let words = vec![("code", second.name()), ("other", first.name())];
                    let at = second.at(Part::Code).to_owned();
                    report(Found { placed: Some(*second.placed), at, value: Some(second.code), words });
                }
            }
        }
        for service in services.iter().filter(|s| !told.contains(&s.placed.ordinal)) {
            let day = service.days.0;
            let is_pair = |a: &[u8], b: &[u8]| pairs.on(a, b, day) == Some(self.indicator);
            let meets = |e: &Billed| is_pair(e.code(), service.code) || is_pair(service.code, e.code());
            let apart = |e: &Billed| self.indicator == 1 && (service.has(APART) || had(e, APART));
            if let Some(earlier) = earlier(service, claim, tables).iter().find(|e| meets(e) && !apart(e)) {
                let words = vec![("code", service.name()), ("other", earlier_name(earlier))];
                let at = service.at(Part::Code).to_owned();
                report(Found { placed: Some(*service.placed), at, value: Some(service.code), words });
            }
        }
    }
}
