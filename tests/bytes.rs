//! Every input byte belongs to one segment or to the space between; parse, then write, gives the same bytes; what
//! leaves is the sender's but for the six recounted elements; damage never panics and never loses a claim.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use claimloop::edits::EditSet;
use claimloop::scrub::partition::partition;
use claimloop::scrub::report::State;
use claimloop::scrub::{self, Other, Settings, states};
use claimloop::x12::{Blocks, Chunk};
use proptest::prelude::*;

const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 21);

fn settings(threads: usize) -> Settings {
    Settings { today: TODAY, threads, other: Other::Pass }
}

fn samples() -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> = std::fs::read_dir("samples")
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "edi"))
        .map(|p| (p.display().to_string(), std::fs::read(&p).unwrap()))
        .collect();
    all.sort();
    all
}

/// A source that hands out a few bytes at a time.
struct Slow<'a>(&'a [u8], usize);

impl std::io::Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.1.min(self.0.len()).min(buffer.len());
        buffer[..n].copy_from_slice(&self.0[..n]);
        self.0 = &self.0[n..];
        Ok(n)
    }
}

/// Puts a file together again from its segments and what stands between them; checks that only blanks do.
fn rebuild(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut blocks = Blocks::new(Slow(bytes, 997));
    while let Some(chunk) = blocks.next_chunk().unwrap() {
        match chunk {
            Chunk::Block(block) => {
                assert_eq!(block.offset as usize, out.len());
                let mut last = 0;
                for segment in block.segments() {
                    let gap = &block.bytes[last..segment.start() as usize];
                    let blank = |b: &u8| segment.delimiters().is_gap(*b) || matches!(b, b'\r' | b'\n');
                    assert!(gap.iter().all(blank), "{gap:?}");
                    out.extend_from_slice(gap);
                    // Element by element, as a writer would.
                    for n in 0..=segment.len() {
                        if n > 0 {
                            out.push(segment.delimiters().element);
                        }
                        out.extend_from_slice(segment.value(n));
                    }
                    out.push(segment.delimiters().segment);
                    last = segment.end() as usize;
                }
                out.extend_from_slice(&block.bytes[last..]);
            }
            Chunk::Noise { offset, bytes: noise, .. } => {
                assert_eq!(offset as usize, out.len());
                out.extend_from_slice(noise);
            }
            Chunk::TooLong { offset, len } | Chunk::Unterminated { offset, len } => {
                assert_eq!(offset as usize, out.len());
                out.extend_from_slice(&bytes[offset as usize..(offset + len) as usize]);
            }
        }
    }
    out
}

#[test]
fn parse_then_write_gives_the_same_bytes() {
    for (name, bytes) in samples() {
        assert_eq!(rebuild(&bytes), bytes, "{name}");
    }
}

#[test]
fn a_clean_file_leaves_byte_for_byte_and_a_mixed_one_scrubs_clean() {
    let edits = EditSet::shipped().unwrap();
    let mut mixed = 0;
    for (name, bytes) in samples() {
        let (report, survey) = scrub::scrub(&bytes, &edits, settings(1)).unwrap();
        let mut out = Vec::new();
        let written = partition(&bytes, &survey, &states(&report.verdicts), &mut out).unwrap();
        assert_eq!(written.claims, report.claims.clean, "{name}");
        assert_eq!(written.bytes as usize, out.len(), "{name}");
        if report.is_clean() {
            assert_eq!(out, bytes, "{name} is clean and must leave as it came");
            continue;
        }
        if out.is_empty() {
            assert_eq!(report.claims.clean, 0, "{name}");
            continue;
        }
        mixed += 1;
        let (again, _) = scrub::scrub(&out, &edits, settings(1)).unwrap();
        assert!(again.is_clean(), "{name}: {:?} {:?}", again.rejections, again.claims);
        let kept: Vec<_> = report.verdicts.iter().filter(|v| v.verdict == State::Clean).collect();
        assert_eq!(again.verdicts.len(), kept.len(), "{name}");
        for (before, after) in kept.iter().zip(&again.verdicts) {
            let part = |b: &[u8], v: &scrub::Verdict| {
                b[v.facts.offset as usize..(v.facts.offset + v.facts.bytes) as usize].to_vec()
            };
            assert_eq!(
                part(&bytes, before),
                part(&out, after),
                "{name}: claim {} is untouched",
                before.claim
            );
            assert_eq!(
                (&before.payer, &before.facts.billing_npi),
                (&after.payer, &after.facts.billing_npi),
                "{name}"
            );
        }
    }
    assert!(mixed >= 5, "{mixed} mixed samples");
}

