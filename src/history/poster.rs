//! Changes stories and all that follows from them together: rows by week, weekly counts. What a story came to before is taken out, what it
//! comes to now is put in, so that neither the order nor the number of times facts come makes a difference.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::derive::{AdjustmentRow, derived};
use super::rollup::{self, Count};
use super::story::Story;
use super::tables::Tables;
use super::volume::{self, Volume};
use crate::archive::Archive;
use crate::store::{Batch, Refusal, Store};

/// What keys of stories begin with.
pub const STORIES: &str = "story/";
/// What keys of rows begin with that are denials or take them back: the few that are gone through when somebody asks.
pub const DENIED: &str = "denied/";
/// The same of all other rows.
const ADJUSTED: &str = "adjusted/";

/// Stories changed before they are written: what is folded twice after a crash comes to the same.
const MOST: usize = 2000;

/// A story that is being changed.
struct Open {
    before: (Vec<AdjustmentRow>, BTreeMap<volume::Place, Volume>),
    story: Story,
}

/// Changes stories.
pub struct Poster<'a> {
    store: &'a Store,
    archive: &'a Archive,
    tables: &'a Tables,
    batch: Batch,
    open: HashMap<String, Open>,
}

/// Where a story is kept. Keys start with the length, so that no claim number is a prefix of another.
#[must_use]
pub fn story_key(archive: &Archive, claim: &str) -> String {
    let claim = archive.in_index(claim);
    format!("{STORIES}{:03}/{claim}", claim.len())
}

/// Where the rows of a claim are kept that a payer's remittances of a week brought: prefix, week, payer.
type Place = (&'static str, String, String);

fn rows_key(archive: &Archive, (prefix, week, payer): &Place, claim: &str) -> String {
    format!("{prefix}{week}/{payer}/{}", archive.in_index(claim))
}

fn by_place(rows: Vec<AdjustmentRow>) -> BTreeMap<Place, Vec<AdjustmentRow>> {
    let mut all: BTreeMap<Place, Vec<AdjustmentRow>> = BTreeMap::new();
    for row in rows {
        let prefix = if rollup::counts(&row) { DENIED } else { ADJUSTED };
        all.entry((prefix, row.week.clone(), row.payer.clone())).or_default().push(row);
    }
    all
}

impl<'a> Poster<'a> {
    /// Nothing changed yet.
    pub fn new(store: &'a Store, archive: &'a Archive, tables: &'a Tables) -> Poster<'a> {
        Poster { store, archive, tables, batch: Batch::default(), open: HashMap::new() }
    }

    /// The tables.
    #[must_use]
    pub fn tables(&self) -> &'a Tables {
        self.tables
    }

    /// Changes the story of a claim number.
    ///
    /// # Errors
    /// When the index can't be read or written.
    pub fn change(&mut self, claim: &str, change: impl FnOnce(&mut Story)) -> Result<(), Refusal> {
        if self.open.len() >= MOST {
            self.write()?;
        }
        if !self.open.contains_key(claim) {
            let story = self.store.get_packed::<Story>(&story_key(self.archive, claim))?;
            let story = story.unwrap_or_else(|| Story::of(claim));
            self.open.insert(claim.to_owned(), Open { before: derived(&story, self.tables), story });
        }
        if let Some(open) = self.open.get_mut(claim) {
            change(&mut open.story);
        }
        Ok(())
    }

    /// Writes what changed; called at the end, too.
    ///
    /// # Errors
    /// When the index can't be read or written.
    pub fn write(&mut self) -> Result<(), Refusal> {
        let mut counts: BTreeMap<String, Count> = BTreeMap::new();
        let mut volumes: BTreeMap<volume::Place, Volume> = BTreeMap::new();
        let mut all: Vec<(String, Open)> = self.open.drain().collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        for (claim, Open { before: (before, decided_before), story }) in all {
            let (after, decided) = derived(&story, self.tables);
            for (times, decided) in [(-1, decided_before), (1, decided)] {
                for (place, volume) in decided {
                    volumes.entry(place).or_default().add(&volume, times);
                }
            }
            for set in &self.tables.rollups {
                for (place, count) in rollup::change(&before, &after, set) {
                    counts.entry(rollup::key(set, &place)).or_default().add(count);
                }
            }
            let (before, after) = (by_place(before), by_place(after));
            let places: BTreeSet<_> = before.keys().chain(after.keys()).collect();
            for place in places {
                let key = rows_key(self.archive, place, &claim);
                match after.get(place) {
                    Some(rows) if before.get(place) != Some(rows) => self.batch.put_packed(&key, rows)?,
                    Some(_) => {}
                    None => self.batch.remove(&key),
                }
            }
            let key = story_key(self.archive, &claim);
            if story.is_empty() {
                self.batch.remove(&key);
            } else {
                self.batch.put_packed(&key, &story)?;
            }
        }
        for (key, change) in counts {
            let mut count = self.store.get_packed::<Count>(&key)?.unwrap_or_default();
            count.add(change);
            if count.is_nothing() {
                self.batch.remove(&key);
            } else {
                self.batch.put_packed(&key, &count)?;
            }
        }
        for (place, change) in volumes.iter().filter(|(_, change)| !change.is_nothing()) {
            let key = volume::key(place);
            let mut volume = self.store.get_packed::<Volume>(&key)?.unwrap_or_default();
            volume.add(change, 1);
            if volume.is_nothing() {
                self.batch.remove(&key);
            } else {
                self.batch.put_packed(&key, &volume)?;
            }
        }
        self.store.write_ahead(&mut self.batch)
    }
}
