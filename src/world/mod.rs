//! What the program asks of the machine: files, the time, and chance. One trait each, so that a simulation can stand in for a disk
//! that forgets, fills up or fails, and for any clock.

mod disk;

use std::fmt::Debug;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::Timestamp;

use crate::seal::Keyring;

pub use disk::{Disk, is_remote, sync_folder};

/// Called whenever bytes are read or written.
static PROGRESS: OnceLock<fn()> = OnceLock::new();

/// Says whom to tell, each time bytes are read or written, that work goes on; the first to ask is told.
pub fn on_progress(told: fn()) {
    let _asked_before = PROGRESS.set(told);
}

/// A machine: cheap to clone.
#[derive(Clone, Debug)]
pub struct World {
    /// Its files.
    pub fs: Arc<dyn Fs>,
    /// Its clock.
    pub clock: Arc<dyn Clock>,
    /// The keys what is kept is sealed under; where there are none it is kept plain.
    pub keys: Option<Arc<Keyring>>,
}

impl World {
    /// This one.
    #[must_use]
    pub fn real() -> World {
        World { fs: Arc::new(Disk), clock: Arc::new(SystemClock::new()), keys: None }
    }
}

/// The time, and chance.
pub trait Clock: Send + Sync + Debug {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Time since some moment, which never goes back: a clock may be set, this one not.
    fn steady(&self) -> Duration;

    /// Bits nobody foresees.
    fn random(&self) -> u128;
}

#[derive(Debug)]
struct SystemClock {
    begun: std::time::Instant,
}

impl SystemClock {
    fn new() -> SystemClock {
        SystemClock { begun: std::time::Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn steady(&self) -> Duration {
        self.begun.elapsed()
    }

    fn random(&self) -> u128 {
        ulid::Ulid::generate().random()
    }
}

/// What lies under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Bytes.
    File,
    /// A folder.
    Folder,
    /// A name that stands for another.
    Link,
    /// A pipe, a socket, a device.
    Special,
}

/// How a file looks from outside; two looks that are the same are of the same bytes, as far as can be told without reading them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// What it is.
    pub kind: Kind,
    /// Bytes.
    pub size: u64,
    /// Its number on its file system.
    pub inode: u64,
    /// Its file system.
    pub device: u64,
    /// When its bytes changed: seconds, nanoseconds.
    pub modified: (i64, i64),
    /// When anything of it changed.
    pub changed: (i64, i64),
    /// How many names it has.
    pub links: u64,
}

/// A name in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// With the folder.
    pub path: PathBuf,
    /// What it is.
    pub kind: Kind,
}

/// Room on a file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Bytes that may still be written.
    pub free: u64,
    /// All there are.
    pub bytes: u64,
    /// Files that may still be made.
    pub files: u64,
}

/// Bytes to read, from anywhere.
pub trait ReadFile: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadFile for T {}

/// A file that is written. What was written is there after a power cut only when it was synced.
pub trait WriteFile: Write + Send + Debug {
    /// Makes it durable. One that failed once must not be trusted when it is asked again: what was to be written may be gone.
    ///
    /// # Errors
    /// When it may not be.
    fn sync(&mut self) -> io::Result<()>;

    /// Makes bytes and length durable, not who may read it.
    ///
    /// # Errors
    /// When they may not be.
    fn sync_data(&mut self) -> io::Result<()>;

