//! Reads a journal from its first record to its last, a record at a time, and says where it ends or what is wrong with it.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::Error;
use super::frame::{self, Entry, Frame, HEAD, Link, Wrong};
use super::segments::{self, Segment};
use crate::world::Fs;

/// What was read of a segment.
#[derive(Clone, Debug, serde::Serialize)]
pub struct SegmentSummary {
    /// Its number.
    pub number: u64,
    /// Number of its first record, if it has one, else of the next.
    pub first: u64,
    /// How many records.
    pub records: u64,
    /// Bytes of them, unpacked.
    pub bytes: u64,
    /// True when it is packed.
    pub packed: bool,
    /// Lowest and highest version of its records.
    pub versions: Option<(u8, u8)>,
}

/// Where the chain stands: what a reader needs to go on from there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub segment: u64,
    /// Bytes of the segment, unpacked, that are read.
    pub offset: u64,
    /// Number of the next record.
    pub next: u64,
    pub link: Link,
    /// Version of the last record.
    pub version: u8,
}

impl Place {
    pub const START: Place = Place { segment: 1, offset: 0, next: 1, link: Link::ZERO, version: 1 };
}

/// Why a journal was not read to its end.
#[derive(Debug)]
pub(super) struct Broken {
    pub error: Error,
    /// Up to where it checks; the segment is the one the damage is in, or that is missing.
    pub good: Place,
    /// Bytes of that segment behind, and how many frames among them check by themselves.
    pub behind: (u64, u64),
}

/// What was read.
#[derive(Debug)]
pub(super) struct Reading {
    pub end: Place,
    pub segments: Vec<SegmentSummary>,
    /// Where each of them begins, or was begun to be read.
    pub begins: Vec<Place>,
    /// Bytes of a torn record, or of a batch without its last, behind the end.
    pub torn: u64,
}

/// Reads all records from `from` on and gives each to `each`; those of a batch when all of it is there. Of the segment `from` stands
/// in, what is before it is passed over unread.
pub(super) fn read(
    fs: &dyn Fs,
    folder: &Path,
    from: Place,
    each: &mut dyn FnMut(Entry) -> Result<(), Error>,
) -> Result<Reading, Box<Broken>> {
    let failed = |error, good| Box::new(Broken { error, good, behind: (0, 0) });
    let listed = segments::list(fs, folder).map_err(|e| failed(e, from))?;
    let mut place = from;
    let mut done = Reading { end: from, segments: Vec::new(), begins: Vec::new(), torn: 0 };
    let mut listed = listed.into_iter().filter(|s| s.number >= from.segment).peekable();
    let mut number = from.segment;
    while let Some(segment) = listed.next() {
        if segment.number != number {
            return Err(failed(missing(folder, number), Place { segment: number, offset: 0, ..place }));
        }
        let last = listed.peek().is_none();
        let start = if number == from.segment { from.offset } else { 0 };
        place = Place { segment: number, offset: start, ..place };
        done.begins.push(place);
        let summary = one((fs, folder), &segment, last, &mut place, each, &mut done.torn)?;
        done.segments.push(summary);
        if last && segment.packed {
            let gone = Place { segment: number + 1, offset: 0, ..place };
            return Err(failed(missing(folder, number + 1), gone));
        }
        number += 1;
    }
    done.end = place;
    Ok(done)
}

fn missing(folder: &Path, number: u64) -> Error {
    Error::Damaged { path: segments::plain(folder, number), offset: 0, what: "the whole segment is missing" }
}

