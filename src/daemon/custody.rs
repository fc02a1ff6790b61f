//! Takes a dropped file into the spool: its name is noted, it is renamed, hashed and journalled, in this order, so that
//! a crash between any two leaves it either where it was dropped or findable in the spool.

use std::collections::HashSet;
use std::ffi::OsString;
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::error::Error;
use super::packed::{Broken, is_packed, unpack};
use super::state::State;
use crate::archive::{self, Hashing};
use crate::journal::{Direction, FileKey, Packed, Position, Record};
use crate::phi::{Phi, decode, kept};
use crate::world::{self, Fs, Kind};

/// What a spool entry is, for a restart that finds it before it was journalled.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Meta {
    /// Channel.
    pub channel: String,
    /// Way.
    pub direction: Direction,
    /// Dropped name.
    #[serde(with = "kept")]
    pub name: Phi<String>,
    /// The file it is a later state of.
    #[serde(default)]
    pub late_of: Option<String>,
    /// The hex SHA-256 its sender says it has.
    #[serde(default)]
    pub expected: Option<String>,
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
    // Another name for the same bytes would let them be changed in our hands.
    let linked = fs.look(path).is_ok_and(|look| look.links > 1);
    let renamed = if linked { Err(io::ErrorKind::CrossesDevices.into()) } else { fs.rename_new(path, &raw) };
    let refused = match renamed {
        Ok(()) => None,
        // Across file systems: the usual way under a service manager that mounts each folder by itself.
        Err(e) if e.kind() == io::ErrorKind::CrossesDevices => {
            return match copy(state, path, &spool, &id) {
                Ok(()) => Ok(Some(Taken { id, original: Some(path.to_owned()) })),
                Err(error) => {
                    let _left_empty = fs.remove_folder(&spool);
                    Err(error)
                }
            };
        }
        Err(e) => Some(e),
    };
    // A network may lose the answer to a call that was carried out: where it lies is what counts. Where that can't be told it stays, and
    // is found as an orphan.
    if let Some(e) = refused
        && !world::is_there(fs, &raw).map_err(Error::io("looking at", &raw))?
    {
        fs.remove_folder(&spool).map_err(Error::io("removing", &spool))?;
        let gone = e.kind() == io::ErrorKind::NotFound;
        return if gone { Ok(None) } else { Err(Error::named_by_sender("taking a file from", path)(e)) };
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    fs.sync_folder(&spool).map_err(Error::sync(&spool))?;
    fs.sync_folder(folder).map_err(Error::sync(folder))?;
    Ok(Some(Taken { id, original: None }))
}

/// What a copied file was copied from, kept beside the copy until the original is removed.
#[derive(Debug, Serialize, Deserialize)]
struct Original {
    /// Its path, in bytes: senders name files as they like.
    path: Vec<u8>,
    inode: u64,
    device: u64,
}

/// Copies a file into the spool, and notes what it is a copy of before it is there.
fn copy(state: &State, path: &Path, spool: &Path, id: &str) -> Result<(), Error> {
    let fs = &*state.world.fs;
    let look = fs.look(path).map_err(Error::named_by_sender("looking at a file in", path))?;
    let original =
        Original { path: path.as_os_str().as_bytes().to_vec(), inode: look.inode, device: look.device };
    write_note(fs, &spool.join("original.json"), &original)?;
    // Durable before the copy can be: a copy without it would be taken for the original itself, which then comes once more.
    fs.sync_folder(spool).map_err(Error::sync(spool))?;
    verified_copy(state, path, &spool.join("raw"), id)?;
    fs.sync_folder(spool).map_err(Error::sync(spool))
}

/// What a spooled copy was copied from, as it was noted.
fn noted(state: &State, id: &str) -> Result<Option<Original>, Error> {
    let note = state.spool(id).join("original.json");
    let text = match world::read_all(&*state.world.fs, &note) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read.map_err(Error::io("reading", &note))?,
    };
    let damaged = |_| Error::Custody { file: id.to_owned(), reason: "what it was copied from can't be read" };
    decode(&text).map(Some).map_err(damaged)
}

/// Makes sure that the original of a copy stays removed: the sync after its removal may have been refused, and a power cut would bring it
/// back when the file is done, to be taken once more.
///
/// # Errors
/// When that can't be had now.
pub fn end_removal(state: &State, id: &str) -> Result<(), Error> {
    let Some(original) = noted(state, id)? else { return Ok(()) };
    let path = PathBuf::from(OsString::from_vec(original.path));
    let folder = path.parent().unwrap_or(Path::new("."));
    match state.world.fs.sync_folder(folder) {
        // Somebody took the folder away, and the file with it.
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        synced => synced.map_err(Error::io("syncing", folder)),
    }
}

/// The original of a spooled copy, where it is still there.
///
/// # Errors
/// When that can't be told.
pub fn original(state: &State, id: &str) -> Result<Option<PathBuf>, Error> {
    let Some(original) = noted(state, id)? else { return Ok(None) };
    let path = PathBuf::from(OsString::from_vec(original.path));
    match state.world.fs.look(&path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        // Another file may have its name by now.
        look => {
            let look = look.map_err(Error::named_by_sender("looking at a file in", &path))?;
            Ok((look.inode == original.inode && look.device == original.device).then_some(path))
        }
    }
}

