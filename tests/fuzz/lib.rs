//! What the fuzz targets share: settings, scrubbing there and back, and damage by whole segments.

use std::sync::LazyLock;

use claimloop::edits::EditSet;
use claimloop::scrub::partition::{Written, partition};
use claimloop::scrub::{self, Other, Report, Settings, Survey, states};
use libfuzzer_sys::fuzzer_mutate;

pub static EDITS: LazyLock<EditSet> = LazyLock::new(|| EditSet::shipped().unwrap());

pub fn scrubbed(bytes: &Vec<u8>) -> (Report, Survey) {
    let settings = Settings { today: jiff::civil::date(2026, 11, 21), threads: 1, other: Other::Pass };
    scrub::scrub(bytes, &EDITS, settings).unwrap()
}

/// What leaves of a file.
pub fn leaving(bytes: &Vec<u8>, report: &Report, survey: &Survey) -> (Written, Vec<u8>) {
    let mut out = Vec::new();
    let written = partition(bytes, survey, &states(&report.verdicts), &mut out).unwrap();
    (written, out)
}

/// Random numbers enough for damage: xorshift.
struct Dice(u32);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as usize % n.max(1)
    }
}

/// Half of the time damage by the byte, otherwise by segments and elements, after which SE01, GE01 and IEA01 are mostly
/// counted anew: what is wrong with counts alone never reaches the claims.
pub fn damage(data: &mut [u8], size: usize, max: usize, seed: u32) -> usize {
    let mut dice = Dice(seed | 1);
    if size < 106 || !data.starts_with(b"ISA") || dice.below(2) == 0 {
        return fuzzer_mutate(data, size, max);
    }
    let (element, terminator) = (data[3], data[105]);
    let cut = |bytes: &[u8], at: u8| bytes.split(|b| *b == at).map(<[u8]>::to_vec).collect::<Vec<_>>();
    let mut all: Vec<Vec<Vec<u8>>> =
        cut(&data[..size], terminator).iter().map(|segment| cut(segment, element)).collect();
    for _ in 0..=dice.below(3) {
        let (from, to) = (dice.below(all.len()), dice.below(all.len()));
        match dice.below(7) {
            0 if all.len() > 2 => drop(all.remove(from)),
            1 => all.insert(to, all[from].clone()),
            2 => all.swap(from, to),
            3 => {
                let run = all[from..(from + dice.below(12)).min(all.len())].to_vec();
                all.splice(to..to, run);
            }
            4 => {
                let donor = all[from].clone();
                let n = dice.below(donor.len());
                if let Some(element) = all[to].get_mut(n).filter(|_| n > 0) {
                    element.clone_from(&donor[n]);
                }
            }
            5 => {
                let n = dice.below(all[to].len());
                all[to][n].clear();
            }
            _ => {
                let n = dice.below(all[to].len());
                let mut value = all[to][n].clone();
                let len = value.len();
                value.resize(len + 8, 0);
                let len = fuzzer_mutate(&mut value, len, len + 8);
                value.truncate(len);
                all[to][n] = value;
            }
        }
    }
    if dice.below(8) > 0 {
        recount(&mut all);
    }
    let segments: Vec<Vec<u8>> = all.iter().map(|s| s.join(&element)).collect();
    let bytes = segments.join(&terminator);
    let len = bytes.len().min(max);
    data[..len].copy_from_slice(&bytes[..len]);
    len
}

fn recount(all: &mut [Vec<Vec<u8>>]) {
    let (mut since, mut sets, mut groups) = (0, 0, 0);
    for (n, segment) in all.iter_mut().enumerate() {
        let count = match segment[0].trim_ascii() {
            b"ISA" => {
                groups = 0;
                continue;
            }
            b"GS" => {
                (sets, groups) = (0, groups + 1);
                continue;
            }
            b"ST" => {
                (since, sets) = (n, sets + 1);
                continue;
            }
            b"SE" => n - since + 1,
            b"GE" => sets,
            b"IEA" => groups,
            _ => continue,
        };
        if let Some(element) = segment.get_mut(1) {
            *element = count.to_string().into_bytes();
        }
    }
}
