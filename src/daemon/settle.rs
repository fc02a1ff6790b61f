//! Is a dropped file whole? Unchanged for a while, and its last segment an IEA; or plainly no X12, or waited for long enough; or a file
//! beside it says so.

use std::collections::HashMap;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::packed::{Broken, is_packed, unpack};
use crate::archive::{self, Stored};
use crate::config::{Channel, Intake, Signal, Watch};
use crate::world::{Fs, Look};
use crate::x12::delimiters::begins_interchange;

/// Bytes looked at from the end of a file.
const TAIL: u64 = 512;

/// How long a file must stay unchanged where no event tells of a change, at least.
const POLLED: Duration = Duration::from_secs(10);

/// What a look at a candidate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// Take it.
    Ready(Whole),
    /// It changed lately; look again.
    Settling,
    /// Settled, without an IEA or what must lie beside it: wait for the rest.
    Incomplete,
}

/// A file that may be taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whole {
    /// When it was first seen.
    pub first: Duration,
    /// Files beside it that go with it.
    pub beside: Vec<PathBuf>,
    /// The SHA-256 its sender says it has.
    pub expected: Option<String>,
}

/// What a channel says of files that are whole.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    settle: Duration,
    incomplete_after: Duration,
    signal: Signal,
    most_unpacked: u64,
}

impl Rules {
    /// A channel's.
    #[must_use]
    pub fn of(channel: &Channel, intake: &Intake) -> Rules {
        let least = if channel.watch == Watch::Poll { POLLED } else { Duration::ZERO };
        Rules {
            settle: channel.settle.unwrap_or(intake.settle.max(least)),
            incomplete_after: intake.incomplete_after,
            signal: channel.signal,
            most_unpacked: intake.most_unpacked,
        }
    }
}

#[derive(Clone, Debug)]
struct Seen {
    look: Look,
    /// How long it looks so.
    since: Duration,
    first: Duration,
    settle: Duration,
    /// Whether its bytes have the hash beside it, and what both looked like then.
    checked: Option<(Look, Look, bool)>,
}

/// Remembers what candidates looked like, on the monotonic clock: a sender's clock may be wrong.
#[derive(Default)]
pub struct Settling {
    seen: HashMap<PathBuf, Seen>,
}

impl Settling {
    /// Looks at a candidate and the files beside it that say something of it.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn look(
        &mut self,
        fs: &Arc<dyn Fs>,
        (path, beside): (&Path, &[PathBuf]),
        rules: &Rules,
        now: Duration,
    ) -> io::Result<Readiness> {
        let look = fs.look(path)?;
        let settle = rules.settle;
        let fresh = Seen { look, since: now, first: now, settle, checked: None };
        let seen = self.seen.entry(path.to_owned()).or_insert(fresh);
        if seen.look != look {
            (seen.look, seen.since) = (look, now);
        }
        let quiet = now.saturating_sub(seen.since);
        let whole =
            |expected| Ok(Readiness::Ready(Whole { first: seen.first, beside: beside.to_vec(), expected }));
        let waiting = if quiet < settle { Readiness::Settling } else { Readiness::Incomplete };
        for mark in beside.iter().filter(|m| ends_with(m, ".sha256")) {
            let Some(expected) = expected(&**fs, mark)? else { continue };
            let of = fs.look(mark)?;
            // One from before may be of another file under this name.
            if of.modified < look.modified && quiet < settle {
                return Ok(Readiness::Settling);
            }
            let as_before = seen.checked.filter(|(file, mark, _)| *file == look && *mark == of);
            let alike = match as_before {
                Some((.., alike)) => alike,
                None => {
                    let file = Stored::plain(Arc::clone(fs), path.to_owned());
                    archive::hash(&file)?.0 == expected
                }
            };
            seen.checked = Some((look, of, alike));
            // One that never comes to have it is refused when it is received.
            if alike || quiet >= rules.incomplete_after {
                let (first, beside) = (seen.first, beside.to_vec());
                return Ok(Readiness::Ready(Whole { first, beside, expected: Some(expected) }));
            }
            return Ok(waiting);
        }
        if rules.signal != Signal::Sha256 {
            for mark in beside.iter().filter(|m| !ends_with(m, ".sha256")) {
                if fs.look(mark)?.modified >= look.modified {
                    return whole(None);
                }
            }
        }
        if quiet < settle || rules.signal != Signal::Quiet {
            return Ok(waiting);
        }
        if waits_for_more(&**fs, path, rules)? && quiet < rules.incomplete_after {
            return Ok(Readiness::Incomplete);
        }
        whole(None)
    }

    /// Forgets what is no longer there.
    pub fn forget(&mut self, path: &Path) {
        self.seen.remove(path);
    }

    /// Keeps only candidates for which `still` holds.
    pub fn retain(&mut self, still: impl Fn(&Path) -> bool) {
        self.seen.retain(|path, _| still(path));
    }

    /// How long until a candidate may be ready, when any is settling.
    #[must_use]
    pub fn next_look(&self, now: Duration) -> Option<Duration> {
        let left = |seen: &Seen| seen.settle.checked_sub(now.saturating_sub(seen.since));
        self.seen.values().filter_map(left).min().map(|d| d.max(Duration::from_millis(10)))
    }
}

