//! A damaged journal goes on by a person's word, and nothing is deleted.

use std::io;

use super::*;

/// Damages a byte in the middle of the second segment of five or so.
fn damage(folder: &Path) -> (u64, Vec<u8>) {
    in_segments(folder, 10);
    let path = folder.join("0002.log.gz");
    let mut unpacked = Vec::new();
    let segment = segments::list(&Disk, folder).unwrap().remove(1);
    io::copy(&mut segments::open(&Disk, folder, &segment).unwrap(), &mut unpacked).unwrap();
    let half = unpacked.len() / 2;
    unpacked[half] ^= 1;
    fs::remove_file(&path).unwrap();
    fs::write(folder.join("0002.log"), &unpacked).unwrap();
    let mut good = 0;
    let seen = survey(folder, &mut |_| {
        good += 1;
        Ok(())
    });
    assert!(seen.unwrap().damage.is_some());
    (good, unpacked)
}

#[test]
fn without_a_word_it_says_what_would_be_lost_and_does_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (good, _) = damage(folder.path());
    let before = names(folder.path());
    let loss = repair(folder.path(), None, &mut |_| Ok(())).unwrap().unwrap();
    assert_eq!((loss.last, loss.segment), (good, 2));
    assert!(loss.records >= 10 - good - 1 && !loss.later.is_empty(), "{loss:?}");
    assert_eq!(names(folder.path()), before);
}

#[test]
fn a_kill_at_any_step_of_a_repair_leaves_what_counts() {
    let mut stop = 0;
    loop {
        let folder = tempfile::tempdir().unwrap();
        let (good, damaged) = damage(folder.path());
        let mut n = 0;
        let done_ = repair(folder.path(), Some("uid 1"), &mut |_| {
            n += 1;
            if n > stop { Err(io::Error::other("killed")) } else { Ok(()) }
        });
        let finished = done_.is_ok();
        // Again, as a person would.
        if open(folder.path()).is_err() {
            repair(folder.path(), Some("uid 1"), &mut |_| Ok(())).unwrap().unwrap();
        }
        let (journal, entries) = open(folder.path()).unwrap();
        assert_eq!(entries.len() as u64, good + 1, "step {stop}");
        let last = &entries.last().unwrap().record;
        assert!(matches!(last, Record::Repaired { segment: 2, actor, .. } if actor == "uid 1"), "{last:?}");
        journal.append(vec![done(99)]).unwrap();
        assert_eq!(open(folder.path()).unwrap().1.len() as u64, good + 2);
        assert!(repair(folder.path(), None, &mut |_| Ok(())).unwrap().is_none());
        // Every byte is kept.
        let aside: Vec<_> = names(folder.path()).into_iter().filter(|n| n.starts_with("aside-")).collect();
        let kept = |name: &str| aside.iter().any(|a| folder.path().join(a).join(name).exists());
        assert!(
            kept("0002.log") && kept("0003.log.gz") && kept("0004.log"),
            "step {stop}: {:?}",
            aside.iter().map(|a| names(&folder.path().join(a))).collect::<Vec<_>>()
        );
        let second =
            aside.iter().map(|a| folder.path().join(a).join("0002.log")).find(|p| p.exists()).unwrap();
        assert_eq!(fs::read(second).unwrap(), damaged);
        if finished {
            break;
        }
        stop += 1;
    }
    assert!(stop > 6);
}

#[test]
fn damage_of_a_packed_segment_is_repaired_too() {
    let folder = tempfile::tempdir().unwrap();
    in_segments(folder.path(), 10);
    let path = folder.path().join("0002.log.gz");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let error = open(folder.path()).unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
    let loss = repair(folder.path(), Some("uid 1"), &mut |_| Ok(())).unwrap().unwrap();
    let (_, entries) = open(folder.path()).unwrap();
    assert_eq!(entries.len() as u64, loss.last + 1);
    assert!(folder.path().join(&loss.aside).join("0002.log.gz").exists());
}

#[test]
fn a_later_segment_under_both_names_goes_whole() {
    let folder = tempfile::tempdir().unwrap();
    damage(folder.path());
    // As a kill leaves it between the packed one's rename and the plain one's removal.
    let mut unpacked = Vec::new();
    let third = segments::list(&Disk, folder.path()).unwrap().remove(2);
    assert!(third.packed);
    io::copy(&mut segments::open(&Disk, folder.path(), &third).unwrap(), &mut unpacked).unwrap();
    fs::write(folder.path().join("0003.log"), &unpacked).unwrap();
    repair(folder.path(), Some("uid 1"), &mut |_| Ok(())).unwrap().unwrap();
    assert!(open(folder.path()).is_ok());
}
