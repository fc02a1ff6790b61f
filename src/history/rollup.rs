//! Weekly counts of denials by sets of dimensions, kept as denials come: a question that asks for such a set is answered from them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::classify::AdjustmentClass;
use super::denials::Dimension;
use super::derive::AdjustmentRow;
use crate::store::{self, Store};
use crate::x12::Cents;

/// Counts of one set of values in one week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// Claims denied for the first time less those of which every denial was taken back.
    pub claims: i64,
    /// Denials less those taken back.
    pub denials: i64,
    /// Cents of those whose remittance balances.
    pub amount: Cents,
    /// Denials of remittances that don't.
    pub unbalanced: i64,
}

impl Count {
    /// These too.
    pub fn add(&mut self, other: Count) {
        self.claims += other.claims;
        self.denials += other.denials;
        self.amount = self.amount.saturating_add(other.amount);
        self.unbalanced += other.unbalanced;
    }

    /// The same taken away.
    #[must_use]
    pub fn less(self) -> Count {
        Count {
            claims: -self.claims,
            denials: -self.denials,
            amount: self.amount.saturating_neg(),
            unbalanced: -self.unbalanced,
        }
    }

    /// True where nothing is left.
    #[must_use]
    pub fn is_nothing(self) -> bool {
        self == Count::default()
    }
}

/// Week and values.
pub type Place = (String, Vec<String>);

/// True of rows that count: denials, and what takes them back.
#[must_use]
pub fn counts<T>(row: &AdjustmentRow<T>) -> bool {
    row.class == AdjustmentClass::Denial && row.sign != 0
}

/// What one claim's rows add to a set, by week and values. A claim counts in the first week it is denied for those values, and no more in the
/// week in which the last of it is taken back.
#[must_use]
pub fn of_claim(rows: &[AdjustmentRow], by: &[Dimension]) -> BTreeMap<Place, Count> {
    let mut found: BTreeMap<Place, Count> = BTreeMap::new();
    for row in rows.iter().filter(|row| counts(row)) {
        let values = by.iter().map(|d| d.of(row).to_owned()).collect();
        let sign = i64::from(row.sign);
        let (amount, unbalanced) = if row.balanced { (row.amount, 0) } else { (0, sign) };
        let count = Count { claims: 0, denials: sign, amount, unbalanced };
        found.entry((row.week.clone(), values)).or_default().add(count);
    }
    // Week by week: weeks sort as they follow each other.
    let mut net: BTreeMap<Vec<String>, i64> = BTreeMap::new();
    for ((_, values), count) in &mut found {
        let net = net.entry(values.clone()).or_default();
        let before = *net > 0;
        *net += count.denials;
        count.claims = i64::from(*net > 0) - i64::from(before);
    }
    found
}

/// What changed between two states of a claim.
#[must_use]
pub fn change(before: &[AdjustmentRow], after: &[AdjustmentRow], by: &[Dimension]) -> BTreeMap<Place, Count> {
    let mut change = of_claim(after, by);
    for (place, count) in of_claim(before, by) {
        change.entry(place).or_default().add(count.less());
    }
    change.retain(|_, count| !count.is_nothing());
    change
}

/// Where a set's counts are kept. Values are told apart by a sign that no element holds.
#[must_use]
pub fn key(set: &[Dimension], (week, values): &Place) -> String {
    format!("{}{week}/{}", prefix(set), values.join("\u{1f}"))
}

/// What keys of a set begin with.
#[must_use]
pub fn prefix(set: &[Dimension]) -> String {
    let names: Vec<&str> = set.iter().map(|d| d.name()).collect();
    format!("roll/{}/", names.join("+"))
}

/// Week and values of a key.
#[must_use]
pub fn place(key: &str) -> Option<Place> {
    let mut parts = key.splitn(4, '/').skip(2);
    let (week, values) = (parts.next()?, parts.next()?);
    Some((week.to_owned(), values.split('\u{1f}').map(str::to_owned).collect()))
}

/// Weekly counts of a set from a week on: week, values in the set's order, count.
///
/// # Errors
/// When the store can't be read.
pub fn counted(
    store: &Store,
    set: &[Dimension],
    from: &str,
    each: &mut dyn FnMut(&str, &[String], Count),
) -> Result<(), store::Error> {
    let prefix = prefix(set);
    store.scan_packed(&prefix, &format!("{prefix}{from}"), &mut |key, count: Count| {
        if let Some((week, values)) = place(key) {
            each(&week, &values, count);
        }
        true
    })
}
