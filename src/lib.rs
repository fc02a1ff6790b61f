//! claimloop: scrubs outbound 837 claim files, holds what is faulty, reads the 835s that come back into a denial
//! history. Modules in the order data flows; each may use only those before it.

pub mod x12;
pub mod schema;
pub mod claim;
pub mod remit;
pub mod codes;
pub mod edits;
pub mod scrub;
pub mod simulate;
