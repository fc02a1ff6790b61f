//! Deposits of a bank's list and the remittances that say what they are for.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

use super::metrics::days as days_between;
use super::remitted::{Remitted, remittances};
use crate::scrub::report::cents;
use crate::store::{self, Store};
use crate::x12::Cents;

/// Business days a remittance and its money may lie apart. Bank holidays are not known.
pub const APART: u32 = 3;

/// Money that came in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deposit {
    /// Row of the list, the header being the first.
    pub row: u64,
    /// The day.
    pub date: Date,
    /// Cents.
    pub amount: Cents,
    /// What the bank says of where it comes from.
    pub trace: String,
}

/// How a deposit and a remittance stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Match {
    /// Number agrees, amount doesn't.
    OtherAmount,
    /// Money of which no remittance speaks.
    DepositWithoutRemittance,
    /// A remittance whose money should be here.
    RemittanceWithoutDeposit,
    /// Amount and days agree, and no other fits.
    Likely,
    /// Number and amount agree.
    Matched,
}

/// A deposit, a remittance, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// How they stand to each other.
    pub how: Match,
    /// The edit that speaks of it.
    pub edit: Option<&'static str>,
    /// Row of the bank's list.
    pub row: Option<u64>,
    /// The day the money came.
    pub deposited: Option<Date>,
    /// Cents that came.
    #[serde(with = "some_cents")]
    pub deposit: Option<Cents>,
    /// The payer that says so.
    pub payer: String,
    /// TRN02, else the number the bank gives.
    pub trace: String,
    /// BPR16.
    pub remitted: Option<Date>,
    /// Cents by BPR02.
    #[serde(with = "some_cents")]
    pub remittance: Option<Cents>,
    /// Cents by which they differ; all of it where one is missing.
    #[serde(with = "cents")]
    pub difference: Cents,
}

mod some_cents {
    use serde::Serializer;

    use crate::x12::Cents;
    use crate::x12::element::decimal;

    #[allow(clippy::ref_option)]
    pub fn serialize<S: Serializer>(cents: &Option<Cents>, serializer: S) -> Result<S::Ok, S::Error> {
        match cents {
            Some(cents) => serializer.serialize_str(&decimal(*cents)),
            None => serializer.serialize_none(),
        }
    }
}

/// The number in what a bank says: of an addenda record that repeats TRN its second element. Leading zeros and case don't count.
fn number(trace: &str) -> String {
    let upper = trace.trim().to_ascii_uppercase();
    let own = upper
        .split_once("TRN*1*")
        .map_or(upper.as_str(), |(_, rest)| rest.split(['*', '~', '\\']).next().unwrap_or_default());
    own.trim().trim_start_matches('0').to_owned()
}

/// The day so many business days later.
fn business_days_later(mut day: Date, mut days: u32) -> Date {
    while days > 0 {
        let Ok(next) = day.checked_add(1.day()) else { return day };
        day = next;
        if !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
            days -= 1;
        }
    }
    day
}

/// True of days that lie no more than so many business days apart.
fn is_near(a: Date, b: Date) -> bool {
    a.max(b) <= business_days_later(a.min(b), APART)
}

/// Days around a list in which its remittances are looked for.
const AROUND: i32 = 90;

/// Pairs a bank's list with the remittances of the history.
///
/// # Errors
/// When the store can't be read.
pub fn eft(store: &Store, deposits: &[Deposit], until: Option<Date>) -> Result<Vec<Pair>, store::Error> {
    let days = || deposits.iter().map(|d| d.date);
    let (first, last) = (days().min().unwrap_or_default(), days().max().unwrap_or_default());
    let mut near = Vec::new();
    remittances(store, &mut |remitted| {
        let of_day = |day: Date| days_between(first, day) >= -AROUND && days_between(last, day) <= AROUND;
        if remitted.amount > 0 && remitted.date.is_none_or(of_day) {
            near.push(Remitted { outside: Vec::new(), files: Vec::new(), ..remitted });
        }
        true
    })?;
    Ok(reassociate(deposits, &near, until))
}

