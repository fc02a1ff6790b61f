//! `[check.code_set]`: codes are in their list on the date that counts for them.

use std::collections::HashMap;

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
        let dates = Dates::of(claim);
        for (n, diagnosis) in claim.diagnoses().enumerate() {
            let invalid = |day: &&Date| icd10cm::on(diagnosis.code, **day) != icd10cm::Answer::Valid;
            if let Some(day) = dates.for_diagnosis(n + 1).iter().find(invalid) {
                report(found(&diagnosis, *day));
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

/// The dates a claim's diagnoses must be valid on. Professional and dental: those of the lines that point to one, all
/// lines' when none does. Institutional: the statement's first day, its last for an inpatient claim.
struct Dates {
    /// By diagnosis number, from the pointers.
    pointed: HashMap<usize, Vec<Date>>,
    otherwise: Vec<Date>,
}

impl Dates {
    fn of(claim: &Claim<'_>) -> Dates {
        let mut pointed: HashMap<usize, Vec<Date>> = HashMap::new();
        if claim.guide() == Guide::Institutional {
            let period = claim.statement().or_else(|| claim.service_dates());
            let day = period.map(|(from, to)| if claim.is_inpatient() { to } else { from });
            return Dates { pointed, otherwise: day.into_iter().collect() };
        }
        for line in claim.lines() {
            let (Some((placed, element)), Some((from, to))) = (line.pointers(), line.service_date()) else {
                continue;
            };
            let component = placed.segment.delimiters().component;
            for number in placed.segment.value(element).split(|b| *b == component).filter_map(integer) {
                let days = usize::try_from(number).map(|n| pointed.entry(n).or_default());
                // One date stands for all lines of that day.
                if let Ok(days) = days
                    && days.last() != Some(&to)
                {
                    days.extend([from, to]);
                }
            }
        }
        let otherwise = claim.service_dates().into_iter().flat_map(|(from, to)| [from, to]).collect();
        Dates { pointed, otherwise }
    }

    fn for_diagnosis(&self, number: usize) -> &[Date] {
        self.pointed.get(&number).unwrap_or(&self.otherwise)
    }
}
