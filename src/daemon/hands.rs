//! The hands that take files and work them: several senders' at once, those of one sender one after the other, in the order they came.

use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::custody::{self, Meta};
use super::error::Error;
use super::intake::{Candidate, Intake, others_marked};
use super::step::Event;
use super::work::{End, Worker};
use crate::archive;
use crate::config::Config;
use crate::events;
use crate::journal::Direction;
use crate::world::Clock;

/// How long until a file that couldn't be finished is tried again, at first and at most; twice as long each time.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(600));

/// A file that couldn't be finished.
#[derive(Clone, Debug)]
pub struct Waiting {
    at: Duration,
    event: Event,
    times: u32,
}

/// What is noted between rounds.
#[derive(Debug, Default)]
pub struct Notes {
    /// Files that couldn't be finished, by id.
    pub waiting: HashMap<String, Waiting>,
    /// The spool may hold files the journal doesn't know.
    pub orphans: bool,
    /// Files the last round could not take, and claims it could not release.
    pub untaken: usize,
    /// Files that changed right before they were to be taken.
    pub settling: usize,
    /// Remittances or alerts came since alerts were last looked at.
    pub news: bool,
}

impl Notes {
    /// Notes a file that an earlier run left.
    pub fn left(&mut self, id: &str) {
        self.waiting.insert(id.to_owned(), Waiting { at: Duration::ZERO, event: Event::Resumed, times: 0 });
    }

    /// Files whose turn it is, and with what.
    #[must_use]
    pub fn due(&self, now: Duration) -> Vec<(String, Event)> {
        let mut due: Vec<(String, Event)> = self
            .waiting
            .iter()
            .filter(|(_, w)| w.at <= now)
            .map(|(id, w)| (id.clone(), w.event.clone()))
            .collect();
        due.sort_by(|a, b| a.0.cmp(&b.0));
        due
    }

    fn ended(&mut self, id: &str, end: End, clock: &dyn Clock) {
        // What came late to it lies in the spool, not yet journalled.
        self.orphans = true;
        if end == End::Done {
            self.waiting.remove(id);
            return;
        }
        let times = self.waiting.get(id).map_or(0, |w| w.times.saturating_add(1));
        let pause = PAUSES.0.saturating_mul(1 << times.min(16)).min(PAUSES.1);
        // Not all at once, when what they wait for is back.
        let more = pause.mul_f64((clock.random() % 256) as f64 / 1024.0);
        let at = clock.steady() + pause + more;
        self.waiting.insert(id.to_owned(), Waiting { at, event: Event::Begun, times });
    }

    /// How long until the next of them.
    #[must_use]
    pub fn next(&self, now: Duration) -> Option<Duration> {
        self.waiting.values().map(|w| w.at.saturating_sub(now)).min()
    }
}

/// What works on files.
pub struct Hands<'a> {
    /// With what.
    pub worker: Worker<'a>,
    /// Settings.
    pub config: &'a Config,
    /// Drop folders.
    pub intake: &'a Mutex<Intake>,
    /// Notes between rounds.
    pub notes: &'a Mutex<Notes>,
    /// The daemon is to end: nothing new is begun.
    pub ending: &'a AtomicBool,
}

