//! What has to open does, what must not doesn't.

mod damage;
mod keys;
mod known;
mod records;
mod round;

use std::io::{self, Read, Write};

use super::chunk::{CHUNK, SEALED_CHUNK};
use super::*;

const RING: &str = "\
# made up
2026-11 a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf
index   c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf
2025-11 e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff
";
const LABEL: Label = Label { kind: "received", id: "file-1", version: 3 };

fn ring() -> Keyring {
    Keyring::from_text(RING).unwrap()
}

/// Random bytes that aren't: 0, 1, 2, ...
fn counting() -> impl FnMut(&mut [u8]) -> io::Result<()> {
    let mut next = 0u8;
    move |bytes| {
        for byte in bytes {
            *byte = next;
            next = next.wrapping_add(1);
        }
        Ok(())
    }
}

/// No chunk is like another.
fn plain(length: usize) -> Vec<u8> {
    (0..length as u64).map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect()
}

fn seal(bytes: &[u8]) -> Vec<u8> {
    let mut writer = Writer::with_random(Vec::new(), &ring(), &LABEL, &mut counting()).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn open_as(sealed: &[u8], ring: &Keyring, label: &Label) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    Reader::open(sealed, ring, label)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn open(sealed: &[u8]) -> io::Result<Vec<u8>> {
    open_as(sealed, &ring(), &LABEL)
}

/// Why it was refused.
fn why<T>(refused: io::Result<T>) -> Error {
    let error = refused.err().expect("refused");
    *error.get_ref().expect("ours").downcast_ref::<Error>().expect("ours")
}
