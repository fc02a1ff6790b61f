//! Payer packs from a folder.

use std::fs;
use std::path::Path;

use super::exit::Failure;
use crate::payers::Payers;

/// The packs of a folder; `complete` says that every payer has one.
///
/// # Errors
/// When the folder can't be read, and at the first file that is no pack.
pub fn load(folder: &Path, complete: bool) -> Result<Payers, Failure> {
    let reading = |e: std::io::Error| Failure::at(format!("reading {}", folder.display()), &e);
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(reading)? {
        let path = entry.map_err(reading)?.path();
        if path.extension().is_some_and(|e| e == "toml") {
            files.push((path.display().to_string(), fs::read(&path).map_err(reading)?));
        }
    }
    files.sort();
    let packs = Payers::default().and(files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())));
    let packs = packs.map_err(|bad| Failure::usage(bad.to_string()))?;
    Ok(if complete { packs.complete() } else { packs })
}
