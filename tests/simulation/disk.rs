//! A disk that forgets what was not synced, tears what was being written, fills up and fails, as a seed says.

use std::collections::{BTreeMap, HashMap};
use std::ffi::{OsStr, OsString};
use std::io::{self, Cursor, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use claimloop::world::{Fs, Kind, Listed, Lock, Look, ReadFile, Room, WriteFile, make_folders};

use super::chance::Chance;

/// What goes wrong, and when: counted in calls that change the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The power goes before the call.
    Cut,
    /// The program is killed before the call; the machine goes on.
    Kill,
    /// This many calls are refused with this error.
    Refused { errno: i32, calls: u64 },
}

#[derive(Debug, Default)]
struct Inode {
    /// Names in it, where it is a folder.
    names: Option<BTreeMap<OsString, u64>>,
    durable_names: BTreeMap<OsString, u64>,
    bytes: Vec<u8>,
    durable: Vec<u8>,
    /// Bytes that a failed sync left to be read, and that no later sync writes.
    given_up: usize,
    changed: i64,
}

/// A change of names that is not durable yet.
#[derive(Clone, Debug)]
enum Pending {
    Link { folder: u64, name: OsString, inode: u64 },
    Unlink { folder: u64, name: OsString },
    Move { from: (u64, OsString), to: (u64, OsString), inode: u64 },
}

impl Pending {
    fn is_of(&self, which: u64) -> bool {
        match self {
            Pending::Link { folder, .. } | Pending::Unlink { folder, .. } => *folder == which,
            Pending::Move { from, to, .. } => from.0 == which || to.0 == which,
        }
    }
}

#[derive(Debug)]
struct Disk {
    inodes: HashMap<u64, Inode>,
    pending: Vec<Pending>,
    next: u64,
    ticks: i64,
    calls: u64,
    fault: Option<(u64, Fault)>,
    off: bool,
    /// It is the program that is gone, not the power.
    killed: bool,
    /// Drop folders are on another file system than the state.
    apart: bool,
    /// Nobody's faults: the checker and the senders look without any.
    calm: bool,
    chance: Chance,
    /// Bytes that still fit; none refused where there is no limit.
    room: Option<u64>,
    /// Every call is told.
    pub loud: bool,
}

/// The disk, shared by all who use it.
#[derive(Clone, Debug)]
pub struct SimulatedDisk(Arc<Mutex<Disk>>);

fn off() -> io::Error {
    io::Error::other("the power is off")
}

