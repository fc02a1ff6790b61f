//! A record on disk: length, CRC-32C, payload. Length and checksum are little-endian; the checksum covers the payload.
//!
//! Version 1 payload: version byte, JSON. Version 2: version byte, flags, hash, JSON, where the hash is SHA-256 over the hash of
//! the record before, version, flags and JSON. A version 1 record has no hash on disk; the same sum is taken of it (flags 0)
//! when it is read, so that the first record of version 2 seals all of version 1 before it.

use std::fmt;
use std::io::{self, Read};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Record;

/// Version of the records this program writes.
pub const VERSION: u8 = 2;
/// Length and checksum.
pub(super) const HEAD: usize = 8;
/// Version, flags, hash.
const PREFIX: usize = 2 + 32;
/// More records of the same batch follow: they count together or not at all.
const MORE: u8 = 1;
/// It was written in one go with the record before it, and synced with it: where that one is torn, neither was announced.
const CONTINUES: u8 = 2;

/// Where the chain of hashes stands: the hash of the last record, or zeros before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link([u8; 32]);

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl Link {
    /// Before the first record.
    pub const ZERO: Link = Link([0; 32]);

    fn after(self, version: u8, flags: u8, body: &[u8]) -> Link {
        let mut digest = Sha256::new();
        digest.update(self.0);
        digest.update([version, flags]);
        digest.update(body);
        Link(digest.finalize().into())
    }
}

/// A record with its place.
#[derive(Clone, Debug)]
pub struct Entry {
    /// From 1, without gaps.
    pub seq: u64,
    /// When it was appended.
    pub at: Timestamp,
    /// CRC-32C of its frame: with `seq`, the identity a view remembers. From version 2 on it covers the hash, and by it all before.
    pub crc: u32,
    /// What happened.
    pub record: Record,
}

#[derive(Serialize)]
struct BodyRef<'a> {
    seq: u64,
    at: Timestamp,
    #[serde(flatten)]
    record: &'a Record,
}

#[derive(Deserialize)]
struct Body {
    seq: u64,
    at: Timestamp,
    #[serde(flatten)]
    record: Record,
}

