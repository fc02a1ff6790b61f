//! `claimloop held list|show|fix|release|override|void|assign`.

use std::io::Write;
use std::path::Path;

use clap::Subcommand;
use serde_json::Value;

use super::asking::Of;
use super::exit::{Exit, Failure};
use super::held_more;
use super::progress;
use super::table::{self, printable};
use crate::config::Config;
use crate::daemon::control::{Answer, Question, ask};
use crate::daemon::desk::{Correction, Decide};
use crate::edits::EditSet;
use crate::holds::{HeldClaim, Status};
use crate::journal::Decision;
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
        /// Those too that left, were voided or sent anew.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        of: Of,
    },
    /// Correct a held claim: PATH=VALUE sets an element, PATH= takes it away
    Fix {
        /// Id of the hold.
        id: String,
        /// Places as `held show` prints them, with a slash: `2300/CLM02=150`, `2010AA/REF[EI]02=123456789`.
        #[arg(required_unless_present = "stdin", value_name = "PATH=VALUE", value_parser = change)]
        changes: Vec<(String, String)>,
        /// Read them from standard input, one a line: arguments stand in the shell's history and in the list of processes, where no
        /// value that names a person belongs.
        #[arg(long, conflicts_with = "changes")]
        stdin: bool,
        #[command(flatten)]
        seen: Seen,
    },
    /// Let a corrected claim leave: nothing may stop it any more
    Release {
        /// Id of the hold.
        id: String,
        /// Why.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        seen: Seen,
    },
    /// Let a claim leave in spite of findings that may be overridden
    Override {
        /// Id of the hold.
        id: String,
        /// Why, in a word that can be counted: letters, digits and hyphens.
        #[arg(long)]
        code: String,
        /// Why, in words.
        #[arg(long)]
        note: String,
        #[command(flatten)]
        seen: Seen,
    },
    /// Keep a claim from leaving for good: it was replaced, or should never have been sent
    Void {
        /// Id of the hold.
        id: String,
        /// Why.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        seen: Seen,
    },
    /// Say that the practice system sent the claim anew, where claimloop could not tell by itself
    Link {
        /// Id of the hold.
        id: String,
        /// Id of the file with the new one.
        #[arg(long)]
        file: String,
        /// Its place among that file's claims, from 1.
        #[arg(long)]
        position: u64,
        #[command(flatten)]
        seen: Seen,
    },
    /// Give a held claim to another team
    Assign {
        /// Id of the hold.
        id: String,
        /// coding, billing, front-desk, authorisation, clinical or credentialing.
        team: String,
        /// Why.
        #[arg(long, default_value = "")]
        reason: String,
        #[command(flatten)]
        seen: Seen,
    },
    #[command(flatten)]
    More(held_more::More),
    /// One held claim: its segments, its findings, what to do.
    Show {
        /// Id of the hold.
        id: String,
        #[command(flatten)]
        of: Of,
    },
}

/// What a decision is taken of.
#[derive(Debug, clap::Args)]
pub(super) struct Seen {
    /// The version that was seen; a hold that was decided of since is refused.
    #[arg(long)]
    version: Option<u64>,
    #[command(flatten)]
    of: Of,
}

/// Who had the file of a claim removed from the archive, and when.
#[derive(serde::Deserialize)]
struct Purged {
    at: jiff::Timestamp,
    actor: String,
}

fn change(text: &str) -> Result<(String, String), String> {
    let (path, value) = text.split_once('=').ok_or("write PATH=VALUE, as in 2300/CLM02=150")?;
    Ok((path.to_owned(), value.to_owned()))
}

fn read_changes() -> Result<Vec<(String, String)>, Failure> {
    let lines = std::io::stdin().lines().collect::<Result<Vec<_>, _>>()?;
    let filled = lines.iter().filter(|l| !l.trim().is_empty());
    filled.map(|line| change(line).map_err(Failure::usage)).collect()
}

/// Asks, and refuses to make a state where there is none.
pub fn answer(state: &Path, question: &Question, config: Option<&Path>) -> Result<Value, Failure> {
    let config = configured(state, config)?;
    answer_by(state, question, config.as_ref())
}

/// The configuration, where one is named; refuses a folder that is no state.
pub fn configured(state: &Path, config: Option<&Path>) -> Result<Option<Config>, Failure> {
    if !state.join("journal").is_dir() {
        return Err(Failure::usage(format!(
            "there is no state in {}; name it with --state",
            state.display()
        )));
    }
    config.map(Config::read).transpose().map_err(|e| Failure::usage(crate::events::chain(&e)))
}

