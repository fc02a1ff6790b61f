//! Dated code sets.

mod sets;
mod table;

pub use sets::{Kind, Standing};
pub use table::{Answer, BadLine, Table};
