//! One round of the daemon: receive what is orphaned, finish what is open, take what is ready, write alerts.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::civil::Date;

use super::custody::{Meta, Taken};
use super::desk::Desk;
use super::error::Error;
use super::intake::{Candidate, Intake};
use super::leave::leave;
use super::reload::InForce;
use super::run::Options;
use super::stage::sweep;
use super::state::{Indexed, State};
use super::step::Event;
use super::work::{End, Worker};
use super::{custody, notices};
use crate::archive;
use crate::config::Config;
use crate::events;
use crate::journal::{Direction, Outlet};
use crate::world::{World, make_folders};

/// How long until a file that couldn't be finished is tried again.
const PAUSE: Duration = Duration::from_secs(60);

/// What a daemon between two rounds waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
    /// Nothing to take, nothing settling.
    Nothing,
    /// Look again after this long.
    Until(std::time::Duration),
}

/// The daemon between two waits: what it knows, and what it does in one round.
pub struct Daemon {
    config: Arc<Config>,
    options: Options,
    /// The state it owns.
    pub state: Arc<State>,
    /// Where decisions on holds are taken.
    pub desk: Arc<Desk>,
    edits: InForce,
    intake: Intake,
    ending: Arc<AtomicBool>,
    /// Remittances came since alerts were last looked at.
    news: bool,
    /// Files that couldn't be finished, and when to try again.
    failed: Vec<(String, Duration, Event)>,
    /// Incomplete files told of already.
    incomplete: usize,
    /// Unreadable files and folders told of already.
    unreadable: usize,
    /// Originals that were written on while they were copied, and the file that was.
    late: HashMap<PathBuf, String>,
    /// Staged files of earlier runs are gone.
    swept: bool,
    /// The spool may hold files the journal doesn't know.
    orphans: bool,
    /// Files the last round could not take, and claims it could not release.
    untaken: usize,
    /// The day alerts were last looked at.
    looked: Option<Date>,
}

impl Daemon {
    /// Opens the state and makes the folders.
    pub fn start(config: Arc<Config>, options: Options, ending: Arc<AtomicBool>) -> Result<Daemon, Error> {
        let edits = InForce::read(&config).map_err(Error::Site)?;
        // A run that takes what is there and ends does all of it.
        let indexed = Indexed::by_sled(&config.state, !options.once);
        Daemon::start_in(World::real(), config, (options, ending), edits, indexed)
    }

    /// The same in another world.
    ///
    /// # Errors
    /// What a restart may mend.
    pub fn start_in(
        world: World,
        config: Arc<Config>,
        (options, ending): (Options, Arc<AtomicBool>),
        edits: InForce,
        indexed: Indexed,
    ) -> Result<Daemon, Error> {
        for (_, folder) in config.channels.iter().flat_map(|c| c.folders()) {
            make_folders(&*world.fs, folder).map_err(Error::io("making", folder))?;
        }
        let state = Arc::new(State::open_in(world, &config.state, config.journal, indexed)?);
        let desk = Desk::new(Arc::clone(&state), Arc::clone(&edits.edits), config.timezone.clone());
        let mut daemon = Daemon {
            desk: Arc::new(desk),
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
            late: HashMap::new(),
            swept: false,
            orphans: true,
            untaken: 0,
            looked: None,
        };
        let recovered = daemon.recover();
        events::started(daemon.config.channels.len(), daemon.edits.edits.hash(), recovered);
        Ok(daemon)
    }

    /// How many files and folders could not be worked on.
    pub fn stuck(&self) -> usize {
        self.failed.len() + self.unreadable + self.untaken
    }

    fn now(&self) -> Duration {
        self.state.world.clock.steady()
    }

    fn today(&self) -> Date {
        self.state.world.clock.now().to_zoned(self.config.timezone.clone()).date()
    }

    /// Notes what a crash or a stop left; the first round works on it.
    fn recover(&mut self) -> usize {
        let open = self.state.open_files();
        self.failed.extend(open.iter().map(|file| (file.id.clone(), Duration::ZERO, Event::Resumed)));
        open.len()
    }

