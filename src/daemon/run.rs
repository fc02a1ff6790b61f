//! The daemon's loop: look, take, work, wait for a hint, the clock or a signal.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use jiff::Timestamp;
use jiff::civil::Date;
use notify::{RecursiveMode, Watcher};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use super::custody::{Meta, Taken};
use super::error::Error;
use super::intake::{Candidate, Intake};
use super::state::State;
use super::work::Worker;
use super::{control, custody, notices};
use crate::config::Config;
use crate::edits::EditSet;
use crate::events;
use crate::journal::{Direction, Record};

/// How often work on one file may begin again before it is set aside.
const MOST_TRIES: u32 = 10;

/// How to run.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Finish what is there, then end.
    pub once: bool,
    /// Threads that judge.
    pub threads: usize,
}

/// Runs until a signal asks it to end, or, with `once`, until nothing is left to take.
///
/// # Errors
/// What a restart may mend: the journal, the index, the state folder.
pub fn serve(config: Config, options: Options) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| Error::Runtime(format!("starting the runtime: {e}")))?;
    let config = Arc::new(config);
    let done = runtime.block_on(run(Arc::clone(&config), options));
    match &done {
        Ok(()) => events::stopped(if options.once { "nothing left to take" } else { "asked to" }),
        Err(error) => events::failed("running", error),
    }
    // Another daemon's socket is not ours to remove.
    if !matches!(done, Err(Error::Locked { .. })) {
        let _gone = fs::remove_file(State::socket(&config.state));
    }
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    done
}

async fn run(config: Arc<Config>, options: Options) -> Result<(), Error> {
    let mut terminate = signal(SignalKind::terminate()).map_err(|e| Error::Runtime(e.to_string()))?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|e| Error::Runtime(e.to_string()))?;
    let ending = Arc::new(AtomicBool::new(false));
    let daemon = {
        let config = Arc::clone(&config);
        let ending = Arc::clone(&ending);
        blocking(move || Daemon::start(config, options, ending)).await??
    };
    control::listen(Arc::clone(&daemon.state), &config.state)?;
    let (hint, mut hints) = mpsc::channel::<()>(1);
    let _watcher = watch(&config, hint);
    let mut daemon = Some(daemon);
    loop {
        let Some(mut working) = daemon.take() else { break };
        let round = blocking(move || {
            let outcome = working.round();
            (working, outcome)
        });
        tokio::pin!(round);
        // A signal during a round lets the file in hand be finished.
        let (working, outcome) = loop {
            tokio::select! {
                done = &mut round => break done?,
                _ = terminate.recv() => ending.store(true, Ordering::SeqCst),
                _ = interrupt.recv() => ending.store(true, Ordering::SeqCst),
            }
        };
        let idle = outcome?;
        let stuck = working.failed.len() + working.unreadable + working.untaken;
        if options.once && idle == Idle::Nothing && stuck > 0 {
            let what = format!("{stuck} files or folders could not be worked on; the log says why");
            return Err(Error::Runtime(what));
        }
        if ending.load(Ordering::SeqCst) || (options.once && idle == Idle::Nothing) {
            break;
        }
        let wait = match idle {
            Idle::Nothing => config.intake.scan,
            Idle::Until(wait) => wait.min(config.intake.scan),
        };
        daemon = Some(working);
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = hints.recv() => {}
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
        }
    }
    Ok(())
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|e| Error::Runtime(format!("a worker ended: {e}")))
}

