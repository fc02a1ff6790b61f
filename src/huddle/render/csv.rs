//! CSV: one number or text a line, so that every table of the pack has room in one file.

use super::outline::page_one;
use crate::huddle::pack::Pack;
use crate::sheets::{Table, harmless, line, plain};
use crate::x12::element::decimal;

/// The pack: `section,table,row,column,value`. Numbers are plain: dollars with cents, percent with two places.
#[must_use]
pub fn csv(pack: &Pack) -> String {
    let mut out = String::from("section,table,row,column,value\n");
    let mut put = |section: &str, table: &str, row: &str, column: &str, value: &str| {
        let cells: Vec<String> = [section, table, row, column, value].into_iter().map(quoted).collect();
        out.push_str(&cells.join(","));
        out.push('\n');
    };
    for (name, value) in [
        ("week", pack.week.clone()),
        ("from", pack.from.to_string()),
        ("to", pack.to.to_string()),
        ("as_of", pack.as_of.to_string()),
        ("site", text(&pack.site)),
        ("baseline", pack.baseline.said.clone()),
        ("shared", pack.shared.as_ref().map(|s| s.said.clone()).unwrap_or_default()),
    ] {
        put("pack", "", "", name, &value);
    }
    for part in page_one(pack) {
        if !part.said.is_empty() {
            put("page-one", part.id, "", "said", &text(&part.said));
        }
        for (n, line) in part.lines.iter().enumerate() {
            let row = (n + 1).to_string();
            for (name, value) in [
                ("text", text(&line.text)),
                ("small", text(&line.small)),
                ("owner", line.owner.clone()),
                ("claims", line.claims.map(|n| n.to_string()).unwrap_or_default()),
                ("amount", line.amount.map(decimal).unwrap_or_default()),
                ("due", line.due.map(|day| day.to_string()).unwrap_or_default()),
            ] {
                if !value.is_empty() {
                    put("page-one", part.id, &row, name, &value);
                }
            }
        }
    }
    for section in &pack.detail {
        if !section.said.is_empty() {
            put(&section.id, "", "", "said", &text(&section.said));
        }
        for table in &section.tables {
            rows(&section.id, table, &mut put);
        }
    }
    out
}

fn rows(section: &str, table: &Table, put: &mut dyn FnMut(&str, &str, &str, &str, &str)) {
    put(section, &table.id, "", "definition", &text(&table.definition));
    let numbered = table.rows.iter().enumerate().map(|(n, row)| ((n + 1).to_string(), row));
    let total = table.total.iter().map(|row| ("total".to_owned(), row));
    for (n, row) in numbered.chain(total) {
        for (column, cell) in table.columns.iter().zip(row) {
            let value = plain(cell, column.kind);
            put(section, &table.id, &n, &column.key, &value);
        }
    }
}

/// Text that no spreadsheet takes for a formula, on one line.
fn text(text: &str) -> String {
    harmless(&line(text))
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_formula() {
        assert_eq!(text("=cmd()\n+1"), "'=cmd() +1");
        assert_eq!(text(" @x"), "' @x");
        assert_eq!(quoted("a,\"b\""), "\"a,\"\"b\"\"\"");
    }
}
