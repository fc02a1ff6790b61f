//! `claimloop journal verify|tail|export|repair`. The first three only read: the daemon may write on meanwhile.

use std::collections::VecDeque;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Subcommand;
use serde_json::{Value, json};

use super::TextOrJson;
use super::exit::{Exit, Failure};
use super::table::{self, printable};
use crate::daemon;
use crate::journal::{self, Entry, Survey, Tail, survey};
use crate::world::{Disk, Fs, Lock};

/// How often `--follow` looks.
const LOOK: Duration = Duration::from_millis(300);

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Walk the whole chain, and say where it stands or where it breaks.
    Verify {
        #[command(flatten)]
        of: Of,
    },
    /// The last records.
    Tail {
        /// How many.
        #[arg(short = 'n', long, default_value_t = 10)]
        lines: usize,
        /// Go on with what comes, until interrupted.
        #[arg(long)]
        follow: bool,
        #[command(flatten)]
        of: Of,
    },
    /// Every record as a JSON line.
    Export {
        /// Number of the first record to write.
        #[arg(long, default_value_t = 1, value_name = "SEQ")]
        from: u64,
        /// The daemon's state folder.
        #[arg(long, default_value = "state")]
        state: PathBuf,
    },
    /// Let a damaged journal go on from the last record that checks. Nothing is deleted; without the flag it only says what is lost.
    Repair {
        /// Do it.
        #[arg(long)]
        i_know_what_is_lost: bool,
        #[command(flatten)]
        of: Of,
    },
}

#[derive(Debug, clap::Args)]
struct Of {
    /// The daemon's state folder.
    #[arg(long, default_value = "state")]
    state: PathBuf,
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    format: TextOrJson,
}

pub fn run(args: &Args, out: &mut dyn Write) -> Result<Exit, Failure> {
    match &args.command {
        Command::Verify { of } => verify(&folder(&of.state)?, of.format, out),
        Command::Tail { lines, follow, of } => tail(&folder(&of.state)?, *lines, *follow, of.format, out),
        Command::Export { from, state } => export(&folder(state)?, *from, out),
        Command::Repair { i_know_what_is_lost, of } => repair(of, *i_know_what_is_lost, out),
    }
}

/// The journal of a state; a state that is not there is not made.
fn folder(state: &Path) -> Result<PathBuf, Failure> {
    let folder = state.join("journal");
    if folder.is_dir() {
        return Ok(folder);
    }
    Err(Failure::usage(format!("there is no state in {}; name it with --state", state.display())))
}

fn failed(error: &journal::Error) -> Failure {
    Failure::plain(crate::events::chain(error))
}

fn verify(folder: &Path, format: TextOrJson, out: &mut dyn Write) -> Result<Exit, Failure> {
    let seen = survey(folder, &mut |_| Ok(())).map_err(|e| failed(&e))?;
    let damage = seen.damage.as_ref().map(ToString::to_string);
    let exit = if damage.is_some() { Exit::Found } else { Exit::Clean };
    let Survey { segments, last, head, torn, .. } = seen;
    if format == TextOrJson::Json {
        let said =
            json!({ "records": last, "head": head, "torn": torn, "segments": segments, "damage": damage });
        serde_json::to_writer(&mut *out, &said)?;
        writeln!(out)?;
        return Ok(exit);
    }
    let rows: Vec<Vec<String>> = segments
        .iter()
        .map(|s| {
            let versions = s.versions.map_or(String::new(), |(low, high)| {
                if low == high { low.to_string() } else { format!("{low} to {high}") }
            });
            let kept = if s.packed { "packed" } else { "plain" };
            let first = if s.records == 0 { String::new() } else { s.first.to_string() };
            vec![
                format!("{:04}", s.number),
                kept.to_owned(),
                versions,
                first,
                s.records.to_string(),
                s.bytes.to_string(),
            ]
        })
        .collect();
    table::write(out, &["segment", "kept", "version", "first", "records", "bytes"], &rows)?;
    match damage {
        None => {
            writeln!(out, "\nEvery record checks: {last} in {} segments.", segments.len())?;
            if torn > 0 {
                writeln!(
                    out,
                    "{torn} bytes behind the last are being written, or are cut at the next start."
                )?;
            }
        }
        Some(damage) => writeln!(out, "\nDamaged behind record {last}: {damage}")?,
    }
    writeln!(out, "head {head}")?;
    Ok(exit)
}

