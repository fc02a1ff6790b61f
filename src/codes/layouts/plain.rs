//! Plain CSV, recognised by its header: what every code set can be imported from. docs/code-sets.md names the columns.

use super::medicare::limited;
use super::text::{day, note, open_ended};
use super::{BadFile, Published, Reach, Rows};
use crate::codes::kind::{Kind, Shape};
use crate::codes::pairs::Pair;
use crate::codes::table::Row;

const CODE: &[&str] = &["code", "hcpcs", "cpt"];
pub const FROM: &[&str] = &["from", "start", "added", "effective", "valid_from"];
pub const TO: &[&str] = &["to", "stop", "terminated", "deleted", "end", "valid_to"];
const TEXT: &[&str] = &["text", "description", "short_desc"];
const FIRST: &[&str] = &["column1", "add_on"];
const SECOND: &[&str] = &["column2", "primary"];
const VALUE: &[&str] = &["modifier_indicator", "type"];

/// A record with its line and what its columns are called.
pub struct Record {
    pub line: u64,
    pub cells: Vec<String>,
    names: std::rc::Rc<Vec<String>>,
}

impl Record {
    /// What stands under the first of these headings that there is.
    pub fn cell(&self, names: &[&str]) -> Option<&str> {
        let at =
            names.iter().find_map(|name| self.names.iter().position(|n| n.eq_ignore_ascii_case(name)))?;
        self.cells.get(at).map(|c| c.trim())
    }

    /// The same, empty where there is no such column.
    pub fn said(&self, names: &[&str]) -> &str {
        self.cell(names).unwrap_or_default()
    }
}

/// True for a line that heads plain columns.
pub fn is_header(line: &str) -> bool {
    let names: Vec<&str> = line.split(',').map(|n| n.trim().trim_matches('"')).collect();
    let has = |wanted: &[&str]| names.iter().any(|n| wanted.iter().any(|w| n.eq_ignore_ascii_case(w)));
    has(CODE) || (has(FIRST) && has(SECOND))
}

/// The records below a first one that names the columns.
pub fn records(content: &str, delimiter: u8) -> Result<Vec<Record>, BadFile> {
    let mut all = all(content, delimiter)?.into_iter();
    let Some((_, names)) = all.next() else { return Ok(Vec::new()) };
    let names = std::rc::Rc::new(names.iter().map(|n| n.trim().to_owned()).collect::<Vec<_>>());
    Ok(all.map(|(line, cells)| Record { line, cells, names: names.clone() }).collect())
}

/// The records behind the one that looks like a header.
pub fn behind(content: &str, is_head: impl Fn(&[&str]) -> bool) -> Result<Vec<Record>, BadFile> {
    let mut all = all(content, b',')?.into_iter();
    let trimmed = |cells: &[String]| is_head(&cells.iter().map(|c| c.trim()).collect::<Vec<_>>());
    let Some((_, names)) = all.find(|(_, cells)| trimmed(cells)) else {
        return BadFile::at(0, "the row of headings is missing");
    };
    let names = std::rc::Rc::new(names);
    Ok(all.map(|(line, cells)| Record { line, cells, names: names.clone() }).collect())
}

fn all(content: &str, delimiter: u8) -> Result<Vec<(u64, Vec<String>)>, BadFile> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(content.as_bytes());
    let mut all = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| BadFile {
            line: e.position().map_or(0, csv::Position::line),
            reason: "it doesn't read as CSV".to_owned(),
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        all.push((line, record.iter().map(str::to_owned).collect()));
    }
    Ok(all)
}

pub fn read(kind: Kind, content: &str) -> Result<Published, BadFile> {
    let first = content.lines().next().unwrap_or_default();
    if !is_header(first) {
        return BadFile::at(1, "a header is wanted; docs/code-sets.md names its columns");
    }
    let records = records(content, b',')?;
    let dated = records.first().is_some_and(|r| r.cell(FROM).is_some() && kind != Kind::Hcpcs);
    let rows = match kind.shape() {
        Shape::Codes => Rows::Codes(each(kind, &records, code)?),
        Shape::Pairs => Rows::Pairs(each(kind, &records, |_, record| pair(record))?),
    };
    let reach = if dated || kind.shape() == Shape::Pairs { Reach::History } else { Reach::List };
    Ok(Published { layout: "plain", rows, reach })
}

/// Where a column says for whom a row is, only those of the kind.
fn each<T>(
    kind: Kind,
    records: &[Record],
    read: impl Fn(Kind, &Record) -> Result<T, String>,
) -> Result<Vec<T>, BadFile> {
    let service = kind.name().split('-').next_back().unwrap_or_default();
    let meant = |r: &&Record| r.cell(&["service"]).is_none_or(|s| s.eq_ignore_ascii_case(service));
    let row = |r: &Record| read(kind, r).map_err(|reason| BadFile { line: r.line, reason });
    records.iter().filter(meant).map(row).collect()
}

fn code(kind: Kind, record: &Record) -> Result<Row, String> {
    let (from, to) = (day(record.said(FROM))?, open_ended(day(record.said(TO))?));
    // Diagnoses are often written with their point.
    let code = record.said(CODE).replace('.', "");
    let note = match kind {
        Kind::MuePractitioner | Kind::MueHospital | Kind::MueSupplier => {
            let (units, limit) = (record.said(&["mue", "value", "units"]), record.said(&["mai", "limit"]));
            limited(0, &code, units, limit).map_err(|bad| bad.reason)?.note
        }
        Kind::FeeSchedule => {
            let indicator = |name: &str| match record.said(&[name]) {
                "" => "-".to_owned(),
                cell => note(cell),
            };
            ["pctc", "global", "multiple", "bilateral"].map(indicator).join(" ")
        }
        Kind::DiagnosisAttribute => match record.said(&["attributes"]) {
            letters if letters.chars().all(|c| "RLBUnpmaFMDXS".contains(c)) => letters.to_owned(),
            letters => return Err(format!("{letters:?} says nothing of a diagnosis")),
        },
        Kind::Excludes1 => note(&record.said(&["excludes"]).replace('.', "")),
        _ => note(record.said(TEXT)),
    };
    Ok(Row { code, from, to, note })
}

fn pair(record: &Record) -> Result<Pair, String> {
    let (first, second, value) = (record.said(FIRST), record.said(SECOND), record.said(VALUE));
    let number = value.parse().map_err(|_| format!("{value:?} is no indicator"))?;
    let days = (day(record.said(FROM))?, open_ended(day(record.said(TO))?));
    Pair::new(first.as_bytes(), second.as_bytes(), days, number)
        .ok_or_else(|| format!("{first:?} and {second:?} are no two codes of five characters"))
}
