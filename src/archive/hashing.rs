//! SHA-256 of bytes on their way.

use std::io::{self, Read, Write};

use sha2::{Digest, Sha256};

use crate::scrub::Source;

/// Passes bytes on and hashes them.
pub struct Hashing<T> {
    inner: T,
    digest: Sha256,
    bytes: u64,
}

impl<T> Hashing<T> {
    /// Around a reader or writer.
    pub fn new(inner: T) -> Hashing<T> {
        Hashing { inner, digest: Sha256::new(), bytes: 0 }
    }

    /// What is inside, the hex SHA-256, and how many bytes went through.
    pub fn finish(self) -> (T, String, u64) {
        let hex = self.digest.finalize().iter().map(|b| format!("{b:02x}")).collect();
        (self.inner, hex, self.bytes)
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(bytes)?;
        self.digest.update(bytes.get(..n).unwrap_or_default());
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.digest.update(buffer.get(..n).unwrap_or_default());
        self.bytes += n as u64;
        Ok(n)
    }
}

/// Hex SHA-256 and length of a source.
///
/// # Errors
/// When it can't be read.
pub fn hash(source: &impl Source) -> io::Result<(String, u64)> {
    digest(source.open()?)
}

/// Hex SHA-256 and length of what is left to read.
///
/// # Errors
/// When it can't be read.
pub fn digest(from: impl Read) -> io::Result<(String, u64)> {
    let mut reader = Hashing::new(from);
    let mut buffer = vec![0; 64 * 1024];
    while reader.read(&mut buffer)? > 0 {}
    let (_, hex, bytes) = reader.finish();
    Ok((hex, bytes))
}
