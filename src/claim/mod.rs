//! What an 837 means: claims, service lines, providers, subscribers, payers, as views borrowed from the segments of
//! the claim and of the hierarchies it stands under.

pub mod hierarchy;
mod view;

pub use view::{ByEntry, Claim, Diagnosis, Entries, Hit, Line, Placed};
