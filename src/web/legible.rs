//! Values of elements as people read them: days, dollars, and words for codes.

use super::say::dollars;
use crate::x12::element::amount;

/// `10/21/2026` of `20261021`; a stretch of days with `to`.
pub fn date(text: &str) -> String {
    let one = |t: &str| match (t.get(..4), t.get(4..6), t.get(6..8), t.get(8..10), t.get(10..12)) {
        (Some(year), Some(month), Some(day), _, _) if t.len() == 8 => format!("{month}/{day}/{year}"),
        (Some(year), Some(month), Some(day), Some(hour), Some(minute)) if t.len() == 12 => {
            format!("{month}/{day}/{year} {hour}:{minute}")
        }
        _ => t.to_owned(),
    };
    text.split('-').map(one).collect::<Vec<_>>().join(" to ")
}

/// Dollars of a decimal.
pub fn money(text: &str) -> String {
    amount(text.as_bytes()).map_or_else(|| text.to_owned(), dollars)
}

/// As it stands.
pub fn same(text: &str) -> String {
    text.to_owned()
}

/// CLM05-3 with its word.
pub fn frequency(text: &str) -> String {
    let word = match text {
        "1" => "original",
        "7" => "replacement",
        "8" => "void",
        _ => return text.to_owned(),
    };
    format!("{text} ({word})")
}

/// PAT01 as a word.
pub fn relation(text: &str) -> String {
    let word = match text {
        "01" => "Spouse",
        "18" => "Self",
        "19" => "Child",
        "20" => "Employee",
        "21" => "Unknown",
        "39" => "Organ donor",
        "40" => "Cadaver donor",
        "53" => "Life partner",
        "G8" => "Other",
        other => other,
    };
    word.to_owned()
}

/// DMG03 as a word.
pub fn sex(text: &str) -> String {
    let word = match text {
        "F" => "Female",
        "M" => "Male",
        "U" => "Unknown",
        other => other,
    };
    word.to_owned()
}
