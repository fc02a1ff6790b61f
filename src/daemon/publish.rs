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

/// Publishes every output of a file.
///
/// # Errors
/// When the file system refuses, or another file has the name.
pub fn publish(channel: &Channel, id: &str, outputs: &[Output]) -> Result<(), Error> {
    for (n, output) in outputs.iter().enumerate() {
        let target = folder(channel, output.outlet).join(&output.name);
        let staged = temporary(channel, output.outlet, id, n);
        if staged.exists() {
            match renameat_with(CWD, &staged, CWD, &target, RenameFlags::NOREPLACE) {
                Ok(()) => {}
                Err(Errno::EXIST) if has_bytes(&target, output)? => {
                    fs::remove_file(&staged).map_err(Error::io("removing", &staged))?;
                }
                Err(errno) => {
                    return Err(Error::named_by_sender("publishing to", &target)(io::Error::from(errno)));
                }
            }
        }
    }
    for output in outputs {
        let folder = folder(channel, output.outlet);
        sync_folder(folder).map_err(Error::io("syncing", folder))?;
    }
    Ok(())
}

fn has_bytes(path: &Path, output: &Output) -> Result<bool, Error> {
    let (sha256, bytes) = archive::hash(&FileSource(path.to_owned()))
        .map_err(Error::named_by_sender("hashing a file in", path))?;
    Ok(sha256 == output.sha256 && bytes == output.bytes)
}
