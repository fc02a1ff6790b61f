//! Edits of ours that were switched on or off, by the week of payment in which that could first show.

use std::collections::HashMap;

use crate::edits::{EditChange, EditSet, Turn};
use crate::history::{LAGS, Volume, volumes};
use crate::remit::week;
use crate::store::{self, Store};
use crate::trends::Switch;

/// What changed on our side.
#[derive(Clone, Copy, Debug)]
pub struct Ours<'a> {
    /// Edits that stand otherwise than before.
    pub changes: &'a [EditChange],
    /// The edits in force: they say what each prevents.
    pub edits: &'a EditSet,
}

/// Weeks from a claim's leaving to its payment, of half of them; by payer, and of all.
struct Usual {
    of_payer: HashMap<String, usize>,
    of_all: usize,
}

impl Usual {
    fn of(store: &Store, from: &str) -> Result<Usual, store::Error> {
        let (mut payers, mut all) = (HashMap::<String, Volume>::new(), Volume::default());
        volumes(store, None, from, &mut |_, payer, _, volume| {
            payers.entry(payer.to_owned()).or_default().add(volume, 1);
            all.add(volume, 1);
        })?;
        let of_payer = payers.into_iter().map(|(payer, volume)| (payer, median(&volume))).collect();
        Ok(Usual { of_payer, of_all: median(&all) })
    }
}

/// The last lag is of claims of which it isn't known, too: it is left out.
fn median(volume: &Volume) -> usize {
    let known = volume.decided.iter().take(LAGS - 1).map(|n| (*n).max(0));
    let half = known.clone().sum::<i64>().div_euclid(2) + 1;
    let mut sum = 0;
    known
        .take_while(|n| {
            sum += n;
            sum < half
        })
        .count()
        .min(LAGS - 1)
}

/// Switched edits, as the detector holds them against a change. `weeks` are the site's, the oldest first.
///
/// # Errors
/// When the store can't be read.
pub fn switches(store: &Store, weeks: &[String], ours: Ours<'_>) -> Result<Vec<Switch>, store::Error> {
    if ours.changes.iter().all(|c| c.turn == Turn::Changed) {
        return Ok(Vec::new());
    }
    let usual = Usual::of(store, weeks.first().map_or("", String::as_str))?;
    Ok(shown(weeks, ours, &usual))
}

fn shown(weeks: &[String], ours: Ours<'_>, usual: &Usual) -> Vec<Switch> {
    let turned = ours.changes.iter().filter(|c| c.turn != Turn::Changed);
    let switch = |change: &EditChange| {
        let edit = ours.edits.get(&change.edit)?;
        let payer = match (&change.payer, edit.payers.as_slice()) {
            (Some(payer), _) => Some(payer.clone()),
            (None, [only]) => Some(only.clone()),
            _ => None,
        };
        let lag = payer.as_ref().and_then(|p| usual.of_payer.get(p)).copied().unwrap_or(usual.of_all);
        let left = weeks.iter().position(|w| *w == week(change.day))?;
        let carc = |prevented: &String| prevented.split('/').next().unwrap_or_default().to_owned();
        let carcs = edit.prevents.iter().map(carc).collect();
        let on = change.turn == Turn::On;
        Some(Switch { edit: edit.id.clone(), week: left + lag, on, carcs, payer })
    };
    turned.filter_map(switch).filter(|s| s.week < weeks.len()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_shows_when_half_of_the_claims_since_are_paid() {
        let edits = EditSet::shipped().unwrap();
        let weeks: Vec<String> = (40..=47).map(|n| format!("2026-W{n}")).collect();
        let change = |edit: &str, day: i8, payer: Option<&str>, turn| EditChange {
            day: jiff::civil::date(2026, 10, day),
            edit: edit.to_owned(),
            payer: payer.map(str::to_owned),
            turn,
        };
        let changes = [
            change("E5-005", 5, None, Turn::Off),
            change("E5-005", 14, Some("slow"), Turn::On),
            change("E5-005", 5, None, Turn::Changed),
            change("E5-005", 28, Some("slow"), Turn::Off),
            change("X9-999", 5, None, Turn::Off),
        ];
        let usual = Usual { of_payer: HashMap::from([("slow".to_owned(), 4)]), of_all: 2 };
        let found = shown(&weeks, Ours { changes: &changes, edits: &edits }, &usual);
        let told: Vec<_> = found.iter().map(|s| (s.week, s.on, s.payer.as_deref())).collect();
        assert_eq!(told, [(3, false, None), (6, true, Some("slow"))], "W41 + 2, W42 + 4; W44 + 4 is to come");
        assert!(!found[0].carcs.is_empty());
    }

    #[test]
    fn half_of_the_known_lags_are_as_long_at_most() {
        let of = |decided: [i64; LAGS]| median(&Volume { decided, denied: [0; LAGS] });
        assert_eq!(of([0, 3, 5, 1, 0, 0, 0, 0, 900]), 2);
        assert_eq!(of([9, 1, 0, 0, 0, 0, 0, 0, 0]), 0);
        assert_eq!(of([0; LAGS]), LAGS - 1, "nothing is known yet");
    }
}
