//! The edits in force: looked up by id or fault, run over claims.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use super::checks::{Check, Found, Tables};
use super::edit::{Edit, Status};
use super::finding::{Finding, Rejection};
use super::load::{self, LoadError, Reason};
use crate::claim::Claim;
use crate::x12::element::decimal;
use crate::x12::{Fault, FaultKind};

/// A checked set of edits.
#[derive(Debug)]
pub struct EditSet {
    edits: Vec<Edit>,
    hash: String,
    drafts: bool,
}

impl EditSet {
    /// The edits compiled into the binary.
    ///
    /// # Errors
    /// The first file that doesn't hold together.
    pub fn shipped() -> Result<EditSet, LoadError> {
        let mut edits: Vec<Edit> = Vec::new();
        let mut names = HashSet::new();
        let mut digest = Sha256::new();
        for (file, bytes) in load::shipped() {
            let edit = load::read(file, bytes)?;
            for (what, value) in [("id", &edit.id), ("name", &edit.name)] {
                if !names.insert(value.clone()) {
                    let reason = Reason::Repeated { what, value: value.clone() };
                    return Err(LoadError { file: (*file).to_owned(), reason });
                }
            }
            digest.update(file.as_bytes());
            digest.update(bytes);
            edits.push(edit);
        }
        let hash = digest.finalize().iter().map(|b| format!("{b:02x}")).collect();
        Ok(EditSet { edits, hash, drafts: false })
    }

    /// The same set without one edit.
    #[must_use]
    pub fn without(mut self, id: &str) -> EditSet {
        self.edits.retain(|e| e.id != id);
        self
    }

    /// The same set with drafts in force, as their examples need them.
    #[must_use]
    pub fn with_drafts(mut self) -> EditSet {
        self.drafts = true;
        self
    }

    /// SHA-256 over the files, in hex: the definition of clean.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Every edit, by path.
    #[must_use]
    pub fn edits(&self) -> &[Edit] {
        &self.edits
    }

    /// One edit.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Edit> {
        self.edits.iter().find(|e| e.id == id)
    }

    /// Edits in force.
    pub fn active(&self) -> impl Iterator<Item = &Edit> {
        self.edits.iter().filter(|e| e.status == Status::Active || (self.drafts && e.status == Status::Draft))
    }

    /// The active edit that speaks for a fault.
    #[must_use]
    pub fn for_fault(&self, kind: FaultKind) -> Option<&Edit> {
        self.active().find(|e| e.check.faults().contains(&kind))
    }

    /// Runs every active edit over a claim.
    pub fn run<'a>(&self, claim: &Claim<'a>, tables: &Tables, findings: &mut Vec<Finding>) {
        let guide = claim.guide();
        for edit in self.active().filter(|e| e.applies.contains(&guide)) {
            if !in_force(edit, claim) {
                continue;
            }
            edit.check.run(claim, tables, &mut |found| findings.push(edit.finding(found)));
        }
        findings.sort_by(|a, b| (a.offset, &a.edit).cmp(&(b.offset, &b.edit)));
    }

    /// What the edit that speaks for a fault says of it; `None` when that edit is off. `loop_id` is where the
    /// segment stands.
    #[must_use]
    pub fn finding(&self, fault: &Fault, loop_id: &str) -> Option<Finding> {
        let edit = self.for_fault(fault.kind)?;
        let at = format!("{loop_id} {}", fault.at).trim().to_owned();
        let (segment, offset) = (fault.segment, fault.offset);
        let message = edit.message.fill(&[("fault", said(edit, fault))]);
        let (id, name) = (edit.id.clone(), edit.name.clone());
        let (severity, owner) = (edit.severity, edit.owner);
        Some(Finding { edit: id, name, severity, owner, at, segment, offset, value: None, message })
    }

    /// The same for an envelope that can't be used.
    #[must_use]
    pub fn rejection(&self, fault: &Fault, level: &str, control: &str) -> Option<Rejection> {
        let Finding { edit, name, owner, at, segment, offset, message, .. } = self.finding(fault, "")?;
        let (level, control) = (level.to_owned(), control.to_owned());
        Some(Rejection { level, control, at, segment, offset, message, edit, name, owner })
    }
}

/// True on the claim's dates of service.
fn in_force(edit: &Edit, claim: &Claim<'_>) -> bool {
    if edit.dates == (None, None) {
        return true;
    }
    claim.service_dates().is_none_or(|(first, last)| {
        edit.dates.0.is_none_or(|from| last >= from) && edit.dates.1.is_none_or(|to| first <= to)
    })
}

/// The edit's words for a fault, with its numbers.
fn said(edit: &Edit, fault: &Fault) -> String {
    let Check::Fault(faults) = &edit.check else { return String::new() };
    let money = matches!(
        fault.kind,
        FaultKind::LineOutOfBalance | FaultKind::ClaimOutOfBalance | FaultKind::TransactionOutOfBalance
    );
    let shown = |n: i64| match (money, n) {
        (true, n) => decimal(n),
        (false, -1) => "nothing readable".to_owned(),
        (false, n) => n.to_string(),
    };
    faults.say(fault.kind, shown(fault.expected), shown(fault.found))
}

impl Edit {
    fn finding(&self, found: Found<'_>) -> Finding {
        Finding {
            edit: self.id.clone(),
            name: self.name.clone(),
            severity: self.severity,
            owner: self.owner,
            segment: found.placed.map_or(0, |p| p.ordinal),
            offset: found.placed.map_or(0, |p| p.offset),
            value: found.value.map(|v| String::from_utf8_lossy(v).into_owned()),
            message: self.message.fill(&found.words),
            at: found.at,
        }
    }
}
