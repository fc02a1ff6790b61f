//! Denials counted by any of their dimensions.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashMap};
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

use super::denied;
use super::derive::AdjustmentRow;
use super::rollup::{self, Count};
use super::tables::Tables;
use crate::store::{self, Store};
use crate::x12::element::decimal;

macro_rules! dimensions {
    ($($variant:ident = $name:literal => $value:expr;)*) => {
        /// What denials can be counted by.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
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

            /// What a row has of it.
            pub fn of<T: AsRef<str>>(self, row: &AdjustmentRow<T>) -> &str {
                let value: fn(&AdjustmentRow<T>) -> &str = match self { $(Dimension::$variant => $value,)* };
                value(row)
            }
        }
    };
}

dimensions! {
    Payer = "payer" => |r| r.payer.as_ref();
    Group = "group" => |r| r.group.as_ref();
    Carc = "carc" => |r| r.carc.as_ref();
    Rarc = "rarc" => |r| r.rarcs.as_ref();
    Procedure = "procedure" => |r| r.procedure.as_ref();
    Week = "week" => |r| r.week.as_ref();
    Owner = "owner" => |r| r.owner.as_ref();
    Category = "category" => |r| r.category.as_ref();
    Claim = "claim" => |r| r.claim.as_ref();
    Modifier = "modifier" => |r| r.modifiers.as_ref();
    Consequence = "consequence" => |r| r.consequence.as_ref();
    Leg = "leg" => |r| r.leg.name();
    Plan = "plan" => |r| r.plan.as_ref();
    Place = "place" => |r| r.place.as_ref();
    Diagnosis = "diagnosis" => |r| r.diagnosis.as_ref();
    Billing = "billing" => |r| r.billing.as_ref();
    Channel = "channel" => |r| r.channel.as_ref();
    Kind = "kind" => |r| r.kind.as_ref();
}

/// No dimension of this name.
#[derive(Debug, Error)]
#[error("denials are not counted by {0:?}; known: {known}", known = DIMENSIONS.join(", "))]
pub struct UnknownDimension(pub String);

/// Counted denials.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Denials {
    /// First ISO week of payment counted, empty when there is none.
    pub from: String,
    /// Last ISO week of payment counted.
    pub to: String,
    /// What they are counted by.
    pub by: Vec<&'static str>,
    /// Most dollars first.
    #[schema(value_type = Vec<Object>)]
    pub rows: Vec<Map<String, Value>>,
    /// All of them.
    #[schema(value_type = Object)]
    pub total: Map<String, Value>,
}

/// Weeks of payment, and what else is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Weeks {
    /// First ISO week of payment, or all.
    pub from: Option<String>,
    /// Last ISO week of payment, or all.
    pub to: Option<String>,
    /// Only these values.
    pub only: Vec<(Dimension, String)>,
}

impl Weeks {
    /// True of a row with the values asked for.
    pub(super) fn passes<T: AsRef<str>>(&self, row: &AdjustmentRow<T>) -> bool {
        self.only.iter().all(|(d, wanted)| d.of(row) == *wanted)
    }

    /// True of a week that is asked for.
    pub(super) fn has(&self, week: &str) -> bool {
        self.from.as_deref().is_none_or(|from| from <= week) && self.to.as_deref().is_none_or(|to| week <= to)
    }
}

/// Counts denials: from the weekly counts where they are kept by just these dimensions, else over every row of those weeks.
///
/// # Errors
/// When the store can't be read.
pub fn denials(
    store: &Store,
    tables: &Tables,
    by: &[Dimension],
    weeks: &Weeks,
) -> Result<Denials, store::Error> {
    let mut wanted: Vec<Dimension> = by.iter().copied().chain(weeks.only.iter().map(|(d, _)| *d)).collect();
    wanted.retain(|d| *d != Dimension::Week);
    wanted.sort_unstable();
    wanted.dedup();
    let mut sums = Sums { by, weeks, groups: BTreeMap::new(), span: None, claims: HashMap::new() };
    // A count of claims is of the values asked for: filtered by others it would be of others.
    let kept = weeks.only.iter().all(|(d, _)| by.contains(d)) && tables.rollups.contains(&wanted);
    if kept {
        sums.add_counts(store, &wanted)?;
    } else {
        denied(store, None, &mut |row| sums.add_row(row))?;
    }
    Ok(sums.answer())
}