/// Watches the drop folders. Events are hints; the periodic scan is what finds files, so a watcher that can't be had is
/// logged and done without.
fn watch(config: &Config, hint: mpsc::Sender<()>) -> Option<notify::RecommendedWatcher> {
    let told = notify::recommended_watcher(move |_event| {
        // Full means a hint is waiting already.
        let _waiting = hint.try_send(());
    });
    let mut watcher = match told {
        Ok(watcher) => watcher,
        Err(error) => {
            events::failed("watching the drop folders", &error);
            return None;
        }
    };
    for channel in &config.channels {
        for folder in [&channel.outbound, &channel.inbound] {
            if let Err(error) = watcher.watch(folder, RecursiveMode::NonRecursive) {
                events::failed("watching a drop folder", &error);
            }
        }
    }
    Some(watcher)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Idle {
    /// Nothing to take, nothing settling.
    Nothing,
    /// Look again after this long.
    Until(std::time::Duration),
}

struct Daemon {
    config: Arc<Config>,
    options: Options,
    state: Arc<State>,
    edits: EditSet,
    intake: Intake,
    ending: Arc<AtomicBool>,
    /// Remittances came since alerts were last looked at.
    news: bool,
    /// Files that couldn't be finished, and when to try again.
    failed: Vec<(String, Instant)>,
    /// Incomplete files told of already.
    incomplete: usize,
    /// Unreadable files and folders told of already.
    unreadable: usize,
    /// The spool may hold files the journal doesn't know.
    orphans: bool,
    /// Files the last round could not take.
    untaken: usize,
    /// The day alerts were last looked at.
    looked: Option<Date>,
}

impl Daemon {
    fn start(config: Arc<Config>, options: Options, ending: Arc<AtomicBool>) -> Result<Daemon, Error> {
        for (_, folder) in config.channels.iter().flat_map(|c| c.folders()) {
            fs::create_dir_all(folder).map_err(Error::io("making", folder))?;
        }
        let state = Arc::new(State::open(&config.state)?);
        let edits = EditSet::shipped().map_err(Error::Edits)?;
        let mut daemon = Daemon {
            config,
            options,
            state,
            edits,
            intake: Intake::new(),
            ending,
            news: true,
            failed: Vec::new(),
            incomplete: 0,
            unreadable: 0,
            orphans: true,
            untaken: 0,
            looked: None,
        };
        let recovered = daemon.recover()?;
        events::started(daemon.config.channels.len(), daemon.edits.hash(), recovered);
        Ok(daemon)
    }

    fn today(&self) -> Date {
        Timestamp::now().to_zoned(self.config.timezone.clone()).date()
    }

    /// Notes what a crash or a stop left; the first round works on it. A file that was begun too often is set aside, so
    /// that one that ends the program each time does not keep the others waiting for ever.
    fn recover(&mut self) -> Result<usize, Error> {
        let now = Instant::now();
        let open = self.state.open_files();
        for file in &open {
            self.state.append(vec![Record::Tried { file: file.id.clone() }])?;
            if file.tries >= MOST_TRIES && file.staged.is_none() && file.quarantined.is_none() {
                self.set_aside(&file.id, "work on it was begun again and again and never ended")?;
            }
            self.failed.push((file.id.clone(), now));
        }
        Ok(open.len())
    }

    /// Spooled files the journal doesn't know: taken, but something came between.
    fn receive_orphans(&mut self) -> Result<(), Error> {
        for (id, meta) in custody::orphans(&self.state)? {
            if self.receive(&id, &meta)? {
                self.work(&id, &meta.channel, meta.direction)?;
            }
        }
        Ok(())
    }

    /// Journals a spooled file; false when it can't be read now and is looked at again.
    fn receive(&mut self, id: &str, meta: &Meta) -> Result<bool, Error> {
        let span = events::file_span(id, &meta.channel, way(meta.direction));
        let today = self.today();
        match span.in_scope(|| custody::receive(&self.state, id, meta, today)) {
            Ok(()) => Ok(true),
            Err(error) if error.retry() => {
                self.orphans = true;
                self.untaken += 1;
                events::failed("receiving a file", &error);
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    fn set_aside(&self, id: &str, reason: &str) -> Result<(), Error> {
        self.state.append(vec![Record::Quarantined { file: id.to_owned(), reason: reason.to_owned() }])
    }

    fn round(&mut self) -> Result<Idle, Error> {
        let now = Instant::now();
        self.untaken = 0;
        if std::mem::take(&mut self.orphans) {
            self.receive_orphans()?;
        }
        let (due, waiting): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.failed).into_iter().partition(|(_, at)| *at <= now);
        self.failed = waiting;
        for (id, at) in due {
            if self.ending.load(Ordering::SeqCst) {
                self.failed.push((id, at));
            } else if let Some(file) = self.state.file(&id) {
                self.work(&id, &file.channel, file.direction)?;
            }
        }
        let mut round = self.intake.round(&self.config, now);
        // Told when it changes, not every few seconds.
        if round.unreadable.len() != self.unreadable {
            self.unreadable = round.unreadable.len();
            round.unreadable.iter().for_each(|error| events::failed("reading the drop folders", error));
        }
        for candidate in std::mem::take(&mut round.ready) {
            if self.ending.load(Ordering::SeqCst) {
                return Ok(Idle::Nothing);
            }
            if !self.intake.is_still_ready(&candidate.path, &self.config, Instant::now()) {
                round.settling += 1;
                continue;
            }
            match custody::take(&self.state, &candidate.path, &candidate.meta) {
                Ok(Some(taken)) => self.taken(&taken, &candidate)?,
                Ok(None) => {}
                Err(error) if error.retry() => {
                    self.untaken += 1;
                    // It may be in the spool already.
                    self.orphans = true;
                    events::failed("taking a file", &error);
                }
                Err(error) => return Err(error),
            }
        }
        if round.incomplete.len() != self.incomplete {
            self.incomplete = round.incomplete.len();
            round.incomplete.iter().for_each(|(channel, bytes)| events::incomplete(channel, *bytes));
        }
        // A new day may end a week.
        let today = self.today();
        self.news |= self.looked.replace(today) != Some(today);
        if std::mem::take(&mut self.news)
            && let Err(error) = notices::alert(&self.state, &self.config.channels, today)
        {
            if !error.retry() {
                return Err(error);
            }
            events::failed("writing alerts", &error);
            self.news = true;
        }
        self.state.store.checkpoint()?;
        let now = Instant::now();
        Ok(match (round.settling, self.intake.next_look(&self.config, now)) {
            (0, _) => Idle::Nothing,
            (_, wait) => Idle::Until(wait.unwrap_or(self.config.intake.scan)),
        })
    }

    /// A file that lies in the spool now.
    fn taken(&mut self, taken: &Taken, candidate: &Candidate) -> Result<(), Error> {
        let meta = &candidate.meta;
        if !self.receive(&taken.id, meta)? {
            return Ok(());
        }
        match taken.original.as_deref().map_or(Ok(()), custody::remove_original) {
            Ok(()) => self.intake.taken(&candidate.path),
            // Left where it is it would be copied every round; it is looked at again when it changes.
            Err(error) => {
                events::failed("removing an original", &error);
                self.intake.leave(&candidate.path);
            }
        }
        self.work(&taken.id, &meta.channel, meta.direction)
    }

    /// Works on a file. What may pass is tried again later; what won't sets the file aside, whole, with its reason.
    fn work(&mut self, id: &str, channel: &str, direction: Direction) -> Result<(), Error> {
        let worker = Worker {
            state: &self.state,
            channels: &self.config.channels,
            edits: &self.edits,
            threads: self.options.threads,
        };
        let done = events::file_span(id, channel, way(direction)).in_scope(|| {
            let mut done = attempt(|| worker.finish(id), id);
            if matches!(done, Err(Error::Rewritten { .. })) {
                done = attempt(|| worker.begin_again(id), id);
            }
            if let Err(error) = &done {
                events::file_failed(error);
                let staged =
                    self.state.file(id).is_none_or(|f| f.staged.is_some() || f.quarantined.is_some());
                if error.is_of_the_file() && !staged {
                    let reason = events::chain(error);
                    done = self.set_aside(id, &reason).and_then(|()| attempt(|| worker.finish(id), id));
                }
            }
            done
        });
        match done {
            Ok(()) => {
                self.news |= direction == Direction::Inbound || !self.state.unwritten_alerts().is_empty();
                Ok(())
            }
            // What is wrong with this file alone leaves the others their way.
            Err(error) if error.retry() => {
                // What came late to it may lie in the spool, not yet journalled.
                self.orphans = true;
                self.failed.push((id.to_owned(), Instant::now() + std::time::Duration::from_secs(60)));
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

/// A panic is a fault of ours that this file brings out: it must not end the daemon for all others.
fn attempt(work: impl FnOnce() -> Result<(), Error>, id: &str) -> Result<(), Error> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(Error::Custody { file: id.to_owned(), reason: "the program failed on it" }))
}

fn way(direction: Direction) -> &'static str {
    match direction {
        Direction::Outbound => "outbound",
        Direction::Inbound => "inbound",
    }
}
