//! `claimloop alerts list|show|ack|snooze|assign|resolve|resend|test`.

use std::io::Write;
use std::path::PathBuf;

use clap::Subcommand;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::asking::{Of, rows, text};
use super::exit::{Exit, Failure};
use super::table::{self, printable};
use crate::alerts::{Decide, Letter};
use crate::config::{Config, Way};
use crate::daemon::alerting::Asked;
use crate::daemon::control::Question;
use crate::sinks;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Alerts that are not resolved, the newest first.
    List {
        /// The resolved too.
        #[arg(long)]
        all: bool,
        /// Messages that could not be sent instead.
        #[arg(long, conflicts_with = "all")]
        dead: bool,
        #[command(flatten)]
        of: Of,
    },
    /// One alert: its numbers, example claims, what was done of it, who was told.
    Show {
        /// Id of the alert.
        id: String,
        #[command(flatten)]
        of: Of,
    },
    /// Say that somebody is at it: it is not escalated any more
    Ack {
        #[command(flatten)]
        one: One,
    },
    /// Put an alert off: nobody hears of it until then
    Snooze {
        #[command(flatten)]
        one: One,
        /// For how long, as in "72h"; 90 days at most.
        #[arg(long, value_name = "DURATION")]
        r#for: SignedDuration,
    },
    /// Give an alert to another team
    Assign {
        #[command(flatten)]
        one: One,
        /// coding, billing, front-desk, authorisation, clinical or credentialing.
        team: String,
    },
    /// Say that what caused it is put right; it comes back by itself when it worsens
    Resolve {
        #[command(flatten)]
        one: One,
        /// What was put right.
        #[arg(long)]
        note: String,
    },
    /// Try messages again that could not be sent
    Resend {
        /// Id of a message, as `list --dead` prints it.
        #[arg(required_unless_present = "all")]
        message: Option<String>,
        /// All of them.
        #[arg(long, conflicts_with = "message")]
        all: bool,
        #[command(flatten)]
        of: Of,
    },
    /// Send a made-up alert to a sink now, and say what came of it; nothing is journalled
    Test {
        /// The sink's name.
        sink: String,
        /// The daemon's configuration.
        #[arg(long, default_value = "claimloop.toml")]
        config: PathBuf,
    },
}

/// What is decided of.
#[derive(Debug, clap::Args)]
struct One {
    /// Id of the alert.
    id: String,
    /// The version that was seen; an alert that changed since is refused.
    #[arg(long)]
    version: Option<u64>,
    #[command(flatten)]
    of: Of,
}

