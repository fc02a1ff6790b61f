//! A bank's list of deposits: CSV with a header, of which the columns date, amount and trace are read.

use std::fs::File;
use std::path::Path;

use jiff::civil::Date;

use super::exit::Failure;
use crate::history::Deposit;
use crate::x12::Cents;
use crate::x12::element;

/// Every row that names an amount.
pub fn read(path: &Path) -> Result<Vec<Deposit>, Failure> {
    let file = File::open(path).map_err(|e| Failure::at("reading the bank's list", &e))?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(file);
    let failed = |e: csv::Error| Failure::at("reading the bank's list", &e);
    let header = reader.headers().map_err(failed)?.clone();
    let column = |name: &str| {
        // Some spreadsheets begin a file with a mark of their own.
        let found = header.iter().position(|h| h.trim_start_matches('\u{feff}').eq_ignore_ascii_case(name));
        found.ok_or_else(|| Failure::usage(format!("the bank's list has no column {name:?}")))
    };
    let (dates, amounts, traces) = (column("date")?, column("amount")?, column("trace")?);
    let mut all = Vec::new();
    for (row, record) in (2..).zip(reader.records()) {
        let record = record.map_err(failed)?;
        let value = |column: usize| record.get(column).unwrap_or_default();
        if value(amounts).is_empty() {
            continue;
        }
        let wrong = |name: &str, wanted: &str| {
            Failure::usage(format!("row {row} of the bank's list: the {name} is no {wanted}"))
        };
        let date = date(value(dates)).ok_or_else(|| wrong("date", "day such as 2026-10-31 or 10/31/2026"))?;
        let amount = amount(value(amounts)).ok_or_else(|| wrong("amount", "number such as 1,234.56"))?;
        all.push(Deposit { row, date, amount, trace: value(traces).to_owned() });
    }
    Ok(all)
}

/// `1,234.56`, `$1,234.56`, `-5`, `(5.00)`.
fn amount(text: &str) -> Option<Cents> {
    let inside = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    // A comma parts thousands, or it is not ours to guess.
    let whole = text.split('.').next().unwrap_or_default();
    if !whole.split(',').skip(1).all(|part| part.trim_end_matches(')').len() == 3) {
        return None;
    }
    let plain: String = inside.unwrap_or(text).chars().filter(|c| !matches!(c, '$' | ',' | ' ')).collect();
    let cents = element::amount(plain.as_bytes())?;
    Some(if inside.is_some() { -cents } else { cents })
}

/// `2026-10-31`, `10/31/2026`, `20261031`.
fn date(text: &str) -> Option<Date> {
    if let Some(day) = text.parse().ok().or_else(|| element::date(text.as_bytes())) {
        return Some(day);
    }
    let mut parts = text.split('/');
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    let year: i16 = year.parse().ok()?;
    let year = if year < 100 { year + 2000 } else { year };
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok().filter(|_| parts.next().is_none())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as on;

    use super::*;

    #[test]
    fn amounts_and_days_as_banks_write_them() {
        let amounts = ["1,234.56", "$1,234.56", "(5.00)", "-5", "12", "1,234", "1234,56", "x"].map(amount);
        let wanted = [Some(123_456), Some(123_456), Some(-500), Some(-500), Some(1200), Some(123_400)];
        assert_eq!(amounts[..6], wanted);
        assert_eq!(amounts[6..], [None, None]);
        assert_eq!(amount("1.234,56"), None);
        let day = Some(on(2026, 10, 31));
        assert_eq!(["2026-10-31", "10/31/2026", "10/31/26", "20261031"].map(date), [day; 4]);
        assert_eq!(date("31.10.2026"), None);
    }
}