/// Says no more of a copy what it was copied from: another copy of it is in the spool.
///
/// # Errors
/// When the file system refuses.
pub fn let_go(state: &State, id: &str) -> Result<(), Error> {
    let (fs, spool) = (&*state.world.fs, state.spool(id));
    let note = spool.join("original.json");
    fs.remove(&note).map_err(Error::io("removing", &note))?;
    fs.sync_folder(&spool).map_err(Error::sync(&spool))
}

/// Originals of copies in the spool: nobody is to take them for other files. One whose note can't be read is found again by its bytes.
///
/// # Errors
/// When the spool can't be read.
pub fn originals(state: &State) -> Result<HashSet<PathBuf>, Error> {
    let folder = state.spool_folder();
    let mut found = HashSet::new();
    for entry in state.world.fs.list(&folder).map_err(Error::io("reading", &folder))? {
        let id = entry.path.file_name().unwrap_or_default().to_string_lossy();
        if let Ok(Some(original)) = noted(state, &id) {
            found.insert(PathBuf::from(OsString::from_vec(original.path)));
        }
    }
    Ok(found)
}

fn write_note(fs: &dyn Fs, path: &Path, note: &impl Serialize) -> Result<(), Error> {
    let text = serde_json::to_vec(note).map_err(|source| Error::Encode { what: "a spool note", source })?;
    let mut file = fs.create(path).map_err(Error::io("creating", path))?;
    file.write_all(&text).map_err(Error::io("writing", path))?;
    file.sync().map_err(Error::sync(path))
}

