//! Procedure pairs (NCCI) and add-on codes as CMS publishes them.

use super::text::{day, open_ended};
use super::{BadFile, Published, Reach, Rows};
use crate::codes::pairs::Pair;

/// Tabs between: first code, second code, `*` where it is older than 1996, first day, last day or `*`, modifier indicator, why. What
/// stands before the first pair is a notice and headings.
pub fn procedure_pairs(content: &str) -> Result<Published, BadFile> {
    let mut pairs = Vec::new();
    for (n, line) in (1..).zip(content.lines()) {
        let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
        let [first, second, _, from, to, indicator, ..] = *cells else {
            if pairs.is_empty() || line.trim().is_empty() {
                continue;
            } else {
                return BadFile::at(n, "six columns are wanted");
            }
        };
        let days = (day(from), day(to));
        let (Ok(from), Ok(to)) = days else {
            if pairs.is_empty() {
                continue;
            } else {
                return BadFile::at(n, format!("{from:?} or {to:?} is no day"));
            }
        };
        let Some(indicator) = indicator.parse().ok().filter(|n| matches!(n, 0 | 1 | 9)) else {
            if pairs.is_empty() {
                continue;
            } else {
                return BadFile::at(n, format!("{indicator:?} is no modifier indicator (0, 1, 9)"));
            }
        };
        match Pair::new(first.as_bytes(), second.as_bytes(), (from, open_ended(to)), indicator) {
            Some(pair) => pairs.push(pair),
            None if pairs.is_empty() => {}
            None => return BadFile::at(n, format!("{first:?} and {second:?} are no two codes")),
        }
    }
    Ok(Published { layout: "procedure pairs", rows: Rows::Pairs(pairs), reach: Reach::History })
}

/// Tabs between: type of the edit, add-on code, its last day, primary code, its last day, first day, last day, notes.
pub fn add_ons(content: &str) -> Result<Published, BadFile> {
    let mut pairs = Vec::new();
    for (n, line) in (1..).zip(content.lines()) {
        let cells: Vec<&str> = line.split('\t').map(|c| c.trim().trim_matches('"')).collect();
        let [kind, code, code_ends, primary, primary_ends, from, to, ..] = *cells else { continue };
        let Some(kind) = kind.parse().ok().filter(|n| (1..=3).contains(n)) else {
            if pairs.is_empty() {
                continue;
            } else {
                return BadFile::at(n, format!("{kind:?} is no type of add-on edit (1, 2, 3)"));
            }
        };
        let read = |cell: &str| day(cell).map_err(|reason| BadFile { line: n, reason });
        let ends =
            [read(code_ends)?, read(primary_ends)?, read(to)?].into_iter().filter_map(open_ended).min();
        match Pair::new(code.as_bytes(), primary.as_bytes(), (read(from)?, ends), kind) {
            Some(pair) => pairs.push(pair),
            // Some types name no primary code at all: the contractor decides.
            None if primary.is_empty() => {
                pairs.extend(Pair::new(code.as_bytes(), b"CCCCC", (read(from)?, ends), kind))
            }
            None => return BadFile::at(n, format!("{code:?} and {primary:?} are no two codes")),
        }
    }
    Ok(Published { layout: "add-on codes", rows: Rows::Pairs(pairs), reach: Reach::History })
}
