//! One round of the daemon: receive what is orphaned, finish what is open, take what is ready, let claims leave, write alerts.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::civil::Date;

use super::answer::answer;
use super::custody;
use super::desk::Desk;
use super::error::Error;
use super::hands::{Hands, Notes};
use super::intake::{Intake, Round, some_of_each};
use super::leave::leave;
use super::notices;
use super::pressure::{Cause, Pressure};
use super::reload::InForce;
use super::run::Options;
use super::service;
use super::stage::{self, OUTLETS, sweep};
use super::state::{Indexed, State};
use super::step::Event;
use super::work::Worker;
use crate::config::{Channel, Config};
use crate::events;
use crate::journal::{Direction, Outlet, Record};
use crate::seal;
use crate::world::{World, make_folders_of_others};

/// What a daemon between two rounds waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
    /// Nothing to take, nothing settling.
    Nothing,
    /// Look again after this long.
    Until(Duration),
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
    /// Hash of the edits whose standings the journal has.
    noted: String,
    intake: Mutex<Intake>,
    notes: Mutex<Notes>,
    pressure: Pressure,
    ending: Arc<AtomicBool>,
    /// Incomplete files told of already.
    incomplete: usize,
    /// Unreadable files and folders told of already.
    unreadable: usize,
    /// Folders can be read again.
    back: bool,
    /// Staged files of earlier runs are gone.
    swept: bool,
    /// Folders that could not be made at the start. One that vanishes later is never made: it may be a share that isn't mounted.
    unmade: Vec<PathBuf>,
    /// The day alerts were last looked at.
    looked: Option<Date>,
    /// Until when it is not done again: over millions of claims it takes seconds.
    rests: Option<Instant>,
}

/// The folders of all channels; and those beside them for what is staged, where they are there: their own names may not be durable yet.
fn folders(world: &World, config: &Config) -> Vec<PathBuf> {
    let staged = |c: &Channel| OUTLETS.map(|outlet| stage::folder(c, outlet).join(".tmp"));
    let beside = config.channels.iter().flat_map(staged).filter(|f| world.fs.look(f).is_ok());
    let named = config.channels.iter().flat_map(|c| c.folders().map(|(_, folder)| folder.to_owned()));
    named.chain(beside).collect()
}

/// Makes folders; gives those that can't be made now.
fn make(world: &World, folders: Vec<PathBuf>) -> Vec<PathBuf> {
    let is_unmade = |folder: &PathBuf| match make_folders_of_others(&*world.fs, folder) {
        Ok(()) => false,
        Err(error) => {
            events::failed("making a folder", &Error::io("making", folder)(error));
            true
        }
    };
    folders.into_iter().filter(is_unmade).collect()
}

/// Looking for trends takes at most one in so many parts of the time.
const SHARE: u32 = 20;
/// How soon to look whether the index is there, where alerts wait for it.
const COMING: Duration = Duration::from_millis(200);

impl Daemon {
    /// Opens the state and makes the folders.
    pub fn start(config: Arc<Config>, options: Options, ending: Arc<AtomicBool>) -> Result<Daemon, Error> {
        let edits = InForce::read(&config).map_err(Error::Site)?;
        // A run that takes what is there and ends does all of it.
        let indexed = Indexed::by_sled(&config.state, config.index_cache, !options.once)
            .by(Some(edits.tables(&config)?));
        let world = World { keys: seal::load(config.keys.as_deref())?, ..World::real() };
        Daemon::start_in(world, config, (options, ending), edits, indexed)
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
        let unmade = make(&world, folders(&world, &config));
        let state = Arc::new(State::open_in(world, &config.state, config.journal, indexed)?);
        let desk = Desk::new(Arc::clone(&state), Arc::clone(&edits.edits), config.timezone.clone())
            .with_trends(config.alerting.trends.clone())
            .with_second_person_from(config.held.second_person_from);
        let mut notes = Notes { orphans: true, news: true, ..Notes::default() };
        // What a crash or a stop left: the first round works on it.
        let open = state.open_files();
        open.iter().for_each(|file| notes.left(&file.id));
        events::started(config.channels.len(), edits.edits.hash(), open.len());
        Ok(Daemon {
            desk: Arc::new(desk),
            config,
            options,
            state,
            edits,
            noted: String::new(),
            intake: Mutex::new(Intake::default()),
            notes: Mutex::new(notes),
            pressure: Pressure::default(),
            ending,
            incomplete: 0,
            unreadable: 0,
            back: false,
            swept: false,
            unmade,
            looked: None,
            rests: None,
        })
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many files and folders could not be worked on.
    pub fn stuck(&self) -> usize {
        let notes = self.notes();
        notes.waiting.len() + self.unreadable + notes.untaken + self.unmade.len()
    }

    fn now(&self) -> Duration {
        self.state.world.clock.steady()
    }

    fn today(&self) -> Date {
        self.state.world.clock.now().to_zoned(self.config.timezone.clone()).date()
    }

    fn hands(&self) -> Hands<'_> {
        let worker = Worker {
            state: &self.state,
            channels: &self.config.channels,
            edits: &self.edits.edits,
            trial: &self.edits.trial,
            threads: self.options.threads,
            answers: (self.config.acks, self.config.held_means),
            timezone: &self.config.timezone,
        };
        Hands { worker, config: &self.config, intake: &self.intake, notes: &self.notes, ending: &self.ending }
    }

