//! `claimloop history denials|payments`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use serde_json::Value;

use super::TextOrJson;
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
        /// The daemon's configuration: it names the keys of a sealed state, where no daemon runs.
        #[arg(long)]
        config: Option<PathBuf>,
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Claim payments and the claims of ours they are for; where that isn't certain, the candidates.
    Payments {
        /// The daemon's state folder.
        #[arg(long, default_value = "state")]
        state: PathBuf,
        /// The daemon's configuration: it names the keys of a sealed state, where no daemon runs.
        #[arg(long)]
        config: Option<PathBuf>,
        #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
        format: TextOrJson,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Csv,
}

pub fn run(args: &Args, out: &mut dyn Write) -> Result<Exit, Failure> {
    match &args.command {
        Command::Denials { by, state, config, format } => {
            denials(by, (state, config.as_deref()), *format, out)
        }
        Command::Payments { state, config, format } => payments((state, config.as_deref()), *format, out),
    }
}

fn payments(
    (state, config): (&Path, Option<&Path>),
    format: TextOrJson,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let value = answer(state, &Question::Payments, config)?;
    if format == TextOrJson::Json {
        serde_json::to_writer(&mut *out, &value)?;
        writeln!(out)?;
        return Ok(Exit::Clean);
    }
    let header = ["week", "payer", "claim", "class", "charge", "paid", "denied"];
    let all = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|row| {
            let candidates = row.get("candidates").and_then(Value::as_array).map_or(0, Vec::len);
            let ours = match row.get("linked") {
                Some(Value::Object(_)) => "linked".to_owned(),
                _ => format!("not linked, {candidates} candidates"),
            };
            header.iter().map(|name| cell(row.get(*name))).chain([ours]).collect()
        })
        .collect();
    let header: Vec<&str> = header.into_iter().chain(["claim of ours"]).collect();
    table::write(out, &header, &rows)?;
    Ok(Exit::Clean)
}

fn denials(
    by: &[String],
    (state, config): (&Path, Option<&Path>),
    format: Format,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let value = answer(state, &Question::Denials { by: by.to_vec() }, config)?;
    if format == Format::Json {
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
    if format == Format::Csv {
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
