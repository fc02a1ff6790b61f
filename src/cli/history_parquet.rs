//! Tables of the export as Parquet files: columns with types, rows in groups of bounded size.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use jiff::civil::{self, Date};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;

use super::exit::Failure;
use super::history_export::{Sheet, failed};
use crate::history::{Column, Kind};
use crate::x12::element::amount;

/// Rows of a group: what is held in memory of each table until it is written.
const GROUP: usize = 16_384;
/// Bytes of a group, where rows are long.
const GROUP_BYTES: usize = 16 << 20;
/// The day that days are counted from.
const FIRST: Date = civil::date(1970, 1, 1);

/// A table as a Parquet file.
pub(super) struct Parquet {
    columns: &'static [Column],
    schema: SchemaRef,
    writer: ArrowWriter<BufWriter<File>>,
}

impl Parquet {
    /// With these columns, and no rows yet.
    pub fn new(file: BufWriter<File>, columns: &'static [Column]) -> Result<Parquet, Failure> {
        let fields: Vec<Field> = columns.iter().map(field).collect();
        let schema = Arc::new(Schema::new(fields));
        let properties = WriterProperties::builder()
            .set_created_by(format!("claimloop {}", env!("CARGO_PKG_VERSION")))
            .set_max_row_group_row_count(Some(GROUP))
            .set_max_row_group_bytes(Some(GROUP_BYTES))
            .build();
        let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties));
        Ok(Parquet { columns, schema, writer: writer.map_err(|e| failed(&e))? })
    }
}

impl Sheet for Parquet {
    fn add(&mut self, rows: &[Vec<String>]) -> Result<(), Failure> {
        let columns = self.columns.iter().enumerate().map(|(n, column)| {
            let cell = |row: &'_ Vec<String>| row.get(n).filter(|cell| !cell.is_empty()).cloned();
            array(column, rows.iter().map(cell))
        });
        let columns = columns.collect::<Result<Vec<ArrayRef>, Failure>>()?;
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(|e| failed(&e))?;
        self.writer.write(&batch).map_err(|e| failed(&e))
    }

    fn end(self: Box<Self>) -> Result<(), Failure> {
        let mut file = self.writer.into_inner().map_err(|e| failed(&e))?;
        file.flush().map_err(|e| failed(&e))
    }
}

fn field((name, kind): &Column) -> Field {
    let of = |what| Field::new(*name, what, true);
    match kind {
        Kind::Text => of(DataType::Utf8),
        Kind::Day => of(DataType::Date32),
        Kind::Money => of(DataType::Int64).with_metadata([("unit".to_owned(), "cents".to_owned())]),
        Kind::Count => of(DataType::Int64),
        Kind::Flag => of(DataType::Boolean),
    }
}

fn array((name, kind): &Column, cells: impl Iterator<Item = Option<String>>) -> Result<ArrayRef, Failure> {
    Ok(match kind {
        Kind::Text => Arc::new(cells.collect::<StringArray>()),
        Kind::Day => Arc::new(each(name, cells, days)?.into_iter().collect::<Date32Array>()),
        Kind::Money => {
            Arc::new(each(name, cells, |c| amount(c.as_bytes()))?.into_iter().collect::<Int64Array>())
        }
        Kind::Count => Arc::new(each(name, cells, |c| c.parse().ok())?.into_iter().collect::<Int64Array>()),
        Kind::Flag => Arc::new(each(name, cells, |c| c.parse().ok())?.into_iter().collect::<BooleanArray>()),
    })
}

/// Cells as what their column holds. One that isn't is ours to mend, and is not quoted.
fn each<T>(
    name: &str,
    cells: impl Iterator<Item = Option<String>>,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<Option<T>>, Failure> {
    let wrong =
        || Failure::plain(format!("writing a table: a cell of {name} doesn't hold what the column does"));
    cells.map(|cell| cell.map(|cell| read(&cell).ok_or_else(wrong)).transpose()).collect()
}

fn days(cell: &str) -> Option<i32> {
    cell.parse::<Date>().ok()?.since(FIRST).ok().map(|span| span.get_days())
}
