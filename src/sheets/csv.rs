//! A table as CSV: the titles, then a line each. Numbers are plain: dollars with cents, percent with two places.

use super::{Cell, Kind, SUPPRESSED, Table, harmless};
use crate::x12::element::decimal;

/// A cell as programs read it.
#[must_use]
pub fn plain(cell: &Cell, kind: Kind) -> String {
    match (cell, kind) {
        (Cell::Text(words), _) => harmless(&line(words)),
        (Cell::Number(n), Kind::Money | Kind::Percent) => decimal(*n),
        (Cell::Number(n), _) => n.to_string(),
        (Cell::Suppressed, _) => SUPPRESSED.to_owned(),
        (Cell::Nothing, _) => String::new(),
    }
}

/// Text on one line.
#[must_use]
pub fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A table with the keys of its columns above it; its total is no row.
///
/// # Errors
/// When `out` takes no more.
pub fn csv(table: &Table, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(table.columns.iter().map(|column| column.key.as_str()))?;
    for row in &table.rows {
        writer.write_record(table.columns.iter().zip(row).map(|(column, cell)| plain(cell, column.kind)))?;
    }
    writer.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheets::columns;

    #[test]
    fn numbers_stay_numbers_and_text_is_no_formula() {
        let table = Table {
            columns: columns(&[
                ("name", "Name", Kind::Text),
                ("paid", "Paid", Kind::Money),
                ("n", "Claims", Kind::Count),
            ]),
            rows: vec![
                vec![Cell::text("=cmd|' /c calc'!A1"), Cell::Number(-1250), Cell::Number(-3)],
                vec![Cell::text("a, \"b\"\n+c"), Cell::Nothing, Cell::Number(4)],
            ],
            ..Table::default()
        };
        let mut out = Vec::new();
        csv(&table, &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "name,paid,n\n'=cmd|' /c calc'!A1,-12.50,-3\n\"a, \"\"b\"\" +c\",,4\n"
        );
    }
}
