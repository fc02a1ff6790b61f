//! What lies in the drop folders, in the order it is to be taken.

use std::collections::{HashMap, HashSet};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use wildmatch::WildMatchPattern;

use super::custody::Meta;
use super::error::Error;
use super::packed::{self, is_packed};
use super::settle::{Readiness, Rules, Settling, Whole};
use crate::config::{Channel, Config};
use crate::events;
use crate::journal::Direction;
use crate::world::{Fs, Kind, Listed};
use crate::x12::delimiters::begins_interchange;

/// Endings of files that say something of the file beside them.
const MARKS: [&str; 3] = [".done", ".ok", ".sha256"];

/// Files of a channel taken in one round: then claims may leave, alerts be written and disks be looked at before the next.
const MOST_AT_ONCE: usize = 256;

/// How long a file that couldn't be taken is left, at first and at most; twice as long each time.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// A file that may be taken now.
#[derive(Debug)]
pub struct Candidate {
    /// Where it lies.
    pub path: PathBuf,
    /// What it is.
    pub meta: Meta,
    /// Files beside it that go with it.
    pub beside: Vec<PathBuf>,
    /// Whose it is: files of one sender are worked one after the other.
    pub sender: Vec<u8>,
    first: Duration,
    /// When anything of it changed, its name too: tells apart what was first seen at once.
    changed: (i64, i64),
}

/// Says of a channel and a way that nothing is taken there now.
pub type Paused<'a> = dyn Fn(&Channel, Direction) -> bool + 'a;

/// One reading of all drop folders.
#[derive(Debug, Default)]
pub struct Round {
    /// Files to take, claims first, in the order they were seen.
    pub ready: Vec<Candidate>,
    /// Files that could not be taken lately, and wait.
    pub waiting: usize,
    /// Files that changed lately.
    pub settling: usize,
    /// Files without an end, and their sizes.
    pub incomplete: Vec<(String, u64)>,
    /// Channels of files longer than is let in.
    pub too_long: Vec<String>,
    /// Folders and files that can't be read, with the channel.
    pub unreadable: Vec<(String, Error)>,
}

/// Reads the drop folders.
#[derive(Default)]
pub struct Intake {
    settling: Settling,
    /// Told once each.
    ignored: HashSet<PathBuf>,
    /// Files that could not be taken: until when they wait, and how often that was.
    refused: HashMap<PathBuf, (Duration, u32)>,
}

