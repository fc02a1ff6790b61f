//! `claimloop edits list|test`.

use std::io::Write;

use clap::Subcommand;
use serde_json::{Value, json};

use super::TextOrJson;
use super::exit::{Exit, Failure};
use super::table;
use crate::edits::{Edit, EditSet};
use crate::scrub::examples;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Every edit, a line each.
    List {
        #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
        format: TextOrJson,
    },
    /// Run every example of every edit.
    Test {
        #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
        format: TextOrJson,
    },
}

pub fn run(args: &Args, out: &mut dyn Write) -> Result<Exit, Failure> {
    let edits = EditSet::shipped()?.with_drafts();
    match args.command {
        Command::List { format } => list(&edits, format, out),
        Command::Test { format } => test(&edits, format, out),
    }
}

/// An edit's line in JSON.
fn brief(edit: &Edit) -> Value {
    json!({
        "id": edit.id,
        "name": edit.name,
        "status": edit.status.name(),
        "severity": edit.severity.name(),
        "owner": edit.owner.name(),
        "snip": edit.snip,
        "applies": edit.applies.iter().map(|g| g.name()).collect::<Vec<_>>(),
        "at": edit.at.to_string(),
        "prevents": edit.prevents,
    })
}

fn list(edits: &EditSet, format: TextOrJson, out: &mut dyn Write) -> Result<Exit, Failure> {
    match format {
        TextOrJson::Json => {
            serde_json::to_writer(&mut *out, &edits.edits().iter().map(brief).collect::<Vec<_>>())?;
            writeln!(out)?;
        }
        TextOrJson::Text => {
            let rows: Vec<Vec<String>> = edits
                .edits()
                .iter()
                .map(|e| {
                    let applies: Vec<&str> = e.applies.iter().map(|g| g.name()).collect();
                    let cells = [&e.id, &e.name, e.status.name(), e.severity.name(), e.owner.name()];
                    let mut row: Vec<String> = cells.iter().map(|c| (*c).to_owned()).collect();
                    row.extend([applies.join(" "), e.at.to_string()]);
                    row
                })
                .collect();
            table::write(out, &["id", "name", "status", "severity", "owner", "applies", "at"], &rows)?;
            writeln!(out, "\n{} edits; definition of clean {}", rows.len(), edits.hash())?;
        }
    }
    Ok(Exit::Clean)
}

fn test(edits: &EditSet, format: TextOrJson, out: &mut dyn Write) -> Result<Exit, Failure> {
    let outcomes = examples::run_all(edits);
    let failed = outcomes.iter().filter(|o| o.failure.is_some()).count();
    match format {
        TextOrJson::Json => {
            let all: Vec<Value> = outcomes
                .iter()
                .map(|o| json!({ "edit": o.edit, "example": o.title, "ok": o.failure.is_none(), "failure": o.failure }))
                .collect();
            serde_json::to_writer(&mut *out, &all)?;
            writeln!(out)?;
        }
        TextOrJson::Text => {
            for (outcome, failure) in outcomes.iter().filter_map(|o| Some((o, o.failure.as_ref()?))) {
                writeln!(out, "{} {:?}: {failure}", outcome.edit, outcome.title)?;
            }
            let held = outcomes.len() - failed;
            writeln!(out, "{} edits, {held} examples hold, {failed} don't", edits.edits().len())?;
        }
    }
    Ok(if failed == 0 { Exit::Clean } else { Exit::Found })
}
