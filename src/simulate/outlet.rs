//! Where the bytes go, a megabyte at a time.

use super::Error;
use crate::x12::compose::{Composer, Separators};

/// Bytes after which a file under way is handed on.
const ENOUGH: usize = 1 << 20;

/// The caller's function for bytes.
pub(super) type Sink<'a> = &'a mut dyn FnMut(&str, &[u8]) -> std::io::Result<()>;

/// Counts files on their way to the sink.
pub(super) struct Outlet<'a> {
    sink: Sink<'a>,
    pub(super) files: u64,
}

impl<'a> Outlet<'a> {
    pub(super) fn new(sink: Sink<'a>) -> Self {
        Self { sink, files: 0 }
    }

    /// Appends to the file at `path`.
    pub(super) fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        (self.sink)(path, bytes).map_err(|source| Error::Write { path: path.to_owned(), source })
    }
}

/// One X12 file under way.
pub(super) struct Draft {
    path: String,
    pub(super) composer: Composer,
}

impl Draft {
    /// A new file at `path`.
    pub(super) fn new(outlet: &mut Outlet<'_>, path: String) -> Self {
        outlet.files += 1;
        Self { path, composer: Composer::new(Separators::default()) }
    }

    /// Hands on what is written once it is enough.
    pub(super) fn spill(&mut self, outlet: &mut Outlet<'_>) -> Result<(), Error> {
        if self.composer.len() < ENOUGH {
            return Ok(());
        }
        outlet.write(&self.path, &self.composer.take())
    }

    /// Closes the interchange and hands on the rest.
    pub(super) fn finish(mut self, outlet: &mut Outlet<'_>) -> Result<(), Error> {
        self.composer.close_interchange();
        outlet.write(&self.path, &self.composer.take())
    }
}
