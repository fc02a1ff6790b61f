//! `claimloop keys check|rewrap|seal`: the archive and the keys it is sealed under.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::json;

use super::TextOrJson;
use super::exit::{Exit, Failure};
use super::table;
use crate::archive::{Archive, Kept, Outcome};
use crate::config::Config;
use crate::daemon;
use crate::events::chain;
use crate::seal;
use crate::world::World;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say which key seals which files, and which files lie plain.
    Check {
        /// Read every file through.
        #[arg(long)]
        whole: bool,
        #[command(flatten)]
        of: Of,
    },
    /// Wrap what older keys sealed under the key in use. The daemon must not run.
    Rewrap {
        #[command(flatten)]
        of: Of,
    },
    /// Seal what lies plain from before. The daemon must not run.
    Seal {
        #[command(flatten)]
        of: Of,
    },
}

#[derive(Debug, clap::Args)]
struct Of {
    /// The daemon's state folder; the configuration's by default.
    #[arg(long)]
    state: Option<PathBuf>,
    /// The daemon's configuration: it names the keyring.
    #[arg(long)]
    config: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    format: TextOrJson,
}

/// This machine with the keys that a configuration names, or the service manager gave.
pub fn keyed(config: Option<&Path>) -> Result<World, Failure> {
    let config = config.map(read).transpose()?;
    with_keys(config.as_ref())
}

fn read(path: &Path) -> Result<Config, Failure> {
    Config::read(path).map_err(|e| Failure::usage(chain(&e)))
}

fn with_keys(config: Option<&Config>) -> Result<World, Failure> {
    let keys = seal::load(config.and_then(|c| c.keys.as_deref()));
    Ok(World { keys: keys.map_err(|e| Failure::usage(chain(&e)))?, ..World::real() })
}

pub fn run(args: &Args, out: &mut dyn Write) -> Result<Exit, Failure> {
    let (Command::Check { of, .. } | Command::Rewrap { of } | Command::Seal { of }) = &args.command;
    let config = of.config.as_deref().map(read).transpose()?;
    let state = of.state.clone().or_else(|| config.as_ref().map(|c| c.state.clone()));
    let state = state.unwrap_or_else(|| PathBuf::from("state"));
    if !state.join("journal").is_dir() {
        return Err(Failure::usage(format!(
            "there is no state in {}; name it with --state",
            state.display()
        )));
    }
    let world = with_keys(config.as_ref())?;
    if let Command::Check { whole, .. } = args.command {
        let archive = Archive::open(&world, state.join("archive")).map_err(failed)?;
        return check(&archive, whole, of.format, out);
    }
    if world.keys.is_none() {
        return Err(Failure::usage("there is no keyring: name it in the configuration ([state] keys)"));
    }
    // What a daemon reads isn't moved below its hands.
    let lock = world.fs.lock(&state).map_err(|e| Failure::at("locking the state", &e))?;
    let _alone = lock.ok_or_else(|| Failure::from(daemon::Error::Locked { path: state.clone() }))?;
    let archive = Archive::open(&world, state.join("archive")).map_err(failed)?;
    archive.sweep().map_err(failed)?;
    archive.admit().map_err(failed)?;
    let seals = matches!(args.command, Command::Seal { .. });
    change(&archive, seals, of.format, out)
}

fn failed(error: crate::archive::Error) -> Failure {
    Failure::plain(chain(&error))
}

/// Files by what they are sealed under.
#[derive(Default)]
struct Count {
    plain: u64,
    by: BTreeMap<String, u64>,
    damaged: Vec<String>,
}

