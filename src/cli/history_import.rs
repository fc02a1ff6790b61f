//! `claimloop history import`.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::exit::{Exit, Failure};
use super::table;
use crate::config::Config;
use crate::daemon::control;
use crate::daemon::import::{Imported, import};

/// Posts every file of a folder, in the order of their names.
pub fn run(
    dir: &Path,
    channel: &str,
    (state, config): (&Path, Option<&Path>),
    json: bool,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    // A state may begin with the files of before.
    let config =
        config.map(Config::read).transpose().map_err(|e| Failure::usage(crate::events::chain(&e)))?;
    let mut files = Vec::new();
    walk(dir, &mut files).map_err(|e| Failure::at("reading the folder", &e))?;
    files.sort();
    let desk = control::open(state, config.as_ref())?;
    let mut counts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    let mut failed = Vec::new();
    for path in &files {
        let (kind, claims) = match import(&desk, channel, path) {
            Ok(Imported::Claims(claims)) => ("claims", claims),
            Ok(Imported::Answers) => ("remittances and answers", 0),
            Ok(Imported::Known) => ("known already", 0),
            Ok(Imported::Nothing) => ("of no use", 0),
            // One that can't be read leaves the others their way.
            Err(error) if error.retry() => {
                failed.push(crate::events::chain(&error));
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let count = counts.entry(kind).or_default();
        *count = (count.0 + 1, count.1 + claims);
    }
    if json {
        let counts: BTreeMap<&str, _> = counts
            .iter()
            .map(|(kind, (files, claims))| (*kind, json!({ "files": files, "claims": claims })))
            .collect();
        serde_json::to_writer(&mut *out, &json!({ "imported": counts, "failed": failed }))?;
        writeln!(out)?;
    } else {
        let rows: Vec<Vec<String>> = counts
            .iter()
            .map(|(kind, (files, claims))| vec![(*kind).to_owned(), files.to_string(), claims.to_string()])
            .collect();
        table::write(out, &["kind", "files", "claims"], &rows)?;
        failed.iter().try_for_each(|why| writeln!(out, "not imported: {why}"))?;
    }
    Ok(if failed.is_empty() { Exit::Clean } else { Exit::Found })
}

fn walk(dir: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(&entry.path(), files)?;
        } else if kind.is_file() && !entry.file_name().to_string_lossy().starts_with('.') {
            files.push(entry.path());
        }
    }
    Ok(())
}
