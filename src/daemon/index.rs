//! The index beside the journal: opened, folded on, and folded anew where it is broken or gone, while the work goes on without it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::error::Error;
use crate::events;
use crate::journal::{Entry, Epoch, Ledger, Position};
use crate::store::{self, Engines, Store, View};

/// The index, or that there is none right now.
#[derive(Debug)]
enum Phase {
    /// Up to the last record.
    Ready(Arc<Store>),
    /// Being folded, from where it was or from the start.
    Folding,
    /// Not to be had, and nobody is at it.
    Absent(String),
}

/// The index of a state.
pub struct Index {
    engines: Box<dyn Engines>,
    views: Vec<Box<dyn View>>,
    ledger: Arc<dyn Ledger>,
    epoch: Epoch,
    maker: String,
    /// True where it is folded by a thread of its own.
    background: bool,
    phase: Mutex<Phase>,
    changed: Condvar,
    /// Nobody needs it any more.
    ended: AtomicBool,
    /// Number of the last record that was written.
    written: AtomicU64,
    /// A thread folds what was written since.
    following: AtomicBool,
}

/// How long who asks waits for what was written last.
const PATIENCE: Duration = Duration::from_secs(10);
/// From here on it is told how far behind the index was.
const WORTH_TELLING: Duration = Duration::from_secs(2);

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index").field("engines", &self.engines).finish_non_exhaustive()
    }
}

impl Index {
    /// An index nobody has opened yet.
    #[must_use]
    pub fn new(
        engines: Box<dyn Engines>,
        views: Vec<Box<dyn View>>,
        (ledger, epoch): (Arc<dyn Ledger>, Epoch),
        maker: String,
        background: bool,
    ) -> Index {
        let phase = Mutex::new(Phase::Absent("it was not opened yet".to_owned()));
        let (changed, ended) = (Condvar::new(), AtomicBool::new(false));
        let (written, following) = (AtomicU64::new(0), AtomicBool::new(false));
        Index { engines, views, ledger, epoch, maker, background, phase, changed, ended, written, following }
    }

