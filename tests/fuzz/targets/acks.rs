//! Answers of any bytes are read; what we answer to any bytes is valid by our own guides and accepts what is clean.
#![no_main]

use claimloop::acks::read::{Answer, read};
use claimloop::acks::{self, Answers, HeldMeans, Stamp, Worked};
use fuzz::{EDITS, scrubbed};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_mutator!(|data: &mut [u8], size: usize, max: usize, seed: u32| { fuzz::damage(data, size, max, seed) });

fuzz_target!(|bytes: &[u8]| {
    read(bytes, &mut |_| {}).unwrap();
    let bytes = bytes.to_vec();
    let (report, survey) = scrubbed(&bytes);
    let stamp = Stamp {
        answers: Answers::All,
        held_means: HeldMeans::SendBack,
        control: 42,
        now: jiff::civil::date(2026, 11, 21).at(9, 30, 0, 0),
    };
    let mut out = Vec::new();
    let worked = Worked { survey: &survey, verdicts: &report.verdicts, edits: &EDITS };
    acks::write(&bytes, worked, &stamp, &mut out).unwrap();
    if out.is_empty() {
        return;
    }
    let text = || String::from_utf8_lossy(&out);
    let (valid, _) = scrubbed(&out);
    assert!(valid.findings.is_empty(), "{:?}\n{}", valid.findings, text());
    assert!(valid.rejections.is_empty(), "{:?}\n{}", valid.rejections, text());
    let (mut answers, mut accepted) = (0, 0);
    read(out.as_slice(), &mut |answer| {
        answers += 1;
        accepted += u64::from(matches!(&answer, Answer::Claim(c) if c.action == "WQ"));
    })
    .unwrap();
    assert!(answers > 0, "nothing reads back\n{}", text());
    assert_eq!(accepted, report.claims.clean, "{}", text());
});
