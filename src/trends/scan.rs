//! One series: did its rate change in the last weeks, when, and how surely.
//!
//! Every week of the scan may be the first of the change. Given the denials of the usual weeks and those since together, how many fall
//! since is beta-binomial if nothing changed (binomial without overdispersion), whatever the rate: no estimated rate has to be
//! trusted, and a code never seen before needs no special case. The smallest chance of all starts, times what looking at so many
//! costs, is the series' p. Usual weeks begin after the last change that is older than the scan, so that it is the new normal.

use super::dispersion::{Classes, Dispersion};
use super::distribution::{normal_quantile, normal_upper, shared_tails};
use super::finding::Tally;
use super::sums::{Sums, gain};

/// Fewest usual weeks to hold a change against.
const USUAL_WEEKS: usize = 6;
/// An older change is one that is this much likelier than none, in logarithms over the dispersion: about one in two thousand at a given week.
const OLDER: f64 = 6.0;
/// What looking at so many starts costs: those of the last quarter, and those before, which are proved by more weeks and can do with less. Simulated
/// for 26 starts: where nothing changed a p of 0.01 is reached up to 1.6 times as often as it says by common series, less often by rare
/// ones. The site's budget holds all the same (`docs/detection.md`): wider and narrower series rise together, and few findings last one week.
const STARTS: (f64, f64) = (4.2, 9.0);
/// Weeks of the last quarter.
const QUARTER: usize = 13;
/// A running week is looked at on each of its days, each time with another count.
const DAYS: f64 = 7.0;
/// A slow change is one whose ramp is this much likelier than its step.
const SLOWER: f64 = 1.0;
/// Fewest weeks that make a ramp, and the most it may take.
const RAMP: (usize, usize) = (4, 26);

/// Which weeks are looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    /// First week of which anything is known: a site may be younger than the weeks that are looked at.
    pub(super) from: usize,
    /// Week after the last complete one.
    pub(super) end: usize,
    /// True when a running week follows.
    pub(super) partial: bool,
    /// Starts looked at.
    pub(super) scan: usize,
}

impl Span {
    /// First week of the scan: of a young site at most half of what is known is looked at, for the other half to be held against.
    pub(super) fn first(self) -> usize {
        let half = self.end.saturating_sub(self.from) / 2;
        self.end.saturating_sub(self.scan.min(half.max(1)))
    }

    /// Weeks known before a week.
    pub(super) fn weeks(self, before: usize) -> f64 {
        (before.saturating_sub(self.from) as f64).max(1.0)
    }
}

/// A change one way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence {
    pub(super) start: usize,
    pub(super) until: usize,
    pub(super) p: f64,
    pub(super) slow: bool,
}

/// A series that was looked at in full.
#[derive(Clone, Debug)]
pub(super) struct Assessed {
    pub(super) sums: Sums,
    pub(super) baseline: usize,
    pub(super) dispersion: Dispersion,
    pub(super) rise: Evidence,
    pub(super) fall: Evidence,
}

/// What sets in at a week.
#[derive(Clone, Copy)]
struct Split {
    at: usize,
    gain: f64,
}

/// Rates before and since against one rate for all.
fn split_gain(before: Tally, since: Tally) -> f64 {
    let rate = before.plus(since).rate();
    gain(before.denied, rate * before.exposure) + gain(since.denied, rate * since.exposure)
}

fn best_split(sums: &Sums, from: usize, to: usize) -> Split {
    let none = Split { at: to, gain: 0.0 };
    (from + 4..to).fold(none, |best, at| {
        let gain = split_gain(sums.between(from, at), sums.between(at, to));
        if gain > best.gain { Split { at, gain } } else { best }
    })
}

/// The week before `to` at which the rate most likely changed, if it did.
pub(super) fn shift(sums: &Sums, to: usize) -> usize {
    best_split(sums, 0, to).at
}

/// First of the usual weeks.
fn baseline(sums: &Sums, span: Span, dispersion: f64) -> usize {
    let (mut from, mut to) = (span.from, span.end);
    while to >= from + USUAL_WEEKS + 4 {
        let best = best_split(sums, from, to);
        if best.gain < OLDER * dispersion {
            break;
        }
        if best.at > span.first() {
            // Recent: what lies before it may hold an older one.
            to = best.at;
        } else if span.end >= best.at + USUAL_WEEKS + 2 {
            from = best.at;
        } else {
            break;
        }
    }
    from
}

