//! What an 837 means: claims, service lines, providers, subscribers, payers, as views borrowed from the segments of
//! the claim and of the hierarchies it stands under.

mod entries;
pub mod hierarchy;
pub mod sent;
mod service;
mod signs;
mod view;

pub use entries::{At, ByEntry, Entries, Find, Gate, Place};
pub use service::{Part, Service};
pub use signs::{Says, Sign, Signs};
pub use view::{Claim, Diagnosis, Hit, Line, Placed};
