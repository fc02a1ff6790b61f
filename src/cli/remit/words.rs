//! Numbers, dates and codes as people who bill read them.

use jiff::civil::Date;

/// `11/16/2026`; nothing for no date.
pub(super) fn day(date: Option<Date>) -> String {
    date.map(|d| d.strftime("%m/%d/%Y").to_string()).unwrap_or_default()
}

/// One day, or the first and the last.
pub(super) fn days(dates: Option<(Date, Date)>) -> String {
    match dates {
        Some((from, to)) if from != to => format!("{} to {}", day(Some(from)), day(Some(to))),
        dates => day(dates.map(|d| d.0)),
    }
}

/// Millionths as people write a number: `2`, `0.5`.
pub(super) fn quantity(millionths: i64) -> String {
    let sign = if millionths < 0 { "-" } else { "" };
    let size = millionths.unsigned_abs();
    let text = format!("{sign}{}.{:06}", size / 1_000_000, size % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `1 unit`, `2.5 units`.
pub(super) fn units(millionths: i64) -> String {
    format!("{} unit{}", quantity(millionths), if millionths == 1_000_000 { "" } else { "s" })
}

/// Who owes what a group code adjusts.
pub(super) fn who_owes(group: &str) -> &'static str {
    match group {
        "CO" => "the provider bears it",
        "PR" => "patient owes",
        "OA" => "neither provider nor patient",
        "PI" => "cut by the payer",
        _ => "group not known",
    }
}

/// How money moves (BPR04), before its number.
pub(super) fn method(code: &str) -> &'static str {
    match code {
        "ACH" => "by transfer (EFT)",
        "CHK" => "by check",
        "FWT" => "by wire",
        "BOP" => "as the bank chooses",
        "NON" => "no money moves, advice",
        _ => "number",
    }
}

/// What kind of id a qualifier names.
pub(super) fn id_kind(code: &str) -> &'static str {
    match code {
        "XX" => "NPI ",
        "FI" => "tax id ",
        "XV" => "plan ",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert_eq!([1_000_000, 500_000, -2_000_000, 0].map(quantity), ["1", "0.5", "-2", "0"]);
        assert_eq!([1_000_000, 2_500_000].map(units), ["1 unit", "2.5 units"]);
    }

    #[test]
    fn spans_of_days() {
        let date = jiff::civil::date;
        assert_eq!(days(Some((date(2026, 10, 5), date(2026, 10, 5)))), "10/05/2026");
        assert_eq!(days(Some((date(2026, 10, 5), date(2026, 10, 6)))), "10/05/2026 to 10/06/2026");
        assert_eq!(days(None), "");
    }
}
