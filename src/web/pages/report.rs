//! What pages that report are made of: tables, charts, files of them.

use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use maud::{Markup, PreEscaped, html};

use super::{download, nothing, page_of};
use crate::sheets::{self, Chart, Kind, Table};
use crate::web::handle::Failed;
use crate::web::request::Signed;

/// A page of this title, behind the one of the navigation that `here` names.
pub fn report(who: &Signed, (title, here): (&str, &str), content: &Markup) -> Response {
    page_of(StatusCode::OK, (title, here), Some(who), content)
}

/// What something is, by its name and its small print.
pub fn head(title: &str, said: &str) -> Markup {
    html! { h1 { (title) } @if !said.is_empty() { p .lead { (said) } } }
}

/// A table as people read it. `link` says where a row leads from its first cell.
pub fn table(of: &Table, link: &dyn Fn(usize) -> Option<String>) -> Markup {
    let class = |kind: Kind| kind.is_number().then_some("number");
    html! {
        div .wide tabindex="0" role="region" aria-label=(of.title) {
            table .figures {
                caption { @if !of.title.is_empty() { strong { (of.title) } } @if !of.definition.is_empty() { " " span { (of.definition) } } }
                thead { tr { @for column in &of.columns { th scope="col" class=[class(column.kind)] { (column.title) } } } }
                tbody {
                    @for (n, row) in of.rows.iter().enumerate() {
                        tr {
                            @for (at, (column, cell)) in of.columns.iter().zip(row).enumerate() {
                                td class=[class(column.kind)] {
                                    @match link(n).filter(|_| at == 0) {
                                        Some(path) => a href=(path) { (shown(cell, column.kind)) },
                                        None => (shown(cell, column.kind)),
                                    }
                                }
                            }
                        }
                    }
                    @if of.rows.is_empty() { tr { td colspan=(of.columns.len().max(1)) { "Nothing." } } }
                }
                @if let Some(total) = &of.total {
                    tfoot { tr { @for (column, cell) in of.columns.iter().zip(total) { td class=[class(column.kind)] { (shown(cell, column.kind)) } } } }
                }
            }
        }
    }
}

fn shown(cell: &sheets::Cell, kind: Kind) -> String {
    crate::web::say::plain(&cell.shown(kind))
}

/// A table nobody goes on from.
pub fn plain_table(of: &Table) -> Markup {
    table(of, &|_| None)
}

/// A chart with its table under it; nothing where no week has a value.
pub fn chart(of: &Chart, table: &Table) -> Markup {
    html! {
        @if let Some(drawn) = sheets::svg(of, table) {
            figure .drawn {
                figcaption { (of.title) }
                (PreEscaped(drawn))
                details { summary { "The numbers" } (plain_table(table)) }
            }
        }
    }
}

/// Files of what a page shows.
pub fn files(base: &str) -> Markup {
    html! { p .files { "Download: " a href={ (base) "/export.csv" } { "CSV" } " \u{b7} " a href={ (base) "/export.xlsx" } { "Excel" } } }
}

/// What a page shows as a file: `export` is `export.csv`, of the first table, or `export.xlsx`, of all. `stem` is what it is called, and must say
/// nothing of a patient. Text in it is no formula; numbers and days are such.
///
/// # Errors
/// When it can't be written.
pub fn exported(tables: &[Table], stem: &str, export: &str, today: Date) -> Result<Response, Failed> {
    Ok(match (export, tables.first()) {
        ("export.csv", Some(table)) => {
            let mut bytes = Vec::new();
            sheets::csv(table, &mut bytes)?;
            download(&format!("{stem}-{today}.csv"), "text/csv; charset=utf-8", bytes)
        }
        ("export.xlsx", Some(_)) => {
            const KIND: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            download(&format!("{stem}-{today}.xlsx"), KIND, sheets::xlsx::xlsx(tables, today)?)
        }
        _ => nothing(),
    })
}
