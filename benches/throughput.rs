//! Throughput on simulated files, beside a plain pass of `memchr3` for the three delimiters over the same buffer, so
//! that every figure is a ratio of one run.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::BTreeSet;
use std::hint::black_box;

use std::io;

use claimloop::codes::{Answer, CodeSets, Content, Kind as Set, Pair, Pairs, Row, Table};
use claimloop::edits::EditSet;
use claimloop::history::{Dictionary, classify};
use claimloop::payers::Payers;
use claimloop::remit;
use claimloop::scrub::split::split;
use claimloop::scrub::{self, Other, Receive, Render, Report, Settings, VerdictRef};
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

/// Verdicts as JSON, made where they are judged, as the command writes them.
struct Json;

impl Render for Json {
    type Part = Vec<u8>;

    fn verdict(&self, verdict: &VerdictRef<'_>, part: &mut Vec<u8>) {
        serde_json::to_writer(part, verdict).unwrap();
    }
}

struct Away;

impl Receive<Vec<u8>> for Away {
    fn begin(&mut self, _report: &Report) -> io::Result<()> {
        Ok(())
    }

    fn part(&mut self, part: Vec<u8>) -> io::Result<()> {
        black_box(part);
        Ok(())
    }
}

fn clean(bytes: &Vec<u8>, edits: &EditSet, settings: Settings) -> u64 {
    let done = scrub::scrub_to(black_box(bytes), edits, settings, split, (&Json, &mut Away)).unwrap();
    done.report.claims.clean
}

/// Code sets as a site would import them, so that every check has something to ask.
fn imported() -> CodeSets {
    let row =
        |code: &str, note: &str| Row { code: code.to_owned(), from: None, to: None, note: note.to_owned() };
    let codes = |note: &str| {
        let rows: Vec<Row> = (0..10_000).map(|n| row(&format!("{:05}", 90_000 + n), note)).collect();
        Content::Codes(Table::of_rows(&rows).unwrap())
    };
    CodeSets::shipped()
        .with(Set::Cpt, codes(""), "")
        .with(Set::MuePractitioner, codes("50 3"), "")
        .with(Set::FeeSchedule, codes("0 XXX 0 0"), "")
        .with(Set::NcciPractitioner, Content::Pairs(pairs(200_000)), "")
        .with(Set::AddOn, Content::Pairs(Pairs::new(vec![])), "")
}

fn code(n: usize) -> [u8; 5] {
    let mut code = *b"00000";
    let mut left = n;
    for place in code.iter_mut().rev() {
        *place = b'0' + (left % 10) as u8;
        left /= 10;
    }
    code
}

/// So many pairs of ten thousand first codes; none of the codes that are simulated meet in one.
fn pairs(count: usize) -> Pairs {
    let each = count.div_ceil(10_000);
    let pair = |n: usize| {
        Pair::new(&code(90_000 + n / each), &code(10_000 + n * 7 % 89_000), (None, None), 1).unwrap()
    };
    Pairs::new((0..count).map(pair).collect())
}

/// What each check kind costs a claim, beside a scrub without any edit that runs over claims.
fn kinds(c: &mut Criterion) {
    const CLAIMS: u64 = 10_000;
    let bytes = simulated(Kind::Professional, CLAIMS);
    let settings = Settings { today: TODAY, threads: 1, other: Other::Pass };
    let all = || EditSet::shipped().unwrap().with_codes(imported()).with_payers(Payers::shipped().unwrap());
    let only = |kind: &str| {
        let others: Vec<String> = all()
            .edits()
            .iter()
            .filter(|e| e.check.kind() != kind && e.check.kind() != "fault")
            .map(|e| e.id.clone())
            .collect();
        others.iter().fold(all(), |set, id| set.without(id))
    };
    let names: BTreeSet<&'static str> =
        all().edits().iter().map(|e| e.check.kind()).filter(|k| *k != "fault").collect();
    let mut group = c.benchmark_group("kinds");
    group.sample_size(10);
    group.throughput(Throughput::Elements(CLAIMS));
    for kind in std::iter::once("none").chain(names) {
        let edits = only(kind);
        group.bench_function(kind, |b| b.iter(|| clean(&bytes, &edits, settings)));
    }
}

/// Looking codes up: one of a code set, one of as many pairs as a quarter has.
fn codes(c: &mut Criterion) {
    let sets = CodeSets::shipped();
    let diagnoses: Vec<String> =
        sets.table(Set::Icd10cm).unwrap().rows().map(|r| r.code).step_by(37).collect();
    let all = pairs(2_630_000);
    let asked: Vec<([u8; 5], [u8; 5])> = (0..4096usize)
        .map(|n| (code(90_000 + n * 7919 % 10_000), code(10_000 + n * 104_729 % 89_000)))
        .collect();
    let mut group = c.benchmark_group("codes");
    group.throughput(Throughput::Elements(diagnoses.len() as u64));
    group.bench_function("a diagnosis", |b| {
        let table = sets.table(Set::Icd10cm).unwrap();
        b.iter(|| {
            diagnoses.iter().filter(|d| table.on(black_box(d.as_bytes()), TODAY) == Answer::Valid).count()
        });
    });
    group.throughput(Throughput::Elements(asked.len() as u64));
    group.bench_function("a pair of 2.63 million", |b| {
        b.iter(|| asked.iter().filter(|(x, y)| all.on(black_box(x), black_box(y), TODAY).is_some()).count());
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
            let settings = Settings { today: TODAY, threads, other: Other::Pass };
            b.iter(|| clean(&bytes, &edits, settings));
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
            remit::read(black_box(bytes.as_slice()), &mut |_, remittance: remit::Remittance| {
                for claim in &remittance.claims {
                    denied += classify(&claimloop::history::Paid::from(claim), Dictionary::shipped()).1;
                }
            })
            .unwrap();
            denied
        });
    });
}

criterion_group!(benches, tokenize, scrub, remit, kinds, codes);
criterion_main!(benches);
