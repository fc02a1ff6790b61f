//! Writing a sealed file from start to end.

use std::fmt;
use std::io::{self, Write};

use zeroize::Zeroizing;

use super::Keyring;
use super::chunk::{CHUNK, Chunks, SEALED_CHUNK};
use super::cipher::{Cipher, Secret};
use super::error::Error;
use super::header::{self, Header, Label, Shape};
use super::random::{self, Random};

/// Seals what is written to it. Without [`Writer::finish`] the file has no end and doesn't read.
pub struct Writer<W> {
    inner: W,
    chunks: Chunks,
    plain: Zeroizing<Vec<u8>>,
    failed: bool,
}

impl<W> fmt::Debug for Writer<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("chunk", &self.chunks.next).finish_non_exhaustive()
    }
}

impl<W: Write> Writer<W> {
    /// Writes the header under the key in use.
    ///
    /// # Errors
    /// When there are no random bytes, or they can't be written.
    pub fn new(inner: W, keyring: &Keyring, label: &Label) -> io::Result<Writer<W>> {
        Writer::with_random(inner, keyring, label, &mut random::system)
    }

    pub(super) fn with_random(
        inner: W,
        keyring: &Keyring,
        label: &Label,
        random: &mut Random,
    ) -> io::Result<Writer<W>> {
        let key = Secret::random(random)?;
        let header = header::wrap(Shape::File, &key, keyring, label, random)?;
        Writer::behind(inner, &header, &key)
    }

    pub(super) fn behind(mut inner: W, header: &Header, key: &Secret) -> io::Result<Writer<W>> {
        inner.write_all(header)?;
        // With room for the tag: the plain bytes never move.
        let plain = Zeroizing::new(Vec::with_capacity(SEALED_CHUNK));
        Ok(Writer { inner, chunks: Chunks::new(Cipher::new(key)), plain, failed: false })
    }

    /// Writes the last chunk, flushes, and gives back what is below: the caller syncs it.
    ///
    /// # Errors
    /// When it can't be written, or an earlier write failed.
    pub fn finish(mut self) -> io::Result<W> {
        self.put(true)?;
        self.inner.flush()?;
        Ok(self.inner)
    }

    /// A write that failed half way leaves a file that can't be mended: nothing is written after it.
    fn put(&mut self, last: bool) -> io::Result<()> {
        if self.failed {
            return Err(Error::Failed.into());
        }
        self.failed = true;
        self.chunks.seal(&mut self.plain, last)?;
        self.inner.write_all(&self.plain)?;
        self.plain.clear();
        self.failed = false;
        Ok(())
    }
}

impl<W: Write> Write for Writer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full chunk waits until it's known not to be the last.
        if self.plain.len() >= CHUNK && !bytes.is_empty() {
            self.put(false)?;
        }
        if self.failed {
            return Err(Error::Failed.into());
        }
        let room = CHUNK.saturating_sub(self.plain.len());
        let taken = bytes.get(..room).unwrap_or(bytes);
        self.plain.extend_from_slice(taken);
        Ok(taken.len())
    }

    /// Passes on the chunks that are full; what fills none yet stays here.
    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
