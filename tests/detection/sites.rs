//! Seeded sites: payers, CARCs, procedures, channels, and what is planted in them.

use claimloop::trends::{Key, Series, Site, Slice};

use super::chance::Chance;

/// Size of a site, and what makes its weeks uneven.
#[derive(Clone, Copy)]
pub struct Shape {
    pub payers: usize,
    pub carcs: usize,
    pub procedures: usize,
    pub weeks: usize,
    /// Variance over mean of a week's denials of one payer, CARC and procedure, about; it differs by payer and CARC.
    pub dispersion: f64,
    /// Spread of the rate of a payer's CARC from week to week, beyond that.
    pub noise: f64,
    /// How far rates of every third CARC rise and fall in a year.
    pub season: f64,
}

pub const USUAL: Shape =
    Shape { payers: 12, carcs: 15, procedures: 8, weeks: 104, dispersion: 1.5, noise: 0.1, season: 0.3 };

/// What is planted: factors on the rate of a cell and on the volume of a payer's procedure, by week.
pub struct Plant<'a> {
    /// Of payer, CARC, procedure, week.
    pub rate: &'a (dyn Fn(usize, usize, usize, usize) -> f64 + Sync),
    /// Of payer, procedure, week.
    pub volume: &'a (dyn Fn(usize, usize, usize) -> f64 + Sync),
    /// Usual denials a week of a cell, instead of chance's own choice.
    pub usual: &'a (dyn Fn(usize, usize, usize) -> Option<f64> + Sync),
    /// Denials more of a cell, by week: no chance in them.
    pub more: &'a (dyn Fn(usize, usize, usize, usize) -> u32 + Sync),
}

pub const NOTHING: Plant<'static> =
    Plant { rate: &|_, _, _, _| 1.0, volume: &|_, _, _| 1.0, usual: &|_, _, _| None, more: &|_, _, _, _| 0 };

pub fn payer(n: usize) -> String {
    format!("P{n:02}")
}

pub fn carc(n: usize) -> String {
    format!("{}", 100 + n)
}

pub fn procedure(n: usize) -> Slice {
    Slice { dimension: "procedure".into(), value: format!("X{n:04}") }
}

pub fn key(p: Option<usize>, c: usize, v: Option<usize>) -> Key {
    Key { carc: carc(c), payer: p.map(payer), slice: v.map(procedure) }
}

struct Sum {
    key: Key,
    denied: Vec<u32>,
    adjudicated: Vec<f64>,
    cents: Vec<i64>,
}

impl Sum {
    fn new(key: Key, weeks: usize) -> Sum {
        Sum { key, denied: vec![0; weeks], adjudicated: vec![0.0; weeks], cents: vec![0; weeks] }
    }

    fn add(&mut self, denied: &[u32], volume: &[f64]) {
        for t in 0..denied.len() {
            self.denied[t] += denied[t];
            self.adjudicated[t] += volume[t];
            self.cents[t] += 12_000 * i64::from(denied[t]);
        }
    }

    fn series(self) -> Series {
        Series { key: self.key, denied: self.denied, adjudicated: self.adjudicated, cents: self.cents }
    }
}

/// Makes a site. Each denial costs 120 dollars; a procedure goes by one of two channels.
pub fn site(seed: u64, shape: Shape, plant: &Plant<'_>) -> Site {
    let mut chance = Chance::new(seed);
    let weeks = shape.weeks;
    let shares: Vec<f64> = (0..shape.procedures).map(|_| chance.lognormal(1.0, 0.8)).collect();
    let mut volumes = Vec::new();
    for p in 0..shape.payers {
        // One is large enough for whatever is planted there.
        let size = if p == 3 { 2000.0 } else { chance.lognormal(300.0, 1.0) } / shares.iter().sum::<f64>();
        let of = |v: usize, chance: &mut Chance| -> Vec<f64> {
            let week = |t| f64::from(chance.count(size * shares[v] * (plant.volume)(p, v, t), 3.0)) + 1.0;
            (0..weeks).map(week).collect()
        };
        volumes.push((0..shape.procedures).map(|v| of(v, &mut chance)).collect::<Vec<_>>());
    }
    let phases: Vec<f64> = (0..shape.carcs).map(|_| chance.between(0.0, 6.3)).collect();
    let mut series = Vec::new();
    for c in 0..shape.carcs {
        let usual = chance.lognormal(0.01, 0.8);
        let mut root = Sum::new(key(None, c, None), weeks);
        for p in 0..shape.payers {
            let here = usual * chance.lognormal(1.0, 0.7);
            // Some payers answer in batches.
            let dispersion = 1.0 + (shape.dispersion - 1.0) * chance.lognormal(0.9, 0.5);
            let noise: Vec<f64> = (0..weeks).map(|_| chance.lognormal(1.0, shape.noise)).collect();
            let mut whole = Sum::new(key(Some(p), c, None), weeks);
            let mut channels: Vec<Sum> = ["EDI", "PORTAL"]
                .map(|value| Slice { dimension: "channel".into(), value: value.into() })
                .map(|slice| Sum::new(Key { slice: Some(slice), ..whole.key.clone() }, weeks))
                .into();
            for v in 0..shape.procedures {
                let volume = &volumes[p][v];
                let mean_volume = volume.iter().sum::<f64>() / weeks as f64;
                let rate = here * chance.lognormal(1.0, 0.7);
                let rate = (plant.usual)(p, c, v).map_or(rate, |a_week| a_week / mean_volume);
                let denied: Vec<u32> = (0..weeks)
                    .map(|t| {
                        let year = (t as f64 / 52.18 * std::f64::consts::TAU + phases[c]).sin();
                        let season = if c % 3 == 0 { (shape.season * year).exp() } else { 1.0 };
                        let mean = rate * volume[t] * season * noise[t] * (plant.rate)(p, c, v, t);
                        (chance.count(mean, dispersion) + (plant.more)(p, c, v, t)).min(volume[t] as u32)
                    })
                    .collect();
                let mut cell = Sum::new(key(Some(p), c, Some(v)), weeks);
                cell.add(&denied, volume);
                series.push(cell.series());
                whole.add(&denied, volume);
                let by_portal: Vec<u32> =
                    denied.iter().map(|d| (0..*d).filter(|_| chance.share() < 0.3).count() as u32).collect();
                let by_edi: Vec<u32> = denied.iter().zip(&by_portal).map(|(all, one)| all - one).collect();
                channels[0].add(&by_edi, &volume.iter().map(|v| 0.7 * v).collect::<Vec<_>>());
                channels[1].add(&by_portal, &volume.iter().map(|v| 0.3 * v).collect::<Vec<_>>());
            }
            let (denied, volume) = (whole.denied.clone(), whole.adjudicated.clone());
            root.add(&denied, &volume);
            series.push(whole.series());
            series.extend(channels.into_iter().map(Sum::series));
        }
        series.push(root.series());
    }
    Site { weeks, partial: false, series, switches: Vec::new() }
}

/// The site as it stood after `weeks` of its weeks, seen no further back than `back`.
pub fn at(site: &Site, weeks: usize, back: usize) -> Site {
    let from = weeks.saturating_sub(back);
    let cut = |s: &Series| Series {
        key: s.key.clone(),
        denied: s.denied[from..weeks].to_vec(),
        adjudicated: s.adjudicated[from..weeks].to_vec(),
        cents: s.cents[from..weeks].to_vec(),
    };
    Site { weeks: weeks - from, series: site.series.iter().map(cut).collect(), ..site.clone() }
}