    /// Writes all bytes over the first ones; what is written next still follows the last.
    ///
    /// # Errors
    /// When the file system refuses.
    fn write_at_start(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Cuts or lengthens it.
    ///
    /// # Errors
    /// When the file system refuses.
    fn set_len(&mut self, bytes: u64) -> io::Result<()>;

    /// Who may read it.
    ///
    /// # Errors
    /// When the file system refuses.
    fn set_access(&mut self, mode: u32, group: Option<u32>) -> io::Result<()>;
}

/// A lock on a folder, for as long as it lives.
#[derive(Debug)]
pub struct Lock(#[allow(dead_code)] Option<std::fs::File>);

impl Lock {
    /// For a world that has one program in it.
    #[must_use]
    pub fn alone() -> Lock {
        Lock(None)
    }
}

/// A file system. All paths are the program's own; a link is never followed at the last part.
#[allow(clippy::missing_errors_doc)]
pub trait Fs: Send + Sync + Debug {
    /// Opens a file to read.
    fn open(&self, path: &Path) -> io::Result<Box<dyn ReadFile>>;

    /// Makes a file, or empties it, to write.
    fn create(&self, path: &Path) -> io::Result<Box<dyn WriteFile>>;

    /// Opens a file to write at its end, making it with this mode where there is none.
    fn append_to(&self, path: &Path, mode: u32) -> io::Result<Box<dyn WriteFile>>;

    /// Looks at a name.
    fn look(&self, path: &Path) -> io::Result<Look>;

    /// The names in a folder, sorted.
    fn list(&self, folder: &Path) -> io::Result<Vec<Listed>>;

    /// Makes a folder; an error where there is one.
    fn make_folder(&self, path: &Path) -> io::Result<()>;

    /// Gives a file another name, in the place of what has it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Gives a file another name that nothing has: `AlreadyExists` where something does.
    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Removes a folder and what is in it.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;

    /// Makes the bytes of a file durable that somebody else wrote.
    fn sync_file(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in a folder durable.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;

    /// How much room there is where a path lies.
    fn room(&self, path: &Path) -> io::Result<Room>;

    /// Makes a folder that nobody else may look into, and takes its lock; nothing where another keeps it.
    fn lock(&self, folder: &Path) -> io::Result<Option<Lock>>;
}

/// Makes a folder and those above it where there are none, durably.
///
/// # Errors
/// When the file system refuses.
pub fn make_folders(fs: &dyn Fs, path: &Path) -> io::Result<()> {
    let here = Path::new(".");
    let above = |path: &Path| path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(here).to_owned();
    let mut missing: Vec<PathBuf> = Vec::new();
    let mut at = path.to_owned();
    while at != here && !is_there(fs, &at)? {
        missing.push(at.clone());
        at = above(&at);
    }
    for folder in missing.iter().rev() {
        match fs.make_folder(folder) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            made => made?,
        }
        fs.sync_folder(&above(folder))?;
    }
    // One that was made before a crash may not be durable yet.
    if missing.is_empty() { fs.sync_folder(&above(path)) } else { Ok(()) }
}

/// The same of a folder that lies in somebody else's: one that is there, in a folder we may not look into, is their affair.
///
/// # Errors
/// When the file system refuses otherwise.
pub fn make_folders_of_others(fs: &dyn Fs, path: &Path) -> io::Result<()> {
    match make_folders(fs, path) {
        Err(e) if e.kind() == io::ErrorKind::PermissionDenied && is_there(fs, path)? => Ok(()),
        made => made,
    }
}

/// A file read whole.
///
/// # Errors
/// When it can't be read.
pub fn read_all(fs: &dyn Fs, path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs.open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes a file whole or not at all: under another name first, synced, then renamed.
///
/// # Errors
/// When it can't be written; what stood there then stands there still.
pub fn write_whole(fs: &dyn Fs, path: &Path, bytes: &[u8], access: Option<u32>) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = folder.join(format!(".{name}.draft"));
    let mut file = fs.create(&draft)?;
    if let Some(mode) = access {
        file.set_access(mode, None)?;
    }
    file.write_all(bytes)?;
    file.sync()?;
    fs.rename(&draft, path)?;
    fs.sync_folder(folder)
}

/// True when something has the name.
///
/// # Errors
/// When that can't be told.
pub fn is_there(fs: &dyn Fs, path: &Path) -> io::Result<bool> {
    match fs.look(path) {
        Ok(_) => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}
