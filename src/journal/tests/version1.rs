//! A journal that the first version wrote stays readable for ever, and goes on.

use super::*;

const FIXTURE: &str = "tests/fixtures/journal-v1";

fn fixture(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    fs::copy(Path::new(FIXTURE).join("0001.log"), folder.join("0001.log")).unwrap();
}

#[test]
fn every_record_of_version_1_reads_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    fixture(folder.path());
    let (_, entries) = open(folder.path()).unwrap();
    let lines = fs::read_to_string(Path::new(FIXTURE).join("records.jsonl")).unwrap();
    let written: Vec<serde_json::Value> = lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let read: Vec<serde_json::Value> = entries
        .iter()
        .map(|e| {
            let mut value = serde_json::to_value(&e.record).unwrap();
            value["seq"] = e.seq.into();
            value["at"] = e.at.to_string().into();
            value
        })
        .collect();
    assert_eq!(read, written);
    // One of each kind that version knew.
    let kinds: std::collections::BTreeSet<&str> =
        written.iter().map(|v| v["record"].as_str().unwrap()).collect();
    assert_eq!(kinds.len(), 14, "{kinds:?}");
}

#[test]
fn a_journal_of_version_1_goes_on_in_version_2_and_is_sealed_by_it() {
    let folder = tempfile::tempdir().unwrap();
    fixture(folder.path());
    let path = folder.path().join("0001.log");
    let before = fs::read(&path).unwrap();
    let (journal, entries) = open(folder.path()).unwrap();
    journal.append(vec![done(1)]).unwrap();
    let after = fs::read(&path).unwrap();
    assert!(after.starts_with(&before), "nothing is rewritten");
    let seen = survey(folder.path(), &mut |_| Ok(())).unwrap();
    assert_eq!((seen.last, seen.segments[0].versions), (entries.len() as u64 + 1, Some((1, 2))));
    // A change of the old part with its checksum is found by the new part.
    let at = after.windows(9).position(|w| w == b"made-up-2").unwrap();
    let mut changed = after.clone();
    changed[at + 8] = b'7';
    let (mut start, mut end) = (0, 0);
    while end <= at {
        start = end;
        end = start + 8 + u32::from_le_bytes(after[start..start + 4].try_into().unwrap()) as usize;
    }
    let crc = crc32c::crc32c(&changed[start + 8..end]);
    changed[start + 4..start + 8].copy_from_slice(&crc.to_le_bytes());
    fs::write(&path, &changed).unwrap();
    let error = open(folder.path()).unwrap_err();
    assert!(matches!(error, Error::Damaged { offset, .. } if offset == before.len() as u64), "{error}");
}

#[test]
fn a_newer_version_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let payload = [&[3_u8][..], b"anything"].concat();
    let frame = [&9_u32.to_le_bytes()[..], &crc32c::crc32c(&payload).to_le_bytes(), &payload].concat();
    fs::write(folder.path().join("0001.log"), &frame).unwrap();
    assert!(matches!(open(folder.path()), Err(Error::Newer { version: 3, .. })));
    assert!(matches!(repair(folder.path(), Some("uid 1"), &mut |_| Ok(())), Err(Error::Newer { .. })));
}
