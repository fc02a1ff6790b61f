//! A thread for each sink sends what is due to it. Each attempt is journalled before, and its end right behind the server's answer, so that
//! a kill loses nothing and sends nothing twice, but for one between those two. A server that hangs holds up its own sink alone.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use super::error::Error;
use super::notices::append_once;
use super::state::State;
use crate::alerts::{Attachment, Due, Letter, Preset, plan};
use crate::config::{Config, Sink, Way};
use crate::events;
use crate::journal::{Outcome, Record};
use crate::sinks;
use crate::world::make_folders_of_others;

/// How long a thread waits at most: the clock may be set.
const LONGEST: Duration = Duration::from_secs(30);

/// The threads.
pub struct Tellers {
    state: Arc<State>,
    /// Finish what is due, then end.
    last: Arc<AtomicBool>,
    /// Finish the message in hand, then end.
    ending: Arc<AtomicBool>,
    /// Closed when all have ended.
    ended: mpsc::Receiver<()>,
    patience: Duration,
}

impl Tellers {
    /// Starts a thread for each sink.
    pub fn start(state: &Arc<State>, config: &Arc<Config>) -> Tellers {
        let (last, ending) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (alive, ended) = mpsc::channel();
        let mut patience = Duration::from_secs(2);
        for (n, sink) in config.alerting.sinks.iter().enumerate() {
            patience = patience.max(sink.timeout.saturating_add(Duration::from_secs(2)));
            let (state, config) = (Arc::clone(state), Arc::clone(config));
            let (last, ending, alive) = (Arc::clone(&last), Arc::clone(&ending), alive.clone());
            let work = move || {
                let _alive = alive;
                let Some(sink) = config.alerting.sinks.get(n) else { return };
                // Only the journal can fail here: the daemon's own round finds that too, and ends.
                if let Err(error) = tell(&state, sink, &config, (&last, &ending)) {
                    events::failed("telling alerts", &error);
                }
            };
            let begun = std::thread::Builder::new().name(format!("sink {}", sink.rule.name)).spawn(work);
            if let Err(error) = begun {
                events::failed("starting a sink", &error);
            }
        }
        Tellers { state: Arc::clone(state), last, ending, ended, patience }
    }

    /// Ends them: behind what is due now where `all` is true, else behind the message in hand. Who hangs longer than a time-out is left
    /// behind: its message is journalled as begun, and is sent again under the same id.
    pub fn end(self, all: bool) {
        let flag = if all { &self.last } else { &self.ending };
        flag.store(true, Ordering::SeqCst);
        self.state.ring();
        let _gone = self.ended.recv_timeout(self.patience);
    }
}

fn tell(
    state: &State,
    sink: &Sink,
    config: &Config,
    (last, ending): (&AtomicBool, &AtomicBool),
) -> Result<(), Error> {
    let times = &config.alerting.times;
    loop {
        if ending.load(Ordering::SeqCst) {
            return Ok(());
        }
        let now = state.world.clock.now();
        let next = state.book(|book| plan(book, &sink.rule, times, now)).into_iter().next();
        match next {
            Some(due) if due.at <= now => attempt(state, sink, config, &due)?,
            _ if last.load(Ordering::SeqCst) => return Ok(()),
            next => {
                let until = next.as_ref().and_then(|due| Duration::try_from(due.at.duration_since(now)).ok());
                let ends = || last.load(Ordering::SeqCst) || ending.load(Ordering::SeqCst);
                // What was raised since it was looked at is not slept through.
                state.wait_for_alerts(until.unwrap_or(LONGEST).min(LONGEST), |book| {
                    !ends() && plan(book, &sink.rule, times, now).into_iter().next() == next
                });
            }
        }
    }
}

/// Sends one message, with what is journalled before and behind.
fn attempt(state: &State, sink: &Sink, config: &Config, due: &Due) -> Result<(), Error> {
    let (message, tells) = (due.message.clone(), due.tells.clone());
    state.append(vec![Record::AlertSending { message, sink: sink.rule.name.clone(), tells }])?;
    let Some(letter) = state.book(|book| Letter::of(book, &due.message)) else { return Ok(()) };
    let now = state.world.clock.now();
    let mut journalled = None;
    let sent = catch_unwind(AssertUnwindSafe(|| {
        let mut ended = |outcome: Result<(), sinks::Error>| {
            journalled
                .get_or_insert_with(|| journal(state, sink, due, outcome.map_err(|e| events::chain(&e))));
        };
        match &sink.way {
            Way::File(folder) => {
                let written = write(state, sink, config, (folder, &letter));
                journalled = Some(journal(state, sink, due, written.map_err(|e| events::chain(&e))));
            }
            Way::Email(_) => {
                // What can't be read is told of as any other failure: the mail without it would not be what was promised.
                match attached(state, &letter) {
                    Ok(files) => sinks::send(sink, (&letter, files), (now, &config.timezone), &mut ended),
                    Err(error) => {
                        journalled = Some(journal(state, sink, due, Err(events::chain(&error))));
                    }
                }
            }
            Way::Webhook(_) => {
                sinks::send(sink, (&letter, Vec::new()), (now, &config.timezone), &mut ended);
            }
        }
    }));
    match (journalled, sent) {
        (Some(done), _) => done,
        (None, _) => journal(state, sink, due, Err("the program failed at it".to_owned())),
    }
}

fn journal(state: &State, sink: &Sink, due: &Due, outcome: Result<(), String>) -> Result<(), Error> {
    let name = &sink.rule.name;
    let is_last = due.attempt >= sink.rule.attempts;
    let said = outcome.as_ref().err().cloned();
    let outcome = match outcome {
        Ok(()) => Outcome::Ok,
        Err(why) if is_last => Outcome::Dead { why },
        Err(why) => Outcome::Failed { why },
    };
    state.append(vec![Record::AlertTold { message: due.message.clone(), outcome }])?;
    match said {
        None => events::told(name, due.tells.len(), due.attempt),
        Some(why) => events::not_told(name, due.attempt, is_last, &why),
    }
    Ok(())
}

/// The files that go with a letter, by name.
fn attached(state: &State, letter: &Letter) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let read = |attachment: &Attachment| {
        let path = state.archive.path(&attachment.sha256);
        let bytes = state.archive.read(&attachment.sha256).map_err(Error::io("reading", &path))?;
        Ok((attachment.name.clone(), bytes))
    };
    letter.attachments().map(read).collect()
}

/// A line in the sink's own file; not twice, whatever ends the program when.
fn write(
    state: &State,
    sink: &Sink,
    config: &Config,
    (folder, letter): (&Path, &Letter),
) -> Result<(), Error> {
    let fs = &*state.world.fs;
    make_folders_of_others(fs, folder).map_err(Error::io("making", folder))?;
    let line = letter.json(Preset::Plain, &config.timezone).to_string();
    append_once(fs, &folder.join(format!("{}.jsonl", sink.rule.name)), &line, 0o640)
}
