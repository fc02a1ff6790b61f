//! The weekly huddle of coding and billing: what it looks at, what it decides, and whether that worked.

mod action;
mod minutes;

pub use action::{About, Action, Closed};
pub use minutes::{Kept, Minutes};
