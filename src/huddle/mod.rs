//! The weekly huddle of coding and billing: what it looks at, what it decides, and whether that worked.

mod action;

pub use action::{About, Action, Closed};
