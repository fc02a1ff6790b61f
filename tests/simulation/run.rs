//! One run: a world, what happens in it, and the end.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use claimloop::acks::Answers;
use claimloop::config::Config;
use claimloop::daemon::control::Answer;
use claimloop::daemon::desk::Decide;
use claimloop::daemon::{Daemon, Idle, InForce, Indexed, Options};
use claimloop::edits::EditSet;
use claimloop::holds;
use claimloop::imports::Folders;
use claimloop::seal::Keyring;
use claimloop::store::MemoryEngine;
use claimloop::world::{Clock, Fs, World, is_there, make_folders, read_all};
use jiff::{SignedDuration, Timestamp};

use super::chance::Chance;
use super::check;
use super::disk::{Fault, SimulatedDisk};

static EDITS: LazyLock<Arc<EditSet>> = LazyLock::new(|| Arc::new(EditSet::shipped().unwrap()));
static THREE: LazyLock<String> = LazyLock::new(|| sample("837p-three-claims-one-off.edi"));
static ONE: LazyLock<String> = LazyLock::new(|| sample("837p-clean.edi"));
static BAD: LazyLock<String> = LazyLock::new(|| sample("837p-npi-check-digit.edi"));
static ANSWER: LazyLock<String> = LazyLock::new(|| sample("835-denies-claim-one.edi"));

/// A site's keys: the first in use, an older one, and the one for the index.
pub static KEYS: LazyLock<Arc<Keyring>> = LazyLock::new(|| keyring(&["new", "old"]));

/// Made-up keys of these names.
pub fn keyring(names: &[&str]) -> Arc<Keyring> {
    let key = |name: &str| {
        name.bytes().cycle().zip(0..32).map(|(b, n)| format!("{:02x}", b ^ n)).collect::<String>()
    };
    let lines: Vec<String> =
        names.iter().chain(&["index"]).map(|name| format!("{name} {}", key(name))).collect();
    Arc::new(Keyring::from_text(&lines.join("\n")).unwrap())
}

fn sample(name: &str) -> String {
    std::fs::read_to_string(Path::new("samples").join(name)).unwrap()
}

/// How often what happened.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub files: u64,
    pub out: u64,
    pub held: u64,
    pub released: u64,
    pub anew: u64,
    pub told: u64,
    pub late: u64,
    pub cuts: u64,
    pub refused: u64,
    pub restarts: u64,
    pub calls: u64,
}

impl Tally {
    pub fn add(&mut self, other: &Tally) {
        self.files += other.files;
        self.out += other.out;
        self.held += other.held;
        self.released += other.released;
        self.anew += other.anew;
        self.told += other.told;
        self.late += other.late;
        self.cuts += other.cuts;
        self.refused += other.refused;
        self.restarts += other.restarts;
        self.calls += other.calls;
    }
}

#[derive(Debug)]
struct SimulatedClock(Mutex<(Duration, Chance)>);

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        let since = self.0.lock().unwrap().0;
        Timestamp::from_second(1_795_000_000).unwrap() + since
    }

    fn steady(&self) -> Duration {
        self.0.lock().unwrap().0
    }

    fn random(&self) -> u128 {
        let mut inner = self.0.lock().unwrap();
        u128::from(inner.1.next()) << 64 | u128::from(inner.1.next())
    }
}

impl SimulatedClock {
    fn pass(&self, time: Duration) {
        self.0.lock().unwrap().0 += time;
    }
}

/// What was dropped, and must be somewhere.
#[derive(Debug, Default)]
pub struct Planted {
    /// Claims by CLM01, and whether they are clean.
    pub claims: BTreeMap<String, bool>,
    /// Claims whose sender wrote on in a file it had given up: out, held, or handed back with what was there before.
    pub late: BTreeSet<String>,
    /// Claims that were held for something in them; and those of them that were sent anew.
    pub bad: BTreeMap<String, bool>,
    /// Inbound files.
    pub inbound: Vec<Vec<u8>>,
    /// Files dropped a second time.
    pub duplicates: u64,
}

