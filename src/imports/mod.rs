//! What a site adds: code sets, payer packs, edits of its own. The folder of imported code sets: `KIND/NNNN/` holds one version with its data and where it came from; the highest number is in
//! force.

mod age;
mod site;

pub use age::{Age, age};
pub use site::{Folders, files};

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::codes::layouts::{self, BadFile};
use crate::codes::{CodeSets, Content, Kind, Pairs, Shape, Standing, Table, join};
use crate::world::sync_folder;

/// Imported code sets.
#[derive(Clone, Debug)]
pub struct Imports {
    folder: PathBuf,
}

/// Where a version of a set came from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// Which set.
    pub kind: Kind,
    /// Its number, from 1.
    pub version: u32,
    /// The files it was read from.
    pub sources: Vec<SourceFile>,
    /// Their layout.
    pub layout: String,
    /// First day the list holds, where it is one.
    pub effective: Option<Date>,
    /// Of which time it is, in the site's words or as its files are named.
    pub vintage: String,
    /// The day it was imported.
    pub imported: Date,
    /// Codes or pairs in it.
    pub codes: usize,
    /// SHA-256 of its data.
    pub sha256: String,
}

/// A file of a publisher.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SourceFile {
    /// Its name, without its folder.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// How to import.
#[derive(Clone, Debug)]
pub struct Options {
    /// First day a list holds, where its name doesn't say.
    pub effective: Option<Date>,
    /// Of which time it is; by default the names of its files.
    pub vintage: Option<String>,
    /// True to take a list with less than half of the codes in force.
    pub smaller: bool,
    /// The day of the import.
    pub today: Date,
}

