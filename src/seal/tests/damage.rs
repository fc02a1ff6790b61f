use std::io::Cursor;

use super::*;

/// The chunks behind a header.
fn parts(sealed: &[u8]) -> (Vec<u8>, Vec<Vec<u8>>) {
    let (header, rest) = sealed.split_at(HEADER_LEN);
    (header.to_vec(), rest.chunks(SEALED_CHUNK).map(<[u8]>::to_vec).collect())
}

fn joined(header: &[u8], chunks: &[&Vec<u8>]) -> Vec<u8> {
    chunks.iter().fold(header.to_vec(), |mut all, chunk| {
        all.extend_from_slice(chunk);
        all
    })
}

/// What came out before the refusal, and that it was one.
fn until_refused(sealed: &[u8]) -> Vec<u8> {
    let mut reader = match Reader::open(sealed, &ring(), &LABEL) {
        Ok(reader) => reader,
        Err(_) => return Vec::new(),
    };
    let mut bytes = Vec::new();
    let error = reader.read_to_end(&mut bytes).expect_err("refused");
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    assert!(reader.read(&mut [0; 8]).is_err(), "stays refused");
    bytes
}

#[test]
fn every_flipped_bit() {
    let sealed = seal(b"ISA*00*TESTER*SAMPLE~");
    for bit in 0..sealed.len() * 8 {
        let mut damaged = sealed.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert!(until_refused(&damaged).is_empty(), "bit {bit}");
        assert!(open(&damaged).is_err(), "bit {bit}");
        assert!(Reader::open_at(Cursor::new(&damaged), &ring(), &LABEL, 4).is_err(), "bit {bit}");
    }
}

#[test]
fn a_flipped_bit_in_each_chunk_gives_only_what_lies_before() {
    let bytes = plain(2 * CHUNK + 9);
    let sealed = seal(&bytes);
    for (at, good) in [
        (HEADER_LEN, 0),
        (HEADER_LEN + SEALED_CHUNK - 1, 0),
        (HEADER_LEN + SEALED_CHUNK, CHUNK),
        (HEADER_LEN + 2 * SEALED_CHUNK - 1, CHUNK),
        (HEADER_LEN + 2 * SEALED_CHUNK, 2 * CHUNK),
        (sealed.len() - 1, 2 * CHUNK),
    ] {
        let mut damaged = sealed.clone();
        damaged[at] ^= 0x10;
        assert!(until_refused(&damaged) == bytes[..good], "byte {at}");
    }
    // Damage elsewhere doesn't hinder what is whole.
    let mut damaged = sealed;
    damaged[HEADER_LEN] ^= 1;
    let mut reader = Reader::open_at(Cursor::new(&damaged), &ring(), &LABEL, CHUNK as u64).unwrap();
    let mut back = Vec::new();
    reader.read_to_end(&mut back).unwrap();
    assert!(back == bytes[CHUNK..]);
    assert_eq!(why(reader.seek_to(0)), Error::Part(0));
    assert_eq!(why(reader.read(&mut [0; 8])), Error::Failed);
    reader.seek_to(2 * CHUNK as u64).unwrap();
    assert_eq!(reader.read(&mut [0; 100]).unwrap(), 9);
}

#[test]
fn every_truncation_of_a_small_file() {
    let sealed = seal(b"ISA*00*TESTER*SAMPLE~");
    for length in 0..sealed.len() {
        assert!(until_refused(&sealed[..length]).is_empty(), "{length}");
        assert!(open(&sealed[..length]).is_err(), "{length}");
        for offset in [0, 5, 1 << 40] {
            assert!(Reader::open_at(Cursor::new(&sealed[..length]), &ring(), &LABEL, offset).is_err());
        }
    }
}

#[test]
fn truncations_at_the_borders() {
    for plain_length in [2 * CHUNK, 2 * CHUNK + 30] {
        let bytes = plain(plain_length);
        let sealed = seal(&bytes);
        for border in [HEADER_LEN, HEADER_LEN + SEALED_CHUNK, HEADER_LEN + 2 * SEALED_CHUNK] {
            for length in border.saturating_sub(20)..(border + 20).min(sealed.len()) {
                let given = until_refused(&sealed[..length]);
                assert!(given.len().is_multiple_of(CHUNK) && bytes.starts_with(&given), "{length}");
                let end = Reader::open_at(Cursor::new(&sealed[..length]), &ring(), &LABEL, u64::MAX);
                assert!(end.is_err(), "{length}: an end nobody wrote");
            }
        }
    }
}

