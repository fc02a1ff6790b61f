//! What must not be guessed or read back: passwords and tokens. Only hashes of either are kept.

use std::io;

use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::seal::unguessable;

/// Memory in KiB, passes and lanes: what is recommended where memory is dear.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);

/// Fewest characters of a password.
pub const SHORTEST: usize = 12;
/// Most: what is longer only keeps the machine busy.
pub const LONGEST: usize = 256;

/// A password, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Password {
    memory: u32,
    passes: u32,
    lanes: u32,
    salt: String,
    hash: String,
}

impl Password {
    /// Of what somebody chose.
    ///
    /// # Errors
    /// When there is no salt to be had.
    pub fn of(chosen: &str) -> io::Result<Password> {
        let salt = hex(&unguessable::<16>()?);
        let (memory, passes, lanes) = COST;
        let hash = derived(chosen, &salt, COST)?;
        Ok(Password { memory, passes, lanes, salt, hash })
    }

    /// True where it is the one that was chosen.
    ///
    /// # Errors
    /// When it can't be computed.
    pub fn is(&self, given: &str) -> io::Result<bool> {
        let again = derived(given, &self.salt, (self.memory, self.passes, self.lanes))?;
        let unlike = again.bytes().zip(self.hash.bytes()).fold(0, |unlike, (a, b)| unlike | (a ^ b));
        Ok(unlike == 0 && again.len() == self.hash.len())
    }
}

fn derived(text: &str, salt: &str, (memory, passes, lanes): (u32, u32, u32)) -> io::Result<String> {
    let bad = |what: &dyn std::fmt::Display| io::Error::other(format!("deriving a password's hash: {what}"));
    let params = Params::new(memory, passes, lanes, Some(32)).map_err(|e| bad(&e))?;
    let mut hash = [0; 32];
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon.hash_password_into(text.as_bytes(), salt.as_bytes(), &mut hash).map_err(|e| bad(&e))?;
    Ok(hex(&hash))
}

/// A token nobody can guess, and what is kept of it.
///
/// # Errors
/// When the system has no chance to give.
pub fn token() -> io::Result<(String, String)> {
    let token = hex(&unguessable::<32>()?);
    let kept = kept(&token);
    Ok((token, kept))
}

/// What is kept of a token.
#[must_use]
pub fn kept(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_kept_as_a_salted_hash() {
        let kept = Password::of("correct horse battery").unwrap();
        assert!(kept.is("correct horse battery").unwrap());
        assert!(!kept.is("correct horse batterz").unwrap());
        assert_ne!(kept, Password::of("correct horse battery").unwrap(), "another salt");
        assert!(!format!("{kept:?}").contains("horse"));
    }

    #[test]
    fn tokens_are_long_and_differ() {
        let (one, two) = (token().unwrap(), token().unwrap());
        assert_eq!((one.0.len(), one.0 == two.0), (64, false));
        assert_eq!(one.1, kept(&one.0));
    }
}
