//! From a site's weeks to findings: season, screen, scan, threshold, who speaks, who changed.

use std::collections::{BTreeMap, HashMap};

use super::budget::{Share, threshold};
use super::changed::{Change, Question};
use super::dispersion::Classes;
use super::explain::{Candidate, speakers};
use super::finding::{Finding, Kind, Strength};
use super::scan::{Assessed, Evidence, Span, assess, is_quiet};
use super::season::{season, suits};
use super::site::{Key, Series, Settings, Site};
use super::sums::Sums;

/// What is no odder than this explains nothing and is dropped.
const ODD_ENOUGH: f64 = 0.01;
/// A code is new where fewer denials a week were usual, and the rate is so many times what it was.
const NEW: (f64, f64) = (0.25, 5.0);

/// A series after the second pass.
struct Looked {
    series: usize,
    season: Option<Vec<f64>>,
    assessed: Option<Assessed>,
    rise: Share,
    fall: Share,
}

/// Finds what changed in the last weeks of a site. The same site gives the same findings, in the order of their dollars.
#[must_use]
pub fn detect(site: &Site, settings: &Settings) -> Vec<Finding> {
    let end = site.weeks.saturating_sub(usize::from(site.partial));
    let whole = |s: &Series| {
        s.denied.len() == site.weeks && s.adjudicated.len() == site.weeks && s.cents.len() == site.weeks
    };
    let known = |s: &Series| s.adjudicated.iter().zip(&s.denied).position(|(a, d)| *a > 0.0 || *d > 0);
    let from = site.series.iter().filter(|s| whole(s)).filter_map(known).min().unwrap_or(0);
    let span = Span { from, end, partial: site.partial, scan: settings.scan_weeks.max(1) };
    let mut levels: [Vec<usize>; 3] = Default::default();
    for (n, series) in site.series.iter().enumerate().filter(|(_, s)| whole(s)) {
        let level = usize::from(series.key.payer.is_some()) + usize::from(series.key.slice.is_some());
        if let Some(level) = levels.get_mut(level) {
            level.push(n);
        }
    }
    let classes = classes(site, &levels.concat(), span, settings.threads);
    let mut seasons: HashMap<&Key, Vec<f64>> = HashMap::new();
    let mut looked: Vec<Looked> = Vec::new();
    for (level, members) in levels.iter().enumerate() {
        let mut found = spread(members, settings.threads, |part| {
            part.iter()
                .filter_map(|n| look(site, *n, level < 2, span, &classes, &seasons, settings))
                .collect()
        });
        for one in &mut found {
            if let (Some(season), Some(series)) = (one.season.take(), site.series.get(one.series)) {
                seasons.insert(&series.key, season);
            }
        }
        looked.append(&mut found);
    }
    let shares: Vec<(Share, Share)> = looked.iter().map(|l| (l.rise, l.fall)).collect();
    let (rises, falls): (Vec<Share>, Vec<Share>) = shares.into_iter().unzip();
    let thresholds = [
        (true, threshold(&rises, settings.budget * (1.0 - settings.falls))),
        (false, threshold(&falls, settings.budget * settings.falls)),
    ];
    let mut findings: Vec<Finding> = thresholds
        .into_iter()
        .flat_map(|(rises, threshold)| told(site, &looked, rises, threshold, settings))
        .collect();
    findings.sort_by(|a, b| b.excess_cents.cmp(&a.excess_cents).then_with(|| a.key.cmp(&b.key)));
    findings
}

