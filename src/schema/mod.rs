//! Implementation guides as data: which loops there are, what opens each, what it holds; the walker that names the
//! loop a segment stands in; the one path grammar.

mod load;
mod path;
mod walker;

pub use load::{Guide, Loop, LoopIx, Schema, schema};
pub use path::{Path, PathError};
pub use walker::Walker;
