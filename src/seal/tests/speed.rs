use std::io::Cursor;
use std::time::Instant;

use super::*;

/// `cargo test --release speed -- --ignored --nocapture`
#[test]
#[ignore = "measures"]
fn speed() {
    const TOTAL: usize = 512 << 20;
    let bytes = plain(1 << 20);
    let mb = |seconds: f64| TOTAL as f64 / 1e6 / seconds;
    let ring = ring();
    for round in 1..=3 {
        let start = Instant::now();
        let mut writer = Writer::new(io::sink(), &ring, &LABEL).unwrap();
        for _ in 0..TOTAL / bytes.len() {
            writer.write_all(&bytes).unwrap();
        }
        writer.finish().unwrap();
        let write = start.elapsed().as_secs_f64();
        let mut writer = Writer::new(Vec::new(), &ring, &LABEL).unwrap();
        for _ in 0..TOTAL / bytes.len() {
            writer.write_all(&bytes).unwrap();
        }
        let sealed = writer.finish().unwrap();

        let start = Instant::now();
        let mut reader = Reader::open(&sealed[..], &ring, &LABEL).unwrap();
        let mut buffer = vec![0; 256 * 1024];
        let mut count = 0;
        while let n @ 1.. = reader.read(&mut buffer).unwrap() {
            count += n;
        }
        let read = start.elapsed().as_secs_f64();
        assert_eq!(count, TOTAL);

        let start = Instant::now();
        let at = (TOTAL / 2 + 12_345) as u64;
        for _ in 0..1000 {
            let mut reader = Reader::open_at(Cursor::new(&sealed), &ring, &LABEL, at).unwrap();
            reader.read_exact(&mut buffer[..4000]).unwrap();
        }
        let seek = start.elapsed().as_secs_f64() * 1e3;

        let envelope = Envelope::create(&ring, &LABEL).unwrap();
        let start = Instant::now();
        for number in 0..100_000 {
            envelope.seal_record(number, &[7; 32], &bytes[..300]).unwrap();
        }
        let record = start.elapsed().as_secs_f64() * 1e1;
        let start = Instant::now();
        for _ in 0..10_000 {
            seal_small(&ring, &LABEL, &bytes[..2000]).unwrap();
        }
        let small = start.elapsed().as_secs_f64() * 1e2;
        println!(
            "{round}: write {:.0} MB/s, read {:.0} MB/s, open in the middle {seek:.0} us, record of 300 bytes {record:.2} us, small of 2000 bytes {small:.1} us",
            mb(write),
            mb(read)
        );
    }
}