/// Appends one frame; returns its checksum and the chain after it. `more` says that others of its batch follow, `continues` that it is
/// written in one go with the one before it.
pub(super) fn write(
    entry: &Entry,
    (more, continues): (bool, bool),
    link: Link,
    out: &mut Vec<u8>,
) -> Result<(u32, Link), serde_json::Error> {
    let body = serde_json::to_vec(&BodyRef { seq: entry.seq, at: entry.at, record: &entry.record })?;
    let flags = if more { MORE } else { 0 } | if continues { CONTINUES } else { 0 };
    let link = link.after(VERSION, flags, &body);
    let mut payload = Vec::with_capacity(PREFIX + body.len());
    payload.extend_from_slice(&[VERSION, flags]);
    payload.extend_from_slice(&link.0);
    payload.extend_from_slice(&body);
    let crc = crc32c::crc32c(&payload);
    // A record is far below 4 GiB: long lists lie in the archive and are named by hash.
    out.extend_from_slice(&u32::try_from(payload.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(&crc.to_le_bytes());
    out.extend_from_slice(&payload);
    Ok((crc, link))
}

/// What is wrong with a record whose frame is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// Newer than this program.
    Newer(u8),
    /// Its hash isn't that of what stands before it and in it.
    Chain,
    /// It says nothing this program knows, or has another number than is its turn.
    Content,
}

/// A record as its frame says it.
#[derive(Debug)]
pub(super) struct Parsed {
    pub entry: Entry,
    pub version: u8,
    pub more: bool,
    pub link: Link,
}

/// The record of a payload that checks. `seq` is whose turn it is, `link` the chain before it, `least` the lowest version that
/// may stand here: what this program never wrote behind a newer one is no record of ours.
pub(super) fn parse(payload: &[u8], crc: u32, (seq, link, least): (u64, Link, u8)) -> Result<Parsed, Wrong> {
    let version = payload.first().copied().unwrap_or(0);
    if version > VERSION {
        return Err(Wrong::Newer(version));
    }
    if version < least.max(1) {
        return Err(Wrong::Content);
    }
    let (flags, sealed, body) = if version == 1 {
        (0, None, payload.get(1..).unwrap_or_default())
    } else {
        let flags = payload.get(1).copied().ok_or(Wrong::Content)?;
        (
            flags,
            Some(payload.get(2..PREFIX).ok_or(Wrong::Content)?),
            payload.get(PREFIX..).unwrap_or_default(),
        )
    };
    let link = link.after(version, flags, body);
    if sealed.is_some_and(|sealed| sealed != link.0) {
        return Err(Wrong::Chain);
    }
    let body: Body = serde_json::from_slice(body).map_err(|_| Wrong::Content)?;
    if body.seq != seq || flags & !(MORE | CONTINUES) != 0 {
        return Err(Wrong::Content);
    }
    let entry = Entry { seq, at: body.at, crc, record: body.record };
    Ok(Parsed { entry, version, more: flags & MORE != 0, link })
}

/// One frame from a stream.
pub(super) enum Frame {
    /// Whole: checksum and payload.
    Whole(u32, Vec<u8>),
    /// Nothing is left.
    End,
    /// What is left is no whole frame; so much of it was read.
    Broken(Vec<u8>),
}

/// Reads the next frame. Memory grows with what is there, not with what a length says.
pub(super) fn read(from: &mut impl Read) -> io::Result<Frame> {
    let mut bytes = Vec::new();
    from.by_ref().take(HEAD as u64).read_to_end(&mut bytes)?;
    if bytes.is_empty() {
        return Ok(Frame::End);
    }
    let Some((len, crc)) = head(&bytes, 0) else { return Ok(Frame::Broken(bytes)) };
    let mut payload = Vec::new();
    from.by_ref().take(u64::from(len)).read_to_end(&mut payload)?;
    if len > 1 && payload.len() as u64 == u64::from(len) && crc32c::crc32c(&payload) == crc {
        return Ok(Frame::Whole(crc, payload));
    }
    bytes.extend_from_slice(&payload);
    Ok(Frame::Broken(bytes))
}

fn head(bytes: &[u8], at: usize) -> Option<(u32, u32)> {
    let number = |from: usize| -> Option<u32> {
        Some(u32::from_le_bytes(bytes.get(from..from.checked_add(4)?)?.try_into().ok()?))
    };
    Some((number(at)?, number(at.checked_add(4)?)?))
}

/// How many whole frames stand in `bytes` behind its first byte.
pub(super) fn whole_behind(bytes: &[u8]) -> u64 {
    let mut found = 0;
    each_behind(bytes, &mut |_| found += 1);
    found
}

/// True when some whole frame in `bytes` behind its first byte was written after what is before it was synced.
pub(super) fn later_behind(bytes: &[u8]) -> bool {
    let mut later = false;
    each_behind(bytes, &mut |payload| {
        later |= payload.first() == Some(&1) || payload.get(1).is_none_or(|flags| flags & CONTINUES == 0);
    });
    later
}

fn each_behind(bytes: &[u8], each: &mut dyn FnMut(&[u8])) {
    let mut at = 1;
    while at < bytes.len() {
        match whole_at(bytes, at) {
            Some(end) => {
                each(bytes.get(at + HEAD..end).unwrap_or_default());
                at = end;
            }
            None => at += 1,
        }
    }
}

/// The end of the whole frame that begins at `at`.
pub(super) fn whole_at(bytes: &[u8], at: usize) -> Option<usize> {
    let (len, crc) = head(bytes, at)?;
    let from = at.checked_add(HEAD)?;
    let end = from.checked_add(len as usize)?;
    let payload = bytes.get(from..end)?;
    // A look before the sum is taken: most places can't begin one.
    let starts = match payload.first()? {
        0 => false,
        1 => payload.get(1) == Some(&b'{'),
        2 => payload.get(PREFIX) == Some(&b'{'),
        _ => true,
    };
    (starts && len > 1 && crc32c::crc32c(payload) == crc).then_some(end)
}
