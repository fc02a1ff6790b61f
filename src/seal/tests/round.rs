use std::io::{BufReader, Cursor, Seek, SeekFrom};

use proptest::prelude::*;

use super::*;

/// Gives and takes a few bytes at a time, and is interrupted.
struct Dribble<T>(T, usize, bool);

impl<T> Dribble<T> {
    fn pause(&mut self) -> io::Result<()> {
        self.2 = !self.2;
        if self.2 { Err(io::ErrorKind::Interrupted.into()) } else { Ok(()) }
    }
}

impl<R: Read> Read for Dribble<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.pause()?;
        let most = self.1.min(buffer.len());
        self.0.read(&mut buffer[..most])
    }
}

impl<W: Write> Write for Dribble<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pause()?;
        self.0.write(&bytes[..self.1.min(bytes.len())])
    }
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Lengths near the borders of chunks.
fn lengths() -> impl Strategy<Value = usize> {
    prop_oneof![
        0..200usize,
        (0..4usize, -40..40isize).prop_map(|(n, by)| (n * CHUNK).saturating_add_signed(by)),
        0..4 * CHUNK,
    ]
}

#[test]
fn every_length_at_the_borders() {
    for near in [0, CHUNK, 2 * CHUNK, 3 * CHUNK] {
        for length in near.saturating_sub(2)..=near + 2 {
            let sealed = seal(&plain(length));
            assert_eq!(sealed_len(length as u64), Some(sealed.len() as u64));
            assert_eq!(plain_len(sealed.len() as u64), Some(length as u64));
            assert!(open(&sealed).unwrap() == plain(length), "{length}");
            assert!(is_sealed(&sealed));
        }
    }
}

#[test]
fn lengths_that_no_file_has() {
    for sealed in (0..100).chain([100 + SEALED_CHUNK as u64 - 16, 100 + SEALED_CHUNK as u64, u64::MAX]) {
        let plain = plain_len(sealed);
        assert!(plain.is_none_or(|p| sealed_len(p) == Some(sealed)), "{sealed}: {plain:?}");
    }
    assert_eq!(plain_len(99), None);
    assert_eq!(plain_len(100), Some(0));
    assert_eq!(plain_len(100 + CHUNK as u64), Some(CHUNK as u64));
    for part in 1..=16 {
        assert_eq!(plain_len(100 + CHUNK as u64 + part), None);
    }
    assert_eq!(plain_len(100 + CHUNK as u64 + 17), Some(CHUNK as u64 + 1));
    assert_eq!(sealed_len(u64::MAX), None);
}

#[test]
fn an_interrupted_dribble_reads_and_writes_the_same() {
    let bytes = plain(CHUNK + 700);
    let below = Dribble(Vec::new(), 97, false);
    let mut writer = Writer::with_random(below, &ring(), &LABEL, &mut counting()).unwrap();
    for some in bytes.chunks(313) {
        writer.write_all(some).unwrap();
        writer.write_all(&[]).unwrap();
    }
    let sealed = writer.finish().unwrap().0;
    assert!(sealed == seal(&bytes));
    let mut reader = Reader::open(Dribble(&sealed[..], 89, false), &ring(), &LABEL).unwrap();
    let mut back = Vec::new();
    reader.read_to_end(&mut back).unwrap();
    assert!(back == bytes);
    assert_eq!(reader.read(&mut [0; 8]).unwrap(), 0);
}

#[test]
fn a_draft_is_the_same_file() {
    let bytes = plain(CHUNK + 5);
    let mut random = counting();
    let mut draft = Draft::with_random(Cursor::new(Vec::new()), &mut random).unwrap();
    draft.write_all(&bytes).unwrap();
    let (sealed, header) = draft.finish_with(&ring(), &LABEL, &mut random).unwrap();
    let mut sealed = sealed.into_inner();
    assert_eq!(why(open(&sealed)), Error::NotSealed);
    sealed[..HEADER_LEN].copy_from_slice(&header);
    assert!(sealed == seal(&bytes));

    let mut draft = Draft::new(Cursor::new(Vec::new())).unwrap();
    draft.write_all(&bytes).unwrap();
    let sealed = draft.finish(&ring(), &LABEL).unwrap();
    assert_eq!(sealed.position(), sealed.get_ref().len() as u64);
    assert!(open(sealed.get_ref()).unwrap() == bytes);
}

