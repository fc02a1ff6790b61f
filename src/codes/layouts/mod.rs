//! Files of code sets as their publishers publish them, and plain CSV: bytes in, rows out. docs/code-sets.md describes each layout.

mod diagnoses;
mod hcpcs;
mod lists;
mod medicare;
mod pairs;
mod plain;
mod text;

use jiff::civil::{Date, date};
use thiserror::Error;

use super::kind::Kind;
use super::pairs::Pair;
use super::table::Row;

/// What a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rows {
    /// Codes.
    Codes(Vec<Row>),
    /// Pairs of codes.
    Pairs(Vec<Pair>),
}

/// What a file means for what was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It holds the whole history with its days, and takes the place of what was there.
    History,
    /// It holds what is valid from a day on; what it doesn't hold ends the day before.
    List,
    /// It holds what begins and what ends on a day: rows with a last day end.
    Changes,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Name of its layout.
    pub layout: &'static str,
    /// What it says.
    pub rows: Rows,
    /// What it means for what was there.
    pub reach: Reach,
}

/// Why a file can't be imported.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}: {reason}")]
pub struct BadFile {
    /// Line, from 1; 0 for the file as a whole.
    pub line: u64,
    /// In words.
    pub reason: String,
}

impl BadFile {
    fn at<T>(line: u64, reason: impl Into<String>) -> Result<T, BadFile> {
        Err(BadFile { line, reason: reason.into() })
    }
}

/// Reads a file of a code set. A list says in `effective` from which day on it holds, where the file doesn't.
///
/// # Errors
/// The first line that isn't what its layout has there.
pub fn read(kind: Kind, bytes: &[u8]) -> Result<Published, BadFile> {
    let content = text::decoded(bytes);
    let first = content.lines().find(|l| !l.trim().is_empty()).unwrap_or_default();
    let published = match kind {
        Kind::Icd10cm | Kind::Icd10pcs if !plain::is_header(first) => diagnoses::read(&content)?,
        Kind::Hcpcs if !plain::is_header(first) => hcpcs::read(&content)?,
        Kind::Cpt if !plain::is_header(first) => text::code_and_text(&content)?,
        Kind::NcciPractitioner | Kind::NcciHospital if !plain::is_header(first) => {
            pairs::procedure_pairs(&content)?
        }
        Kind::AddOn if !plain::is_header(first) => pairs::add_ons(&content)?,
        Kind::MuePractitioner | Kind::MueHospital | Kind::MueSupplier if !plain::is_header(first) => {
            medicare::unit_limits(&content)?
        }
        Kind::FeeSchedule if !plain::is_header(first) => medicare::fee_schedule(&content)?,
        Kind::InpatientOnly if !plain::is_header(first) => medicare::inpatient_only(&content)?,
        Kind::Npi | Kind::Exclusion | Kind::Ndc => lists::dated(kind, &content)?,
        Kind::NdcHcpcs | Kind::CoveredDiagnosis | Kind::RevenueHcpcs => lists::beside(kind, &content)?,
        _ => plain::read(kind, &content)?,
    };
    let empty = match &published.rows {
        Rows::Codes(rows) => rows.is_empty(),
        Rows::Pairs(pairs) => pairs.is_empty(),
    };
    if empty {
        BadFile::at(0, format!("nothing in it reads as {}", kind.name()))
    } else {
        checked(kind, published)
    }
}

/// Every code must look like one of its kind, and begin before it ends.
fn checked(kind: Kind, published: Published) -> Result<Published, BadFile> {
    if let Rows::Codes(rows) = &published.rows {
        for row in rows {
            if !is_code(kind, row.code.as_bytes()) {
                return BadFile::at(0, format!("{:?} is no code of {}", row.code, kind.name()));
            }
            if let (Some(from), Some(to)) = (row.from, row.to)
                && to < from
                && published.reach != Reach::Changes
            {
                return BadFile::at(0, format!("{} ends on {to}, before it begins on {from}", row.code));
            }
        }
    }
    Ok(published)
}

