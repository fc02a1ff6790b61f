//! Lists of providers and drugs, and of what may stand beside a code: CSV, or tabs between, recognised by its headings.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::plain::{FROM, Record, TO, records};
use super::text::{day, open_ended};
use super::{BadFile, Published, Reach, Rows};
use crate::codes::kind::Kind;
use crate::codes::table::Row;

const NPI: &[&str] = &["npi"];
const NDC: &[&str] = &["ndc", "ndcpackagecode"];
const HCPCS: &[&str] = &["code", "hcpcs", "cpt"];

/// The records, and a failure with the line where one doesn't fit.
fn each<T>(
    content: &str,
    wanted: &[&str],
    mut read: impl FnMut(&Record) -> Result<T, String>,
) -> Result<Vec<T>, BadFile> {
    let first = content.lines().next().unwrap_or_default();
    let delimiter = if first.contains('\t') { b'\t' } else { b',' };
    let records = records(content, delimiter)?;
    if records.first().is_some_and(|r| r.cell(wanted).is_none()) {
        return BadFile::at(1, format!("a column {} is wanted", wanted.join(" or ")));
    }
    records.iter().map(|r| read(r).map_err(|reason| BadFile { line: r.line, reason })).collect()
}

/// Providers of NPPES, providers excluded from federal programs, drugs: each with its days.
pub fn dated(kind: Kind, content: &str) -> Result<Published, BadFile> {
    let rows = match kind {
        Kind::Npi => each(content, NPI, provider)?,
        Kind::Exclusion => each(content, NPI, excluded)?,
        _ => each(content, NDC, drug)?,
    };
    let rows = rows.into_iter().flatten().collect();
    Ok(Published { layout: "dated list", rows: Rows::Codes(rows), reach: Reach::History })
}

/// The first of these cells, noughts for no day.
fn date(record: &Record, names: &[&str]) -> Result<Option<Date>, String> {
    match record.said(names) {
        text if text.bytes().all(|b| b == b'0') => Ok(None),
        text => Ok(open_ended(day(text)?)),
    }
}

fn before(day: Option<Date>) -> Option<Date> {
    day.and_then(|d| d.yesterday().ok())
}

/// As NPPES writes it, a provider ends with its deactivation and may begin again.
fn provider(record: &Record) -> Result<Vec<Row>, String> {
    let entity = match record.said(&["entity", "entity type code"]) {
        entity @ ("1" | "2" | "") => entity.to_owned(),
        other => return Err(format!("{other:?} is no entity type (1, 2)")),
    };
    let ended = date(record, &["npi deactivation date"])?;
    let again = date(record, &["npi reactivation date"])?;
    let (from, to) = (date(record, FROM)?, date(record, TO)?.or(before(ended)));
    let row = |from, to| Row { code: record.said(NPI).to_owned(), from, to, note: entity.clone() };
    Ok(match again.filter(|again| ended.is_some_and(|ended| *again >= ended)) {
        Some(again) => vec![row(from, to), row(Some(again), None)],
        None => vec![row(from, to)],
    })
}

/// Those without an NPI can't be looked up; who has a waiver may be paid in some state.
fn excluded(record: &Record) -> Result<Vec<Row>, String> {
    let code = record.said(NPI);
    if code.bytes().all(|b| b == b'0') || date(record, &["waiverdate"])?.is_some() {
        return Ok(Vec::new());
    }
    let from = date(record, &["excldate"])?.or(date(record, FROM)?);
    let to = before(date(record, &["reindate"])?).or(date(record, TO)?);
    Ok(vec![Row { code: code.to_owned(), from, to, note: String::new() }])
}

fn drug(record: &Record) -> Result<Vec<Row>, String> {
    let code = eleven(record.said(NDC))?;
    let from = date(record, &["startmarketingdate"])?.or(date(record, FROM)?);
    let to = date(record, &["endmarketingdate"])?.or(date(record, TO)?);
    Ok(vec![Row { code, from, to, note: String::new() }])
}

/// Labeler, product and package of 5, 4 and 2 digits, noughts before what is shorter.
fn eleven(number: &str) -> Result<String, String> {
    let code = match *number.split('-').collect::<Vec<_>>() {
        [labeler, product, package] => format!("{labeler:0>5}{product:0>4}{package:0>2}"),
        _ => number.to_owned(),
    };
    let fits = code.len() == 11 && code.bytes().all(|b| b.is_ascii_digit());
    if fits { Ok(code) } else { Err(format!("{number:?} is no drug number")) }
}

/// One pair a line: a code, and what may stand beside it. A code's are one row, by their days.
pub fn beside(kind: Kind, content: &str) -> Result<Published, BadFile> {
    let (keys, others): (&[&str], &[&str]) = match kind {
        Kind::NdcHcpcs => (NDC, HCPCS),
        Kind::CoveredDiagnosis => (HCPCS, &["diagnosis", "icd10"]),
        _ => (HCPCS, &["revenue_code", "revenue"]),
    };
    let mut dated = false;
    let pairs = each(content, keys, |record| {
        let key = record.said(keys);
        let key = if kind == Kind::NdcHcpcs { eleven(key)? } else { key.to_owned() };
        let other = record.said(others).replace('.', "");
        if other.is_empty() || !other.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(format!("{other:?} is no code under {}", others.join(" or ")));
        }
        dated |= record.cell(FROM).is_some();
        Ok(((key, date(record, FROM)?, date(record, TO)?), other))
    })?;
    let mut rows: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for (key, other) in pairs {
        rows.entry(key).or_default().push(other);
    }
    let rows = rows.into_iter().map(|((code, from, to), mut others)| {
        others.sort_unstable();
        others.dedup();
        Row { code, from, to, note: others.join(" ") }
    });
    let reach = if dated { Reach::History } else { Reach::List };
    Ok(Published { layout: "plain", rows: Rows::Codes(rows.collect()), reach })
}