impl SimulatedDisk {
    pub fn new(seed: u64) -> SimulatedDisk {
        let root = Inode { names: Some(BTreeMap::new()), ..Inode::default() };
        SimulatedDisk(Arc::new(Mutex::new(Disk {
            inodes: HashMap::from([(0, root)]),
            pending: Vec::new(),
            next: 1,
            ticks: 0,
            calls: 0,
            fault: None,
            off: false,
            killed: false,
            apart: false,
            calm: false,
            chance: Chance::new(seed),
            room: None,
            loud: std::env::var_os("SIM_CALLS").is_some(),
        })))
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Something goes wrong after so many more calls.
    pub fn plan(&self, calls: u64, fault: Fault) {
        let mut disk = self.disk();
        let at = disk.calls + calls;
        disk.fault = Some((at, fault));
    }

    /// Nothing goes wrong from now on.
    pub fn mend(&self) {
        let mut disk = self.disk();
        (disk.fault, disk.room) = (None, None);
    }

    /// So many bytes may still be written.
    pub fn fill(&self, room: u64) {
        self.disk().room = Some(room);
    }

    /// Drop folders are on a file system of their own.
    pub fn set_apart(&self) {
        self.disk().apart = true;
    }

    /// The number of a file, for who keeps it open.
    pub fn handle(&self, path: &Path) -> Option<u64> {
        self.disk().find(path).ok()
    }

    /// Writes on in a file that was kept open, and syncs; false where nobody can find it any more.
    pub fn write_on(&self, handle: u64, bytes: &[u8]) -> bool {
        let mut disk = self.disk();
        let named =
            disk.inodes.values().flat_map(|i| i.names.iter()).any(|n| n.values().any(|of| *of == handle));
        disk.ticks += 1;
        let ticks = disk.ticks;
        let Some(file) = disk.inodes.get_mut(&handle).filter(|_| named) else { return false };
        file.bytes.extend_from_slice(bytes);
        file.durable.clone_from(&file.bytes);
        file.changed = ticks;
        true
    }

    pub fn is_off(&self) -> bool {
        self.disk().off
    }

    pub fn calls(&self) -> u64 {
        self.disk().calls
    }

    /// Does something as nobody's program, without faults.
    pub fn calmly<T>(&self, work: impl FnOnce(&dyn Fs) -> T) -> T {
        self.disk().calm = true;
        let done = work(self);
        self.disk().calm = false;
        done
    }

    /// Ends whatever runs; the power goes unless it was a kill.
    pub fn cut(&self) {
        self.disk().off = true;
    }

    /// The power comes back: of what was not synced any part may be there.
    pub fn power_on(&self) {
        let mut disk = self.disk();
        let disk = &mut *disk;
        disk.off = false;
        disk.fault = None;
        if std::mem::take(&mut disk.killed) {
            return;
        }
        for op in std::mem::take(&mut disk.pending) {
            if disk.chance.one_in(2) {
                disk.make_durable(&op);
            }
        }
        let mut inodes: Vec<u64> = disk.inodes.keys().copied().collect();
        inodes.sort_unstable();
        for id in inodes {
            let Some(inode) = disk.inodes.get_mut(&id) else { continue };
            if inode.names.is_some() {
                inode.names = Some(inode.durable_names.clone());
            } else if inode.bytes != inode.durable {
                let left = torn(&inode.durable, &inode.bytes, &mut disk.chance);
                (inode.bytes, inode.durable) = (left.clone(), left);
            }
        }
        disk.collect();
    }
}

/// What a file holds of which only `durable` was synced, and `now` was written.
fn torn(durable: &[u8], now: &[u8], chance: &mut Chance) -> Vec<u8> {
    match chance.below(4) {
        0 => durable.to_vec(),
        1 => now.to_vec(),
        // As long as it should be, or as far as it got, with holes where blocks were not written.
        n => {
            let mut left = now.to_vec();
            if n == 2 {
                left.truncate(chance.between(durable.len().min(now.len()) as u64, now.len() as u64) as usize);
            }
            let block = [16, 64, 512][chance.below(3) as usize];
            for (at, piece) in left.chunks_mut(block).enumerate() {
                let old = durable.get(at * block..at * block + piece.len());
                if old != Some(&*piece) && chance.one_in(3) {
                    match old {
                        Some(old) => piece.copy_from_slice(old),
                        None => {
                            for (n, byte) in piece.iter_mut().enumerate() {
                                *byte = durable.get(at * block + n).copied().unwrap_or(0);
                            }
                        }
                    }
                }
            }
            left
        }
    }
}

impl Disk {
    /// Counts a call that changes the disk; refuses it when it is the one that goes wrong.
    fn call(&mut self, what: impl FnOnce() -> String) -> io::Result<()> {
        if self.calm {
            self.ticks += 1;
            return Ok(());
        }
        if self.off {
            return Err(off());
        }
        self.calls += 1;
        self.ticks += 1;
        if self.loud {
            println!("    {} {}", self.calls, what());
        }
        match self.fault {
            Some((at, Fault::Cut | Fault::Kill)) if self.calls >= at => {
                self.killed = matches!(self.fault, Some((_, Fault::Kill)));
                self.off = true;
                Err(off())
            }
            Some((at, Fault::Refused { errno, calls })) if self.calls >= at => {
                if self.calls + 1 >= at + calls {
                    self.fault = None;
                }
                Err(io::Error::from_raw_os_error(errno))
            }
            _ => Ok(()),
        }
    }

    fn find(&self, path: &Path) -> io::Result<u64> {
        let mut at = 0;
        for part in path.components() {
            let Component::Normal(name) = part else { continue };
            let names = self.inodes.get(&at).and_then(|i| i.names.as_ref());
            let names = names.ok_or(io::ErrorKind::NotADirectory)?;
            at = *names.get(name).ok_or(io::ErrorKind::NotFound)?;
        }
        Ok(at)
    }

    fn above<'p>(&self, path: &'p Path) -> io::Result<(u64, &'p OsStr)> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        Ok((self.find(path.parent().unwrap_or(Path::new("")))?, name))
    }

    fn names(&mut self, folder: u64) -> io::Result<&mut BTreeMap<OsString, u64>> {
        let inode = self.inodes.get_mut(&folder).ok_or(io::ErrorKind::NotFound)?;
        Ok(inode.names.as_mut().ok_or(io::ErrorKind::NotADirectory)?)
    }

    fn link(&mut self, (folder, name): (u64, &OsStr), inode: u64) -> io::Result<()> {
        self.names(folder)?.insert(name.to_owned(), inode);
        self.pending.push(Pending::Link { folder, name: name.to_owned(), inode });
        Ok(())
    }

    fn unlink(&mut self, (folder, name): (u64, &OsStr)) -> io::Result<u64> {
        let gone = self.names(folder)?.remove(name).ok_or(io::ErrorKind::NotFound)?;
        self.pending.push(Pending::Unlink { folder, name: name.to_owned() });
        Ok(gone)
    }

    fn make(&mut self, inode: Inode) -> u64 {
        let id = self.next;
        self.next += 1;
        self.inodes.insert(id, Inode { changed: self.ticks, ..inode });
        id
    }

