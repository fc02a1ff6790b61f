//! Runs the remittance edits over an 835.

use crate::edits::{EditSet, Finding};
use crate::remit::Remittance;
use crate::schema::Guide;
use crate::x12::Fault;

/// What the edits say of one remittance, in file order.
#[must_use]
pub fn findings(remittance: &Remittance, edits: &EditSet) -> Vec<Finding> {
    let said = remittance.faults.iter().filter_map(|(loop_id, fault)| {
        edits.finding_at(&Fault { at: fault.at.in_loop(loop_id), ..*fault }, Guide::Remittance, None)
    });
    let mut findings: Vec<Finding> = said.collect();
    findings.sort_by(|a, b| (a.offset, &a.edit).cmp(&(b.offset, &b.edit)));
    findings
}
