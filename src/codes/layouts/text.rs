//! Bytes as text, days as files write them, and files of a code and its text.

use std::borrow::Cow;

use jiff::civil::{Date, date};

use super::{BadFile, Published, Reach, Rows};
use crate::codes::table::Row;
use crate::x12::element::date as date8;

/// UTF-8 with or without a byte order mark, else Latin-1.
pub fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|b| char::from(*b)).collect()),
    }
}

/// A note holds no tab and no line end.
pub fn note(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `20260701`, `2026-07-01`, `7/1/2026` or, as a year and its day, `2026182`; nothing for an empty cell or `*`.
pub fn day(cell: &str) -> Result<Option<Date>, String> {
    let cell = cell.trim();
    let no_day = || format!("{cell:?} is no day");
    let number = |text: &str| text.parse::<i16>().map_err(|_| no_day());
    if cell.is_empty() || cell == "*" {
        return Ok(None);
    }
    if let Some(day) = date8(cell.replace('-', "").as_bytes()) {
        return Ok(Some(day));
    }
    if let [month, day, year] = *cell.split('/').collect::<Vec<_>>() {
        let small = |text: &str| text.parse::<i8>().map_err(|_| no_day());
        return Date::new(number(year)?, small(month)?, small(day)?).map(Some).map_err(|_| no_day());
    }
    match (cell.get(..4), cell.get(4..)) {
        (Some(year), Some(of_year)) if cell.len() == 7 => {
            let first = Date::new(number(year)?, 1, 1).map_err(|_| no_day())?;
            let day =
                first.checked_add(jiff::Span::new().days(number(of_year)? - 1)).map_err(|_| no_day())?;
            // A code that never ended is given a day far away.
            if day.year() == first.year() { Ok(Some(day)) } else { Err(no_day()) }
        }
        _ => Err(no_day()),
    }
}

/// What a file says when it means that something has no end.
pub fn open_ended(day: Option<Date>) -> Option<Date> {
    day.filter(|d| *d < date(2999, 1, 1))
}

/// A five-character code, a blank or tab, its text; the licensed text is kept for `explain`.
pub fn code_and_text(content: &str) -> Result<Published, BadFile> {
    let mut rows = Vec::new();
    for (n, line) in (1..).zip(content.lines()).filter(|(_, l)| !l.trim().is_empty()) {
        let (Some(code), Some(behind)) = (line.get(..5), line.get(5..)) else {
            return BadFile::at(n, "a code of five characters and its text are wanted");
        };
        if !behind.starts_with([' ', '\t']) {
            return BadFile::at(n, "a blank or tab is wanted behind the code");
        }
        rows.push(Row { code: code.to_owned(), from: None, to: None, note: note(behind) });
    }
    Ok(Published { layout: "code and text", rows: Rows::Codes(rows), reach: Reach::List })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_as_files_write_them() {
        for text in ["20260701", "2026-07-01", "7/1/2026", "07/01/2026", "2026182"] {
            assert_eq!(day(text), Ok(Some(date(2026, 7, 1))), "{text}");
        }
        assert_eq!((day(""), day(" * ")), (Ok(None), Ok(None)));
        for text in ["2026", "20260732", "2026400", "2026000", "13/1/2026", "tomorrow"] {
            assert!(day(text).is_err(), "{text}");
        }
        assert_eq!(decoded(b"\xEF\xBB\xBFa"), "a");
        assert_eq!(decoded(b"caf\xE9"), "caf\u{e9}");
    }
}