/// Pairs deposits with remittances that pay by transfer: by number and amount, by number, then by amount and day where just one fits the
/// other. A remittance misses its money where the list covers its days, from the first to `until`. Nothing is paired twice.
#[must_use]
pub fn reassociate(deposits: &[Deposit], remittances: &[Remitted], until: Option<Date>) -> Vec<Pair> {
    let mut money: Vec<&Deposit> = deposits.iter().filter(|d| d.amount > 0).collect();
    money.sort_by_key(|d| (d.date, d.row));
    // A check's number may stand in the list of a bank, too.
    let mut said: Vec<&Remitted> = remittances.iter().filter(|r| r.amount > 0).collect();
    said.sort_by_key(|r| (r.date, &r.payer, &r.trace, r.id));
    let mut of_money: Vec<Option<(usize, Match)>> = vec![None; money.len()];
    let mut taken = vec![false; said.len()];
    let mut by_number: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (m, remitted) in said.iter().enumerate() {
        let own = number(&remitted.trace);
        if !own.is_empty() {
            by_number.entry(own).or_default().push(m);
        }
    }
    for how in [Match::Matched, Match::OtherAmount] {
        for (place, deposit) in of_money.iter_mut().zip(&money).filter(|(place, _)| place.is_none()) {
            let named = by_number.get(&number(&deposit.trace)).into_iter().flatten().copied();
            let found = named.filter(|m| taken.get(*m) == Some(&false)).find(|m| {
                how == Match::OtherAmount || said.get(*m).is_some_and(|r| r.amount == deposit.amount)
            });
            if let Some(m) = found {
                *place = Some((m, how));
                take(&mut taken, m);
            }
        }
    }
    likely(&money, &said, &mut of_money, &mut taken);
    let mut pairs: Vec<Pair> = money
        .iter()
        .zip(&of_money)
        .map(|(deposit, found)| {
            let with = found.and_then(|(m, how)| Some((*said.get(m)?, how)));
            pair(Some(deposit), with.map(|w| w.0), with.map_or(Match::DepositWithoutRemittance, |w| w.1))
        })
        .collect();
    let covered = money.first().map(|d| d.date).zip(until.or_else(|| money.last().map(|d| d.date)));
    let misses = |r: &&Remitted| {
        let in_time =
            |day: Date, (from, until): (Date, Date)| from <= day && business_days_later(day, APART) < until;
        r.is_transfer() && r.date.zip(covered).is_some_and(|(day, span)| in_time(day, span))
    };
    let left = said.iter().zip(&taken).filter(|(_, taken)| !**taken).map(|(r, _)| *r);
    pairs.extend(left.filter(misses).map(|r| pair(None, Some(r), Match::RemittanceWithoutDeposit)));
    pairs.sort_by(|a, b| {
        let key = |p: &Pair| (p.how, std::cmp::Reverse(p.difference.abs()), p.deposited, p.row);
        key(a).cmp(&key(b)).then_with(|| a.trace.cmp(&b.trace))
    });
    pairs
}

fn take(taken: &mut [bool], m: usize) {
    if let Some(taken) = taken.get_mut(m) {
        *taken = true;
    }
}

/// Pairs what agrees in amount and days and fits nothing else.
fn likely(
    money: &[&Deposit],
    said: &[&Remitted],
    of_money: &mut [Option<(usize, Match)>],
    taken: &mut [bool],
) {
    let mut by_amount: BTreeMap<Cents, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (n, deposit) in money.iter().enumerate().filter(|(n, _)| of_money.get(*n) == Some(&None)) {
        by_amount.entry(deposit.amount).or_default().0.push(n);
    }
    for (m, remitted) in said.iter().enumerate() {
        if taken.get(m) == Some(&false)
            && remitted.is_transfer()
            && let Some((_, said)) = by_amount.get_mut(&remitted.amount)
        {
            said.push(m);
        }
    }
    for (deposits, remittances) in by_amount.values() {
        let near = |n: usize, m: usize| {
            let days = money.get(n).map(|d| d.date).zip(said.get(m).and_then(|r| r.date));
            days.is_some_and(|(a, b)| is_near(a, b))
        };
        for n in deposits {
            let mut fitting = remittances.iter().filter(|m| near(*n, **m));
            let (Some(m), None) = (fitting.next(), fitting.next()) else { continue };
            if deposits.iter().filter(|n| near(**n, *m)).count() == 1 {
                if let Some(place) = of_money.get_mut(*n) {
                    *place = Some((*m, Match::Likely));
                }
                take(taken, *m);
            }
        }
    }
}

