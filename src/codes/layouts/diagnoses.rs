//! ICD-10-CM and ICD-10-PCS as CMS and CDC publish them: the order file, its addenda, the list of codes.

use super::text::note;
use super::{BadFile, Published, Reach, Rows};
use crate::codes::table::Row;
use jiff::civil::Date;

/// A row that ends: the day is put in when the changes are joined.
pub const ENDS: Option<Date> = Some(Date::MIN);

pub fn read(content: &str) -> Result<Published, BadFile> {
    let first = content.lines().find(|l| !l.trim().is_empty()).unwrap_or_default();
    let order = |line: &str| line.get(..5).is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
    if ["Add:", "Delete:", "Revise"].iter().any(|word| first.starts_with(word)) {
        addenda(content)
    } else if order(first) {
        order_file(content)
    } else {
        codes(content)
    }
}

/// 1-5 order number, 7-13 code, 15 whether it can be billed, 17-76 short, 78 on long text.
fn order_file(content: &str) -> Result<Published, BadFile> {
    let mut rows = Vec::new();
    for (n, line) in (1..).zip(content.lines()).filter(|(_, l)| !l.trim().is_empty()) {
        let (Some(code), Some(billable)) = (line.get(6..13), line.get(14..15)) else {
            return BadFile::at(n, "an order number, a code and a flag are wanted");
        };
        match billable {
            "1" => rows.push(row(code, None, line.get(77..).unwrap_or_default())),
            "0" => {}
            other => return BadFile::at(n, format!("{other:?} in column 15 is neither 0 nor 1")),
        }
    }
    Ok(Published { layout: "order file", rows: Rows::Codes(rows), reach: Reach::List })
}

/// A code in columns 1 to 7, its text behind.
fn codes(content: &str) -> Result<Published, BadFile> {
    let mut rows = Vec::new();
    for (n, line) in (1..).zip(content.lines()).filter(|(_, l)| !l.trim().is_empty()) {
        let Some((code, text)) = line.split_at_checked(line.len().min(8)) else {
            return BadFile::at(n, "a code and its text are wanted");
        };
        if code.len() < 4 || code.trim().contains(' ') {
            return BadFile::at(n, "a code in columns 1 to 7 and its text are wanted");
        }
        rows.push(row(code, None, text));
    }
    Ok(Published { layout: "list of codes", rows: Rows::Codes(rows), reach: Reach::List })
}

/// `Add:`, `Delete:`, `Revise from:` or `Revise to:`, then flag, code, short and long text. A text that was revised changes
/// no code's days, but a flag does: a code that was divided can't be billed any more.
fn addenda(content: &str) -> Result<Published, BadFile> {
    let mut rows = Vec::new();
    for (n, line) in (1..).zip(content.lines()).filter(|(_, l)| !l.trim().is_empty()) {
        let Some((action, behind)) = line.split_once(':') else { continue };
        let mut words = behind.split_whitespace();
        let (flag, code) = (words.next(), words.next());
        let said = behind.trim_start().get(69..).unwrap_or_default();
        match (action.trim(), flag, code) {
            ("Add", Some("1"), Some(code)) => rows.push(row(code, None, said)),
            ("Delete", Some("1"), Some(code)) => rows.push(row(code, ENDS, "")),
            ("Revise from", Some("1"), Some(code)) => rows.push(row(code, ENDS, "")),
            ("Revise to", Some("1"), Some(code)) => {
                // The same code, still billable under another text, goes on.
                rows.retain(|r: &Row| !(r.code == code && r.to == ENDS));
                rows.push(row(code, None, said));
            }
            ("Add" | "Delete" | "Revise from" | "Revise to", Some("0"), Some(_)) => {}
            // The counts at the end.
            (_, Some(count), _) if count.replace(',', "").parse::<u32>().is_ok() => {}
            _ => {
                return BadFile::at(n, "Add, Delete, Revise from or Revise to, a flag and a code are wanted");
            }
        }
    }
    Ok(Published { layout: "addenda", rows: Rows::Codes(rows), reach: Reach::Changes })
}

fn row(code: &str, to: Option<Date>, text: &str) -> Row {
    Row { code: code.trim().to_owned(), from: None, to, note: note(text) }
}
