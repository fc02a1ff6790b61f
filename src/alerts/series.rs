//! A site's series for the trend detector, from the weekly counts and volumes of its history.

use std::collections::{BTreeMap, HashMap};

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::switched::{Ours, switches};
use crate::history::{Dimension, LAGS, TRENDED, Volume, counted, trended, volumes};
use crate::remit::week;
use crate::store::{self, Store};
use crate::trends::{Key, Series, Site, Slice};

/// Weeks that are looked at: two years, so that a season is known.
pub const WEEKS: usize = 104;
/// Denials in all these weeks below which a series is none.
const FEWEST: i64 = 5;
/// Decisions after which a payer's own lags weigh as much as no difference between them.
const SHRINK: f64 = 50.0;

/// ISO weeks up to the running one, oldest first.
#[must_use]
pub fn weeks(today: Date) -> Vec<String> {
    let back = |n: usize| today.checked_sub((7 * n as i64).days()).map(week).unwrap_or_default();
    (0..WEEKS).rev().map(back).collect()
}

/// Every series of the weeks up to a day. The running week is partial, but on its last day.
///
/// # Errors
/// When the store can't be read.
pub fn site(store: &Store, today: Date, ours: Ours<'_>) -> Result<Site, store::Error> {
    let names = weeks(today);
    let from = names.first().cloned().unwrap_or_default();
    let places: HashMap<&str, usize> = names.iter().enumerate().map(|(n, w)| (w.as_str(), n)).collect();
    let lags = Lags::of(store, (&from, &places))?;
    let mut series: BTreeMap<Key, Series> = BTreeMap::new();
    for slice in TRENDED {
        let found = of_slice(store, slice, (&from, &places), &lags)?;
        series.extend(found.into_iter().map(|one| (one.key.clone(), one)));
    }
    let partial = today.weekday() != Weekday::Sunday;
    let switches = switches(store, &names, ours)?;
    Ok(Site { weeks: WEEKS, partial, series: series.into_values().collect(), switches })
}

/// Claims denied and cents refused in a week, by its place.
type Counted = (usize, i64, i64);
/// What was decided, by payer, or of all of them, and value: a weighted volume for each week.
type Decided = HashMap<(Option<String>, String), Vec<f64>>;

/// Rounds in which weeks and lags are told apart; what one more would change moves no decision.
const ROUNDS: usize = 12;

/// How much more often than others of the same week a payer's decisions are denials, by the weeks they took.
struct Lags(HashMap<String, [f64; LAGS]>);

/// Weights under which each week's denials are those of its own rate, and each lag's those of its own weight. A lag that is new in the weeks of a
/// change has no part in it: only weeks in which several lags meet say how they differ.
fn weights(weeks: &[Volume]) -> [f64; LAGS] {
    let of = |n: &i64| (*n).max(0) as f64;
    let mut weights = [1.0; LAGS];
    for _ in 0..ROUNDS {
        let (mut denied, mut usual) = ([SHRINK; LAGS], [SHRINK; LAGS]);
        let (mut all, mut decided) = (0.0, 0.0);
        for week in weeks {
            all += week.denied.iter().map(of).sum::<f64>();
            decided += week.decided.iter().map(of).sum::<f64>();
        }
        if all <= 0.0 || decided <= 0.0 {
            break;
        }
        let whole = all / decided;
        for week in weeks {
            let weighed: f64 = week.decided.iter().zip(weights).map(|(n, weight)| of(n) * weight).sum();
            let rate = week.denied.iter().map(of).sum::<f64>() / weighed.max(1e-9);
            for ((denied, usual), (d, n)) in
                denied.iter_mut().zip(&mut usual).zip(week.denied.iter().zip(&week.decided))
            {
                *denied += of(d) / whole;
                *usual += rate * of(n) / whole;
            }
        }
        for (weight, (denied, usual)) in weights.iter_mut().zip(denied.iter().zip(usual)) {
            *weight = denied / usual;
        }
    }
    weights
}

impl Lags {
    fn of(store: &Store, (from, places): (&str, &HashMap<&str, usize>)) -> Result<Lags, store::Error> {
        let mut sums: HashMap<String, Vec<Volume>> = HashMap::new();
        volumes(store, None, from, &mut |week, payer, _, volume| {
            let Some(place) = places.get(week) else { return };
            let weeks = sums.entry(payer.to_owned()).or_insert_with(|| vec![Volume::default(); places.len()]);
            if let Some(sum) = weeks.get_mut(*place) {
                sum.add(volume, 1);
            }
        })?;
        Ok(Lags(sums.into_iter().map(|(payer, weeks)| (payer, weights(&weeks))).collect()))
    }

