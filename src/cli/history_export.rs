//! `claimloop history export`: the tables as files, a part at a time, so that memory stays where it is however long the history is.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use clap::ValueEnum;
use serde_json::Value;

use super::exit::{Exit, Failure};
use super::held::configured;
use super::history::harmless;
#[cfg(feature = "parquet")]
use super::history_parquet::Parquet;
use crate::daemon::control::{Answer, Asked, Asker, Question};
use crate::history::{Column, EXPORTS};

/// What the files are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Shape {
    Csv,
    /// Typed columns: days, cents, whole numbers, flags, text; an empty cell is null.
    Parquet,
}

impl Shape {
    fn extension(self) -> &'static str {
        match self {
            Shape::Csv => "csv",
            Shape::Parquet => "parquet",
        }
    }

    /// Refuses what this binary can't write.
    fn is_built_in(self) -> Result<(), Failure> {
        if self == Shape::Parquet && cfg!(not(feature = "parquet")) {
            return Err(Failure::usage(
                "this binary was built without parquet; build it with `cargo build --release --locked --features parquet`",
            ));
        }
        Ok(())
    }
}

/// A table that is being written.
pub(super) trait Sheet {
    /// More rows.
    fn add(&mut self, rows: &[Vec<String>]) -> Result<(), Failure>;

    /// There are no more.
    fn end(self: Box<Self>) -> Result<(), Failure>;
}

struct Csv(csv::Writer<BufWriter<File>>);

/// We failed at a table.
pub(super) fn failed(error: &dyn std::error::Error) -> Failure {
    Failure::at("writing a table", error)
}

impl Sheet for Csv {
    fn add(&mut self, rows: &[Vec<String>]) -> Result<(), Failure> {
        for row in rows {
            self.0.write_record(row.iter().map(|cell| harmless(cell))).map_err(|e| failed(&e))?;
        }
        Ok(())
    }

    fn end(mut self: Box<Self>) -> Result<(), Failure> {
        self.0.flush().map_err(|e| failed(&e))
    }
}

fn sheet(shape: Shape, path: &Path, columns: &'static [Column]) -> Result<Box<dyn Sheet>, Failure> {
    let file = BufWriter::new(File::create(path).map_err(|e| Failure::at("creating a table", &e))?);
    #[cfg(feature = "parquet")]
    if shape == Shape::Parquet {
        return Ok(Box::new(Parquet::new(file, columns)?));
    }
    shape.is_built_in()?;
    let mut writer = csv::Writer::from_writer(file);
    writer.write_record(columns.iter().map(|(name, _)| name)).map_err(|e| failed(&e))?;
    Ok(Box::new(Csv(writer)))
}

/// Writes every table to a folder.
pub fn run(
    dir: &Path,
    shape: Shape,
    (state, config): (&Path, Option<&Path>),
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    shape.is_built_in()?;
    let config = configured(state, config)?;
    fs::create_dir_all(dir).map_err(|e| Failure::at("making the folder", &e))?;
    let mut sheets = Vec::new();
    for (name, columns) in EXPORTS {
        let path = dir.join(name).with_extension(shape.extension());
        sheets.push((sheet(shape, &path, columns)?, path, 0));
    }
    let mut asker = Asker::new(state, config.as_ref());
    let mut after = String::new();
    loop {
        let asked = Asked::Export { after };
        let value = match asker.ask(&Question::History { asked })? {
            Answer::Ok(value) => value,
            Answer::Refused(why) => return Err(Failure::usage(why)),
        };
        let tables: [Vec<Vec<String>>; 3] =
            serde_json::from_value(value.get("rows").cloned().unwrap_or_default())?;
        for ((sheet, _, n), rows) in sheets.iter_mut().zip(&tables) {
            sheet.add(rows)?;
            *n += rows.len();
        }
        match value.get("next").and_then(Value::as_str) {
            Some(next) => after = next.to_owned(),
            None => break,
        }
    }
    for (sheet, path, n) in sheets {
        sheet.end()?;
        writeln!(out, "{}: {n} rows", path.display())?;
    }
    Ok(Exit::Clean)
}
