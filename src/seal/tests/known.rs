//! Bytes that must never change: files of earlier versions have to open.
//!
//! The expected bytes were made by another implementation (OpenSSL's AES-256-GCM-SIV and Python's hmac), from the tables in
//! docs/sealing.md alone.

use sha2::{Digest, Sha256};

use super::cipher::{Cipher, Secret};
use super::*;

const EDI: &[u8] = b"ISA*00*TESTER*SAMPLE~";
/// Fixed part, key id and nonce; the wrapped key; the one chunk.
const FILE: &str = "89434c5345414c0a0101100000000000c6b470fa5e01f6d8202122232425262728292a2b\
    3d8be5e25086997e887d6851f23bffe43d8465271cdee40f094431953424a3b020a40808a67b4b80cf31a76d58f49f8c\
    e0c36a559690d344d7c6abecc82de79b136e1e63252f3c95ef61149c2e1c6b99f5025b8174";
const EMPTY: &str = "89434c5345414c0a0101100000000000c6b470fa5e01f6d8202122232425262728292a2b\
    3d8be5e25086997e887d6851f23bffe43d8465271cdee40f094431953424a3b020a40808a67b4b80cf31a76d58f49f8c\
    cc2460a1e28c349a8bbb12b7af8d4bbb";
const ENVELOPE: &str = "89434c5345414c0a0102000000000000c6b470fa5e01f6d8202122232425262728292a2b\
    921edfbbeb9e5c04e6a25ce8e2724f5714f755703818d57d795910aa3eddd563cad3a02d2f98fc43e3f41d326c01962e";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

#[test]
fn a_file() {
    assert_eq!(hex(&seal(EDI)), FILE);
    assert_eq!(hex(&seal(b"")), EMPTY);
    assert_eq!(open(&bytes(FILE)).unwrap(), EDI);
    assert_eq!(open(&bytes(EMPTY)).unwrap(), b"");
    assert_eq!(
        hex(&Sha256::digest(seal(&plain(2 * CHUNK + 9)))),
        "45907699d3f13acc13dcbfb423903c257900da0c01625823934253d2d3d80b2b"
    );
}

#[test]
fn records() {
    let envelope = Envelope::with_random(&ring(), &LABEL, &mut counting()).unwrap();
    assert_eq!(hex(envelope.header()), ENVELOPE);
    let record = "920f6d0c47cc5f2ff6dcec62b51fa032ced88fd2ae1b";
    assert_eq!(hex(&envelope.seal_record(7, b"chain", b"TESTER").unwrap()), record);
    let header = bytes(ENVELOPE).try_into().unwrap();
    let kept = Envelope::open(&ring(), &LABEL, &header).unwrap();
    assert_eq!(**kept.open_record(7, b"chain", &bytes(record)).unwrap(), *b"TESTER");
}

#[test]
fn names_of_keys_and_index_hashes() {
    assert_eq!(ring().in_use().to_string(), "c6b470fa5e01f6d8");
    assert_eq!(
        hex(&ring().keyed_hash("member", b"TESTER1")),
        "713549f59ba988846e43095f830bf4daca1ebeca6af64db45f7f2c611e8e5ff7"
    );
}

/// RFC 8452, appendix C.2.
#[test]
fn the_cipher() {
    let mut key = Secret::zeros();
    key.bytes_mut()[0] = 1;
    let cipher = Cipher::new(&key);
    let mut nonce = [0; 12];
    nonce[0] = 3;
    for (bound, plain, sealed) in [
        ("", "", "07f5f4169bbf55a8400cd47ea6fd400f"),
        ("", "0100000000000000", "c2ef328e5c71c83b843122130f7364b761e0b97427e3df28"),
        ("01", "0200000000000000", "1de22967237a813291213f267e3b452f02d01ae33e4ec854"),
    ] {
        let mut message = bytes(plain);
        cipher.seal(&nonce, &bytes(bound), &mut message).unwrap();
        assert_eq!(hex(&message), sealed);
        cipher.open(&nonce, &bytes(bound), &mut message).unwrap();
        assert_eq!(hex(&message), plain);
    }
}
