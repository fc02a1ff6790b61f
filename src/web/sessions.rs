//! Who is signed in. Kept in memory: a daemon that starts anew knows nobody.

use std::collections::HashMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::queue::Filter;
use super::secret;

/// Filters a session keeps; the oldest goes first.
const FILTERS: usize = 20;

#[derive(Debug)]
struct Session {
    name: String,
    stamp: String,
    csrf: String,
    begun: Duration,
    seen: Duration,
    filters: Vec<(String, Filter)>,
    notice: Option<Notice>,
    undoable: Vec<String>,
    blinded: bool,
}

/// What is said on the next page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What.
    pub said: String,
    /// True where what was done may be taken back.
    pub undo: bool,
}

/// Somebody's session, as a request finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// By what it is kept: the hash of its token.
    pub key: String,
    /// Who.
    pub name: String,
    /// Their password's, when they signed in.
    pub stamp: String,
    /// What every form of theirs must carry.
    pub csrf: String,
    /// True where they don't want it shown whom claims are for.
    pub blinded: bool,
}

/// Every session. Times are those of a clock that never goes back.
#[derive(Debug)]
pub struct Sessions {
    all: Mutex<HashMap<String, Session>>,
    idle: Duration,
    end: Duration,
}

impl Sessions {
    /// None yet.
    #[must_use]
    pub fn new(idle: Duration, end: Duration) -> Sessions {
        Sessions { all: Mutex::default(), idle, end }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins one; gives its token.
    ///
    /// # Errors
    /// When the system has no chance to give.
    pub fn begin(&self, name: &str, stamp: &str, now: Duration) -> io::Result<String> {
        let ((token, key), (csrf, _)) = (secret::token()?, secret::token()?);
        let (name, stamp) = (name.to_owned(), stamp.to_owned());
        let session = Session {
            name,
            stamp,
            csrf,
            begun: now,
            seen: now,
            filters: Vec::new(),
            notice: None,
            undoable: Vec::new(),
            blinded: false,
        };
        let mut all = self.all();
        all.retain(|_, session| self.lives(session, now));
        all.insert(key, session);
        Ok(token)
    }

    /// The session of a token, while it lasts; it was used now.
    #[must_use]
    pub fn find(&self, token: &str, now: Duration) -> Option<Found> {
        let key = secret::kept(token);
        let mut all = self.all();
        let session = all.get_mut(&key)?;
        if !self.lives(session, now) {
            all.remove(&key);
            return None;
        }
        session.seen = now;
        let (name, stamp, csrf) = (session.name.clone(), session.stamp.clone(), session.csrf.clone());
        Some(Found { key, name, stamp, csrf, blinded: session.blinded })
    }

    /// True while a session lasts; asking doesn't make it last longer.
    #[must_use]
    pub fn lasts(&self, key: &str, now: Duration) -> bool {
        self.all().get(key).is_some_and(|session| self.lives(session, now))
    }

    /// Hides, or shows again, whom claims are for.
    pub fn blind(&self, key: &str, blinded: bool) {
        if let Some(session) = self.all().get_mut(key) {
            session.blinded = blinded;
        }
    }

    /// Ends one.
    pub fn finish(&self, key: &str) {
        self.all().remove(key);
    }

    fn lives(&self, session: &Session, now: Duration) -> bool {
        now < session.seen + self.idle && now < session.begun + self.end
    }

    /// Keeps a filter; gives the id it goes by in addresses, so that nothing of what was looked for stands in one.
    ///
    /// # Errors
    /// When the system has no chance to give.
    pub fn keep(&self, key: &str, filter: Filter) -> io::Result<String> {
        let id: String = secret::token()?.0.chars().take(16).collect();
        if let Some(session) = self.all().get_mut(key) {
            if session.filters.len() >= FILTERS {
                session.filters.remove(0);
            }
            session.filters.push((id.clone(), filter));
        }
        Ok(id)
    }

    /// A filter by its id; the last one where none is named.
    #[must_use]
    pub fn filter(&self, key: &str, id: Option<&str>) -> Option<Filter> {
        let all = self.all();
        let filters = &all.get(key)?.filters;
        let found = match id {
            Some(id) => filters.iter().find(|(kept, _)| kept == id),
            None => filters.last(),
        };
        found.map(|(_, filter)| filter.clone())
    }

    /// The id of the filter that was kept last.
    #[must_use]
    pub fn last(&self, key: &str) -> Option<String> {
        self.all().get(key)?.filters.last().map(|(id, _)| id.clone())
    }

    /// Says something on the next page that is shown.
    pub fn tell(&self, key: &str, said: String) {
        self.told_of(key, said, None);
    }

    /// The same of a decision on these holds, which may be taken back.
    pub fn tell_undoable(&self, key: &str, said: String, holds: Vec<String>) {
        self.told_of(key, said, Some(holds));
    }

    fn told_of(&self, key: &str, said: String, holds: Option<Vec<String>>) {
        if let Some(session) = self.all().get_mut(key) {
            let undo = holds.as_ref().is_some_and(|holds| !holds.is_empty());
            session.notice = Some(Notice { said, undo });
            session.undoable = holds.unwrap_or_default();
        }
    }

    /// What was to be said.
    #[must_use]
    pub fn told(&self, key: &str) -> Option<Notice> {
        self.all().get_mut(key)?.notice.take()
    }

    /// Holds whose last decision may be taken back; asked once.
    #[must_use]
    pub fn undoable(&self, key: &str) -> Vec<String> {
        self.all().get_mut(key).map(|session| std::mem::take(&mut session.undoable)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_session_ends_when_nothing_is_done_and_in_any_case() {
        let sessions = Sessions::new(at(60), at(100));
        let token = sessions.begin("mia", "s", at(0)).unwrap();
        assert_eq!(sessions.find(&token, at(59)).unwrap().name, "mia");
        assert!(sessions.find(&token, at(99)).is_some(), "it was used");
        assert!(sessions.find(&token, at(100)).is_none(), "in any case");
        let token = sessions.begin("mia", "s", at(0)).unwrap();
        assert!(sessions.find(&token, at(60)).is_none() && sessions.find("no", at(0)).is_none());
        let token = sessions.begin("mia", "s", at(0)).unwrap();
        sessions.finish(&sessions.find(&token, at(1)).unwrap().key);
        assert!(sessions.find(&token, at(1)).is_none());
    }

    #[test]
    fn filters_and_notices_are_kept() {
        let sessions = Sessions::new(at(60), at(100));
        let token = sessions.begin("mia", "s", at(0)).unwrap();
        let key = sessions.find(&token, at(0)).unwrap().key;
        let wanted = Filter { payer: "ZZP01".to_owned(), ..Filter::default() };
        let id = sessions.keep(&key, wanted.clone()).unwrap();
        assert_eq!(sessions.filter(&key, Some(&id)), Some(wanted));
        assert_eq!(sessions.last(&key), Some(id.clone()));
        (0..FILTERS).for_each(|_| drop(sessions.keep(&key, Filter::default()).unwrap()));
        assert_eq!(sessions.filter(&key, Some(&id)), None);
        sessions.tell(&key, "done".to_owned());
        assert_eq!(sessions.told(&key), Some(Notice { said: "done".to_owned(), undo: false }));
        assert_eq!(sessions.told(&key), None);
        sessions.tell_undoable(&key, "released".to_owned(), vec!["H".to_owned()]);
        assert!(sessions.told(&key).unwrap().undo);
        assert_eq!((sessions.undoable(&key), sessions.undoable(&key)), (vec!["H".to_owned()], vec![]));
    }
}
