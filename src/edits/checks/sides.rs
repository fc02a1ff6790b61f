//! The side of the body that a line's modifier names, against the sides of the diagnoses it was done for.

use super::diagnosis::{Told, name};
use super::{Found, Report};
use crate::claim::{Claim, Line, Part, Service};
use crate::schema::Guide;
use crate::x12::element::integer;

/// Diagnoses whose side needn't be that of the service: paralysis, vessels of the brain, and what only tells how the patient is.
const ELSEWHERE: [&[u8]; 4] = [b"G8", b"I6", b"H53", b"Z"];

/// The side a modifier names: of the body, or of an eyelid, a finger, a toe there.
fn side(modifier: &[u8]) -> Option<char> {
    match modifier {
        b"RT" | b"E3" | b"E4" | b"F5" | b"F6" | b"F7" | b"F8" | b"F9" => Some('R'),
        b"T5" | b"T6" | b"T7" | b"T8" | b"T9" => Some('R'),
        b"LT" | b"E1" | b"E2" | b"FA" | b"F1" | b"F2" | b"F3" | b"F4" => Some('L'),
        b"TA" | b"T1" | b"T2" | b"T3" | b"T4" => Some('L'),
        _ => None,
    }
}

/// True where a line names a side.
pub(super) fn named(claim: &Claim<'_>) -> bool {
    let names = |line: Line<'_>| {
        line.service().is_some_and(|placed| {
            let composite = if placed.segment.id() == b"SV2" { 2 } else { 1 };
            (3..=6).any(|n| side(placed.segment.component(composite, n)).is_some())
        })
    };
    claim.lines().any(names)
}

/// The one side a service was done on, and which modifier says so.
fn of_service(service: &Service<'_>) -> Option<(char, usize)> {
    if service.has(&["50"]) {
        return None;
    }
    let mut sides = service.modifiers.iter().enumerate().filter_map(|(n, m)| Some((side(m)?, n)));
    let first = sides.next()?;
    sides.all(|(other, _)| other == first.0).then_some(first)
}

/// Lines of which every diagnosis that has a side has the other one.
pub(super) fn run<'a>(claim: &Claim<'a>, told: &[Told<'a, '_>], report: Report<'_, 'a>) {
    for service in claim.services() {
        let Some((side, modifier)) = of_service(service) else { continue };
        let pointers = pointers(service);
        let counts = |t: &&Told<'a, '_>| {
            let meant = claim.guide() == Guide::Institutional || pointers.contains(&t.number);
            meant && !ELSEWHERE.iter().any(|start| t.diagnosis.code.starts_with(start))
        };
        let other = if side == 'R' { 'L' } else { 'R' };
        let own = told.iter().filter(counts);
        // What is of both sides, or leaves its side open, may be of this one.
        if own.clone().any(|t| t.says(side) || t.says('B') || t.says('U')) {
            continue;
        }
        if let Some(wrong) = own.clone().find(|t| t.says(other)) {
            let word = |side: char| if side == 'R' { "right" } else { "left" }.to_owned();
            let words = vec![
                ("code", service.name()),
                ("side", word(side)),
                ("diagnosis", name(&wrong.diagnosis)),
                ("other", word(other)),
            ];
            let value = service.modifiers.get(modifier).copied();
            let at = service.at(Part::Modifier(modifier)).to_owned();
            report(Found { placed: Some(*service.placed), at, value, words });
        }
    }
}

/// The diagnoses a line points at, from 1.
pub(super) fn pointers(service: &Service<'_>) -> Vec<usize> {
    let Some((placed, element)) = (Line { segments: service.line }).pointers() else { return Vec::new() };
    let component = placed.segment.delimiters().component;
    let numbers = placed.segment.value(element).split(|b| *b == component).filter_map(integer);
    numbers.filter_map(|n| usize::try_from(n).ok()).collect()
}
