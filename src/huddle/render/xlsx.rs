//! A workbook: page one, and a sheet for each part of the detail with native tables and charts.

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::outline::page_one;
use crate::huddle::pack::{Pack, Section};
use crate::sheets::Kind;
use crate::sheets::xlsx::{Formats, cut, draw, height, sheet_name, widths, write};

/// The pack.
///
/// # Errors
/// When a limit of workbooks is passed.
pub fn xlsx(pack: &Pack) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    // The same pack is the same file.
    let made = rust_xlsxwriter::ExcelDateTime::parse_from_str(&format!("{}T00:00:00Z", pack.as_of))?;
    let properties = rust_xlsxwriter::DocProperties::new().set_title(format!("Huddle of {}", pack.week));
    workbook.set_properties(&properties.set_creation_datetime(&made));
    let formats = Formats::default();
    first(pack, workbook.add_worksheet(), &formats)?;
    let mut number = 0;
    let mut names: Vec<String> = vec!["page one".to_owned()];
    for section in &pack.detail {
        let sheet = workbook.add_worksheet();
        let name = sheet_name(&section.title, &names);
        sheet.set_name(&name)?;
        names.push(name.to_lowercase());
        detail(section, (sheet, &name), &formats, &mut number)?;
    }
    workbook.save_to_buffer()
}

fn first(pack: &Pack, sheet: &mut Worksheet, formats: &Formats) -> Result<(), XlsxError> {
    sheet.set_name("Page one")?;
    for (column, width) in [(0, 80.0), (1, 14.0), (2, 10.0), (3, 14.0), (4, 12.0), (5, 50.0)] {
        sheet.set_column_width(column, width)?;
    }
    sheet.write_string_with_format(
        0,
        0,
        format!("Huddle of {}, {}", pack.week, cut(&pack.site)),
        &formats.title,
    )?;
    sheet.write_string_with_format(
        1,
        0,
        format!("{} to {}, as of {}; held against {}", pack.from, pack.to, pack.as_of, pack.baseline.said),
        &formats.small,
    )?;
    let mut row = 2;
    if let Some(shared) = &pack.shared {
        sheet.write_string_with_format(row, 0, &shared.said, &formats.small)?;
        row += 1;
    }
    for part in page_one(pack) {
        row += 1;
        sheet.write_string_with_format(row, 0, part.title, &formats.head)?;
        for (column, title) in [(1, "Team"), (2, "Claims"), (3, "Dollars"), (4, "Due"), (5, "Small print")] {
            sheet.write_string_with_format(row, column, title, &formats.head)?;
        }
        row += 1;
        if !part.said.is_empty() {
            sheet.write_string_with_format(row, 0, cut(&part.said), &formats.small)?;
            row += 1;
        }
        for line in &part.lines {
            sheet.write_string_with_format(row, 0, cut(&line.text), &formats.text)?;
            sheet.write_string_with_format(row, 1, &line.owner, &formats.text)?;
            if let Some(claims) = line.claims {
                sheet.write_number_with_format(row, 2, claims as f64, &Formats::of(Kind::Count))?;
            }
            if let Some(amount) = line.amount {
                sheet.write_number_with_format(row, 3, amount as f64 / 100.0, &Formats::of(Kind::Money))?;
            }
            if let Some(due) = line.due {
                let day = rust_xlsxwriter::ExcelDateTime::parse_from_str(&due.to_string())?;
                sheet.write_datetime_with_format(row, 4, &day, &Formats::of(Kind::Date))?;
            }
            sheet.write_string_with_format(row, 5, cut(&line.small), &formats.small)?;
            sheet.set_row_height(
                row,
                height([(line.text.as_str(), 80.0), (line.small.as_str(), 50.0)].into_iter()),
            )?;
            row += 1;
        }
    }
    sheet.set_landscape().set_paper_size(1).set_print_fit_to_pages(1, 0);
    Ok(())
}

fn detail(
    section: &Section,
    (sheet, name): (&mut Worksheet, &str),
    formats: &Formats,
    number: &mut usize,
) -> Result<(), XlsxError> {
    sheet.write_string_with_format(0, 0, cut(&section.title), &formats.title)?;
    sheet.write_string_with_format(1, 0, cut(&section.said), &Format::new())?;
    sheet.set_landscape().set_paper_size(1).set_print_fit_to_pages(1, 0);
    let widths = widths(&section.tables);
    let widest = section.tables.iter().map(|t| t.columns.len()).max().unwrap_or(0);
    let mut row = 3;
    for table in section.tables.iter().filter(|t| !t.rows.is_empty()) {
        sheet.write_string_with_format(row, 0, &table.title, &formats.head)?;
        sheet.write_string_with_format(row + 1, 0, cut(&table.definition), &Format::new().set_italic())?;
        *number += 1;
        let from = row + 2;
        let next = write(table, (sheet, from), (*number, &widths))?;
        let drawn = section.charts.iter().filter(|chart| chart.table == table.id);
        for (n, chart) in drawn.enumerate() {
            if let Some(native) = draw(chart, table, name, from) {
                let column = u16::try_from(widest + 1).unwrap_or(12);
                sheet.insert_chart(from + 16 * n as u32, column, &native)?;
            }
        }
        row = next + 2;
    }
    for (at, width) in widths {
        sheet.set_column_width(at, width)?;
    }
    Ok(())
}