/// True where a cheap look finds nothing: no start with denials two deviations above or below the usual.
pub(super) fn is_quiet(sums: &Sums, span: Span, classes: &Classes) -> bool {
    let first = span.first();
    let (long, short) = (sums.between(0, first), sums.between(first.saturating_sub(26), first));
    let dispersion = classes.of(long.denied / span.weeks(first));
    let (low, high) = (long.rate().min(short.rate()), long.rate().max(short.rate()));
    let until = span.end + usize::from(span.partial);
    (first..until).all(|start| {
        let since = sums.between(start, until);
        let (least, most) = (low * since.exposure, high * since.exposure);
        let up = since.denied - least;
        let down = most - since.denied;
        up * up.max(0.0) < 4.0 * dispersion * least.max(0.2)
            && down * down.max(0.0) < 4.0 * dispersion * most.max(0.2)
    })
}

/// Chance of a value so high, if the deviation is known only by so many degrees of freedom (Wallace 1959).
fn doubted(p: f64, freedom: f64) -> f64 {
    if p >= 0.1 {
        return p;
    }
    let z = normal_quantile(p);
    normal_upper((8.0 * freedom + 1.0) / (8.0 * freedom + 3.0) * (freedom * (z * z / freedom).ln_1p()).sqrt())
}

/// Chances of so many denials since, and of so few.
fn chances(before: Tally, since: Tally, dispersion: Dispersion) -> (f64, f64) {
    let whole = before.plus(since);
    let share = since.exposure / whole.exposure;
    let mean = share * whole.denied;
    if !(share > 0.0 && share < 1.0) || whole.denied < 1.0 {
        return (1.0, 1.0);
    }
    // Within a deviation no tail is small.
    if (since.denied - mean).powi(2) < mean * (1.0 - share) {
        return (1.0, 1.0);
    }
    let wide = dispersion.ratio - 1.0;
    let sizes = (wide > 1e-4).then(|| (mean / wide, (whole.denied - mean) / wide));
    let (high, low) = shared_tails(since.denied, whole.denied, share, sizes);
    (doubted(high, dispersion.freedom), doubted(low, dispersion.freedom))
}

/// Looks at a series in full. None where there are too few weeks to hold anything against.
pub(super) fn assess(sums: Sums, span: Span, classes: &Classes) -> Option<Assessed> {
    let a_week = sums.between(0, span.end).denied / span.weeks(span.end);
    let from = baseline(&sums, span, classes.of(a_week));
    let calm = if span.first() >= from + USUAL_WEEKS { span.first() } else { span.end };
    let dispersion = classes.of_series(&sums, from, calm);
    let first = span.first().max(from + USUAL_WEEKS);
    if first >= span.end {
        return None;
    }
    let nothing = Evidence { start: first, until: span.end, p: 1.0, slow: false };
    let (mut rise, mut fall) = (nothing, nothing);
    let untils = [(span.end, 1.0), (span.end + 1, DAYS)];
    for (until, cost) in untils.into_iter().take(1 + usize::from(span.partial)) {
        let (mut up, mut down) = (1.0_f64, 1.0_f64);
        for start in first..until {
            let (high, low) = chances(sums.between(from, start), sums.between(start, until), dispersion);
            let starts = if start + QUARTER >= span.end { STARTS.0 } else { STARTS.1 };
            up = up.min(high * starts);
            down = down.min(low * starts);
        }
        for (best, p, rises) in [(&mut rise, up, true), (&mut fall, down, false)] {
            let p = (p * cost).min(1.0);
            if p < best.p {
                let (start, slow) = began(&sums, from, first, until, rises, dispersion.ratio);
                *best = Evidence { start, until, p, slow };
            }
        }
    }
    Some(Assessed { sums, baseline: from, dispersion, rise, fall })
}

