//! claimloop: scrubs outbound 837 claim files, holds what is faulty, reads the 835s that come back into a denial
//! history. Modules in the order data flows; each may use only those before it.

pub mod x12;
pub mod schema;
pub mod claim;
pub mod remit;
pub mod codes;
pub mod edits;
pub mod scrub;
pub mod events;
pub mod journal;
pub mod archive;
pub mod store;
pub mod history;
pub mod holds;
pub mod trends;
pub mod alerts;
pub mod config;
pub mod daemon;
pub mod simulate;

pub mod cli;
