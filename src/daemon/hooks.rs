//! A thread for each webhook tells it of claims that are held, released and sent, in the order of the journal. How far it is stands in a file,
//! written behind each answer: a kill loses nothing, and at most the message in hand is sent twice, under the same id.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::desk::stopping;
use super::error::Error;
use super::state::State;
use crate::config::{Config, Hook, HookEvent};
use crate::events;
use crate::holds::{self, HeldClaim};
use crate::journal::{Decision, Entry, HeldAnswer, Position, Record};
use crate::phi::decode;
use crate::sinks;
use crate::store::Store;
use crate::world::{make_folders, read_all, write_whole};

/// How often it is looked for news.
const LOOK: Duration = Duration::from_secs(1);
/// Longest wait after a failure.
const LONGEST: Duration = Duration::from_secs(3600);
/// Records that are looked at before what they tell is sent.
const AT_ONCE: usize = 500;

/// The threads.
pub struct Hooks {
    state: Arc<State>,
    /// Finish what is due, then end.
    last: Arc<AtomicBool>,
    /// Finish the message in hand, then end.
    ending: Arc<AtomicBool>,
    /// Closed when all have ended.
    ended: mpsc::Receiver<()>,
    patience: Duration,
}

impl Hooks {
    /// Starts a thread for each webhook.
    pub fn start(state: &Arc<State>, config: &Arc<Config>) -> Hooks {
        let (last, ending) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (alive, ended) = mpsc::channel();
        let mut patience = Duration::from_secs(2);
        for hook in &config.hooks {
            patience = patience.max(hook.sink.timeout.saturating_add(Duration::from_secs(2)));
            let teller = Teller {
                state: Arc::clone(state),
                hook: hook.clone(),
                origin: config.web.origin(),
                config: Arc::clone(config),
                last: Arc::clone(&last),
                ending: Arc::clone(&ending),
            };
            let alive = alive.clone();
            let work = move || {
                let _alive = alive;
                if let Err(error) = teller.run() {
                    events::failed("telling a webhook", &error);
                }
            };
            let name = format!("webhook {}", hook.sink.rule.name);
            if let Err(error) = std::thread::Builder::new().name(name).spawn(work) {
                events::failed("starting a webhook", &error);
            }
        }
        Hooks { state: Arc::clone(state), last, ending, ended, patience }
    }

    /// Ends them: behind what is due now where `all` is true, else behind the message in hand. Who hangs longer than a time-out is left behind:
    /// its message is sent again under the same id.
    pub fn end(self, all: bool) {
        let flag = if all { &self.last } else { &self.ending };
        flag.store(true, Ordering::SeqCst);
        self.state.ring();
        let _gone = self.ended.recv_timeout(self.patience);
    }
}

/// How far a webhook is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Mark {
    /// Place in the journal behind which it has been told nothing whole.
    behind: String,
    /// What it was told already of the record behind that place.
    told: usize,
    /// Messages that were set aside after the last attempt.
    #[serde(default)]
    set_aside: u64,
}

/// One message.
struct Told {
    event: HookEvent,
    held: HeldClaim,
    version: u64,
    edits: Vec<String>,
    at: Timestamp,
}

struct Teller {
    state: Arc<State>,
    hook: Hook,
    origin: Option<String>,
    config: Arc<Config>,
    last: Arc<AtomicBool>,
    ending: Arc<AtomicBool>,
}

impl Teller {
    fn run(&self) -> Result<(), Error> {
        let mut mark = self.mark()?;
        loop {
            let found = self.look(&mut mark)?;
            let more = found.len() == AT_ONCE;
            for (position, entry) in found {
                if !self.tell(&mut mark, &entry)? {
                    return Ok(());
                }
                (mark.behind, mark.told) = (position.to_string(), 0);
                self.keep(&mark)?;
            }
            if self.ends() || (self.last.load(Ordering::SeqCst) && !more) {
                return Ok(());
            }
            if !more {
                self.wait(LOOK);
            }
        }
    }

    /// Where it is; a new one begins at what happens from now on.
    fn mark(&self) -> Result<Mark, Error> {
        let (fs, path) = (&*self.state.world.fs, self.path());
        match read_all(fs, &path) {
            Ok(text) => decode(&text).map_err(|bad| Error::io("reading", &path)(bad.into())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let end = self.state.tail(Position::START, &mut |_, _| Ok(()))?;
                let mark = Mark { behind: end.to_string(), ..Mark::default() };
                if let Some(folder) = path.parent() {
                    make_folders(fs, folder).map_err(Error::io("making", folder))?;
                }
                self.keep(&mark)?;
                Ok(mark)
            }
            Err(error) => Err(Error::io("reading", &path)(error)),
        }
    }

    fn keep(&self, mark: &Mark) -> Result<(), Error> {
        let path = self.path();
        let text =
            serde_json::to_vec(mark).map_err(|source| Error::Encode { what: "a webhook's place", source })?;
        write_whole(&*self.state.world.fs, &path, &text, Some(0o600)).map_err(Error::io("writing", &path))
    }

    fn path(&self) -> PathBuf {
        self.config.state.join("webhooks").join(format!("{}.json", self.hook.sink.rule.name))
    }

    /// The next records it may have to be told of.
    fn look(&self, mark: &mut Mark) -> Result<Vec<(Position, Entry)>, Error> {
        let behind: Position = mark.behind.parse().unwrap_or(Position::START);
        let mut found = Vec::new();
        let end = self.state.tail(behind, &mut |position, entry| {
            if found.len() < AT_ONCE && may_tell(&entry.record) {
                found.push((position, entry));
            }
            Ok(())
        })?;
        if found.is_empty() {
            mark.behind = end.to_string();
        }
        Ok(found)
    }