impl Intake {
    /// Reads every drop folder once, but those of `paused` channels, and the files that are `busy`. What can't be read leaves the rest its way.
    pub fn round(
        &mut self,
        fs: &Arc<dyn Fs>,
        config: &Config,
        (paused, busy): (&Paused<'_>, &HashSet<PathBuf>),
        now: Duration,
    ) -> Round {
        let mut round = Round::default();
        self.settling.retain(|path| fs.look(path).is_ok());
        self.ignored.retain(|path| fs.look(path).is_ok());
        self.refused.retain(|path, _| fs.look(path).is_ok());
        for channel in &config.channels {
            for (direction, folder) in
                [(Direction::Outbound, &channel.outbound), (Direction::Inbound, &channel.inbound)]
            {
                if paused(channel, direction) {
                    continue;
                }
                if let Err(error) = self.folder((fs, config), channel, (direction, folder), now, &mut round) {
                    round.unreadable.push((channel.name.clone(), error));
                }
            }
        }
        round.ready.retain(|candidate| !busy.contains(&candidate.path));
        let ready = round.ready.len();
        round
            .ready
            .retain(|candidate| self.refused.get(&candidate.path).is_none_or(|(until, _)| *until <= now));
        round.waiting = ready - round.ready.len();
        // Claims first: an answer that lies beside them finds them.
        round.ready.sort_by(|a, b| {
            let key =
                |c: &Candidate| (c.meta.direction == Direction::Inbound, c.first, c.changed, c.path.clone());
            key(a).cmp(&key(b))
        });
        round
    }

    /// Looks once more, right before a file is taken: the ones before it may have taken a while.
    pub fn is_still_ready(
        &mut self,
        fs: &Arc<dyn Fs>,
        (candidate, config): (&Candidate, &Config),
        now: Duration,
    ) -> bool {
        let Some(channel) = config.channels.iter().find(|c| c.name == candidate.meta.channel) else {
            return false;
        };
        let rules = Rules::of(channel, &config.intake);
        let look = self.settling.look(fs, (&candidate.path, &candidate.beside), &rules, now);
        matches!(look, Ok(Readiness::Ready(_)))
    }

    /// Forgets a file that was taken.
    pub fn taken(&mut self, path: &Path) {
        self.settling.forget(path);
        self.refused.remove(path);
    }

    /// Leaves a file that could not be taken for a while: others are not to wait behind it.
    pub fn refused(&mut self, path: &Path, now: Duration) {
        let times = self.refused.get(path).map_or(0, |(_, times)| times.saturating_add(1));
        let until = now + PAUSES.0.saturating_mul(1 << times.min(16)).min(PAUSES.1);
        self.refused.insert(path.to_owned(), (until, times));
    }

    /// How long until a settling file may be ready.
    #[must_use]
    pub fn next_look(&self, now: Duration) -> Option<Duration> {
        self.settling.next_look(now)
    }

    fn folder(
        &mut self,
        (fs, config): (&Arc<dyn Fs>, &Config),
        channel: &Channel,
        (direction, folder): (Direction, &Path),
        now: Duration,
        round: &mut Round,
    ) -> Result<(), Error> {
        let listed = fs.list(folder).map_err(Error::io("reading", folder))?;
        let wanted = Wanted::of(channel);
        let rules = Rules::of(channel, &config.intake);
        let (files, marks) = self.split(&**fs, channel, listed);
        for path in files {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if !wanted.has(&name) {
                continue;
            }
            let beside: Vec<PathBuf> = marks.iter().filter(|m| is_mark_of(m, &path)).cloned().collect();
            let look = fs.look(&path);
            if look.as_ref().is_ok_and(|look| look.size > config.intake.most_bytes) {
                round.too_long.push(channel.name.clone());
                continue;
            }
            match self.settling.look(fs, (&path, &beside), &rules, now) {
                Ok(Readiness::Ready(Whole { first, beside, expected })) => {
                    let channel = channel.name.clone();
                    let meta = Meta { channel, direction, name: name.into(), late_of: None, expected };
                    let sender = sender(&**fs, &path).unwrap_or_default();
                    let changed = look.map_or((0, 0), |look| look.changed);
                    round.ready.push(Candidate { path, meta, beside, sender, first, changed });
                }
                Ok(Readiness::Settling) => round.settling += 1,
                Ok(Readiness::Incomplete) => {
                    round.incomplete.push((channel.name.clone(), look.map_or(0, |look| look.size)));
                }
                Err(e) if e.kind() == io::ErrorKind::NotFound => self.settling.forget(&path),
                Err(e) => {
                    let error = Error::named_by_sender("reading a file in", &path)(e);
                    round.unreadable.push((channel.name.clone(), error));
                }
            }
        }
        Ok(())
    }

    /// Files that may be taken, and those that say something of one.
    fn split(&mut self, fs: &dyn Fs, channel: &Channel, listed: Vec<Listed>) -> (Vec<PathBuf>, Vec<PathBuf>) {
        let (mut files, mut marks) = (Vec::new(), Vec::new());
        for listed in listed {
            let name = listed.path.file_name().unwrap_or_default().to_string_lossy();
            if is_temporary(&name) {
                continue;
            }
            let kind = match listed.kind {
                Kind::File if is_mark(&name) && !begins(fs, &listed.path) => {
                    marks.push(listed.path);
                    continue;
                }
                Kind::File => {
                    files.push(listed.path);
                    continue;
                }
                Kind::Folder => "folder",
                Kind::Link => "link",
                Kind::Special => "special",
            };
            if self.ignored.insert(listed.path) {
                events::ignored(&channel.name, kind);
            }
        }
        (files, marks)
    }
}

/// Leaves the first files of each channel, so that the long folder of one is not in the way of another; true where there are more.
pub fn some_of_each(ready: &mut Vec<Candidate>) -> bool {
    let found = ready.len();
    let mut of: HashMap<String, usize> = HashMap::new();
    ready.retain(|candidate| {
        let n = of.entry(candidate.meta.channel.clone()).or_default();
        *n += 1;
        *n <= MOST_AT_ONCE
    });
    ready.len() < found
}

/// Names a channel takes.
struct Wanted(Vec<WildMatchPattern<'*', '?'>>);

impl Wanted {
    fn of(channel: &Channel) -> Wanted {
        Wanted(channel.take.iter().map(|name| WildMatchPattern::new(&name.to_lowercase())).collect())
    }

    fn has(&self, name: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|pattern| pattern.matches(&name.to_lowercase()))
    }
}

/// Other files of a channel that a mark says something of: `a.done` beside `a.837` and `a.txt`.
///
/// # Errors
/// When its folder can't be read.
pub fn others_marked(fs: &dyn Fs, channel: &Channel, mark: &Path, but: &Path) -> io::Result<Vec<PathBuf>> {
    let wanted = Wanted::of(channel);
    let mut others: Vec<PathBuf> = fs
        .list(mark.parent().unwrap_or(Path::new(".")))?
        .into_iter()
        .filter(|listed| listed.kind == Kind::File && listed.path != *but && listed.path != *mark)
        .map(|listed| listed.path)
        .collect();
    others.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_file = || !is_temporary(&name) && wanted.has(&name) && (!is_mark(&name) || begins(fs, path));
        is_mark_of(mark, path) && is_file()
    });
    Ok(others)
}