/// True for what a code of this kind looks like.
fn is_code(kind: Kind, code: &[u8]) -> bool {
    let digits = |from: usize| code.iter().skip(from).all(u8::is_ascii_digit);
    let plain = code.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let begins = |test: fn(&u8) -> bool| code.first().is_some_and(test);
    plain
        && match kind {
            Kind::Icd10cm | Kind::DiagnosisAttribute | Kind::Excludes1 => {
                (3..=7).contains(&code.len()) && begins(u8::is_ascii_uppercase)
            }
            Kind::Icd10pcs => code.len() == 7,
            Kind::Hcpcs => code.len() == 5 && begins(u8::is_ascii_uppercase) && digits(1),
            Kind::Cpt => code.len() == 5 && begins(u8::is_ascii_digit),
            Kind::Cdt => code.len() == 5 && begins(|b| *b == b'D') && digits(1),
            Kind::Taxonomy => code.len() == 10,
            Kind::Npi | Kind::Exclusion => code.len() == 10 && digits(0),
            Kind::Ndc | Kind::NdcHcpcs => code.len() == 11 && digits(0),
            Kind::Modifier | Kind::State | Kind::Pos => code.len() == 2,
            Kind::RevenueCode => code.len() == 4 && digits(0),
            _ => (1..=5).contains(&code.len()),
        }
}

/// The day a published file says in its name that it holds from: `icd10cm_order_2027` October 2026, `HCPC2026_JUL` July 2026,
/// `PPRRVU26_APR` April 2026, `Eff_07-01-2026` that day.
#[must_use]
pub fn effective_in_name(kind: Kind, name: &str) -> Option<Date> {
    let upper = name.to_ascii_uppercase();
    let numbers = |text: &str| -> Vec<i16> {
        text.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect()
    };
    let year = || numbers(&upper).into_iter().find(|n| (2000..2100).contains(n));
    match kind {
        Kind::Icd10cm | Kind::Icd10pcs => {
            let addenda_or_order = ["ORDER", "CODES", "ADDENDA"].iter().any(|w| upper.contains(w));
            let year = year().filter(|_| addenda_or_order)?;
            Some(date(year - 1, 10, 1))
        }
        Kind::MuePractitioner | Kind::MueHospital | Kind::MueSupplier => {
            let (_, behind) = upper.split_once("EFF")?;
            let [month, day, year, ..] = *numbers(behind).as_slice() else { return None };
            Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()
        }
        Kind::Hcpcs | Kind::FeeSchedule | Kind::InpatientOnly => {
            const MONTHS: [&str; 4] = ["JAN", "APR", "JUL", "OCT"];
            let month = (1i8..).step_by(3).zip(MONTHS).find(|(_, m)| upper.contains(m))?.0;
            let short = || numbers(&upper).into_iter().find(|n| (20..100).contains(n)).map(|n| 2000 + n);
            Date::new(year().or_else(short)?, month, 1).ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_from_when() {
        let on = |kind, name: &str| effective_in_name(kind, name).map(|d| d.to_string());
        assert_eq!(on(Kind::Icd10cm, "icd10cm_order_2027.txt").as_deref(), Some("2026-10-01"));
        assert_eq!(on(Kind::Icd10cm, "icd10cm-order-addenda-2027.txt").as_deref(), Some("2026-10-01"));
        assert_eq!(on(Kind::Hcpcs, "HCPC2026_JUL_ANWEB_v2.txt").as_deref(), Some("2026-07-01"));
        assert_eq!(on(Kind::FeeSchedule, "PPRRVU2026_Apr_nonQPP.csv").as_deref(), Some("2026-04-01"));
        assert_eq!(on(Kind::FeeSchedule, "PPRRVU26_OCT.csv").as_deref(), Some("2026-10-01"));
        let mue = "MCR_MUE_PractitionerServices_Eff_07-01-2026.csv";
        assert_eq!(on(Kind::MuePractitioner, mue).as_deref(), Some("2026-07-01"));
        let opps = "2026_July_Web_Addendum_B.csv";
        assert_eq!(on(Kind::InpatientOnly, opps).as_deref(), Some("2026-07-01"));
        assert_eq!((on(Kind::Hcpcs, "codes.csv"), on(Kind::Pos, "pos2026.csv")), (None, None));
    }
}
