//! Writes outputs beside their folders, under temporary names, synced; and gives them their names later. Both may be
//! done again after a crash.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::error::Error;
use crate::archive::{Hashing, digest};
use crate::config::Channel;
use crate::journal::{Outlet, Output};
use crate::world::{Fs, WriteFile, is_there};

/// All outlets.
pub const OUTLETS: [Outlet; 4] = [Outlet::Clean, Outlet::Delivered, Outlet::Rejected, Outlet::Acks];

/// Folder of an outlet.
#[must_use]
pub fn folder(channel: &Channel, outlet: Outlet) -> &Path {
    match outlet {
        Outlet::Clean => &channel.clean,
        Outlet::Delivered => &channel.delivered,
        Outlet::Rejected => &channel.rejected,
        Outlet::Acks => &channel.acks,
    }
}

/// Where the n-th output of a file lies before it has its name.
#[must_use]
pub fn temporary(channel: &Channel, outlet: Outlet, id: &str, n: usize) -> PathBuf {
    folder(channel, outlet).join(".tmp").join(format!("{id}-{n}"))
}

/// An empty file beside the staged ones of a file, for as long as it is worked: where it is, nothing but a reader has taken what was
/// published. Where it isn't, the folder is not the one it was staged in: a share that isn't mounted, say.
#[must_use]
pub fn witness(channel: &Channel, outlet: Outlet, id: &str) -> PathBuf {
    folder(channel, outlet).join(".tmp").join(id)
}

/// Removes the witnesses of a file that is done.
///
/// # Errors
/// When the file system refuses.
pub fn dismiss(fs: &dyn Fs, channel: &Channel, file: (&str, &[Output])) -> Result<(), Error> {
    for outlet in OUTLETS.into_iter().filter(|outlet| file.1.iter().any(|o| o.outlet == *outlet)) {
        let path = witness(channel, outlet, file.0);
        match fs.remove(&path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(Error::io("removing", &path)(e)),
            _ => {}
        }
    }
    Ok(())
}

/// `<stem>-<first 10 of the ULID>.<ext>`, the stem cut to letters, digits, `_` and `-`.
#[must_use]
pub fn published_name(dropped: &str, id: &str) -> String {
    let (stem, ending) = dropped.rsplit_once('.').unwrap_or((dropped, "edi"));
    let safe = |text: &str, most: usize| -> String {
        text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).take(most).collect()
    };
    let (stem, ending) = (safe(stem, 32), safe(ending, 8));
    let stem = if stem.is_empty() { "file" } else { &stem };
    let ending = if ending.is_empty() { "edi" } else { &ending };
    format!("{stem}-{}.{ending}", id.get(..10).unwrap_or(id))
}

/// A file that is made when its first byte is written.
struct Unmade<'a> {
    fs: &'a dyn Fs,
    path: &'a Path,
    file: Option<Box<dyn WriteFile>>,
}

impl Write for Unmade<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        let file = match self.file.take() {
            Some(file) => file,
            None => self.fs.create(self.path)?,
        };
        self.file.insert(file).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes the n-th output of a file; `None`, and nothing left behind, when `write` wrote no byte.