#[test]
fn any_number_of_threads_gives_the_same_report() {
    let edits = EditSet::shipped().unwrap();
    let mut bytes = Vec::new();
    let options = claimloop::simulate::Options {
        claims: 6000,
        seed: 3,
        kind: claimloop::simulate::Kind::Professional,
        weeks: 4,
        end: TODAY,
        per_set: 2500,
        plant: claimloop::simulate::Plant::from_toml("[[fault]]\nedit = \"E3-001\"\nshare = 0.2\n").unwrap(),
    };
    claimloop::simulate::run(&options, &mut |name, part| {
        if name.ends_with(".837") {
            bytes.extend_from_slice(part);
        }
        Ok(())
    })
    .unwrap();
    let one = scrub::scrub(&bytes, &edits, settings(1)).unwrap();
    assert!(one.0.claims.held > 1000 && one.0.claims.clean > 4000, "{:?}", one.0.claims);
    let text = |report: &scrub::Report| serde_json::to_string(report).unwrap();
    for threads in [2, 3, 8] {
        assert_eq!(
            text(&scrub::scrub(&bytes, &edits, settings(threads)).unwrap().0),
            text(&one.0),
            "{threads} threads"
        );
    }
    // Large enough for several pieces: the clean part still reads back clean, every claim under its own subscriber.
    let mut out = Vec::new();
    partition(&bytes, &one.1, &states(&one.0.verdicts), &mut out).unwrap();
    let again = scrub::scrub(&out, &edits, settings(2)).unwrap().0;
    assert!(again.is_clean(), "{:?}", again.rejections);
    let key = |v: &scrub::Verdict| (v.claim.clone(), v.payer.clone(), v.facts.billing_npi.clone(), v.charge);
    let kept: Vec<_> = one.0.verdicts.iter().filter(|v| v.verdict == State::Clean).map(key).collect();
    assert_eq!(again.verdicts.iter().map(key).collect::<Vec<_>>(), kept);
}

#[test]
fn a_fifty_megabyte_segment_is_named_and_nothing_lost() {
    let edits = EditSet::shipped().unwrap();
    let sample = std::fs::read("samples/837p-three-claims-one-off.edi").unwrap();
    let at = sample.windows(4).position(|w| w == b"CLM*").unwrap();
    let mut bytes = sample[..at].to_vec();
    bytes.extend_from_slice(b"NTE*ADD*");
    bytes.resize(bytes.len() + 50 * 1024 * 1024, b'X');
    bytes.extend_from_slice(b"~\n");
    bytes.extend_from_slice(&sample[at..]);
    let (report, _) = scrub::scrub(&bytes, &edits, settings(1)).unwrap();
    assert_eq!((report.claims.r#in, report.claims.rejected), (3, 3));
    let said: Vec<_> =
        report.rejections.iter().map(|r| (r.edit.as_str(), r.level.as_str(), r.offset)).collect();
    assert!(said.contains(&("E1-005", "transaction set", at as u64)), "{said:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damage_never_panics_and_claims_are_conserved(
        which in 0usize..1000,
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0u8..4), 1..6),
    ) {
        let all = samples();
        let (_, original) = &all[which % all.len()];
        let mut bytes = original.clone();
        for (place, byte, how) in cuts {
            if bytes.is_empty() { break; }
            let at = place.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => { bytes.remove(at); }
                2 => bytes.insert(at, byte),
                _ => bytes.truncate(at),
            }
        }
        let edits = EditSet::shipped().unwrap();
        let (report, survey) = scrub::scrub(&bytes, &edits, settings(1)).unwrap();
        let mut out = Vec::new();
        let written = partition(&bytes, &survey, &states(&report.verdicts), &mut out).unwrap();
        prop_assert_eq!(written.claims, report.claims.clean);
        prop_assert_eq!(rebuild(&bytes), bytes.clone());
        if written.bytes > 0 {
            let (again, _) = scrub::scrub(&out, &edits, settings(1)).unwrap();
            prop_assert!(again.rejections.is_empty(), "{:?}", again.rejections);
            prop_assert_eq!(again.claims.clean, report.claims.clean);
        }
        claimloop::scrub::remittance::each(&bytes, &mut |_| {}).unwrap();
    }

    #[test]
    fn noise_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..3000)) {
        let edits = EditSet::shipped().unwrap();
        scrub::scrub(&bytes, &edits, settings(1)).unwrap();
        prop_assert_eq!(rebuild(&bytes), bytes);
    }
}

