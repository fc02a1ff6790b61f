//! `[check.excludes]`: two diagnoses of which ICD-10-CM says that one excludes the other (Excludes1). What a category or code excludes are
//! beginnings of codes, or spans of them.

use jiff::civil::Date;

use super::diagnosis::{counts, found, name};
use super::{Report, Tables};
use crate::claim::{Claim, Diagnosis};
use crate::codes::{Kind, Table};

pub(super) fn run<'a>(claim: &Claim<'a>, tables: &Tables<'_>, report: Report<'_, 'a>) {
    let Some(table) = tables.codes.table(Kind::Excludes1) else { return };
    let diagnoses: Vec<Diagnosis<'a>> = claim.diagnoses().filter(counts).collect();
    let day = claim.service_dates().map_or(tables.today, |d| d.0);
    for (n, diagnosis) in diagnoses.iter().enumerate().skip(1) {
        // The second of two tells, once, whatever else it excludes.
        let others = diagnoses.iter().take(n).filter(|other| other.code != diagnosis.code);
        let excluded = |other: &&Diagnosis<'_>| {
            excludes(table, diagnosis.code, other.code, day)
                || excludes(table, other.code, diagnosis.code, day)
        };
        if let Some(other) = others.clone().find(excluded) {
            report(found(diagnosis, 2, vec![("other", name(other))]));
        }
    }
}

/// True where one of the headings a code stands under excludes the other, and the other stands not under it.
fn excludes(table: &Table, code: &[u8], other: &[u8], day: Date) -> bool {
    let headings =
        (3..=code.len()).filter_map(|n| code.get(..n)).filter(|heading| !other.starts_with(heading));
    headings
        .filter_map(|heading| table.note(heading, day))
        .any(|note| note.split(' ').any(|n| names(n, other)))
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
