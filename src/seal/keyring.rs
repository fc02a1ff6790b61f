//! The site's keys, and the text they come in.

use std::fmt;

use thiserror::Error;

use super::cipher::{Cipher, KEY, Secret, hmac};

/// The line of the key that hashes index keys.
const INDEX: &str = "index";
const NAME_MAX: usize = 32;

/// What a header calls the key it was wrapped under: the start of a hash of that key, which says nothing of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyId(pub(super) [u8; 8]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// What is wrong with a keyring's text. Only lines are named: what stands in them may be a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyringError {
    /// Not `name hex`.
    #[error("keyring line {0}: wants a name (up to 32 of a-z A-Z 0-9 . _ -) and 64 hex digits")]
    Form(usize),
    /// A name or a key that stands in an earlier line.
    #[error("keyring line {0}: its name or its key stands in an earlier line")]
    Repeated(usize),
    /// A key of 32 equal bytes was never drawn at random.
    #[error("keyring line {0}: not a random key")]
    Weak(usize),
    /// Nothing to seal with.
    #[error("the keyring has no key to seal with")]
    NoKey,
    /// Nothing to hash index keys with. Making one up would change them at each start.
    #[error("the keyring has no line `index`")]
    NoIndex,
}

struct Kek {
    name: String,
    id: KeyId,
    wrap: Secret,
}

/// The keys of a site: one in use, older ones that still open what they sealed, and one that hashes index keys.
pub struct Keyring {
    in_use: Kek,
    older: Vec<Kek>,
    index: Secret,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys().map(|(_, id)| id)).finish()
    }
}

impl Keyring {
    /// Lines of `name hex64`. The first is the key in use, others are older ones; `index` is the key of [`Keyring::keyed_hash`]. Empty
    /// lines and those that begin with `#` don't count. The caller wipes the text.
    ///
    /// # Errors
    /// When a line isn't understood, one is repeated, or the key in use or `index` is missing.
    pub fn from_text(text: &str) -> Result<Keyring, KeyringError> {
        let mut seen: Vec<(&str, Secret)> = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, key) = parse(line).ok_or(KeyringError::Form(number))?;
            if seen.iter().any(|(n, k)| *n == name || k.bytes() == key.bytes()) {
                return Err(KeyringError::Repeated(number));
            }
            if key.bytes().iter().all(|b| Some(b) == key.bytes().first()) {
                return Err(KeyringError::Weak(number));
            }
            seen.push((name, key));
        }
        let index = seen.iter().position(|(name, _)| *name == INDEX).ok_or(KeyringError::NoIndex)?;
        let (_, index) = seen.remove(index);
        let mut keys = seen.iter().map(|(name, key)| Kek::new(name, key));
        let in_use = keys.next().ok_or(KeyringError::NoKey)?;
        Ok(Keyring { in_use, older: keys.collect(), index: index.derive("claimloop seal 1 index") })
    }

    /// The key new files are sealed under.
    #[must_use]
    pub fn in_use(&self) -> KeyId {
        self.in_use.id
    }

    /// Names and ids, the key in use first.
    pub fn keys(&self) -> impl Iterator<Item = (&str, KeyId)> {
        self.all().map(|kek| (kek.name.as_str(), kek.id))
    }

    /// HMAC-SHA256 of bytes for one domain (`member`, `claim`, ...), to look things up by without writing them down. Other keys of
    /// the ring don't change it; another `index` line changes all of them.
    #[must_use]
    pub fn keyed_hash(&self, domain: &str, bytes: &[u8]) -> [u8; 32] {
        hmac(&self.index, &[domain.as_bytes(), bytes])
    }

    /// The cipher that wraps keys under the key in use.
    pub(super) fn wrapping(&self) -> Cipher {
        Cipher::new(&self.in_use.wrap)
    }

    /// The cipher that unwraps what this key wrapped.
    pub(super) fn unwrapping(&self, id: KeyId) -> Option<Cipher> {
        self.all().find(|kek| kek.id == id).map(|kek| Cipher::new(&kek.wrap))
    }

    fn all(&self) -> impl Iterator<Item = &Kek> {
        std::iter::once(&self.in_use).chain(&self.older)
    }
}

impl Kek {
    fn new(name: &str, key: &Secret) -> Kek {
        let [a, b, c, d, e, f, g, h, ..] = hmac(key, &[b"claimloop seal 1 key id"]);
        Kek {
            name: name.to_owned(),
            id: KeyId([a, b, c, d, e, f, g, h]),
            wrap: key.derive("claimloop seal 1 wrap"),
        }
    }
}

fn parse(line: &str) -> Option<(&str, Secret)> {
    let (name, hex) = line.split_once(char::is_whitespace)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    if name.len() > NAME_MAX || !name.bytes().all(plain) {
        return None;
    }
    let hex = hex.trim_start().as_bytes();
    if hex.len() != 2 * KEY {
        return None;
    }
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let mut key = Secret::zeros();
    for (byte, pair) in key.bytes_mut().iter_mut().zip(hex.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some((name, key))
}
