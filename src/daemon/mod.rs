//! Watch, settle, custody, publish, recover, run. The only home of `notify`.
//!
//! A file's way: `settle` decides it is whole, `custody` renames it into the spool and journals it, `work` takes it
//! from whatever step it has reached to the next, `publish` gives outputs their names. Each step is journalled before
//! its effect, so a restart goes on where the journal ends.

pub mod actions;
pub mod alerting;
mod answer;
pub mod asked;
pub mod checkup;
pub mod control;
mod custody;
mod decide;
pub mod desk;
mod error;
mod evidence;
pub mod files;
mod folded;
mod hands;
mod hooks;
pub mod huddling;
mod ids;
pub mod import;
mod index;
mod intake;
mod leave;
mod notices;
mod outputs;
mod owed;
mod packed;
mod pressure;
mod publish;
mod purge;
mod reload;
mod replace;
mod rounds;
mod run;
mod scheduled;
pub mod service;
mod settle;
mod stage;
mod state;
mod step;
mod tellers;
pub mod trending;
pub mod viewing;
mod work;

pub use error::Error;
pub use evidence::Folders;
pub use reload::InForce;
pub use rounds::{Daemon, Idle};
pub use run::{Beside, Options, serve};
pub use state::{Indexed, State};
