//! Procedures by the service they are, in our words: the ranges of the code sets' own sections.

/// What a claim as a whole was refused for.
pub const WHOLE: &str = "whole claims";

/// First and last code of a range of five digits.
const RANGES: &[(u32, u32, &str)] = &[
    (100, 1999, "anesthesia"),
    (10004, 69990, "surgery"),
    (70010, 79999, "imaging"),
    (80047, 89398, "laboratory"),
    (90281, 90749, "vaccines"),
    (90785, 90899, "psychotherapy"),
    (90901, 90999, "dialysis"),
    (91010, 91299, "gastroenterology"),
    (92002, 92499, "eye care"),
    (92502, 92700, "hearing and speech"),
    (92920, 93799, "heart studies"),
    (93880, 93998, "vessel studies"),
    (94002, 94799, "lung studies"),
    (95004, 95199, "allergy care"),
    (95700, 96020, "nerve and sleep studies"),
    (96105, 96171, "tests of mind and behaviour"),
    (96360, 96549, "infusions and injections"),
    (97010, 97799, "physical and occupational therapy"),
    (97802, 97814, "nutrition and acupuncture"),
    (98925, 98943, "manipulation"),
    (99202, 99215, "office visits"),
    (99217, 99239, "hospital visits"),
    (99242, 99255, "consultations"),
    (99281, 99292, "emergency and critical care"),
    (99304, 99350, "visits in homes and facilities"),
    (99381, 99429, "preventive visits"),
    (99441, 99499, "management of care"),
];

/// The service a procedure is.
#[must_use]
pub fn of(procedure: &str) -> &'static str {
    if procedure.is_empty() {
        return WHOLE;
    }
    let first = procedure.chars().next().unwrap_or_default();
    if first.is_ascii_digit() {
        let number = procedure.get(..5).and_then(|digits| digits.parse::<u32>().ok());
        let range = |n: u32| RANGES.iter().find(|(from, to, _)| (*from..=*to).contains(&n));
        return match number.and_then(range) {
            Some((_, _, service)) => service,
            // Category II and III end in a letter.
            None if procedure.ends_with('T') => "new technologies",
            None => "other services",
        };
    }
    match first {
        'A' => "transport and supplies",
        'D' => "dental services",
        'E' | 'K' => "equipment",
        'G' => "services Medicare names",
        'H' | 'T' => "behavioral health and Medicaid services",
        'J' => "drugs",
        'L' => "braces and prostheses",
        'Q' => "temporary codes",
        'V' => "vision and hearing devices",
        _ => "other services",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_follow_each_other_and_name_what_is_common() {
        for pair in RANGES.windows(2) {
            assert!(pair[0].0 <= pair[0].1 && pair[0].1 < pair[1].0, "{pair:?}");
        }
        let known = [
            ("99213", "office visits"),
            ("97110", "physical and occupational therapy"),
            ("71046", "imaging"),
            ("J1100", "drugs"),
            ("D1110", "dental services"),
            ("0042T", "new technologies"),
            ("", WHOLE),
            ("1234é", "other services"),
        ];
        for (code, service) in known {
            assert_eq!(of(code), service, "{code}");
        }
    }
}
