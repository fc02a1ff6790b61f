//! X12 syntax: bytes to segments and back. Knows no healthcare and does no more input or output than reading a
//! window from a `Read`. The only home of `nom`.
//!
//! In flow order: [`delimiters`] reads the interchange header, [`index`] finds the separators, [`segment`] cuts
//! segments, elements and components out of the index, [`element`] reads typed values, [`blocks`] does all that
//! over a fixed window, [`outline`] checks envelopes and counts, [`write`](mod@write) recounts, [`compose`] makes text anew.

pub mod blocks;
pub mod compose;
pub mod delimiters;
pub mod element;
pub mod envelope;
pub mod fault;
pub mod index;
pub mod outline;
mod scan;
pub mod segment;
pub mod write;

pub use blocks::{Block, Blocks, Chunk};
pub use delimiters::Delimiters;
pub use element::Cents;
pub use fault::{Fault, FaultKind};
pub use segment::Segment;
