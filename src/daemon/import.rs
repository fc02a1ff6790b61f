//! Files of before: claims that left and what came back for them, posted to the history without going anywhere.

use std::fs::File;
use std::io;
use std::path::Path;

use jiff::civil::Date;

use super::desk::Desk;
use super::error::Error;
use super::work::write_verdicts;
use crate::archive::{FileSource, digest};
use crate::edits::Tolerances;
use crate::history;
use crate::journal::{Direction, FileKey, Record};
use crate::scrub::survey::{Fate, Survey, survey};
use crate::scrub::{self, Other, Settings, Source, remittance};

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imported {
    /// Claims, so many.
    Claims(u64),
    /// Remittances and answers.
    Answers,
    /// Its bytes were there.
    Known,
    /// Nothing in it is of use.
    Nothing,
}

/// Posts a file of before. Claims are judged by the edits of today as of the day they were sent, so that it shows what would have been found;
/// whatever is found, they have left.
///
/// # Errors
/// When it can't be read, or the state fails.
pub fn import(desk: &Desk, channel: &str, path: &Path) -> Result<Imported, Error> {
    let state = &desk.state;
    let unread = |e: io::Error| Error::named_by_sender("reading a file in", path)(e);
    let (sha256, _) = File::open(path).and_then(digest).map_err(unread)?;
    let surveyed = survey(&FileSource(path.to_owned()), Other::Pass, Tolerances::all()).map_err(unread)?;
    let sets = || surveyed.sets.iter();
    let direction = if surveyed.claims > 0 { Direction::Outbound } else { Direction::Inbound };
    let of_use = sets().any(|s| matches!(s.fate, Fate::Claims(_) | Fate::Pass))
        || surveyed.outline.interchanges.iter().any(|i| i.groups.is_empty());
    if !of_use {
        of_no_use((desk, channel), path, sha256, &surveyed)?;
        return Ok(Imported::Nothing);
    }
    let file = state.next_id();
    let key = FileKey { channel: channel.to_owned(), direction, sha256: sha256.clone() };
    if state.claim(&key, &file)?.is_some() {
        return Ok(Imported::Known);
    }
    state.archive.put(&file, |out| io::copy(&mut File::open(path)?, out).map(|_| ()))?;
    let raw = state.archive.source(&sha256);
    let mut day = None;
    let mut report = None;
    if direction == Direction::Outbound {
        crate::claim::sent::read(raw.open().map_err(unread)?, &mut |told| day = day.max(told.sent.made))
            .map_err(unread)?;
        let today = day.unwrap_or_else(|| desk.now().date());
        let settings = Settings { today, threads: 2, other: Other::Pass };
        let edits = desk.edits();
        let (done, _) = scrub::scrub(&raw, &edits, settings)?;
        report = Some(state.archive.put(&file, |out| write_verdicts(out, &done.verdicts, &raw))?);
    }
    let day: Date = day.unwrap_or_else(|| desk.now().date());
    let channel = channel.to_owned();
    state.append(vec![Record::Imported { file, channel, direction, sha256, day, report }])?;
    Ok(match direction {
        Direction::Outbound => Imported::Claims(surveyed.claims),
        Direction::Inbound => Imported::Answers,
    })
}

/// Journals, once, that a file counts for nothing: who imported it is told by `history outcomes`.
fn of_no_use(
    (desk, channel): (&Desk, &str),
    path: &Path,
    sha256: String,
    surveyed: &Survey,
) -> Result<(), Error> {
    if history::is_of_no_use(&*desk.state.store_soon()?, &sha256)? {
        return Ok(());
    }
    let refused = remittance::of_refused(surveyed);
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    desk.state.append(vec![Record::OfNoUse {
        channel: channel.to_owned(),
        name: name.into(),
        sha256,
        day: desk.now().date(),
        interchanges: surveyed.outline.interchanges.len() as u64,
        remittances: refused.sets,
        version: refused.version,
    }])
}
