//! `claimloop history denials`.

use std::io::Write;
use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use serde_json::Value;

use super::exit::{Exit, Failure};
use super::held::answer;
use super::table;
use crate::daemon::control::Question;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Denials counted, most dollars first.
    Denials {
        /// What to count by: payer, group, carc, rarc, procedure, week, owner, category, claim.
        #[arg(long, value_delimiter = ',', default_value = "payer,carc")]
        by: Vec<String>,
        /// The daemon's state folder.
        #[arg(long, default_value = "state")]
        state: PathBuf,
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Csv,
}

pub fn run(args: &Args, out: &mut dyn Write) -> Result<Exit, Failure> {
    let Command::Denials { by, state, format } = &args.command;
    let value = answer(state, &Question::Denials { by: by.clone() })?;
    if *format == Format::Json {
        serde_json::to_writer(&mut *out, &value)?;
        writeln!(out)?;
        return Ok(Exit::Clean);
    }
    let header: Vec<&str> = by.iter().map(String::as_str).chain(["claims", "denials", "amount"]).collect();
    let rows: Vec<Vec<String>> = value
        .get("rows")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|row| header.iter().map(|name| cell(row.get(*name))).collect())
        .collect();
    if *format == Format::Csv {
        return csv(&header, &rows, by.len(), out);
    }
    if rows.is_empty() {
        writeln!(out, "No denials are known.")?;
        return Ok(Exit::Clean);
    }
    table::write(out, &header, &rows)?;
    let of = |name| cell(value.get("total").and_then(|t| t.get(name)));
    let week = |name| cell(value.get(name));
    let (claims, denials, amount) = (of("claims"), of("denials"), of("amount"));
    writeln!(
        out,
        "\n{denials} denials on {claims} claims, ${amount}, paid in {} to {}",
        week("from"),
        week("to")
    )?;
    Ok(Exit::Clean)
}

fn cell(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

fn csv(header: &[&str], rows: &[Vec<String>], texts: usize, out: &mut dyn Write) -> Result<Exit, Failure> {
    let mut writer = csv::Writer::from_writer(out);
    let failed = |e: csv::Error| Failure::at("writing output", &e);
    writer.write_record(header).map_err(failed)?;
    for row in rows {
        // Only what came from a file can be hostile; counts and amounts are ours.
        let cells =
            row.iter().enumerate().map(|(i, c)| if i < texts { table::csv_text(c) } else { c.clone() });
        writer.write_record(cells).map_err(failed)?;
    }
    writer.flush()?;
    Ok(Exit::Clean)
}
