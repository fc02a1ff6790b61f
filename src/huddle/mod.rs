//! The weekly huddle of coding and billing: what it looks at, what it decides, and whether that worked.
//!
//! `read` takes all that a week's pack needs from the index: one pass over the stories (`gather`), weekly counts, one run of the detector.
//! `build` makes the `pack` of it, one file a block of page one (`head`, `found`, `stuck`, `changed`, `teaching`, `acted`) and of what lies
//! behind (`detail`, `payer_pages`, `figures`); `leadership` is the summary of a month or a quarter; `suppress` blinds a shared copy. `render` writes it: every format from the same model. docs/huddle.md

mod acted;
mod action;
mod build;
mod calendar;
mod cash;
mod changed;
mod detail;
mod effect;
mod figures;
mod found;
mod gather;
mod head;
pub mod leadership;
mod minutes;
mod names;
mod pack;
mod payer_pages;
mod read;
pub mod render;
mod stuck;
mod suppress;
mod teaching;

pub use action::{About, Action, Closed};
pub use build::{Inputs, build};
pub use calendar::{back, last_whole, shifted};
pub use effect::{Effect, Outcome, Ratio, band};
pub use figures::settles_late;
pub use head::change;
pub use minutes::{Kept, Minutes};
pub use names::Blinding;
pub use pack::{
    Actions, Baseline, Block, Figure, Item, Next, Pack, Section, Shared, Shown, Teaching, Teachings, Todo,
    Tried, VERSION,
};
pub use read::{BASELINE, Decided, Read, SHOWN, read};
