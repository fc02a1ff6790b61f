//! What every ledger promises, held against each.

use std::sync::Arc;

use super::*;

const EPOCH: Epoch = Epoch(1);

fn each_ledger(test: impl Fn(Arc<dyn Ledger>)) {
    let folder = tempfile::tempdir().unwrap();
    test(Arc::new(open_with(folder.path(), Settings { segment_bytes: 500 }).unwrap().0));
    test(Arc::new(MemoryLedger::default()));
}

fn key(sha256: &str) -> FileKey {
    FileKey { channel: "main".into(), direction: Direction::Outbound, sha256: sha256.into() }
}

fn received(file: &str, sha256: &str) -> Record {
    Record::Received {
        file: file.into(),
        channel: "main".into(),
        direction: Direction::Outbound,
        name: "a.edi".into(),
        sha256: sha256.into(),
        bytes: 1,
        today: jiff::civil::date(2026, 11, 21),
        duplicate_of: None,
        late_of: None,
        packed: None,
    }
}

fn held(ids: &[&str]) -> Record {
    let holds = ids.iter().zip(1..).map(|(id, position)| Hold { id: (*id).into(), position }).collect();
    Record::Held { file: "F".into(), holds, answer: HeldAnswer::Nothing }
}

fn changed(hold: &str, version: u64) -> Record {
    let decision = Decision::Released { note: String::new() };
    let (hold, actor) = (hold.to_owned(), "uid 1".to_owned());
    Record::HoldChanged { hold, version, actor, decision, verdict: None, edits: None, undo_until: None }
}

fn release(file: &str, hold: &str, version: u64) -> Record {
    Record::Release {
        file: file.into(),
        channel: "main".into(),
        sha256: "aa".into(),
        today: jiff::civil::date(2026, 11, 21),
        control: 900_000_001,
        edits: String::new(),
        holds: vec![Leaving { hold: hold.into(), version }],
        corrections: None,
    }
}

fn all(ledger: &dyn Ledger) -> Vec<Record> {
    let mut all = Vec::new();
    ledger
        .tail(EPOCH, Position::START, &mut |_, e| {
            all.push(e.record);
            Ok(())
        })
        .unwrap();
    all
}

#[test]
fn of_two_that_claim_a_file_one_has_it() {
    each_ledger(|ledger| {
        let threads: Vec<_> = (0..8)
            .map(|n| {
                let ledger = Arc::clone(&ledger);
                std::thread::spawn(move || ledger.claim(EPOCH, &key("aa"), &format!("F{n}")).unwrap())
            })
            .collect();
        let claims: Vec<Claim> = threads.into_iter().map(|t| t.join().unwrap()).collect();
        assert_eq!(claims.iter().filter(|c| **c == Claim::Ours).count(), 1);
        assert_eq!(ledger.claim(EPOCH, &key("bb"), "G").unwrap(), Claim::Ours);
        assert_eq!(ledger.claim(EPOCH, &key("bb"), "G").unwrap(), Claim::Ours, "asked again by the same");
        ledger.append(EPOCH, vec![received("G", "bb")]).unwrap();
        assert_eq!(ledger.claim(EPOCH, &key("bb"), "H").unwrap(), Claim::Before("G".into()));
        // Set aside, it is worked when it comes again.
        ledger.append(EPOCH, vec![Record::Quarantined { file: "G".into(), reason: "why".into() }]).unwrap();
        assert_eq!(ledger.claim(EPOCH, &key("bb"), "H").unwrap(), Claim::Ours);
        // Begun again with other bytes, nothing of these was worked.
        ledger.append(EPOCH, vec![received("I", "cc"), Record::Done { file: "I".into() }]).unwrap();
        assert_eq!(ledger.claim(EPOCH, &key("cc"), "J").unwrap(), Claim::Ours);
    });
}

#[test]
fn a_version_of_a_hold_is_decided_of_once() {
    each_ledger(|ledger| {
        ledger.append(EPOCH, vec![held(&["A", "B"])]).unwrap();
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let ledger = Arc::clone(&ledger);
                std::thread::spawn(move || ledger.append(EPOCH, vec![changed("A", 2)]).is_ok())
            })
            .collect();
        assert_eq!(threads.into_iter().filter_map(|t| t.join().unwrap().then_some(())).count(), 1);
        for (hold, version) in
            [("A", 2), ("A", 4), ("B", 1), ("B", 3), ("none", 1), ("none", 2), ("A", u64::MAX)]
        {
            let refused = ledger.append(EPOCH, vec![done(1), changed(hold, version)]);
            assert!(matches!(refused, Err(Error::Stale { .. })), "{hold} {version}");
        }
        assert!(!all(&*ledger).contains(&done(1)), "nothing of a refused batch is appended");
        ledger.append(EPOCH, vec![changed("A", 3), changed("A", 4), changed("B", 2)]).unwrap();
    });
}