fn ends_with(path: &Path, ending: &str) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    name.ends_with(ending)
}

/// The hash a `.sha256` holds, as `sha256sum` writes it.
fn expected(fs: &dyn Fs, path: &Path) -> io::Result<Option<String>> {
    let mut text = String::new();
    let read = fs.open(path)?.take(TAIL).read_to_string(&mut text);
    let hash = text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    Ok((read.is_ok() && hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit())).then_some(hash))
}

/// True for a file that begins an interchange and doesn't end one.
fn waits_for_more(fs: &dyn Fs, path: &Path, rules: &Rules) -> io::Result<bool> {
    let mut file = fs.open(path)?;
    let mut head = Vec::new();
    (&mut file).take(TAIL).read_to_end(&mut head)?;
    if is_packed(&head) {
        return packed_waits(fs, path, rules);
    }
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&head).trim_ascii_start();
    // An empty file may be the first moment of a writer; a file of blanks too.
    if text.is_empty() {
        return Ok(true);
    }
    if !begins_interchange(text) && !b"ISA".starts_with(text) {
        return Ok(false);
    }
    let len = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(len.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    file.take(TAIL).read_to_end(&mut tail)?;
    Ok(!ends_interchange(&tail))
}

/// The same of a packed file: one that can be unpacked to its end waits when that end is none.
fn packed_waits(fs: &dyn Fs, path: &Path, rules: &Rules) -> io::Result<bool> {
    let mut last = Last(Vec::new());
    let size = fs.look(path)?.size;
    Ok(match unpack(fs.open(path)?, (size, rules.most_unpacked), &mut last)? {
        Ok(_) => begins_interchange(&last.0) && !ends_interchange(&last.0),
        Err(broken) => broken == Broken::CutOff,
    })
}

/// Keeps the first bytes of what is written to it, and the last.
struct Last(Vec<u8>);

impl io::Write for Last {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        let (head, most) = (128, 128 + 4 * TAIL as usize);
        if self.0.len() > most {
            let cut = self.0.len() - most;
            self.0.drain(head..head + cut);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// True when the last segment is an IEA with its terminator, whatever the delimiters.
fn ends_interchange(tail: &[u8]) -> bool {
    let Some(at) = memchr::memmem::rfind(tail, b"IEA") else { return false };
    let rest = tail.get(at + 3..).unwrap_or_default();
    let Some(separator) = rest.first().copied().filter(|b| !b.is_ascii_alphanumeric()) else { return false };
    let Some(control) = rest.get(1..).and_then(|r| {
        let second = r.iter().position(|b| *b == separator)?;
        r.get(second + 1..)
    }) else {
        return false;
    };
    let digits = control.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
    let behind = control.get(digits..).unwrap_or_default();
    // One terminator, then blanks alone.
    let blank = |b: &u8| b.is_ascii_whitespace() || matches!(b, 0x1A | 0);
    behind.split_first().is_some_and(|(_, blanks)| blanks.iter().all(blank))
}

#[cfg(test)]
mod tests {
    use super::ends_interchange;

    #[test]
    fn knows_an_end() {
        for whole in [
            "SE*1*1~IEA*1*000000001~",
            "IEA*1*000000001~\r\n",
            "IEA|1|000000001\n",
            "IEA*1*000000001\r\n  ",
            "IEA*1*1~\x1a",
        ] {
            assert!(ends_interchange(whole.as_bytes()), "{whole:?}");
        }
        for part in
            ["", "IEA", "IEA*1", "IEA*1*0000", "IEA*1*000000001~ISA*00*", "SE*1*1~", "NTE*ADD*IEA~SE*1"]
        {
            assert!(!ends_interchange(part.as_bytes()), "{part:?}");
        }
    }
}
