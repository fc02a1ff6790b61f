//! Every claim that is held, in memory, in the order it is worked: what is at risk first. Read once from the index, then kept up with what is
//! decided; a page of a hundred thousand claims reads none of them anew.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;

use super::handle::Failed;
use super::row::{Chances, Row};
use crate::daemon::desk::Desk;
use crate::holds;

/// How long the order stands before it is made anew, for days pass and chances change.
const STANDS: Duration = Duration::from_secs(300);

/// What puts one row before another: escalated first, then by what is at risk, the longest held of equal ones.
pub type Key<'a> = (bool, Reverse<i64>, Timestamp, &'a str);

/// All rows.
#[derive(Debug, Default)]
pub struct Rows {
    /// In their order.
    pub ordered: Vec<Arc<Row>>,
    by_id: HashMap<String, Arc<Row>>,
    /// How often fixing a claim that an edit stopped let it leave.
    chances: Chances,
    /// Grows with everything that happens.
    pub generation: u64,
    today: Option<Date>,
}

impl Rows {
    fn place(&self, row: &Row) -> Result<usize, usize> {
        self.ordered.binary_search_by(|other| other.key().cmp(&row.key()))
    }

    fn remove(&mut self, id: &str) -> Option<Arc<Row>> {
        let row = self.by_id.remove(id)?;
        if let Ok(at) = self.place(&row) {
            self.ordered.remove(at);
        }
        Some(row)
    }

    fn insert(&mut self, row: Row) {
        let row = Arc::new(row);
        if let Err(at) = self.place(&row) {
            self.ordered.insert(at, Arc::clone(&row));
        }
        self.by_id.insert(row.id.clone(), row);
    }

    /// Of rows, for tests.
    #[cfg(test)]
    pub fn of(all: Vec<Row>) -> Rows {
        let today = jiff::civil::date(2026, 11, 21);
        let mut rows = Rows::default();
        all.into_iter().for_each(|row| rows.insert(row.weighed(today, &Chances::default())));
        rows
    }

    /// A row by its hold.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<Row>> {
        self.by_id.get(id)
    }

    /// Rows behind a claim, wherever it is by now.
    #[must_use]
    pub fn behind(&self, row: &Row) -> usize {
        self.ordered.partition_point(|other| other.key() <= row.key())
    }
}

/// The rows, shared, and kept up.
#[derive(Debug)]
pub struct Board {
    rows: RwLock<Rows>,
    /// Held by who brings the rows up to date.
    upkeep: Mutex<Upkeep>,
}

/// How far the rows are.
#[derive(Debug, Default)]
struct Upkeep {
    /// When the order was last made.
    ordered: Option<Duration>,
    /// Holds that something happened to, each with the record that the index must have seen for what it says of them to be the last word.
    pending: Vec<(u64, String)>,
}

impl Board {
    /// An empty one.
    #[must_use]
    pub fn new() -> Board {
        Board { rows: RwLock::default(), upkeep: Mutex::default() }
    }