    fn durable(&mut self, folder: u64) -> &mut BTreeMap<OsString, u64> {
        &mut self.inodes.entry(folder).or_default().durable_names
    }

    fn make_durable(&mut self, op: &Pending) {
        match op.clone() {
            Pending::Link { folder, name, inode } => {
                self.durable(folder).insert(name, inode);
            }
            Pending::Unlink { folder, name } => {
                self.durable(folder).remove(&name);
            }
            // One change for the file system: never half of it.
            Pending::Move { from, to, inode } => {
                if self.durable(from.0).get(&from.1) == Some(&inode) {
                    self.durable(from.0).remove(&from.1);
                }
                self.durable(to.0).insert(to.1, inode);
            }
        }
    }

    /// Files nobody names any more are gone for good after a power cut.
    fn collect(&mut self) {
        let mut seen = std::collections::HashSet::from([0]);
        let mut left = vec![0];
        while let Some(at) = left.pop() {
            for inode in
                self.inodes.get(&at).and_then(|i| i.names.as_ref()).into_iter().flat_map(|n| n.values())
            {
                if seen.insert(*inode) {
                    left.push(*inode);
                }
            }
        }
        self.inodes.retain(|id, _| seen.contains(id));
    }

    fn write(&mut self, inode: u64, at: Option<usize>, bytes: &[u8]) -> io::Result<usize> {
        // A call may do less than it was asked for, a torn one is refused half-way.
        let mut some = bytes.len();
        if !self.calm && some > 1 && self.chance.one_in(20) {
            some = self.chance.between(1, some as u64) as usize;
        }
        if let Some(room) = self.room.filter(|_| !self.calm) {
            if room == 0 {
                return Err(io::Error::from_raw_os_error(28));
            }
            some = some.min(room as usize);
            self.room = Some(room - some as u64);
        }
        let ticks = self.ticks;
        let file = self.inodes.get_mut(&inode).ok_or(io::ErrorKind::NotFound)?;
        let at = at.unwrap_or(file.bytes.len());
        file.bytes.truncate(at);
        file.bytes.extend_from_slice(&bytes[..some]);
        file.changed = ticks;
        Ok(some)
    }
}

#[derive(Debug)]
struct Writing {
    disk: SimulatedDisk,
    inode: u64,
    path: PathBuf,
}

impl Write for Writing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut disk = self.disk.disk();
        disk.call(|| format!("write {} bytes to {}", bytes.len(), self.path.display()))?;
        disk.write(self.inode, None, bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl WriteFile for Writing {
    fn sync(&mut self) -> io::Result<()> {
        let mut disk = self.disk.disk();
        let called = disk.call(|| format!("sync {}", self.path.display()));
        let Some(file) = disk.inodes.get_mut(&self.inode) else { return called };
        // After a sync that failed the pages count as written, and the next one says that all is well.
        if called.as_ref().is_err_and(|e| e.raw_os_error().is_some()) {
            file.given_up = file.bytes.len();
        }
        called?;
        let from = file.durable.len();
        file.durable.clone_from(&file.bytes);
        let given_up = file.given_up.min(file.durable.len());
        if let Some(never_written) = file.durable.get_mut(from..given_up) {
            never_written.fill(0);
        }
        Ok(())
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.sync()
    }

    fn write_at_start(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut disk = self.disk.disk();
        disk.call(|| format!("write over the start of {}", self.path.display()))?;
        let file = disk.inodes.get_mut(&self.inode).ok_or(io::ErrorKind::NotFound)?;
        file.bytes[..bytes.len()].copy_from_slice(bytes);
        Ok(())
    }

    fn set_len(&mut self, bytes: u64) -> io::Result<()> {
        let mut disk = self.disk.disk();
        disk.call(|| format!("cut {} to {bytes}", self.path.display()))?;
        let file = disk.inodes.get_mut(&self.inode).ok_or(io::ErrorKind::NotFound)?;
        file.bytes.resize(bytes as usize, 0);
        Ok(())
    }

    fn set_access(&mut self, _: u32, _: Option<u32>) -> io::Result<()> {
        self.disk.disk().call(|| "set access".to_owned())
    }
}

impl SimulatedDisk {
    fn writing(&self, inode: u64, path: &Path) -> Box<dyn WriteFile> {
        Box::new(Writing { disk: self.clone(), inode, path: path.to_owned() })
    }

    fn read(&self) -> io::Result<MutexGuard<'_, Disk>> {
        let disk = self.disk();
        if disk.off && !disk.calm { Err(off()) } else { Ok(disk) }
    }
}