    /// Journals how edits stand where that changed, so that a change of denials can be held against it.
    fn note_edits(&mut self) -> Result<(), Error> {
        let edits = Arc::clone(&self.edits.edits);
        if self.noted == edits.hash() {
            return Ok(());
        }
        let list = edits.standings();
        if self.state.minutes(|minutes| minutes.differ(&list)) {
            let (day, edits) = (self.today(), edits.hash().to_owned());
            self.state.append(vec![Record::EditsInForce { edits, day, list }])?;
        }
        edits.hash().clone_into(&mut self.noted);
        Ok(())
    }

    /// True once after folders that could not be read can be again.
    pub fn came_back(&mut self) -> bool {
        std::mem::take(&mut self.back)
    }

    /// Takes what lies there and works on what is left.
    ///
    /// # Errors
    /// What only a new start can mend.
    pub fn round(&mut self) -> Result<Idle, Error> {
        self.edits.refresh(&self.config);
        self.desk.set_edits(&self.edits.edits);
        if let Err(error) = self.note_edits() {
            self.untaken("noting the edits in force", error)?;
        }
        let orphans = {
            let mut notes = self.notes();
            (notes.untaken, notes.settling) = (0, 0);
            std::mem::take(&mut notes.orphans)
        };
        self.unmade = make(&self.state.world, std::mem::take(&mut self.unmade));
        if !self.swept {
            self.sweep();
        }
        if orphans && let Err(error) = self.hands().receive_orphans() {
            self.untaken("looking through the spool", error)?;
            self.notes().orphans = true;
        }
        let due = self.notes().due(self.now());
        for (id, event) in due {
            if !self.ending.load(Ordering::SeqCst) {
                self.hands().work(&id, event)?;
            }
        }
        let (settling, more) = self.take()?;
        if self.ending.load(Ordering::SeqCst) {
            // What was found out about the files in hand is not put off until the next start.
            if let Err(error) = notices::write(&self.state, &self.config.channels) {
                self.untaken("writing alerts", error)?;
            }
            return Ok(Idle::Nothing);
        }
        self.leave()?;
        self.alert()?;
        self.state.index.tend();
        let now = self.now();
        let look = self.intake.lock().unwrap_or_else(PoisonError::into_inner).next_look(now);
        let notes = self.notes();
        // What could not be taken or received waits its turn, as all that failed does.
        if more || (notes.untaken == 0 && notes.orphans && custody::has_orphans(&self.state)) {
            return Ok(Idle::Until(Duration::from_millis(10)));
        }
        let mut again = notes.next(now).map(|wait| wait.max(Duration::from_millis(10)));
        if notes.news && self.waits_for_alerts() {
            // Alerts wait for the index, and nobody says when it is there.
            again = Some(again.map_or(COMING, |again| again.min(COMING)));
        }
        Ok(match (settling + notes.settling, again) {
            (0, None) => Idle::Nothing,
            (0, Some(_)) if self.options.once => Idle::Nothing,
            (0, Some(again)) => Idle::Until(again),
            (_, again) => {
                let wait = look.unwrap_or(self.config.intake.scan);
                Idle::Until(again.map_or(wait, |again| again.min(wait)))
            }
        })
    }

    /// Notes what could not be done now, and gives back what only a new start can mend.
    fn untaken(&self, step: &str, error: Error) -> Result<(), Error> {
        if !error.retry() {
            return Err(error);
        }
        self.state.suspect(&error);
        events::failed(step, &error);
        self.notes().untaken += 1;
        Ok(())
    }

    /// Takes files; gives how many are settling, and whether there are more to take at once.
    fn take(&mut self) -> Result<(usize, bool), Error> {
        let fs = Arc::clone(&self.state.world.fs);
        self.pressure.look(&*fs, &self.config);
        let now = self.now();
        let busy = match custody::originals(&self.state) {
            Ok(busy) => busy,
            // Nothing is taken where it can't be told what was.
            Err(error) => return self.untaken("looking through the spool", error).map(|()| (0, false)),
        };
        let pressure = &self.pressure;
        let paused = |channel: &_, direction| pressure.is_paused(channel, direction);
        let mut round = self.intake.lock().unwrap_or_else(PoisonError::into_inner).round(
            &fs,
            &self.config,
            (&paused, &busy),
            now,
        );
        let mut ready = std::mem::take(&mut round.ready);
        self.pressure.thin_out(&mut ready);
        self.notes().untaken += round.waiting;
        let more = some_of_each(&mut ready);
        let (claims, answers): (Vec<_>, Vec<_>) =
            ready.into_iter().partition(|c| c.meta.direction == Direction::Outbound);
        self.tell(&round);
        let hands = self.hands();
        hands.take_all(claims)?;
        hands.take_all(answers)?;
        Ok((round.settling, more))
    }

