//! Tables of typed cells and charts of them, and what they are written as: CSV and workbooks that no spreadsheet runs, SVG.
//!
//! A page or a report makes a [`Table`] once; what people see and what they download is written from it. The home of `rust_xlsxwriter`.

mod chart;
mod csv;
mod svg;
mod table;
mod text;
pub mod xlsx;

pub use chart::Chart;
pub use csv::{csv, line, plain};
pub use svg::{sparkline, svg};
pub use table::{Cell, Column, Kind, SUPPRESSED, Table, cents, columns, grouped, money, percent, share};
pub use text::{escaped, harmless};
