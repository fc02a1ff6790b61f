//! What the edits say of faults that the layers below found.

use super::EditSet;
use crate::claim::Placed;
use crate::edits::checks::Check;
use crate::edits::edit::{Edit, Severity};
use crate::edits::finding::{Finding, Rejection};
use crate::schema::{Guide, schema};
use crate::x12::element::decimal;
use crate::x12::fault::At;
use crate::x12::{Fault, FaultKind};

impl EditSet {
    /// What the edit that speaks for a fault outside a transaction set says of it; `None` when that edit is off.
    #[must_use]
    pub fn finding(&self, fault: &Fault) -> Option<Finding> {
        self.say(fault, None, None)
    }

    /// The same for a fault of a segment in a set that follows a guide.
    #[must_use]
    pub fn finding_at(&self, fault: &Fault, guide: Guide, segment: Option<Placed<'_>>) -> Option<Finding> {
        self.say(fault, Some(guide), segment)
    }

    fn say(&self, fault: &Fault, guide: Option<Guide>, placed: Option<Placed<'_>>) -> Option<Finding> {
        let edit = self.for_fault(fault, guide)?;
        let mut at = fault.at;
        if let (true, Some(guide), Some(placed)) = (at.loop_id.is_empty(), guide, placed) {
            at.loop_id = schema(guide).loop_id(placed.loop_ix);
        }
        let value = match (at.element, at.component) {
            // Of a segment no guide knows, its id is all that can be named.
            (0, _) if fault.kind == FaultKind::SegmentUnknown => placed.map(|p| p.segment.id()),
            (0, _) => None,
            (e, 0) => placed.map(|p| p.segment.value(usize::from(e))),
            (e, c) => placed.map(|p| p.segment.component(usize::from(e), usize::from(c))),
        };
        let missing = value.is_none_or(<[u8]>::is_empty) || says_numbers(fault.kind);
        Some(Finding {
            edit: edit.id.clone(),
            name: edit.name.clone(),
            severity: if self.tolerances.tolerate(fault.kind) { Severity::Warn } else { edit.severity },
            owner: edit.owner,
            at: at.to_string(),
            segment: fault.segment,
            offset: fault.offset,
            r#loop: at.loop_id.to_owned(),
            element: at.element,
            component: at.component,
            repetition: at.repetition,
            shadow: self.shadow,
            fault: Some(fault.kind),
            value: value.filter(|_| !missing).map(|v| String::from_utf8_lossy(v).into_owned()),
            message: edit.message.fill(&[("fault", said(edit, fault, guide))]),
        })
    }

    /// The same for an envelope that can't be used.
    #[must_use]
    pub fn rejection(&self, fault: &Fault, level: &str, control: &str) -> Option<Rejection> {
        let Finding { edit, name, owner, at, segment, offset, message, fault, .. } = self.finding(fault)?;
        let (level, control) = (level.to_owned(), control.to_owned());
        Some(Rejection { level, control, at, segment, offset, message, edit, name, owner, fault })
    }
}

/// True for faults whose numbers say what was found.
fn says_numbers(kind: FaultKind) -> bool {
    matches!(
        kind,
        FaultKind::HierarchyNumberWrong
            | FaultKind::HierarchyParentMissing
            | FaultKind::HierarchyParentWrong
            | FaultKind::HierarchyChildWrong
            | FaultKind::HierarchyLevelUnknown
            | FaultKind::GroupClaimsDiffer
            | FaultKind::AdjustedUnitsDiffer
    ) || is_money(kind)
}

/// True for faults whose numbers are cents.
fn is_money(kind: FaultKind) -> bool {
    matches!(
        kind,
        FaultKind::LineOutOfBalance
            | FaultKind::ClaimOutOfBalance
            | FaultKind::TransactionOutOfBalance
            | FaultKind::ClaimAdjustmentRepeated
            | FaultKind::GroupChargeDiffers
            | FaultKind::AdjustmentTwice
            | FaultKind::ClaimPaymentRepeated
            | FaultKind::ProviderAdjustmentUntraceable
            | FaultKind::DebtForwardedThoughPaid
            | FaultKind::InterestNotPaid
    )
}

/// The edit's words for a fault, with its numbers and what the guide says of the place.
fn said(edit: &Edit, fault: &Fault, guide: Option<Guide>) -> String {
    let Check::Fault(faults) = &edit.check else { return String::new() };
    let money = is_money(fault.kind);
    let shown = |n: i64| match (money, n) {
        (true, n) => decimal(n),
        (false, -1) => "nothing readable".to_owned(),
        (false, n) => n.to_string(),
    };
    let entry = guide.and_then(|g| schema(g).entry_at(&fault.at));
    let name = entry.map_or("", |e| e.name);
    let loop_name = guide.and_then(|g| schema(g).loop_named(fault.at.loop_id)).map_or("", |l| l.name);
    let allowed = entry.and_then(|e| e.element_at(&fault.at)).map(|e| list(e.codes.listed()));
    let words = [
        ("expected", shown(fault.expected)),
        ("found", shown(fault.found)),
        ("place", At { loop_id: "", ..fault.at }.to_string()),
        ("name", name.to_owned()),
        ("loop", loop_name.to_owned()),
        ("allowed", allowed.unwrap_or_default()),
    ];
    faults.say(fault.kind, &words)
}

/// Codes for people to read, the first dozen of them.
fn list(codes: &[&str]) -> String {
    let shown: Vec<&str> = codes.iter().copied().take(12).collect();
    let more = if codes.len() > shown.len() { ", ..." } else { "" };
    format!("{}{more}", shown.join(", "))
}
