//! kill -9 of the daemon at random moments while 200 files are dropped: after restarts every claim is out once or held
//! once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod site;

use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::Duration;

use site::{Site, claims, sample};

const FILES: usize = 200;
const KILLS: usize = 10;

/// A file of three claims, the second one dollar off, with ids and control numbers of its own.
fn file(n: usize) -> Vec<u8> {
    let text = String::from_utf8(sample("837p-three-claims-one-off.edi")).unwrap();
    text.replace("CLAIM-ONE", &format!("F{n}-ONE"))
        .replace("CLAIM-TWO", &format!("F{n}-TWO"))
        .replace("CLAIM-THREE", &format!("F{n}-THREE"))
        .into_bytes()
}

/// A small generator with a seed that is printed, so that a failure can be run again.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

#[test]
fn every_claim_is_out_once_or_held_once() {
    let seed = std::env::var("KILL_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or_else(|| {
        u64::from(std::process::id()) << 20
            | u64::from(
                std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().subsec_micros(),
            )
    });
    println!("KILL_SEED={seed}");
    let mut random = Random(seed | 1);
    let site = Site::quick();
    let (mut dropped, mut interrupted) = (0, 0);
    for _ in 0..KILLS {
        // Only the drops before and while it runs; it is killed wherever it happens to be, starting up included.
        let mut daemon = site.start();
        let batch = FILES / KILLS;
        for _ in 0..batch {
            site.drop_file("outbound", &format!("f{dropped}.edi"), &file(dropped));
            dropped += 1;
            sleep(Duration::from_millis(random.below(8)));
        }
        sleep(Duration::from_millis(random.below(120)));
        daemon.0.kill().unwrap();
        daemon.0.wait().unwrap();
        interrupted += usize::from(!site.settled());
    }
    assert_eq!(dropped, FILES);
    assert!(interrupted > KILLS / 3, "only {interrupted} kills left work to recover");
    let daemon = site.start_and_wait();
    site.until("everything is done", || site.settled());
    assert_eq!(daemon.stop(), Some(0));

    let mut out: BTreeMap<String, usize> = BTreeMap::new();
    for (_, bytes) in site.published("clean") {
        claims(&bytes).into_iter().for_each(|c| *out.entry(c).or_default() += 1);
    }
    let mut held: BTreeMap<String, usize> = BTreeMap::new();
    for claim in site.held().as_array().unwrap() {
        *held.entry(claim["claim"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    let rejected = site.published("rejected");
    assert!(rejected.is_empty(), "KILL_SEED={seed}: {:?}", rejected.iter().map(|r| &r.0).collect::<Vec<_>>());
    for n in 0..FILES {
        for (claim, place, other) in [("ONE", &out, &held), ("TWO", &held, &out), ("THREE", &out, &held)] {
            let id = format!("F{n}-{claim}");
            assert_eq!((place.get(&id), other.get(&id)), (Some(&1), None), "KILL_SEED={seed}: claim {id}");
        }
    }
    assert_eq!((out.len(), held.len()), (2 * FILES, FILES));
    println!(
        "{FILES} files, {} claims out, {} held, {KILLS} kills: lost 0, doubled 0",
        out.len(),
        held.len()
    );
}
