//! Lets a damaged journal go on. Nothing is deleted: what no longer counts is kept in a folder beside, and the first record after
//! says so.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;

use super::read::{self, Broken, Place};
use super::segments::{self, Segment};
use super::{Entry, Error, Record, frame};
use crate::world::{Disk, sync_folder};

/// What stops counting when a journal is repaired.
#[derive(Clone, Debug, Serialize)]
pub struct Loss {
    /// What is wrong, and where.
    pub damage: String,
    /// Segment it is in.
    pub segment: u64,
    /// Byte of it, unpacked, up to which it counts.
    pub offset: u64,
    /// Number of the last record that counts.
    pub last: u64,
    /// Bytes of that segment behind.
    pub bytes: u64,
    /// Later segments, none of which counts any more.
    pub later: Vec<u64>,
    /// Records among all that which check by themselves, as far as can be told.
    pub records: u64,
    /// Folder of the journal what is lost is kept in; empty before it is done.
    pub aside: String,
}

/// What a repair would lose; nothing when the journal is whole. With an `actor` it is done: `step` is called before each step, and what
/// it refuses is not done. A kill between two steps leaves a journal that is damaged at the same place still, or whole.
///
/// # Errors
/// When it can't be read or written, or is damaged by no accident: its next record is of a newer program.
pub fn repair(
    folder: &Path,
    actor: Option<&str>,
    step: &mut dyn FnMut(&'static str) -> io::Result<()>,
) -> Result<Option<Loss>, Error> {
    let broken = match read::read(&Disk, folder, Place::START, &mut |_| Ok(())) {
        Ok(_) => return Ok(None),
        Err(broken) => broken,
    };
    if !matches!(broken.error, Error::Damaged { .. }) {
        return Err(broken.error);
    }
    let all = segments::list(&Disk, folder)?;
    let later: Vec<&Segment> = all.iter().filter(|s| s.number > broken.good.segment).collect();
    let mut loss = loss(folder, &broken, &later);
    if let Some(actor) = actor {
        loss.aside = format!("aside-{}", Timestamp::now().strftime("%Y%m%dT%H%M%S%fZ"));
        let damaged = all.iter().find(|s| s.number == broken.good.segment);
        mend(folder, (damaged, &later), &broken.good, (&loss, actor), step)?;
    }
    Ok(Some(loss))
}

fn loss(folder: &Path, broken: &Broken, later: &[&Segment]) -> Loss {
    let mut records = broken.behind.1;
    for segment in later {
        let mut bytes = vec![0];
        // As far as it can be read.
        if let Ok(mut from) = segments::open(&Disk, folder, segment) {
            let _as_far_as_it_goes = from.read_to_end(&mut bytes);
        }
        records += frame::whole_behind(&bytes);
    }
    Loss {
        damage: broken.error.to_string(),
        segment: broken.good.segment,
        offset: broken.good.offset,
        last: broken.good.next - 1,
        bytes: broken.behind.0,
        later: later.iter().map(|s| s.number).collect(),
        records,
        aside: String::new(),
    }
}

fn mend(
    folder: &Path,
    (damaged, later): (Option<&Segment>, &[&Segment]),
    good: &Place,
    (loss, actor): (&Loss, &str),
    step: &mut dyn FnMut(&'static str) -> io::Result<()>,
) -> Result<(), Error> {
    let aside = folder.join(&loss.aside);
    step("make the folder").map_err(Error::io("making a folder in", &aside))?;
    fs::create_dir_all(&aside).map_err(Error::io("making a folder in", &aside))?;
    // The journal up to the damage, and the record that says so, beside.
    let mended = folder.join(format!("{:04}.log.mended.tmp", good.segment));
    step("write").map_err(Error::io("writing", &mended))?;
    let entry = Entry {
        seq: good.next,
        at: Timestamp::now(),
        crc: 0,
        record: Record::Repaired {
            segment: loss.segment,
            offset: loss.offset,
            bytes: loss.bytes,
            segments: loss.later.len() as u64,
            records: loss.records,
            aside: loss.aside.clone(),
            actor: actor.to_owned(),
        },
    };
    let mut said = Vec::new();
    frame::write(&entry, (false, false), good.link, &mut said).map_err(Error::Encode)?;
    let mut out = File::create(&mended).map_err(Error::io("creating", &mended))?;
    if let Some(damaged) = damaged {
        let source = segments::open(&Disk, folder, damaged)?;
        let copied =
            io::copy(&mut source.take(good.offset), &mut out).map_err(Error::io("copying", &mended))?;
        if copied != good.offset {
            return Err(Error::io("copying", &mended)(io::ErrorKind::UnexpectedEof.into()));
        }
    }
    out.write_all(&said).and_then(|()| out.sync_all()).map_err(Error::io("writing", &mended))?;
    // The last first, so that the damage stays the first thing a reader meets until all else is kept.
    for segment in later.iter().rev() {
        step("move a later segment").map_err(Error::io("moving", &segment.path))?;
        // A kill while it was packed leaves both names; the one that counts goes last.
        for path in [segments::packed(folder, segment.number), segments::plain(folder, segment.number)] {
            match fs::rename(&path, aside.join(path.file_name().unwrap_or_default())) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(Error::io("moving", &path)(e)),
                _ => {}
            }
        }
    }
    if let Some(damaged) = damaged {
        step("keep the damaged segment").map_err(Error::io("keeping", &damaged.path))?;
        keep(&damaged.path, &aside).map_err(Error::io("keeping", &damaged.path))?;
    }
    step("sync").map_err(Error::io("syncing", &aside))?;
    sync_folder(&aside).and_then(|()| sync_folder(folder)).map_err(Error::io("syncing", &aside))?;
    let target = segments::plain(folder, good.segment);
    step("rename").map_err(Error::io("renaming", &target))?;
    fs::rename(&mended, &target).map_err(Error::io("renaming", &target))?;
    sync_folder(folder).map_err(Error::io("syncing", folder))?;
    // The plain one counts where both are there; the packed one is kept aside.
    let packed: PathBuf = segments::packed(folder, good.segment);
    step("unlink").map_err(Error::io("removing", &packed))?;
    match fs::remove_file(&packed) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Error::io("removing", &packed)(e)),
        _ => sync_folder(folder).map_err(Error::io("syncing", folder)),
    }
}

/// A second name for the same bytes, or a copy where the file system knows no second names.
fn keep(path: &Path, aside: &Path) -> io::Result<()> {
    let to = aside.join(path.file_name().unwrap_or_default());
    if fs::hard_link(path, &to).is_err() {
        fs::copy(path, &to)?;
        File::open(&to)?.sync_all()?;
    }
    Ok(())
}