/// The likeliest first week of a change, and whether it came slowly.
fn began(
    sums: &Sums,
    from: usize,
    first: usize,
    until: usize,
    rises: bool,
    dispersion: f64,
) -> (usize, bool) {
    let mut step = Split { at: first, gain: 0.0 };
    for at in first..until {
        let (before, since) = (sums.between(from, at), sums.between(at, until));
        let gain = split_gain(before, since);
        if (since.rate() > before.rate()) == rises && gain > step.gain {
            step = Split { at, gain };
        }
    }
    let mut ramp = Split { at: first, gain: 0.0 };
    let earliest = until.saturating_sub(RAMP.1).max(from + USUAL_WEEKS);
    for at in earliest..(until + 1).saturating_sub(RAMP.0) {
        let gain = ramp_gain(sums, from, at, until);
        if gain > ramp.gain {
            ramp = Split { at, gain };
        }
    }
    let slow = ramp.gain > step.gain + SLOWER * dispersion;
    // What is counted since has to be what was scanned.
    if slow { (ramp.at.max(first), true) } else { (step.at, false) }
}

/// A rate that grows by the same number each week from `at` on, against one rate for all.
fn ramp_gain(sums: &Sums, from: usize, at: usize, until: usize) -> f64 {
    let (before, since) = (sums.between(from, at), sums.between(at, until));
    let (whole, rate) = (before.plus(since), before.rate());
    let grown = |n: usize| (n + 1) as f64;
    let climb: f64 = sums.weeks(at, until).enumerate().map(|(n, w)| rate * w.exposure * grown(n)).sum();
    let slope = (since.denied - rate * since.exposure) / climb;
    if !slope.is_finite() {
        return 0.0;
    }
    let of = |(n, week): (usize, Tally)| {
        let mean = (rate * week.exposure * (1.0 + slope * grown(n))).max(1e-9);
        week.denied * (mean / (whole.rate() * week.exposure).max(1e-9)).ln() - mean
            + whole.rate() * week.exposure
    };
    let rising: f64 = sums.weeks(at, until).enumerate().map(of).sum();
    rising + if before.denied > 0.0 { before.denied * (rate / whole.rate()).ln() } else { 0.0 }
        - rate * before.exposure
        + whole.rate() * before.exposure
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trends::chance::Chance;
    use crate::trends::site::{Key, Series};

    fn series(chance: &mut Chance, mean: f64, dispersion: f64, weeks: usize) -> Series {
        let key = Key { carc: "16".into(), payer: None, slice: None };
        let volumes: Vec<f64> = (0..weeks).map(|_| chance.between(70.0, 130.0)).collect();
        let denied = volumes.iter().map(|v| chance.count(mean * v / 100.0, dispersion)).collect();
        Series { key, denied, adjudicated: volumes, cents: vec![0; weeks] }
    }

    /// How many times more often than `p` says the scan's p is reached where nothing changed.
    fn inflation(mean: f64, dispersion: f64, weeks: usize, p: f64, runs: usize) -> (f64, f64) {
        let mut chance = Chance::new(7);
        let all: Vec<Sums> =
            (0..runs).map(|_| Sums::of(&series(&mut chance, mean, dispersion, weeks), None)).collect();
        let mut classes = Classes::new();
        all.iter().for_each(|s| classes.add(s, 0, weeks));
        let span = Span { from: 0, end: weeks, partial: false, scan: 26 };
        let found: Vec<Assessed> = all.into_iter().filter_map(|s| assess(s, span, &classes)).collect();
        let share = |of: &dyn Fn(&Assessed) -> f64| {
            found.iter().filter(|a| of(a) <= p).count() as f64 / runs as f64 / p
        };
        (share(&|a| a.rise.p), share(&|a| a.fall.p))
    }

    #[test]
    fn chances_are_no_smaller_than_they_say() {
        let cells = [(0.3, 1.5, 104), (5.0, 1.5, 104), (5.0, 1.5, 30), (20.0, 3.0, 104)];
        for (mean, dispersion, weeks) in cells {
            let (rise, fall) = inflation(mean, dispersion, weeks, 0.01, 4_000);
            assert!(rise < 1.7 && fall < 1.8, "{mean} {dispersion} {weeks}: {rise:.2} {fall:.2}");
        }
    }
}
