//! What must hold at the end of a run, whatever happened in it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use claimloop::acks::Answers;
use claimloop::acks::read::{Answer, read};
use claimloop::archive::Archive;
use claimloop::daemon::{Daemon, Indexed, State};
use claimloop::edits::Tolerances;
use claimloop::history;
use claimloop::holds::{self, Status};
use claimloop::journal::Position;
use claimloop::reconcile::{Evidence, Story, reconcile};
use claimloop::scrub::partition::reads_back;
use claimloop::scrub::{Source, Verdict};
use claimloop::store::MemoryEngine;
use claimloop::world::{is_there, read_all};

use jiff::SignedDuration;

use super::disk::SimulatedDisk;
use super::run::{Run, clm01};

/// The charge of the lines of the claim that is one dollar off.
pub const LINES: &str = "125";

struct Folders(Archive, SimulatedDisk);

impl Evidence for Folders {
    fn verdicts(&self, report: &str) -> io::Result<Box<dyn Iterator<Item = io::Result<Verdict>> + '_>> {
        Ok(Box::new(history::verdicts(&self.0, report)?))
    }

    fn verdict(&self, sha256: &str) -> io::Result<Verdict> {
        Ok(serde_json::from_slice(&self.0.read(sha256)?)?)
    }

    fn bytes(&self, sha256: &str) -> io::Result<Option<Box<dyn Source>>> {
        Ok(self.0.has(sha256)?.then(|| Box::new(self.0.source(sha256)) as Box<dyn Source>))
    }

    fn is_sound(&self, sha256: &str) -> io::Result<bool> {
        self.0.is_sound(sha256)
    }

    fn is_in_spool(&self, file: &str) -> io::Result<bool> {
        is_there(&self.1, &Path::new("state/spool").join(file).join("raw"))
    }
}

pub fn all(run: &mut Run, daemon: &Daemon) {
    claims_are_somewhere_once(run, daemon);
    senders_are_told_once(run, daemon);
    inbound_files_are_delivered_once(run);
    the_story_adds_up(run, daemon);
    the_index_is_what_the_journal_says(run, daemon);
    nothing_is_left_behind(run);
}

/// I1, I2, I3.
fn claims_are_somewhere_once(run: &mut Run, daemon: &Daemon) {
    let mut out: BTreeMap<String, u64> = BTreeMap::new();
    for (folder, path, bytes) in &run.fetched {
        assert_eq!(folder, "clean");
        let claims = clm01(&String::from_utf8_lossy(bytes));
        let wanted = claims.len() as u64;
        assert!(
            reads_back(bytes, wanted, Tolerances::default()).unwrap(),
            "{} doesn't read back",
            path.display()
        );
        claims.into_iter().for_each(|claim| *out.entry(claim).or_default() += 1);
    }
    let store = daemon.state.store().unwrap();
    let mut held: BTreeMap<String, Vec<Status>> = BTreeMap::new();
    for hold in holds::list(&store, true).unwrap() {
        held.entry(hold.claim.expose().clone()).or_default().push(hold.status);
    }
    for (claim, clean) in &run.planted.claims {
        let times = out.remove(claim).unwrap_or(0);
        let holds = held.remove(claim).unwrap_or_default();
        match (clean, times, holds.as_slice()) {
            (true, 1, []) => run.tally.out += 1,
            (false, 0, [Status::Open]) => run.tally.held += 1,
            (false, 0, [Status::Voided]) if run.voided.contains(claim) => {}
            (false, 1, [Status::Sent]) => run.tally.released += 1,
            found => {
                let of = holds::list(&store, true).unwrap().into_iter().find(|h| h.claim.expose() == claim);
                panic!("claim {claim} (clean, out, holds): {found:?}, {:?}", of.map(|h| h.findings))
            }
        }
    }
    for (claim, anew) in &run.planted.bad {
        let times = out.remove(claim).unwrap_or(0);
        let holds = held.remove(claim).unwrap_or_default();
        match (anew, times, holds.as_slice()) {
            (true, 1, [Status::Replaced]) => run.tally.anew += 1,
            (false, 0, [Status::Open]) => run.tally.held += 1,
            found => panic!("claim {claim} (sent anew, out, holds): {found:?}"),
        }
    }
    for claim in &run.planted.late.clone() {
        let back = run.rejected().iter().filter(|text| text.contains(&format!("CLM*{claim}*"))).count();
        let holds = held.remove(claim).unwrap_or_default();
        match (out.remove(claim).unwrap_or(0), back, holds.as_slice()) {
            (1, 0, [] | [Status::Sent]) => run.tally.out += 1,
            // In one file with a claim that says the same, it is held.
            (0, 0, [Status::Open]) => run.tally.held += 1,
            (0, 0, [Status::Voided]) if run.voided.contains(claim) => {}
            (0, 1.., []) => run.tally.late += 1,
            found => panic!("claim {claim}, written on (out, handed back, holds): {found:?}"),
        }
    }
    assert!(out.is_empty() && held.is_empty(), "nobody sent {out:?} {held:?}");
}

