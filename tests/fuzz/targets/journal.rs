//! A journal whose files hold any bytes is read, opened and repaired without a panic; what checks before the damage is never lost, and who looks at
//! it from outside says the same as who opens it.
//!
//! The first byte chooses what is damaged: nothing (the rest is the segments themselves), the fixture of version 1, or a journal of version 2 in
//! three segments, two of them packed. The second says whether records are sealed anew after the damage, so that what they say is read. Then
//! come the damages, five bytes each, then bytes to put in.
#![no_main]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use claimloop::journal::{Error, Journal, Record, Settings, repair, survey};
use claimloop::world::World;
use flate2::Compression;
use flate2::write::GzEncoder;
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};

const V1: &[u8] = include_bytes!("../../fixtures/journal-v1/0001.log");
const HEAD: usize = 8;
const MOST: usize = 6;
const WHOLE: Settings = Settings { segment_bytes: 1 << 30 };

type Files = BTreeMap<String, Vec<u8>>;

/// Sound files, and of each record of them in order: segment, end of its batch there, checksum.
struct Base {
    files: Files,
    records: Vec<(usize, usize, u32)>,
}

fn frames(bytes: &[u8]) -> Vec<&[u8]> {
    let (mut all, mut at) = (Vec::new(), 0);
    while let Some(head) = bytes.get(at..at + HEAD) {
        let len = u32::from_le_bytes(head[..4].try_into().unwrap()) as usize;
        let Some(payload) = bytes.get(at + HEAD..(at + HEAD).saturating_add(len)) else { break };
        all.push(payload);
        at += HEAD + len;
    }
    all
}

fn frame(payload: &[u8], out: &mut Vec<u8>) -> u32 {
    let crc = crc32c::crc32c(payload);
    out.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    out.extend_from_slice(&crc.to_le_bytes());
    out.extend_from_slice(payload);
    crc
}

/// The chain after a record, as `journal::frame` says it is taken; written down again here so that both must be right.
fn link(before: &[u8; 32], version: u8, flags: u8, body: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(before).chain_update([version, flags]).chain_update(body).finalize().into()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    gz.write_all(bytes).unwrap();
    gz.finish().unwrap()
}

static ONE: LazyLock<Base> = LazyLock::new(|| {
    let mut end = 0;
    let records = frames(V1)
        .iter()
        .map(|payload| {
            end += HEAD + payload.len();
            (1, end, crc32c::crc32c(payload))
        })
        .collect();
    Base { files: Files::from([("0001.log".to_owned(), V1.to_vec())]), records }
});

/// The records of the fixture in version 2, three to a batch, in three segments.
static TWO: LazyLock<Base> = LazyLock::new(|| {
    let bodies: Vec<Vec<u8>> = frames(V1).iter().map(|payload| payload[1..].to_vec()).collect();
    let (mut segments, mut chain, mut records) = (vec![Vec::new(); 3], [0; 32], Vec::new());
    let batches: Vec<&[Vec<u8>]> = bodies.chunks(3).collect();
    for (n, batch) in batches.iter().enumerate() {
        let segment = n * 3 / batches.len();
        let from = records.len();
        for (m, body) in batch.iter().enumerate() {
            let flags = u8::from(m + 1 < batch.len());
            chain = link(&chain, 2, flags, body);
            let payload = [&[2, flags], &chain[..], body].concat();
            records.push((segment + 1, 0, frame(&payload, &mut segments[segment])));
        }
        let end = segments[segment].len();
        records[from..].iter_mut().for_each(|record| record.1 = end);
    }
    let files = segments.iter().zip(1..).map(|(bytes, n)| match n {
        3 => ("0003.log".to_owned(), bytes.clone()),
        _ => (format!("{n:04}.log.gz"), packed(bytes)),
    });
    Base { files: files.collect(), records }
});

fn name(n: u8, packed: bool) -> String {
    format!("{:04}.log{}", n % 4 + 1, if packed { ".gz" } else { "" })
}

/// One damage to one file.
fn damage(files: &mut Files, op: &[u8], rest: &[u8]) {
    let [kind, which, low, high, value] = *op else { return };
    let Some(key) = files.keys().nth(usize::from(which) % files.len().max(1)).cloned() else { return };
    let bytes = files.get_mut(&key).unwrap();
    let at = usize::from(u16::from_le_bytes([low, high])).min(bytes.len());
    let len = usize::from(value);
    match kind % 9 {
        0 => bytes.truncate(at),
        1 if at < bytes.len() => bytes[at] ^= value.max(1),
        2 => drop(bytes.splice(at..at, rest.iter().copied().take(len))),
        3 => drop(bytes.drain(at..(at + len).min(bytes.len()))),
        4 => {
            let again = bytes[at..(at + len).min(bytes.len())].to_vec();
            bytes.splice(at..at, again);
        }
        5 => drop(files.remove(&key)),
        6 => {
            let moved = files.remove(&key).unwrap();
            files.insert(name(value, key.ends_with(".gz")), moved);
        }
        // The rest unread: a plain one beside a packed one, of whatever bytes.
        7 => drop(files.insert(name(value, false), rest.to_vec())),
        _ => bytes.extend_from_slice(&rest[..len.min(rest.len())]),
    }
}

