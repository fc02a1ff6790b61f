//! The first 84 bytes: what this is, which key of the keyring wrapped its key, and the wrapped key.
//!
//! The label is bound here, by the wrapping, and nowhere else: whoever gives another label doesn't get the key, and without it no
//! chunk opens. So a file can be sealed before its id is known, and wrapped again without touching its chunks.

use std::io;

use super::cipher::{Cipher, KEY, NONCE, Secret, TAG};
use super::error::Error;
use super::random::Random;
use super::{KeyId, Keyring};

/// Length of the header.
pub const HEADER_LEN: usize = FIXED + 8 + NONCE + KEY + TAG;
/// The part that wrapping again leaves as it is; it is bound to every chunk and record.
pub(super) const FIXED: usize = 16;
/// A byte no text begins with, and a line end that a transfer as text would change.
const MAGIC: [u8; 8] = *b"\x89CLSEAL\n";
const VERSION: u8 = 1;

pub(super) type Header = [u8; HEADER_LEN];

/// What stands behind the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Chunks of 64 KiB.
    File,
    /// Records, kept by the caller.
    Records,
}

impl Shape {
    /// Magic, version, shape, length of a chunk as a power of two, zeros.
    pub fn fixed(self) -> [u8; FIXED] {
        let [a, b, c, d, e, f, g, h] = MAGIC;
        let (shape, power) = match self {
            Shape::File => (1, 16),
            Shape::Records => (2, 0),
        };
        [a, b, c, d, e, f, g, h, VERSION, shape, power, 0, 0, 0, 0, 0]
    }
}

/// What a file or record is. One that was sealed under a label opens under no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label<'a> {
    /// What kind of thing: a word of the program.
    pub kind: &'a str,
    /// Which one: the hash of its bytes, the number of a segment, the id of a held claim.
    pub id: &'a str,
    /// Which state of it, when the same id is written again with other content; else 0.
    pub version: u64,
}

impl Label<'_> {
    /// What the wrapped key is bound to.
    fn bound(&self, fixed: &[u8; FIXED], key: KeyId) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(FIXED + 8 + 24 + self.kind.len() + self.id.len());
        bytes.extend_from_slice(fixed);
        bytes.extend_from_slice(&key.0);
        for part in [self.kind, self.id] {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes.extend_from_slice(&self.version.to_be_bytes());
        bytes
    }
}

/// Whether bytes begin as a sealed file does. A sender can write these eight bytes too, so for a file whose bytes came from outside
/// this is a hint: where sealed and plain files lie together, their names or folders have to say which is which.
#[must_use]
pub fn is_sealed(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// The key a header was wrapped under, as it says itself: nothing is checked yet.
///
/// # Errors
/// When it isn't a header.
pub fn sealed_by(header: &[u8]) -> Result<KeyId, Error> {
    Ok(parse(header)?.1)
}

/// Wraps a key under the key in use.
pub(super) fn wrap(
    shape: Shape,
    key: &Secret,
    keyring: &Keyring,
    label: &Label,
    random: &mut Random,
) -> io::Result<Header> {
    let (fixed, id) = (shape.fixed(), keyring.in_use());
    let mut nonce = [0; NONCE];
    random(&mut nonce)?;
    let mut wrapped = Vec::with_capacity(KEY + TAG);
    wrapped.extend_from_slice(key.bytes());
    keyring.wrapping().seal(&nonce, &label.bound(&fixed, id), &mut wrapped)?;
    let mut header = [0; HEADER_LEN];
    let bytes = fixed.into_iter().chain(id.0).chain(nonce).chain(wrapped);
    header.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
    Ok(header)
}

/// Gives back the key.
pub(super) fn unwrap(header: &Header, keyring: &Keyring, label: &Label) -> Result<(Shape, Secret), Error> {
    let (shape, id, nonce, wrapped) = parse(header)?;
    let cipher: Cipher = keyring.unwrapping(id).ok_or(Error::UnknownKey(id))?;
    let mut bytes = zeroize::Zeroizing::new(wrapped.to_vec());
    cipher.open(nonce, &label.bound(&shape.fixed(), id), &mut bytes).ok_or(Error::Header)?;
    let mut key = Secret::zeros();
    key.bytes_mut().iter_mut().zip(bytes.iter()).for_each(|(to, from)| *to = *from);
    Ok((shape, key))
}

type Parts<'a> = (Shape, KeyId, &'a [u8; NONCE], &'a [u8; KEY + TAG]);

fn parse(header: &[u8]) -> Result<Parts<'_>, Error> {
    if !is_sealed(header) {
        return Err(Error::NotSealed);
    }
    let (fixed, rest) = header.split_first_chunk::<FIXED>().ok_or(Error::CutOff)?;
    let [_, _, _, _, _, _, _, _, version, ..] = *fixed;
    if version > VERSION {
        return Err(Error::Newer(version));
    }
    let shape =
        [Shape::File, Shape::Records].into_iter().find(|s| s.fixed() == *fixed).ok_or(Error::NotSealed)?;
    let (id, rest) = rest.split_first_chunk::<8>().ok_or(Error::CutOff)?;
    let (nonce, rest) = rest.split_first_chunk::<NONCE>().ok_or(Error::CutOff)?;
    let wrapped = rest.first_chunk().ok_or(Error::CutOff)?;
    Ok((shape, KeyId(*id), nonce, wrapped))
}
