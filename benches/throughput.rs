//! Throughput on simulated files, beside a plain pass of `memchr3` for the three delimiters over the same buffer, so
//! that every figure is a ratio of one run.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::hint::black_box;
use std::io::sink;

use claimloop::edits::EditSet;
use claimloop::history::{Dictionary, classify};
use claimloop::remit;
use claimloop::scrub::{self, Other, Settings};
use claimloop::simulate::{self, Kind, Options, Plant};
use claimloop::x12::{Blocks, Chunk};
use criterion::{
    BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime,
};

const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 21);

fn simulated(kind: Kind, claims: u64) -> Vec<u8> {
    let plant = Plant::from_toml("[[fault]]\nedit = \"E3-001\"\nshare = 0.01\n").unwrap();
    let plant = if kind == Kind::Professional { plant } else { Plant::default() };
    let options = Options { claims, seed: 1, kind, weeks: 8, end: TODAY, per_set: 5000, plant };
    let mut bytes = Vec::new();
    simulate::run(&options, &mut |name, part| {
        if !name.ends_with("truth.json") {
            bytes.extend_from_slice(part);
        }
        Ok(())
    })
    .unwrap();
    bytes
}

/// What any reader of the file must at least do.
fn plain_pass(group: &mut BenchmarkGroup<'_, WallTime>, bytes: &[u8]) {
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("plain pass", |b| {
        b.iter(|| memchr::memchr3_iter(b'*', b':', b'~', black_box(bytes)).fold(0, |n, at| n ^ at));
    });
}

fn tokenize(c: &mut Criterion) {
    let bytes = simulated(Kind::Professional, 25_000);
    let mut group = c.benchmark_group("tokenize");
    plain_pass(&mut group, &bytes);
    group.bench_function("segments", |b| {
        b.iter(|| {
            let mut blocks = Blocks::new(black_box(bytes.as_slice()));
            let mut segments = 0;
            while let Some(chunk) = blocks.next_chunk().unwrap() {
                if let Chunk::Block(block) = chunk {
                    segments += block.segments().count();
                }
            }
            segments
        });
    });
}

fn scrub(c: &mut Criterion) {
    let bytes = simulated(Kind::Professional, 25_000);
    let edits = EditSet::shipped().unwrap();
    let mut group = c.benchmark_group("scrub");
    group.sample_size(10);
    plain_pass(&mut group, &bytes);
    for threads in [1, 2] {
        group.bench_function(format!("report as JSON, threads {threads}"), |b| {
            b.iter(|| {
                let settings = Settings { today: TODAY, threads, other: Other::Pass };
                let (report, _) = scrub::scrub(black_box(&bytes), &edits, settings).unwrap();
                serde_json::to_writer(sink(), &report).unwrap();
                report.claims.clean
            });
        });
    }
}

fn remit(c: &mut Criterion) {
    let bytes = simulated(Kind::Remittance, 25_000);
    let mut group = c.benchmark_group("remit");
    group.sample_size(10);
    plain_pass(&mut group, &bytes);
    group.bench_function("balance and classify", |b| {
        b.iter(|| {
            let mut denied = 0;
            remit::read(black_box(bytes.as_slice()), &mut |_, remittance| {
                for claim in &remittance.claims {
                    denied += classify(claim, Dictionary::shipped()).1;
                }
            })
            .unwrap();
            denied
        });
    });
}

criterion_group!(benches, tokenize, scrub, remit);
criterion_main!(benches);
