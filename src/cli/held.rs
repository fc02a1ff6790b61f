//! `claimloop held list|show`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::Value;

use super::TextOrJson;
use super::exit::{Exit, Failure};
use super::table::{self, printable};
use crate::daemon::control::{Answer, Question, ask};
use crate::edits::EditSet;
use crate::holds::HeldClaim;
use crate::x12::element::decimal;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Every held claim, oldest first.
    List {
        /// The daemon's state folder.
        #[arg(long, default_value = "state")]
        state: PathBuf,
        #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
        format: TextOrJson,
    },
    /// One held claim: its segments, its findings, what to do.
    Show {
        /// Id of the hold.
        id: String,
        /// The daemon's state folder.
        #[arg(long, default_value = "state")]
        state: PathBuf,
        #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
        format: TextOrJson,
    },
}

/// Asks, and refuses to make a state where there is none.
pub fn answer(state: &Path, question: &Question) -> Result<Value, Failure> {
    if !state.join("journal").is_dir() {
        return Err(Failure::usage(format!(
            "there is no state in {}; name it with --state",
            state.display()
        )));
    }
    match ask(state, question)? {
        Answer::Ok(value) => Ok(value),
        Answer::Refused(why) => Err(Failure::usage(why)),
    }
}

pub fn run(args: &Args, out: &mut dyn Write) -> Result<Exit, Failure> {
    match &args.command {
        Command::List { state, format } => {
            let value = answer(state, &Question::HeldList)?;
            if *format == TextOrJson::Json {
                serde_json::to_writer(&mut *out, &value)?;
                writeln!(out)?;
                return Ok(Exit::Clean);
            }
            let held: Vec<HeldClaim> = serde_json::from_value(value)?;
            list(&held, out)
        }
        Command::Show { id, state, format } => {
            let value = answer(state, &Question::HeldShow { id: id.clone() })?;
            if *format == TextOrJson::Json {
                serde_json::to_writer(&mut *out, &value)?;
                writeln!(out)?;
                return Ok(Exit::Clean);
            }
            let text = value.get("x12").and_then(Value::as_str).unwrap_or_default().to_owned();
            let held: HeldClaim = serde_json::from_value(value)?;
            show(&held, &text, out)
        }
    }
}

fn list(held: &[HeldClaim], out: &mut dyn Write) -> Result<Exit, Failure> {
    if held.is_empty() {
        writeln!(out, "No claim is held.")?;
        return Ok(Exit::Clean);
    }
    let rows: Vec<Vec<String>> = held
        .iter()
        .map(|h| {
            let owner = h.owner.map_or("", |o| o.name()).to_owned();
            let first = h.findings.first().map(|f| format!("{} {}", f.edit, f.name)).unwrap_or_default();
            let more = h.findings.len().saturating_sub(1);
            let why = if more > 0 { format!("{first} +{more}") } else { first };
            vec![
                h.id.clone(),
                h.claim.clone(),
                h.payer.clone(),
                decimal(h.charge),
                owner,
                why,
                h.file.clone(),
            ]
        })
        .collect();
    table::write(out, &["id", "claim", "payer", "charge", "owner", "why", "file"], &rows)?;
    let total = held.iter().fold(0, |sum: i64, h| sum.saturating_add(h.charge));
    writeln!(out, "\n{} held, ${}", held.len(), decimal(total))?;
    Ok(Exit::Clean)
}

fn show(held: &HeldClaim, text: &str, out: &mut dyn Write) -> Result<Exit, Failure> {
    let edits = EditSet::shipped()?;
    writeln!(
        out,
        "Claim {}, payer {}, ${}",
        printable(&held.claim),
        printable(&held.payer),
        decimal(held.charge)
    )?;
    writeln!(
        out,
        "held as {} since {}, from {} by channel {}",
        held.id,
        held.held_at,
        printable(&held.file),
        held.channel
    )?;
    let may = if held.overridable {
        "may be released with a reason"
    } else {
        "can't go as it is: only a correction ends the hold"
    };
    writeln!(out, "for {}; {may}", held.owner.map_or("nobody", |o| o.name()))?;
    for finding in &held.findings {
        writeln!(out, "\n{}[{}]: {}\n  at {}", finding.severity, finding.edit, finding.name, finding.at)?;
        writeln!(out, "   = what: {}", printable(&finding.message))?;
        if let Some(edit) = edits.get(&finding.edit) {
            super::snippet::explain(out, edit)?;
        }
    }
    writeln!(out)?;
    // A claim's text ends with its terminator, whatever that is.
    let terminator = text.chars().last().unwrap_or('~');
    for segment in text.split_inclusive(terminator).map(str::trim).filter(|s| !s.is_empty()) {
        writeln!(out, "    {}", printable(segment))?;
    }
    Ok(Exit::Clean)
}
