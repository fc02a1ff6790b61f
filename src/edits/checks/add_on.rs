//! `[check.add_on]`: a code that only adds to another stands beside one it may add to.

use super::services::earlier;
use super::{Found, Report, Tables};
use crate::claim::{Claim, Part};
use crate::codes::Kind;

/// In place of a primary code where the payer decides which.
const PAYER_DECIDES: &[u8] = b"CCCCC";

pub(super) fn run<'a>(claim: &Claim<'a>, tables: &Tables<'_>, report: Report<'_, 'a>) {
    let Some(pairs) = tables.codes.pairs(Kind::AddOn) else { return };
    if claim.is_inpatient() {
        return;
    }
    let services = claim.services();
    for add_on in services {
        let day = add_on.days.0;
        if !pairs.begins(add_on.code, day) || pairs.on(add_on.code, PAYER_DECIDES, day).is_some() {
            continue;
        }
        let beside = services.iter().filter(|s| s.same_day(add_on));
        let adds_to = |primary: &[u8]| pairs.on(add_on.code, primary, day).is_some();
        let here = beside.clone().any(|primary| adds_to(primary.code));
        if !here && !earlier(add_on, claim, tables).iter().any(|e| adds_to(e.code())) {
            let words = vec![("code", add_on.name())];
            let at = add_on.at(Part::Code).to_owned();
            report(Found { placed: Some(*add_on.placed), at, value: Some(add_on.code), words });
        }
    }
}
