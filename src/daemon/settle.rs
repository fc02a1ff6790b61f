//! Is a dropped file whole? Unchanged for a while, and its last segment an IEA; or plainly no X12, or waited for long
//! enough.

use std::collections::HashMap;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::config::Intake;
use crate::world::{Fs, Look};
use crate::x12::delimiters::begins_interchange;

/// Bytes looked at from the end of a file.
const TAIL: u64 = 512;

/// What a look at a candidate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// Take it.
    Ready,
    /// It changed lately; look again.
    Settling,
    /// Settled, without an IEA: wait for the rest.
    Incomplete,
    /// Taken before, and still here: it can't be removed.
    Left,
}

/// Remembers what candidates looked like, on the monotonic clock: a sender's clock may be wrong.
#[derive(Default)]
pub struct Settling {
    seen: HashMap<PathBuf, (Look, Duration)>,
    /// Taken already, as they look now.
    left: HashMap<PathBuf, Look>,
}

impl Settling {
    /// Looks at a candidate.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn look(
        &mut self,
        fs: &dyn Fs,
        path: &Path,
        intake: &Intake,
        now: Duration,
    ) -> io::Result<Readiness> {
        let look = fs.look(path)?;
        let (known, since) = self.seen.entry(path.to_owned()).or_insert((look, now));
        if *known != look {
            (*known, *since) = (look, now);
        }
        if self.left.get(path) == Some(known) {
            return Ok(Readiness::Left);
        }
        let quiet = now.saturating_sub(*since);
        if quiet < intake.settle {
            return Ok(Readiness::Settling);
        }
        if waits_for_more(fs, path)? && quiet < intake.incomplete_after {
            return Ok(Readiness::Incomplete);
        }
        Ok(Readiness::Ready)
    }

    /// Leaves a file alone for as long as it looks as it did.
    pub fn leave(&mut self, path: &Path) {
        if let Some((look, _)) = self.seen.get(path) {
            self.left.insert(path.to_owned(), *look);
        }
    }

    /// Forgets what is no longer there.
    pub fn forget(&mut self, path: &Path) {
        self.seen.remove(path);
    }

    /// Keeps only candidates for which `still` holds.
    pub fn retain(&mut self, still: impl Fn(&Path) -> bool) {
        self.seen.retain(|path, _| still(path));
        self.left.retain(|path, _| still(path));
    }

    /// How long until a candidate may be ready, when any is settling.
    #[must_use]
    pub fn next_look(&self, intake: &Intake, now: Duration) -> Option<Duration> {
        let left = |(_, since): &(Look, Duration)| intake.settle.checked_sub(now.saturating_sub(*since));
        self.seen.values().filter_map(left).min().map(|d| d.max(Duration::from_millis(10)))
    }
}

/// True for a file that begins an interchange and doesn't end one.
fn waits_for_more(fs: &dyn Fs, path: &Path) -> io::Result<bool> {
    let mut file = fs.open(path)?;
    let mut head = Vec::new();
    (&mut file).take(TAIL).read_to_end(&mut head)?;
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
