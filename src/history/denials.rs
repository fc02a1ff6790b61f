//! Denials counted by any of their dimensions.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};
use thiserror::Error;

use super::classify::AdjustmentClass;
use super::view::{AdjustmentRow, adjustments};
use crate::store::{self, Store};
use crate::x12::Cents;
use crate::x12::element::decimal;

macro_rules! dimensions {
    ($($variant:ident = $name:literal => $value:expr;)*) => {
        /// What denials can be counted by.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs)]
        pub enum Dimension { $($variant,)* }

        /// Names of all dimensions.
        pub const DIMENSIONS: &[&str] = &[$($name,)*];

        impl Dimension {
            /// As the command line spells it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Dimension::$variant => $name,)* }
            }

            /// The dimension of this name.
            ///
            /// # Errors
            /// When there is none.
            pub fn parse(name: &str) -> Result<Dimension, UnknownDimension> {
                match name { $($name => Ok(Dimension::$variant),)* _ => Err(UnknownDimension(name.to_owned())) }
            }

            fn of(self, row: &AdjustmentRow) -> String {
                let value: fn(&AdjustmentRow) -> String = match self { $(Dimension::$variant => $value,)* };
                value(row)
            }
        }
    };
}

dimensions! {
    Payer = "payer" => |r| r.payer.clone();
    Group = "group" => |r| r.group.clone();
    Carc = "carc" => |r| r.carc.clone();
    Rarc = "rarc" => |r| r.rarcs.join("+");
    Procedure = "procedure" => |r| r.procedure.clone();
    Week = "week" => |r| r.week.clone();
    Owner = "owner" => |r| r.owner.clone();
    Category = "category" => |r| r.category.clone();
    Claim = "claim" => |r| r.claim.clone();
}

/// No dimension of this name.
#[derive(Debug, Error)]
#[error("denials are not counted by {0:?}; known: {known}", known = DIMENSIONS.join(", "))]
pub struct UnknownDimension(pub String);

/// Counted denials.
#[derive(Debug, Serialize)]
pub struct Denials {
    /// First ISO week of payment counted, empty when there is none.
    pub from: String,
    /// Last ISO week of payment counted.
    pub to: String,
    /// What they are counted by.
    pub by: Vec<&'static str>,
    /// Most dollars first.
    pub rows: Vec<Map<String, Value>>,
    /// All of them.
    pub total: Map<String, Value>,
}

#[derive(Default)]
struct Sums {
    /// Net denials by payer and claim.
    claims: BTreeMap<(String, String), i64>,
    denials: i64,
    amount: Cents,
    unbalanced: i64,
}

impl Sums {
    fn add(&mut self, row: &AdjustmentRow) {
        // A reversal takes back what it names.
        let one = if row.reversal { -1 } else { 1 };
        *self.claims.entry((row.payer.clone(), row.claim.clone())).or_default() += one;
        self.denials += one;
        if row.balanced {
            self.amount = self.amount.saturating_add(row.amount);
        } else {
            self.unbalanced += one;
        }
    }

    fn write(&self, map: &mut Map<String, Value>) {
        let claims = self.claims.values().filter(|n| **n > 0).count();
        map.insert("claims".into(), claims.into());
        map.insert("denials".into(), self.denials.into());
        map.insert("amount".into(), decimal(self.amount).into());
        // Dollars of an 835 that doesn't balance are kept out until a person releases them.
        map.insert("unbalanced".into(), self.unbalanced.into());
    }
}

/// Counts every denial of the history.
///
/// # Errors
/// When the store can't be read.
pub fn denials(store: &Store, by: &[Dimension]) -> Result<Denials, store::Error> {
    let mut groups: BTreeMap<Vec<String>, Sums> = BTreeMap::new();
    let mut total = Sums::default();
    let (mut from, mut to) = (String::new(), String::new());
    adjustments(store, &mut |row| {
        if row.class != AdjustmentClass::Denial {
            return;
        }
        if from.is_empty() || row.week < from {
            from.clone_from(&row.week);
        }
        if row.week > to {
            to.clone_from(&row.week);
        }
        groups.entry(by.iter().map(|d| d.of(&row)).collect()).or_default().add(&row);
        total.add(&row);
    })?;
    let mut sorted: Vec<(Vec<String>, Sums)> =
        groups.into_iter().filter(|(_, s)| s.denials != 0 || s.amount != 0).collect();
    sorted.sort_by(|(ka, a), (kb, b)| (b.amount, b.denials, ka).cmp(&(a.amount, a.denials, kb)));
    let rows = sorted.into_iter().map(|(key, sums)| {
        let mut map = Map::new();
        for (dimension, value) in by.iter().zip(key) {
            map.insert(dimension.name().into(), value.into());
        }
        sums.write(&mut map);
        map
    });
    let rows = rows.collect();
    let mut all = Map::new();
    total.write(&mut all);
    Ok(Denials { from, to, by: by.iter().map(|d| d.name()).collect(), rows, total: all })
}