pub struct Run {
    seed: u64,
    loud: bool,
    pub chance: Chance,
    pub disk: SimulatedDisk,
    clock: Arc<SimulatedClock>,
    pub config: Arc<Config>,
    pub engine: MemoryEngine,
    /// Of one site in eight.
    keys: Option<Arc<Keyring>>,
    pub planted: Planted,
    /// Names and bytes that receivers took, by folder.
    pub fetched: Vec<(String, PathBuf, Vec<u8>)>,
    /// Claims that somebody decided to void.
    pub voided: Vec<String>,
    dropped: Vec<Vec<u8>>,
    /// The last file of claims, kept open by its sender.
    open: Option<u64>,
    pub tally: Tally,
}

impl Run {
    pub fn new(seed: u64, loud: bool) -> Run {
        let mut chance = Chance::new(seed.wrapping_mul(0x2545_F491_4F6C_DD1D) ^ 0x5DEE_CE66);
        let text = "[state]\ndir = \"state\"\njournal_segment = 3000\n[intake]\nsettle = \"0s\"\nincomplete_after = \"0s\"\n[[channel]]\nname = \"main\"\n";
        let mut config = Config::parse(text).unwrap();
        config.site = Folders::default();
        if chance.one_in(2) {
            config.low_water = 0;
        }
        // Drawn by the seed alone, so that all else stays as it was.
        if seed.is_multiple_of(2) {
            config.acks = Answers::All;
        }
        if seed.is_multiple_of(6) {
            config.answer_within = SignedDuration::from_secs(90);
        }
        let apart = chance.one_in(4);
        let (disk, clock) = (SimulatedDisk::new(chance.next()), (Duration::ZERO, Chance::new(chance.next())));
        if apart {
            disk.set_apart();
        }
        Run {
            seed,
            loud,
            disk,
            clock: Arc::new(SimulatedClock(Mutex::new(clock))),
            config: Arc::new(config),
            engine: MemoryEngine::default(),
            keys: seed.is_multiple_of(8).then(|| Arc::clone(&KEYS)),
            planted: Planted::default(),
            fetched: Vec::new(),
            voided: Vec::new(),
            dropped: Vec::new(),
            open: None,
            tally: Tally::default(),
            chance,
        }
    }

    pub fn say(&self, what: impl FnOnce() -> String) {
        if self.loud {
            println!("[{} calls] {}", self.disk.calls(), what());
        }
    }

    pub fn world(&self) -> World {
        World {
            fs: Arc::new(self.disk.clone()),
            clock: Arc::clone(&self.clock) as _,
            keys: self.keys.clone(),
        }
    }

    /// Things happen; then nothing goes wrong any more, and all must come to its end.
    pub fn go(mut self) -> Tally {
        for folder in ["spool/outbound", "spool/inbound", "spool/clean", "spool/delivered", "spool/acks"] {
            self.disk.calmly(|fs| self.make_durable(fs, Path::new(folder)));
        }
        let mut daemon = None;
        for _ in 0..self.chance.between(6, 30) {
            self.happen(&mut daemon);
        }
        self.say(|| "from here on nothing goes wrong".to_owned());
        self.disk.mend();
        for round in 0.. {
            assert!(round < 60, "seed {}: the work does not come to its end", self.seed);
            if self.round(&mut daemon) == Some(true) && self.is_settled(daemon.as_ref()) {
                break;
            }
            self.clock.pass(Duration::from_secs(61));
        }
        self.fetch("clean");
        let daemon = daemon.unwrap();
        check::all(&mut self, &daemon);
        self.tally.calls = self.disk.calls();
        self.tally
    }

    fn make_durable(&self, fs: &dyn Fs, folder: &Path) {
        make_folders(fs, folder).unwrap();
    }

    fn happen(&mut self, daemon: &mut Option<Daemon>) {
        match self.chance.below(17) {
            0..=2 => self.drop_claims(),
            3 => self.drop_answer(),
            4 => self.drop_again(),
            5 | 6 => self.plan(),
            7 | 8 => self.decide(daemon),
            13 => self.drop_bad(),
            14 => self.drop_anew(daemon),
            15 => self.write_on(),
            9 => self.fetch("clean"),
            10 => self.clock.pass(Duration::from_secs(self.chance.below(100))),
            _ => {}
        }
        self.round(daemon);
    }