fn one(
    (fs, folder): (&dyn Fs, &Path),
    segment: &Segment,
    last: bool,
    place: &mut Place,
    each: &mut dyn FnMut(Entry) -> Result<(), Error>,
    torn: &mut u64,
) -> Result<SegmentSummary, Box<Broken>> {
    let start = *place;
    let path = &segment.path;
    let io_failed = |source: io::Error, good: Place| {
        let damaged = matches!(source.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput)
            || source.kind() == io::ErrorKind::UnexpectedEof;
        let error = if damaged && segment.packed {
            let what = "the packed segment can't be unpacked further";
            Error::Damaged { path: path.clone(), offset: good.offset, what }
        } else {
            Error::Io { step: "reading", path: path.clone(), source }
        };
        Box::new(Broken { error, good, behind: (0, 0) })
    };
    let mut from = segments::open(fs, folder, segment)
        .map_err(|error| Box::new(Broken { error, good: start, behind: (0, 0) }))?;
    io::copy(&mut from.by_ref().take(start.offset), &mut io::sink()).map_err(|e| io_failed(e, start))?;
    let mut summary = SegmentSummary {
        number: segment.number,
        first: place.next,
        records: 0,
        bytes: 0,
        packed: segment.packed,
        versions: None,
    };
    // The batch being read, and the place behind its last record so far.
    let mut batch: Vec<Entry> = Vec::new();
    let mut ahead = *place;
    loop {
        let (crc, payload) = match frame::read(&mut from).map_err(|e| io_failed(e, *place))? {
            Frame::Whole(crc, payload) => (crc, payload),
            Frame::End if batch.is_empty() => break,
            // A batch without its last record.
            Frame::End if last => {
                *torn = ahead.offset - place.offset;
                break;
            }
            Frame::End => {
                let what = "a batch of records is not whole and others follow it";
                return Err(damaged(path, *place, what, (ahead.offset - place.offset, batch.len() as u64)));
            }
            Frame::Broken(mut rest) => {
                from.read_to_end(&mut rest).map_err(|e| io_failed(e, *place))?;
                let left = ahead.offset - place.offset + rest.len() as u64;
                let whole = frame::whole_behind(&rest);
                if last && !frame::later_behind(&rest) {
                    *torn = left;
                    break;
                }
                let what = "a record is damaged and others follow it";
                return Err(damaged(path, ahead, what, (rest.len() as u64, whole)).back_to(*place, left));
            }
        };
        let parsed = match frame::parse(&payload, crc, (ahead.next, ahead.link, ahead.version)) {
            Ok(parsed) => parsed,
            Err(wrong) => {
                let mut rest = Vec::new();
                from.read_to_end(&mut rest).map_err(|e| io_failed(e, *place))?;
                let left = (HEAD + payload.len() + rest.len()) as u64;
                let whole = 1 + frame::whole_at(&rest, 0).map_or_else(
                    || frame::whole_behind(&rest),
                    |end| 1 + frame::whole_behind(rest.get(end.saturating_sub(1)..).unwrap_or_default()),
                );
                let what = match wrong {
                    Wrong::Newer(version) => {
                        let (path, offset) = (path.clone(), ahead.offset);
                        let error = Error::Newer { path, offset, version };
                        return Err(Box::new(Broken { error, good: *place, behind: (left, whole) }));
                    }
                    Wrong::Chain => "a record's hash doesn't follow from those before it",
                    Wrong::Content => "a record says what can't be there",
                };
                let before = ahead.offset - place.offset;
                return Err(damaged(path, ahead, what, (left, whole)).back_to(*place, left + before));
            }
        };
        ahead.offset += (HEAD + payload.len()) as u64;
        ahead.next += 1;
        (ahead.link, ahead.version) = (parsed.link, parsed.version);
        batch.push(parsed.entry);
        if parsed.more {
            continue;
        }
        let (low, high) = summary.versions.unwrap_or((parsed.version, parsed.version));
        summary.versions = Some((low.min(parsed.version), high.max(parsed.version)));
        summary.records += batch.len() as u64;
        for entry in batch.drain(..) {
            each(entry).map_err(|error| Box::new(Broken { error, good: *place, behind: (0, 0) }))?;
        }
        *place = ahead;
    }
    summary.bytes = place.offset;
    Ok(summary)
}

fn damaged(path: &Path, at: Place, what: &'static str, behind: (u64, u64)) -> Box<Broken> {
    let error = Error::Damaged { path: PathBuf::from(path), offset: at.offset, what };
    Box::new(Broken { error, good: at, behind })
}

impl Broken {
    /// The damage stays where it is; what counts ends before the batch it is in.
    fn back_to(mut self: Box<Self>, good: Place, bytes: u64) -> Box<Broken> {
        (self.good, self.behind.0) = (good, bytes);
        self
    }
}
