//! Implementation guides as data, and the machine that reads a transaction set by them.
//!
//! In flow order: `read` reads `config/schemas`, `dictionary` knows segments and data elements, `build` turns a
//! guide into the look-up tables of `table`, `keys` tells segments apart by id and qualifier, `walker` names the loop and entry a
//! segment stands at, `elements` checks its elements against that entry, `path` is the one path grammar.

mod build;
mod codes;
mod dictionary;
mod elements;
mod guide;
mod keys;
mod path;
mod read;
mod shipped;
mod table;
mod value;
mod walker;

pub use codes::Codes;
pub use elements::check_elements;
pub use guide::Guide;
pub use path::{Path, PathError};
pub use shipped::{interchange, schema};
pub use table::{Element, Entry, EntryIx, Loop, LoopIx, Schema, Usage};
pub use value::Alphabet;
pub use walker::{Placement, Walker};
