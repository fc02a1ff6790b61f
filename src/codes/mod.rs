//! Dated code sets: those compiled in, and files of those a site imports.

mod join;
mod kind;
pub mod layouts;
mod modifiers;
mod pairs;
mod sets;
mod table;

pub use join::join;
pub use kind::{Kind, Shape};
pub use modifiers::{Modifier, ModifierKind};
pub use pairs::{Pair, Pairs};
pub use sets::{CodeSets, Content, Shipped, Standing};
pub use table::{Answer, BadLine, Row, Table};
