//! Plain tables for people.

use std::io::{self, Write};

use crate::x12::Cents;
use crate::x12::element::decimal;

/// Writes rows under a header, columns as wide as they need, numbers to the right.
pub fn write(out: &mut dyn Write, header: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
    let rows: Vec<Vec<String>> = rows.iter().map(|r| r.iter().map(|c| printable(c)).collect()).collect();
    let cell = |row: &[String], i: usize| row.get(i).cloned().unwrap_or_default();
    let width = |i: usize| {
        let head = header.get(i).map_or(0, |h| h.chars().count());
        rows.iter().map(|r| cell(r, i).chars().count()).max().unwrap_or(0).max(head)
    };
    let is_number =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || ".,$-%".contains(c));
    let right =
        |i: usize| !rows.is_empty() && rows.iter().all(|r| cell(r, i).is_empty() || is_number(&cell(r, i)));
    let mut line = |cells: &[String]| {
        let padded: Vec<String> = (0..header.len())
            .map(|i| {
                let (text, width) = (cell(cells, i), width(i));
                if right(i) { format!("{text:>width$}") } else { format!("{text:<width$}") }
            })
            .collect();
        writeln!(out, "{}", padded.join("  ").trim_end())
    };
    line(&header.iter().map(|h| (*h).to_owned()).collect::<Vec<_>>())?;
    line(&(0..header.len()).map(|i| "-".repeat(width(i))).collect::<Vec<_>>())?;
    rows.iter().try_for_each(|row| line(row))
}

/// `$1,234.50`, `-$5.00`.
#[must_use]
pub fn money(cents: Cents) -> String {
    let plain = decimal(cents);
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("-", rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "00"));
    let mut grouped = String::new();
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}${grouped}.{part}")
}

/// A value without anything that moves the cursor, colours the terminal or turns the text around.
#[must_use]
pub fn printable(text: &str) -> String {
    let harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if harmful(c) { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aligns_and_disarms() {
        let mut out = Vec::new();
        let rows = vec![vec!["a\u{1b}[31m".into(), "5".into()], vec!["longer".into(), "12.50".into()]];
        write(&mut out, &["name", "sum"], &rows).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(
            text,
            "name    sum\n------  -----\na\u{fffd}[31m      5\nlonger  12.50\n"
                .replace("name    sum", "name      sum")
        );
    }

    #[test]
    fn money_is_grouped() {
        assert_eq!(
            [0, 5, -123_456, 100_000_000].map(money),
            ["$0.00", "$0.05", "-$1,234.56", "$1,000,000.00"]
        );
        assert_eq!(money(i64::MIN), "-$92,233,720,368,547,758.08");
    }
}
