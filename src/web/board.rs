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
    /// When the order was last made; held by who brings the rows up to date.
    ordered: Mutex<Option<Duration>>,
}

impl Board {
    /// An empty one.
    #[must_use]
    pub fn new() -> Board {
        Board { rows: RwLock::default(), ordered: Mutex::default() }
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
        let held = holds::show(&*desk.state.store_soon()?, id)?;
        Ok(held.map(|held| Arc::new(Row::of(&held, &desk.edits(), desk.today(), &rows.chances, 0))))
    }

    fn refresh(&self, desk: &Desk) -> Result<(), Failed> {
        let mut ordered = self.ordered.lock().unwrap_or_else(PoisonError::into_inner);
        let touched = desk.state.touched();
        let (now, today) = (desk.state.world.clock.steady(), desk.today());
        let stands = ordered.is_some_and(|at| now < at + STANDS)
            && self.rows.read().unwrap_or_else(PoisonError::into_inner).today == Some(today);
        if stands && !touched.all && touched.holds.is_empty() {
            return Ok(());
        }
        let store = match desk.state.store_soon() {
            Ok(store) => store,
            Err(error) => {
                desk.state.touch_all();
                return Err(error.into());
            }
        };
        let edits = desk.edits();
        if touched.all || ordered.is_none() {
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
            *ordered = Some(now);
            return Ok(());
        }
        let mut ids = touched.holds;
        ids.sort();
        ids.dedup();
        let changed = ids
            .iter()
            .map(|id| Ok((id, holds::show(&store, id)?)))
            .collect::<Result<Vec<_>, crate::store::Error>>();
        let changed = match changed {
            Ok(changed) => changed,
            Err(error) => {
                desk.state.touch_all();
                return Err(error.into());
            }
        };
        let mut all = self.rows.write().unwrap_or_else(PoisonError::into_inner);
        all.generation += u64::from(!changed.is_empty());
        let generation = all.generation;
        for (id, held) in changed {
            let before = all.remove(id);
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
        if !stands {
            let Rows { ordered: rows, by_id, chances, .. } = &mut *all;
            for row in rows.iter_mut() {
                *row = Arc::new(Row::clone(row).weighed(today, chances));
                by_id.insert(row.id.clone(), Arc::clone(row));
            }
            rows.sort_by(|a, b| a.key().cmp(&b.key()));
            (all.today, *ordered) = (Some(today), Some(now));
        }
        Ok(())
    }
}
