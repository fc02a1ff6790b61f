//! Edits as data: one TOML file each in `config/edits`, a closed set of check kinds, findings.

mod changes;
pub mod checks;
mod edit;
mod finding;
mod load;
pub(crate) mod message;
mod past;
mod set;
mod tolerance;

pub use changes::{EditChange, Standings, Turn, changes};
pub use checks::Tables;
pub use edit::{Ack, Before, Change, Edit, Example, Expect, Owner, Severity, Status};
pub use finding::{Finding, Rejection};
pub use load::{LoadError, base};
pub use past::{Billed, Nothing, Past, Who};
pub use set::EditSet;
pub use tolerance::{Tolerance, Tolerances};
