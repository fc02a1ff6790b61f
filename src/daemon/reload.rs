//! What the site adds to the edits, read again when its files change. What doesn't hold together is told, and the set in force stays.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::config::Config;
use crate::edits::EditSet;
use crate::events;
use crate::history::{BadTables, Settings, Texts};
use crate::imports::{Error, Folders};

/// The edits in force.
pub struct InForce {
    /// As they stop claims.
    pub edits: Arc<EditSet>,
    /// The same on trial, for channels in shadow.
    pub trial: Arc<EditSet>,
    /// Files they were read from, or that were refused last: path, length, time of change.
    seen: Vec<(PathBuf, u64, Option<SystemTime>)>,
}

impl InForce {
    /// Reads them at the start.
    ///
    /// # Errors
    /// The first file that doesn't hold together: there is nothing yet that could stay in force.
    pub fn read(config: &Config) -> Result<InForce, Error> {
        let seen = files(&config.site);
        let edits = config.site.edits()?.tolerating(config.tolerate);
        Ok(InForce { trial: Arc::new(edits.on_trial()), edits: Arc::new(edits), seen })
    }

    /// Edits that no file changes.
    #[must_use]
    pub fn fixed(edits: &Arc<EditSet>) -> InForce {
        InForce { trial: Arc::new(edits.on_trial()), edits: Arc::clone(edits), seen: Vec::new() }
    }

    /// What the history is folded by at this site; read at the start alone.
    ///
    /// # Errors
    /// When the site's dictionary can't be read or doesn't hold together.
    pub fn tables(&self, config: &Config) -> Result<Texts, BadTables> {
        let Settings { dictionary, rollups } = &config.history;
        let bad = |reason: String| BadTables { path: dictionary.clone().unwrap_or_default(), reason };
        let read = |path: &PathBuf| fs::read_to_string(path).map_err(|e| bad(e.to_string()));
        let text = dictionary.as_ref().map(read).transpose()?.unwrap_or_default();
        Texts::new(text, self.edits.payers(), rollups.clone()).map_err(bad)
    }

    /// Reads them again where a file came, went or changed.
    pub fn refresh(&mut self, config: &Config) {
        let seen = files(&config.site);
        if seen == self.seen {
            return;
        }
        self.seen = seen;
        match config.site.edits() {
            Ok(edits) => {
                let edits = edits.tolerating(config.tolerate);
                if edits.hash() != self.edits.hash() {
                    events::edits_changed(edits.hash());
                    (self.trial, self.edits) = (Arc::new(edits.on_trial()), Arc::new(edits));
                }
            }
            Err(error) => events::edits_refused(self.edits.hash(), &error),
        }
    }
}

/// Every file a site adds.
fn files(site: &Folders) -> Vec<(PathBuf, u64, Option<SystemTime>)> {
    let mut found = Vec::new();
    for folder in [&site.codes, &site.payers, &site.edits].into_iter().flatten() {
        walk(folder, &mut found);
    }
    found.sort();
    found
}

fn walk(folder: &Path, found: &mut Vec<(PathBuf, u64, Option<SystemTime>)>) {
    // A folder that isn't there adds nothing; one that can't be read fails where it is read for its content.
    let Ok(entries) = fs::read_dir(folder) else { return };
    // What begins with a point is being written.
    let whole = |e: &fs::DirEntry| !e.file_name().to_string_lossy().starts_with('.');
    for entry in entries.flatten().filter(whole) {
        match entry.metadata() {
            Ok(meta) if meta.is_dir() => walk(&entry.path(), found),
            Ok(meta) => found.push((entry.path(), meta.len(), meta.modified().ok())),
            Err(_) => {}
        }
    }
}