impl Hands<'_> {
    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn intake(&self) -> MutexGuard<'_, Intake> {
        self.intake.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn clock(&self) -> &dyn Clock {
        &*self.worker.state.world.clock
    }

    /// Takes files and works them.
    ///
    /// # Errors
    /// The first that only a new start can mend; nothing is begun after it.
    pub fn take_all(&self, candidates: Vec<Candidate>) -> Result<(), Error> {
        let mut lines: Vec<VecDeque<Candidate>> = Vec::new();
        let mut of: HashMap<(String, Direction, Vec<u8>), usize> = HashMap::new();
        for candidate in candidates {
            let (channel, sender) = (candidate.meta.channel.clone(), candidate.sender.clone());
            let at = *of.entry((channel, candidate.meta.direction, sender)).or_insert(lines.len());
            match lines.get_mut(at) {
                Some(line) => line.push_back(candidate),
                None => lines.push(VecDeque::from([candidate])),
            }
        }
        let hands = self.config.intake.parallel.min(lines.len());
        let (lines, failed) = (Mutex::new(VecDeque::from(lines)), Mutex::new(None));
        let work = || {
            loop {
                let line = lines.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                let Some(line) = line else { return };
                for candidate in line {
                    let stopped = failed.lock().unwrap_or_else(PoisonError::into_inner).is_some();
                    if stopped || self.ending.load(Ordering::SeqCst) {
                        return;
                    }
                    if let Err(error) = self.take(&candidate) {
                        failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                        return;
                    }
                }
            }
        };
        if hands < 2 {
            work();
        } else {
            std::thread::scope(|scope| (0..hands).for_each(|_| drop(scope.spawn(work))));
        }
        failed.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }

    fn take(&self, candidate: &Candidate) -> Result<(), Error> {
        let state = self.worker.state;
        let now = self.clock().steady();
        let ready = self.intake().is_still_ready(&state.world.fs, (candidate, self.config), now);
        if !ready {
            self.notes().settling += 1;
            return Ok(());
        }
        let meta = &candidate.meta;
        match custody::take(state, &candidate.path, meta) {
            Ok(Some(taken)) => {
                if !self.receive(&taken.id, meta)? {
                    return Ok(());
                }
                if taken.original.is_none() {
                    self.intake().taken(&candidate.path);
                }
                self.remove_beside(candidate);
                self.work(&taken.id, Event::Begun)
            }
            Ok(None) => Ok(()),
            Err(error) if error.retry() => {
                self.intake().refused(&candidate.path, self.clock().steady());
                let mut notes = self.notes();
                notes.untaken += 1;
                // It may be in the spool already.
                notes.orphans = true;
                events::failed("taking a file", &error);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Spooled files the journal doesn't know: taken, but something came between.
    ///
    /// # Errors
    /// When the spool can't be read, or what only a new start can mend.
    pub fn receive_orphans(&self) -> Result<(), Error> {
        let orphans = custody::orphans(self.worker.state)?;
        for error in orphans.trouble {
            let mut notes = self.notes();
            notes.untaken += 1;
            notes.orphans = true;
            events::failed("looking through the spool", &error);
        }
        for (id, meta) in orphans.found {
            if self.receive(&id, &meta)? {
                self.work(&id, Event::Begun)?;
            }
        }
        Ok(())
    }

    /// Journals a spooled file; false when it can't be read now and is looked at again.
    fn receive(&self, id: &str, meta: &Meta) -> Result<bool, Error> {
        let span = events::file_span(id, &meta.channel, way(meta.direction));
        let today = self.clock().now().to_zoned(self.config.timezone.clone()).date();
        let most = self.config.intake.most_unpacked;
        match span.in_scope(|| custody::receive(self.worker.state, id, meta, today, most)) {
            Ok(()) => Ok(true),
            Err(error) if error.retry() => {
                let mut notes = self.notes();
                notes.orphans = true;
                notes.untaken += 1;
                events::failed("receiving a file", &error);
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Removes the original of a file that was copied, once the copy is journalled. One that was written on meanwhile is taken at once, as
    /// the late state of that file. Until either is done the file stays open, and no round takes the original for another.
    fn end_original(&self, id: &str) -> Result<(), Error> {
        let state = self.worker.state;
        let Some(original) = custody::original(state, id)? else { return Ok(()) };
        let Some(file) = state.file(id) else { return Ok(()) };
        let now = archive::hash(&state.stored(&original))
            .map_err(Error::named_by_sender("hashing a file in", &original))?
            .0;
        if now == file.came_as() {
            custody::remove_original(&*state.world.fs, &original)?;
            self.intake().taken(&original);
            return Ok(());
        }
        let (channel, direction, name) = (file.channel.clone(), file.direction, file.name.clone());
        let late_of = Some(id.to_owned());
        if custody::take(state, &original, &Meta { channel, direction, name, late_of, expected: None })?
            .is_some()
        {
            custody::let_go(state, id)?;
            self.notes().orphans = true;
        }
        Ok(())
    }

    /// Removes what lay beside a file that is ours now, but what another file there waits for. What stays counts for no later file: it is
    /// older.
    fn remove_beside(&self, of: &Candidate) {
        for path in of.beside.iter().filter(|path| !self.is_of_another(path, of)) {
            if let Err(error) = custody::remove_original(&*self.worker.state.world.fs, path) {
                events::failed("removing a file beside one that was taken", &error);
            }
        }
    }

    /// True where it says something of another file too, that is not ours yet.
    fn is_of_another(&self, mark: &Path, of: &Candidate) -> bool {
        let state = self.worker.state;
        let Some(channel) = self.config.channels.iter().find(|c| c.name == of.meta.channel) else {
            return false;
        };
        match others_marked(&*state.world.fs, channel, mark, &of.path) {
            Ok(others) if others.is_empty() => false,
            // Originals of copies in the spool are ours.
            Ok(others) => custody::originals(state)
                .map_or(true, |ours| others.iter().any(|other| !ours.contains(other))),
            Err(_) => true,
        }
    }

    /// Works on a file; one that can't be finished now is tried again later, and leaves the others their way.
    ///
    /// # Errors
    /// What only a new start can mend.
    pub fn work(&self, id: &str, event: Event) -> Result<(), Error> {
        let state = self.worker.state;
        let Some(file) = state.file(id) else {
            self.notes().waiting.remove(id);
            return Ok(());
        };
        let span = events::file_span(id, &file.channel, way(file.direction));
        let end = span.in_scope(|| {
            match self.end_original(id) {
                Err(error) if !error.retry() => return Err(error),
                Err(error) => events::failed("removing an original", &error),
                Ok(()) => {}
            }
            self.worker.work(id, event)
        })?;
        let alerts = !state.unwritten_alerts().is_empty();
        let mut notes = self.notes();
        notes.ended(id, end, self.clock());
        notes.news |= file.direction == Direction::Inbound || alerts;
        Ok(())
    }
}

fn way(direction: Direction) -> &'static str {
    match direction {
        Direction::Outbound => "outbound",
        Direction::Inbound => "inbound",
    }
}