fn pair(deposit: Option<&Deposit>, remitted: Option<&Remitted>, how: Match) -> Pair {
    let (came, said) = (deposit.map(|d| d.amount), remitted.map(|r| r.amount));
    let edit = matches!(how, Match::RemittanceWithoutDeposit | Match::OtherAmount).then_some("R8-022");
    let trace = remitted.map(|r| &r.trace).or(deposit.map(|d| &d.trace));
    Pair {
        how,
        edit,
        row: deposit.map(|d| d.row),
        deposited: deposit.map(|d| d.date),
        deposit: came,
        payer: remitted.map(|r| r.payer.clone()).unwrap_or_default(),
        trace: trace.cloned().unwrap_or_default(),
        remitted: remitted.and_then(|r| r.date),
        remittance: said,
        difference: came.unwrap_or(0).saturating_sub(said.unwrap_or(0)),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn deposit(row: u64, day: i8, amount: Cents, trace: &str) -> Deposit {
        Deposit { row, date: date(2026, 10, day), amount, trace: trace.into() }
    }

    fn remitted(day: i8, amount: Cents, trace: &str) -> Remitted {
        Remitted {
            id: [u8::try_from(day).unwrap(); 16],
            payer: "P".into(),
            trace: trace.into(),
            amount,
            method: "ACH".into(),
            date: Some(date(2026, 10, day)),
            ..Remitted::default()
        }
    }

    fn how(deposits: &[Deposit], remittances: &[Remitted]) -> Vec<(Match, Option<u64>, String)> {
        let pairs = reassociate(deposits, remittances, None);
        pairs.into_iter().map(|p| (p.how, p.row, p.trace)).collect()
    }

    #[test]
    fn the_number_first_then_amount_and_day() {
        let deposits = [
            deposit(2, 5, 10_000, "000E1"),
            deposit(3, 6, 20_000, "RMR*IV*9\\TRN*1*E2*1999999999\\"),
            deposit(4, 7, 30_000, "unknown"),
            deposit(5, 8, 777, "nobody"),
            deposit(6, 30, 1, "end"),
            deposit(7, 30, -500, "E1"),
        ];
        let remittances = [
            remitted(5, 10_000, "E1"),
            remitted(6, 20_100, "E2"),
            remitted(2, 30_000, "E3"),
            remitted(9, 50, "E4"),
        ];
        let told = how(&deposits, &remittances);
        let of = |how| told.iter().filter(|t| t.0 == how).map(|t| t.2.as_str()).collect::<Vec<_>>();
        assert_eq!(of(Match::Matched), ["E1"]);
        assert_eq!(of(Match::OtherAmount), ["E2"]);
        assert_eq!(of(Match::Likely), ["E3"]);
        assert_eq!(of(Match::RemittanceWithoutDeposit), ["E4"]);
        assert_eq!(of(Match::DepositWithoutRemittance), ["nobody", "end"]);
        let backwards: Vec<Remitted> = remittances.iter().rev().cloned().collect();
        assert_eq!(how(&deposits, &backwards), told);
    }

    #[test]
    fn two_that_fit_are_none() {
        let deposits = [deposit(2, 5, 100, "x"), deposit(3, 20, 1, "y")];
        let two = [remitted(5, 100, "E1"), remitted(6, 100, "E2")];
        assert!(how(&deposits, &two).iter().all(|t| t.0 != Match::Likely));
        // A Thursday and the Tuesday after it lie three business days apart, the Wednesday four.
        assert!(
            is_near(date(2026, 10, 1), date(2026, 10, 6)) && !is_near(date(2026, 10, 1), date(2026, 10, 7))
        );
    }

    #[test]
    fn what_the_list_does_not_cover_misses_nothing() {
        let deposits = [deposit(2, 5, 100, "x"), deposit(3, 12, 100, "y")];
        let early_and_late = [remitted(2, 900, "E1"), remitted(9, 901, "E2")];
        let told = how(&deposits, &early_and_late);
        assert!(told.iter().all(|t| t.0 == Match::DepositWithoutRemittance), "{told:?}");
        let later = reassociate(&deposits, &early_and_late, Some(date(2026, 10, 20)));
        assert_eq!(later.iter().filter(|p| p.how == Match::RemittanceWithoutDeposit).count(), 1);
    }
}
