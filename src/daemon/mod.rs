//! Watch, settle, custody, publish, recover, run. The only home of `notify`.
//!
//! A file's way: `settle` decides it is whole, `custody` renames it into the spool and journals it, `work` takes it
//! from whatever step it has reached to the next, `publish` gives outputs their names. Each step is journalled before
//! its effect, so a restart goes on where the journal ends.

pub mod control;
mod custody;
pub mod desk;
mod error;
mod folded;
mod ids;
mod intake;
mod leave;
mod lock;
mod notices;
mod publish;
mod reload;
mod replace;
mod rounds;
mod run;
pub mod service;
mod settle;
mod stage;
mod state;
mod work;

pub use error::Error;
pub use lock::Lock;
pub use run::{Options, serve};
pub use state::State;