/// Every claim is answered at most once, with the set it came in: when all of it that was held is decided of, or waited long enough.
fn senders_are_told_once(run: &mut Run, daemon: &Daemon) {
    let mut told: BTreeMap<String, u64> = BTreeMap::new();
    for bytes in run.acks() {
        let mut each = |answer| {
            if let Answer::Claim(claim) = answer {
                *told.entry(claim.claim).or_default() += 1;
            }
        };
        read(bytes.as_slice(), &mut each).unwrap();
    }
    // One that was sent anew came twice, and each is answered.
    let most = |claim: &String| 1 + u64::from(run.planted.bad.get(claim) == Some(&true));
    assert!(told.iter().all(|(claim, times)| *times <= most(claim)), "{told:?}");
    let store = daemon.state.store().unwrap();
    if run.config.acks == Answers::All {
        let waits_long = run.config.answer_within > SignedDuration::from_hours(1);
        let own =
            |claim: &String| run.planted.claims.contains_key(claim) || run.planted.bad.contains_key(claim);
        for hold in holds::list(&store, true).unwrap().into_iter().filter(|h| own(h.claim.expose())) {
            let claim = hold.claim.expose();
            let ended = !matches!(hold.status, Status::Open | Status::Leaving);
            let here = told.contains_key(claim);
            assert!(here || !ended, "claim {claim} was decided of, and nobody was told");
            assert!(!here || ended || !waits_long, "claim {claim} was told of while it was held");
            run.tally.told += u64::from(here);
        }
    }
}

fn inbound_files_are_delivered_once(run: &Run) {
    let mut delivered: Vec<Vec<u8>> = run.disk.calmly(|fs| {
        let files = fs.list(Path::new("spool/delivered")).unwrap();
        let shown = files.iter().filter(|l| !l.path.ends_with(".tmp"));
        shown.map(|l| read_all(fs, &l.path).unwrap()).collect()
    });
    let mut wanted = run.planted.inbound.clone();
    delivered.sort();
    wanted.sort();
    assert_eq!(delivered, wanted, "inbound files");
}

/// I4: the journal was opened, its chain checked, by the last start; and journal and archive add up.
fn the_story_adds_up(run: &Run, daemon: &Daemon) {
    let mut story = Story::default();
    let end = daemon
        .state
        .tail(Position::START, &mut |_, entry| {
            story.add(&entry.record);
            Ok(())
        })
        .unwrap();
    assert!(end > Position::START || run.planted.claims.is_empty());
    let archive = Archive::open(&run.world(), PathBuf::from("state/archive")).unwrap();
    let sums = reconcile(story, &Folders(archive, run.disk.clone())).unwrap();
    assert!(sums.differences.is_empty(), "{:?}", sums.differences);
    let late = run.planted.late.len() as u64 - run.tally.late;
    let planted = (run.planted.claims.len() + run.planted.bad.len()) as u64 + run.tally.anew + late;
    assert_eq!(sums.r#in.claims, planted);
    // An original that was written on may be taken twice; neither is worked.
    assert!(sums.files.duplicates >= run.planted.duplicates);
}

/// I5; and I7: opened again, nothing is left to do.
fn the_index_is_what_the_journal_says(run: &Run, daemon: &Daemon) {
    let raw = |state: &State| {
        let mut all = BTreeMap::new();
        let mut keep = |key: &[u8], value: &[u8]| drop(all.insert(key.to_vec(), value.to_vec()));
        state.store().unwrap().raw(&mut keep).unwrap();
        all
    };
    let live = raw(&daemon.state);
    let indexed = Indexed { engines: Box::new(MemoryEngine::default()), background: false, texts: None };
    let again = State::open_in(run.world(), &run.config.state, run.config.journal, indexed).unwrap();
    assert!(live == raw(&again), "the index differs from the one folded anew");
    assert!(again.open_files().is_empty() && again.leaving().is_empty());
}

fn nothing_is_left_behind(run: &Run) {
    for folder in
        ["spool/clean/.tmp", "spool/acks/.tmp", "spool/delivered/.tmp", "spool/rejected/.tmp", "state/spool"]
    {
        let left = run.disk.calmly(|fs| fs.list(Path::new(folder)).unwrap_or_default());
        assert!(left.is_empty(), "left behind: {left:?}");
    }
}
