//! HCPCS Level II as CMS publishes it: the fixed-width file, and the same as CSV.

use super::text::{day, note, open_ended};
use super::{BadFile, Published, Reach, Rows, plain};
use crate::codes::table::Row;

pub fn read(content: &str) -> Result<Published, BadFile> {
    let first = content.lines().next().unwrap_or_default();
    if first.to_ascii_uppercase().starts_with("HCPC,") { columns(content) } else { fixed(content) }
}

/// No header, 293 columns: 1-5 code (of a modifier 4-5), 11 which record (3 a code's first, 4 its next, 7 and 8 a modifier's),
/// 92-119 short text, 269-276 first day, 285-292 last day. Only codes are taken; modifiers have a set of their own.
fn fixed(content: &str) -> Result<Published, BadFile> {
    let mut rows = Vec::new();
    for (n, line) in (1..).zip(content.lines()).filter(|(_, l)| !l.trim().is_empty()) {
        // Columns are bytes as published; what isn't ASCII became longer.
        let line: String = line.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect();
        let cell = |from: usize, to: usize| line.get(from - 1..to.min(line.len())).unwrap_or_default();
        match cell(11, 11) {
            "3" if line.len() >= 284 => {
                rows.push(row(n, cell(1, 5), cell(92, 119), (cell(269, 276), cell(285, 292)))?)
            }
            "4" | "7" | "8" => {}
            "3" => return BadFile::at(n, format!("{} columns, at least 284 are wanted", line.len())),
            other => return BadFile::at(n, format!("{other:?} in column 11 is no kind of record")),
        }
    }
    Ok(Published { layout: "fixed width", rows: Rows::Codes(rows), reach: Reach::List })
}

/// Columns named HCPC, RECID, SHORT DESCRIPTION, ADD DT, TERM DT among others.
fn columns(content: &str) -> Result<Published, BadFile> {
    let mut rows = Vec::new();
    for record in plain::records(content, b',')? {
        if record.cell(&["RECID"]).is_none_or(|id| id == "3") {
            let said = |name: &str| record.said(&[name]);
            let code = said("HCPC");
            // A modifier is padded to five.
            if code.trim().len() == 5 {
                rows.push(row(
                    record.line,
                    code,
                    said("SHORT DESCRIPTION"),
                    (said("ADD DT"), said("TERM DT")),
                )?);
            }
        }
    }
    Ok(Published { layout: "columns", rows: Rows::Codes(rows), reach: Reach::List })
}

fn row(line: u64, code: &str, text: &str, (added, ended): (&str, &str)) -> Result<Row, BadFile> {
    let read = |cell: &str| day(cell).map_err(|reason| BadFile { line, reason });
    Ok(Row {
        code: code.trim().to_owned(),
        from: read(added)?,
        to: open_ended(read(ended)?),
        note: note(text),
    })
}
