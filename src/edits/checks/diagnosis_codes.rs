//! `[check.diagnosis_codes]`: every diagnosis is in ICD-10-CM on the date that counts for it: of a professional or dental
//! claim those of the lines that point at it, of a hospital bill the first or, for a stay, the last of the period.

use jiff::civil::Date;

use super::{Found, Report, Tables};
use crate::claim::{Claim, Diagnosis};
use crate::codes::{Answer, Kind};
use crate::schema::Guide;
use crate::x12::element::integer;

pub(super) fn run<'a>(claim: &Claim<'a>, tables: &Tables<'_>, report: Report<'_, 'a>) {
    let Some(table) = tables.codes.table(Kind::Icd10cm) else { return };
    let dates = Dates::of(claim);
    // An empty code is missing, which another edit says.
    let coded = |(_, d): &(usize, Diagnosis<'_>)| !d.code.is_empty();
    for (n, diagnosis) in claim.diagnoses().enumerate().filter(coded) {
        let invalid = |day: &Date| table.on(diagnosis.code, *day) != Answer::Valid;
        if let Some(day) = dates.for_diagnosis(n + 1).find(invalid) {
            report(found(&diagnosis, day));
        }
    }
}

fn found<'a>(diagnosis: &Diagnosis<'a>, day: Date) -> Found<'a> {
    let code = String::from_utf8_lossy(diagnosis.code).into_owned();
    let words = vec![("code", code), ("date", day.strftime("%m/%d/%Y").to_string())];
    let at = format!("2300 HI{:02}-2", diagnosis.element);
    Found { placed: Some(*diagnosis.placed), at, value: Some(diagnosis.code), words }
}

/// The dates that count for a claim's diagnoses. Professional and dental: those of the lines that point to one, all
/// lines' when none does. Institutional: the statement's first day, its last for an inpatient claim.
pub(super) struct Dates {
    /// Diagnosis number and a line's date, from the pointers.
    pointed: Vec<(usize, Date)>,
    otherwise: [Option<Date>; 2],
}

impl Dates {
    pub(super) fn of(claim: &Claim<'_>) -> Dates {
        let mut pointed = Vec::new();
        if claim.guide() == Guide::Institutional {
            let period = claim.statement().or_else(|| claim.service_dates());
            let day = period.map(|(from, to)| if claim.is_inpatient() { to } else { from });
            return Dates { pointed, otherwise: [day, None] };
        }
        let dates = claim.service_dates();
        // With one date for all it doesn't matter which line points where.
        let lines = claim.lines().filter(|_| dates.is_some_and(|(from, to)| from != to));
        for line in lines {
            let (Some((placed, element)), Some((from, to))) = (line.pointers(), line.service_date()) else {
                continue;
            };
            let component = placed.segment.delimiters().component;
            for number in placed.segment.value(element).split(|b| *b == component).filter_map(integer) {
                let Ok(number) = usize::try_from(number) else { continue };
                // One date stands for all lines of that day.
                for day in [from, to] {
                    if !pointed.contains(&(number, day)) {
                        pointed.push((number, day));
                    }
                }
            }
        }
        let otherwise =
            [dates.map(|d| d.0), dates.map(|d| d.1).filter(|to| dates.is_some_and(|d| d.0 != *to))];
        Dates { pointed, otherwise }
    }

    pub(super) fn for_diagnosis(&self, number: usize) -> impl Iterator<Item = Date> {
        let own = move |(n, _): &&(usize, Date)| *n == number;
        let others = self.otherwise.iter().flatten().filter(move |_| !self.pointed.iter().any(|p| own(&p)));
        self.pointed.iter().filter(own).map(|(_, day)| *day).chain(others.copied())
    }
}