impl Fs for SimulatedDisk {
    fn open(&self, path: &Path) -> io::Result<Box<dyn ReadFile>> {
        let disk = self.read()?;
        let inode = disk.find(path)?;
        let file =
            disk.inodes.get(&inode).filter(|i| i.names.is_none()).ok_or(io::ErrorKind::InvalidInput)?;
        Ok(Box::new(Cursor::new(file.bytes.clone())))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn WriteFile>> {
        let mut disk = self.disk();
        disk.call(|| format!("create {}", path.display()))?;
        let inode = match disk.find(path) {
            Ok(inode) => {
                let file = disk.inodes.get_mut(&inode).ok_or(io::ErrorKind::NotFound)?;
                file.bytes.clear();
                file.given_up = 0;
                inode
            }
            Err(_) => {
                let (folder, name) = disk.above(path)?;
                let inode = disk.make(Inode::default());
                disk.link((folder, name), inode)?;
                inode
            }
        };
        Ok(self.writing(inode, path))
    }

    fn append_to(&self, path: &Path, _: u32) -> io::Result<Box<dyn WriteFile>> {
        if let Ok(inode) = self.read()?.find(path) {
            return Ok(self.writing(inode, path));
        }
        self.create(path)
    }

    fn look(&self, path: &Path) -> io::Result<Look> {
        let disk = self.read()?;
        let inode = disk.find(path)?;
        let of = disk.inodes.get(&inode).ok_or(io::ErrorKind::NotFound)?;
        let kind = if of.names.is_some() { Kind::Folder } else { Kind::File };
        let changed = (of.changed, 0);
        Ok(Look { kind, size: of.bytes.len() as u64, inode, device: 1, modified: changed, changed, links: 1 })
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Listed>> {
        let disk = self.read()?;
        let inode = disk.find(folder)?;
        let names =
            disk.inodes.get(&inode).and_then(|i| i.names.as_ref()).ok_or(io::ErrorKind::NotADirectory)?;
        let kind = |inode: &u64| match disk.inodes.get(inode) {
            Some(Inode { names: Some(_), .. }) => Kind::Folder,
            _ => Kind::File,
        };
        Ok(names.iter().map(|(name, inode)| Listed { path: folder.join(name), kind: kind(inode) }).collect())
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        let mut disk = self.disk();
        disk.call(|| format!("make folder {}", path.display()))?;
        if disk.find(path).is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let (folder, name) = disk.above(path)?;
        let inode = disk.make(Inode { names: Some(BTreeMap::new()), ..Inode::default() });
        disk.link((folder, name), inode)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut disk = self.disk();
        disk.call(|| format!("rename {} to {}", from.display(), to.display()))?;
        let inode = disk.find(from)?;
        let (source, target) = (disk.above(from)?, disk.above(to)?);
        disk.names(source.0)?.remove(source.1);
        disk.names(target.0)?.insert(target.1.to_owned(), inode);
        let (from, to) = ((source.0, source.1.to_owned()), (target.0, target.1.to_owned()));
        disk.pending.push(Pending::Move { from, to, inode });
        Ok(())
    }

    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        let drop = |path: &Path| ["spool/outbound", "spool/inbound"].iter().any(|f| path.starts_with(f));
        if self.read()?.apart && drop(from) != drop(to) {
            self.read()?.find(from)?;
            return Err(io::ErrorKind::CrossesDevices.into());
        }
        if self.read()?.find(to).is_ok() {
            self.read()?.find(from)?;
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut disk = self.disk();
        disk.call(|| format!("remove {}", path.display()))?;
        let at = disk.above(path)?;
        disk.unlink(at)?;
        Ok(())
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        for listed in self.list(path)? {
            match listed.kind {
                Kind::Folder => self.remove_folder(&listed.path)?,
                _ => self.remove(&listed.path)?,
            }
        }
        self.remove(path)
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        let inode = self.read()?.find(path)?;
        self.writing(inode, path).sync()
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let mut disk = self.disk();
        let called = disk.call(|| format!("sync folder {}", folder.display()));
        let inode = disk.find(folder)?;
        match called {
            // What the state's folder lies in is somebody else's where it may not be read, and the program lets that pass
            // (`world::make_folders`): it is not also one in which the state was just made and may be lost.
            Err(e) if inode == 0 && e.kind() == io::ErrorKind::PermissionDenied => {}
            called => called?,
        }
        let (of, others): (Vec<_>, Vec<_>) =
            std::mem::take(&mut disk.pending).into_iter().partition(|op| op.is_of(inode));
        of.iter().for_each(|op| disk.make_durable(op));
        disk.pending = others;
        Ok(())
    }

    fn room(&self, _: &Path) -> io::Result<Room> {
        let disk = self.read()?;
        Ok(Room { free: disk.room.unwrap_or(1 << 40), bytes: 1 << 41, files: 1 << 20 })
    }

    fn lock(&self, folder: &Path) -> io::Result<Option<Lock>> {
        make_folders(self, folder)?;
        Ok(Some(Lock::alone()))
    }
}
