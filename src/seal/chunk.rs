//! Behind the header of a file: chunks of 64 KiB, each with its tag. Only the last may be shorter; an empty file has one, empty.

use super::cipher::{Cipher, NONCE, TAG};
use super::error::Error;
use super::header::{FIXED, HEADER_LEN, Shape};

/// Plain bytes of a chunk.
pub(super) const CHUNK: usize = 64 * 1024;
/// The same on disk.
pub(super) const SEALED_CHUNK: usize = CHUNK + TAG;

/// Length of a sealed file with so many plain bytes. `None` when it's more than 64 bits can say.
#[must_use]
pub fn sealed_len(plain: u64) -> Option<u64> {
    let chunks = plain.div_ceil(CHUNK as u64).max(1);
    plain.checked_add(chunks.checked_mul(TAG as u64)?)?.checked_add(HEADER_LEN as u64)
}

/// Plain bytes in a sealed file of this length. `None` when no sealed file has it. A length is a claim of the file system: only
/// reading to the end proves it.
#[must_use]
pub fn plain_len(sealed: u64) -> Option<u64> {
    let chunks = sealed.checked_sub(HEADER_LEN as u64)?.div_ceil(SEALED_CHUNK as u64);
    let plain = sealed.checked_sub(HEADER_LEN as u64 + chunks.checked_mul(TAG as u64)?)?;
    (sealed_len(plain) == Some(sealed)).then_some(plain)
}

/// The number and whether it's the last: swapped, repeated, dropped and cut off chunks don't open. No file's key seals two chunks
/// of the same number, so the nonce needs nothing random.
pub(super) fn nonce(number: u64, last: bool) -> [u8; NONCE] {
    let [a, b, c, d, e, f, g, h] = number.to_be_bytes();
    [0, 0, 0, a, b, c, d, e, f, g, h, u8::from(last)]
}

/// The chunks of one file.
pub(super) struct Chunks {
    cipher: Cipher,
    fixed: [u8; FIXED],
    /// The one that is next.
    pub next: u64,
}

impl Chunks {
    pub fn new(cipher: Cipher) -> Chunks {
        Chunks { cipher, fixed: Shape::File.fixed(), next: 0 }
    }

    pub fn seal(&mut self, chunk: &mut Vec<u8>, last: bool) -> Result<(), Error> {
        self.cipher.seal(&nonce(self.next, last), &self.fixed, chunk)?;
        self.next = self.next.checked_add(1).ok_or(Error::TooLong)?;
        Ok(())
    }

    pub fn open(&mut self, chunk: &mut Vec<u8>, last: bool) -> Result<(), Error> {
        let number = self.next;
        self.cipher.open(&nonce(number, last), &self.fixed, chunk).ok_or(Error::Part(number))?;
        self.next = number.checked_add(1).ok_or(Error::Part(number))?;
        Ok(())
    }
}
