//! Weeks of the pack: ISO weeks, written `2026-W46`.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::history::first_day;
use crate::remit::week;

/// The last ISO week that was over before a day.
#[must_use]
pub fn last_whole(today: Date) -> String {
    let monday = first_day(&week(today)).unwrap_or(today);
    monday.checked_sub(1.day()).map(week).unwrap_or_default()
}

/// The Sunday an ISO week ends with.
#[must_use]
pub fn last_day(of: &str) -> Option<Date> {
    first_day(of)?.checked_add(6.days()).ok()
}

/// The week so many weeks later; earlier where negative. Empty where there is none.
#[must_use]
pub fn shifted(from: &str, weeks: i64) -> String {
    let moved = first_day(from).and_then(|monday| monday.checked_add((7 * weeks).days()).ok());
    moved.map(week).unwrap_or_default()
}

/// So many weeks up to one, and it, oldest first.
#[must_use]
pub fn back(to: &str, n: usize) -> Vec<String> {
    (0..n as i64).rev().map(|back| shifted(to, -back)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn weeks_follow_each_other_over_new_year() {
        assert_eq!(last_whole(date(2026, 11, 22)), "2026-W46", "a Sunday's own week is not over");
        assert_eq!(last_whole(date(2026, 11, 23)), "2026-W47");
        assert_eq!(back("2027-W01", 3), ["2026-W52", "2026-W53", "2027-W01"]);
        assert_eq!(last_day("2026-W46"), Some(date(2026, 11, 15)));
        assert_eq!(shifted("nonsense", 1), "");
    }
}
