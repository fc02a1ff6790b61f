//! Writing a sealed file whose id is known only when it is whole, as the hash of its bytes.

use std::fmt;
use std::io::{self, Seek, SeekFrom, Write};

use super::cipher::Secret;
use super::header::{self, HEADER_LEN, Header, Label, Shape};
use super::random::{self, Random};
use super::{Keyring, Writer};

/// Seals what is written to it, and writes the header last. Until [`Draft::finish`] zeros stand in its place: the file doesn't open.
pub struct Draft<W> {
    writer: Writer<W>,
    key: Secret,
}

impl<W> fmt::Debug for Draft<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft").finish_non_exhaustive()
    }
}

impl<W: Write> Draft<W> {
    /// At the start of an empty file.
    ///
    /// # Errors
    /// When there are no random bytes, or it can't be written.
    pub fn new(inner: W) -> io::Result<Draft<W>> {
        Draft::with_random(inner, &mut random::system)
    }

    pub(super) fn with_random(inner: W, random: &mut Random) -> io::Result<Draft<W>> {
        let key = Secret::random(random)?;
        Ok(Draft { writer: Writer::behind(inner, &[0; HEADER_LEN], &key)?, key })
    }

    /// Writes the last chunk; gives back what is below and the header, which the caller writes over the zeros at the start.
    ///
    /// # Errors
    /// When it can't be written, or an earlier write failed.
    pub fn finish_apart(self, keyring: &Keyring, label: &Label) -> io::Result<(W, [u8; HEADER_LEN])> {
        self.finish_with(keyring, label, &mut random::system)
    }

    /// Writes the last chunk, then the header; gives back what is below: the caller syncs it.
    ///
    /// # Errors
    /// When it can't be written, or an earlier write failed.
    pub fn finish(self, keyring: &Keyring, label: &Label) -> io::Result<W>
    where
        W: Seek,
    {
        let (mut inner, header) = self.finish_apart(keyring, label)?;
        inner.seek(SeekFrom::Start(0))?;
        inner.write_all(&header)?;
        inner.seek(SeekFrom::End(0))?;
        inner.flush()?;
        Ok(inner)
    }

    pub(super) fn finish_with(
        self,
        keyring: &Keyring,
        label: &Label,
        random: &mut Random,
    ) -> io::Result<(W, Header)> {
        let header = header::wrap(Shape::File, &self.key, keyring, label, random)?;
        Ok((self.writer.finish()?, header))
    }
}

impl<W: Write> Write for Draft<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