#[test]
fn swapped_repeated_and_dropped_chunks() {
    let (header, chunks) = parts(&seal(&plain(4 * CHUNK)));
    let orders: Vec<Vec<usize>> = (0..4)
        .flat_map(|a| (0..4).flat_map(move |b| (0..4).map(move |c| vec![a, b, c, 3])))
        .chain([vec![0, 1, 2], vec![0, 1, 3], vec![3], vec![1, 2, 3], vec![0, 1, 2, 3, 3], vec![]])
        .filter(|order| *order != [0, 1, 2, 3])
        .collect();
    for order in orders {
        let chosen: Vec<_> = order.iter().map(|i| &chunks[*i]).collect();
        let sealed = joined(&header, &chosen);
        let ends = |at: usize| at + 1 == order.len();
        let good =
            order.iter().zip(0..).take_while(|(is, at)| **is == *at && (**is == 3) == ends(*at)).count();
        assert_eq!(until_refused(&sealed).len(), good * CHUNK, "{order:?}");
    }
}

#[test]
fn appended_bytes() {
    for length in [0, 10, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK] {
        let sealed = seal(&plain(length));
        for more in [1, 16, 17, SEALED_CHUNK, SEALED_CHUNK + 1] {
            let mut longer = sealed.clone();
            longer.extend_from_slice(&plain(more));
            assert!(until_refused(&longer).len() < length.max(1), "{length} + {more}");
        }
    }
}

#[test]
fn chunks_of_another_file() {
    let bytes = plain(2 * CHUNK);
    let mut one = Writer::new(Vec::new(), &ring(), &LABEL).unwrap();
    let mut other = Writer::new(Vec::new(), &ring(), &LABEL).unwrap();
    one.write_all(&bytes).unwrap();
    other.write_all(&bytes).unwrap();
    let (header, one) = parts(&one.finish().unwrap());
    let (foreign, other) = parts(&other.finish().unwrap());
    assert_eq!(until_refused(&joined(&header, &[&one[0], &other[1]])).len(), CHUNK);
    assert!(until_refused(&joined(&foreign, &[&one[0], &one[1]])).is_empty());
}

#[test]
fn another_label() {
    let sealed = seal(b"TESTER");
    for label in [
        Label { kind: "verdicts", ..LABEL },
        Label { id: "file-2", ..LABEL },
        Label { version: 4, ..LABEL },
        Label { kind: "receivedf", id: "ile-1", ..LABEL },
        Label { kind: "", id: "", version: 0 },
    ] {
        assert_eq!(why(open_as(&sealed, &ring(), &label)), Error::Header, "{label:?}");
    }
}

#[test]
fn not_ours_newer_or_without_its_key() {
    let sealed = seal(b"TESTER");
    assert_eq!(why(open(b"ISA*00*")), Error::NotSealed);
    assert_eq!(why(open(b"")), Error::NotSealed);
    assert_eq!(why(open(b"\x89CLSEAL\nISA*00*")), Error::CutOff);
    let mut newer = sealed.clone();
    newer[8] = 2;
    assert_eq!(why(open(&newer)), Error::Newer(2));
    let other = RING.replace("2026-11 a0", "2026-11 a1");
    let refused = open_as(&sealed, &Keyring::from_text(&other).unwrap(), &LABEL);
    assert_eq!(refused.as_ref().unwrap_err().kind(), io::ErrorKind::PermissionDenied);
    assert_eq!(why(refused), Error::UnknownKey(ring().in_use()));
    // Another key under this one's id.
    let mut renamed = sealed;
    let older = ring().keys().nth(1).unwrap().1;
    renamed[16..24].copy_from_slice(&older.0);
    assert_eq!(why(open(&renamed)), Error::Header);
}
