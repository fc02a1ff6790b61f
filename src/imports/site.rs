//! The edits as a site has them: its code sets, its payer packs, its own edits.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Error, Imports, io_error};
use crate::edits::EditSet;
use crate::payers::Payers;

/// The folders of a site; none of them need be there.
#[derive(Clone, Debug, Default)]
pub struct Folders {
    /// Imported code sets.
    pub codes: Option<PathBuf>,
    /// Payer packs.
    pub payers: Option<PathBuf>,
    /// True where every payer has a pack.
    pub every_payer: bool,
    /// Edits of its own.
    pub edits: Option<PathBuf>,
}

impl Folders {
    /// The edits with all that the site adds.
    ///
    /// # Errors
    /// The first file that doesn't hold together, with its reason; nothing is left out in silence.
    pub fn edits(&self) -> Result<EditSet, Error> {
        let own = self.edits.as_deref().map(files).transpose()?.unwrap_or_default();
        let mut edits = EditSet::with_site(&own)?;
        if let Some(folder) = &self.codes {
            edits = edits.with_codes(Imports::new(folder.clone()).load()?);
        }
        if let Some(folder) = &self.payers {
            let files = files(folder)?;
            let named = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
            let packs = Payers::default().and(named)?;
            edits = edits.with_payers(if self.every_payer { packs.complete() } else { packs });
        }
        Ok(edits)
    }
}

/// Every TOML file below a folder, by path; what begins with a point is being written. A folder that isn't there has none.
///
/// # Errors
/// When one can't be read.
pub fn files(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            Err(e) => return Err(io_error("reading", &folder)(e)),
        };
        for entry in entries {
            let entry = entry.map_err(io_error("reading", &folder))?;
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "toml") {
                let bytes = fs::read(&path).map_err(io_error("reading", &path))?;
                found.push((path.display().to_string(), bytes));
            }
        }
    }
    found.sort();
    Ok(found)
}
