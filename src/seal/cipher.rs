//! Keys, and the two primitives everything is made of: AES-256-GCM-SIV and HMAC-SHA256.

use std::io;

use aes_gcm_siv::aead::AeadInOut;
use aes_gcm_siv::{Aes256GcmSiv, KeyInit as _};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::{Zeroize as _, Zeroizing};

use super::error::Error;
use super::random::Random;

pub(super) const KEY: usize = 32;
pub(super) const NONCE: usize = 12;
pub(super) const TAG: usize = 16;
/// Of SHA-256.
const BLOCK: usize = 64;

/// A key. Boxed, so that moving its owner leaves no copy behind.
pub(super) struct Secret(Box<Zeroizing<[u8; KEY]>>);

impl Secret {
    pub fn zeros() -> Secret {
        Secret(Box::default())
    }

    pub fn random(random: &mut Random) -> io::Result<Secret> {
        let mut key = Secret::zeros();
        random(key.bytes_mut())?;
        Ok(key)
    }

    pub fn bytes(&self) -> &[u8; KEY] {
        &self.0
    }

    pub fn bytes_mut(&mut self) -> &mut [u8; KEY] {
        &mut self.0
    }

    /// A key for one purpose. No key of the keyring is used for anything but this.
    pub fn derive(&self, purpose: &str) -> Secret {
        let mut key = Secret::zeros();
        let mut mac = hmac(self, &[purpose.as_bytes()]);
        key.bytes_mut().copy_from_slice(&mac);
        mac.zeroize();
        key
    }
}

/// HMAC-SHA256 over parts, each behind its length, so that no two lists of parts give the same bytes.
pub(super) fn hmac(key: &Secret, parts: &[&[u8]]) -> [u8; 32] {
    // HMAC fills a key shorter than its block up with zeros; doing it here leaves no error to handle.
    let mut block = Zeroizing::new([0; BLOCK]);
    block.iter_mut().zip(key.bytes()).for_each(|(to, from)| *to = *from);
    let mut mac = Hmac::<Sha256>::new((&*block).into());
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// AES-256-GCM-SIV under one key. It stays safe when a nonce comes twice: what shows then is only whether the message was the same.
pub(super) struct Cipher(Box<Aes256GcmSiv>);

impl Cipher {
    pub fn new(key: &Secret) -> Cipher {
        Cipher(Box::new(Aes256GcmSiv::new(key.bytes().into())))
    }

    /// Encrypts in place and appends the tag.
    pub fn seal(&self, nonce: &[u8; NONCE], bound: &[u8], message: &mut Vec<u8>) -> Result<(), Error> {
        // Growing a full buffer would leave a copy of the plain bytes in freed memory.
        message.reserve_exact(TAG);
        self.0.encrypt_in_place(nonce.into(), bound, message).map_err(|_| Error::TooLong)
    }

    /// Checks and takes off the tag, decrypts in place. `None`: it isn't what was sealed; the buffer holds nothing plain then.
    pub fn open(&self, nonce: &[u8; NONCE], bound: &[u8], message: &mut Vec<u8>) -> Option<()> {
        let opened = self.0.decrypt_in_place(nonce.into(), bound, message).ok();
        if opened.is_none() {
            message.clear();
        }
        opened
    }
}
