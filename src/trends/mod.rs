//! Detectors over weekly counts: pure statistics.
//!
//! `detect` looks at a site's denials by payer, CARC and value, and says what changed, since when and who changed it. `counts` judges weekly
//! counts without a volume.

mod budget;
mod changed;
pub mod counts;
mod detect;
mod dispersion;
pub mod distribution;
mod explain;
mod finding;
pub mod regression;
mod scan;
mod season;
mod site;
mod sums;

pub use detect::detect;
pub use finding::{Attribution, Changed, Comparison, Control, Finding, Interval, Kind, Strength, Tally};
pub use site::{Key, Series, Settings, Site, Slice, Switch};

#[cfg(test)]
#[allow(dead_code, missing_docs)]
#[path = "../../tests/detection/chance.rs"]
mod chance;
