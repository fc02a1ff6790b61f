//! What people look for on these pages, kept in memory under an id of its own: addresses hold nothing that was typed.

use std::io;
use std::sync::{Mutex, PoisonError};

use super::audit::Sought;
use super::denials::Explored;
use crate::web::secret;

/// Looks that are kept of everybody together; the oldest goes first.
const MOST: usize = 2000;

/// What somebody looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// Denials.
    Denials(Explored),
    /// Records of the journal.
    Audit(Sought),
    /// Files, by a text.
    Files(String),
    /// The reference, by a text.
    Reference(String),
}

/// Whose, its id, what.
type Entry = (String, String, Look);

/// All of them, by the session they are of.
#[derive(Debug, Default)]
pub struct Kept(Mutex<Vec<Entry>>);

impl Kept {
    /// Keeps what a session looks for; gives the id it goes by, the same for the same.
    ///
    /// # Errors
    /// When the system has no chance to give.
    pub fn keep(&self, session: &str, look: Look) -> io::Result<String> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, id, _)) = all.iter().find(|(of, _, known)| of == session && *known == look) {
            return Ok(id.clone());
        }
        let id: String = secret::token()?.0.chars().take(16).collect();
        if all.len() >= MOST {
            all.remove(0);
        }
        all.push((session.to_owned(), id.clone(), look));
        Ok(id)
    }

    /// What a session looks for under an id.
    #[must_use]
    pub fn get(&self, session: &str, id: &str) -> Option<Look> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = all.iter().find(|(of, known, _)| of == session && known == id);
        found.map(|(_, _, look)| look.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_session_has_its_own_and_the_oldest_go_first() {
        let kept = Kept::default();
        let look = |n: usize| Look::Files(format!("name {n}"));
        let id = kept.keep("mia", look(0)).unwrap();
        assert_eq!(kept.keep("mia", look(0)).unwrap(), id, "the same is the same");
        assert_eq!((kept.get("mia", &id), kept.get("ana", &id)), (Some(look(0)), None));
        (1..=MOST).for_each(|n| drop(kept.keep("ana", look(n)).unwrap()));
        assert_eq!(kept.get("mia", &id), None);
    }
}
