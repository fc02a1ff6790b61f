//! The files of a journal: `NNNN.log`, the last of which grows; closed ones are packed into `NNNN.log.gz`.
//!
//! A new one is begun before the old one is packed, so the last one is never packed: where it is, one behind it is missing.
//! A kill between any two steps leaves the old one, the packed one, or both; the plain one counts where both are there.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;

use super::Error;
use crate::world::{Fs, WriteFile};

/// One file of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub number: u64,
    pub path: PathBuf,
    pub packed: bool,
}

/// Where the segment of this number lies while it is plain.
pub(super) fn plain(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:04}.log"))
}

/// Where it lies packed.
pub(super) fn packed(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:04}.log.gz"))
}

/// The segments of a folder by number, each once. Other names are none of ours.
pub(super) fn list(fs: &dyn Fs, folder: &Path) -> Result<Vec<Segment>, Error> {
    let mut listed = list_once(fs, folder)?;
    // A folder that is read while the daemon packs may show neither the plain one nor the packed one.
    for _ in 0..3 {
        let sound =
            listed.iter().zip(1..).all(|(s, n)| s.number == n) && listed.last().is_none_or(|s| !s.packed);
        if sound {
            break;
        }
        listed = list_once(fs, folder)?;
    }
    Ok(listed)
}

fn list_once(fs: &dyn Fs, folder: &Path) -> Result<Vec<Segment>, Error> {
    let mut found: BTreeMap<u64, Segment> = BTreeMap::new();
    for entry in fs.list(folder).map_err(Error::io("reading the folder of", folder))? {
        let Some(name) = entry.path.file_name().and_then(|n| n.to_str()) else { continue };
        let (stem, is_packed) = match (name.strip_suffix(".log"), name.strip_suffix(".log.gz")) {
            (Some(stem), _) => (stem, false),
            (_, Some(stem)) => (stem, true),
            _ => continue,
        };
        let Some(number) = stem.parse().ok().filter(|n| *n > 0 && format!("{n:04}") == stem) else {
            continue;
        };
        if !is_packed || !found.contains_key(&number) {
            found.insert(number, Segment { number, path: entry.path.clone(), packed: is_packed });
        }
    }
    Ok(found.into_values().collect())
}

/// A segment's bytes, unpacked. One that was packed since it was listed is read packed.
pub(super) fn open(fs: &dyn Fs, folder: &Path, segment: &Segment) -> Result<Box<dyn Read>, Error> {
    let opened = match fs.open(&segment.path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound && !segment.packed => {
            let path = packed(folder, segment.number);
            fs.open(&path).map(|file| (file, true)).map_err(Error::io("opening", &path))?
        }
        opened => (opened.map_err(Error::io("opening", &segment.path))?, segment.packed),
    };
    let (file, is_packed) = opened;
    if is_packed {
        return Ok(Box::new(BufReader::new(GzDecoder::new(BufReader::with_capacity(64 * 1024, file)))));
    }
    // What is appended while we read is not ours to see half.
    let now = fs.look(&segment.path).map_err(Error::io("reading", &segment.path))?.size;
    Ok(Box::new(BufReader::with_capacity(64 * 1024, file).take(now)))
}

/// Begins a segment; it is there, empty and durable, when this returns.
pub(super) fn begin(fs: &dyn Fs, folder: &Path, number: u64) -> io::Result<(Box<dyn WriteFile>, PathBuf)> {
    let path = plain(folder, number);
    let mut file = fs.append_to(&path, 0o600)?;
    file.sync()?;
    fs.sync_folder(folder)?;
    Ok((file, path))
}

/// Writes a plain segment anew up to a byte, what is behind it left out. A sync that failed before may have left what can be read and is not
/// on the disk: only what is written again is sure to be.
pub(super) fn write_anew(fs: &dyn Fs, folder: &Path, number: u64, bytes: u64) -> Result<(), Error> {
    let (from, beside) = (plain(folder, number), folder.join(format!("{number:04}.log.mended.tmp")));
    let source = match fs.open(&from) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => opened.map_err(Error::io("opening", &from))?,
    };
    let mut file = fs.create(&beside).map_err(Error::io("creating", &beside))?;
    let copied = io::copy(&mut source.take(bytes), &mut file).map_err(Error::io("copying", &beside))?;
    if copied != bytes {
        return Err(Error::io("copying", &beside)(io::ErrorKind::UnexpectedEof.into()));
    }
    file.sync().map_err(Error::io("syncing", &beside))?;
    fs.rename(&beside, &from).map_err(Error::io("renaming", &from))?;
    fs.sync_folder(folder).map_err(Error::io("syncing the folder of", folder))
}

/// Packs a closed segment. `step` is called before each step; what it refuses is not done, and nothing after it.
pub(super) fn pack(
    fs: &dyn Fs,
    folder: &Path,
    number: u64,
    step: &mut dyn FnMut(&'static str) -> io::Result<()>,
) -> io::Result<()> {
    let (from, to) = (plain(folder, number), packed(folder, number));
    let beside = folder.join(format!("{number:04}.log.gz.tmp"));
    step("create")?;
    let mut out = GzEncoder::new(fs.create(&beside)?, Compression::default());
    let mut source = fs.open(&from)?;
    step("write")?;
    io::copy(&mut source, &mut out)?;
    let mut file = out.finish()?;
    file.flush()?;
    step("sync")?;
    file.sync()?;
    // Read back before the original goes.
    step("compare")?;
    if !alike(fs, &from, &beside)? {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the packed segment doesn't read back"));
    }
    step("rename")?;
    fs.rename(&beside, &to)?;
    step("sync the folder")?;
    fs.sync_folder(folder)?;
    step("unlink")?;
    fs.remove(&from)?;
    step("sync the folder again")?;
    fs.sync_folder(folder)
}

fn alike(fs: &dyn Fs, plain: &Path, packed: &Path) -> io::Result<bool> {
    let mut a = BufReader::with_capacity(64 * 1024, fs.open(plain)?);
    let mut b = GzDecoder::new(BufReader::with_capacity(64 * 1024, fs.open(packed)?));
    let (mut left, mut right) = (Vec::new(), Vec::new());
    loop {
        left.clear();
        right.clear();
        a.by_ref().take(64 * 1024).read_to_end(&mut left)?;
        b.by_ref().take(64 * 1024).read_to_end(&mut right)?;
        if left != right || left.is_empty() {
            return Ok(left == right);
        }
    }
}

/// Removes what a packing that was cut short left beside.
pub(super) fn sweep(fs: &dyn Fs, folder: &Path) -> Result<(), Error> {
    for entry in fs.list(folder).map_err(Error::io("reading the folder of", folder))? {
        let name = entry.path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".log.gz.tmp") || name.ends_with(".log.mended.tmp") {
            fs.remove(&entry.path).map_err(Error::io("removing a half-made file of", &entry.path))?;
        }
    }
    Ok(())
}