/// Why a set can't be imported, undone or loaded.
#[derive(Debug, Error)]
#[allow(missing_docs)]
pub enum Error {
    #[error("{step} {path}")]
    Io {
        step: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{path}, {bad}")]
    Bad { path: PathBuf, bad: BadFile },
    #[error("{}: {} codes where {} are in force; --smaller takes it all the same", kind.name(), now, before)]
    Smaller { kind: Kind, now: usize, before: usize },
    #[error("{} has no imported version", .0.name())]
    Nothing(Kind),
    #[error("{0} is damaged; undo the import and do it again")]
    Damaged(PathBuf),
    #[error(transparent)]
    Pack(#[from] crate::payers::BadPack),
    #[error(transparent)]
    Edit(#[from] crate::edits::LoadError),
}

/// A set that was read and checked, and isn't in force yet.
#[derive(Debug)]
pub struct Prepared {
    /// Where it comes from.
    pub manifest: Manifest,
    data: Vec<u8>,
}

fn io_error(step: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io { step, path, source }
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// What an import or undo that was broken off may have left.
fn clear(folder: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(folder) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(io_error("clearing", folder)(e)),
        _ => Ok(()),
    }
}

impl Imports {
    /// In a folder, which need not be there.
    #[must_use]
    pub fn new(folder: PathBuf) -> Imports {
        Imports { folder }
    }

    /// Numbers of the versions of a set, oldest first.
    fn versions(&self, kind: Kind) -> Result<Vec<u32>, Error> {
        let folder = self.folder.join(kind.name());
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(io_error("reading", &folder)(e)),
        };
        let mut numbers = Vec::new();
        for entry in entries {
            let entry = entry.map_err(io_error("reading", &folder))?;
            numbers.extend(
                entry.file_name().to_str().filter(|n| n.len() >= 4).and_then(|n| n.parse::<u32>().ok()),
            );
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn version(&self, kind: Kind, number: u32) -> PathBuf {
        self.folder.join(kind.name()).join(format!("{number:04}"))
    }

    /// The version of a set in force, where one was imported.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn manifest(&self, kind: Kind) -> Result<Option<Manifest>, Error> {
        let Some(last) = self.versions(kind)?.pop() else { return Ok(None) };
        let path = self.version(kind, last).join("manifest.json");
        let text = fs::read(&path).map_err(io_error("reading", &path))?;
        serde_json::from_slice(&text).map(Some).map_err(|_| Error::Damaged(path))
    }

    fn content(&self, manifest: &Manifest) -> Result<Content, Error> {
        let path = self.version(manifest.kind, manifest.version).join("data");
        let data = fs::read(&path).map_err(io_error("reading", &path))?;
        let whole = hex(&data) == manifest.sha256;
        let content = match manifest.kind.shape() {
            Shape::Pairs => Pairs::read(&data).map(Content::Pairs),
            Shape::Codes => {
                let text = std::str::from_utf8(&data).ok();
                text.and_then(|t| Table::read(t, None).ok()).map(Content::Codes)
            }
        };
        content.filter(|_| whole).ok_or(Error::Damaged(path))
    }

    /// One set as it is in force.
    ///
    /// # Errors
    /// When it can't be read, or isn't what was imported.
    pub fn check(&self, kind: Kind) -> Result<Option<Manifest>, Error> {
        let Some(manifest) = self.manifest(kind)? else { return Ok(None) };
        self.content(&manifest)?;
        Ok(Some(manifest))
    }

    /// The code sets of the site: the shipped ones, and those imported.
    ///
    /// # Errors
    /// When an imported one can't be read, or isn't what was imported.
    pub fn load(&self) -> Result<CodeSets, Error> {
        let mut sets = CodeSets::shipped();
        for kind in Kind::ALL {
            if let Some(manifest) = self.manifest(*kind)? {
                sets = sets.with(*kind, self.content(&manifest)?, &manifest.sha256);
            }
        }
        Ok(sets)
    }

    /// Reads files of a set and joins them to what is in force, without putting it into force.
    ///
    /// # Errors
    /// The file and line that isn't what its layout has there, and lists that can't be the whole.
    pub fn prepare(&self, kind: Kind, files: &[PathBuf], options: &Options) -> Result<Prepared, Error> {
        let (mut published, mut sources) = (Vec::new(), Vec::new());
        let mut effective = options.effective;
        for path in files {
            let bytes = fs::read(path).map_err(io_error("reading", path))?;
            let read = layouts::read(kind, &bytes).map_err(|bad| Error::Bad { path: path.clone(), bad })?;
            published.push(read);
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            effective = effective.or_else(|| layouts::effective_in_name(kind, &name));
            sources.push(SourceFile { name, sha256: hex(&bytes) });
        }
        let layout = published.first().map_or("", |p| p.layout).to_owned();
        let before = self.manifest(kind)?;
        let sets = match &before {
            Some(manifest) => CodeSets::shipped().with(kind, self.content(manifest)?, &manifest.sha256),
            None => CodeSets::shipped(),
        };
        let first = files.first().cloned().unwrap_or_default();
        let content =
            join(kind, &sets, published, effective).map_err(|bad| Error::Bad { path: first, bad })?;
        let (data, codes) = match &content {
            Content::Codes(table) => (table.text().into_bytes(), table.len()),
            Content::Pairs(pairs) => (pairs.bytes(), pairs.len()),
        };
        let day = effective.unwrap_or(options.today);
        let in_force = if sets.standing(kind) == Standing::Dated { sets.valid_on(kind, day) } else { 0 };
        let now = content.valid_on(day);
        if now < in_force / 2 && !options.smaller {
            return Err(Error::Smaller { kind, now, before: in_force });
        }
        let names = || sources.iter().map(|s| s.name.as_str()).collect::<Vec<_>>().join(", ");
        let manifest = Manifest {
            kind,
            version: before.map_or(1, |b| b.version + 1),
            layout,
            effective,
            vintage: options.vintage.clone().unwrap_or_else(names),
            imported: options.today,
            codes,
            sha256: hex(&data),
            sources,
        };
        Ok(Prepared { manifest, data })
    }

    /// Imports files of a set: all of it is in force afterwards, or nothing changed.
    ///
    /// # Errors
    /// As [`Imports::prepare`], and when it can't be written.
    pub fn import(&self, kind: Kind, files: &[PathBuf], options: &Options) -> Result<Manifest, Error> {
        let _held = self.lock()?;
        let Prepared { manifest, data } = self.prepare(kind, files, options)?;
        let sets = self.folder.join(kind.name());
        fs::create_dir_all(&sets).map_err(io_error("making", &sets))?;
        let new = sets.join(format!(".{:04}.tmp", manifest.version));
        clear(&new)?;
        fs::create_dir(&new).map_err(io_error("making", &new))?;
        let text = serde_json::to_vec_pretty(&manifest).unwrap_or_default();
        for (name, bytes) in [("data", &data), ("manifest.json", &text)] {
            let path = new.join(name);
            let written = File::create(&path).and_then(|mut file| {
                file.write_all(bytes)?;
                file.sync_all()
            });
            written.map_err(io_error("writing", &path))?;
        }
        sync_folder(&new).map_err(io_error("syncing", &new))?;
        let place = self.version(kind, manifest.version);
        fs::rename(&new, &place).map_err(io_error("publishing", &place))?;
        sync_folder(&sets).map_err(io_error("syncing", &sets))?;
        Ok(manifest)
    }

    /// Takes the version in force away: what was before it is in force again. Says what was undone.
    ///
    /// # Errors
    /// When nothing was imported, or it can't be removed.
    pub fn undo(&self, kind: Kind) -> Result<Manifest, Error> {
        let _held = self.lock()?;
        let manifest = self.manifest(kind)?.ok_or(Error::Nothing(kind))?;
        let place = self.version(kind, manifest.version);
        let gone = self.folder.join(kind.name()).join(".undone.tmp");
        clear(&gone)?;
        fs::rename(&place, &gone).map_err(io_error("removing", &place))?;
        sync_folder(&self.folder.join(kind.name())).map_err(io_error("syncing", &place))?;
        fs::remove_dir_all(&gone).map_err(io_error("removing", &gone))?;
        Ok(manifest)
    }

    /// One import at a time.
    fn lock(&self) -> Result<File, Error> {
        fs::create_dir_all(&self.folder).map_err(io_error("making", &self.folder))?;
        let path = self.folder.join("lock");
        let file =
            File::options().create(true).append(true).open(&path).map_err(io_error("opening", &path))?;
        flock(&file, FlockOperation::LockExclusive).map_err(|e| io_error("locking", &path)(e.into()))?;
        Ok(file)
    }
}
