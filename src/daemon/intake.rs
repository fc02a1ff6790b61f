//! What lies in the drop folders, in the order it is to be taken.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::custody::Meta;
use super::error::Error;
use super::settle::{Readiness, Settling};
use crate::config::{Channel, Config};
use crate::events;
use crate::journal::Direction;
use crate::world::{Fs, Kind};

/// A file that may be taken now.
#[derive(Debug)]
pub struct Candidate {
    /// Where it lies.
    pub path: PathBuf,
    /// What it is.
    pub meta: Meta,
}

/// One reading of all drop folders.
#[derive(Debug, Default)]
pub struct Round {
    /// Files to take, by name within a folder.
    pub ready: Vec<Candidate>,
    /// Files that changed lately.
    pub settling: usize,
    /// Files without an end, and their sizes.
    pub incomplete: Vec<(String, u64)>,
    /// Folders and files that can't be read.
    pub unreadable: Vec<Error>,
}

/// Reads the drop folders.
pub struct Intake {
    settling: Settling,
    /// Told once each.
    ignored: std::collections::HashSet<PathBuf>,
}

impl Intake {
    /// Knows nothing yet.
    #[must_use]
    pub fn new() -> Intake {
        Intake { settling: Settling::default(), ignored: std::collections::HashSet::new() }
    }

    /// Reads every drop folder once. What can't be read leaves the rest its way.
    pub fn round(&mut self, fs: &dyn Fs, config: &Config, now: Duration) -> Round {
        let mut round = Round::default();
        self.settling.retain(|path| fs.look(path).is_ok());
        for channel in &config.channels {
            // Claims first: an answer that lies beside them finds them.
            for (direction, folder) in
                [(Direction::Outbound, &channel.outbound), (Direction::Inbound, &channel.inbound)]
            {
                if let Err(error) = self.folder((fs, config), channel, (direction, folder), now, &mut round) {
                    round.unreadable.push(error);
                }
            }
        }
        round
    }

    /// Looks once more, right before a file is taken: the ones before it may have taken a while.
    pub fn is_still_ready(&mut self, fs: &dyn Fs, path: &Path, config: &Config, now: Duration) -> bool {
        matches!(self.settling.look(fs, path, &config.intake, now), Ok(Readiness::Ready))
    }

    /// Forgets a file that was taken.
    pub fn taken(&mut self, path: &Path) {
        self.settling.forget(path);
    }

    /// Leaves a file where it is until it changes.
    pub fn leave(&mut self, path: &Path) {
        self.settling.leave(path);
    }

    /// How long until a settling file may be ready.
    #[must_use]
    pub fn next_look(&self, config: &Config, now: Duration) -> Option<Duration> {
        self.settling.next_look(&config.intake, now)
    }

    fn folder(
        &mut self,
        (fs, config): (&dyn Fs, &Config),
        channel: &Channel,
        (direction, folder): (Direction, &Path),
        now: Duration,
        round: &mut Round,
    ) -> Result<(), Error> {
        let mut names: Vec<PathBuf> = Vec::new();
        for listed in fs.list(folder).map_err(Error::io("reading", folder))? {
            if is_temporary(&listed.path.file_name().unwrap_or_default().to_string_lossy()) {
                continue;
            }
            let kind = match listed.kind {
                Kind::File => {
                    names.push(listed.path);
                    continue;
                }
                Kind::Folder => "folder",
                Kind::Link => "link",
                Kind::Special => "special",
            };
            if self.ignored.insert(listed.path) {
                events::ignored(&channel.name, kind);
            }
        }
        for path in names {
            let readiness = self.settling.look(fs, &path, &config.intake, now);
            match readiness {
                Ok(Readiness::Ready) => {
                    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                    let meta = Meta { channel: channel.name.clone(), direction, name, late_of: None };
                    round.ready.push(Candidate { path, meta });
                }
                Ok(Readiness::Settling) => round.settling += 1,
                Ok(Readiness::Left) => {}
                Ok(Readiness::Incomplete) => {
                    let bytes = fs.look(&path).map_or(0, |look| look.size);
                    round.incomplete.push((channel.name.clone(), bytes));
                }
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => self.settling.forget(&path),
                Err(e) => round.unreadable.push(Error::named_by_sender("reading a file in", &path)(e)),
            }
        }
        Ok(())
    }
}

/// True for names that senders and their tools use while a file is not yet whole.
fn is_temporary(name: &str) -> bool {
    const ENDINGS: [&str; 12] = [
        ".filepart",
        ".part",
        ".partial",
        ".tmp",
        ".temp",
        ".crdownload",
        ".swp",
        ".lock",
        ".inprogress",
        ".writing",
        ".camelLock",
        "~",
    ];
    let lower = name.to_ascii_lowercase();
    name.starts_with('.')
        || name.starts_with('~')
        || (name.starts_with('#') && name.ends_with('#'))
        || name == "Thumbs.db"
        || ENDINGS.iter().any(|e| lower.ends_with(&e.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::is_temporary;

    #[test]
    fn names_of_files_being_written() {
        for name in [
            ".x.edi",
            "~x.edi",
            "x.edi~",
            "x.edi.filepart",
            "x.PART",
            "x.tmp",
            "#x#",
            ".nfs0001",
            "Thumbs.db",
        ] {
            assert!(is_temporary(name), "{name}");
        }
        for name in ["x.edi", "x.837", "partial.edi", "tmp", "x.835.txt"] {
            assert!(!is_temporary(name), "{name}");
        }
    }
}