    /// What a payer decided, each decision weighted by how often such a one is a denial.
    fn weigh(&self, payer: &str, volume: &Volume) -> f64 {
        let weights = self.0.get(payer).copied().unwrap_or([1.0; LAGS]);
        volume.decided.iter().zip(weights).map(|(n, weight)| (*n).max(0) as f64 * weight).sum()
    }
}

/// Series of one slice: by payer and CARC, and by CARC alone.
fn of_slice(
    store: &Store,
    slice: Option<Dimension>,
    (from, places): (&str, &HashMap<&str, usize>),
    lags: &Lags,
) -> Result<Vec<Series>, store::Error> {
    let set = trended(slice);
    let at = |dimension: Dimension| set.iter().position(|d| *d == dimension);
    let (payer_at, carc_at, value_at) = (at(Dimension::Payer), at(Dimension::Carc), slice.and_then(at));
    let mut found: HashMap<(Option<String>, String, String), Vec<Counted>> = HashMap::new();
    counted(store, &set, from, &mut |week, values, count| {
        let value = |at: Option<usize>| at.and_then(|at| values.get(at)).cloned().unwrap_or_default();
        let (Some(place), own) = (places.get(week), value(value_at)) else { return };
        // Denials of a whole claim are of none of its lines.
        if slice.is_some() && own.is_empty() {
            return;
        }
        for payer in [Some(value(payer_at)), None] {
            let key = (payer, value(carc_at), own.clone());
            found.entry(key).or_default().push((*place, count.claims, count.amount));
        }
    })?;
    found.retain(|_, weeks| weeks.iter().map(|(_, claims, _)| claims.max(&0)).sum::<i64>() >= FEWEST);
    // RARCs are of denials alone: they are a share of all that the payer decided.
    let of_volume = slice.filter(|d| *d != Dimension::Rarc);
    let volumes = by_week(store, of_volume, (from, places), lags)?;
    let series = found.into_iter().map(|((payer, carc, value), weeks)| {
        let value_of_volume = if of_volume.is_some() { value.clone() } else { String::new() };
        let adjudicated = volumes.get(&(payer.clone(), value_of_volume)).cloned();
        let mut series = Series {
            key: Key {
                carc,
                payer,
                slice: slice.map(|dimension| Slice { dimension: dimension.name().to_owned(), value }),
            },
            denied: vec![0; places.len()],
            adjudicated: adjudicated.unwrap_or_else(|| vec![0.0; places.len()]),
            cents: vec![0; places.len()],
        };
        for (place, claims, cents) in weeks {
            if let Some(denied) = series.denied.get_mut(place) {
                // More taken back than refused counts as none.
                *denied = denied.saturating_add(u32::try_from(claims).unwrap_or(0));
            }
            if let Some(sum) = series.cents.get_mut(place) {
                *sum = sum.saturating_add(cents);
            }
        }
        series
    });
    Ok(series.collect())
}

/// Weighted volumes by payer, or of all payers, and value; one for each week.
fn by_week(
    store: &Store,
    slice: Option<Dimension>,
    (from, places): (&str, &HashMap<&str, usize>),
    lags: &Lags,
) -> Result<Decided, store::Error> {
    let mut found = Decided::new();
    volumes(store, slice, from, &mut |week, payer, value, volume| {
        let Some(place) = places.get(week) else { return };
        let weight = lags.weigh(payer, volume);
        for payer in [Some(payer.to_owned()), None] {
            let weeks = found.entry((payer, value.to_owned())).or_insert_with(|| vec![0.0; places.len()]);
            if let Some(sum) = weeks.get_mut(*place) {
                *sum += weight;
            }
        }
    })?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn week(decided: [i64; 2], denied: [i64; 2]) -> Volume {
        let mut volume = Volume::default();
        volume.decided[2..4].copy_from_slice(&decided);
        volume.denied[2..4].copy_from_slice(&denied);
        volume
    }

    #[test]
    fn slow_decisions_weigh_as_much_more_as_they_are_denied_more_often() {
        let weeks: Vec<Volume> =
            (0..40).map(|n| week([60 + n, 100 - n], [(60 + n) / 10, (100 - n) * 3 / 10])).collect();
        let found = weights(&weeks);
        assert!((found[3] / found[2] - 3.0).abs() < 0.2, "{found:?}");
        assert_eq!(found[0], 1.0, "never seen");
    }

    #[test]
    fn a_payer_that_becomes_slow_in_the_week_it_denies_more_has_denied_more() {
        let weeks: Vec<Volume> =
            (0..40).map(|n| if n < 30 { week([100, 0], [10, 0]) } else { week([0, 100], [0, 20]) }).collect();
        let found = weights(&weeks);
        assert!((found[3] - found[2]).abs() < 1e-6, "{found:?}");
    }
}