struct Sums<'a> {
    by: &'a [Dimension],
    weeks: &'a Weeks,
    groups: BTreeMap<Vec<String>, Count>,
    span: Option<(String, String)>,
    /// Denials less those taken back, by a hash of what is asked for and the claim: there may be millions.
    claims: HashMap<u64, i32>,
}

impl Sums<'_> {
    /// Notes the week; false where it isn't asked for.
    fn in_span(&mut self, week: &str) -> bool {
        if !self.weeks.has(week) {
            return false;
        }
        match &mut self.span {
            Some((from, _)) if week < from.as_str() => week.clone_into(from),
            Some((_, to)) if week > to.as_str() => week.clone_into(to),
            Some(_) => {}
            None => self.span = Some((week.to_owned(), week.to_owned())),
        }
        true
    }

    fn add_counts(&mut self, store: &Store, set: &[Dimension]) -> Result<(), store::Error> {
        store.scan_packed(&rollup::prefix(set), "", &mut |key, count: Count| {
            let Some((week, values)) = rollup::place(key) else { return true };
            let value = |d: &Dimension| match d {
                Dimension::Week => week.clone(),
                d => {
                    set.iter().zip(&values).find(|(s, _)| *s == d).map(|(_, v)| v.clone()).unwrap_or_default()
                }
            };
            if self.weeks.only.iter().all(|(d, wanted)| value(d) == *wanted) && self.in_span(&week) {
                self.groups.entry(self.by.iter().map(value).collect()).or_default().add(count);
            }
            true
        })
    }

    /// Rows come week by week, so that what a claim's denials come to by the end of each is known as they are added.
    fn add_row(&mut self, row: &AdjustmentRow<&str>) {
        if !self.weeks.passes(row) {
            return;
        }
        let values: Vec<&str> = self.by.iter().map(|d| d.of(row)).collect();
        let lasting = self.by.iter().zip(&values).filter(|(d, _)| **d != Dimension::Week);
        let mut hasher = DefaultHasher::new();
        lasting.for_each(|(_, value)| value.hash(&mut hasher));
        row.claim.hash(&mut hasher);
        let net = self.claims.entry(hasher.finish()).or_default();
        let sign = i64::from(row.sign);
        let before = *net > 0;
        *net += i32::from(row.sign);
        let claims = i64::from(*net > 0) - i64::from(before);
        if self.in_span(row.week) {
            let (amount, unbalanced) = if row.balanced { (row.amount, 0) } else { (0, sign) };
            let count = Count { claims, denials: sign, amount, unbalanced };
            // Most are known: only a new one is copied.
            let known: Vec<String> = values.into_iter().map(str::to_owned).collect();
            self.groups.entry(known).or_default().add(count);
        }
    }

    fn answer(self) -> Denials {
        let mut total = Count::default();
        let mut sorted: Vec<(Vec<String>, Count)> =
            self.groups.into_iter().filter(|(_, count)| !count.is_nothing()).collect();
        sorted.iter().for_each(|(_, count)| total.add(*count));
        sorted.sort_by(|(ka, a), (kb, b)| (b.amount, b.denials, ka).cmp(&(a.amount, a.denials, kb)));
        let write = |map: &mut Map<String, Value>, count: &Count| {
            map.insert("claims".into(), count.claims.into());
            map.insert("denials".into(), count.denials.into());
            map.insert("amount".into(), decimal(count.amount).into());
            // Dollars of an 835 that doesn't balance are kept out until a person releases them.
            map.insert("unbalanced".into(), count.unbalanced.into());
        };
        let rows = sorted.iter().map(|(values, count)| {
            let mut map = Map::new();
            for (dimension, value) in self.by.iter().zip(values) {
                map.insert(dimension.name().into(), value.clone().into());
            }
            write(&mut map, count);
            map
        });
        let rows = rows.collect();
        let mut all = Map::new();
        write(&mut all, &total);
        let (from, to) = self.span.unwrap_or_default();
        Denials { from, to, by: self.by.iter().map(|d| d.name()).collect(), rows, total: all }
    }
}
