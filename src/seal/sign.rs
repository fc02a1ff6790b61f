//! A signature over something that is sent, under a secret that sender and receiver share.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// HMAC-SHA256 of a text, in hex, as any receiver computes it.
#[must_use]
pub fn sign(secret: &[u8], text: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(text);
    Some(mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    #[test]
    fn it_is_hmac_sha256() {
        let signature = sign(b"Jefe", b"what do ya want for nothing?").unwrap();
        assert_eq!(signature, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}
