use super::*;

const OLD: &str = "e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";
const NEW: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const INDEX: &str = "c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf";

#[test]
fn the_first_is_in_use() {
    let ring = ring();
    let names: Vec<_> = ring.keys().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(names, ["2026-11", "2025-11"]);
    assert_eq!(ring.in_use(), ring.keys().next().unwrap().1);
    let crlf = Keyring::from_text(&format!("  a\t{}\r\nindex {INDEX}", OLD.to_uppercase())).unwrap();
    assert_eq!(crlf.in_use(), ring.keys().nth(1).unwrap().1, "an id is of the key, not of its name");
}

#[test]
fn what_is_wrong_is_named_by_its_line_alone() {
    let zeros = "0".repeat(64);
    let cases = [
        (format!("a {OLD}"), KeyringError::NoIndex),
        (format!("index {INDEX}"), KeyringError::NoKey),
        (String::new(), KeyringError::NoIndex),
        (format!("# c\n\na {OLD}f\nindex {INDEX}"), KeyringError::Form(3)),
        (format!("a {}", &OLD[1..]), KeyringError::Form(1)),
        (format!("a {}g", &OLD[1..]), KeyringError::Form(1)),
        (format!("{OLD} a"), KeyringError::Form(1)),
        (OLD.to_owned(), KeyringError::Form(1)),
        (format!("a {OLD} {NEW}"), KeyringError::Form(1)),
        (format!("a {OLD}\na {NEW}"), KeyringError::Repeated(2)),
        (format!("a {OLD}\nb {OLD}"), KeyringError::Repeated(2)),
        (format!("a {OLD}\nindex {OLD}"), KeyringError::Repeated(2)),
        (format!("index {INDEX}\na {OLD}\nindex {NEW}"), KeyringError::Repeated(3)),
        (format!("a {zeros}"), KeyringError::Weak(1)),
    ];
    for (text, expected) in cases {
        let error = Keyring::from_text(&text).unwrap_err();
        assert_eq!(error, expected, "{text}");
        let said = format!("{error} {error:?}");
        assert!(!said.contains("e0e1") && !said.contains("c0c1"), "{said}");
    }
}

#[test]
fn nothing_secret_is_shown() {
    let ring = ring();
    let writer = Writer::new(Vec::new(), &ring, &LABEL).unwrap();
    let sealed = seal(b"TESTER");
    let reader = Reader::open(&sealed[..], &ring, &LABEL).unwrap();
    let draft = Draft::new(std::io::Cursor::new(Vec::new())).unwrap();
    let envelope = Envelope::create(&ring, &LABEL).unwrap();
    let shown = format!("{ring:?} {writer:?} {reader:?} {draft:?} {envelope:?}");
    assert_eq!(
        shown,
        format!(
            "[{}, {}] Writer {{ chunk: 0, .. }} Reader {{ chunk: 0, .. }} Draft {{ .. }} Envelope {{ .. }}",
            ring.in_use(),
            ring.keys().nth(1).unwrap().1
        )
    );
}

#[test]
fn wrapped_again_it_is_the_same_under_another_key() {
    let bytes = plain(CHUNK + 3);
    let old = seal(&bytes);
    let both = Keyring::from_text(&format!("new {NEW}\n{RING}")).unwrap();
    let new_only = Keyring::from_text(&format!("new {NEW}\nindex {INDEX}")).unwrap();
    assert!(open_as(&old, &both, &LABEL).unwrap() == bytes, "older keys open");
    assert_eq!(sealed_by(&old), Ok(ring().in_use()));

    let mut new = Vec::new();
    rewrap(&old[..], &mut new, &both, &LABEL).unwrap();
    assert_eq!(sealed_by(&new), Ok(both.in_use()));
    assert!(new[HEADER_LEN..] == old[HEADER_LEN..], "chunks stay");
    assert!(open_as(&new, &new_only, &LABEL).unwrap() == bytes);
    assert_eq!(why(open(&new)), Error::UnknownKey(both.in_use()));
    assert_eq!(why(open_as(&old, &new_only, &LABEL)), Error::UnknownKey(ring().in_use()));

    let other = Label { id: "file-2", ..LABEL };
    assert_eq!(why(rewrap(&old[..], io::sink(), &both, &other)), Error::Header);
    assert_eq!(why(rewrap(&old[..], io::sink(), &new_only, &LABEL)), Error::UnknownKey(ring().in_use()));
    assert_eq!(why(rewrap(&b"ISA"[..], io::sink(), &both, &LABEL)), Error::NotSealed);
    assert_eq!(sealed_by(b"ISA"), Err(Error::NotSealed));
}

#[test]
fn index_hashes_outlive_a_change_of_keys() {
    let (before, after) = (ring(), Keyring::from_text(&format!("new {NEW}\nindex {INDEX}")).unwrap());
    assert_eq!(before.keyed_hash("member", b"TESTER1"), after.keyed_hash("member", b"TESTER1"));
    assert_ne!(before.keyed_hash("member", b"TESTER1"), before.keyed_hash("claim", b"TESTER1"));
    assert_ne!(before.keyed_hash("member", b"TESTER1"), before.keyed_hash("member", b"TESTER2"));
    assert_ne!(before.keyed_hash("ab", b"c"), before.keyed_hash("a", b"bc"));
    let other = Keyring::from_text(&format!("a {OLD}\nindex {NEW}")).unwrap();
    assert_ne!(before.keyed_hash("member", b"TESTER1"), other.keyed_hash("member", b"TESTER1"));
}

#[test]
fn without_random_bytes_nothing_is_sealed() {
    let mut none = |_: &mut [u8]| Err(io::ErrorKind::Unsupported.into());
    assert!(Writer::with_random(Vec::new(), &ring(), &LABEL, &mut none).is_err());
    assert!(Draft::with_random(std::io::Cursor::new(Vec::new()), &mut none).is_err());
    assert!(Envelope::with_random(&ring(), &LABEL, &mut none).is_err());
    let mut bytes = [0; 32];
    random::system(&mut bytes).unwrap();
    assert_ne!(bytes, [0; 32]);
}
