//! The whole daemon in a world that is made up: a disk that forgets what was not synced, tears what was being written, fills up or
//! fails; a power cut at any call; senders, receivers and people deciding of holds at any moment. One seed is one run, the same each
//! time. After each run every claim is out once or held once, and all else as it must be.
//!
//! `SIM_SEED=n` runs one seed and says what happened, with `SIM_CALLS=1` every call that changes the disk; `SIM_SEEDS=n` so many.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_possible_truncation
)]

#[path = "simulation/chance.rs"]
mod chance;
#[path = "simulation/check.rs"]
mod check;
#[path = "simulation/disk.rs"]
mod disk;
#[path = "simulation/run.rs"]
mod run;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use run::{Run, Tally};

const SEEDS: u64 = 20_000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

#[test]
fn whatever_dies_fills_up_or_fails_no_claim_is_lost_or_doubled() {
    if let Some(seed) = number("SIM_SEED") {
        tracing_subscriber::fmt().without_time().with_target(false).with_ansi(false).init();
        let tally = Run::new(seed, true).go();
        return println!("seed {seed}: {tally:?}");
    }
    let (seeds, first) = (number("SIM_SEEDS").unwrap_or(SEEDS), number("SIM_FIRST").unwrap_or(0));
    let (next, begun) = (AtomicU64::new(first), Instant::now());
    let worker = || {
        let mut sum = Tally::default();
        loop {
            let seed = next.fetch_add(1, Ordering::SeqCst);
            if seed >= first + seeds {
                return sum;
            }
            match catch_unwind(AssertUnwindSafe(|| Run::new(seed, false).go())) {
                Ok(tally) => sum.add(&tally),
                Err(_) => {
                    next.store(u64::MAX / 2, Ordering::SeqCst);
                    panic!("SIM_SEED={seed} fails: run this test with it to see what happened");
                }
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let sums: Vec<Tally> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        all.into_iter().map(|t| t.join().expect("a seed failed")).collect()
    });
    let mut sum = Tally::default();
    sums.iter().for_each(|tally| sum.add(tally));
    println!("{seeds} seeds in {} s: {sum:?}; lost 0, doubled 0", begun.elapsed().as_secs());
    // A world in which nothing goes wrong proves nothing.
    assert!(sum.cuts > seeds / 2 && sum.refused > seeds / 4, "{sum:?}");
    assert!(sum.released > seeds / 20 && sum.out > seeds, "{sum:?}");
    assert!(sum.anew > seeds / 20 && sum.late > seeds / 200 && sum.told > seeds / 20, "{sum:?}");
}

/// Files from before are sealed, and later wrapped under another key, with the power cut or the program killed before any call, again and
/// again: at every moment each file is there and reads.
#[test]
fn an_archive_is_sealed_and_wrapped_anew_whatever_stops_it() {
    use claimloop::archive::{Archive, Outcome};
    use claimloop::world::{Fs, World};
    use disk::{Fault, SimulatedDisk};
    use run::keyring;

    let texts: Vec<Vec<u8>> = (0..3).map(|n| vec![b'A' + n; 70_000 * usize::from(n) + 10]).collect();
    for fault in [Fault::Cut, Fault::Kill, Fault::Refused { errno: 28, calls: 2 }] {
        for calls in 0.. {
            let disk = SimulatedDisk::new(calls);
            let fs = || std::sync::Arc::new(disk.clone());
            let with = |keys: Option<&[&str]>| World { fs: fs(), keys: keys.map(keyring), ..World::real() };
            let archive = |keys| Archive::open(&with(keys), "archive".into()).unwrap();
            let all_read = |keys| {
                disk.calmly(|_| {
                    let archive = archive(keys);
                    archive.opens().unwrap();
                    for (name, text) in &names(&texts) {
                        assert!(archive.read(name).unwrap() == **text, "{fault:?} after {calls} calls");
                    }
                });
            };
            let plain = archive(None);
            texts.iter().for_each(|text| drop(plain.put("x", |out| out.write_all(text)).unwrap()));
            let upkeep = |keys: &[&str], seals: bool| -> Result<(), claimloop::archive::Error> {
                let archive = Archive::open(&with(Some(keys)), "archive".into())?;
                archive.sweep()?;
                archive.admit()?;
                let mut files = Vec::new();
                archive.each(&mut |kept| {
                    if kept.sealed != seals {
                        files.push(kept.sha256);
                    }
                    Ok(())
                })?;
                for name in files {
                    let done = if seals { archive.seal(&name)? } else { archive.rewrap(&name)? };
                    assert!(matches!(done, Outcome::Done | Outcome::Before));
                }
                archive.forget_keys().map(drop)
            };
            disk.plan(calls, fault);
            let mut stopped = 0;
            for (keys, seals) in [(&["old"][..], true), (&["new", "old"][..], false)] {
                while upkeep(keys, seals).is_err() {
                    stopped += 1;
                    if disk.is_off() {
                        disk.cut();
                        disk.power_on();
                    }
                    all_read(Some(keys));
                }
                all_read(Some(keys));
            }
            disk.mend();
            // The old key is needed no more; nothing lies plain.
            all_read(Some(&["new"]));
            archive(Some(&["new"]))
                .each(&mut |kept| {
                    assert!(kept.sealed);
                    Ok(())
                })
                .unwrap();
            assert!(archive(None).opens().is_err() && archive(Some(&["old"])).opens().is_err());
            let left = fs().list("archive".as_ref()).unwrap();
            assert!(left.iter().all(|l| !l.path.to_string_lossy().ends_with(".tmp")), "{left:?}");
            if stopped == 0 {
                assert!(calls > 40, "every call was one that failed");
                break;
            }
        }
    }
}

/// Hex SHA-256 of texts.
fn names(texts: &[Vec<u8>]) -> Vec<(String, &Vec<u8>)> {
    texts.iter().map(|text| (claimloop::archive::digest(text.as_slice()).unwrap().0, text)).collect()
}

/// A journal that could not be written goes on by itself; one that could not be synced does not.
#[test]
fn a_journal_goes_on_after_a_refused_write_and_not_after_a_failed_sync() {
    use claimloop::journal::{Error, Journal, Record, Settings};
    use claimloop::world::World;
    use disk::{Fault, SimulatedDisk};

    let done = |n: u32| vec![Record::Done { file: format!("FILE{n}") }];
    let read = |world: &World| {
        let mut all = Vec::new();
        let journal =
            Journal::open(world, "journal".as_ref(), Settings::default(), &mut |e| all.push(e.record))
                .unwrap();
        drop(journal);
        all
    };
    for (calls, errno, goes_on) in [(1, 28, true), (1, 30, true), (2, 5, false)] {
        let disk = SimulatedDisk::new(calls);
        let world = World { fs: std::sync::Arc::new(disk.clone()), ..World::real() };
        let journal = Journal::open(&world, "journal".as_ref(), Settings::default(), &mut |_| {}).unwrap();
        journal.append(done(1)).unwrap();
        disk.plan(calls, Fault::Refused { errno, calls: 3 });
        let refused = journal.append(done(2)).unwrap_err();
        assert_eq!(matches!(refused, Error::NotWritten { .. }), goes_on, "{refused}");
        disk.mend();
        let next = journal.append(done(3));
        drop(journal);
        if goes_on {
            // Number 2 was never given.
            assert_eq!(next.unwrap()[0].seq, 2);
            assert_eq!(read(&world), [done(1), done(3)].concat());
        } else {
            assert!(matches!(next, Err(Error::Poisoned { .. })));
            assert_eq!(read(&world)[0], done(1)[0]);
        }
    }
}