fn answer_by(state: &Path, question: &Question, config: Option<&Config>) -> Result<Value, Failure> {
    match progress::waiting("waiting for the answer", || ask(state, question, config))? {
        Answer::Ok(value) => Ok(value),
        Answer::Refused(why) => Err(Failure::usage(why)),
    }
}

pub fn run(args: &Args, out: &mut dyn Write) -> Result<Exit, Failure> {
    let decide = |id: &str, seen: &Seen, decide: Decide, out: &mut dyn Write| decided(id, seen, decide, out);
    match &args.command {
        Command::Fix { id, changes, stdin, seen } => {
            let changes = if *stdin { read_changes()? } else { changes.clone() };
            decide(id, seen, Decide::Fix { changes }, out)
        }
        Command::Release { id, reason, seen } => {
            decide(id, seen, Decide::Release { reason: reason.clone() }, out)
        }
        Command::Override { id, code, note, seen } => {
            decide(id, seen, Decide::Override { code: code.clone(), note: note.clone() }, out)
        }
        Command::Void { id, reason, seen } => decide(id, seen, Decide::Void { reason: reason.clone() }, out),
        Command::Link { id, file, position, seen } => {
            decide(id, seen, Decide::Link { file: file.clone(), position: *position }, out)
        }
        Command::Assign { id, team, reason, seen } => {
            decide(id, seen, Decide::Assign { owner: team.clone(), reason: reason.clone() }, out)
        }
        Command::More(more) => {
            let (id, seen, asked) = more.asked();
            decide(id, seen, asked, out)
        }
        Command::List { all, of } => of.said(&Question::HeldList { all: *all }, out, |value, out| {
            let held: Vec<HeldClaim> = serde_json::from_value(value.clone())?;
            list(&held, out)
        }),
        Command::Show { id, of } => of.said(&Question::HeldShow { id: id.clone() }, out, |value, out| {
            let text = value.get("x12_now").and_then(Value::as_str);
            let text =
                text.or_else(|| value.get("x12").and_then(Value::as_str)).unwrap_or_default().to_owned();
            let purged = value.get("purged").cloned().map(serde_json::from_value::<Purged>).transpose()?;
            let corrected = value.get("corrected").cloned().unwrap_or_default();
            let corrected: Vec<Correction> = serde_json::from_value(corrected)?;
            let held: HeldClaim = serde_json::from_value(value.clone())?;
            show(&held, &text, &corrected, out)?;
            if let Some(Purged { at, actor }) = purged {
                let (at, actor) = (at.strftime("%m/%d/%Y %H:%M UTC"), printable(&actor));
                writeln!(out, "    its segments are not here any more: {actor} had its file purged on {at}")?;
            }
            Ok(())
        }),
    }
}

fn decided(id: &str, seen: &Seen, decide: Decide, out: &mut dyn Write) -> Result<Exit, Failure> {
    let said = match &decide {
        Decide::Fix { .. } => "corrected",
        Decide::Release { .. } => "released: it leaves with the daemon's next round",
        Decide::Override { .. } => "overridden: it leaves with the daemon's next round",
        Decide::Void { .. } => "voided: it leaves no more",
        Decide::Link { .. } => "linked to the claim that was sent anew: it leaves no more",
        Decide::Assign { .. } => "assigned",
        other => held_more::said(other),
    };
    let question = Question::HeldDecide { id: id.to_owned(), version: seen.version, decide };
    seen.of.said(&question, out, |value, out| {
        let held: HeldClaim = serde_json::from_value(value.clone())?;
        writeln!(
            out,
            "Claim {}, held as {id}: {said} (version {})",
            printable(held.claim.expose()),
            held.version
        )?;
        if held.status != Status::Open {
            return Ok(());
        }
        let stops: Vec<_> = held.findings.iter().filter(|f| f.stops()).collect();
        for finding in &stops {
            let message = printable(&finding.message);
            writeln!(out, "  still {}[{}] at {}: {message}", finding.severity, finding.edit, finding.at)?;
        }
        if stops.is_empty() {
            writeln!(
                out,
                "  nothing stops it any more; claimloop held release {id} --reason \"...\" lets it leave"
            )?;
        }
        Ok(())
    })
}

