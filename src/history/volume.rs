//! How much each payer decided, by week: what denials are a share of. Kept as payments come, as the weekly counts of denials are.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::denials::Dimension;
use super::derive::{Payment, sent};
use super::sent::SentClaim;
use super::story::Story;
use crate::remit::week;
use crate::store::{self, Store};

/// Weeks from the day a claim left to its payment that are told apart; the last is of those later, and of claims that aren't ours.
pub const LAGS: usize = 9;

/// What decided claims are counted by beside their payer.
pub const SLICES: [Option<Dimension>; 6] = [
    None,
    Some(Dimension::Procedure),
    Some(Dimension::Modifier),
    Some(Dimension::Diagnosis),
    Some(Dimension::Billing),
    Some(Dimension::Channel),
];

/// Claims a payer decided in a week, by how long that took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    /// Claims decided: paid or refused, less those of which the decision was taken back.
    pub decided: [i64; LAGS],
    /// Those of them with a denial.
    pub denied: [i64; LAGS],
}

impl Volume {
    /// These too, so many times: 1, or -1 to take them away.
    pub fn add(&mut self, other: &Volume, times: i64) {
        self.decided.iter_mut().zip(other.decided).for_each(|(sum, n)| *sum += times * n);
        self.denied.iter_mut().zip(other.denied).for_each(|(sum, n)| *sum += times * n);
    }

    /// True where nothing is left.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Volume::default()
    }
}

/// Slice, ISO week of payment, payer, value of the slice.
pub type Place = (Option<Dimension>, String, String, String);

/// What the payments of a claim add.
#[must_use]
pub fn of_claim(story: &Story, payments: &[Payment<'_>]) -> BTreeMap<Place, Volume> {
    let mut found: BTreeMap<Place, Volume> = BTreeMap::new();
    for payment in payments {
        // A reversal takes back the decision it names, in its own week; its own words say what that was about.
        let times = match (payment.paid.is_reversal(), payment.reverses) {
            (false, _) => 1,
            (true, Some(_)) => -1,
            (true, None) => continue,
        };
        let Some(date) = payment.paid.date else { continue };
        let ours = sent(story, &payment.pairing);
        let lag = lag(ours, date);
        let mut one = Volume::default();
        one.decided.iter_mut().skip(lag).take(1).for_each(|n| *n = 1);
        if payment.denied != 0 {
            one.denied = one.decided;
        }
        for slice in SLICES {
            for value in values(slice, payment, ours) {
                let place = (slice, week(date), payment.paid.payer.clone(), value);
                found.entry(place).or_default().add(&one, times);
            }
        }
    }
    found.retain(|_, volume| !volume.is_nothing());
    found
}

fn lag(ours: Option<&SentClaim>, paid: Date) -> usize {
    let left = ours.and_then(|s| s.left.or(s.day));
    let days = left.and_then(|left| paid.since(left).ok()).map(|span| span.get_days());
    let weeks = days.and_then(|days| usize::try_from(days.max(0) / 7).ok());
    weeks.unwrap_or(LAGS - 1).min(LAGS - 1)
}

/// Distinct values of a claim, as rows of denials have them.
fn values(slice: Option<Dimension>, payment: &Payment<'_>, ours: Option<&SentClaim>) -> BTreeSet<String> {
    let own =
        |value: fn(&SentClaim) -> &str| BTreeSet::from([ours.map(value).unwrap_or_default().to_owned()]);
    let lines = payment.paid.lines.iter();
    match slice {
        Some(Dimension::Procedure) => lines.map(|l| l.procedure.clone()).collect(),
        Some(Dimension::Modifier) => lines.map(|l| l.modifiers.join("+")).collect(),
        Some(Dimension::Diagnosis) => BTreeSet::from([diagnosis(ours)]),
        Some(Dimension::Billing) => own(|s| &s.billing_npi),
        Some(Dimension::Channel) => own(|s| &s.channel),
        _ => BTreeSet::from([String::new()]),
    }
}

/// First three signs of the principal diagnosis.
#[must_use]
pub fn diagnosis(ours: Option<&SentClaim>) -> String {
    let principal = ours.and_then(|s| s.sent.diagnoses.first());
    principal.map(|d| d.chars().take(3).collect()).unwrap_or_default()
}

fn name(slice: Option<Dimension>) -> &'static str {
    slice.map_or("all", Dimension::name)
}

