//! Takes a dropped file into the spool: its name is noted, it is renamed, hashed and journalled, in this order, so that
//! a crash between any two leaves it either where it was dropped or findable in the spool.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use jiff::civil::Date;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::error::Error;
use super::state::State;
use crate::archive::{self, FileSource, sync_folder};
use crate::journal::{Direction, Record};

/// What a spool entry is, for a restart that finds it before it was journalled.
#[derive(Debug, Serialize, Deserialize)]
pub struct Meta {
    /// Channel.
    pub channel: String,
    /// Way.
    pub direction: Direction,
    /// Dropped name.
    pub name: String,
}

/// Takes a file; its id, or nothing when it was gone already.
///
/// # Errors
/// When the file system refuses.
pub fn take(state: &State, path: &Path, meta: &Meta) -> Result<Option<String>, Error> {
    let id = state.ids.next();
    let spool = state.spool(&id);
    fs::create_dir(&spool).map_err(Error::io("making", &spool))?;
    let note = spool.join("meta.json");
    let text = serde_json::to_vec(meta).map_err(|source| Error::Encode { what: "a spool note", source })?;
    fs::write(&note, text)
        .and_then(|()| File::open(&note)?.sync_all())
        .map_err(Error::io("writing", &note))?;
    sync_folder(&spool)
        .and_then(|()| sync_folder(&state.spool_folder()))
        .map_err(Error::io("syncing", &spool))?;
    let raw = spool.join("raw");
    match renameat_with(CWD, path, CWD, &raw, RenameFlags::NOREPLACE) {
        Ok(()) => {}
        Err(Errno::NOENT) => {
            fs::remove_dir_all(&spool).map_err(Error::io("removing", &spool))?;
            return Ok(None);
        }
        Err(Errno::XDEV) => return copy(state, path, &raw, &id).map(Some),
        Err(errno) => {
            let _left_empty = fs::remove_dir_all(&spool);
            return Err(Error::named_by_sender("taking a file from", path)(io::Error::from(errno)));
        }
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    sync_folder(&spool).and_then(|()| sync_folder(folder)).map_err(Error::io("syncing", &spool))?;
    Ok(Some(id))
}

/// Across file systems: a verified copy first, the original removed after it is safe. The usual way under a service
/// manager that mounts each folder by itself.
fn copy(state: &State, path: &Path, raw: &Path, id: &str) -> Result<String, Error> {
    let spool = state.spool(id);
    let copied = verified_copy(path, raw, id);
    if copied.is_err() {
        // The original is where it was; the next round tries again under another id.
        let _left_empty = fs::remove_dir_all(&spool);
    }
    copied?;
    sync_folder(&spool).map_err(Error::io("syncing", &spool))?;
    fs::remove_file(path).map_err(Error::named_by_sender("removing a file from", path))?;
    sync_folder(path.parent().unwrap_or(Path::new("."))).map_err(Error::named_by_sender("syncing", path))?;
    Ok(id.to_owned())
}

fn verified_copy(path: &Path, raw: &Path, id: &str) -> Result<(), Error> {
    let temporary = raw.with_extension("tmp");
    fs::copy(path, &temporary)
        .and_then(|_| File::open(&temporary)?.sync_all())
        .map_err(Error::named_by_sender("copying a file from", path))?;
    let original = archive::hash(&FileSource(path.to_owned()))
        .map_err(Error::named_by_sender("hashing a file in", path))?;
    let copied = archive::hash(&FileSource(temporary.clone())).map_err(Error::io("hashing", &temporary))?;
    if original != copied {
        return Err(Error::Custody { file: id.to_owned(), reason: "changed while it was copied" });
    }
    fs::rename(&temporary, raw).map_err(Error::io("renaming", raw))
}

/// Journals a file that lies in the spool; from here on the journal knows it.
///
/// # Errors
/// When it can't be read, or the journal fails.
pub fn receive(state: &State, id: &str, meta: &Meta, today: Date) -> Result<(), Error> {
    let raw = state.spool(id).join("raw");
    let (sha256, bytes) = archive::hash(&FileSource(raw.clone())).map_err(Error::io("hashing", &raw))?;
    let duplicate_of = state.known(&meta.channel, meta.direction, &sha256);
    crate::events::received(bytes, duplicate_of.is_some());
    state.append(vec![Record::Received {
        file: id.to_owned(),
        channel: meta.channel.clone(),
        direction: meta.direction,
        name: meta.name.clone(),
        sha256,
        bytes,
        today,
        duplicate_of,
    }])
}

/// What a restart finds in the spool: files that were renamed but not journalled are given back by id with their
/// notes; leftovers of finished or never taken files are removed.
///
/// # Errors
/// When the spool can't be read.
pub fn orphans(state: &State) -> Result<Vec<(String, Meta)>, Error> {
    let folder = state.spool_folder();
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).map_err(Error::io("reading", &folder))? {
        let entry = entry.map_err(Error::io("reading", &folder))?;
        let id = entry.file_name().to_string_lossy().into_owned();
        if state.file(&id).is_some() {
            continue;
        }
        let path = entry.path();
        let journalled = state.was_received(&id);
        if !journalled && path.join("raw").exists() {
            let note = path.join("meta.json");
            let text = fs::read(&note).map_err(Error::io("reading", &note))?;
            let meta = serde_json::from_slice(&text)
                .map_err(|source| Error::Encode { what: "a spool note", source })?;
            state.ids.seen(&id);
            found.push((id, meta));
        } else {
            // A copy across file systems that was not finished, or a file that is done: the original is elsewhere.
            fs::remove_dir_all(&path).map_err(Error::io("removing", &path))?;
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}