    /// Told when it changes, not every few seconds.
    fn tell(&mut self, round: &Round) {
        for channel in &self.config.channels {
            let unreadable = round.unreadable.iter().any(|(name, _)| *name == channel.name);
            self.pressure.set(&channel.name, Cause::Unreadable, unreadable);
            let too_long = round.too_long.contains(&channel.name);
            self.pressure.set(&channel.name, Cause::TooLong, too_long);
        }
        let mut causes: Vec<&str> = self.pressure.causes().map(|(_, cause)| cause.name()).collect();
        causes.sort_unstable();
        causes.dedup();
        service::trouble((!causes.is_empty()).then(|| causes.join(", ")).as_deref());
        if round.unreadable.len() != self.unreadable {
            self.back |= round.unreadable.len() < self.unreadable;
            self.unreadable = round.unreadable.len();
            round.unreadable.iter().for_each(|(_, error)| events::failed("reading the drop folders", error));
        }
        if round.incomplete.len() != self.incomplete {
            self.incomplete = round.incomplete.len();
            round.incomplete.iter().for_each(|(channel, bytes)| events::incomplete(channel, *bytes));
        }
    }

    /// Lets claims leave, and tells senders what became of theirs. Behind the files: a claim that was sent anew is not to leave as well.
    fn leave(&self) -> Result<(), Error> {
        match leave(&self.desk, &self.config.channels, &self.edits.trial) {
            Ok(waiting) => self.notes().untaken += waiting,
            Err(error) => self.untaken("releasing claims", error)?,
        }
        self.work_ours()?;
        match answer(&self.hands().worker, &self.config) {
            Ok(waiting) => self.notes().untaken += waiting,
            Err(error) => self.untaken("answering for held claims", error)?,
        }
        self.work_ours()
    }

    /// Works the files we made ourselves.
    fn work_ours(&self) -> Result<(), Error> {
        for file in self.state.open_files().into_iter().filter(|f| f.ours.is_some()) {
            let waits = self.notes().waiting.contains_key(&file.id);
            if !waits {
                self.hands().work(&file.id, Event::Begun)?;
            }
        }
        Ok(())
    }

    /// True while the index is on its way, or was looked through for trends a short while ago.
    fn waits_for_alerts(&self) -> bool {
        let index = &self.state.index;
        let rests = self.rests.is_some_and(|until| Instant::now() < until);
        index.is_coming() || (index.is_background() && rests)
    }

    fn alert(&mut self) -> Result<(), Error> {
        let today = self.today();
        let mut alerted = Ok(());
        for (channel, cause) in self.pressure.causes() {
            alerted = alerted.and_then(|()| notices::pressing(&self.state, channel, cause, today));
        }
        // A new day may end a week.
        let new_day = self.looked.replace(today) != Some(today);
        let news =
            std::mem::take(&mut self.notes().news) || new_day || !self.state.unwritten_alerts().is_empty();
        if news && self.waits_for_alerts() {
            // What came last is not counted yet: the next round looks again, and no file waits for that.
            self.notes().news = true;
            alerted = alerted.and_then(|()| notices::write(&self.state, &self.config.channels));
        } else if news {
            let begun = Instant::now();
            alerted =
                alerted.and_then(|()| notices::alert(&self.state, &self.config, &self.edits.edits, today));
            self.rests = Some(begun + begun.elapsed() * SHARE);
        }
        if let Err(error) = alerted {
            self.notes().news = true;
            self.untaken("writing alerts", error)?;
        }
        Ok(())
    }

    /// Clears what earlier runs staged for files that are done.
    fn sweep(&mut self) {
        let fs = &*self.state.world.fs;
        let waits = |id: &str, outlet: Outlet, n: Option<usize>| match self.state.file(id) {
            // One the journal has never heard of is another's, or of a state that isn't the one in use.
            None => !self.state.is_done(id),
            Some(file) => file.staged.is_none_or(|all| match n {
                Some(n) => all.get(n).is_some_and(|o| o.outlet == outlet),
                None => all.iter().any(|o| o.outlet == outlet),
            }),
        };
        let swept = self.config.channels.iter().try_for_each(|channel| sweep(fs, channel, &waits));
        match swept {
            Ok(()) => self.swept = true,
            Err(error) => {
                events::failed("clearing staged files", &error);
                self.notes().untaken += 1;
            }
        }
    }
}
