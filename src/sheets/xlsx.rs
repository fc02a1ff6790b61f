//! Tables as worksheets: native tables with typed cells, and native charts. Text is written as text, never as a formula.

use rust_xlsxwriter::{
    Chart as Drawn, ChartType, Color, Format, FormatAlign, Table as Native, TableColumn, TableStyle,
    Workbook, Worksheet, XlsxError,
};

use super::{Cell, Chart, Column, Kind, Table};

const MONEY: &str = "$#,##0.00;[Red]-$#,##0.00";
const COUNT: &str = "#,##0";
const PERCENT: &str = "0.0%";
const DATE: &str = "yyyy-mm-dd";
/// Characters of a cell at most.
const LONGEST: usize = 32_000;

/// How cells look.
pub struct Formats {
    /// Of a heading.
    pub title: Format,
    /// Of a table's name.
    pub head: Format,
    /// Of words.
    pub text: Format,
    /// Of small print.
    pub small: Format,
}

impl Default for Formats {
    fn default() -> Formats {
        let accent = Color::RGB(0x000B_5C8A);
        Formats {
            title: Format::new().set_bold().set_font_size(14.0).set_font_color(accent),
            head: Format::new().set_bold().set_font_color(accent),
            text: Format::new().set_text_wrap().set_align(FormatAlign::Top),
            small: Format::new()
                .set_font_color(Color::RGB(0x004B_5563))
                .set_text_wrap()
                .set_align(FormatAlign::Top),
        }
    }
}

impl Formats {
    /// Of what a column holds.
    #[must_use]
    pub fn of(kind: Kind) -> Format {
        let plain = Format::new().set_align(FormatAlign::Top);
        match kind {
            Kind::Money => plain.set_num_format(MONEY),
            Kind::Count | Kind::Days => plain.set_num_format(COUNT),
            Kind::Percent => plain.set_num_format(PERCENT),
            Kind::Date => plain.set_num_format(DATE),
            Kind::Text => plain.set_text_wrap(),
        }
    }
}

/// A workbook with a sheet for each table: the same tables made on the same day are the same file.
///
/// # Errors
/// When a limit of workbooks is passed.
pub fn xlsx(tables: &[Table], made: jiff::civil::Date) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let at = rust_xlsxwriter::ExcelDateTime::parse_from_str(&format!("{made}T00:00:00Z"))?;
    workbook.set_properties(&rust_xlsxwriter::DocProperties::new().set_creation_datetime(&at));
    let formats = Formats::default();
    let mut names: Vec<String> = Vec::new();
    for (number, table) in (1..).zip(tables) {
        let sheet = workbook.add_worksheet();
        let name = sheet_name(&table.title, &names);
        sheet.set_name(&name)?;
        names.push(name.to_lowercase());
        sheet.write_string_with_format(0, 0, cut(&table.title), &formats.title)?;
        sheet.write_string_with_format(1, 0, cut(&table.definition), &Format::new().set_italic())?;
        sheet.set_landscape().set_paper_size(1).set_print_fit_to_pages(1, 0);
        let widths = widths(std::slice::from_ref(table));
        if !table.rows.is_empty() {
            write(table, (sheet, 3), (number, &widths))?;
        }
        for (at, width) in widths {
            sheet.set_column_width(at, width)?;
        }
    }
    workbook.save_to_buffer()
}

/// A sheet's name: 31 characters at most, none that has a meaning, each once.
#[must_use]
pub fn sheet_name(title: &str, taken: &[String]) -> String {
    let sound = |c: char| if c.is_control() || "[]:*?/\\'".contains(c) { ' ' } else { c };
    let base: String = title.chars().map(sound).take(26).collect();
    let base = base.trim().to_owned();
    let is_free = |name: &str| !name.is_empty() && !taken.contains(&name.to_lowercase());
    if is_free(&base) {
        return base;
    }
    (2..).map(|n| format!("{base} {n}")).find(|name| is_free(name)).unwrap_or(base)
}

/// High enough for every text in a cell of its width: not every program fits rows when it opens a file.
#[must_use]
pub fn height<'a>(cells: impl Iterator<Item = (&'a str, f64)>) -> f64 {
    let lines = |(text, width): (&str, f64)| (text.chars().count() as f64 * 1.05 / width).ceil().max(1.0);
    15.0 * cells.map(lines).fold(1.0, f64::max)
}

/// No longer than a cell may be.
#[must_use]
pub fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// A column is as wide as the widest of the tables below each other wants it.
#[must_use]
pub fn widths(tables: &[Table]) -> Vec<(u16, f64)> {
    let want = |column: &Column, table: &Table| {
        let cells = table.column(&column.key).map(|cell| cell.shown(column.kind).chars().count());
        cells.chain([column.title.chars().count() + 2]).max().unwrap_or(10).clamp(9, 60) as f64
    };
    let columns = tables.iter().map(|t| t.columns.len()).max().unwrap_or(0);
    let of = |at: usize| tables.iter().filter_map(|t| Some(want(t.columns.get(at)?, t))).fold(9.0, f64::max);
    (0..columns).filter_map(|at| Some((u16::try_from(at).ok()?, of(at) + 1.0))).collect()
}

