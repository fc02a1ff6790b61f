//! `claimloop codes list|check|import|undo`.

use std::io::Write;
use std::path::PathBuf;

use clap::Subcommand;
use jiff::Zoned;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::TextOrJson;
use super::exit::{Exit, Failure};
use super::site::failure;
use super::table;
use crate::codes::{CodeSets, Kind, Standing};
use crate::edits::EditSet;
use crate::imports::{Age, Imports, Manifest, Options, age};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder of imported code sets: `codes.dir` of the configuration.
    #[arg(long, global = true, default_value = "codes")]
    codes: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Every code set: where it comes from, of which time it is, how many codes it has.
    List {
        #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
        format: TextOrJson,
    },
    /// Read every imported set whole, say how old it is, and which edits are off for want of a set.
    Check {
        #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
        format: TextOrJson,
        /// The day ages are counted to; the machine's by default.
        #[arg(long)]
        today: Option<Date>,
    },
    /// Import files of a set as their publisher publishes them, or as CSV. docs/code-sets.md lists the layouts.
    Import {
        /// Which set.
        kind: Kind,
        /// Its files; all files of one list at once.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// First day the list holds, where the name of the file doesn't say.
        #[arg(long)]
        effective: Option<Date>,
        /// Of which time it is, for lists; the names of the files by default.
        #[arg(long)]
        vintage: Option<String>,
        /// Take a list with less than half of the codes in force.
        #[arg(long)]
        smaller: bool,
        /// Read and check the files, change nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Undo the last import of a set.
    Undo {
        /// Which set.
        kind: Kind,
    },
}

pub fn run(args: &Args, out: &mut dyn Write) -> Result<Exit, Failure> {
    let imports = Imports::new(args.codes.clone());
    match &args.command {
        Command::List { format } => list(&imports, *format, out),
        Command::Check { format, today } => {
            check(&imports, today.unwrap_or_else(|| Zoned::now().date()), *format, out)
        }
        Command::Import { kind, files, effective, vintage, smaller, dry_run } => {
            let (effective, vintage, smaller) = (*effective, vintage.clone(), *smaller);
            let options = Options { effective, vintage, smaller, today: Zoned::now().date() };
            if *dry_run {
                let prepared = imports.prepare(*kind, files, &options).map_err(failure)?;
                writeln!(out, "would import {}", sentence(&prepared.manifest))?;
            } else {
                let manifest = imports.import(*kind, files, &options).map_err(failure)?;
                writeln!(out, "imported {}", sentence(&manifest))?;
                writeln!(out, "`claimloop codes undo {}` takes it back", kind.name())?;
            }
            Ok(Exit::Clean)
        }
        Command::Undo { kind } => {
            let undone = imports.undo(*kind).map_err(failure)?;
            let now = match imports.manifest(*kind).map_err(failure)? {
                Some(manifest) => sentence(&manifest),
                None => match CodeSets::compiled_in(*kind) {
                    Some(shipped) => format!("the shipped list, {}", shipped.vintage),
                    None => "nothing".to_owned(),
                },
            };
            writeln!(out, "undone {}\nin force now: {now}", sentence(&undone))?;
            Ok(Exit::Clean)
        }
    }
}

fn sentence(manifest: &Manifest) -> String {
    let Manifest { kind, version, layout, codes, vintage, effective, .. } = manifest;
    let from = effective.map(|day| format!(", in force from {day}")).unwrap_or_default();
    format!("{} version {version}: {codes} codes, {vintage} ({layout}){from}", kind.name())
}

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Dated => "dated",
        Standing::Bare => "numbers only",
        Standing::Absent => "absent",
    }
}

fn list(imports: &Imports, format: TextOrJson, out: &mut dyn Write) -> Result<Exit, Failure> {
    let sets = imports.load().map_err(failure)?;
    let (mut rows, mut all) = (Vec::new(), Vec::new());
    for kind in Kind::ALL.iter().copied() {
        let manifest = imports.manifest(kind).map_err(failure)?;
        let shipped = CodeSets::compiled_in(kind).filter(|_| manifest.is_none());
        let origin = match (&manifest, shipped) {
            (Some(_), _) => "imported",
            (None, Some(_)) => "shipped",
            (None, None) => "-",
        };
        let vintage = manifest.as_ref().map(|m| m.vintage.clone());
        let vintage = vintage.or(shipped.map(|s| s.vintage.to_owned())).unwrap_or_default();
        let (codes, standing) = (sets.len(kind), standing(sets.standing(kind)));
        let sha = manifest.as_ref().and_then(|m| m.sources.first()).map(|s| s.sha256.clone());
        let short = sha.as_deref().and_then(|s| s.get(..12)).unwrap_or_default().to_owned();
        let effective = manifest.as_ref().and_then(|m| m.effective);
        let day = effective.map(|d| d.to_string()).unwrap_or_default();
        rows.push(
            [kind.name(), origin, standing, &codes.to_string(), &day, &vintage, &short]
                .map(str::to_owned)
                .to_vec(),
        );
        all.push(json!({ "kind": kind, "origin": origin, "standing": standing, "codes": codes, "vintage": vintage, "manifest": manifest }));
    }
    match format {
        TextOrJson::Json => {
            serde_json::to_writer(&mut *out, &all)?;
            writeln!(out)?;
        }
        TextOrJson::Text => {
            let heads = ["code set", "origin", "standing", "codes", "from", "vintage", "sha-256"];
            table::write(out, &heads, &rows)?;
        }
    }
    Ok(Exit::Clean)
}

fn check(imports: &Imports, today: Date, format: TextOrJson, out: &mut dyn Write) -> Result<Exit, Failure> {
    let (mut all, mut rows): (Vec<Value>, Vec<Vec<String>>) = Default::default();
    let mut damaged = false;
    for kind in Kind::ALL.iter().copied() {
        let (manifest, said) = match imports.check(kind) {
            Ok(None) => continue,
            Ok(Some(manifest)) => {
                let (days, said) = match age(&manifest, today) {
                    Age::Good(days) => (days, "good"),
                    Age::Old(days) => (days, "old: a newer one should be published"),
                };
                (Some((days, manifest)), said.to_owned())
            }
            Err(error) => {
                damaged = true;
                (None, error.to_string())
            }
        };
        let days = manifest.as_ref().map(|(days, _)| *days);
        let shown = days.map(|d| format!("{d} days")).unwrap_or_default();
        rows.push(vec![kind.name().to_owned(), shown, said.clone()]);
        all.push(json!({ "kind": kind, "days": days, "state": said }));
    }
    let off: Vec<(String, &'static str)> = match imports.load() {
        Ok(sets) => {
            let edits = EditSet::shipped()?.with_codes(sets);
            edits.off().map(|(edit, kind)| (edit.id.clone(), kind)).collect()
        }
        Err(_) => Vec::new(),
    };
    match format {
        TextOrJson::Json => {
            let off: Vec<Value> =
                off.iter().map(|(id, needs)| json!({ "edit": id, "needs": needs })).collect();
            serde_json::to_writer(&mut *out, &json!({ "imported": all, "off": off }))?;
            writeln!(out)?;
        }
        TextOrJson::Text => {
            if rows.is_empty() {
                writeln!(out, "no code set is imported")?;
            } else {
                table::write(out, &["code set", "age", "state"], &rows)?;
            }
            for (id, needs) in &off {
                writeln!(out, "{id} is off: it needs {needs}")?;
            }
        }
    }
    Ok(if damaged { Exit::Failed } else { Exit::Clean })
}
