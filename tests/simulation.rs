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
    assert!(sum.anew > seeds / 20 && sum.late > seeds / 200, "{sum:?}");
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
