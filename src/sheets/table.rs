//! A table: typed cells under columns with stable keys. As JSON a row is an object by those keys.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::x12::Cents;
use crate::x12::element::decimal;

/// What a small count is replaced by in a shared copy.
pub const SUPPRESSED: &str = "suppressed";

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Words.
    Text,
    /// A day, as text.
    Date,
    /// How many claims or denials.
    Count,
    /// Cents; as JSON a decimal text of dollars.
    Money,
    /// Hundredths of a percent; as JSON percent.
    Percent,
    /// Days something takes.
    Days,
}

impl Kind {
    /// True of what is written to the right, and left out with a small count.
    #[must_use]
    pub fn is_number(self) -> bool {
        !matches!(self, Kind::Text | Kind::Date)
    }
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// As programs know it.
    pub key: String,
    /// For people.
    pub title: String,
    /// What it holds.
    pub kind: Kind,
}

impl Column {
    /// A column.
    #[must_use]
    pub fn of(key: &str, title: &str, kind: Kind) -> Column {
        Column { key: key.to_owned(), title: title.to_owned(), kind }
    }
}

/// Columns, each of key, title, kind.
#[must_use]
pub fn columns(of: &[(&str, &str, Kind)]) -> Vec<Column> {
    of.iter().map(|(key, title, kind)| Column::of(key, title, *kind)).collect()
}

/// What stands in a cell; its column says in what unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cell {
    /// Nothing: it can't be computed.
    #[default]
    Nothing,
    /// Words, or a day.
    Text(String),
    /// Claims, cents, hundredths of a percent, days.
    Number(i64),
    /// Left out of a shared copy.
    Suppressed,
}

impl Cell {
    /// Words.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Cell {
        Cell::Text(text.into())
    }

    /// A number, or nothing.
    #[must_use]
    pub fn maybe(number: Option<i64>) -> Cell {
        number.map_or(Cell::Nothing, Cell::Number)
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> Option<i64> {
        match self {
            Cell::Number(n) => Some(*n),
            _ => None,
        }
    }

    fn to_json(&self, kind: Kind) -> Value {
        match (self, kind) {
            (Cell::Nothing, _) => Value::Null,
            (Cell::Suppressed, _) => SUPPRESSED.into(),
            (Cell::Text(text), _) => text.clone().into(),
            (Cell::Number(n), Kind::Money) => decimal(*n).into(),
            (Cell::Number(n), Kind::Percent) => (*n as f64 / 100.0).into(),
            (Cell::Number(n), _) => (*n).into(),
        }
    }

    fn from_json(value: &Value, kind: Kind) -> Cell {
        match (value, kind) {
            (Value::String(text), kind) if kind.is_number() && text == SUPPRESSED => Cell::Suppressed,
            (Value::String(text), Kind::Money) => Cell::maybe(cents(text)),
            (Value::String(text), _) => Cell::text(text.as_str()),
            (Value::Number(n), Kind::Percent) => {
                Cell::maybe(n.as_f64().map(|percent| (percent * 100.0).round() as i64))
            }
            (Value::Number(n), _) => Cell::maybe(n.as_i64()),
            _ => Cell::Nothing,
        }
    }

    /// As people read it.
    #[must_use]
    pub fn shown(&self, kind: Kind) -> String {
        match (self, kind) {
            (Cell::Nothing, _) => "\u{2013}".to_owned(),
            (Cell::Suppressed, _) => "under limit".to_owned(),
            (Cell::Text(text), _) => text.clone(),
            (Cell::Number(n), Kind::Money) => money(*n),
            (Cell::Number(n), Kind::Percent) => percent(*n),
            (Cell::Number(n), _) => grouped(*n),
        }
    }
}

/// Cents of a decimal text.
#[must_use]
pub fn cents(text: &str) -> Option<Cents> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let part: i64 = format!("{part:0<2}").get(..2)?.parse().ok()?;
    let whole: i64 = whole.parse().ok()?;
    Some(sign * whole.checked_mul(100)?.checked_add(part)?)
}

/// `12,345`.
#[must_use]
pub fn grouped(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut text = if n < 0 { "-".to_owned() } else { String::new() };
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `$1,234.50`, of cents.
#[must_use]
pub fn money(cents: Cents) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let whole = i64::try_from(cents.unsigned_abs() / 100).unwrap_or(i64::MAX);
    format!("{sign}${}.{:02}", grouped(whole), cents.unsigned_abs() % 100)
}