    /// Spooled files the journal doesn't know: taken, but something came between.
    fn receive_orphans(&mut self) -> Result<(), Error> {
        for (id, meta) in custody::orphans(&self.state)? {
            if self.receive(&id, &meta)? {
                self.work(&id, Event::Begun)?;
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

    /// Takes what lies there and works on what is left.
    pub fn round(&mut self) -> Result<Idle, Error> {
        let now = self.now();
        self.edits.refresh(&self.config);
        self.desk.set_edits(&self.edits.edits);
        self.untaken = 0;
        if !self.swept {
            self.sweep();
        }
        if std::mem::take(&mut self.orphans)
            && let Err(error) = self.receive_orphans()
        {
            if !error.retry() {
                return Err(error);
            }
            self.orphans = true;
            self.untaken += 1;
            events::failed("looking through the spool", &error);
        }
        let (due, waiting): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.failed).into_iter().partition(|(_, at, _)| *at <= now);
        self.failed = waiting;
        for (id, at, event) in due {
            if self.ending.load(Ordering::SeqCst) {
                self.failed.push((id, at, event));
            } else {
                self.work(&id, event)?;
            }
        }
        let fs = Arc::clone(&self.state.world.fs);
        let mut round = self.intake.round(&*fs, &self.config, now);
        // Told when it changes, not every few seconds.
        if round.unreadable.len() != self.unreadable {
            self.unreadable = round.unreadable.len();
            round.unreadable.iter().for_each(|error| events::failed("reading the drop folders", error));
        }
        for mut candidate in std::mem::take(&mut round.ready) {
            candidate.meta.late_of = self.late.get(&candidate.path).cloned();
            if self.ending.load(Ordering::SeqCst) {
                return Ok(Idle::Nothing);
            }
            let now = self.now();
            if !self.intake.is_still_ready(&*fs, &candidate.path, &self.config, now) {
                round.settling += 1;
                continue;
            }
            match custody::take(&self.state, &candidate.path, &candidate.meta) {
                Ok(Some(taken)) => {
                    self.late.remove(&candidate.path);
                    self.taken(&taken, &candidate)?;
                }
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
        // Behind the files: a claim that was sent anew is not to leave as well.
        match leave(&self.desk, &self.config.channels, &self.edits.trial) {
            Ok(waiting) => self.untaken += waiting,
            Err(error) if error.retry() => events::failed("releasing claims", &error),
            Err(error) => return Err(error),
        }
        for file in self.state.open_files().into_iter().filter(|f| f.release.is_some()) {
            if !self.failed.iter().any(|(id, ..)| *id == file.id) {
                self.work(&file.id, Event::Begun)?;
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
        self.state.index.tend();
        let now = self.now();
        Ok(match (round.settling, self.intake.next_look(&self.config, now)) {
            // Which file an original is a late state of is known here alone: --once must not end before it is taken.
            (0, _) if self.late.is_empty() => Idle::Nothing,
            (_, wait) => Idle::Until(wait.unwrap_or(self.config.intake.scan)),
        })
    }

    /// Clears what earlier runs staged for files that are done.
    fn sweep(&mut self) {
        let fs = &*self.state.world.fs;
        let waits = |id: &str, outlet: Outlet, n: usize| match self.state.file(id) {
            None => false,
            Some(file) => file.staged.is_none_or(|all| all.get(n).is_some_and(|o| o.outlet == outlet)),
        };
        let swept = self.config.channels.iter().try_for_each(|channel| sweep(fs, channel, &waits));
        match swept {
            Ok(()) => self.swept = true,
            Err(error) => {
                events::failed("clearing staged files", &error);
                self.untaken += 1;
            }
        }
    }

    /// A file that lies in the spool now.
    fn taken(&mut self, taken: &Taken, candidate: &Candidate) -> Result<(), Error> {
        let meta = &candidate.meta;
        if !self.receive(&taken.id, meta)? {
            return Ok(());
        }
        if let Some(original) = &taken.original {
            self.leave_or_remove(original, &taken.id);
        } else {
            self.intake.taken(&candidate.path);
        }
        self.work(&taken.id, Event::Begun)
    }

    /// Removes an original whose copy is journalled. One that was written on meanwhile is taken again, as the late state
    /// of that file; one that can't be removed is left alone until it changes, or it would be copied every round.
    fn leave_or_remove(&mut self, original: &Path, id: &str) {
        let received = self.state.file(id).map(|f| f.sha256);
        let now = archive::hash(&self.state.stored(original)).map(|(sha256, _)| sha256);
        if now.is_ok_and(|now| received.is_some_and(|received| now != received)) {
            self.late.insert(original.to_owned(), id.to_owned());
            return;
        }
        match custody::remove_original(&*self.state.world.fs, original) {
            Ok(()) => self.intake.taken(original),
            Err(error) => {
                events::failed("removing an original", &error);
                self.intake.leave(original);
            }
        }
    }

    /// Works on a file; one that can't be finished now is tried again later, and leaves the others their way.
    fn work(&mut self, id: &str, event: Event) -> Result<(), Error> {
        let Some(file) = self.state.file(id) else { return Ok(()) };
        let worker = Worker {
            state: &self.state,
            channels: &self.config.channels,
            edits: &self.edits.edits,
            trial: &self.edits.trial,
            threads: self.options.threads,
            answers: (self.config.acks, self.config.held_means),
            timezone: &self.config.timezone,
        };
        let span = events::file_span(id, &file.channel, way(file.direction));
        let end = span.in_scope(|| worker.work(id, event))?;
        // What came late to it lies in the spool, not yet journalled.
        self.orphans = true;
        if end == End::Wait {
            self.failed.push((id.to_owned(), self.now() + PAUSE, Event::Begun));
        }
        self.news |= file.direction == Direction::Inbound || !self.state.unwritten_alerts().is_empty();
        Ok(())
    }
}

fn way(direction: Direction) -> &'static str {
    match direction {
        Direction::Outbound => "outbound",
        Direction::Inbound => "inbound",
    }
}
