//! Takes a dropped file into the spool: its name is noted, it is renamed, hashed and journalled, in this order, so that
//! a crash between any two leaves it either where it was dropped or findable in the spool.

use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::error::Error;
use super::state::State;
use crate::archive;
use crate::journal::{Direction, FileKey, Record};
use crate::world::{self, Fs};

/// What a spool entry is, for a restart that finds it before it was journalled.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Meta {
    /// Channel.
    pub channel: String,
    /// Way.
    pub direction: Direction,
    /// Dropped name.
    pub name: String,
    /// The file it is a later state of.
    #[serde(default)]
    pub late_of: Option<String>,
}

/// A file in the spool, not yet journalled.
#[derive(Debug)]
pub struct Taken {
    /// Its id.
    pub id: String,
    /// The original, where the spool holds a copy: to be removed once the copy is journalled.
    pub original: Option<PathBuf>,
}

/// Takes a file; nothing when it was gone already. An error leaves it where it was, or in the spool as an orphan.
///
/// # Errors
/// When the file system refuses.
pub fn take(state: &State, path: &Path, meta: &Meta) -> Result<Option<Taken>, Error> {
    let fs = &*state.world.fs;
    let id = state.next_id();
    let spool = note(state, &id, meta)?;
    let raw = spool.join("raw");
    let give_up = |error: Error| {
        let _left_empty = fs.remove_folder(&spool);
        error
    };
    // Another name for the same bytes would let them be changed in our hands.
    let linked = fs.look(path).is_ok_and(|look| look.links > 1);
    let renamed = if linked { Err(io::ErrorKind::CrossesDevices.into()) } else { fs.rename_new(path, &raw) };
    match renamed {
        Ok(()) => {
            let folder = path.parent().unwrap_or(Path::new("."));
            fs.sync_folder(&spool).map_err(Error::sync(&spool))?;
            fs.sync_folder(folder).map_err(Error::sync(folder))?;
            Ok(Some(Taken { id, original: None }))
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            fs.remove_folder(&spool).map_err(Error::io("removing", &spool))?;
            Ok(None)
        }
        // Across file systems: the usual way under a service manager that mounts each folder by itself.
        Err(e) if e.kind() == io::ErrorKind::CrossesDevices => {
            verified_copy(state, path, &raw, &id).map_err(give_up)?;
            fs.sync_folder(&spool).map_err(Error::sync(&spool))?;
            Ok(Some(Taken { id, original: Some(path.to_owned()) }))
        }
        Err(e) => Err(give_up(Error::named_by_sender("taking a file from", path)(e))),
    }
}

/// Makes a spool folder with a note of what will lie in it. The id is new, so nothing is written over.
fn note(state: &State, id: &str, meta: &Meta) -> Result<PathBuf, Error> {
    let fs = &*state.world.fs;
    let spool = state.spool(id);
    fs.make_folder(&spool).map_err(Error::io("making", &spool))?;
    let note = spool.join("meta.json");
    let text = serde_json::to_vec(meta).map_err(|source| Error::Encode { what: "a spool note", source })?;
    let mut file = fs.create(&note).map_err(Error::io("creating", &note))?;
    file.write_all(&text).map_err(Error::io("writing", &note))?;
    file.sync().map_err(Error::sync(&note))?;
    fs.sync_folder(&spool).map_err(Error::sync(&spool))?;
    fs.sync_folder(&state.spool_folder()).map_err(Error::sync(&spool))?;
    Ok(spool)
}

/// Takes the spooled bytes of a file over into another: a sender wrote on after we took it.
///
/// # Errors
/// When the file system refuses.
pub fn take_late(state: &State, from: &str, meta: &Meta) -> Result<String, Error> {
    let fs = &*state.world.fs;
    let id = state.next_id();
    let spool = note(state, &id, meta)?;
    let raw = spool.join("raw");
    fs.rename(&state.spool(from).join("raw"), &raw).map_err(Error::io("renaming", &raw))?;
    fs.sync_folder(&spool).map_err(Error::sync(&spool))?;
    Ok(id)
}