/// `8.1 %`, of hundredths of a percent.
#[must_use]
pub fn percent(hundredths: i64) -> String {
    let tenths = (hundredths.abs() + 5) / 10;
    let sign = if hundredths < 0 && tenths > 0 { "-" } else { "" };
    format!("{sign}{}.{} %", tenths / 10, tenths % 10)
}

/// Hundredths of a percent that one number is of another; none of nothing.
#[must_use]
pub fn share(of: i64, all: i64) -> Option<i64> {
    (all > 0).then(|| i64::try_from(i128::from(of) * 10_000 / i128::from(all)).unwrap_or(i64::MAX))
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Table {
    /// As programs know it; each of a page or pack once.
    pub id: String,
    /// For people.
    pub title: String,
    /// What it counts, of what, over which weeks; where it is empty, that it is.
    pub definition: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows.
    pub rows: Vec<Vec<Cell>>,
    /// The sum of the rows, where they add up.
    pub total: Option<Vec<Cell>>,
}

impl Table {
    /// The place of a column.
    #[must_use]
    pub fn at(&self, key: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.key == key)
    }

    /// The cells of a column.
    pub fn column(&self, key: &str) -> impl Iterator<Item = &Cell> {
        let at = self.at(key);
        self.rows.iter().filter_map(move |row| row.get(at?))
    }
}

/// A table as JSON has it.
#[derive(Clone, Serialize, Deserialize)]
struct Written {
    id: String,
    title: String,
    definition: String,
    columns: Vec<Column>,
    rows: Vec<Map<String, Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    total: Option<Map<String, Value>>,
}

impl From<Table> for Written {
    fn from(table: Table) -> Written {
        let Table { id, title, definition, columns, rows, total } = table;
        let write = |row: &Vec<Cell>| {
            columns.iter().zip(row).map(|(c, cell)| (c.key.clone(), cell.to_json(c.kind))).collect()
        };
        let (rows, total) = (rows.iter().map(write).collect(), total.as_ref().map(write));
        Written { id, title, definition, columns, rows, total }
    }
}

impl From<Written> for Table {
    fn from(written: Written) -> Table {
        let Written { id, title, definition, columns, rows, total } = written;
        let read = |row: &Map<String, Value>| {
            let cell = |c: &Column| row.get(&c.key).map_or(Cell::Nothing, |v| Cell::from_json(v, c.kind));
            columns.iter().map(cell).collect()
        };
        let (rows, total) = (rows.iter().map(read).collect(), total.as_ref().map(read));
        Table { id, title, definition, columns, rows, total }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_comes_back_from_json() {
        let table = Table {
            id: "t".into(),
            columns: vec![
                Column::of("payer", "Payer", Kind::Text),
                Column::of("n", "Claims", Kind::Count),
                Column::of("amount", "Refused", Kind::Money),
                Column::of("rate", "Rate", Kind::Percent),
            ],
            rows: vec![
                vec![Cell::text("=A"), Cell::Number(12), Cell::Number(-5), Cell::Number(1234)],
                vec![Cell::text(SUPPRESSED), Cell::Suppressed, Cell::Suppressed, Cell::Nothing],
            ],
            total: Some(vec![Cell::text("all"), Cell::Number(12), Cell::Number(123_456), Cell::Nothing]),
            ..Table::default()
        };
        let text = serde_json::to_string(&table).unwrap();
        assert!(text.contains(r#"{"payer":"=A","n":12,"amount":"-0.05","rate":12.34}"#), "{text}");
        assert_eq!(serde_json::from_str::<Table>(&text).unwrap(), table);
    }

    #[test]
    fn numbers_are_written_as_people_write_them() {
        assert_eq!([0, -123_456, 100_000_000].map(money), ["$0.00", "-$1,234.56", "$1,000,000.00"]);
        assert_eq!([810, -4, 3, 10_000].map(percent), ["8.1 %", "0.0 %", "0.0 %", "100.0 %"]);
        assert_eq!((cents("1234.5"), cents("-0.05"), cents("x")), (Some(123_450), Some(-5), None));
        assert_eq!((share(1, 3), share(1, 0)), (Some(3333), None));
    }
}
