use super::*;

#[test]
fn records_open_at_their_place_alone() {
    let envelope = Envelope::create(&ring(), &LABEL).unwrap();
    let bodies: [&[u8]; 3] = [b"", b"one", b"another"];
    let records: Vec<_> =
        (1..).zip(bodies).map(|(n, body)| envelope.seal_record(n, b"chain", body).unwrap()).collect();
    let again = Envelope::open(&ring(), &LABEL, envelope.header()).unwrap();
    for (place, record) in (1..).zip(&records) {
        for (number, body) in (1..).zip(bodies) {
            let opened = again.open_record(place, b"chain", &records[number as usize - 1]);
            match number == place {
                true => assert_eq!(**opened.unwrap(), *body),
                false => assert_eq!(opened.unwrap_err(), Error::Part(place)),
            }
        }
        assert!(again.open_record(place, b"other", record).is_err());
        for length in 0..record.len() {
            assert!(again.open_record(place, b"chain", &record[..length]).is_err());
        }
        for bit in 0..record.len() * 8 {
            let mut damaged = record.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(again.open_record(place, b"chain", &damaged).is_err());
        }
    }
}

#[test]
fn an_envelope_is_bound_to_its_label_and_kind() {
    let envelope = Envelope::create(&ring(), &LABEL).unwrap();
    let record = envelope.seal_record(1, b"", b"one").unwrap();
    let other = Label { id: "segment-2", ..LABEL };
    assert_eq!(Envelope::open(&ring(), &other, envelope.header()).unwrap_err(), Error::Header);
    let second = Envelope::create(&ring(), &LABEL).unwrap();
    assert!(second.open_record(1, b"", &record).is_err());
    // The header of a file is none of records, and the other way round, even when its bytes are changed to say so.
    let file: [u8; HEADER_LEN] = seal(b"")[..HEADER_LEN].try_into().unwrap();
    assert_eq!(Envelope::open(&ring(), &LABEL, &file).unwrap_err(), Error::NotSealed);
    assert_eq!(why(open(envelope.header())), Error::NotSealed);
    let mut posing = file;
    posing[..16].copy_from_slice(&envelope.header()[..16]);
    assert_eq!(Envelope::open(&ring(), &LABEL, &posing).unwrap_err(), Error::Header);
}

#[test]
fn an_envelope_wrapped_again_opens_its_records() {
    let envelope = Envelope::create(&ring(), &LABEL).unwrap();
    let record = envelope.seal_record(7, b"", b"one").unwrap();
    let both = Keyring::from_text(&format!("new {}\n{RING}", "01".repeat(31) + "02")).unwrap();
    let header = rewrap_header(envelope.header(), &both, &LABEL).unwrap();
    assert_eq!(sealed_by(&header), Ok(both.in_use()));
    let again = Envelope::open(&both, &LABEL, &header).unwrap();
    assert_eq!(**again.open_record(7, b"", &record).unwrap(), *b"one");
    assert!(Envelope::open(&ring(), &LABEL, &header).is_err());
}