    /// The rows as of now.
    ///
    /// # Errors
    /// When the index can't be read.
    pub fn rows(&self, desk: &Desk) -> Result<RwLockReadGuard<'_, Rows>, Failed> {
        self.refresh(desk)?;
        Ok(self.rows.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// A row for a claim that is not on the board any more, or was never.
    ///
    /// # Errors
    /// When the index can't be read.
    pub fn row(&self, desk: &Desk, id: &str) -> Result<Option<Arc<Row>>, Failed> {
        let rows = self.rows(desk)?;
        if let Some(row) = rows.get(id) {
            return Ok(Some(Arc::clone(row)));
        }
        let held = holds::show(&*desk.state.store_now()?, id)?;
        Ok(held.map(|held| Arc::new(Row::of(&held, &desk.edits(), desk.today(), &rows.chances, 0))))
    }

    fn refresh(&self, desk: &Desk) -> Result<(), Failed> {
        let mut upkeep = self.upkeep.lock().unwrap_or_else(PoisonError::into_inner);
        let (touched, last) = desk.state.touched();
        upkeep.pending.extend(touched.holds.into_iter().map(|id| (last, id)));
        let (now, today) = (desk.state.world.clock.steady(), desk.today());
        let begins = touched.all || upkeep.ordered.is_none();
        let stands = !begins
            && upkeep.ordered.is_some_and(|at| now < at + STANDS)
            && self.rows.read().unwrap_or_else(PoisonError::into_inner).today == Some(today);
        if stands && upkeep.pending.is_empty() {
            return Ok(());
        }
        let done =
            if begins { self.read(desk, today) } else { self.catch_up(desk, &mut upkeep.pending, today) };
        if let Err(error) = done {
            desk.state.touch_all();
            return Err(error);
        }
        if begins {
            upkeep.pending.clear();
        } else if !stands {
            self.order(today);
        }
        if begins || !stands {
            upkeep.ordered = Some(now);
        }
        Ok(())
    }

    /// All rows, from the index.
    fn read(&self, desk: &Desk, today: Date) -> Result<(), Failed> {
        let (store, edits) = (desk.state.store_soon()?, desk.edits());
        let (mut fresh, mut open) = (Rows { today: Some(today), ..Rows::default() }, Vec::new());
        holds::each(&store, &mut |held| {
            if held.is_open() {
                open.push(held);
            } else {
                fresh.chances.count(&held);
            }
        })?;
        let mut rows: Vec<Arc<Row>> =
            open.iter().map(|held| Arc::new(Row::of(held, &edits, today, &fresh.chances, 0))).collect();
        rows.sort_by(|a, b| a.key().cmp(&b.key()));
        fresh.by_id = rows.iter().map(|row| (row.id.clone(), Arc::clone(row))).collect();
        fresh.ordered = rows;
        let mut all = self.rows.write().unwrap_or_else(PoisonError::into_inner);
        fresh.generation = all.generation + 1;
        *all = fresh;
        Ok(())
    }

    /// Rows of holds that something happened to, from the index as it is: it is not waited for. What it has not seen yet is looked at again.
    fn catch_up(&self, desk: &Desk, pending: &mut Vec<(u64, String)>, today: Date) -> Result<(), Failed> {
        let (store, edits) = (desk.state.store_now()?, desk.edits());
        let applied = store.applied();
        let mut ids: Vec<&String> = pending.iter().map(|(_, id)| id).collect();
        ids.sort();
        ids.dedup();
        let changed = ids
            .into_iter()
            .map(|id| Ok((id.clone(), holds::show(&store, id)?)))
            .collect::<Result<Vec<_>, crate::store::Error>>()?;
        pending.retain(|(seq, _)| *seq > applied);
        let mut all = self.rows.write().unwrap_or_else(PoisonError::into_inner);
        all.generation += u64::from(!changed.is_empty());
        let generation = all.generation;
        for (id, held) in changed {
            let before = all.remove(&id);
            match held {
                Some(held) if held.is_open() => {
                    let since = before.map_or(generation, |row| row.since);
                    let row = Row::of(&held, &edits, today, &all.chances, since);
                    all.insert(row);
                }
                Some(held) if before.is_some() => all.chances.count(&held),
                _ => {}
            }
        }
        Ok(())
    }

    /// The order made anew.
    fn order(&self, today: Date) {
        let mut all = self.rows.write().unwrap_or_else(PoisonError::into_inner);
        let Rows { ordered: rows, by_id, chances, .. } = &mut *all;
        for row in rows.iter_mut() {
            *row = Arc::new(Row::clone(row).weighed(today, chances));
            by_id.insert(row.id.clone(), Arc::clone(row));
        }
        rows.sort_by(|a, b| a.key().cmp(&b.key()));
        all.today = Some(today);
    }
}