    /// A file of claims, whose sender syncs it before it shows it.
    fn drop_claims(&mut self) {
        let n = self.tally.files;
        let one = self.chance.one_in(3);
        let text = if one { ONE.clone() } else { THREE.clone() };
        let number = text[90..99].to_owned();
        let mut text = text.replace(&number, &format!("{:09}", 1000 + n));
        let ids: Vec<(String, bool)> = if one {
            let was = clm01(&text).remove(0);
            let id = format!("S{n}-ONLY");
            text = text.replace(&format!("CLM*{was}*"), &format!("CLM*{id}*"));
            vec![(id, true)]
        } else {
            ["ONE", "TWO", "THREE"]
                .map(|claim| {
                    let id = format!("S{n}-{claim}");
                    text = text.replace(&format!("CLAIM-{claim}"), &id);
                    (id, claim != "TWO")
                })
                .to_vec()
        };
        self.planted.claims.extend(ids);
        self.drop("outbound", text.into_bytes());
    }

    /// A file with a claim that is held for something in it.
    fn drop_bad(&mut self) {
        let id = format!("S{}-BAD", self.tally.files);
        let text = self.numbered(&BAD, &id);
        self.planted.bad.insert(id, false);
        self.drop("outbound", text.into_bytes());
    }

    /// The practice puts a held claim right and sends it anew.
    fn drop_anew(&mut self, daemon: &Option<Daemon>) {
        let Some(store) = daemon.as_ref().and_then(|d| d.state.store().ok()) else { return };
        let Ok(held) = holds::list(&store, false) else { return };
        let waiting = |h: &&holds::HeldClaim| self.planted.bad.get(h.claim.expose()) == Some(&false);
        let Some(claim) = held.iter().find(waiting).map(|h| h.claim.expose().clone()) else { return };
        let text = self.numbered(&ONE, &claim);
        self.planted.bad.insert(claim, true);
        self.drop("outbound", text.into_bytes());
    }

    /// The sender of the last file writes another interchange behind what it had written.
    fn write_on(&mut self) {
        let Some(handle) = self.open.take() else { return };
        let id = format!("S{}-LATE", self.tally.files);
        let text = self.numbered(&ONE, &id);
        self.tally.files += 1;
        if self.disk.write_on(handle, text.as_bytes()) {
            self.say(|| format!("the sender writes on: {id}"));
            self.planted.late.insert(id);
            // What it was before came never: dropped again it would be claims that were sent before.
            self.dropped.pop();
        }
    }

    /// A sample with one claim, under numbers of its own.
    fn numbered(&self, text: &str, id: &str) -> String {
        let (was, number) = (clm01(text).remove(0), text[90..99].to_owned());
        let text = text.replace(&number, &format!("{:09}", 1000 + self.tally.files));
        text.replace(&format!("CLM*{was}*"), &format!("CLM*{id}*"))
    }

    fn drop_answer(&mut self) {
        let n = self.tally.files;
        let text = ANSWER.replace("CLAIM-ONE", &format!("S{n}-PAID")).into_bytes();
        self.planted.inbound.push(text.clone());
        self.drop("inbound", text);
    }

    fn drop_again(&mut self) {
        if self.dropped.is_empty() {
            return;
        }
        let which = self.chance.below(self.dropped.len() as u64) as usize;
        let bytes = self.dropped[which].clone();
        self.planted.duplicates += 1;
        self.drop("outbound", bytes);
        self.open = None;
    }

    fn drop(&mut self, folder: &str, bytes: Vec<u8>) {
        let n = self.tally.files;
        self.tally.files += 1;
        self.say(|| format!("a sender drops file {n} into {folder}"));
        let folder = Path::new("spool").join(folder);
        if folder.ends_with("outbound") {
            self.dropped.push(bytes.clone());
        }
        self.disk.calmly(|fs| {
            let (hidden, name) = (folder.join(format!(".f{n}")), folder.join(format!("f{n}.edi")));
            let mut file = fs.create(&hidden).unwrap();
            file.write_all(&bytes).unwrap();
            file.sync().unwrap();
            fs.rename(&hidden, &name).unwrap();
            fs.sync_folder(&folder).unwrap();
        });
        if folder.ends_with("outbound") {
            self.open = self.disk.handle(&folder.join(format!("f{n}.edi")));
        }
    }

