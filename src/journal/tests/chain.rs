//! What a journal of one segment says of itself, whatever became of its bytes.

use proptest::prelude::*;

use super::*;

#[test]
fn reads_back_what_was_appended() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, entries) = open(folder.path()).unwrap();
    assert!(entries.is_empty());
    let mut written = journal.append(vec![done(1), done(2)]).unwrap();
    written.extend(journal.append(vec![done(3)]).unwrap());
    let (_, entries) = open(folder.path()).unwrap();
    assert_eq!(said(&entries), said(&written));
}

#[test]
fn a_torn_end_is_cut_at_every_byte_and_a_batch_counts_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _) = open(folder.path()).unwrap();
    journal.append(vec![done(1)]).unwrap();
    let path = folder.path().join("0001.log");
    let first = fs::metadata(&path).unwrap().len() as usize;
    journal.append(vec![done(2), done(3)]).unwrap();
    let whole = fs::read(&path).unwrap();
    for cut in 0..whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        let seen = survey(folder.path(), &mut |_| Ok(())).unwrap();
        assert!(seen.damage.is_none(), "a torn end is no damage");
        let (journal, entries) = open(folder.path()).unwrap();
        assert_eq!(entries.len(), usize::from(cut >= first), "{cut} bytes");
        journal.append(vec![done(9)]).unwrap();
        assert_eq!(open(folder.path()).unwrap().1.len(), entries.len() + 1, "appending after a cut at {cut}");
    }
}

#[test]
fn damage_in_the_middle_is_refused_at_every_byte() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _) = open(folder.path()).unwrap();
    journal.append(vec![done(1)]).unwrap();
    let path = folder.path().join("0001.log");
    let first = fs::metadata(&path).unwrap().len() as usize;
    journal.append(vec![done(2)]).unwrap();
    let whole = fs::read(&path).unwrap();
    for at in 0..first {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        fs::write(&path, &bytes).unwrap();
        let error = open(folder.path()).unwrap_err();
        assert!(matches!(error, Error::Damaged { offset: 0, .. }), "byte {at}: {error}");
        assert!(error.to_string().contains("claimloop journal repair"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), bytes, "nothing is cut");
    }
}

#[test]
fn a_record_that_was_changed_with_its_checksum_breaks_the_chain() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _) = open(folder.path()).unwrap();
    let path = folder.path().join("0001.log");
    let end = |n| {
        journal.append(vec![done(n)]).unwrap();
        fs::metadata(&path).unwrap().len() as usize
    };
    let (len, next, _) = (end(1), end(2), end(3));
    let mut bytes = fs::read(&path).unwrap();
    let at = len + bytes[len..].windows(5).position(|w| w == b"FILE2").unwrap() + 4;
    bytes[at] = b'7';
    let crc = crc32c::crc32c(&bytes[len + 8..next]);
    bytes[len + 4..len + 8].copy_from_slice(&crc.to_le_bytes());
    fs::write(&path, &bytes).unwrap();
    let error = open(folder.path()).unwrap_err();
    assert!(error.to_string().contains("hash"), "{error}");
    // A record taken out of the middle, too.
    let mut shorter = bytes.clone();
    shorter.drain(len..next);
    fs::write(&path, &shorter).unwrap();
    assert!(matches!(open(folder.path()), Err(Error::Damaged { offset, .. }) if offset == len as u64));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Bytes changed, cut, put in or packed anyhow: read, or refused, never a panic, and repaired when it is damage.
    #[test]
    fn nothing_panics_on_any_bytes(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..6),
        file in any::<prop::sample::Index>(),
        noise in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let folder = tempfile::tempdir().unwrap();
        static WHOLE: std::sync::OnceLock<tempfile::TempDir> = std::sync::OnceLock::new();
        let whole = WHOLE.get_or_init(|| {
            let whole = tempfile::tempdir().unwrap();
            in_segments(whole.path(), 12);
            whole
        });
        copy(whole.path(), folder.path());
        let all = names(folder.path());
        let path = folder.path().join(&all[file.index(all.len())]);
        let mut bytes = fs::read(&path).unwrap();
        for (at, byte, how) in changes {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.truncate(at),
                2 => bytes.insert(at, byte),
                _ => drop(bytes.splice(at..at, noise.iter().copied())),
            }
        }
        fs::write(&path, &bytes).unwrap();
        let mut before = 0;
        let seen = survey(folder.path(), &mut |_| { before += 1; Ok(()) });
        prop_assert!(before <= 12);
        if let Ok(Survey { damage: Some(Error::Damaged { .. }), .. }) = seen {
            let loss = repair(folder.path(), Some("uid 1"), &mut |_| Ok(())).unwrap().unwrap();
            prop_assert_eq!(loss.last, before);
            let (_, entries) = open(folder.path()).unwrap();
            prop_assert_eq!(entries.len() as u64, before + 1);
        }
    }

    #[test]
    fn nothing_panics_on_noise(noise in prop::collection::vec(any::<u8>(), 0..400)) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("0001.log"), &noise).unwrap();
        let _read_or_refused = open(folder.path());
    }
}