/// Where it is kept.
#[must_use]
pub fn key((slice, week, payer, value): &Place) -> String {
    format!("volume/{}/{week}/{payer}\u{1f}{value}", name(*slice))
}

/// Volumes of a slice from a week on: week, payer, value.
///
/// # Errors
/// When the store can't be read.
pub fn volumes(
    store: &Store,
    slice: Option<Dimension>,
    from: &str,
    each: &mut dyn FnMut(&str, &str, &str, &Volume),
) -> Result<(), store::Error> {
    let prefix = format!("volume/{}/", name(slice));
    store.scan_packed(&prefix, &format!("{prefix}{from}"), &mut |key, volume: Volume| {
        let place = key.strip_prefix(&prefix).and_then(|rest| rest.split_once('/'));
        if let Some((week, (payer, value))) = place.and_then(|(w, v)| Some((w, v.split_once('\u{1f}')?))) {
            each(week, payer, value, &volume);
        }
        true
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::claim::sent::Sent;
    use crate::history::derive::derived;
    use crate::history::story::{Adjusted, Paid, PaidLine};
    use crate::history::tables::{Tables, Texts};

    fn tables() -> std::sync::Arc<Tables> {
        Texts::shipped().unwrap().tables().unwrap()
    }

    fn story() -> Story {
        let mut story = Story::of("A1");
        story.send(SentClaim {
            file: "F".into(),
            position: 1,
            claim: "A1".into(),
            charge: 10000,
            payer: "ZZP01".into(),
            state: "clean".into(),
            left: Some(date(2026, 3, 2)),
            channel: "main".into(),
            sent: Sent { diagnoses: vec!["M5450".into()], ..Sent::default() },
            ..SentClaim::default()
        });
        story
    }

    fn paid(day: Date, status: &str, amount: i64, id: u8) -> Paid {
        let adjusted = Adjusted { group: "CO".into(), carc: "197".into(), amount };
        let line = |procedure: &str| PaidLine { procedure: procedure.into(), ..PaidLine::default() };
        Paid {
            id: [id; 16],
            payer: "ZZP01".into(),
            date: Some(day),
            balanced: true,
            status: status.into(),
            charge: amount,
            lines: vec![
                PaidLine { adjustments: vec![adjusted], ..line("97110") },
                line("97140"),
                line("97140"),
            ],
            ..Paid::default()
        }
    }

    #[test]
    fn a_claim_counts_once_for_each_of_its_values_by_its_lag() {
        let mut story = story();
        story.pay(paid(date(2026, 3, 20), "1", 10000, 1));
        let (_, volumes) = derived(&story, &tables());
        let of = |slice: Option<Dimension>, value: &str| {
            volumes.get(&(slice, "2026-W12".into(), "ZZP01".into(), value.into())).copied()
        };
        let all = of(None, "").unwrap();
        assert_eq!((all.decided[2], all.denied[2]), (1, 1), "18 days are two weeks");
        assert_eq!(all.decided.iter().sum::<i64>(), 1);
        assert_eq!(of(Some(Dimension::Procedure), "97140"), Some(all), "once, however many lines");
        assert_eq!(of(Some(Dimension::Diagnosis), "M54"), Some(all));
        assert_eq!(of(Some(Dimension::Channel), "main"), Some(all));
    }

    #[test]
    fn a_decision_taken_back_is_none_and_corrected_is_one() {
        let mut story = story();
        story.pay(paid(date(2026, 3, 20), "1", 10000, 1));
        story.pay(paid(date(2026, 3, 27), "22", -10000, 2));
        let in_all = |story: &Story| {
            let (_, volumes) = derived(story, &tables());
            let mut sum = Volume::default();
            volumes.iter().filter(|(place, _)| place.0.is_none()).for_each(|(_, v)| sum.add(v, 1));
            sum.decided.iter().sum::<i64>()
        };
        assert_eq!(in_all(&story), 0);
        story.pay(Paid { lines: Vec::new(), ..paid(date(2026, 3, 27), "1", 10000, 3) });
        assert_eq!(in_all(&story), 1);
    }

    #[test]
    fn a_claim_that_is_not_ours_counts_as_late() {
        let mut story = Story::of("X");
        story.pay(paid(date(2026, 3, 20), "1", 10000, 1));
        let (_, volumes) = derived(&story, &tables());
        let all = volumes.iter().find(|(place, _)| place.0.is_none()).unwrap().1;
        assert_eq!(all.decided[LAGS - 1], 1);
    }
}