///
/// # Errors
/// When the file system refuses, or `write` does.
pub fn stage(
    fs: &dyn Fs,
    channel: &Channel,
    (outlet, id, n): (Outlet, &str, usize),
    name: String,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<Option<Output>, Error> {
    let path = temporary(channel, outlet, id, n);
    let beside = path.parent().unwrap_or(Path::new("."));
    if !is_there(fs, beside).map_err(Error::io("looking at", beside))? {
        // Not the folder above: one that vanished is a share that isn't mounted, say.
        match fs.make_folder(beside) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            made => made.map_err(Error::io("making", beside))?,
        }
        let above = folder(channel, outlet);
        fs.sync_folder(above).map_err(Error::sync(above))?;
    }
    let file = Unmade { fs, path: &path, file: None };
    let mut out = Hashing::new(BufWriter::with_capacity(256 * 1024, file));
    write(&mut out).and_then(|()| out.flush()).map_err(Error::io("writing", &path))?;
    let (buffered, sha256, bytes) = out.finish();
    let made = buffered.into_inner().map_err(|e| Error::io("writing", &path)(e.into_error()))?.file;
    let Some(mut file) = made else { return Ok(None) };
    let group = match &channel.file_group {
        None => None,
        Some(group) => {
            let unknown = || Error::io("finding the group of", &path)(io::ErrorKind::NotFound.into());
            Some(group_id(group).ok_or_else(unknown)?)
        }
    };
    let witness = witness(channel, outlet, id);
    if !is_there(fs, &witness).map_err(Error::io("looking at", &witness))? {
        fs.create(&witness).map_err(Error::io("creating", &witness))?;
    }
    file.set_access(channel.file_mode, group).map_err(Error::io("setting who may read", &path))?;
    if let Err(error) = file.sync().and_then(|()| fs.sync_folder(beside)) {
        // What was written is not to be trusted any more; the next try writes another file.
        let _tried = fs.remove(&path);
        return Err(Error::io("syncing", &path)(error));
    }
    drop(file);
    let found = fs.open(&path).and_then(digest).map_err(Error::io("reading back", &path))?.0;
    if found != sha256 {
        // A write that lied: the next try writes another file.
        let _tried = fs.remove(&path);
        let lied = io::Error::new(io::ErrorKind::InvalidData, "what was written isn't there");
        return Err(Error::io("reading back", &path)(lied));
    }
    Ok(Some(Output { outlet, name: name.into(), sha256, bytes }))
}

/// Removes staged files that nobody will publish: a crash may have brought them back. `waits` says of the n-th output of a file, and of
/// its witness, whether it may still be.
///
/// # Errors
/// When the file system refuses.
pub fn sweep(
    fs: &dyn Fs,
    channel: &Channel,
    waits: &dyn Fn(&str, Outlet, Option<usize>) -> bool,
) -> Result<(), Error> {
    for outlet in OUTLETS {
        let beside = folder(channel, outlet).join(".tmp");
        let listed = match fs.list(&beside) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            listed => listed.map_err(Error::io("reading", &beside))?,
        };
        for staged in listed {
            let name = staged.path.file_name().unwrap_or_default().to_string_lossy();
            let of = match name.split_once('-') {
                None => Some((&*name, None)),
                Some((id, n)) => n.parse().ok().map(|n| (id, Some(n))),
            };
            if of.is_some_and(|(id, n)| id.len() == 26 && !waits(id, outlet, n)) {
                fs.remove(&staged.path).map_err(Error::io("removing", &staged.path))?;
            }
        }
    }
    Ok(())
}

/// The id of a group in `/etc/group`, or the number it is written as.
fn group_id(name: &str) -> Option<u32> {
    if let Ok(id) = name.parse() {
        return Some(id);
    }
    let groups = std::fs::read_to_string("/etc/group").ok()?;
    groups.lines().find_map(|line| {
        let mut cells = line.split(':');
        (cells.next() == Some(name)).then(|| cells.nth(1)?.parse().ok()).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::published_name;

    #[test]
    fn names_are_cut_to_what_is_safe() {
        let id = "01JD0000000000000000000000";
        for (dropped, published) in [
            ("week47.edi", "week47-01JD000000.edi"),
            ("..\\..\\passwd.edi", "passwd-01JD000000.edi"),
            ("claims 12/01 O'Neil.837", "claims1201ONeil-01JD000000.837"),
            ("noending", "noending-01JD000000.edi"),
            (".edi", "file-01JD000000.edi"),
            ("a.b.c.x12", "abc-01JD000000.x12"),
        ] {
            assert_eq!(published_name(dropped, id), published);
        }
    }
}