    fn phase(&self) -> MutexGuard<'_, Phase> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, phase: Phase) {
        *self.phase() = phase;
        self.changed.notify_all();
    }

    /// Opens it and folds into it what it lacks; in the background where that is how it is kept, else before this returns. Nothing is
    /// done when somebody is at it already. With `anew` what is there is thrown away first.
    pub fn begin(self: &Arc<Self>, anew: bool) {
        {
            let mut phase = self.phase();
            if matches!(*phase, Phase::Folding) || self.ended.load(Ordering::SeqCst) {
                return;
            }
            *phase = Phase::Folding;
        }
        if !self.background {
            return self.fold_all(anew);
        }
        let index = Arc::clone(self);
        let begun = thread::Builder::new().name("index".to_owned()).spawn(move || index.fold_all(anew));
        if let Err(error) = begun {
            self.set(Phase::Absent(format!("no thread for it: {error}")));
        }
    }

    fn fold_all(&self, mut anew: bool) {
        let begun = Instant::now();
        for last in [false, true] {
            let folded = catch_unwind(AssertUnwindSafe(|| self.try_fold_all(anew)));
            let panicked = |_| Err(store::Error::Engine { step: "folding", source: "it panicked".into() });
            match folded.unwrap_or_else(panicked) {
                Ok(0) => return,
                Ok(records) => return events::index_folded(records, begun.elapsed()),
                // What lies there may be what is wrong: once more from nothing.
                Err(error) if !last && !anew && error.is_of_the_engine() => {
                    events::failed("opening the index; it is folded anew", &error);
                    anew = true;
                }
                Err(error) => {
                    events::failed("folding the index", &error);
                    return self.set(Phase::Absent(events::chain(&error)));
                }
            }
        }
    }

    /// Gives how many records were folded.
    fn try_fold_all(&self, anew: bool) -> Result<u64, store::Error> {
        let store = Arc::new(self.open(anew)?);
        let views: Vec<&dyn View> = self.views.iter().map(|v| &**v).collect();
        let from = store.applied();
        let mut position = Position::behind(from);
        loop {
            let end = self.fold_after(&store, &views, position)?;
            if end == position {
                break;
            }
            position = end;
        }
        store.checkpoint()?;
        // What came meanwhile, with nobody folding beside us.
        let mut phase = self.phase();
        self.fold_after(&store, &views, position)?;
        let records = store.applied() - from;
        *phase = Phase::Ready(store);
        drop(phase);
        self.changed.notify_all();
        Ok(records)
    }

    fn open(&self, anew: bool) -> Result<Store, store::Error> {
        let refused = |source| store::Error::Engine { step: "opening", source };
        let thrown = |e: std::io::Error| store::Error::Engine { step: "throwing away", source: e.into() };
        if anew {
            self.engines.discard().map_err(thrown)?;
        }
        let engine = self.engines.open().map_err(refused)?;
        if let Some(store) = Store::open(engine, &self.maker, &|seq, crc| self.has(seq, crc))?
            && self.fits(&store)?
        {
            return Ok(store);
        }
        self.engines.discard().map_err(thrown)?;
        let engine = self.engines.open().map_err(refused)?;
        let fresh = Store::open(engine, &self.maker, &|_, _| false)?;
        let fresh = fresh.ok_or_else(|| refused("what was thrown away is still there".into()))?;
        self.fits(&fresh)?;
        Ok(fresh)
    }

    /// True where every view can fold on.
    fn fits(&self, store: &Store) -> Result<bool, store::Error> {
        let refused = |source| store::Error::Engine { step: "looking at the tables of", source };
        self.views.iter().try_fold(true, |fits, view| Ok(view.prepare(store).map_err(refused)? && fits))
    }

    /// True when the journal has a record of this number and checksum.
    fn has(&self, seq: u64, crc: u32) -> bool {
        let mut found = false;
        let before = Position::behind(seq.saturating_sub(1));
        let read = self.ledger.tail(self.epoch, before, &mut |_, entry| {
            found |= entry.seq == seq && entry.crc == crc;
            Ok(())
        });
        read.is_ok() && found
    }

    fn fold_after(
        &self,
        store: &Store,
        views: &[&dyn View],
        position: Position,
    ) -> Result<Position, store::Error> {
        let mut failed = None;
        let read = self.ledger.tail(self.epoch, position, &mut |_, entry| {
            if failed.is_none() && self.ended.load(Ordering::SeqCst) {
                let source = "the state is being closed".into();
                failed = Some(store::Error::Fold { seq: entry.seq, source });
            }
            if failed.is_none() {
                failed = store.fold(&entry, views).err();
            }
            Ok(())
        });
        match (failed, read) {
            (Some(error), _) => Err(error),
            (None, Ok(end)) => Ok(end),
            (None, Err(error)) => Err(store::Error::Fold { seq: store.applied() + 1, source: error.into() }),
        }
    }

    /// Folds a record; records come one at a time, in order. In the background it is only told that there is one: a long remittance is not
    /// to keep the next file waiting. Where folding fails the index is done without until it is folded anew: the journal has the record.
    pub fn fold(self: &Arc<Self>, entry: &Entry) {
        self.written.store(entry.seq, Ordering::SeqCst);
        if self.background {
            return self.follow();
        }
        let Ok(store) = self.ready() else { return };
        let views: Vec<&dyn View> = self.views.iter().map(|v| &**v).collect();
        if let Err(error) = store.fold(entry, &views) {
            events::failed("folding into the index; the work goes on without it", &error);
            self.give_up(&store, &error);
        }
    }

    /// Sees that somebody folds what was written.
    fn follow(self: &Arc<Self>) {
        if self.ready().is_err() || self.following.swap(true, Ordering::SeqCst) {
            return;
        }
        let index = Arc::clone(self);
        let begun = thread::Builder::new().name("index".to_owned()).spawn(move || index.catch_up());
        if let Err(error) = begun {
            self.following.store(false, Ordering::SeqCst);
            self.set(Phase::Absent(format!("no thread for it: {error}")));
        }
    }

    /// Folds until nothing is left.
    fn catch_up(self: &Arc<Self>) {
        let begun = Instant::now();
        let mut folded = 0;
        loop {
            let caught = catch_unwind(AssertUnwindSafe(|| self.catch_up_once()));
            match caught {
                Ok(records) => folded += records,
                Err(_) => self.set(Phase::Absent("folding panicked".to_owned())),
            }
            self.following.store(false, Ordering::SeqCst);
            self.changed.notify_all();
            // One that was written since then found somebody at it.
            let more = !self.ended.load(Ordering::SeqCst) && self.is_behind();
            if !more || self.following.swap(true, Ordering::SeqCst) {
                break;
            }
        }
        if begun.elapsed() > WORTH_TELLING {
            events::index_folded(folded, begun.elapsed());
        }
    }

    fn catch_up_once(self: &Arc<Self>) -> u64 {
        let Ok(store) = self.ready() else { return 0 };
        let views: Vec<&dyn View> = self.views.iter().map(|v| &**v).collect();
        let from = store.applied();
        match self.fold_after(&store, &views, Position::behind(from)) {
            Ok(_) => {}
            // The journal has what is left: the next start folds it.
            Err(_) if self.ended.load(Ordering::SeqCst) => {}
            Err(error) => {
                events::failed("folding into the index; the work goes on without it", &error);
                self.give_up(&store, &error);
            }
        }
        store.applied() - from
    }

    /// True where it is folded while the work goes on.
    #[must_use]
    pub fn is_background(&self) -> bool {
        self.background
    }

    /// True while somebody folds what the index lacks.
    #[must_use]
    pub fn is_coming(&self) -> bool {
        matches!(*self.phase(), Phase::Folding) || self.is_behind()
    }

    /// True while something that was written is not folded yet.
    fn is_behind(&self) -> bool {
        self.ready().is_ok_and(|store| store.applied() < self.written.load(Ordering::SeqCst))
    }

    /// Does without the index; it is folded anew where that may help.
    fn give_up(self: &Arc<Self>, store: &Arc<Store>, error: &store::Error) {
        {
            let mut phase = self.phase();
            // Somebody may be folding another already.
            match &*phase {
                Phase::Ready(ready) if Arc::ptr_eq(ready, store) => {
                    *phase = Phase::Absent(events::chain(error));
                }
                _ => return,
            }
        }
        if error.is_of_the_engine() {
            self.begin(true);
        }
    }

    /// Waits until nobody folds it any more.
    pub fn end(&self) {
        self.ended.store(true, Ordering::SeqCst);
        let mut phase = self.phase();
        while matches!(*phase, Phase::Folding) || self.following.load(Ordering::SeqCst) {
            (phase, _) = self
                .changed
                .wait_timeout(phase, Duration::from_millis(50))
                .unwrap_or_else(PoisonError::into_inner);
        }
        // What holds it open goes with the last who reads it.
        *phase = Phase::Absent("the state is closed".to_owned());
    }

    /// Throws the index away and folds it anew.
    pub fn rebuild(self: &Arc<Self>) {
        {
            let mut phase = self.phase();
            if matches!(*phase, Phase::Ready(_)) {
                *phase = Phase::Absent("it is to be folded anew".to_owned());
            }
        }
        self.begin(true);
    }

    /// The index up to the last record; who asks waits for that a while.
    ///
    /// # Errors
    /// [`Error::NoIndex`] while it is not.
    pub fn store(&self) -> Result<Arc<Store>, Error> {
        let wanted = self.written.load(Ordering::SeqCst);
        let until = Instant::now() + PATIENCE;
        loop {
            let store = self.ready()?;
            let left = until.saturating_duration_since(Instant::now());
            if store.applied() >= wanted {
                return Ok(store);
            }
            if left.is_zero() {
                let behind = wanted - store.applied();
                let why = format!("it is {behind} records behind the journal; ask again in a while");
                return Err(Error::NoIndex { why });
            }
            let phase = self.phase();
            drop(self.changed.wait_timeout(phase, left.min(Duration::from_millis(20))));
        }
    }

    /// The index, however far it is, and how many records it is behind.
    #[must_use]
    pub fn so_far(&self) -> Option<(Arc<Store>, u64)> {
        let store = self.ready().ok()?;
        let behind = self.written.load(Ordering::SeqCst).saturating_sub(store.applied());
        Some((store, behind))
    }

    /// The index, however far it is.
    fn ready(&self) -> Result<Arc<Store>, Error> {
        match &*self.phase() {
            Phase::Ready(store) => Ok(Arc::clone(store)),
            Phase::Folding => Err(Error::NoIndex { why: "it is being folded".to_owned() }),
            Phase::Absent(why) => Err(Error::NoIndex { why: why.clone() }),
        }
    }

    /// The same, waiting for it this long while somebody is at it.
    ///
    /// # Errors
    /// [`Error::NoIndex`] when it doesn't come.
    pub fn store_within(&self, patience: Duration) -> Result<Arc<Store>, Error> {
        let until = Instant::now() + patience;
        let mut phase = self.phase();
        while matches!(*phase, Phase::Folding) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            (phase, _) = self.changed.wait_timeout(phase, left).unwrap_or_else(PoisonError::into_inner);
        }
        drop(phase);
        self.store()
    }

    /// Makes what was folded durable; one that can't be is done without. Folding that failed is tried again.
    pub fn tend(self: &Arc<Self>) {
        match self.ready() {
            Ok(store) => {
                if let Err(error) = store.checkpoint() {
                    events::failed("flushing the index; it is folded anew", &error);
                    self.give_up(&store, &error);
                }
            }
            // Nothing is done where somebody is at it.
            Err(_) => self.begin(false),
        }
    }
}