/// Removes an original whose copy is journalled.
///
/// # Errors
/// When it can't be removed; it is then received again as a duplicate.
pub fn remove_original(fs: &dyn Fs, path: &Path) -> Result<(), Error> {
    match fs.remove(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => {
            Err(Error::named_by_sender("removing a file that was copied from", path)(e))
        }
        _ => {
            let folder = path.parent().unwrap_or(Path::new("."));
            fs.sync_folder(folder).map_err(Error::sync(folder))
        }
    }
}

fn verified_copy(state: &State, path: &Path, raw: &Path, id: &str) -> Result<(), Error> {
    let fs = &*state.world.fs;
    let temporary = raw.with_extension("tmp");
    let mut copy = fs.create(&temporary).map_err(Error::io("creating", &temporary))?;
    fs.open(path)
        .and_then(|mut source| io::copy(&mut source, &mut copy))
        .map_err(Error::named_by_sender("copying a file from", path))?;
    copy.sync().map_err(Error::sync(&temporary))?;
    let original =
        archive::hash(&state.stored(path)).map_err(Error::named_by_sender("hashing a file in", path))?;
    let copied = archive::hash(&state.stored(&temporary)).map_err(Error::io("hashing", &temporary))?;
    if original != copied {
        return Err(Error::Custody { file: id.to_owned(), reason: "changed while it was copied" });
    }
    fs.rename(&temporary, raw).map_err(Error::io("renaming", raw))
}

/// Journals a file that lies in the spool; from here on the journal knows it.
///
/// # Errors
/// When it can't be read, or the journal fails.
pub fn receive(state: &State, id: &str, meta: &Meta, today: Date) -> Result<(), Error> {
    let (fs, spool) = (&*state.world.fs, state.spool(id));
    let raw = spool.join("raw");
    let (sha256, bytes) = archive::hash(&state.stored(&raw)).map_err(Error::io("hashing", &raw))?;
    // Its sender may not have: once we say we have it, a power cut must not take it.
    fs.sync_file(&raw).map_err(Error::sync(&raw))?;
    fs.sync_folder(&spool).map_err(Error::sync(&spool))?;
    fs.sync_folder(&state.spool_folder()).map_err(Error::sync(&spool))?;
    let key = FileKey { channel: meta.channel.clone(), direction: meta.direction, sha256: sha256.clone() };
    let duplicate_of = state.claim(&key, id)?;
    crate::events::received(bytes, duplicate_of.is_some());
    state.append(vec![Record::Received {
        file: id.to_owned(),
        channel: meta.channel.clone(),
        direction: meta.direction,
        name: meta.name.clone(),
        sha256,
        bytes,
        today,
        duplicate_of: duplicate_of.filter(|_| meta.late_of.is_none()),
        late_of: meta.late_of.clone(),
    }])
}

/// What a restart finds in the spool: files that were renamed but not journalled are given back by id with their
/// notes; leftovers of finished or never taken files are removed.
///
/// # Errors
/// When the spool can't be read.
pub fn orphans(state: &State) -> Result<Vec<(String, Meta)>, Error> {
    let (fs, folder) = (&*state.world.fs, state.spool_folder());
    let mut found = Vec::new();
    for entry in fs.list(&folder).map_err(Error::io("reading", &folder))? {
        let path = entry.path;
        let id = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if state.file(&id).is_some() {
            continue;
        }
        let journalled = state.was_received(&id);
        let raw = path.join("raw");
        if !journalled && world::is_there(fs, &raw).map_err(Error::io("looking at", &raw))? {
            let note = path.join("meta.json");
            let text = world::read_all(fs, &note).map_err(Error::io("reading", &note))?;
            let meta = serde_json::from_slice(&text)
                .map_err(|source| Error::Encode { what: "a spool note", source })?;
            state.seen_id(&id);
            found.push((id, meta));
        } else {
            // A copy across file systems that was not finished, or a file that is done: the original is elsewhere.
            fs.remove_folder(&path).map_err(Error::io("removing", &path))?;
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}
