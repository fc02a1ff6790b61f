//! A record on disk: length, CRC-32C, version, body. Length and checksum are little-endian and cover version + body.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Record;

/// Version of the records this program writes.
pub const VERSION: u8 = 1;
/// Length and checksum.
const HEAD: usize = 8;

/// A record with its place.
#[derive(Clone, Debug)]
pub struct Entry {
    /// From 1, without gaps.
    pub seq: u64,
    /// When it was appended.
    pub at: Timestamp,
    /// CRC-32C of its frame: with `seq`, the identity a view remembers.
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

/// Appends one frame; returns its checksum.
pub(super) fn write(entry: &Entry, out: &mut Vec<u8>) -> Result<u32, serde_json::Error> {
    let mut payload = vec![VERSION];
    serde_json::to_writer(&mut payload, &BodyRef { seq: entry.seq, at: entry.at, record: &entry.record })?;
    let crc = crc32c::crc32c(&payload);
    // A record is far below 4 GiB: long lists lie in the archive and are named by hash.
    out.extend_from_slice(&u32::try_from(payload.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(&crc.to_le_bytes());
    out.extend_from_slice(&payload);
    Ok(crc)
}

/// Reads every frame and where the last whole one ends. What follows it is a torn end when no whole frame stands
/// anywhere behind it; else the error says where the damage is, with the version when that is the trouble.
pub(super) fn read_all(bytes: &[u8]) -> Result<(Vec<Entry>, u64), (u64, Option<u8>)> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut at = 0;
    while let Some((payload, crc)) = frame(bytes, at) {
        let version = payload.first().copied().unwrap_or(0);
        if version > VERSION {
            return Err((at as u64, Some(version)));
        }
        let body: Option<Body> = payload.get(1..).and_then(|b| serde_json::from_slice(b).ok());
        let Some(Body { seq, at: when, record }) = body.filter(|b| b.seq == entries.len() as u64 + 1) else {
            return Err((at as u64, None));
        };
        entries.push(Entry { seq, at: when, crc, record });
        at += HEAD + payload.len();
    }
    let later = (at + 1..bytes.len()).any(|place| frame(bytes, place).is_some());
    if later { Err((at as u64, None)) } else { Ok((entries, at as u64)) }
}

/// The payload of the frame at `at`, when it is whole and checks.
fn frame(bytes: &[u8], at: usize) -> Option<(&[u8], u32)> {
    let number = |from: usize| -> Option<u32> {
        Some(u32::from_le_bytes(bytes.get(from..from + 4)?.try_into().ok()?))
    };
    let (len, crc) = (number(at)? as usize, number(at + 4)?);
    let payload = bytes.get(at + HEAD..at.checked_add(HEAD)?.checked_add(len)?)?;
    (len > 1 && crc32c::crc32c(payload) == crc).then_some((payload, crc))
}
