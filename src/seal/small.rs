//! A record that is a file of its own, such as a held claim: the same bytes as a sealed file, in memory.

use std::io::{self, Read, Write};

use zeroize::Zeroizing;

use super::chunk::{plain_len, sealed_len};
use super::{Error, Keyring, Label, Reader, Writer};

/// Seals bytes: 100 more than went in, up to 64 KiB.
///
/// # Errors
/// When there are no random bytes.
pub fn seal_small(keyring: &Keyring, label: &Label, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let length = sealed_len(bytes.len() as u64).and_then(|n| usize::try_from(n).ok());
    let sealed = Vec::with_capacity(length.ok_or(Error::TooLong)?);
    let mut writer = Writer::new(sealed, keyring, label)?;
    writer.write_all(bytes)?;
    writer.finish()
}

/// Opens what [`seal_small`] made, or a whole sealed file in memory.
///
/// # Errors
/// When it isn't what was sealed, its key is missing, or it was sealed under another label.
pub fn open_small(keyring: &Keyring, label: &Label, sealed: &[u8]) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut reader = Reader::open(sealed, keyring, label)?;
    let length = plain_len(sealed.len() as u64).and_then(|n| usize::try_from(n).ok());
    // Never grows, so that no copy of the plain bytes is left behind.
    let mut plain = Zeroizing::new(Vec::with_capacity(length.ok_or(Error::CutOff)? + 64));
    reader.read_to_end(&mut plain)?;
    Ok(plain)
}
