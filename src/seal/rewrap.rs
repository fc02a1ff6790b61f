//! Another key of the keyring for a file that is already sealed.

use std::io::{self, Read, Write};

use super::Keyring;
use super::header::{self, Header, Label};
use super::random::{self, Random};
use super::reader::read_header;

/// The header of a file or of records, wrapped under the key in use. What stands behind it stays as it is.
///
/// # Errors
/// When it isn't a header, its key is missing, it was sealed under another label, or there are no random bytes.
pub fn rewrap_header(header: &Header, keyring: &Keyring, label: &Label) -> io::Result<Header> {
    with_random(header, keyring, label, &mut random::system)
}

/// Copies a sealed file behind a new header, wrapped under the key in use. The chunks are copied unread: before the copy takes the
/// place of the file, sync it and read it through once.
///
/// # Errors
/// As [`rewrap_header`], and when it can't be read or written.
pub fn rewrap(mut from: impl Read, mut to: impl Write, keyring: &Keyring, label: &Label) -> io::Result<()> {
    let header = read_header(&mut from)?;
    to.write_all(&rewrap_header(&header, keyring, label)?)?;
    io::copy(&mut from, &mut to)?;
    to.flush()
}

pub(super) fn with_random(
    header: &Header,
    keyring: &Keyring,
    label: &Label,
    random: &mut Random,
) -> io::Result<Header> {
    let (shape, key) = header::unwrap(header, keyring, label)?;
    header::wrap(shape, &key, keyring, label, random)
}
