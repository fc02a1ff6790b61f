//! Gives staged outputs their names. Run again after a crash, it does what is left: a name that is there with our bytes
//! was given before; a name that is gone while the temporary file is gone too was given and taken by its reader.

use std::fs;
use std::io;
use std::path::Path;

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::error::Error;
use super::stage::{folder, temporary};
use crate::archive::{self, FileSource, sync_folder};
use crate::config::Channel;
use crate::journal::Output;

/// Publishes every output of a file. `fresh` says that they were staged by this run, so none can be gone.
///
/// # Errors
/// When the file system refuses, another file has the name, or a staged file is gone that nobody can have taken.
pub fn publish(channel: &Channel, id: &str, outputs: &[Output], fresh: bool) -> Result<(), Error> {
    for (n, output) in outputs.iter().enumerate() {
        let target = folder(channel, output.outlet).join(&output.name);
        let staged = temporary(channel, output.outlet, id, n);
        if staged.try_exists().map_err(Error::io("looking at", &staged))? {
            give_name(&staged, &target, output)?;
            continue;
        }
        // Given before, and perhaps taken by its reader since. A folder without our own `.tmp` is not the one it was
        // staged in: a share that isn't mounted, say.
        let beside = staged.parent().unwrap_or(Path::new("."));
        let same_folder = beside.try_exists().map_err(Error::io("looking at", beside))?;
        let there = target.try_exists().map_err(Error::named_by_sender("looking at a file in", &target))?;
        if !there && (fresh || !same_folder) {
            let gone = io::Error::new(io::ErrorKind::NotFound, "the staged output is gone");
            return Err(Error::io("publishing", &staged)(gone));
        }
    }
    for output in outputs {
        let folder = folder(channel, output.outlet);
        sync_folder(folder).map_err(Error::io("syncing", folder))?;
    }
    Ok(())
}

/// Renames without ever writing over; by a second link where the file system knows no such rename.
fn give_name(staged: &Path, target: &Path, output: &Output) -> Result<(), Error> {
    let renamed = match renameat_with(CWD, staged, CWD, target, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            fs::hard_link(staged, target).and_then(|()| fs::remove_file(staged))
        }
        done => done.map_err(io::Error::from),
    };
    match renamed {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists && has_bytes(target, output)? => {
            fs::remove_file(staged).map_err(Error::io("removing", staged))
        }
        done => done.map_err(Error::named_by_sender("publishing to", target)),
    }
}

fn has_bytes(path: &Path, output: &Output) -> Result<bool, Error> {
    let (sha256, bytes) = archive::hash(&FileSource(path.to_owned()))
        .map_err(Error::named_by_sender("hashing a file in", path))?;
    Ok(sha256 == output.sha256 && bytes == output.bytes)
}
