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
    notice: Option<String>,
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
        let session = Session { name, stamp, csrf, begun: now, seen: now, filters: Vec::new(), notice: None };
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
        Some(Found { key, name, stamp, csrf })
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
    pub fn tell(&self, key: &str, notice: String) {
        if let Some(session) = self.all().get_mut(key) {
            session.notice = Some(notice);
        }
    }

    /// What was to be said.
    #[must_use]
    pub fn told(&self, key: &str) -> Option<String> {
        self.all().get_mut(key)?.notice.take()
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
        assert_eq!((sessions.told(&key).as_deref(), sessions.told(&key)), (Some("done"), None));
    }
}
