//! `[check.covered_days]`: the days that a stay's value codes count (HI BE 80 to 83) against its statement period.

use std::ops::RangeInclusive;

use serde::Deserialize;

use super::{Found, Report};
use crate::claim::{Claim, Diagnosis};
use crate::x12::element::amount;

/// What is asked of the days.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoveredDays {
    asks: Asks,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Asks {
    /// That covered and non-covered days are those of the period.
    Period,
    /// That coinsurance and lifetime reserve days are among the covered ones.
    Covered,
}

impl CoveredDays {
    pub(super) fn run<'a>(self, claim: &Claim<'a>, report: Report<'_, 'a>) {
        let Some((first, last)) = claim.statement().filter(|(from, to)| from <= to && is_stay(claim)) else {
            return;
        };
        let days = |code: &[u8]| self::days(claim, code);
        let (covered, not_covered) = (days(b"80"), days(b"81"));
        // A bill that counts no days, or none that can be read, is another edit's to tell.
        let Some((told, Some(own))) = covered.or(not_covered) else { return };
        let tell = |told: Diagnosis<'a>, sum: i64, most: i64, report: Report<'_, 'a>| {
            let at = format!("2300 HI{:02}-5", told.element);
            let words = vec![("days", sum.to_string()), ("most", most.to_string())];
            report(Found { placed: Some(*told.placed), at, value: None, words });
        };
        match self.asks {
            Asks::Period => {
                let other = match (covered, not_covered) {
                    (Some(_), Some((_, Some(more)))) => more,
                    (Some(_), Some((_, None))) => return,
                    _ => 0,
                };
                let span = i64::from((last - first).get_days());
                let sum = own.saturating_add(other);
                if !counts(claim, span).contains(&sum) {
                    tell(told, sum, span + i64::from(stays(claim)), report);
                }
            }
            Asks::Covered => {
                let most = if covered.is_some() { own } else { 0 };
                for (part, days) in [days(b"82"), days(b"83")].into_iter().flatten() {
                    if let Some(days) = days.filter(|days| *days > most) {
                        tell(part, days, most, report);
                    }
                }
            }
        }
    }
}

/// Hospital, swing bed, skilled nursing and religious stays, whose bills count days.
fn is_stay(claim: &Claim<'_>) -> bool {
    let facility = claim.clm().map_or(&b""[..], |c| c.segment.component(5, 1));
    claim.is_inpatient() && matches!(facility, b"11" | b"18" | b"21" | b"41")
}

/// True where the patient was there still on the last day: CL103 30.
fn stays(claim: &Claim<'_>) -> bool {
    claim.own.iter().any(|p| p.segment.id() == b"CL1" && p.segment.value(3) == b"30")
}

/// The days that a period may count, its nights being these. Of who stays on the last day counts too; of who leaves on the first, that one
/// may. Where frequency and patient status disagree, which is another edit's to tell, nobody knows.
fn counts(claim: &Claim<'_>, nights: i64) -> RangeInclusive<i64> {
    let frequency = claim.clm().map_or(&b""[..], |c| c.segment.component(5, 3));
    match (frequency, stays(claim)) {
        (b"1" | b"4", true) | (b"2" | b"3", false) => nights..=nights + 1,
        (_, true) => nights + 1..=nights + 1,
        (_, false) if nights == 0 => 0..=1,
        (_, false) => nights..=nights,
    }
}

/// A value code, and the whole days it counts.
fn days<'a>(claim: &Claim<'a>, code: &[u8]) -> Option<(Diagnosis<'a>, Option<i64>)> {
    let own = claim.health_codes().find(|d| d.qualifier == b"BE" && d.code == code)?;
    let cents = amount(own.placed.segment.component(own.element, 5));
    Some((own, cents.filter(|cents| cents % 100 == 0).map(|cents| cents / 100)))
}
