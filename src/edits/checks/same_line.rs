//! `[check.same_line]`: a line that says the same as one before it.

use super::services::{APART, earlier};
use super::{Found, Report, Tables};
use crate::claim::{Claim, Part};

/// Modifiers that say a service was done again.
const AGAIN: &[&str] = &["76", "77", "91"];

pub(super) fn run<'a>(claim: &Claim<'a>, tables: &Tables<'_>, report: Report<'_, 'a>) {
    let services = claim.services();
    for (n, service) in services.iter().enumerate() {
        if service.has(AGAIN) || service.has(APART) {
            continue;
        }
        let said = service.said();
        // The first that repeats speaks for those behind it.
        let here = services.iter().take(n).filter(|other| other.said() == said).count();
        let before = || here == 0 && earlier(service, claim, tables).iter().any(|e| e.said == said);
        if here == 1 || before() {
            let words = vec![("code", service.name())];
            let at = service.at(Part::Code).to_owned();
            report(Found { placed: Some(*service.placed), at, value: Some(service.code), words });
        }
    }
}