fn is_mark(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    MARKS.iter().any(|ending| lower.len() > ending.len() && lower.ends_with(ending))
}

/// True for `x.edi.done` and `x.done` beside `x.edi`.
fn is_mark_of(mark: &Path, file: &Path) -> bool {
    let stem = mark.file_stem();
    stem.is_some() && (stem == file.file_name() || stem == file.file_stem())
}

/// True for a file that begins an interchange, whatever it is called.
fn begins(fs: &dyn Fs, path: &Path) -> bool {
    head(fs, path).is_ok_and(|head| begins_interchange(head.trim_ascii_start()))
}

fn head(fs: &dyn Fs, path: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    fs.open(path)?.take(128).read_to_end(&mut head)?;
    Ok(head)
}

/// ISA05 and ISA06 as they stand; nothing of a file that doesn't begin with an ISA of the usual widths.
fn sender(fs: &dyn Fs, path: &Path) -> io::Result<Vec<u8>> {
    let mut head = head(fs, path)?;
    if is_packed(&head) {
        head = packed::head(fs.open(path)?)?;
    }
    let isa = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&head).trim_ascii_start();
    Ok(isa.get(32..50).filter(|_| begins_interchange(isa)).unwrap_or_default().to_vec())
}

/// True for names that senders and their tools use while a file is not yet whole.
fn is_temporary(name: &str) -> bool {
    const ENDINGS: [&str; 12] = [
        ".filepart",
        ".part",
        ".partial",
        ".tmp",
        ".temp",
        ".crdownload",
        ".swp",
        ".lock",
        ".inprogress",
        ".writing",
        ".camelLock",
        "~",
    ];
    let lower = name.to_ascii_lowercase();
    name.starts_with('.')
        || name.starts_with('~')
        || (name.starts_with('#') && name.ends_with('#'))
        || name == "Thumbs.db"
        || ENDINGS.iter().any(|e| lower.ends_with(&e.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::World;

    #[test]
    fn names_of_files_being_written() {
        for name in [
            ".x.edi",
            "~x.edi",
            "x.edi~",
            "x.edi.filepart",
            "x.PART",
            "x.tmp",
            "#x#",
            ".nfs0001",
            "Thumbs.db",
        ] {
            assert!(is_temporary(name), "{name}");
        }
        for name in ["x.edi", "x.837", "partial.edi", "tmp", "x.835.txt"] {
            assert!(!is_temporary(name), "{name}");
        }
    }

    #[test]
    fn files_beside_others_are_known_by_their_endings() {
        let of = |mark: &str, file: &str| is_mark(mark) && is_mark_of(Path::new(mark), Path::new(file));
        assert!(of("x.edi.done", "x.edi") && of("x.OK", "x.edi") && of("x.sha256", "x.edi"));
        assert!(!of("y.done", "x.edi") && !of("x.edi.bak", "x.edi") && !is_mark(".done"));
    }

    #[test]
    fn files_that_can_not_be_taken_are_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        let text = "[state]\ndir = \"s\"\n[intake]\nsettle = \"0s\"\n[[channel]]\nname = \"main\"\n";
        let mut config = Config::parse(text).unwrap();
        let of = |name: &str| {
            let (outbound, inbound) = (folder.path().join(name).join("out"), folder.path().join(name));
            std::fs::create_dir_all(&outbound).unwrap();
            Channel { name: name.into(), outbound, inbound, ..config.channels[0].clone() }
        };
        config.channels = vec![of("long"), of("other")];
        for n in 0..300 {
            std::fs::write(folder.path().join(format!("long/out/{n:03}.edi")), "no X12").unwrap();
        }
        std::fs::write(folder.path().join("other/out/one.edi"), "no X12").unwrap();
        let (fs, mut intake) = (World::real().fs, Intake::default());
        let round = |now: u64, intake: &mut Intake| {
            let now = Duration::from_secs(now);
            let mut round = intake.round(&fs, &config, (&|_, _| false, &HashSet::new()), now);
            let more = some_of_each(&mut round.ready);
            round.ready.iter().for_each(|candidate| intake.refused(&candidate.path, now));
            let of_other = round.ready.iter().filter(|c| c.meta.channel == "other").count();
            (round.ready.len() - of_other, of_other, round.waiting, more)
        };
        assert_eq!(round(0, &mut intake), (256, 1, 0, true));
        assert_eq!(round(0, &mut intake), (44, 0, 257, false));
        assert_eq!(round(0, &mut intake), (0, 0, 301, false));
        assert_eq!(round(1, &mut intake), (256, 1, 0, true));
        assert_eq!(round(2, &mut intake), (44, 0, 257, false), "those wait longer each time");
        assert_eq!(round(100, &mut intake), (256, 1, 0, true));
    }
}