/// Runs `work` over parts of the members on several threads; what it finds comes in their order.
fn spread<T: Send>(members: &[usize], threads: usize, work: impl Fn(&[usize]) -> Vec<T> + Sync) -> Vec<T> {
    let threads = match threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        some => some,
    };
    let part = members.len().div_ceil(threads).max(64);
    let work = &work;
    std::thread::scope(|scope| {
        let parts: Vec<_> = members.chunks(part).map(|part| scope.spawn(move || work(part))).collect();
        parts
            .into_iter()
            .flat_map(|p| p.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

fn classes(site: &Site, members: &[usize], span: Span, threads: usize) -> Classes {
    let of = |part: &[usize]| {
        let mut classes = Classes::new();
        for series in part.iter().filter_map(|n| site.series.get(*n)) {
            classes.add(&Sums::of(series, None), span.from, span.end);
        }
        vec![classes]
    };
    spread(members, threads, of).iter().fold(Classes::new(), |mut all, part| {
        all.join(part);
        all
    })
}

fn look(
    site: &Site,
    n: usize,
    wide: bool,
    span: Span,
    classes: &Classes,
    seasons: &HashMap<&Key, Vec<f64>>,
    settings: &Settings,
) -> Option<Looked> {
    let series = site.series.get(n)?;
    let fitted = span.first();
    let plain = Sums::of(series, None);
    let usual = plain.between(0, fitted);
    let a_week = usual.denied / span.weeks(fitted);
    let dispersion = classes.of(a_week);
    let [scan, alert] = [fitted, span.end.saturating_sub(settings.alert_weeks)]
        .map(|from| usual.rate() * plain.between(from, span.end).exposure);
    let least = settings.least_claims;
    let mut looked = Looked {
        series: n,
        season: None,
        assessed: None,
        rise: Share::of_rise(scan, alert, dispersion, least),
        fall: Share::of_fall(scan, alert, least),
    };
    let recent = plain.between(fitted, site.weeks).denied;
    if recent < least && scan < least && !wide {
        return Some(looked);
    }
    let inherited = || {
        let season = series.key.wider().find_map(|key| seasons.get(&key))?;
        suits(series, season, fitted).then_some(season)
    };
    let own = if wide { season(series, span, dispersion) } else { None };
    let mut sums = match own.as_deref().or_else(|| inherited().map(Vec::as_slice)) {
        Some(season) => Sums::of(series, Some(season)),
        None => plain,
    };
    looked.season = own.or_else(|| if wide { inherited().cloned() } else { None });
    if is_quiet(&sums, span, classes) {
        return Some(looked);
    }
    if !wide && let Some(season) = season(series, span, dispersion) {
        sums = Sums::of(series, Some(&season));
    }
    looked.assessed =
        assess(sums, span, classes).filter(|a| a.rise.p <= ODD_ENOUGH || a.fall.p <= ODD_ENOUGH);
    Some(looked)
}

/// What is told of the changes of one direction.
fn told(site: &Site, looked: &[Looked], rises: bool, threshold: f64, settings: &Settings) -> Vec<Finding> {
    let mut by_carc: BTreeMap<&str, Vec<Candidate<'_>>> = BTreeMap::new();
    for one in looked {
        let (Some(series), Some(assessed)) = (site.series.get(one.series), one.assessed.as_ref()) else {
            continue;
        };
        let (evidence, share) = if rises { (assessed.rise, one.rise) } else { (assessed.fall, one.fall) };
        let threshold = share.threshold(threshold);
        if evidence.p > ODD_ENOUGH {
            continue;
        }
        let tells = evidence.p <= threshold && is_material(series, assessed, evidence, rises, settings);
        let candidate = Candidate { series, assessed, evidence, threshold, tells };
        by_carc.entry(&series.key.carc).or_default().push(candidate);
    }
    by_carc.retain(|_, candidates| candidates.iter().any(|c| c.tells));
    if by_carc.is_empty() {
        return Vec::new();
    }
    let mut of_carc: HashMap<&str, Vec<&Series>> = HashMap::new();
    let mut roots = Vec::new();
    for series in &site.series {
        if by_carc.contains_key(series.key.carc.as_str()) {
            of_carc.entry(&series.key.carc).or_default().push(series);
        }
        if series.key.payer.is_none() && series.key.slice.is_none() {
            roots.push(series);
        }
    }
    let mut findings = Vec::new();
    for (carc, candidates) in &by_carc {
        let series = of_carc.get(carc).map(Vec::as_slice).unwrap_or_default();
        let denies =
            |s: &&&Series| s.key.payer.is_some() && s.key.slice.is_none() && s.denied.iter().any(|d| *d > 0);
        let payers = series.iter().filter(denies).count();
        for speaker in speakers(candidates, payers) {
            findings.push(finding(site, series, &roots, &speaker, rises, settings));
        }
    }
    findings
}

/// Cents refused beyond the usual since the change, or not refused.
fn excess_cents(series: &Series, assessed: &Assessed, evidence: Evidence, rises: bool) -> i64 {
    let usual = assessed.sums.between(assessed.baseline, evidence.start);
    let since = assessed.sums.between(evidence.start, evidence.until);
    // The price of a denial is that of the weeks that have more of them.
    let (from, to, denied) = if rises {
        (evidence.start, evidence.until, since.denied)
    } else {
        (assessed.baseline, evidence.start, usual.denied)
    };
    let cents: i64 = series.cents.iter().take(to).skip(from).sum();
    let excess = (since.denied - usual.rate() * since.exposure).abs();
    (cents as f64 / denied.max(1.0) * excess) as i64
}

fn is_material(
    series: &Series,
    assessed: &Assessed,
    evidence: Evidence,
    rises: bool,
    settings: &Settings,
) -> bool {
    let Evidence { start, until, .. } = evidence;
    let usual = assessed.sums.between(assessed.baseline, start).rate();
    let since = assessed.sums.between(start, until);
    let last = assessed.sums.between(start.max(until.saturating_sub(settings.alert_weeks)), until);
    let expected = usual * since.exposure;
    let (change, least) = (since.rate() / usual.max(1e-12), settings.least_ratio);
    // Half of the change is still there.
    let lasting = usual + (since.rate() - usual) / 2.0;
    let enough = if rises {
        since.denied >= settings.least_claims && change >= least && last.rate() >= lasting
    } else {
        expected - since.denied >= settings.least_claims && change <= 1.0 / least && last.rate() <= lasting
    };
    enough && excess_cents(series, assessed, evidence, rises) >= settings.least_cents
}

fn finding(
    site: &Site,
    carc: &[&Series],
    roots: &[&Series],
    speaker: &Candidate<'_>,
    rises: bool,
    settings: &Settings,
) -> Finding {
    let Candidate { series, assessed, evidence, threshold, .. } = *speaker;
    let Evidence { start, until, p, slow } = evidence;
    let from = assessed.baseline;
    let (usual, since) = (assessed.sums.between(from, start), assessed.sums.between(start, until));
    let weeks = (until - start).max(1) as f64;
    let usual_a_week = usual.rate() * since.exposure / weeks;
    let dispersion = assessed.dispersion.ratio;
    let (few, times) = NEW;
    let kind = if !rises {
        Kind::Improvement
    } else if usual_a_week < few && since.rate() >= times * usual.rate() {
        Kind::New
    } else if slow && until - start > settings.alert_weeks {
        Kind::Drift
    } else {
        Kind::Rise
    };
    let strength = if p <= threshold / 1000.0 {
        Strength::Strong
    } else if p <= threshold / 10.0 {
        Strength::Likely
    } else {
        Strength::Weak
    };
    let question = Question { site, carc, roots, key: &series.key, rises, from, start, until, dispersion };
    Finding {
        key: series.key.clone(),
        kind,
        start,
        until,
        since,
        usual,
        usual_from: from,
        usual_a_week,
        ratio: Change { before: usual, since }.ratio(dispersion),
        excess_cents: excess_cents(series, assessed, evidence, rises),
        p,
        threshold,
        strength,
        changed: question.answer(),
    }
}
