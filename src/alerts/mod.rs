//! What is due, to which owner, over which sink, once. Alerts carry counts, dollars and places of claims, never a claim's number or a person.
//!
//! `alert` is one cause and `sentence` what it says; `series` are what the detector of `trends` looks at, with our own edits that were `switched`, `found` what it says. `book` folds from the journal how each alert and each
//! message stands, `decide` says what people may do, `plan` what is to be told now, and `letter` writes it. All of it is a function of
//! what it is given.

mod alert;
mod book;
mod decide;
mod found;
mod letter;
mod plan;
mod sentence;
pub mod series;
mod switched;

pub use alert::{Alert, Attachment, Example, Kind, Numbers, Severity};
pub use book::{Book, Message, MessageState, Standing, Status, Step, Was};
pub use decide::{Decide, Refused};
pub use found::{alert as of_finding, is_of_one_cause};
pub use letter::{Letter, Preset, Told};
pub use plan::{Due, Rule, Times, occasion, plan};
pub use sentence::{dollars, monday, within};
pub use switched::Ours;
