//! A file of the archive while it is written.

use std::io::{self, BufWriter, Write};

use super::stored::label;
use crate::seal::{Draft, Keyring};
use crate::world::WriteFile;

/// Plain, or sealed where there are keys.
pub(super) enum Out<'k> {
    Plain(BufWriter<Box<dyn WriteFile>>),
    Sealed(Draft<BufWriter<Box<dyn WriteFile>>>, &'k Keyring),
}

impl<'k> Out<'k> {
    pub fn new(file: Box<dyn WriteFile>, keys: Option<&'k Keyring>) -> io::Result<Out<'k>> {
        let buffered = BufWriter::with_capacity(256 * 1024, file);
        Ok(match keys {
            None => Out::Plain(buffered),
            Some(keys) => Out::Sealed(Draft::new(buffered)?, keys),
        })
    }

    /// Writes what is left; the caller syncs.
    pub fn finish(self, sha256: &str) -> io::Result<Box<dyn WriteFile>> {
        match self {
            Out::Plain(buffered) => Ok(buffered.into_inner()?),
            Out::Sealed(draft, keys) => {
                let (buffered, header) = draft.finish_apart(keys, &label(sha256))?;
                let mut file = buffered.into_inner()?;
                file.write_at_start(&header)?;
                Ok(file)
            }
        }
    }
}

impl Write for Out<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Out::Plain(out) => out.write(bytes),
            Out::Sealed(out, _) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Out::Plain(out) => out.flush(),
            Out::Sealed(out, _) => out.flush(),
        }
    }
}
