//! `[check.pointer]`: a line's diagnosis pointers name diagnoses of the claim, each once (SV107, SV311).

use super::{Found, Report};
use crate::claim::Claim;
use crate::x12::element::integer;

pub(super) fn run<'a>(claim: &Claim<'a>, report: Report<'_, 'a>) {
    // Of an older list, that it is one is another edit's to tell.
    let listed = |q: &[u8]| matches!(q, b"ABK" | b"ABF" | b"BK" | b"BF");
    let diagnoses = claim.health_codes().filter(|d| listed(d.qualifier)).count();
    for line in claim.lines() {
        let Some((placed, element)) = line.pointers() else { continue };
        let value = placed.segment.value(element);
        let pointers = value.split(|b| *b == placed.segment.delimiters().component);
        let mut seen = 0u128;
        for pointer in pointers.filter(|p| !p.is_empty()) {
            // A claim has twelve diagnoses at most; of more, one too many is another edit's to tell.
            let number = integer(pointer).and_then(|n| usize::try_from(n).ok());
            let bit = number.filter(|n| (1..=diagnoses.min(127)).contains(n)).map(|n| 1u128 << n);
            if let Some(bit) = bit.filter(|bit| seen & bit == 0) {
                seen |= bit;
                continue;
            }
            let at = format!("2400 {}{element:02}", String::from_utf8_lossy(placed.segment.id()));
            let pointer = String::from_utf8_lossy(pointer).into_owned();
            let words = vec![("pointer", pointer), ("diagnoses", diagnoses.to_string())];
            report(Found { placed: Some(*placed), at, value: Some(value), words });
            break;
        }
    }
}
