//! What lies beside the journal: archive and spool, as a reconciliation asks for them.

use std::io;
use std::path::PathBuf;

use crate::archive::Archive;
use crate::history;
use crate::phi::decode;
use crate::reconcile::Evidence;
use crate::scrub::{Source, Verdict};

/// The state folder's archive and spool.
pub struct Folders {
    archive: Archive,
    spool: PathBuf,
}

impl Folders {
    /// Of a state.
    #[must_use]
    pub fn new(archive: Archive, spool: PathBuf) -> Folders {
        Folders { archive, spool }
    }
}

impl Evidence for Folders {
    fn verdicts(&self, report: &str) -> io::Result<Box<dyn Iterator<Item = io::Result<Verdict>> + '_>> {
        Ok(Box::new(history::verdicts(&self.archive, report)?))
    }

    fn verdict(&self, sha256: &str) -> io::Result<Verdict> {
        Ok(decode(&self.archive.read(sha256)?)?)
    }

    fn bytes(&self, sha256: &str) -> io::Result<Option<Box<dyn Source>>> {
        let there = self.archive.has(sha256)?;
        Ok(there.then(|| Box::new(self.archive.source(sha256)) as Box<dyn Source>))
    }

    fn is_sound(&self, sha256: &str) -> io::Result<bool> {
        self.archive.is_sound(sha256)
    }

    fn is_in_spool(&self, file: &str) -> io::Result<bool> {
        self.spool.join(file).join("raw").try_exists()
    }
}
