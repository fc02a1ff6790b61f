//! Reading a sealed file: from its start, or from any plain offset.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};

use zeroize::Zeroizing;

use super::Keyring;
use super::chunk::{CHUNK, Chunks, SEALED_CHUNK, plain_len};
use super::cipher::Cipher;
use super::error::Error;
use super::header::{self, HEADER_LEN, Label, Shape};

/// Gives the plain bytes of a sealed file. No byte comes out before its chunk was checked, and no end before the last chunk was.
/// Bytes that came out before an error are good, but not the whole.
pub struct Reader<R> {
    inner: R,
    chunks: Chunks,
    /// The chunk in hand.
    plain: Zeroizing<Vec<u8>>,
    /// How much of it was given out.
    given: usize,
    /// The first byte of the next chunk, read to know that there is one.
    ahead: Option<u8>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    More,
    End,
    Failed,
}

impl<R> fmt::Debug for Reader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("chunk", &self.chunks.next).finish_non_exhaustive()
    }
}

impl<R: Read> Reader<R> {
    /// Reads and checks the header. `inner` stands at the file's first byte.
    ///
    /// # Errors
    /// When it can't be read, isn't a sealed file, its key is missing, or it was sealed under another label.
    pub fn open(mut inner: R, keyring: &Keyring, label: &Label) -> io::Result<Reader<R>> {
        let header = read_header(&mut inner)?;
        let (shape, key) = header::unwrap(&header, keyring, label)?;
        if shape != Shape::File {
            return Err(Error::NotSealed.into());
        }
        Ok(Reader {
            inner,
            chunks: Chunks::new(Cipher::new(&key)),
            // Room for the byte ahead, and for what `read_to_end` wants free to see the end without growing.
            plain: Zeroizing::new(Vec::with_capacity(SEALED_CHUNK + 64)),
            given: 0,
            ahead: None,
            state: State::More,
        })
    }

    /// Reads and opens the next chunk.
    fn advance(&mut self) -> io::Result<()> {
        self.state = State::Failed;
        self.plain.clear();
        self.given = 0;
        self.plain.extend(self.ahead.take());
        let wanted = (SEALED_CHUNK + 1).saturating_sub(self.plain.len());
        (&mut self.inner).take(wanted as u64).read_to_end(&mut self.plain)?;
        let last = self.plain.len() <= SEALED_CHUNK;
        if !last {
            self.ahead = self.plain.pop();
        }
        self.chunks.open(&mut self.plain, last)?;
        self.state = if last { State::End } else { State::More };
        Ok(())
    }
}

impl<R: Read + Seek> Reader<R> {
    /// Opens at a plain offset: of what lies before it only the header and the start of its chunk are read. An offset behind the end
    /// reads as the end.
    ///
    /// # Errors
    /// As [`Reader::open`], and when the chunk there isn't what was written.
    pub fn open_at(inner: R, keyring: &Keyring, label: &Label, offset: u64) -> io::Result<Reader<R>> {
        let mut reader = Reader::open(inner, keyring, label)?;
        reader.seek_to(offset)?;
        Ok(reader)
    }

    /// Goes on at a plain offset, after an error too.
    ///
    /// # Errors
    /// When the chunk there can't be read or isn't what was written.
    pub fn seek_to(&mut self, offset: u64) -> io::Result<()> {
        self.state = State::Failed;
        let length = self.inner.seek(SeekFrom::End(0))?;
        let plain = plain_len(length).ok_or(Error::CutOff)?;
        // Behind the end the last chunk is opened all the same: the file system's word for the end isn't enough.
        let last = plain.saturating_sub(1) / CHUNK as u64;
        let number = last.min(offset / CHUNK as u64);
        self.inner.seek(SeekFrom::Start(HEADER_LEN as u64 + number * SEALED_CHUNK as u64))?;
        self.ahead = None;
        self.chunks.next = number;
        self.advance()?;
        let within = usize::try_from(offset - number * CHUNK as u64).unwrap_or(usize::MAX);
        self.given = within.min(self.plain.len());
        Ok(())
    }
}

/// Every place gone to is opened and checked, the end too. A place behind the end is the end.
impl<R: Read + Seek> Seek for Reader<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let offset = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::Current(_) if self.state == State::Failed => return Err(Error::Failed.into()),
            SeekFrom::Current(by) => self.position().checked_add_signed(by),
            SeekFrom::End(by) => {
                let length = self.inner.seek(SeekFrom::End(0))?;
                // The file below stands elsewhere now: without `seek_to` nothing may be read.
                self.state = State::Failed;
                plain_len(length).ok_or(Error::CutOff)?.checked_add_signed(by)
            }
        };
        self.seek_to(offset.ok_or(io::ErrorKind::InvalidInput)?)?;
        Ok(self.position())
    }
}

impl<R> Reader<R> {
    /// The plain offset of what is given out next.
    fn position(&self) -> u64 {
        let before = self.chunks.next.saturating_sub(1) * CHUNK as u64;
        before + self.given as u64
    }
}

impl<R: Read> Read for Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.state == State::Failed {
                // Cleared, so that nothing is given out of a chunk that wasn't checked.
                self.plain.clear();
                return Err(Error::Failed.into());
            }
            let mut left = self.plain.get(self.given..).unwrap_or_default();
            if !left.is_empty() || buffer.is_empty() || self.state == State::End {
                let count = left.read(buffer)?;
                self.given += count;
                return Ok(count);
            }
            self.advance()?;
        }
    }
}

/// The header at the start.
pub(super) fn read_header(inner: &mut impl Read) -> io::Result<header::Header> {
    let mut bytes = Vec::with_capacity(HEADER_LEN + 64);
    inner.take(HEADER_LEN as u64).read_to_end(&mut bytes)?;
    if !header::is_sealed(&bytes) {
        return Err(Error::NotSealed.into());
    }
    bytes.try_into().map_err(|_| Error::CutOff.into())
}
