//! Who comes while others are being synced shares the next sync.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};

use super::super::writer::Pause;
use super::*;

#[test]
fn appends_that_come_together_share_a_sync() {
    const THREADS: u32 = 16;
    let folder = tempfile::tempdir().unwrap();
    let (journal, _) = open(folder.path()).unwrap();
    // The first sync waits until everybody else has come.
    let first = AtomicBool::new(true);
    *journal.pause.lock().unwrap() = Some(Pause(Box::new(move |waiting| {
        if first.swap(false, Ordering::SeqCst) {
            while waiting() < u64::from(THREADS) {
                std::thread::yield_now();
            }
        }
    })));
    let (journal, start) = (Arc::new(journal), Arc::new(Barrier::new(THREADS as usize)));
    let threads: Vec<_> = (0..THREADS)
        .map(|n| {
            let (journal, start) = (Arc::clone(&journal), Arc::clone(&start));
            std::thread::spawn(move || {
                start.wait();
                journal.append(vec![done(n)]).unwrap().remove(0).seq
            })
        })
        .collect();
    let mut seqs: Vec<u64> = threads.into_iter().map(|t| t.join().unwrap()).collect();
    seqs.sort_unstable();
    assert_eq!(seqs, (1..=u64::from(THREADS)).collect::<Vec<_>>());
    assert_eq!(journal.syncs(), 2, "one for the first, one for the fifteen that came meanwhile");
    drop(journal);
    assert_eq!(open(folder.path()).unwrap().1.len(), THREADS as usize);
}

#[test]
fn many_threads_over_many_segments() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _) = open_with(folder.path(), Settings { segment_bytes: 700 }).unwrap();
    let journal = Arc::new(journal);
    let threads: Vec<_> = (0..4_u32)
        .map(|t| {
            let journal = Arc::clone(&journal);
            std::thread::spawn(move || {
                for n in 0..20 {
                    journal.append(vec![done(t * 100 + n), done(t * 100 + n)]).unwrap();
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|t| t.join().unwrap());
    drop(journal);
    let (_, entries) = open(folder.path()).unwrap();
    assert_eq!(entries.len(), 160);
    assert!(entries.chunks(2).all(|pair| pair[0].record == pair[1].record), "batches stay together");
}
