//! `[check.code_set]`: codes are in their list on the date that counts for them.

use jiff::civil::Date;
use serde::Deserialize;

use super::{Found, Report};
use crate::claim::{Claim, Diagnosis};
use crate::codes::icd10cm;
use crate::schema::Guide;
use crate::x12::element::integer;

/// Which list, which codes.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeSet {
    set: Set,
    of: Of,
}

#[derive(Clone, Copy, Debug, Deserialize)]
enum Set {
    #[serde(rename = "icd-10-cm")]
    Icd10cm,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Of {
    Diagnoses,
}

impl CodeSet {
    pub(super) fn run<'a>(&self, claim: &Claim<'a>, report: Report<'_, 'a>) {
        let (Set::Icd10cm, Of::Diagnoses) = (self.set, self.of);
        for (n, diagnosis) in claim.diagnoses().enumerate() {
            let wrong = dates(claim, n + 1)
                .into_iter()
                .find(|day| icd10cm::on(diagnosis.code, *day) != icd10cm::Answer::Valid);
            if let Some(day) = wrong {
                report(found(&diagnosis, day));
            }
        }
    }
}

fn found<'a>(diagnosis: &Diagnosis<'a>, day: Date) -> Found<'a> {
    let code = String::from_utf8_lossy(diagnosis.code).into_owned();
    let words = vec![("code", code), ("date", day.strftime("%m/%d/%Y").to_string())];
    let at = format!("2300 HI{:02}-2", diagnosis.element);
    Found { placed: Some(diagnosis.placed), at, value: Some(diagnosis.code), words }
}

/// The dates a diagnosis must be valid on. Professional and dental: those of the lines that point to it, all lines'
/// when none does. Institutional: the statement's first day, its last for an inpatient claim.
fn dates(claim: &Claim<'_>, number: usize) -> Vec<Date> {
    if claim.guide() == Guide::Institutional {
        let period = claim.statement().or_else(|| claim.service_dates());
        return period.map(|(from, to)| if claim.is_inpatient() { to } else { from }).into_iter().collect();
    }
    let points_here = |(placed, element): (crate::claim::Placed<'_>, usize)| {
        let pointers = placed.segment.value(element).split(|b| *b == placed.segment.delimiters().component);
        pointers.filter_map(integer).any(|n| usize::try_from(n) == Ok(number))
    };
    let mut own: Vec<Date> = claim
        .lines()
        .filter(|line| line.pointers().is_some_and(points_here))
        .filter_map(|line| line.service_date())
        .flat_map(|(from, to)| [from, to])
        .collect();
    if own.is_empty() {
        own.extend(claim.service_dates().into_iter().flat_map(|(from, to)| [from, to]));
    }
    own.dedup();
    own
}