    /// Something will go wrong.
    fn plan(&mut self) {
        let calls = match self.chance.below(3) {
            0 => self.chance.between(1, 12),
            1 => self.chance.between(1, 60),
            _ => self.chance.between(1, 250),
        };
        let fault = if self.chance.one_in(2) {
            self.tally.cuts += 1;
            if self.chance.one_in(3) { Fault::Kill } else { Fault::Cut }
        } else {
            self.tally.refused += 1;
            // EIO, ENOSPC, EROFS, EACCES: once or for a while.
            let errno = [5, 28, 30, 13][self.chance.below(4) as usize];
            let calls = if self.chance.one_in(2) { 1 } else { self.chance.between(2, 60) };
            Fault::Refused { errno, calls }
        };
        self.say(|| format!("after {calls} calls: {fault:?}"));
        if self.chance.one_in(8) {
            let room = self.chance.below(4000);
            self.say(|| format!("the disk has room for {room} bytes"));
            self.disk.fill(room);
        }
        self.disk.plan(calls, fault);
    }

    /// A person decides of a held claim.
    fn decide(&mut self, daemon: &mut Option<Daemon>) {
        let Some(now) = daemon.as_ref().filter(|_| !self.disk.is_off()) else { return };
        let Ok(store) = now.state.store() else { return };
        let Ok(held) = holds::list(&store, false) else { return };
        if held.is_empty() {
            return;
        }
        let hold = &held[self.chance.below(held.len() as u64) as usize];
        if self.planted.bad.contains_key(hold.claim.expose()) {
            return;
        }
        let corrected = hold.corrections.is_some();
        let asked = match self.chance.below(5) {
            0..=2 if !corrected => {
                Decide::Fix { changes: vec![("2300/CLM02".to_owned(), check::LINES.to_owned())] }
            }
            0..=3 => Decide::Release { reason: "corrected".to_owned() },
            _ => Decide::Void { reason: "sent on paper".to_owned() },
        };
        let version = self.chance.one_in(2).then_some(hold.version);
        let answer =
            catch_unwind(AssertUnwindSafe(|| now.desk.decide(&hold.id, version, &asked, "uid 1".into())));
        let said = match &answer {
            Ok(Ok(Answer::Ok(_))) => "done",
            Ok(Ok(Answer::Refused(_))) => "refused",
            Ok(Err(_)) => "failed",
            Err(_) => "panicked",
        };
        self.say(|| format!("{asked:?} of {}: {said}", hold.claim.expose()));
        assert!(answer.is_ok(), "seed {}: a decision panicked", self.seed);
        // A failed one may have been journalled all the same: the end says.
        if matches!(asked, Decide::Void { .. }) && said != "refused" {
            self.voided.push(hold.claim.expose().clone());
        }
        let fatal = matches!(&answer, Ok(Err(error)) if !error.retry());
        if self.disk.is_off() || fatal {
            self.restart(daemon);
        }
    }

    /// A receiver takes what lies in a folder, durably, and remembers it.
    fn fetch(&mut self, folder: &str) {
        if self.disk.is_off() {
            return;
        }
        let path = Path::new("spool").join(folder);
        let taken: Vec<(PathBuf, Vec<u8>)> = self.disk.calmly(|fs| {
            let files = fs.list(&path).unwrap_or_default();
            let shown = |p: &Path| !p.file_name().unwrap().to_string_lossy().starts_with('.');
            let taken = files
                .into_iter()
                .filter(|l| shown(&l.path))
                .map(|listed| {
                    let bytes = read_all(fs, &listed.path).unwrap();
                    fs.remove(&listed.path).unwrap();
                    (listed.path, bytes)
                })
                .collect();
            if is_there(fs, &path).unwrap() {
                fs.sync_folder(&path).unwrap();
            }
            taken
        });
        if !taken.is_empty() {
            self.say(|| format!("a receiver takes {} files from {folder}", taken.len()));
        }
        self.fetched.extend(taken.into_iter().map(|(path, bytes)| (folder.to_owned(), path, bytes)));
    }

