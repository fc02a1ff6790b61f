//! claimloop: scrubs outbound 837 claim files, holds what is faulty, reads the 835s that come back into a denial
//! history. Modules in the order data flows; each may use only those before it (`tests/architecture.rs`).

// A slice of text that isn't cut between characters panics; tests may.
#![cfg_attr(not(test), deny(clippy::string_slice))]

// What may not be printed.
pub mod phi;
// Bytes to segments and back.
pub mod x12;
// Implementation guides as data: where a segment stands.
pub mod schema;
// What an 837 means.
pub mod claim;
// What an 835 means, and whether it balances.
pub mod remit;
// Dated code sets.
pub mod codes;
// Payer packs.
pub mod payers;
// Edits as data, and the check kinds they name.
pub mod edits;
// Bytes and edits to verdicts, and to the claims that leave.
pub mod scrub;
// Acknowledgements: TA1, 999, 277CA.
pub mod acks;
// Every log event, named once.
pub mod events;
// Files and records sealed at rest.
pub mod seal;
// The machine: its files, its clock, chance.
pub mod world;
// What happened, written down before its effect.
pub mod journal;
// Received files by their hash.
pub mod archive;
// sled as a view of the journal.
pub mod store;
// Imported code sets in their folder.
pub mod imports;
// Payments, adjustments, denials.
pub mod history;
// Held claims.
pub mod holds;
// No claim lost, none doubled, over the whole history.
pub mod reconcile;
// Detectors over weekly counts.
pub mod trends;
// Tables and charts, and the formats they are written in.
pub mod sheets;
// What is due to which team, once.
pub mod alerts;
// The weekly meeting.
pub mod huddle;
// Settings.
pub mod config;
// Alerts to the servers of others.
pub mod sinks;
// Folders in, folders out, across crashes.
pub mod daemon;
// The workbench: held claims in a browser.
pub mod web;
// Made-up claims and the answers to them.
pub mod simulate;
// The command line.
pub mod cli;
