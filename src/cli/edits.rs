//! `claimloop edits list|test|docs|checklist|diff`.

use std::io::Write;
use std::path::PathBuf;

use clap::Subcommand;
use serde_json::{Value, json};

use super::TextOrJson;
use super::edits_text::{self, Paper};
use super::exit::{Exit, Failure};
use super::site;
use super::table;
use crate::edits::{Edit, EditSet, Owner, Status};
use crate::scrub::examples;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    site: site::Site,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Every edit, a line each.
    List {
        /// Those of one team.
        #[arg(long, value_parser = owner)]
        owner: Option<Owner>,
        /// Those of one SNIP type.
        #[arg(long)]
        snip: Option<u8>,
        /// Those whose place names this: CLM05, 2010BA, SV1.
        #[arg(long, value_name = "PLACE")]
        at: Option<String>,
        /// draft, active or retired.
        #[arg(long, value_parser = status)]
        status: Option<Status>,
        #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
        format: TextOrJson,
    },
    /// Run every example of every edit.
    Test {
        #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
        format: TextOrJson,
    },
    /// Write every edit with what, why and fix: docs/edits.md.
    Docs,
    /// Write the clean-claim checklist: a line for each active edit.
    Checklist {
        /// For one team.
        #[arg(long, value_parser = owner)]
        owner: Option<Owner>,
        /// For claims to one payer: the id of its pack, in the folder of --payers.
        #[arg(long, value_name = "PACK")]
        payer: Option<String>,
        #[arg(long, value_enum, default_value_t = Paper::Md)]
        format: Paper,
    },
    /// Say what differs between two folders of edits.
    Diff {
        /// The folder before.
        old: PathBuf,
        /// The folder after.
        new: PathBuf,
    },
}

fn owner(name: &str) -> Result<Owner, String> {
    Owner::ALL
        .into_iter()
        .find(|o| o.name() == name)
        .ok_or_else(|| format!("{name:?} is no team; there are {}", Owner::ALL.map(|o| o.name()).join(", ")))
}

fn status(name: &str) -> Result<Status, String> {
    let known = [Status::Draft, Status::Active, Status::Retired];
    known
        .into_iter()
        .find(|s| s.name() == name)
        .ok_or_else(|| format!("{name:?} is none of draft, active, retired"))
}

pub fn run(args: &Args, out: &mut dyn Write) -> Result<Exit, Failure> {
    let edits = args.site.edits()?;
    match &args.command {
        Command::List { owner, snip, at, status, format } => {
            let wanted = |e: &&Edit| {
                owner.is_none_or(|o| e.owner == o)
                    && snip.is_none_or(|n| e.snip == n)
                    && status.is_none_or(|s| e.status == s)
                    && at.as_ref().is_none_or(|at| e.at.to_string().contains(at.as_str()))
            };
            let listed: Vec<&Edit> = edits.edits().iter().filter(wanted).collect();
            list(&edits, &listed, *format, out)
        }
        Command::Test { format } => test(&edits.for_examples(), *format, out),
        Command::Docs => edits_text::docs(&edits, out),
        Command::Checklist { owner, payer, format } => {
            let pack = match payer {
                None => None,
                Some(id) => Some(edits.payers().iter().find(|p| p.id == *id).ok_or_else(|| {
                    Failure::usage(format!("there is no payer pack {id:?} in the folder of --payers"))
                })?),
            };
            edits_text::checklist(&edits, *owner, pack, *format, out)
        }
        Command::Diff { old, new } => edits_text::diff(old, new, out),
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

fn list(edits: &EditSet, listed: &[&Edit], format: TextOrJson, out: &mut dyn Write) -> Result<Exit, Failure> {
    match format {
        TextOrJson::Json => {
            serde_json::to_writer(&mut *out, &listed.iter().map(|e| brief(e)).collect::<Vec<_>>())?;
            writeln!(out)?;
        }
        TextOrJson::Text => {
            let rows: Vec<Vec<String>> = listed
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