#[test]
fn seeks_as_a_file_does() {
    let bytes = plain(2 * CHUNK + 9);
    let sealed = seal(&bytes);
    let mut reader = Reader::open(Cursor::new(&sealed), &ring(), &LABEL).unwrap();
    assert_eq!(reader.stream_position().unwrap(), 0);
    let mut some = [0; 5];
    for (to, at) in [
        (SeekFrom::End(0), bytes.len()),
        (SeekFrom::End(-9), 2 * CHUNK),
        (SeekFrom::Current(-5 - 10), 2 * CHUNK - 10),
        (SeekFrom::Current(-5), 2 * CHUNK - 10),
        (SeekFrom::Start(CHUNK as u64 - 5), CHUNK - 5),
        (SeekFrom::Current(0), CHUNK),
        (SeekFrom::Start(u64::MAX), bytes.len()),
    ] {
        assert_eq!(reader.seek(to).unwrap(), at as u64, "{to:?}");
        assert_eq!(reader.stream_position().unwrap(), at as u64);
        if at < bytes.len() {
            reader.read_exact(&mut some).unwrap();
            assert_eq!(some, bytes[at..at + 5]);
        }
    }
    assert_eq!(reader.seek(SeekFrom::End(-(1 << 40))).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    assert!(reader.read(&mut some).is_err());
    reader.seek(SeekFrom::Start(1)).unwrap();
    assert_eq!(reader.seek(SeekFrom::Current(-2)).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    reader.read_exact(&mut some).unwrap();
    assert_eq!(some, bytes[1..6], "a place before the start moves nothing");
}

#[test]
fn a_received_file_that_looks_sealed_comes_back_as_it_came() {
    for received in [seal(b"TESTER"), b"\x89CLSEAL\nISA*00*".to_vec()] {
        assert!(is_sealed(&received));
        assert_eq!(open(&seal(&received)).unwrap(), received);
    }
}

#[test]
fn what_is_not_finished_does_not_open() {
    let bytes = plain(3 * CHUNK);
    let mut file = Vec::new();
    let mut writer = Writer::new(&mut file, &ring(), &LABEL).unwrap();
    writer.write_all(&bytes).unwrap();
    writer.flush().unwrap();
    drop(writer);
    assert_eq!(file.len(), HEADER_LEN + 2 * SEALED_CHUNK);
    assert_eq!(why(open(&file)), Error::Part(1));

    let mut file = Cursor::new(Vec::new());
    let mut draft = Draft::new(&mut file).unwrap();
    draft.write_all(&bytes).unwrap();
    drop(draft);
    assert_eq!(why(open(file.get_ref())), Error::NotSealed);
}

#[test]
fn a_failed_write_ends_the_writer() {
    let mut short = [0; HEADER_LEN + 100];
    let mut writer = Writer::new(&mut short[..], &ring(), &LABEL).unwrap();
    assert!(writer.write_all(&plain(2 * CHUNK)).is_err());
    assert_eq!(why(writer.write(b"more")), Error::Failed);
    assert_eq!(why(writer.finish()), Error::Failed);
}

#[test]
fn no_two_files_are_sealed_alike() {
    let drawn = || {
        let mut writer = Writer::new(Vec::new(), &ring(), &LABEL).unwrap();
        writer.write_all(b"same").unwrap();
        writer.finish().unwrap()
    };
    let (once, again) = (drawn(), drawn());
    assert!(once.iter().zip(&again).skip(24).filter(|(a, b)| a == b).count() < 12);
}

#[test]
fn shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Keyring>();
    shared::<Envelope>();
    shared::<Reader<std::fs::File>>();
    shared::<Writer<std::fs::File>>();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn round_trip(length in lengths(), step in 1..200_000usize) {
        let bytes = plain(length);
        let mut writer = Writer::new(Vec::new(), &ring(), &LABEL).unwrap();
        for some in bytes.chunks(step) {
            writer.write_all(some).unwrap();
        }
        let sealed = writer.finish().unwrap();
        let reader = Reader::open(BufReader::with_capacity(1000, &sealed[..]), &ring(), &LABEL).unwrap();
        let mut back = Vec::new();
        BufReader::with_capacity(step, reader).read_to_end(&mut back).unwrap();
        prop_assert!(back == bytes);
    }

    #[test]
    fn seeks(length in lengths(), offsets in proptest::collection::vec((0..5usize, -20..20isize, 0..CHUNK), 1..8)) {
        let bytes = plain(length);
        let sealed = seal(&bytes);
        let mut reader = Reader::open_at(Cursor::new(&sealed), &ring(), &LABEL, u64::MAX).unwrap();
        prop_assert_eq!(reader.read(&mut [0; 8]).unwrap(), 0);
        for (chunk, by, count) in offsets {
            let offset = (chunk * CHUNK).saturating_add_signed(by);
            reader.seek_to(offset as u64).unwrap();
            let mut back = Vec::new();
            (&mut reader).take(count as u64).read_to_end(&mut back).unwrap();
            let rest = bytes.get(offset..).unwrap_or_default();
            prop_assert!(back == rest[..count.min(rest.len())]);
        }
    }

    #[test]
    fn any_bytes_are_refused_without_a_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..300), ours in any::<bool>()) {
        if ours {
            bytes.iter_mut().zip(seal(b"")).take(36).for_each(|(to, from)| *to = from);
        }
        prop_assert!(open(&bytes).is_err());
        prop_assert!(Reader::open_at(Cursor::new(&bytes), &ring(), &LABEL, 7).is_err());
        prop_assert!(open(&bytes).is_err());
    }
}