#[test]
fn a_subscriber_with_more_claims_than_a_piece_holds_keeps_its_context() {
    // One claim four thousand times over repeats itself.
    let edits = EditSet::shipped().unwrap().without("E6-035");
    let text = String::from_utf8(std::fs::read("samples/837p-clean.edi").unwrap()).unwrap();
    let clm = text.find("CLM*").unwrap();
    let se = text.find("SE*").unwrap();
    let claim = &text[clm..se];
    let many: String = (0..4000)
        .map(|n| {
            let own = claim.replace("CLAIM-A", &format!("C{n:05}"));
            if n % 3 == 0 { own.replacen("*150*", "*151*", 1) } else { own }
        })
        .collect();
    let before = text[text.find("ST*").unwrap()..clm].matches('~').count();
    let count = before + many.matches('~').count() + 1;
    let tail = &text[se..];
    let tail = format!("SE*{count}*{}", tail.splitn(3, '*').nth(2).unwrap());
    let bytes = format!("{}{many}{tail}", &text[..clm]).into_bytes();
    assert!(bytes.len() > 1_040_000, "several pieces: {}", bytes.len());
    let (report, survey) = scrub::scrub(&bytes, &edits, settings(2)).unwrap();
    // The guide allows a hundred claims under a subscriber: the rest is held, whichever piece it is in.
    assert_eq!((report.claims.held, report.claims.clean), (3934, 66), "{:?}", report.rejections);
    let first = &report.verdicts[1];
    for (n, verdict) in report.verdicts.iter().enumerate() {
        assert_eq!(verdict.claim, format!("C{n:05}"));
        let found: Vec<&str> = verdict.findings.iter().map(|f| f.edit.as_str()).collect();
        let wanted = [(n % 3 == 0, "E3-001"), (n >= 100, "E2-029")];
        let mut wanted: Vec<&str> = wanted.iter().filter(|w| w.0).map(|w| w.1).collect();
        wanted.sort_unstable();
        assert_eq!(found, wanted, "{n}");
        assert_eq!((&verdict.payer, &verdict.facts.billing_npi), (&first.payer, &first.facts.billing_npi));
        let at = verdict.facts.offset as usize;
        assert!(bytes[at..].starts_with(format!("CLM*C{n:05}*").as_bytes()), "{n} at {at}");
    }
    let mut out = Vec::new();
    partition(&bytes, &survey, &states(&report.verdicts), &mut out).unwrap();
    let again = scrub::scrub(&out, &edits, settings(1)).unwrap().0;
    assert!(again.is_clean() && again.claims.clean == 66, "{:?}", again.rejections);
}

/// A CLM where none may stand takes what follows it along: claims that need that must not leave without it.
#[test]
fn a_claim_out_of_place_never_spoils_what_leaves() {
    let edits = EditSet::shipped().unwrap();
    for name in ["837p-dependents", "837p-frequency-and-control-number", "837d-clean", "837i-inpatient-clean"]
    {
        let text = std::fs::read_to_string(format!("samples/{name}.edi")).unwrap();
        let segments: Vec<&str> = text.split_inclusive('~').collect();
        let st = segments.iter().position(|s| s.trim_start().starts_with("ST*")).unwrap();
        let se = segments.iter().position(|s| s.trim_start().starts_with("SE*")).unwrap();
        let counted = format!("\nSE*{}*", se - st + 1);
        assert!(text.contains(&counted), "{name}");
        for at in st + 1..=se {
            let mut spoilt: Vec<&str> = segments.clone();
            spoilt.insert(at, "\nCLM*OUTOFPLACE*1***11:B:1*Y*A*Y*Y~");
            let spoilt = spoilt.concat().replace(&counted, &format!("\nSE*{}*", se - st + 2)).into_bytes();
            let (report, survey) = scrub::scrub(&spoilt, &edits, settings(1)).unwrap();
            let mut out = Vec::new();
            let written = partition(&spoilt, &survey, &states(&report.verdicts), &mut out).unwrap();
            assert_eq!(written.claims, report.claims.clean, "{name}, before segment {at}");
            if !out.is_empty() {
                let (again, _) = scrub::scrub(&out, &edits, settings(1)).unwrap();
                let shown = String::from_utf8_lossy(&out);
                assert!(again.is_clean() && again.claims.clean == written.claims, "{name}, {at}: {shown}");
            }
        }
    }
}
