//! `[check.date]`: dates of service not after today, not before birth.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

use super::{Found, Report, Tables, Target};
use crate::claim::Claim;
use crate::schema::{Guide, PathError};
use crate::x12::element::date_range;

/// Which dates, and their bounds.
#[derive(Debug)]
pub struct DateCheck {
    dates: Vec<Target>,
    not_after: Option<NotAfter>,
    not_before: Option<NotBefore>,
    within_years: Option<i32>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum NotAfter {
    Today,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum NotBefore {
    Birth,
}

/// As written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    dates: Vec<String>,
    not_after: Option<NotAfter>,
    not_before: Option<NotBefore>,
    within_years: Option<i32>,
}

impl Raw {
    pub(super) fn compile(self, applies: &[Guide]) -> Result<DateCheck, PathError> {
        let dates = self.dates.iter().map(|p| Target::new(p, applies)).collect::<Result<_, _>>()?;
        let (not_after, not_before, within_years) = (self.not_after, self.not_before, self.within_years);
        Ok(DateCheck { dates, not_after, not_before, within_years })
    }
}

impl DateCheck {
    pub(super) fn run<'a>(&self, claim: &Claim<'a>, tables: &Tables, report: Report<'_, 'a>) {
        let birth = self.not_before.and_then(|NotBefore::Birth| claim.birth()).and_then(|b| b.date());
        // Counted in calendar years: the birthday of the year after the limit is the first day too late.
        let too_old = |birth: Date, day: Date| {
            let years = self.within_years.filter(|y| i32::from(day.year() - birth.year()) > *y);
            years.and_then(|y| birth.checked_add((y + 1).years()).ok()).is_some_and(|o| day >= o)
        };
        for target in &self.dates {
            for hit in target.find(claim) {
                let Some((from, to)) = date_range(hit.value) else { continue };
                let late = |day: Date| matches!(self.not_after, Some(NotAfter::Today)) && day > tables.today;
                let early = |day: Date| birth.is_some_and(|b| day < b || too_old(b, day));
                let wrong = [from, to].into_iter().find(|day| late(*day) || early(*day));
                if let Some(day) = wrong {
                    let words = vec![("date", day.strftime("%m/%d/%Y").to_string())];
                    report(Found {
                        placed: Some(*hit.placed),
                        at: target.at(),
                        value: Some(hit.value),
                        words,
                    });
                }
            }
        }
    }
}
