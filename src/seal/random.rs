//! Random bytes. Tests put their own in; nothing outside this module can.

use std::io;

/// Fills a buffer or says why not.
pub(super) type Random<'a> = dyn FnMut(&mut [u8]) -> io::Result<()> + 'a;

/// The operating system's.
pub(super) fn system(bytes: &mut [u8]) -> io::Result<()> {
    getrandom::fill(bytes).map_err(io::Error::from)
}

/// Bytes nobody can guess, from the operating system.
///
/// # Errors
/// When it has none.
pub fn unguessable<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    system(&mut bytes)?;
    Ok(bytes)
}
