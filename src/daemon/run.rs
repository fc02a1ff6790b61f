//! The daemon's loop: look, take, work, wait for a hint, the clock or a signal.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecursiveMode, Watcher};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::control;
use super::desk::Desk;
use super::error::Error;
use super::hooks::Hooks;
use super::rounds::{Daemon, Idle};
use super::scheduled::Scheduled;
use super::service;
use super::state::State;
use super::tellers::Tellers;
use crate::config::{Config, Watch};
use crate::events;
use crate::holds;
use crate::world::is_remote;

/// How to run.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Finish what is there, then end.
    pub once: bool,
    /// Threads that judge.
    pub threads: usize,
}

/// What is started beside the loop, on its runtime, once the state is open.
pub type Beside = Box<dyn FnOnce(&Arc<Desk>, &Config) -> Result<(), Error>>;

/// Runs until a signal asks it to end, or, with `once`, until nothing is left to take; then `beside` isn't started.
///
/// # Errors
/// What a restart may mend: the journal, the index, the state folder.
pub fn serve(config: Config, options: Options, beside: Beside) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| Error::Runtime(format!("starting the runtime: {e}")))?;
    service::begin();
    let config = Arc::new(polled(config));
    let done = runtime.block_on(run(Arc::clone(&config), options, beside));
    service::stopping();
    match &done {
        Ok(()) => events::stopped(if options.once { "nothing left to take" } else { "asked to" }),
        Err(error) => events::failed("running", error),
    }
    // Another daemon's socket is not ours to remove.
    if !matches!(done, Err(Error::Locked { .. })) {
        let _gone = fs::remove_file(State::socket(&config.state));
    }
    runtime.shutdown_timeout(Duration::from_secs(5));
    done
}

async fn run(config: Arc<Config>, options: Options, beside: Beside) -> Result<(), Error> {
    let mut terminate = signal(SignalKind::terminate()).map_err(|e| Error::Runtime(e.to_string()))?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|e| Error::Runtime(e.to_string()))?;
    let ending = Arc::new(AtomicBool::new(false));
    let daemon = {
        let config = Arc::clone(&config);
        let ending = Arc::clone(&ending);
        blocking(move || Daemon::start(config, options, ending)).await??
    };
    control::listen(Arc::clone(&daemon.desk), &config.state)?;
    if !options.once {
        beside(&daemon.desk, &config)?;
    }
    let tellers = Tellers::start(&daemon.state, &config);
    let hooks = Hooks::start(&daemon.state, &config);
    let scheduled = Scheduled::start(&daemon.desk, &config, options.once);
    let (hint, mut hints) = mpsc::channel::<()>(1);
    let mut _watcher = watch(&config, hint.clone());
    service::ready();
    let mut daemon = Some(daemon);
    loop {
        let Some(mut working) = daemon.take() else { break };
        let round = blocking(move || {
            service::beat();
            let outcome = working.round();
            let told = outcome.is_err() || tell(&working.state);
            (working, outcome, told)
        });
        tokio::pin!(round);
        // A signal during a round lets the file in hand be finished.
        let (mut working, outcome, told) = loop {
            tokio::select! {
                done = &mut round => break done?,
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            ending.store(true, Ordering::SeqCst);
            service::stopping();
        };
        let idle = outcome?;
        let stuck = working.stuck();
        if working.came_back() {
            // What was watched was the folder before.
            _watcher = watch(&config, hint.clone());
        }
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
        let wait = if told { wait } else { wait.min(service::FRESH) };
        daemon = Some(working);
        tokio::select! {
            () = waited(wait) => {}
            _ = hints.recv() => {}
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
        }
    }
    // A run that takes what is there tells what is due by then; one that was asked to end, the message in hand.
    let all = options.once && !ending.load(Ordering::SeqCst);
    blocking(move || {
        scheduled.end(&config, all);
        tellers.end(all);
        hooks.end(all);
    })
    .await
}

/// Channels whose folders lie on a network are read through alone: no event tells what another machine does there.
fn polled(mut config: Config) -> Config {
    for channel in &mut config.channels {
        if is_remote(&channel.outbound) || is_remote(&channel.inbound) {
            channel.watch = Watch::Poll;
        }
    }
    config
}

/// Waits, and says meanwhile as often as the service manager wants that it is only waiting.
async fn waited(wait: Duration) {
    let end = Instant::now() + wait;
    loop {
        service::beat();
        let now = Instant::now();
        if now >= end {
            return;
        }
        tokio::time::sleep_until(service::every().map_or(end, |every| end.min(now + every))).await;
    }
}

/// Tells the service manager how much is in work and held, and how far the index is; false where it is to be told once more soon.
fn tell(state: &State) -> bool {
    let Some((store, behind)) = state.index.so_far() else { return true };
    service::stands((store.applied(), behind), || {
        let held = holds::list(&store, false).map_or(0, |held| held.len());
        (state.open_files().len(), held)
    })
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|e| Error::worker(&e))
}

/// True of an event of somebody who opened, read or closed without writing.
fn is_only_looking(event: EventKind) -> bool {
    matches!(event, EventKind::Access(access) if access != AccessKind::Close(AccessMode::Write))
}

/// Watches the drop folders. Events are hints; the periodic scan is what finds files, so a watcher that can't be had is
/// logged and done without.
fn watch(config: &Config, hint: mpsc::Sender<()>) -> Option<notify::RecommendedWatcher> {
    let told = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // That a folder was opened to be listed, as each round does, is no news: it would call for the next round for ever.
        if event.is_ok_and(|event| is_only_looking(event.kind)) {
            return;
        }
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
    for channel in config.channels.iter().filter(|c| c.watch == Watch::Auto) {
        for folder in [&channel.outbound, &channel.inbound] {
            if let Err(error) = watcher.watch(folder, RecursiveMode::NonRecursive) {
                events::failed("watching a drop folder", &error);
            }
        }
    }
    Some(watcher)
}