    /// One round; true when nothing was left to do, none when the daemon is not there.
    fn round(&mut self, daemon: &mut Option<Daemon>) -> Option<bool> {
        if self.disk.is_off() {
            self.restart(daemon);
        }
        if daemon.is_none() {
            self.start(daemon);
        }
        let now = daemon.as_mut()?;
        let outcome = catch_unwind(AssertUnwindSafe(|| now.round()));
        let Ok(outcome) = outcome else { panic!("seed {}: a round panicked", self.seed) };
        match outcome {
            _ if self.disk.is_off() => {
                self.restart(daemon);
                None
            }
            Ok(idle) => Some(idle == Idle::Nothing && now.stuck() == 0),
            Err(error) => {
                self.say(|| format!("the daemon stops: {}", claimloop::events::chain(&error)));
                // The service manager starts it again; the machine was never off.
                self.tally.restarts += 1;
                *daemon = None;
                None
            }
        }
    }

    fn start(&mut self, daemon: &mut Option<Daemon>) {
        let options = Options { once: false, threads: 1 };
        let ending = Arc::new(AtomicBool::new(false));
        let indexed = Indexed { engines: Box::new(self.engine.clone()), background: false, texts: None };
        let edits = InForce::fixed(&EDITS);
        let config = Arc::clone(&self.config);
        let world = self.world();
        let started = catch_unwind(AssertUnwindSafe(|| {
            Daemon::start_in(world, config, (options, ending), edits, indexed)
        }));
        match started {
            Err(_) => panic!("seed {}: the start panicked", self.seed),
            Ok(Ok(started)) => *daemon = Some(started),
            Ok(Err(error)) => {
                self.say(|| format!("the daemon does not start: {}", claimloop::events::chain(&error)));
                self.tally.restarts += 1;
            }
        }
    }

    /// The power goes and comes back.
    fn restart(&mut self, daemon: &mut Option<Daemon>) {
        self.disk.cut();
        *daemon = None;
        self.disk.power_on();
        // The index forgets what it did not flush, or everything, or nothing.
        match self.chance.below(4) {
            0 => self.engine = MemoryEngine::default(),
            1 => {}
            _ => self.engine.crash(),
        }
        self.tally.restarts += 1;
        self.say(|| "the power is back".to_owned());
    }

    /// What lies in the rejected folder.
    pub fn rejected(&self) -> Vec<String> {
        self.disk.calmly(|fs| {
            let files = fs.list(Path::new("spool/rejected")).unwrap_or_default();
            let shown = files.iter().filter(|l| !l.path.ends_with(".tmp"));
            shown.map(|l| String::from_utf8_lossy(&read_all(fs, &l.path).unwrap()).into_owned()).collect()
        })
    }

    /// What senders were answered.
    pub fn acks(&self) -> Vec<Vec<u8>> {
        self.disk.calmly(|fs| {
            let files = fs.list(Path::new("spool/acks")).unwrap_or_default();
            let answers = files.iter().filter(|l| l.path.extension().is_some_and(|ending| ending == "edi"));
            answers.map(|l| read_all(fs, &l.path).unwrap()).collect()
        })
    }

    /// True when nothing lies in the drop folders, and no file is open.
    fn is_settled(&self, daemon: Option<&Daemon>) -> bool {
        let empty = |folder: &str| {
            self.disk.calmly(|fs| fs.list(&Path::new("spool").join(folder)).unwrap_or_default().is_empty())
        };
        daemon.is_some_and(|d| d.state.open_files().is_empty()) && empty("outbound") && empty("inbound")
    }
}

/// CLM01 of every claim of a text.
pub fn clm01(text: &str) -> Vec<String> {
    let claims = text.split(['~', '\n']).filter_map(|s| s.trim().strip_prefix("CLM*"));
    claims.map(|s| s.split('*').next().unwrap().to_owned()).collect()
}
