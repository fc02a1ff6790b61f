//! `[check.excludes]`: two diagnoses of which ICD-10-CM says that one excludes the other (Excludes1). What a category or code excludes are
//! beginnings of codes, or spans of them.

use jiff::civil::Date;

use super::diagnosis::{counts, found, name};
use super::{Report, Tables};
use crate::claim::{Claim, Diagnosis};
use crate::codes::{Kind, Table};

/// A diagnosis, and what each of its headings excludes.
struct Excluding<'a, 't> {
    diagnosis: Diagnosis<'a>,
    headings: Vec<(&'a [u8], &'t str)>,
}

pub(super) fn run<'a>(claim: &Claim<'a>, tables: &Tables<'_>, report: Report<'_, 'a>) {
    let Some(table) = tables.codes.table(Kind::Excludes1) else { return };
    if claim.diagnoses().filter(counts).nth(1).is_none() {
        return;
    }
    let day = claim.service_dates().map_or(tables.today, |d| d.0);
    let mut before: Vec<Excluding<'_, '_>> = Vec::new();
    for diagnosis in claim.diagnoses().filter(counts) {
        let own = Excluding { diagnosis, headings: headings(table, diagnosis.code, day) };
        // The second of two tells, once, whatever else it excludes.
        let excluded = |other: &&Excluding<'_, '_>| own.excludes(other) || other.excludes(&own);
        if let Some(other) = before.iter().find(excluded) {
            report(found(&diagnosis, 2, vec![("other", name(&other.diagnosis))]));
        }
        before.push(own);
    }
}

/// The headings a code stands under that exclude something.
fn headings<'a, 't>(table: &'t Table, code: &'a [u8], day: Date) -> Vec<(&'a [u8], &'t str)> {
    let all = (3..=code.len()).filter_map(|n| code.get(..n));
    all.filter_map(|heading| Some((heading, table.note(heading, day)?))).collect()
}

impl Excluding<'_, '_> {
    /// True where a heading excludes the other, and that doesn't stand under it too.
    fn excludes(&self, other: &Excluding<'_, '_>) -> bool {
        let code = other.diagnosis.code;
        let apart = self.headings.iter().filter(|(heading, _)| !code.starts_with(heading));
        apart.into_iter().any(|(_, note)| note.split(' ').any(|span| names(span, code)))
    }
}

/// True for a code that begins so, or lies in the span.
fn names(span: &str, code: &[u8]) -> bool {
    let (first, last) = span.split_once('-').unwrap_or((span, span));
    let start = |of: &str| code.get(..of.len());
    !first.is_empty()
        && start(first) >= Some(first.as_bytes())
        && start(last).is_some_and(|s| s <= last.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn spans_name_what_begins_in_them() {
        assert!(names("E10", b"E1065") && names("A040-A044", b"A044") && names("T61-T62", b"T620X1A"));
        assert!(!names("E10", b"E119") && !names("A040-A044", b"A047") && !names("A047", b"A04"));
        assert!(!names("", b"A04") && !names("T61-T62", b"T63"));
    }
}
