//! `[check.diagnosis]`: what ICD-10-CM and the Medicare Code Editor say of a diagnosis, against the rest of the claim.
//!
//! What is said of one is a few letters (config/codes/NOTICE.md): its side `R`, `L`, `B` both, `U` left open; the age it is of, `n` newborn,
//! `p` pediatric, `m` maternity, `a` adult; the sex, `F` or `M`; `D` a manifestation; `X` not accepted as principal, with `S` only where it
//! stands alone.

use jiff::civil::{Date, date};
use serde::Deserialize;

use super::diagnosis_codes::Dates;
use super::{Found, Report, Tables, sides};
use crate::claim::{Claim, Diagnosis};
use crate::codes::{Kind, Table};
use crate::schema::Guide;

/// What is asked of diagnoses.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    asks: Asks,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Asks {
    /// The side of the body that the line's modifier names.
    Side,
    /// A side, where it has one.
    NamedSide,
    /// The patient's age.
    Age,
    /// The patient's sex.
    Sex,
    /// A principal diagnosis that may be one.
    Principal,
    /// The indicator of what was present on admission, where others have it.
    PresentOnAdmission,
}

/// A diagnosis that counts for the claim, and what is said of it.
pub(super) struct Told<'a, 't> {
    /// Its place among the claim's diagnoses, from 1.
    pub number: usize,
    pub diagnosis: Diagnosis<'a>,
    letters: &'t str,
}

impl Asked {
    /// Placeholders of its messages.
    pub(super) fn placeholders(self) -> &'static [&'static str] {
        match self.asks {
            Asks::Side => &["code", "side", "diagnosis", "other"],
            Asks::Age => &["code", "ages"],
            Asks::Sex => &["code", "sex"],
            Asks::Principal => &["code", "reason"],
            Asks::NamedSide | Asks::PresentOnAdmission => &["code"],
        }
    }

    /// The code set it asks.
    pub(super) fn needs(self) -> Option<Kind> {
        (self.asks != Asks::PresentOnAdmission).then_some(Kind::DiagnosisAttribute)
    }

    pub(super) fn run<'a>(self, claim: &Claim<'a>, tables: &Tables<'_>, report: Report<'_, 'a>) {
        if self.asks == Asks::PresentOnAdmission {
            return present_on_admission(claim, report);
        }
        let Some(table) = tables.codes.table(Kind::DiagnosisAttribute) else { return };
        if self.asks == Asks::Side && !sides::named(claim) {
            return;
        }
        let dates = Dates::of(claim);
        let told = told(claim, table, &dates);
        if told.is_empty() {
            return;
        }
        let first = claim.service_dates().map(|d| d.0);
        match self.asks {
            Asks::Side => sides::run(claim, &told, report),
            Asks::NamedSide => {
                told.iter().filter(|t| t.says('U')).for_each(|t| report(t.found(Vec::new())));
            }
            Asks::Age => ages(claim, &told, report),
            Asks::Sex if !(claim.is_medicare() && first.is_none_or(|day| day >= SEX_EDITS_END)) => {
                sexes(claim, &told, report);
            }
            Asks::Principal => principal(claim, &told, report),
            Asks::Sex | Asks::PresentOnAdmission => {}
        }
    }
}

/// Since then Medicare's editor asks for no sex.
const SEX_EDITS_END: Date = date(2024, 10, 1);

/// Principal, first and other diagnoses of which something is said on their date.
fn told<'a, 't>(claim: &Claim<'a>, table: &'t Table, dates: &Dates) -> Vec<Told<'a, 't>> {
    let counted = claim.diagnoses().enumerate().filter(|(_, d)| counts(d));
    let told = counted.filter_map(|(n, diagnosis)| {
        let mut days = dates.for_diagnosis(n + 1);
        let letters = days.find_map(|day| table.note(diagnosis.code, day))?;
        Some(Told { number: n + 1, diagnosis, letters })
    });
    told.collect()
}

/// True for a principal, first or other diagnosis.
pub(super) fn counts(diagnosis: &Diagnosis<'_>) -> bool {
    matches!(diagnosis.qualifier, b"ABK" | b"ABF")
}

/// Where a diagnosis is told, in a component of its composite.
pub(super) fn found<'a>(
    diagnosis: &Diagnosis<'a>,
    component: usize,
    words: Vec<(&'static str, String)>,
) -> Found<'a> {
    let at = format!("2300 HI{:02}-{component}", diagnosis.element);
    let words = std::iter::once(("code", name(diagnosis))).chain(words).collect();
    Found { placed: Some(*diagnosis.placed), at, value: Some(diagnosis.code), words }
}

/// Its code, for people to read.
pub(super) fn name(diagnosis: &Diagnosis<'_>) -> String {
    String::from_utf8_lossy(diagnosis.code).into_owned()
}

