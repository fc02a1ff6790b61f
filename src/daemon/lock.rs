//! The state folder is one process's at a time.

use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::FlockOperation;

use super::error::Error;

/// How long another owner of the state is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// The lock of a state folder, for as long as it lives.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Makes the folder where it is missing, and takes its lock. A question asked of a state without a daemon holds it for a moment: that is
    /// waited out.
    ///
    /// # Errors
    /// [`Error::Locked`] when another process keeps it; else what failed.
    pub fn take(folder: &Path) -> Result<Lock, Error> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(Error::io("making state folder", folder))?;
        let path = folder.join("lock");
        let file = File::create(&path).map_err(Error::io("opening", &path))?;
        let begun = Instant::now();
        loop {
            match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Err(_) if begun.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(50)),
                Err(_) => return Err(Error::Locked { path: folder.to_owned() }),
                Ok(()) => return Ok(Lock { _file: file }),
            }
        }
    }
}
