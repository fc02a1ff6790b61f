//! Who may sign in: a file in the state folder. It holds names, roles and hashes, nothing of a patient.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::access::Role;
use super::secret::{self, Password};
use crate::world::{World, read_all, write_whole};

/// How long a one-time link lasts.
const LINK: SignedDuration = SignedDuration::from_hours(24);

/// Somebody who may sign in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Person {
    /// What they may do.
    pub role: Role,
    /// None until they chose one.
    pub password: Option<Password>,
    /// A link by which they may choose one.
    pub link: Option<Link>,
    /// Changes with the password: sessions from before end.
    pub stamp: String,
    /// Channels whose claims they see; none: those of every one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<String>,
}

/// A one-time link.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Link {
    hash: String,
    /// When it ends.
    pub until: Timestamp,
}

/// Why not.
#[derive(Debug, Error)]
pub enum Refused {
    /// In words, for who asked.
    #[error("{0}")]
    Asked(String),
    /// The file can't be read or written.
    #[error("reading or writing the list of people")]
    File(#[from] io::Error),
}

/// The list of people, in a state's folder.
#[derive(Clone, Debug)]
pub struct People {
    world: World,
    folder: PathBuf,
}

type All = BTreeMap<String, Person>;

impl People {
    /// Those of a state.
    #[must_use]
    pub fn of(world: World, state: &Path) -> People {
        People { world, folder: state.join("workbench") }
    }

    /// Everybody, by name.
    ///
    /// # Errors
    /// When the list can't be read.
    pub fn all(&self) -> io::Result<All> {
        match read_all(&*self.world.fs, &self.folder.join("users.json")) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(All::new()),
            read => serde_json::from_slice(&read?).map_err(io::Error::other),
        }
    }

    /// Adds somebody; gives the token of a link by which they choose a password.
    ///
    /// # Errors
    /// When the name is taken or can't be one.
    pub fn add(&self, name: &str, role: Role, channels: &[String]) -> Result<String, Refused> {
        let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_');
        if name.is_empty() || name.len() > 32 || !name.chars().all(sound) {
            let why =
                format!("{name:?} is no name: up to 32 small letters, digits, dots, hyphens and underscores");
            return Err(Refused::Asked(why));
        }
        let (token, link) = self.link()?;
        self.change(|all| {
            if all.contains_key(name) {
                return Err(Refused::Asked(format!("there is somebody named {name} already")));
            }
            let (stamp, channels) = (secret::kept(&token), channels.to_vec());
            let person = Person { role, password: None, link: Some(link), stamp, channels };
            all.insert(name.to_owned(), person);
            Ok(())
        })?;
        Ok(token)
    }

    /// Takes somebody's password away, ends their sessions, and gives the token of a link by which they choose another.
    ///
    /// # Errors
    /// When there is nobody of that name.
    pub fn reset(&self, name: &str) -> Result<String, Refused> {
        let (token, link) = self.link()?;
        self.change(|all| {
            let person = all.get_mut(name).ok_or_else(|| unknown(name))?;
            (person.password, person.link, person.stamp) = (None, Some(link), secret::kept(&token));
            Ok(())
        })?;
        Ok(token)
    }

    /// Removes somebody; their sessions end.
    ///
    /// # Errors
    /// When there is nobody of that name.
    pub fn remove(&self, name: &str) -> Result<(), Refused> {
        self.change(|all| all.remove(name).map(drop).ok_or_else(|| unknown(name)))
    }

    /// Whose link this is, while it lasts.
    ///
    /// # Errors
    /// When the list can't be read.
    pub fn linked(&self, token: &str) -> io::Result<Option<String>> {
        let (hash, now) = (secret::kept(token), self.world.clock.now());
        let is_it = |p: &Person| p.link.as_ref().is_some_and(|l| l.hash == hash && now < l.until);
        Ok(self.all()?.into_iter().find(|(_, p)| is_it(p)).map(|(name, _)| name))
    }

    /// Sets the password of who holds a link; the link ends. Gives whose it is.
    ///
    /// # Errors
    /// When the link isn't one any more.
    pub fn choose(&self, token: &str, chosen: &str) -> Result<String, Refused> {
        let password = Password::of(chosen)?;
        let (hash, now) = (secret::kept(token), self.world.clock.now());
        let (_, stamp) = secret::token()?;
        self.change(|all| {
            let holds = |p: &Person| p.link.as_ref().is_some_and(|l| l.hash == hash && now < l.until);
            let found = all.iter_mut().find(|(_, p)| holds(p));
            let (name, person) =
                found.ok_or_else(|| Refused::Asked("the link was used, or has ended".to_owned()))?;
            (person.password, person.link, person.stamp) = (Some(password), None, stamp);
            Ok(name.clone())
        })
    }

    fn link(&self) -> io::Result<(String, Link)> {
        let (token, hash) = secret::token()?;
        let until = self.world.clock.now().saturating_add(LINK).map_err(io::Error::other)?;
        Ok((token, Link { hash, until }))
    }

    /// Reads, changes and writes the whole list, alone.
    fn change<T>(&self, what: impl FnOnce(&mut All) -> Result<T, Refused>) -> Result<T, Refused> {
        let fs = &*self.world.fs;
        let lock = fs.lock(&self.folder)?;
        if lock.is_none() {
            return Err(Refused::Asked("somebody else changes the list of people just now".to_owned()));
        }
        let mut all = self.all()?;
        let done = what(&mut all)?;
        let text = serde_json::to_vec_pretty(&all).map_err(io::Error::other)?;
        write_whole(fs, &self.folder.join("users.json"), &text, Some(0o600))?;
        Ok(done)
    }
}

fn unknown(name: &str) -> Refused {
    Refused::Asked(format!("there is nobody named {name}"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_link_is_good_once_and_a_reset_ends_what_was() {
        let state = tempfile::tempdir().unwrap();
        let people = People::of(World::real(), state.path());
        let first = people.add("mia", Role::Biller, &[]).unwrap();
        assert!(
            people.add("mia", Role::Lead, &[]).is_err() && people.add("Mia Ortiz", Role::Lead, &[]).is_err()
        );
        assert_eq!(people.linked(&first).unwrap().as_deref(), Some("mia"));
        assert_eq!(people.choose(&first, "correct horse battery").unwrap(), "mia");
        assert!(people.choose(&first, "another password").is_err(), "once");
        let was = people.all().unwrap()["mia"].clone();
        assert!(was.password.unwrap().is("correct horse battery").unwrap());
        let second = people.reset("mia").unwrap();
        let now = people.all().unwrap()["mia"].clone();
        assert!(now.password.is_none() && now.stamp != was.stamp);
        let path = state.path().join("workbench/users.json");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains(&second), "only its hash is kept");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        people.remove("mia").unwrap();
        assert!(people.remove("mia").is_err() && people.linked(&second).unwrap().is_none());
    }
}