fn check(archive: &Archive, whole: bool, format: TextOrJson, out: &mut dyn Write) -> Result<Exit, Failure> {
    let mut count = Count::default();
    archive
        .each(&mut |kept| {
            look(archive, &kept, whole, &mut count);
            Ok(())
        })
        .map_err(failed)?;
    let keys = archive.key_ids();
    let name = |id: &str| keys.iter().find(|(_, known)| known == id).map(|(name, _)| name.clone());
    let missing = count.by.keys().any(|id| name(id).is_none());
    let exit = if missing || !count.damaged.is_empty() { Exit::Found } else { Exit::Clean };
    if format == TextOrJson::Json {
        let keys: Vec<_> = keys.iter().map(|(name, id)| json!({ "name": name, "id": id })).collect();
        let said = json!({
            "keys": keys, "plain": count.plain, "sealed": count.by, "damaged": count.damaged, "missing": missing,
        });
        serde_json::to_writer(&mut *out, &said)?;
        writeln!(out)?;
        return Ok(exit);
    }
    let mut rows: Vec<Vec<String>> = keys
        .iter()
        .map(|(name, id)| {
            vec![name.clone(), id.clone(), count.by.get(id).copied().unwrap_or_default().to_string()]
        })
        .collect();
    for (id, files) in count.by.iter().filter(|(id, _)| name(id).is_none()) {
        rows.push(vec!["MISSING".to_owned(), id.clone(), files.to_string()]);
    }
    rows.push(vec!["plain".to_owned(), String::new(), count.plain.to_string()]);
    table::write(out, &["key", "id", "files"], &rows)?;
    for sha256 in &count.damaged {
        writeln!(out, "damaged: {sha256}")?;
    }
    Ok(exit)
}

fn look(archive: &Archive, kept: &Kept, whole: bool, count: &mut Count) {
    let by = if kept.sealed { archive.sealed_by(&kept.sha256).ok().flatten() } else { None };
    match (kept.sealed, by) {
        (false, _) => count.plain += 1,
        (true, Some(id)) => *count.by.entry(id).or_default() += 1,
        (true, None) => count.damaged.push(kept.sha256.clone()),
    }
    if whole && !matches!(archive.check(kept), Ok(Outcome::Done | Outcome::NoKey)) {
        count.damaged.push(kept.sha256.clone());
    }
    count.damaged.dedup();
}

fn change(archive: &Archive, seals: bool, format: TextOrJson, out: &mut dyn Write) -> Result<Exit, Failure> {
    let mut files = Vec::new();
    archive
        .each(&mut |kept| {
            if kept.sealed != seals {
                files.push(kept.sha256);
            }
            Ok(())
        })
        .map_err(failed)?;
    let (mut done, mut before, mut left) = (0_u64, 0_u64, Vec::new());
    for sha256 in files {
        let outcome = if seals { archive.seal(&sha256) } else { archive.rewrap(&sha256) };
        match outcome.map_err(failed)? {
            Outcome::Done => done += 1,
            Outcome::Before => before += 1,
            Outcome::Damaged => left.push((sha256, "damaged")),
            Outcome::NoKey => left.push((sha256, "its key is missing")),
        }
    }
    let needed = archive.forget_keys().map_err(failed)?;
    let exit = if left.is_empty() { Exit::Clean } else { Exit::Found };
    if format == TextOrJson::Json {
        let left: BTreeMap<_, _> = left.into_iter().collect();
        let said = json!({ "done": done, "before": before, "left": left, "needed": needed });
        serde_json::to_writer(&mut *out, &said)?;
        writeln!(out)?;
        return Ok(exit);
    }
    let what = if seals { "sealed" } else { "wrapped under the key in use" };
    writeln!(out, "{done} files {what}; {before} were before.")?;
    for (sha256, why) in &left {
        writeln!(out, "left as it is, {why}: {sha256}")?;
    }
    let spare: Vec<String> =
        archive.key_ids().into_iter().filter(|(_, id)| !needed.contains(id)).map(|(name, _)| name).collect();
    if !spare.is_empty() {
        writeln!(
            out,
            "No file needs {} any more: take its line out of the keyring, and keep it in the safe as long as there \
             are backups from before.",
            spare.join(", ")
        )?;
    }
    Ok(exit)
}
