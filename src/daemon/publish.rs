//! Gives staged outputs their names. Run again after a crash, it does what is left: a name that is there with our bytes
//! was given before; a name that is gone while the temporary file is gone too was given and taken by its reader.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::error::Error;
use super::stage::{folder, temporary, witness};
use crate::archive::{self, Stored};
use crate::config::Channel;
use crate::journal::Output;
use crate::world::{Fs, is_there};

/// Publishes every output of a file. `fresh` says that they were staged by this run, so none can be gone.
///
/// # Errors
/// When the file system refuses, another file has the name, or a staged file is gone that nobody can have taken.
pub fn publish(
    fs: &Arc<dyn Fs>,
    channel: &Channel,
    id: &str,
    outputs: &[Output],
    fresh: bool,
) -> Result<(), Error> {
    for (n, output) in outputs.iter().enumerate() {
        let target = folder(channel, output.outlet).join(output.name.expose());
        let staged = temporary(channel, output.outlet, id, n);
        let outlet = folder(channel, output.outlet);
        if is_there(&**fs, &staged).map_err(Error::io("looking at", &staged))? {
            give_name(fs, &staged, &target, output)?;
            // Before the next: a reader may take it at once, and a power cut must not bring it back under its temporary name.
            fs.sync_folder(outlet).map_err(Error::io("syncing", outlet))?;
            continue;
        }
        // Given before, and perhaps taken by its reader since; but only where this is the folder it was staged in.
        let witness = witness(channel, output.outlet, id);
        let same_folder = is_there(&**fs, &witness).map_err(Error::io("looking at", &witness))?;
        let there =
            is_there(&**fs, &target).map_err(Error::named_by_sender("looking at a file in", &target))?;
        if !there && (fresh || !same_folder) {
            let gone = io::Error::new(io::ErrorKind::NotFound, "the staged output is gone");
            return Err(Error::io("publishing", &staged)(gone));
        }
        fs.sync_folder(outlet).map_err(Error::io("syncing", outlet))?;
    }
    Ok(())
}

/// Renames without ever writing over.
fn give_name(fs: &Arc<dyn Fs>, staged: &Path, target: &Path, output: &Output) -> Result<(), Error> {
    if !has_bytes(fs, staged, output)? {
        let torn =
            io::Error::new(io::ErrorKind::InvalidData, "the staged bytes are not those that were journalled");
        return Err(Error::io("publishing", staged)(torn));
    }
    match fs.rename_new(staged, target) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists && has_bytes(fs, target, output)? => {
            fs.remove(staged).map_err(Error::io("removing", staged))
        }
        done => done.map_err(Error::named_by_sender("publishing to", target)),
    }
}

fn has_bytes(fs: &Arc<dyn Fs>, path: &Path, output: &Output) -> Result<bool, Error> {
    let (sha256, bytes) = archive::hash(&Stored::plain(Arc::clone(fs), path.to_owned()))
        .map_err(Error::named_by_sender("hashing a file in", path))?;
    Ok(sha256 == output.sha256 && bytes == output.bytes)
}
