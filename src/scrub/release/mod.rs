//! Claims that leave after a hold: one claim taken out of its file ([`single`]), corrected by path ([`amend`]), and put into an
//! interchange of our own ([`compose()`]).

pub mod amend;
pub mod compose;
pub mod placed;
pub mod single;

pub use amend::{Change, Refused, Was};
pub use compose::{Envelope, compose};
pub use placed::Placed;
pub use single::Single;
