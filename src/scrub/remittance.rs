//! Runs the remittance edits over an 835.

use crate::edits::{EditSet, Finding};
use crate::remit::Remittance;

/// What the edits say of one remittance, in file order.
#[must_use]
pub fn findings(remittance: &Remittance, edits: &EditSet) -> Vec<Finding> {
    let said = remittance.faults.iter().filter_map(|(loop_id, fault)| edits.finding(fault, loop_id));
    let mut findings: Vec<Finding> = said.collect();
    findings.sort_by(|a, b| (a.offset, &a.edit).cmp(&(b.offset, &b.edit)));
    findings
}
