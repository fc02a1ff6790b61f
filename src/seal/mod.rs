//! Files and records sealed at rest: AES-256-GCM-SIV under a key of their own, which is wrapped by a key of the keyring.
//!
//! `keyring` holds the site's keys, `load` finds them, `cipher` is the AEAD, `header` the 84 bytes that wrap a file's key, `chunk` the layout behind them,
//! `writer` and `reader` go through it, `draft` writes a file whose id is known only at its end, `envelope` seals many small records
//! of one file, `rewrap` puts a header under another key. The bytes are described in docs/sealing.md.
//!
//! What it proves: bytes that come out were put in under the same label, at the same place, by someone who had the key; an end that is
//! reported is the end that was written. What it doesn't: that the file is the newest of its label. That an older one was put back
//! shows in the label (its version, or the hash of its content) or in the journal.
//!
//! Wiping of keys is best effort: they lie on the heap, in one place, and are overwritten when dropped; registers and the stack
//! of a running call aren't ours to clear.

mod chunk;
mod cipher;
mod draft;
mod envelope;
mod error;
mod header;
mod keyring;
mod load;
mod random;
mod reader;
mod rewrap;
mod sign;
#[cfg(test)]
mod tests;
mod writer;

pub use chunk::{plain_len, sealed_len};
pub use draft::Draft;
pub use envelope::Envelope;
pub use error::Error;
pub use header::{HEADER_LEN, Label, is_sealed, sealed_by};
pub use keyring::{KeyId, Keyring, KeyringError};
pub use load::{LoadError, load, place};
pub use random::unguessable;
pub use reader::Reader;
pub use rewrap::{rewrap, rewrap_header};
pub use sign::sign;
pub use writer::Writer;
