//! Days, weeks and how X12 writes them.

use jiff::SignedDuration;
use jiff::civil::Date;

/// The days in which services fall, both included.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub(super) first: Date,
    pub(super) last: Date,
}

/// `count` days after `date`, before it when negative.
pub(super) fn plus(date: Date, count: i64) -> Date {
    date.saturating_add(SignedDuration::from_secs(count.saturating_mul(86_400)))
}

/// Whole days from `earlier` to `later`.
pub(super) fn days_between(earlier: Date, later: Date) -> i64 {
    later.duration_since(earlier).as_secs() / 86_400
}

/// `CCYYMMDD`.
pub(super) fn compact(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
}

/// `YYMMDD`, as ISA09 wants it.
pub(super) fn short(date: Date) -> String {
    format!("{:02}{:02}{:02}", date.year().rem_euclid(100), date.month(), date.day())
}

/// The ISO week, such as `2026-W46`.
pub(super) fn week(date: Date) -> String {
    let week = date.iso_week_date();
    format!("{:04}-W{:02}", week.year(), week.week())
}

/// The last Sunday that is not after `date`.
pub(super) fn sunday(date: Date) -> Date {
    plus(date, -i64::from(date.weekday().to_sunday_zero_offset()))
}
