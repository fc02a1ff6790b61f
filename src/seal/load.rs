//! Finding the site's keyring.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;
use zeroize::Zeroizing;

use super::keyring::{Keyring, KeyringError};

/// Why there is no keyring where one was looked for.
#[derive(Debug, Error)]
#[allow(missing_docs)]
pub enum LoadError {
    #[error("reading the keyring {path}")]
    Read {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the keyring {path} can't be used")]
    Form {
        path: PathBuf,
        #[source]
        source: KeyringError,
    },
}

/// Where a site's keyring lies: what the configuration names; else the credential `master.key`, where the service manager gave one.
#[must_use]
pub fn place(named: Option<&Path>) -> Option<PathBuf> {
    let credential = || {
        let path = PathBuf::from(std::env::var_os("CREDENTIALS_DIRECTORY")?).join("master.key");
        path.try_exists().unwrap_or(true).then_some(path)
    };
    named.map(Path::to_owned).or_else(credential)
}

/// The site's keyring; none where none is named or given.
///
/// # Errors
/// When it can't be read or understood. What is named has to be there: going on without would keep plain what was to be sealed.
pub fn load(named: Option<&Path>) -> Result<Option<Arc<Keyring>>, LoadError> {
    let Some(path) = place(named) else { return Ok(None) };
    let text = std::fs::read_to_string(&path).map(Zeroizing::new);
    let text = text.map_err(|source| LoadError::Read { path: path.clone(), source })?;
    match Keyring::from_text(&text) {
        Ok(keyring) => Ok(Some(Arc::new(keyring))),
        Err(source) => Err(LoadError::Form { path, source }),
    }
}