/// Sums and hashes of all frames of plain files as if their writer had meant what stands in them.
fn seal(files: &mut Files) {
    let mut chain = [0; 32];
    for (_, bytes) in files.iter_mut().filter(|(name, _)| name.ends_with(".log")) {
        let mut sealed = Vec::new();
        for payload in frames(bytes) {
            let mut payload = payload.to_vec();
            if payload.first() == Some(&2) && payload.len() >= 34 {
                chain = link(&chain, 2, payload[1], &payload[34..]);
                payload[2..34].copy_from_slice(&chain);
            } else if let Some((version, body)) = payload.split_first() {
                chain = link(&chain, *version, 0, body);
            }
            frame(&payload, &mut sealed);
        }
        let torn = bytes.get(sealed.len()..).unwrap_or_default().to_vec();
        *bytes = [sealed, torn].concat();
    }
}

/// How many records of the base stand before the first change.
fn intact(base: &Base, files: &Files) -> usize {
    let effective = |of: &Files, segment: usize| {
        let (plain, gz) = (format!("{segment:04}.log"), format!("{segment:04}.log.gz"));
        of.get(&plain).map(|b| (false, b.clone())).or_else(|| of.get(&gz).map(|b| (true, b.clone())))
    };
    base.records
        .iter()
        .take_while(|(segment, end, _)| {
            // A segment counts when all before it are as they were.
            let before = (1..*segment).all(|s| effective(&base.files, s) == effective(files, s));
            before
                && match (effective(&base.files, *segment), effective(files, *segment)) {
                    (Some((false, was)), Some((false, is))) => is.get(..*end) == was.get(..*end),
                    (was, is) => was == is,
                }
        })
        .count()
}

fn written(folder: &Path, files: &Files) {
    let _gone = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).unwrap();
    files.iter().for_each(|(name, bytes)| fs::write(folder.join(name), bytes).unwrap());
}

fn on_disk(folder: &Path) -> Files {
    let entries = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_file());
    entries.map(|p| (p.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&p).unwrap())).collect()
}

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let memory = Path::new("/dev/shm");
    let under = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    under.join(format!("claimloop-fuzz-{}", std::process::id()))
});

fuzz_target!(|data: &[u8]| {
    let [mode, again, rest @ ..] = data else { return };
    let nothing = Base { files: Files::new(), records: Vec::new() };
    let base: &Base = match mode % 3 {
        0 => &nothing,
        1 => &ONE,
        _ => &TWO,
    };
    let mut files = base.files.clone();
    if mode % 3 == 0 {
        let segments = usize::from(mode / 3 % 3) + 1;
        let parts = rest.chunks(rest.len().div_ceil(segments).max(1)).zip(0..);
        files.extend(parts.map(|(bytes, n)| (name(n, again & 2 > 0 && n == 0), bytes.to_vec())));
    } else {
        let ops = (usize::from(mode / 3) % MOST + 1) * 5;
        let (ops, put) = rest.split_at(ops.min(rest.len()));
        ops.chunks_exact(5).for_each(|op| damage(&mut files, op, put));
    }
    if again & 1 > 0 {
        seal(&mut files);
    }
    let folder: &Path = &FOLDER;
    written(folder, &files);

    let mut seen = Vec::new();
    let looked = survey(folder, &mut |entry| {
        seen.push((entry.seq, entry.crc));
        Ok(())
    })
    .unwrap();
    assert_eq!(looked.last, seen.len() as u64);
    let sound = intact(base, &files);
    let wanted = base.records.iter().zip(1..).map(|(record, seq)| (seq, record.2));
    assert!(seen.len() >= sound, "{} of {sound} records before the damage", seen.len());
    assert!(wanted.take(sound).eq(seen.iter().copied().take(sound)), "they are not what they were");

    let before = on_disk(folder);
    let mut got = Vec::new();
    let opened = Journal::open(&World::real(), folder, WHOLE, &mut |entry| got.push((entry.seq, entry.crc)));
    match (looked.damage, opened) {
        (None, Ok(journal)) => {
            assert_eq!(got, seen);
            let more = Record::AlertWritten { key: "after".to_owned() };
            journal.append(vec![more]).unwrap();
            drop(journal);
            let then = survey(folder, &mut |_| Ok(())).unwrap();
            assert!(then.damage.is_none() && then.torn == 0 && then.last == looked.last + 1, "{then:?}");
        }
        (Some(_), Err(refused)) => {
            assert_eq!(got, seen[..got.len()]);
            assert_eq!(on_disk(folder), before, "{refused} changed it");
            let mut lost = repair(folder, Some("fuzzer"), &mut |_| Ok(()));
            if let Ok(Some(loss)) = &lost {
                assert_eq!(loss.last, looked.last);
            }
            // A later segment that lay there plain and packed takes a second one.
            for times in 1.. {
                match &lost {
                    Ok(Some(_)) => assert!(times < 8, "it never ends"),
                    Err(error) => return assert!(matches!(error, Error::Newer { .. }), "{error}"),
                    Ok(None) if times == 1 => panic!("{refused}, but nothing to repair"),
                    Ok(None) => break,
                }
                lost = repair(folder, Some("fuzzer"), &mut |_| Ok(()));
            }
            let mut kept = Vec::new();
            Journal::open(&World::real(), folder, WHOLE, &mut |entry| kept.push((entry.seq, entry.crc))).unwrap();
            assert!(kept.len() > seen.len(), "what it kept, and what says that it was repaired");
            assert_eq!(kept[..seen.len()], seen);
        }
        (damage, opened) => panic!("looked at: {damage:?}; opened: {:?}", opened.err()),
    }
});
