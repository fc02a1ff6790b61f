//! Segments are closed, packed and read as one; a kill at any step leaves all of it.

use std::io;

use super::*;

#[test]
fn segments_are_packed_and_read_as_one() {
    let folder = tempfile::tempdir().unwrap();
    in_segments(folder.path(), 10);
    let all = names(folder.path());
    assert!(all.len() > 3 && all.last().unwrap().ends_with(".log"), "{all:?}");
    assert!(all[..all.len() - 1].iter().all(|n| n.ends_with(".log.gz")), "{all:?}");
    let (journal, entries) = open(folder.path()).unwrap();
    let files: Vec<Record> = entries.iter().map(|e| e.record.clone()).collect();
    assert_eq!(files, (1..=10).map(done).collect::<Vec<_>>());
    // From any place on.
    for after in 0..=10 {
        let mut rest = Vec::new();
        let end = journal.tail(Epoch(1), Position(after), &mut |_, e| {
            rest.push(e.seq);
            Ok(())
        });
        assert_eq!((end.unwrap(), rest), (Position(10), (after + 1..=10).collect::<Vec<_>>()));
    }
}

#[test]
fn a_kill_at_any_step_of_packing_leaves_every_record() {
    for stop in 0..9 {
        let folder = tempfile::tempdir().unwrap();
        let (journal, _) = open(folder.path()).unwrap();
        let written = journal.append((1..=5).map(done).collect()).unwrap();
        drop(journal);
        // The next one is begun before the old one is packed.
        segments::begin(&Disk, folder.path(), 2).unwrap();
        let mut n = 0;
        let packed = segments::pack(&Disk, folder.path(), 1, &mut |_| {
            n += 1;
            if n > stop { Err(io::Error::other("killed")) } else { Ok(()) }
        });
        assert_eq!(packed.is_err(), stop < 8, "step {stop}");
        if stop == 1 {
            // Half of it was written.
            fs::write(folder.path().join("0001.log.gz.tmp"), b"\x1f\x8b\x08").unwrap();
        }
        let seen = survey(folder.path(), &mut |_| Ok(())).unwrap();
        assert!(seen.damage.is_none() && seen.last == 5, "step {stop}: {seen:?}");
        let (journal, entries) = open(folder.path()).unwrap();
        assert_eq!(said(&entries), said(&written), "step {stop}");
        journal.append(vec![done(6)]).unwrap();
        assert_eq!(open(folder.path()).unwrap().1.len(), 6, "step {stop}");
        assert_eq!(names(folder.path()), ["0001.log.gz", "0002.log"], "step {stop}: the start finishes it");
    }
}

#[test]
fn a_tear_is_mended_in_the_last_segment_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _) = open(folder.path()).unwrap();
    let path = folder.path().join("0001.log");
    journal.append(vec![done(1)]).unwrap();
    let first = fs::metadata(&path).unwrap().len();
    journal.append(vec![done(2)]).unwrap();
    drop(journal);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 3]).unwrap();
    segments::begin(&Disk, folder.path(), 2).unwrap();
    let error = open(folder.path()).unwrap_err();
    assert!(matches!(error, Error::Damaged { offset, .. } if offset == first), "{error}");
}

#[test]
fn a_segment_that_is_gone_is_missed() {
    let folder = tempfile::tempdir().unwrap();
    in_segments(folder.path(), 10);
    let all = names(folder.path());
    for gone in &all {
        let copy_folder = tempfile::tempdir().unwrap();
        copy(folder.path(), copy_folder.path());
        fs::remove_file(copy_folder.path().join(gone)).unwrap();
        let error = open(copy_folder.path()).unwrap_err();
        assert!(error.to_string().contains("missing"), "{gone}: {error}");
    }
    // Two that changed places, too.
    let (a, b) = (folder.path().join(&all[0]), folder.path().join(&all[1]));
    let (first, second) = (fs::read(&a).unwrap(), fs::read(&b).unwrap());
    fs::write(&a, second).unwrap();
    fs::write(&b, first).unwrap();
    assert!(matches!(open(folder.path()), Err(Error::Damaged { .. })));
}