fn tail(
    folder: &Path,
    lines: usize,
    follow: bool,
    format: TextOrJson,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let mut reading = Tail::new(folder.to_owned());
    let mut last: VecDeque<Entry> = VecDeque::new();
    reading
        .next(&mut |entry| {
            last.push_back(entry);
            if last.len() > lines {
                last.pop_front();
            }
            Ok(())
        })
        .map_err(|e| failed(&e))?;
    loop {
        for entry in last.drain(..) {
            show(&entry, format, out)?;
        }
        if !follow {
            return Ok(Exit::Clean);
        }
        out.flush()?;
        std::thread::sleep(LOOK);
        reading
            .next(&mut |entry| {
                last.push_back(entry);
                Ok(())
            })
            .map_err(|e| failed(&e))?;
    }
}

fn export(folder: &Path, from: u64, out: &mut dyn Write) -> Result<Exit, Failure> {
    let mut refused = None;
    Tail::new(folder.to_owned())
        .next(&mut |entry| {
            if entry.seq >= from && refused.is_none() {
                refused = show(&entry, TextOrJson::Json, out).err();
            }
            Ok(())
        })
        .map_err(|e| failed(&e))?;
    refused.map_or(Ok(Exit::Clean), Err)
}

/// A record in one line.
fn show(entry: &Entry, format: TextOrJson, out: &mut dyn Write) -> Result<(), Failure> {
    let record = serde_json::to_value(&entry.record)?;
    let fields = record.as_object().cloned().unwrap_or_default();
    if format == TextOrJson::Json {
        let mut line = serde_json::Map::new();
        line.insert("seq".into(), entry.seq.into());
        line.insert("at".into(), entry.at.to_string().into());
        line.extend(fields);
        serde_json::to_writer(&mut *out, &line)?;
        writeln!(out)?;
        return Ok(());
    }
    let kind = fields.get("record").and_then(Value::as_str).unwrap_or_default();
    let rest: Vec<String> = fields
        .iter()
        .filter(|(name, value)| *name != "record" && !value.is_null())
        .map(|(name, value)| match value {
            Value::String(text) => format!("{name}={}", printable(text)),
            other => format!("{name}={}", printable(&other.to_string())),
        })
        .collect();
    let at = entry.at.strftime("%m/%d/%Y %H:%M:%S UTC");
    writeln!(out, "{} {at} {kind} {}", entry.seq, rest.join(" "))?;
    Ok(())
}

/// The state's lock, so that no daemon writes.
fn alone(state: &Path) -> Result<Lock, Failure> {
    match Disk.lock(state) {
        Ok(Some(lock)) => Ok(lock),
        Ok(None) => Err(daemon::Error::Locked { path: state.to_owned() }.into()),
        Err(error) => Err(Failure::at("locking the state", &error)),
    }
}

fn repair(of: &Of, act: bool, out: &mut dyn Write) -> Result<Exit, Failure> {
    let journal = folder(&of.state)?;
    // Nobody writes while it is mended, or looked at for that.
    let _alone = alone(&of.state)?;
    let actor = format!("uid {}", rustix::process::getuid().as_raw());
    let actor = act.then_some(actor.as_str());
    let loss = journal::repair(&journal, actor, &mut |_| Ok(())).map_err(|e| failed(&e))?;
    let exit = if loss.is_some() && !act { Exit::Found } else { Exit::Clean };
    if of.format == TextOrJson::Json {
        serde_json::to_writer(&mut *out, &json!({ "loss": loss, "repaired": act && loss.is_some() }))?;
        writeln!(out)?;
        return Ok(exit);
    }
    let Some(loss) = loss else {
        writeln!(out, "Every record checks: there is nothing to repair.")?;
        return Ok(exit);
    };
    writeln!(out, "{}", loss.damage)?;
    writeln!(
        out,
        "What counts ends with record {}, byte {} of segment {:04}.",
        loss.last, loss.offset, loss.segment
    )?;
    let later = match loss.later.as_slice() {
        [] => "no later segment".to_owned(),
        [one] => format!("segment {one:04} behind it"),
        [first, .., last] => format!("segments {first:04} to {last:04} behind it"),
    };
    writeln!(out, "What is lost: {} bytes of that segment, {later}.", loss.bytes)?;
    writeln!(
        out,
        "In them {} records still check by themselves; what they announced may have been done all the same: files\n\
         taken, claims sent, holds decided of. They stop counting; claimloop reconcile says what no longer adds up.",
        loss.records
    )?;
    if act {
        writeln!(
            out,
            "Done. What is lost is kept in {}; the journal says so.",
            journal.join(&loss.aside).display()
        )?;
    } else {
        writeln!(
            out,
            "Nothing was changed. A backup of the journal is better. To go on without, add --i-know-what-is-lost;\n\
             nothing is deleted: what is lost is kept beside."
        )?;
    }
    Ok(exit)
}
