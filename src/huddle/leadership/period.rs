//! Months and quarters as weeks of payment: a week belongs where its Thursday lies.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::monday;
use crate::remit::week;

/// A month or a quarter, and the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// `2026-10`, `2026-Q3`.
    pub name: String,
    /// `October 2026`, `the third quarter of 2026`.
    pub title: String,
    /// `month` or `quarter`.
    pub word: &'static str,
    /// First and last ISO week.
    pub weeks: (String, String),
    /// Those of the one before.
    pub before: (String, String),
}

impl Period {
    /// Of its name; none where it is no month and no quarter.
    pub(super) fn parse(name: &str) -> Option<Period> {
        let (year, rest) = name.split_once('-')?;
        let year: i16 = year.parse().ok().filter(|y| (1900..=9998).contains(y))?;
        let (first, months, word) = match rest.strip_prefix('Q') {
            Some(number) => {
                let number: i8 = number.parse().ok().filter(|n| (1..=4).contains(n))?;
                (date(year, 3 * number - 2, 1), 3, "quarter")
            }
            None if rest.len() == 2 => {
                let month: i8 = rest.parse().ok().filter(|m| (1..=12).contains(m))?;
                (date(year, month, 1), 1, "month")
            }
            None => return None,
        };
        let ordinal = ["first", "second", "third", "fourth"];
        let title = if word == "quarter" {
            let nth = ordinal.get(usize::try_from(first.month() / 3).ok()?)?;
            format!("the {nth} quarter of {year}")
        } else {
            first.strftime("%B %Y").to_string()
        };
        let next = first.checked_add(months.months()).ok()?;
        let earlier = first.checked_sub(months.months()).ok()?;
        let (weeks, before) = (weeks(first, next), weeks(earlier, first));
        Some(Period { name: name.to_owned(), title, word, weeks, before })
    }

    /// 0 for a week of the period, 1 for one of the period before.
    pub(super) fn which(&self, week: &str) -> Option<usize> {
        let is_in = |(from, to): &(String, String)| from.as_str() <= week && week <= to.as_str();
        [&self.weeks, &self.before].into_iter().position(is_in)
    }

    /// How many weeks it has.
    pub(super) fn len(&self) -> i32 {
        let days = monday(&self.weeks.0).zip(monday(&self.weeks.1)).and_then(|(a, b)| b.since(a).ok());
        days.map_or(0, |span| span.get_days() / 7 + 1)
    }
}

/// Weeks whose Thursday lies from one day on and before another.
fn weeks(from: Date, to: Date) -> (String, String) {
    let first = from.checked_add(3.days()).unwrap_or(from);
    let last = to.checked_sub(4.days()).unwrap_or(to);
    (week(first), week(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_week_belongs_to_one_month_and_one_quarter() {
        let october = Period::parse("2026-10").unwrap();
        // October 1, 2026 is a Thursday, and November 1 a Sunday.
        assert_eq!(october.weeks, ("2026-W40".into(), "2026-W44".into()));
        assert_eq!(october.before, ("2026-W36".into(), "2026-W39".into()));
        assert_eq!((october.len(), october.title.as_str()), (5, "October 2026"));
        assert_eq!((october.which("2026-W44"), october.which("2026-W39")), (Some(0), Some(1)));
        assert_eq!(october.which("2026-W45"), None);
        let mut last = String::new();
        for month in 1..=12 {
            let period = Period::parse(&format!("2026-{month:02}")).unwrap();
            assert!(last.is_empty() || period.before.1 == last, "{month}");
            last = period.weeks.1;
        }
        let quarter = Period::parse("2026-Q4").unwrap();
        assert_eq!(quarter.title, "the fourth quarter of 2026");
        assert_eq!((quarter.weeks.0.as_str(), quarter.len()), ("2026-W40", 14));
        for wrong in ["2026", "2026-13", "2026-Q5", "2026-1", "x-Q1", "2026-W46"] {
            assert_eq!(Period::parse(wrong), None, "{wrong}");
        }
    }
}