pub fn run(args: &Args, out: &mut dyn Write) -> Result<Exit, Failure> {
    match &args.command {
        Command::List { dead: true, of, .. } => said(of, Asked::Dead, out, |value, out| dead(value, out)),
        Command::List { all, of, .. } => said(of, Asked::List { all: *all }, out, list),
        Command::Show { id, of } => said(of, Asked::Show { id: id.clone() }, out, show),
        Command::Ack { one } => decide(one, Decide::Acknowledge, "acknowledged", out),
        Command::Snooze { one, r#for } => {
            let until = Timestamp::now().checked_add(*r#for);
            let until = until.map_err(|_| Failure::usage("that is too long".to_owned()))?;
            decide(one, Decide::Snooze { until }, "put off", out)
        }
        Command::Assign { one, team } => decide(one, Decide::Assign { owner: team.clone() }, "assigned", out),
        Command::Resolve { one, note } => {
            decide(one, Decide::Resolve { note: note.clone() }, "resolved", out)
        }
        Command::Resend { message, of, .. } => {
            said(of, Asked::Resend { message: message.clone() }, out, |value, out| {
                for message in strings(&value["resent"]) {
                    writeln!(out, "{}: sent again with the daemon's next round", printable(message))?;
                }
                Ok(())
            })
        }
        Command::Test { sink, config } => test(sink, config, out),
    }
}

fn said(
    of: &Of,
    asked: Asked,
    out: &mut dyn Write,
    print: impl FnOnce(&Value, &mut dyn Write) -> Result<(), Failure>,
) -> Result<Exit, Failure> {
    of.said(&Question::Alerts { asked }, out, print)
}

fn decide(one: &One, decide: Decide, done: &str, out: &mut dyn Write) -> Result<Exit, Failure> {
    let (id, version) = (one.id.clone(), one.version);
    said(&one.of, Asked::Decide { id, version, decide }, out, |value, out| {
        let (id, owner) = (text(value, "id"), text(value, "owner"));
        let version = value.get("version").and_then(Value::as_u64).unwrap_or_default();
        Ok(writeln!(out, "Alert {}: {done}, for {owner} (version {version})", printable(id))?)
    })
}

fn strings(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn list(value: &Value, out: &mut dyn Write) -> Result<(), Failure> {
    if rows(value).is_empty() {
        writeln!(out, "No alert is open.")?;
        return Ok(());
    }
    let row = |alert: &Value| {
        ["id", "status", "severity", "owner", "raised", "message"]
            .map(|key| text(alert, key).to_owned())
            .to_vec()
    };
    let rows: Vec<Vec<String>> = rows(value).iter().map(row).collect();
    table::write(out, &["id", "status", "severity", "owner", "raised", "what"], &rows)?;
    Ok(())
}

fn dead(value: &Value, out: &mut dyn Write) -> Result<(), Failure> {
    if rows(value).is_empty() {
        writeln!(out, "Every message was sent, or is being tried.")?;
        return Ok(());
    }
    let row =
        |m: &Value| ["message", "sink", "first", "last", "why"].map(|key| text(m, key).to_owned()).to_vec();
    let rows: Vec<Vec<String>> = rows(value).iter().map(row).collect();
    table::write(out, &["message", "sink", "first tried", "last tried", "why"], &rows)?;
    writeln!(out, "\nclaimloop alerts resend MESSAGE, or --all, tries them again.")?;
    Ok(())
}

fn show(value: &Value, out: &mut dyn Write) -> Result<(), Failure> {
    writeln!(out, "{}", printable(text(value, "message")))?;
    let version = value.get("version").and_then(Value::as_u64).unwrap_or_default();
    writeln!(
        out,
        "alert {}, {}, {}, for {}, version {version}",
        printable(text(value, "id")),
        text(value, "status"),
        text(value, "severity"),
        text(value, "owner")
    )?;
    for (key, name) in [
        ("since", "began in week"),
        ("until", "put off until"),
        ("prevention", "what prevents it"),
        ("arrived", "came with a file of"),
        ("raised", "raised"),
        ("written", "written to its team's file"),
        ("told", "first told to a sink"),
    ] {
        if !text(value, key).is_empty() {
            writeln!(out, "  {name}: {}", printable(text(value, key)))?;
        }
    }
    let edits: Vec<&str> = value.get("edits").map(|edits| strings(edits).collect()).unwrap_or_default();
    if !edits.is_empty() {
        writeln!(out, "  edits that would stop it: {}", edits.join(", "))?;
    }
    if !text(value, "draft").is_empty() {
        writeln!(out, "  a draft of an edit that would stop it:\n{}", text(value, "draft"))?;
    }
    for example in value.get("examples").map(rows).unwrap_or_default() {
        let position = example.get("position").and_then(Value::as_u64).unwrap_or_default();
        let claim = example.get("claim").and_then(Value::as_str).unwrap_or("which is not known any more");
        writeln!(out, "  claim {}: number {position} of file {}", printable(claim), text(example, "file"))?;
    }
    for step in value.get("trail").map(rows).unwrap_or_default() {
        let did = match step.get("raised").and_then(Value::as_u64) {
            Some(1) => "raised".to_owned(),
            Some(_) => "raised again".to_owned(),
            None => match text(step, "what") {
                "assigned" => format!("given to {}", text(step, "owner")),
                "snoozed" => format!("put off until {}", text(step, "until")),
                what => what.to_owned(),
            },
        };
        writeln!(out, "{}, {}: {did}", text(step, "at"), printable(text(step, "actor")))?;
    }
    for note in value.get("notes").map(rows).unwrap_or_default() {
        writeln!(out, "  {}: {}", text(note, "at"), printable(text(note, "note")))?;
    }
    for message in value.get("messages").map(rows).unwrap_or_default() {
        let attempts = message.get("attempts").and_then(Value::as_u64).unwrap_or_default();
        let why = Some(text(message, "why")).filter(|why| !why.is_empty()).map(|why| format!(": {why}"));
        writeln!(
            out,
            "{}, sink {}: {} after {attempts} attempts{}",
            text(message, "last"),
            text(message, "sink"),
            text(message, "state"),
            why.unwrap_or_default()
        )?;
    }
    Ok(())
}

fn test(name: &str, config: &std::path::Path, out: &mut dyn Write) -> Result<Exit, Failure> {
    let config = Config::read(config).map_err(|e| Failure::usage(crate::events::chain(&e)))?;
    let Some(sink) = config.alerting.sinks.iter().find(|sink| sink.rule.name == name) else {
        let names: Vec<&str> = config.alerting.sinks.iter().map(|sink| sink.rule.name.as_str()).collect();
        return Err(Failure::usage(format!("there is no sink {name:?}; there are {}", names.join(", "))));
    };
    if let Way::File(folder) = &sink.way {
        writeln!(out, "{name}: its lines go to {}", folder.join(format!("{name}.jsonl")).display())?;
        return Ok(Exit::Clean);
    }
    let now = Timestamp::now();
    let mut outcome = None;
    sinks::send(sink, (&Letter::test(name, now), Vec::new()), (now, &config.timezone), &mut |ended| {
        outcome = Some(ended)
    });
    match outcome {
        Some(Ok(())) => {
            writeln!(out, "{name}: taken")?;
            Ok(Exit::Clean)
        }
        Some(Err(why)) => {
            writeln!(out, "{name}: not taken: {why}")?;
            Ok(Exit::Found)
        }
        None => Err(Failure::plain("the sink was not tried")),
    }
}
