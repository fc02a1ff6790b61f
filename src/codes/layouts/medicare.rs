//! Unit limits (MUE) and the physician fee schedule as CMS publishes them: CSV behind a preamble.

use super::{BadFile, Published, Reach, Rows, plain};
use crate::codes::table::Row;

/// Code, most units, `1 Line Edit`, `2 Date of Service Edit: Policy` or `3 Date of Service Edit: Clinical`, why. Noted are the
/// units and the number of the kind of limit.
pub fn unit_limits(content: &str) -> Result<Published, BadFile> {
    let is_head = |cells: &[&str]| cells.first().is_some_and(|c| c.to_ascii_uppercase().starts_with("HCPCS"));
    let mut rows = Vec::new();
    for record in plain::behind(content, is_head)? {
        let [code, units, adjudication, ..] = record.cells.as_slice() else { continue };
        if code.is_empty() {
            continue;
        }
        let limit = adjudication.trim().get(..1).unwrap_or_default();
        rows.push(limited(record.line, code, units, limit)?);
    }
    Ok(Published { layout: "unit limits", rows: Rows::Codes(rows), reach: Reach::List })
}

/// A code's most units and which kind of limit that is.
pub fn limited(line: u64, code: &str, units: &str, limit: &str) -> Result<Row, BadFile> {
    let Ok(units) = units.trim().parse::<u32>() else {
        return BadFile::at(line, format!("{units:?} is no number of units"));
    };
    if !matches!(limit, "1" | "2" | "3") {
        return BadFile::at(line, format!("{limit:?} is no kind of limit (1, 2, 3)"));
    }
    Ok(Row { code: code.trim().to_owned(), from: None, to: None, note: format!("{units} {limit}") })
}

/// Of the fee schedule's columns the indicators alone, of rows without a modifier: professional and technical component, days of the global
/// period, multiple procedures, bilateral surgery. Amounts and texts are left.
pub fn fee_schedule(content: &str) -> Result<Published, BadFile> {
    let is_head = |cells: &[&str]| cells.first() == Some(&"HCPCS") && cells.get(1) == Some(&"MOD");
    let records = plain::behind(content, is_head)?;
    let mut rows = Vec::new();
    // Headings are spread over several rows of the preamble; the columns stand where they stand.
    let [pctc, global, multiple, bilateral] = match records.first().map(|r| r.cells.len()) {
        Some(n) if n >= 31 => [13, 14, 18, 19],
        Some(n) => return BadFile::at(0, format!("{n} columns, at least 31 are wanted")),
        None => return BadFile::at(0, "no row begins with HCPCS, MOD"),
    };
    for record in records {
        let cell = |n: usize| record.cells.get(n).map(|c| c.trim()).unwrap_or_default();
        if cell(0).len() == 5 && cell(1).is_empty() {
            let note =
                [pctc, global, multiple, bilateral].map(|n| if cell(n).is_empty() { "-" } else { cell(n) });
            rows.push(Row { code: cell(0).to_owned(), from: None, to: None, note: note.join(" ") });
        }
    }
    Ok(Published { layout: "fee schedule", rows: Rows::Codes(rows), reach: Reach::List })
}

/// Of OPPS addendum B the codes with status C, which are paid in a stay alone.
pub fn inpatient_only(content: &str) -> Result<Published, BadFile> {
    let named = |cell: &str, start: &str| cell.to_ascii_uppercase().starts_with(start);
    let is_head = |cells: &[&str]| cells.first().is_some_and(|c| named(c, "HCPCS")) && cells.contains(&"SI");
    let records = plain::behind(content, is_head)?;
    let only = records.iter().filter(|r| r.cell(&["SI"]) == Some("C"));
    let code = |r: &plain::Record| r.cells.first().map(|c| c.trim().to_owned()).unwrap_or_default();
    let rows = only.map(|r| Row { code: code(r), from: None, to: None, note: String::new() }).collect();
    Ok(Published { layout: "addendum B", rows: Rows::Codes(rows), reach: Reach::List })
}
