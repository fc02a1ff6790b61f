//! `[check.same_line]`: a line that says the same as one before it.

use super::services::{APART, Part, Service, services};
use super::{Found, Report};
use crate::claim::{Claim, Placed};

/// Modifiers that say a service was done again.
const AGAIN: &[&str] = &["76", "77", "91"];

/// What a line says, its own number aside.
fn said<'a>(service: &Service<'a>) -> impl Iterator<Item = &'a [u8]> {
    let numbers = |p: &&Placed<'_>| {
        p.segment.id() == b"LX" || (p.segment.id() == b"REF" && p.segment.value(1) == b"6R")
    };
    service.line.iter().filter(move |p| !numbers(p)).map(|p| p.segment.text())
}

pub(super) fn run<'a>(claim: &Claim<'a>, report: Report<'_, 'a>) {
    let services = services(claim);
    for (n, service) in services.iter().enumerate() {
        let apart = service.has(AGAIN) || service.has(APART);
        let same = || services.iter().take(n).filter(|other| said(other).eq(said(service)));
        // The first that repeats speaks for those behind it.
        if !apart && same().count() == 1 {
            let words = vec![("code", service.name())];
            let at = service.at(Part::Code).to_owned();
            report(Found { placed: Some(*service.placed), at, value: Some(service.code), words });
        }
    }
}
