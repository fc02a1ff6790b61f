//! Dated code sets, compiled in.

pub mod icd10cm;
