//! claimloop: scrubs outbound 837 claim files, holds what is faulty, reads the 835s that come back into a denial
//! history. Modules in the order data flows; each may use only those before it.

pub mod alerts;
pub mod archive;
pub mod claim;
pub mod codes;
pub mod config;
pub mod daemon;
pub mod edits;
pub mod events;
pub mod history;
pub mod holds;
pub mod journal;
pub mod remit;
pub mod schema;
pub mod scrub;
pub mod simulate;
pub mod store;
pub mod trends;
pub mod x12;

pub mod cli;