/// Makes a spool folder with a note of what will lie in it. The id is new, so nothing is written over.
fn note(state: &State, id: &str, meta: &Meta) -> Result<PathBuf, Error> {
    let fs = &*state.world.fs;
    let spool = state.spool(id);
    fs.make_folder(&spool).map_err(Error::io("making", &spool))?;
    write_note(fs, &spool.join("meta.json"), meta)?;
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

/// Journals a file that lies in the spool; from here on the journal knows it. A packed one is known by what is in it, so that the same
/// claims packed anew are no others; one that can't be unpacked, or isn't what its sender says, is set aside.
///
/// # Errors
/// When it can't be read, or the journal fails.
pub fn receive(state: &State, id: &str, meta: &Meta, today: Date, most_unpacked: u64) -> Result<(), Error> {
    let (fs, spool) = (&*state.world.fs, state.spool(id));
    let raw = spool.join("raw");
    let kind = fs.look(&raw).map_err(Error::io("looking at", &raw))?.kind;
    if kind != Kind::File {
        // Put in the place of a file while it was taken: there are no bytes in it.
        crate::events::ignored(&meta.channel, "link");
        fs.remove(&raw).map_err(Error::io("removing", &raw))?;
        return fs.remove_folder(&spool).map_err(Error::io("removing", &spool));
    }
    let (came_as, came_bytes) = archive::hash(&state.stored(&raw)).map_err(Error::io("hashing", &raw))?;
    let differs = meta.expected.as_ref().is_some_and(|expected| *expected != came_as);
    let mut refused = differs.then_some("its bytes are not those of the checksum that lay beside it");
    let (mut sha256, mut bytes, mut packed) = (came_as.clone(), came_bytes, None);
    match unpacked(state, &spool, (came_bytes, most_unpacked))? {
        None => {}
        Some(Ok(content)) => {
            (sha256, bytes) = content;
            packed = Some(Packed { sha256: came_as, bytes: came_bytes });
        }
        Some(Err(broken)) => refused = refused.or(Some(broken.why())),
    }
    // Its sender may not have: once we say we have it, a power cut must not take it.
    fs.sync_file(&raw).map_err(Error::sync(&raw))?;
    fs.sync_folder(&spool).map_err(Error::sync(&spool))?;
    fs.sync_folder(&state.spool_folder()).map_err(Error::sync(&spool))?;
    let key = FileKey { channel: meta.channel.clone(), direction: meta.direction, sha256: sha256.clone() };
    let duplicate_of = state.claim(&key, id)?;
    crate::events::received(bytes, duplicate_of.is_some());
    let mut records = vec![Record::Received {
        file: id.to_owned(),
        channel: meta.channel.clone(),
        direction: meta.direction,
        name: meta.name.clone(),
        sha256,
        bytes,
        today,
        duplicate_of: duplicate_of.filter(|_| meta.late_of.is_none()),
        late_of: meta.late_of.clone(),
        packed,
    }];
    records.extend(refused.map(|why| Record::Quarantined { file: id.to_owned(), reason: why.to_owned() }));
    state.append(records)
}

/// Hash and size of what is in a packed file, or why it can't be used.
type Content = Result<(String, u64), Broken>;

/// Unpacks a spooled file beside itself; none where it isn't packed.
fn unpacked(state: &State, spool: &Path, caps: (u64, u64)) -> Result<Option<Content>, Error> {
    let (fs, raw, plain) = (&*state.world.fs, spool.join("raw"), spool.join("plain"));
    let mut head = Vec::new();
    let open = || fs.open(&raw).map_err(Error::io("opening", &raw));
    open()?.take(2).read_to_end(&mut head).map_err(Error::io("reading", &raw))?;
    if !is_packed(&head) {
        return Ok(None);
    }
    let file = fs.create(&plain).map_err(Error::io("creating", &plain))?;
    let mut out = Hashing::new(file);
    let done = unpack(open()?, caps, &mut out).map_err(Error::io("unpacking", &plain))?;
    let (mut file, sha256, bytes) = out.finish();
    if let Err(broken) = done {
        fs.remove(&plain).map_err(Error::io("removing", &plain))?;
        return Ok(Some(Err(broken)));
    }
    file.sync().map_err(Error::sync(&plain))?;
    Ok(Some(Ok((sha256, bytes))))
}

/// Files in the spool that the journal doesn't know.
#[derive(Default)]
pub struct Orphans {
    /// With their notes, oldest first.
    pub found: Vec<(String, Meta)>,
    /// Those that can't be looked at.
    pub trouble: Vec<Error>,
}

/// What a restart finds in the spool: files that were renamed but not journalled are given back by id with their notes; leftovers of
/// finished or never taken files are removed. One that can't be looked at leaves the others their way.
///
/// # Errors
/// When the spool can't be read.
pub fn orphans(state: &State) -> Result<Orphans, Error> {
    let (fs, folder) = (&*state.world.fs, state.spool_folder());
    let mut orphans = Orphans::default();
    for entry in fs.list(&folder).map_err(Error::io("reading", &folder))? {
        let id = entry.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if state.file(&id).is_some() {
            continue;
        }
        match orphan(state, &id, &entry.path) {
            Ok(None) => {}
            Ok(Some((id, meta))) => {
                state.seen_id(&id);
                orphans.found.push((id, meta));
            }
            Err(error) => orphans.trouble.push(error),
        }
    }
    Ok(orphans)
}

/// True when the spool holds files that the journal has never heard of: what a sender wrote on, say.
#[must_use]
pub fn has_orphans(state: &State) -> bool {
    let listed = state.world.fs.list(&state.spool_folder()).unwrap_or_default();
    listed.iter().any(|entry| {
        let id = entry.path.file_name().unwrap_or_default().to_string_lossy();
        !state.was_received(&id)
    })
}

fn orphan(state: &State, id: &str, path: &Path) -> Result<Option<(String, Meta)>, Error> {
    let fs = &*state.world.fs;
    let raw = path.join("raw");
    let there = world::is_there(fs, &raw).map_err(Error::io("looking at", &raw))?;
    if !state.was_received(id) && there {
        return Ok(Some((id.to_owned(), read_note(fs, path)?)));
    }
    if there {
        let now = archive::hash(&state.stored(&raw)).map_err(Error::io("hashing", &raw))?.0;
        let late = if state.archive.has(&now).map_err(Error::io("looking at", &raw))? {
            None
        } else {
            written_on(state, id, &now)?
        };
        if let Some(meta) = late {
            let late = take_late(state, id, &meta)?;
            discard(fs, path)?;
            return Ok(Some((late, meta)));
        }
    }
    // A copy across file systems that was not finished, or a file that is done: the original is elsewhere.
    discard(fs, path)?;
    Ok(None)
}

/// Removes a spool folder, its bytes first: what is left of one by a crash has none.
///
/// # Errors
/// When the file system refuses.
pub fn discard(fs: &dyn Fs, spool: &Path) -> Result<(), Error> {
    let raw = spool.join("raw");
    match fs.remove(&raw) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(Error::io("removing", &raw)(e)),
        _ => {}
    }
    match fs.remove_folder(spool) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Error::io("removing", spool)(e)),
        _ => Ok(()),
    }
}

/// What the bytes of a file that is done are, where its sender wrote on between its end and a crash: a file of their own.
fn written_on(state: &State, id: &str, now: &str) -> Result<Option<Meta>, Error> {
    let mut meta = None;
    state.tail(Position::START, &mut |_, entry| {
        if let Record::Received { file, channel, direction, name, sha256, packed, .. } = entry.record
            && file == id
        {
            let came_as = packed.map_or(sha256, |p| p.sha256);
            let late_of = Some(file);
            let late = Meta { channel, direction, name, late_of, expected: None };
            meta = (came_as != now).then_some(late);
        }
        Ok(())
    })?;
    Ok(meta)
}

fn read_note(fs: &dyn Fs, spool: &Path) -> Result<Meta, Error> {
    let note = spool.join("meta.json");
    let text = world::read_all(fs, &note).map_err(Error::io("reading", &note))?;
    decode(&text).map_err(|bad| Error::io("reading", &note)(bad.into()))
}
