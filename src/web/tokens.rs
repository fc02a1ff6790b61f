//! What programs show instead of a password: tokens of the API, each with what it is good for. A file in the state folder keeps their hashes.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::people::Refused;
use super::secret;
use crate::world::{World, read_all, write_whole};

/// What a token begins with: whoever finds one knows what it is of.
const PREFIX: &str = "claimloop_";

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Held claims and the history of claims, with whom they are for.
    Read,
    /// Decisions on held claims, alerts and actions.
    Decide,
    /// Counts, rates, edits, alerts and packs, without whom they are for.
    Reports,
    /// Who may sign in, and which tokens there are.
    Admin,
}

impl Scope {
    /// Every one.
    pub const ALL: [Scope; 4] = [Scope::Read, Scope::Decide, Scope::Reports, Scope::Admin];

    /// As it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::Decide => "decide",
            Scope::Reports => "reports",
            Scope::Admin => "admin",
        }
    }

    /// By its name.
    #[must_use]
    pub fn named(name: &str) -> Option<Scope> {
        Scope::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

/// A token, as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Token {
    hash: String,
    /// What it is good for.
    pub scopes: Vec<Scope>,
    /// Channels whose claims it shows; none: those of every one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<String>,
    /// When it was added.
    pub added: Timestamp,
    /// When it ends; never where it isn't said.
    pub until: Option<Timestamp>,
}

/// The tokens of a state.
#[derive(Clone, Debug)]
pub struct Tokens {
    world: World,
    folder: PathBuf,
}

type All = BTreeMap<String, Token>;

impl Tokens {
    /// Those of a state.
    #[must_use]
    pub fn of(world: World, state: &Path) -> Tokens {
        Tokens { world, folder: state.join("workbench") }
    }

    /// Every one, by name.
    ///
    /// # Errors
    /// When the list can't be read.
    pub fn all(&self) -> io::Result<All> {
        match read_all(&*self.world.fs, &self.folder.join("tokens.json")) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(All::new()),
            read => Ok(crate::phi::decode(&read?)?),
        }
    }

    /// Adds one and gives it: it is kept nowhere.
    ///
    /// # Errors
    /// When the name is taken or can't be one, or it would be good for nothing.
    pub fn add(
        &self,
        name: &str,
        scopes: &[Scope],
        channels: &[String],
        until: Option<Timestamp>,
    ) -> Result<String, Refused> {
        let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_');
        if name.is_empty() || name.len() > 32 || !name.chars().all(sound) {
            let why =
                format!("{name:?} is no name: up to 32 small letters, digits, dots, hyphens and underscores");
            return Err(Refused::Asked(why));
        }
        let added = self.world.clock.now();
        if until.is_some_and(|until| until <= added) {
            return Err(Refused::Asked("a token that has ended already lets nobody in".to_owned()));
        }
        let mut scopes = scopes.to_vec();
        scopes.sort();
        scopes.dedup();
        if scopes.is_empty() {
            return Err(Refused::Asked("say by --scope what the token is good for".to_owned()));
        }
        let token = format!("{PREFIX}{}", secret::token()?.0);
        let kept = Token { hash: secret::kept(&token), scopes, channels: channels.to_vec(), added, until };
        self.change(|all| {
            if all.contains_key(name) {
                return Err(Refused::Asked(format!("there is a token named {name} already")));
            }
            all.insert(name.to_owned(), kept);
            Ok(())
        })?;
        Ok(token)
    }

    /// Removes one: who shows it is let in no more.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn remove(&self, name: &str) -> Result<(), Refused> {
        let unknown = || Refused::Asked(format!("there is no token named {name}"));
        self.change(|all| all.remove(name).map(drop).ok_or_else(unknown))
    }

    /// Whose token this is, while it lasts.
    ///
    /// # Errors
    /// When the list can't be read.
    pub fn find(&self, token: &str) -> io::Result<Option<(String, Token)>> {
        let (hash, now) = (secret::kept(token), self.world.clock.now());
        let is_it = |t: &Token| t.hash == hash && t.until.is_none_or(|until| now < until);
        Ok(self.all()?.into_iter().find(|(_, t)| is_it(t)))
    }

    /// Reads, changes and writes the whole list, alone.
    fn change<T>(&self, what: impl FnOnce(&mut All) -> Result<T, Refused>) -> Result<T, Refused> {
        let fs = &*self.world.fs;
        let lock = fs.lock(&self.folder)?;
        if lock.is_none() {
            return Err(Refused::Asked("somebody else changes who may get in just now".to_owned()));
        }
        let mut all = self.all()?;
        let done = what(&mut all)?;
        let text = serde_json::to_vec_pretty(&all).map_err(io::Error::other)?;
        write_whole(fs, &self.folder.join("tokens.json"), &text, Some(0o600))?;
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_token_is_kept_as_its_hash_and_ends() {
        let state = tempfile::tempdir().unwrap();
        let tokens = Tokens::of(World::real(), state.path());
        let both = [Scope::Decide, Scope::Read, Scope::Read];
        let token = tokens.add("ci", &both, &[], None).unwrap();
        assert!(token.starts_with(PREFIX));
        assert!(tokens.add("ci", &both, &[], None).is_err() && tokens.add("C I", &both, &[], None).is_err());
        assert!(tokens.add("none", &[], &[], None).is_err(), "good for nothing");
        let (name, found) = tokens.find(&token).unwrap().unwrap();
        assert_eq!((name.as_str(), found.scopes.as_slice()), ("ci", &[Scope::Read, Scope::Decide][..]));
        assert!(tokens.find(&token[1..]).unwrap().is_none() && tokens.find("").unwrap().is_none());
        let path = state.path().join("workbench/tokens.json");
        assert!(!std::fs::read_to_string(&path).unwrap().contains(&token[PREFIX.len()..]));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let now = World::real().clock.now();
        assert!(tokens.add("late", &both, &[], Some(now)).is_err());
        let soon = now + std::time::Duration::from_millis(100);
        let short = tokens.add("short", &both, &[], Some(soon)).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(120));
        assert!(tokens.find(&short).unwrap().is_none(), "ended");
        tokens.remove("ci").unwrap();
        assert!(tokens.find(&token).unwrap().is_none() && tokens.remove("ci").is_err());
    }
}