impl<'a> Told<'a, '_> {
    /// True where one of its letters is this.
    pub(super) fn says(&self, letter: char) -> bool {
        self.letters.contains(letter)
    }

    fn found(&self, words: Vec<(&'static str, String)>) -> Found<'a> {
        found(&self.diagnosis, 2, words)
    }
}

/// Each diagnosis of an age that the patient is of on no day of the claim.
fn ages<'a>(claim: &Claim<'a>, told: &[Told<'a, '_>], report: Report<'_, 'a>) {
    let birth = claim.birth().and_then(|b| b.date());
    let (Some(birth), Some((first, last))) = (birth, claim.service_dates()) else { return };
    // A service before birth is another edit's to tell.
    let ages = [first, last].map(|day| age(birth, day));
    if ages.iter().any(|age| *age < 0) {
        return;
    }
    for told in told {
        let Some((least, most)) = range(told, first) else { continue };
        if !ages.iter().any(|age| (least..=most).contains(age)) {
            let ages =
                if most == 0 { "under one year".to_owned() } else { format!("{least} to {most} years") };
            report(told.found(vec![("ages", ages)]));
        }
    }
}

/// In years.
fn age(birth: Date, day: Date) -> i16 {
    let had = (day.month(), day.day()) >= (birth.month(), birth.day());
    day.year() - birth.year() - i16::from(!had)
}

/// The youngest and the oldest patient of a diagnosis, in years.
fn range(told: &Told<'_, '_>, day: Date) -> Option<(i16, i16)> {
    const WIDER: Date = date(2019, 10, 1);
    let ranges = [
        ('n', (0, 0)),
        ('p', (0, 17)),
        ('m', if day < WIDER { (12, 55) } else { (9, 64) }),
        ('a', (15, 124)),
    ];
    ranges.into_iter().find(|(letter, _)| told.says(*letter)).map(|(_, range)| range)
}

fn sexes<'a>(claim: &Claim<'a>, told: &[Told<'a, '_>], report: Report<'_, 'a>) {
    let other = match claim.birth().map(|b| b.placed.segment.value(3)) {
        Some(b"F") => ('M', "male"),
        Some(b"M") => ('F', "female"),
        _ => return,
    };
    for told in told.iter().filter(|t| t.says(other.0)) {
        report(told.found(vec![("sex", other.1.to_owned())]));
    }
}

/// The first diagnosis, where it can't be. What isn't accepted as principal only an acute stay is grouped by.
fn principal<'a>(claim: &Claim<'a>, told: &[Told<'a, '_>], report: Report<'_, 'a>) {
    let Some(first) = told.iter().find(|t| t.diagnosis.qualifier == b"ABK") else { return };
    let alone = || claim.diagnoses().filter(counts).count() == 1;
    let reason = if first.says('D') {
        "it shows what another disease does, and that one is coded first"
    } else if is_acute(claim) && first.says('X') && (!first.says('S') || alone()) {
        "by itself it is no reason for a stay"
    } else {
        return;
    };
    report(first.found(vec![("reason", reason.to_owned())]));
}

/// True for a stay in a hospital: CLM05-1 11.
fn is_acute(claim: &Claim<'_>) -> bool {
    claim.guide() == Guide::Institutional && claim.clm().is_some_and(|c| c.segment.component(5, 1) == b"11")
}

/// Hospitals that don't report it, as some needn't, report it of no diagnosis.
fn present_on_admission<'a>(claim: &Claim<'a>, report: Report<'_, 'a>) {
    let said = |d: &Diagnosis<'_>| !d.placed.segment.component(d.element, 9).is_empty();
    if !is_acute(claim) || !claim.diagnoses().filter(counts).any(|d| said(&d)) {
        return;
    }
    for missing in
        claim.diagnoses().filter(counts).filter(|d| !d.code.is_empty() && !said(d) && !is_exempt(d.code))
    {
        report(Found { value: None, ..found(&missing, 9, Vec::new()) });
    }
}

/// True for categories with codes of which presence on admission isn't asked: congenital, perinatal, obstetric without trouble, late
/// effects, injuries after the first treatment, causes and factors of health. Wider than the list that Medicare keeps.
fn is_exempt(code: &[u8]) -> bool {
    let begins = |starts: &[&[u8]]| starts.iter().any(|start| code.starts_with(start));
    let later = code.len() == 7 && !matches!(code.last(), Some(b'A' | b'B' | b'C'));
    begins(&[b"V", b"W", b"X", b"Y", b"Z", b"Q", b"P", b"U"])
        || begins(&[b"B90", b"B91", b"B92", b"B94", b"E64", b"I252", b"I69", b"O09", b"O66", b"O80", b"O94"])
        || (begins(&[b"S", b"T", b"M"]) && later)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_counted_in_birthdays() {
        let birth = date(2024, 2, 29);
        assert_eq!((age(birth, date(2025, 2, 28)), age(birth, date(2025, 3, 1))), (0, 1));
        assert_eq!((age(birth, birth), age(birth, date(2024, 2, 28))), (0, -1));
    }

    #[test]
    fn some_codes_are_not_asked_for_presence() {
        assert!([&b"Z794"[..], b"S72001D", b"Q210", b"W010XXA", b"I69354"].iter().all(|c| is_exempt(c)));
        assert!([&b"J150"[..], b"S72001A", b"N179", b"I10", b"M1712"].iter().all(|c| !is_exempt(c)));
    }
}
