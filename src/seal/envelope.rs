//! Many small records under one key: the values of the index.

use std::fmt;
use std::io;

use zeroize::Zeroizing;

use super::Keyring;
use super::chunk::nonce;
use super::cipher::{Cipher, Secret, TAG};
use super::error::Error;
use super::header::{self, FIXED, HEADER_LEN, Header, Label, Shape};
use super::random::{self, Random};

/// A key for the records of one file, with the header it is kept in. A record is sealed under its number, which the file's order gives
/// anyway, so that it opens at no other place and costs its tag alone, 16 bytes.
///
/// A number may come twice: a record torn by a crash is cut off, and another written in its place. To who has both, that shows whether
/// they were the same, no more. That no record is missing at the end the caller proves, by its chain.
pub struct Envelope {
    header: Header,
    cipher: Cipher,
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope").finish_non_exhaustive()
    }
}

impl Envelope {
    /// A new key, wrapped under the key in use.
    ///
    /// # Errors
    /// When there are no random bytes.
    pub fn create(keyring: &Keyring, label: &Label) -> io::Result<Envelope> {
        Envelope::with_random(keyring, label, &mut random::system)
    }

    pub(super) fn with_random(keyring: &Keyring, label: &Label, random: &mut Random) -> io::Result<Envelope> {
        let key = Secret::random(random)?;
        let header = header::wrap(Shape::Records, &key, keyring, label, random)?;
        Ok(Envelope { header, cipher: Cipher::new(&key) })
    }

    /// The key in a header that was kept.
    ///
    /// # Errors
    /// When it isn't a header of records, its key is missing, or it was made under another label.
    pub fn open(keyring: &Keyring, label: &Label, header: &Header) -> Result<Envelope, Error> {
        let (shape, key) = header::unwrap(header, keyring, label)?;
        if shape != Shape::Records {
            return Err(Error::NotSealed);
        }
        Ok(Envelope { header: *header, cipher: Cipher::new(&key) })
    }

    /// What to keep beside the records.
    #[must_use]
    pub fn header(&self) -> &[u8; HEADER_LEN] {
        &self.header
    }

    /// Seals a record. `bound` isn't kept, but has to be the same at opening: what stands plain beside it, or the hash of all before.
    ///
    /// # Errors
    /// When it's longer than 64 GiB.
    pub fn seal_record(&self, number: u64, bound: &[u8], bytes: &[u8]) -> Result<Vec<u8>, Error> {
        let mut record = Vec::with_capacity(bytes.len() + TAG);
        record.extend_from_slice(bytes);
        self.cipher.seal(&nonce(number, false), &with_fixed(bound), &mut record)?;
        Ok(record)
    }

    /// Opens a record.
    ///
    /// # Errors
    /// When it isn't what was sealed under this number.
    pub fn open_record(&self, number: u64, bound: &[u8], record: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let mut bytes = Zeroizing::new(record.to_vec());
        self.cipher.open(&nonce(number, false), &with_fixed(bound), &mut bytes).ok_or(Error::Part(number))?;
        Ok(bytes)
    }
}

fn with_fixed(bound: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(FIXED + bound.len());
    bytes.extend_from_slice(&Shape::Records.fixed());
    bytes.extend_from_slice(bound);
    bytes
}