/// Writes a table; gives the row behind it.
///
/// # Errors
/// When a limit of workbooks is passed.
pub fn write(
    table: &Table,
    (sheet, from): (&mut Worksheet, u32),
    (number, widths): (usize, &[(u16, f64)]),
) -> Result<u32, XlsxError> {
    let last_column = u16::try_from(table.columns.len().saturating_sub(1)).unwrap_or(0);
    let last = from + u32::try_from(table.rows.len()).unwrap_or(0);
    let columns: Vec<TableColumn> = table
        .columns
        .iter()
        .map(|c| TableColumn::new().set_header(&c.title).set_header_format(Format::new().set_bold()))
        .collect();
    let native =
        Native::new().set_name(format!("Table{number}")).set_style(TableStyle::Light1).set_columns(&columns);
    sheet.add_table(from, 0, last, last_column, &native)?;
    let mut row = from + 1;
    for cells in table.rows.iter().chain(&table.total) {
        let texts = cells.iter().zip(widths).filter_map(|(cell, (_, width))| match cell {
            Cell::Text(text) => Some((text.as_str(), *width)),
            _ => None,
        });
        sheet.set_row_height(row, height(texts))?;
        let is_total = row > last;
        for ((at, column), cell) in (0..).zip(&table.columns).zip(cells) {
            let format = Formats::of(column.kind);
            let format = if is_total { format.set_bold() } else { format };
            match (cell, column.kind) {
                (Cell::Nothing, _) => {}
                (Cell::Suppressed, _) => {
                    sheet.write_string_with_format(
                        row,
                        at,
                        super::SUPPRESSED,
                        &Format::new().set_italic(),
                    )?;
                }
                (Cell::Text(text), Kind::Date) => {
                    match rust_xlsxwriter::ExcelDateTime::parse_from_str(text) {
                        Ok(day) => {
                            sheet.write_datetime_with_format(row, at, &day, &format)?;
                        }
                        Err(_) => {
                            sheet.write_string(row, at, cut(text))?;
                        }
                    }
                }
                (Cell::Text(text), _) => {
                    sheet.write_string_with_format(row, at, cut(text), &format)?;
                }
                (Cell::Number(n), Kind::Money) => {
                    sheet.write_number_with_format(row, at, *n as f64 / 100.0, &format)?;
                }
                (Cell::Number(n), Kind::Percent) => {
                    sheet.write_number_with_format(row, at, *n as f64 / 10_000.0, &format)?;
                }
                (Cell::Number(n), _) => {
                    sheet.write_number_with_format(row, at, *n as f64, &format)?;
                }
            }
        }
        row += 1;
    }
    Ok(row)
}

/// A line over the weeks, with the band it is expected in as two thin ones.
#[must_use]
pub fn draw(chart: &Chart, table: &Table, sheet: &str, from: u32) -> Option<Drawn> {
    let (x, y) = (u16::try_from(table.at(&chart.x)?).ok()?, table.at(&chart.y)?);
    let (first, last) = (from + 1, from + u32::try_from(table.rows.len()).ok()?);
    let kind = table.columns.get(y)?.kind;
    let mut native = Drawn::new(ChartType::Line);
    native.title().set_name(&chart.title).set_font(rust_xlsxwriter::ChartFont::new().set_size(10));
    let band = chart.band.iter().flat_map(|(low, high)| [low, high]).filter_map(|key| table.at(key));
    for (n, column) in std::iter::once(y).chain(band).enumerate() {
        let title = &table.columns.get(column)?.title;
        let at = u16::try_from(column).ok()?;
        let mut line = rust_xlsxwriter::ChartLine::new();
        line.set_width(if n == 0 { 2.25 } else { 0.75 });
        line.set_color(Color::RGB(if n == 0 { 0x000B_5C8A } else { 0x006B_7280 }));
        if n > 0 {
            line.set_dash_type(rust_xlsxwriter::ChartLineDashType::Dash);
        }
        native
            .add_series()
            .set_name(title)
            .set_categories((sheet, first, x, last, x))
            .set_values((sheet, first, at, last, at))
            .set_format(rust_xlsxwriter::ChartFormat::new().set_line(&line));
    }
    let scale = if kind == Kind::Percent { 10_000.0 } else { 100.0 };
    native.y_axis().set_min(0.0).set_max(chart.top as f64 / scale).set_num_format(match kind {
        Kind::Percent => "0%",
        _ => "$#,##0",
    });
    native.legend().set_position(rust_xlsxwriter::ChartLegendPosition::Bottom);
    native.set_width(640).set_height(300);
    Some(native)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheets_have_sound_names_each_once() {
        let taken = vec!["payer a b".to_owned()];
        assert_eq!(sheet_name("Payer A/B", &taken), "Payer A B 2");
        assert!(sheet_name(&"x".repeat(80), &[]).len() <= 31);
    }
}
