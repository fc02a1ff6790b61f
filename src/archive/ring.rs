//! Which keys the archive needs: noted beside its files before the first is sealed under one, so that a start without it is refused
//! before anything is taken for damaged.

use std::collections::BTreeSet;
use std::io;

use super::stored::no_keys;
use super::{Archive, Error, refused, unsynced};
use crate::world::read_all;

/// The file of the note: ids of keys, a line each.
const NOTE: &str = "sealed-by";

impl Archive {
    /// Makes sure that the keyring opens everything that is sealed here, and notes the key that seals from now on.
    ///
    /// # Errors
    /// When a key is missing, or the file system refuses.
    pub fn admit(&self) -> Result<(), Error> {
        let mut needed = self.opens()?;
        match &self.keys {
            Some(keys) if needed.insert(keys.in_use().to_string()) => self.note(&needed),
            _ => Ok(()),
        }
    }

    /// Makes sure that the keyring opens everything that is sealed here; gives the ids of the keys it takes.
    ///
    /// # Errors
    /// When a key is missing, or the file system refuses.
    pub fn opens(&self) -> Result<BTreeSet<String>, Error> {
        let needed = self.needed()?;
        let held: BTreeSet<String> = self.key_ids().into_iter().map(|(_, id)| id).collect();
        if let Some(missing) = needed.difference(&held).next() {
            let what = format!("files in it are sealed under key {missing}");
            let why = match self.keys {
                None => no_keys(&what),
                Some(_) => io::Error::new(
                    io::ErrorKind::PermissionDenied,
                    format!("{what}, which the keyring doesn't hold"),
                ),
            };
            return Err(refused("opening the archive in", &self.folder, why));
        }
        Ok(needed)
    }

    /// Names and ids of the keys there are, the one in use first.
    #[must_use]
    pub fn key_ids(&self) -> Vec<(String, String)> {
        let all = self.keys.iter().flat_map(|keys| keys.keys());
        all.map(|(name, id)| (name.to_owned(), id.to_string())).collect()
    }

    /// Ids of the keys that files may be sealed under.
    fn needed(&self) -> Result<BTreeSet<String>, Error> {
        let path = self.folder.join(NOTE);
        match read_all(&*self.fs, &path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            read => {
                let text = String::from_utf8(read.map_err(|e| refused("reading", &path, e))?);
                let ids: Option<BTreeSet<String>> = text.ok().and_then(|text| {
                    let id = |line: &str| (line.len() == 16).then(|| line.to_owned());
                    text.lines().map(id).collect()
                });
                if let Some(ids) = ids.filter(|ids| !ids.is_empty()) {
                    return Ok(ids);
                }
            }
        }
        // It is gone or can't be read: the files say it themselves.
        let mut ids = BTreeSet::new();
        self.each(&mut |kept| {
            if kept.sealed {
                ids.extend(self.sealed_by(&kept.sha256).map_err(|e| refused("reading", &self.folder, e))?);
            }
            Ok(())
        })?;
        Ok(ids)
    }

    /// Writes down which keys are needed.
    pub(super) fn note(&self, ids: &BTreeSet<String>) -> Result<(), Error> {
        let (path, temporary) = (self.folder.join(NOTE), self.folder.join(format!(".{NOTE}.tmp")));
        let text: String = ids.iter().map(|id| format!("{id}\n")).collect();
        let mut file = self.fs.create(&temporary).map_err(|e| refused("creating", &temporary, e))?;
        file.write_all(text.as_bytes()).map_err(|e| refused("writing", &temporary, e))?;
        file.sync().map_err(|e| unsynced(&temporary, e))?;
        self.fs.rename(&temporary, &path).map_err(|e| refused("renaming", &path, e))?;
        self.fs.sync_folder(&self.folder).map_err(|e| unsynced(&self.folder, e))
    }
}