#[test]
fn a_held_claim_leaves_once() {
    each_ledger(|ledger| {
        ledger.append(EPOCH, vec![held(&["A"]), changed("A", 2)]).unwrap();
        assert!(matches!(ledger.append(EPOCH, vec![release("R1", "A", 1)]), Err(Error::Stale { .. })));
        let twice = vec![release("R1", "A", 2), release("R2", "A", 2)];
        assert!(matches!(ledger.append(EPOCH, twice), Err(Error::Stale { .. })));
        ledger.append(EPOCH, vec![release("R1", "A", 2)]).unwrap();
        assert!(matches!(ledger.append(EPOCH, vec![release("R2", "A", 2)]), Err(Error::Stale { .. })));
        // It could not leave after all.
        ledger.append(EPOCH, vec![Record::Quarantined { file: "R1".into(), reason: "why".into() }]).unwrap();
        ledger.append(EPOCH, vec![changed("A", 3), release("R3", "A", 3)]).unwrap();
    });
}

#[test]
fn a_control_number_is_given_once() {
    each_ledger(|ledger| {
        ledger.append(EPOCH, vec![held(&["A"]), changed("A", 2), release("R1", "A", 2)]).unwrap();
        // One was taken before numbers were journalled.
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let ledger = Arc::clone(&ledger);
                std::thread::spawn(move || ledger.next_control(EPOCH, "main").unwrap().0)
            })
            .collect();
        let mut numbers: Vec<u64> = threads.into_iter().map(|t| t.join().unwrap()).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=8).collect::<Vec<_>>());
        assert_eq!(ledger.next_control(EPOCH, "other").unwrap().0, 0);
    });
}

#[test]
fn a_tail_goes_on_where_it_ended() {
    each_ledger(|ledger| {
        let (mut at, mut seen) = (Position::START, Vec::new());
        for n in 0..12 {
            let entries = ledger.append(EPOCH, vec![done(n), done(n + 100)]).unwrap();
            let before = at;
            at = ledger
                .tail(EPOCH, at, &mut |position, e| {
                    assert!(position > before);
                    seen.push(e.seq);
                    Ok(())
                })
                .unwrap();
            assert!(at > before);
            assert_eq!(seen.last(), entries.last().map(|e| &e.seq));
        }
        assert_eq!(seen, (1..=24).collect::<Vec<_>>());
        assert_eq!(ledger.tail(EPOCH, at, &mut |_, _| panic!("nothing came")).unwrap(), at);
        assert_eq!(at.to_string().parse::<Position>().unwrap(), at);
    });
}

#[test]
fn another_epoch_is_refused() {
    each_ledger(|ledger| {
        assert_eq!(ledger.epoch(), EPOCH);
        let other = Epoch(2);
        let fenced = |done: Result<(), Error>| matches!(done, Err(Error::Fenced { asked: 2, holds: 1 }));
        assert!(fenced(ledger.append(other, vec![done(1)]).map(|_| ())));
        assert!(fenced(ledger.claim(other, &key("aa"), "F").map(|_| ())));
        assert!(fenced(ledger.next_control(other, "main").map(|_| ())));
        assert!(fenced(ledger.tail(other, Position::START, &mut |_, _| Ok(())).map(|_| ())));
        assert!(all(&*ledger).is_empty());
    });
    let memory = MemoryLedger::default();
    memory.append(EPOCH, vec![done(1)]).unwrap();
    let next = memory.give_on();
    assert!(memory.append(EPOCH, vec![done(2)]).is_err() && memory.append(next, vec![done(2)]).is_ok());
}

#[test]
fn promises_hold_across_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _) = open(folder.path()).unwrap();
    let batch = vec![received("F", "aa"), held(&["A", "B"]), changed("A", 2), release("R", "A", 2)];
    journal.append(batch).unwrap();
    assert_eq!(journal.next_control(EPOCH, "main").unwrap().0, 1);
    drop(journal);
    let (journal, _) = open(folder.path()).unwrap();
    assert_eq!(journal.claim(EPOCH, &key("aa"), "G").unwrap(), Claim::Before("F".into()));
    assert!(journal.append(vec![changed("B", 3)]).is_err() && journal.append(vec![changed("B", 2)]).is_ok());
    assert!(journal.append(vec![release("R2", "A", 2)]).is_err());
    assert_eq!(journal.next_control(EPOCH, "main").unwrap().0, 2);
}