fn list(held: &[HeldClaim], out: &mut dyn Write) -> Result<(), Failure> {
    if held.is_empty() {
        writeln!(out, "No claim is held.")?;
        return Ok(());
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
                h.claim.expose().clone(),
                h.payer.clone(),
                decimal(h.charge),
                owner,
                why,
                h.file.expose().clone(),
            ]
        })
        .collect();
    table::write(out, &["id", "claim", "payer", "charge", "owner", "why", "file"], &rows)?;
    let total = held.iter().fold(0, |sum: i64, h| sum.saturating_add(h.charge));
    writeln!(out, "\n{} held, ${}", held.len(), decimal(total))?;
    Ok(())
}

fn show(
    held: &HeldClaim,
    text: &str,
    corrected: &[Correction],
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let edits = EditSet::shipped()?;
    writeln!(
        out,
        "Claim {}, payer {}, ${}",
        printable(held.claim.expose()),
        printable(&held.payer),
        decimal(held.charge)
    )?;
    writeln!(
        out,
        "held as {} since {}, from {} by channel {}",
        held.id,
        held.held_at,
        printable(held.file.expose()),
        held.channel
    )?;
    let stops = held.findings.iter().any(crate::edits::Finding::stops);
    let may = match (held.status, stops) {
        (Status::Leaving, _) => "about to leave",
        (Status::Sent, _) => "it has left",
        (Status::Voided, _) => "voided: it leaves no more",
        (Status::Replaced, _) => "the practice system sent it anew",
        (Status::SentBack, _) => "refused: it went back to its sender",
        (Status::Open, false) => "nothing stops it any more: it may be released",
        (Status::Open, true) if held.overridable => "may be overridden, with a reason",
        (Status::Open, true) => "can't go as it is: only a correction ends the hold",
    };
    writeln!(out, "for {}; {may}", held.owner.map_or("nobody", |o| o.name()))?;
    for finding in &held.findings {
        writeln!(out, "\n{}[{}]: {}\n  at {}", finding.severity, finding.edit, finding.name, finding.at)?;
        writeln!(out, "   = what: {}", printable(&finding.message))?;
        if let Some(edit) = edits.get(&finding.edit) {
            super::snippet::explain(out, edit)?;
        }
    }
    for step in &held.trail {
        let at = step.at.strftime("%m/%d/%Y %H:%M UTC");
        writeln!(out, "\n{at}, {}: {}", printable(&step.actor), said(&step.decision))?;
    }
    for c in corrected {
        let (old, new) = (c.old.expose().as_deref().unwrap_or("nothing"), c.new.expose().as_str());
        let new = if new.is_empty() { "nothing" } else { new };
        writeln!(out, "  {}: {} instead of {}", c.path, printable(new), printable(old))?;
    }
    writeln!(out)?;
    // A claim's text ends with its terminator, whatever that is.
    let terminator = text.trim_end().chars().last().unwrap_or('~');
    for segment in text.split_inclusive(terminator).map(str::trim).filter(|s| !s.is_empty()) {
        writeln!(out, "    {}", printable(segment))?;
    }
    Ok(Exit::Clean)
}

fn said(decision: &Decision) -> String {
    match decision {
        Decision::Fixed { .. } => "corrected".to_owned(),
        Decision::Assigned { owner, .. } => format!("given to {owner}"),
        Decision::Released { .. } => "released".to_owned(),
        Decision::Overridden { code, edits, .. } => {
            format!("let go in spite of {} ({code})", edits.join(", "))
        }
        Decision::Voided { .. } => "voided".to_owned(),
        Decision::Replaced { .. } => "replaced by a claim of the practice system".to_owned(),
        Decision::Proposed { code, edits, .. } => {
            format!("a second person asked to let it go in spite of {} ({code})", edits.join(", "))
        }
        Decision::Declined { .. } => "the override declined".to_owned(),
        Decision::Snoozed { until } => format!("put off until {}", until.strftime("%m/%d/%Y %H:%M UTC")),
        Decision::Escalated { .. } => "escalated".to_owned(),
        Decision::Queried { element, .. } => format!("documentation asked for: {element}"),
        Decision::Answered { .. } => "the question answered".to_owned(),
        Decision::Undone { .. } => "what was decided before taken back".to_owned(),
        Decision::Returned => "kept back: the edits of the day stop it".to_owned(),
    }
}
