//! Filters that people keep under a name: a file in the state folder, without what they searched for.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::queue::Filter;
use crate::world::{World, read_all, write_whole};

/// Filters that somebody keeps at most.
const MOST: usize = 20;

type All = BTreeMap<String, BTreeMap<String, Filter>>;

/// Everybody's filters.
#[derive(Debug)]
pub struct Saved {
    world: World,
    folder: PathBuf,
    changing: Mutex<()>,
}

impl Saved {
    /// Those of a state.
    #[must_use]
    pub fn of(world: World, state: &Path) -> Saved {
        Saved { world, folder: state.join("workbench"), changing: Mutex::default() }
    }

    fn all(&self) -> io::Result<All> {
        match read_all(&*self.world.fs, &self.folder.join("filters.json")) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(All::new()),
            read => serde_json::from_slice(&read?).map_err(io::Error::other),
        }
    }

    /// Somebody's, by name.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn list(&self, person: &str) -> io::Result<BTreeMap<String, Filter>> {
        Ok(self.all()?.remove(person).unwrap_or_default())
    }

    /// Keeps one; false where somebody has too many.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn keep(&self, person: &str, name: &str, filter: &Filter) -> io::Result<bool> {
        self.change(person, |own| {
            let fits = own.len() < MOST || own.contains_key(name);
            if fits {
                own.insert(name.to_owned(), Filter { text: String::new(), ..filter.clone() });
            }
            fits
        })
    }

    /// Forgets one.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn forget(&self, person: &str, name: &str) -> io::Result<()> {
        self.change(person, |own| drop(own.remove(name)))
    }

    fn change<T>(
        &self,
        person: &str,
        what: impl FnOnce(&mut BTreeMap<String, Filter>) -> T,
    ) -> io::Result<T> {
        let _alone = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = self.all()?;
        let done = what(all.entry(person.to_owned()).or_default());
        let text = serde_json::to_vec_pretty(&all).map_err(io::Error::other)?;
        write_whole(&*self.world.fs, &self.folder.join("filters.json"), &text, Some(0o600))?;
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_searched_for_is_not_kept() {
        let state = tempfile::tempdir().unwrap();
        std::fs::create_dir(state.path().join("workbench")).unwrap();
        let saved = Saved::of(World::real(), state.path());
        let filter = Filter { payer: "ZZP01".into(), text: "TESTER".into(), ..Filter::default() };
        assert!(saved.keep("mia", "Acme", &filter).unwrap());
        assert!(saved.list("ana").unwrap().is_empty());
        assert_eq!(saved.list("mia").unwrap()["Acme"], Filter { text: String::new(), ..filter });
        let text = std::fs::read_to_string(state.path().join("workbench/filters.json")).unwrap();
        assert!(!text.contains("TESTER"), "{text}");
        let kept = |n: usize| saved.keep("mia", &n.to_string(), &Filter::default()).unwrap();
        assert_eq!((0..MOST).filter(|n| kept(*n)).count(), MOST - 1, "there is an end to it");
        assert_eq!(saved.list("mia").unwrap().len(), MOST);
        saved.forget("mia", "Acme").unwrap();
        assert!(!saved.list("mia").unwrap().contains_key("Acme"));
    }
}
