//! The file system of this machine.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::{CWD, FlockOperation, OFlags, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::{Fs, Kind, Listed, Lock, Look, PROGRESS, ReadFile, Room, WriteFile};

/// How long another owner of a folder is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// The file system of this machine.
#[derive(Debug)]
pub struct Disk;

#[derive(Debug)]
struct Written(File);

struct Reading(File);

fn progress() {
    if let Some(told) = PROGRESS.get() {
        told();
    }
}

impl Read for Reading {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        progress();
        self.0.read(bytes)
    }
}

impl Seek for Reading {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        progress();
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl WriteFile for Written {
    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_all()
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn write_at_start(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all_at(bytes, 0)
    }

    fn set_len(&mut self, bytes: u64) -> io::Result<()> {
        self.0.set_len(bytes)
    }

    fn set_access(&mut self, mode: u32, group: Option<u32>) -> io::Result<()> {
        self.0.set_permissions(Permissions::from_mode(mode))?;
        group.map_or(Ok(()), |group| std::os::unix::fs::fchown(&self.0, None, Some(group)))
    }
}

fn kind(of: fs::FileType) -> Kind {
    if of.is_file() {
        Kind::File
    } else if of.is_dir() {
        Kind::Folder
    } else if of.is_symlink() {
        Kind::Link
    } else {
        debug_assert!(of.is_fifo() || of.is_socket() || of.is_block_device() || of.is_char_device());
        Kind::Special
    }
}

/// Makes the names in a folder durable, where the file system knows how: some network ones can't sync a folder.
///
/// # Errors
/// When they may not be.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        Err(e) if matches!(e.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        done => done,
    }
}

/// True for a path on a file system that other machines write to, or that events may not tell of.
#[must_use]
pub fn is_remote(path: &Path) -> bool {
    // NFS, SMB 1 to 3, FUSE, 9p, AFS, Ceph.
    const REMOTE: [u32; 8] =
        [0x6969, 0x517B, 0xFF53_4D42, 0xFE53_4D42, 0x6573_5546, 0x0102_1997, 0x5346_414F, 0x00C3_6400];
    let here = path.ancestors().find_map(|above| rustix::fs::statfs(above).ok());
    // What it is is said in the low half on every machine.
    here.is_some_and(|all| REMOTE.contains(&(all.f_type as u32)))
}

impl Disk {
    /// A file and nothing else: neither what a link stands for nor a pipe, which would keep us waiting for its writer.
    fn regular(&self, path: &Path) -> io::Result<File> {
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
        let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
        if file.metadata()?.is_file() { Ok(file) } else { Err(io::ErrorKind::InvalidInput.into()) }
    }
}

impl Fs for Disk {
    fn open(&self, path: &Path) -> io::Result<Box<dyn ReadFile>> {
        Ok(Box::new(Reading(self.regular(path)?)))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn WriteFile>> {
        Ok(Box::new(Written(File::create(path)?)))
    }

    fn append_to(&self, path: &Path, mode: u32) -> io::Result<Box<dyn WriteFile>> {
        Ok(Box::new(Written(OpenOptions::new().create(true).append(true).mode(mode).open(path)?)))
    }

    fn look(&self, path: &Path) -> io::Result<Look> {
        let meta = fs::symlink_metadata(path)?;
        Ok(Look {
            kind: kind(meta.file_type()),
            size: meta.size(),
            inode: meta.ino(),
            device: meta.dev(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
            links: meta.nlink(),
        })
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Listed>> {
        let mut listed = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            match entry.file_type() {
                Ok(of) => listed.push(Listed { path: entry.path(), kind: kind(of) }),
                // Gone between the reading and the look.
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                Err(e) => return Err(e),
            }
        }
        listed.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(listed)
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            // The file system knows no such rename. A second name and then the removal of the first would be two steps, and a reader may
            // come between them; the new names are ours alone, so a look before is enough.
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => match fs::symlink_metadata(to) {
                Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
                Err(_) => fs::rename(from, to),
            },
            done => done.map_err(io::Error::from),
        }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir_all(path)
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        self.regular(path)?.sync_all()
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        sync_folder(folder)
    }

    fn room(&self, path: &Path) -> io::Result<Room> {
        let all = rustix::fs::statvfs(path)?;
        let size = all.f_frsize;
        Ok(Room {
            free: all.f_bavail.saturating_mul(size),
            bytes: all.f_blocks.saturating_mul(size),
            // A file system that makes them as needed says none at all.
            files: if all.f_files == 0 { u64::MAX } else { all.f_favail },
        })
    }

    fn lock(&self, folder: &Path) -> io::Result<Option<Lock>> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let file = File::create(folder.join("lock"))?;
        let begun = Instant::now();
        // A question asked of a state without a daemon holds it for a moment: that is waited out.
        loop {
            match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Err(_) if begun.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(50)),
                Err(_) => return Ok(None),
                Ok(()) => return Ok(Some(Lock(Some(file)))),
            }
        }
    }
}
