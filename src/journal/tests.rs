use std::fs;
use std::path::Path;

use super::*;
use crate::world::{Disk, World};

mod chain;
mod contract;
mod group;
mod repair;
mod rotation;
mod version1;

fn done(n: u32) -> Record {
    Record::Done { file: format!("FILE{n}") }
}

fn open(folder: &Path) -> Result<(Journal, Vec<Entry>), Error> {
    open_with(folder, Settings::default())
}

fn open_with(folder: &Path, settings: Settings) -> Result<(Journal, Vec<Entry>), Error> {
    let mut entries = Vec::new();
    let journal = Journal::open(&World::real(), folder, settings, &mut |entry| entries.push(entry))?;
    Ok((journal, entries))
}

fn said(entries: &[Entry]) -> Vec<String> {
    entries.iter().map(|e| format!("{}:{:?}", e.seq, e.record)).collect()
}

/// A journal of so many records in segments of a few.
fn in_segments(folder: &Path, records: u32) {
    let (journal, _) = open_with(folder, Settings { segment_bytes: 250 }).unwrap();
    (1..=records).for_each(|n| drop(journal.append(vec![done(n)]).unwrap()));
}

fn names(folder: &Path) -> Vec<String> {
    let mut all: Vec<String> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    all.sort();
    all
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for name in names(from) {
        if from.join(&name).is_file() {
            fs::copy(from.join(&name), to.join(&name)).unwrap();
        }
    }
}