    /// Tells all that a record says; false where it ended meanwhile.
    fn tell(&self, mark: &mut Mark, entry: &Entry) -> Result<bool, Error> {
        let store = loop {
            // What a record says of a claim is in the index once it is folded.
            match self.state.store_soon() {
                Ok(store) if store.applied() >= entry.seq => break store,
                _ if self.ends() => return Ok(false),
                _ => self.wait(Duration::from_millis(100)),
            }
        };
        let messages = messages(&store, entry)?;
        drop(store);
        let skipped = mark.told;
        for message in messages.iter().skip(skipped) {
            if self.hook.events.contains(&message.event) && !self.deliver(mark, message) {
                return Ok(false);
            }
            mark.told += 1;
            self.keep(mark)?;
        }
        Ok(true)
    }

    /// Sends until it is taken, or was tried often enough; false where it ended before.
    fn deliver(&self, mark: &mut Mark, message: &Told) -> bool {
        let rule = &self.hook.sink.rule;
        let mut wait = Duration::try_from(rule.wait).unwrap_or(LONGEST).min(LONGEST);
        for attempt in 1..=rule.attempts {
            if self.ends() {
                return false;
            }
            let (key, body) = self.written(message);
            match sinks::post(&self.hook.sink, (&key, &body), self.state.world.clock.now()) {
                Ok(()) => {
                    events::hook_told(&rule.name, message.event.name(), attempt);
                    return true;
                }
                Err(error) => {
                    let is_last = attempt == rule.attempts;
                    let why = events::chain(&error);
                    events::hook_not_told(&rule.name, message.event.name(), attempt, is_last, &why);
                    if is_last {
                        break;
                    }
                }
            }
            let until = self.state.world.clock.steady() + wait;
            while self.state.world.clock.steady() < until {
                // Who ends when all is told doesn't wait for a server that is away: it is told after the next start.
                if self.ends() || self.last.load(Ordering::SeqCst) {
                    return false;
                }
                self.wait(until.saturating_sub(self.state.world.clock.steady()).min(LOOK));
            }
            wait = wait.saturating_mul(2).min(LONGEST);
        }
        mark.set_aside += 1;
        true
    }

    /// What a message is known by, and the message. Nothing in it says whom a claim is for.
    fn written(&self, message: &Told) -> (String, String) {
        let Told { event, held, version, edits, at } = message;
        let key = format!("{}.{version}.{}", held.id, event.name());
        let link = self.origin.as_ref().map(|origin| format!("{origin}/claim/{}", held.id));
        let body = json!({
            "id": key,
            "event": event.name(),
            "hold": held.id,
            "version": version,
            "channel": held.channel,
            "payer": held.payer,
            "edits": edits,
            "owner": held.owner.map(crate::edits::Owner::name),
            "at": at,
            "link": link,
        });
        (key, body.to_string())
    }

    fn ends(&self) -> bool {
        self.ending.load(Ordering::SeqCst)
    }

    fn wait(&self, longest: Duration) {
        self.state.wait_for_alerts(longest, |_| !self.ends());
    }
}

/// True of records by which a claim may be held, released or sent.
fn may_tell(record: &Record) -> bool {
    match record {
        Record::Held { answer, .. } => *answer != HeldAnswer::SentBack,
        Record::HoldChanged { decision, .. } => matches!(
            decision,
            Decision::Released { .. }
                | Decision::Overridden { .. }
                | Decision::Undone { .. }
                | Decision::Returned
        ),
        Record::Published { .. } => true,
        _ => false,
    }
}

/// What a record says of claims. Of one that is gone from the index, its file was quarantined, there is nothing to tell.
fn messages(store: &Store, entry: &Entry) -> Result<Vec<Told>, Error> {
    let at = entry.at;
    let told = |event, held: HeldClaim, version, edits| Told { event, held, version, edits, at };
    let mut all = Vec::new();
    match &entry.record {
        Record::Held { holds, .. } => {
            for hold in holds {
                if let Some(held) = holds::show(store, &hold.id)? {
                    let edits = held.stopped_by.clone();
                    all.push(told(HookEvent::Held, held, 1, edits));
                }
            }
        }
        Record::HoldChanged { hold, version, decision, .. } => {
            let Some(held) = holds::show(store, hold)? else { return Ok(all) };
            let event = match decision {
                Decision::Undone { .. } if !was_leaving(&held, *version) => return Ok(all),
                Decision::Undone { .. } | Decision::Returned => HookEvent::Held,
                _ => HookEvent::Released,
            };
            let edits = match decision {
                Decision::Overridden { edits, .. } => edits.clone(),
                Decision::Released { .. } => Vec::new(),
                _ => stopping(&held.findings),
            };
            all.push(told(event, held, *version, edits));
        }
        Record::Published { file } => {
            for held in holds::sent_in(store, file)? {
                let (version, edits) = (held.version, held.overridden.clone());
                all.push(told(HookEvent::Sent, held, version, edits));
            }
        }
        _ => {}
    }
    Ok(all)
}

/// True where the decision before the one that brought a claim to a version let it leave.
fn was_leaving(held: &HeldClaim, version: u64) -> bool {
    let before = usize::try_from(version).ok().and_then(|version| version.checked_sub(3));
    let step = before.and_then(|n| held.trail.get(n));
    step.is_some_and(|step| matches!(step.decision, Decision::Released { .. } | Decision::Overridden { .. }))
}
