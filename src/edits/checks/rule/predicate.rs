//! What may be asked of a value.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

use super::condition::{Scope, Scoped};
use super::shape::Shapes;
use crate::claim::Hit;
use crate::codes::{Answer, Kind};
use crate::schema::{Codes, PathError};
use crate::x12::element::{date_range, millionths};

/// One thing asked of a value. What can't be read as a number or a date is another edit's to tell, and passes.
#[derive(Debug)]
pub enum Predicate {
    Is(Codes<String>),
    IsNot(Codes<String>),
    Shape(Shapes),
    Contains(Vec<String>),
    Lacks(Vec<String>),
    LengthAtMost(usize),
    Above(Limit),
    AtLeast(Limit),
    Below(Limit),
    AtMost(Limit),
    NotBefore(Day),
    NotAfter(Day),
    AgeAtMost(i32),
    SameAs(Scoped),
    DiffersFrom(Scoped),
    /// Of a segment: no element is empty before a filled one.
    NoGaps,
    Listed(Kind, On),
}

/// Which day of service a code must be valid on.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum On {
    #[default]
    First,
    Last,
}

/// A number as written, or a place where one stands.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Bound {
    /// Whole.
    Number(i64),
    /// A path.
    Path(String),
}

/// A number in millionths, or where one stands.
#[derive(Debug)]
pub enum Limit {
    Fixed(i64),
    At(Box<Scoped>),
}

/// A day, or where one stands.
#[derive(Debug)]
pub enum Day {
    Today,
    Birth,
    At(Box<Scoped>),
}

impl Bound {
    pub(super) fn compile(
        &self,
        place: impl Fn(&str) -> Result<Scoped, PathError>,
    ) -> Result<Limit, PathError> {
        Ok(match self {
            Bound::Number(n) => Limit::Fixed(n.saturating_mul(1_000_000)),
            Bound::Path(path) => Limit::At(Box::new(place(path)?)),
        })
    }

    pub(super) fn date(
        text: &str,
        place: impl Fn(&str) -> Result<Scoped, PathError>,
    ) -> Result<Day, PathError> {
        Ok(match text {
            "today" => Day::Today,
            "birth" => Day::Birth,
            path => Day::At(Box::new(place(path)?)),
        })
    }
}

impl Limit {
    fn of(&self, scope: &Scope<'_, '_>) -> Option<i64> {
        match self {
            Limit::Fixed(n) => Some(*n),
            Limit::At(place) => place.filled(scope).find_map(|h| millionths(h.value)),
        }
    }

    fn text(&self, scope: &Scope<'_, '_>) -> String {
        match self {
            Limit::Fixed(n) => (n / 1_000_000).to_string(),
            Limit::At(place) => first(place, scope),
        }
    }
}

impl Day {
    fn span(&self, scope: &Scope<'_, '_>) -> Option<(Date, Date)> {
        match self {
            Day::Today => Some((scope.tables.today, scope.tables.today)),
            Day::Birth => scope.claim.birth().and_then(|b| b.date()).map(|d| (d, d)),
            Day::At(place) => {
                place.filled(scope).find_map(|h| date_range(h.value).filter(|(from, to)| from <= to))
            }
        }
    }
}

fn first(place: &Scoped, scope: &Scope<'_, '_>) -> String {
    let value = place.filled(scope).next().map(|h| h.value);
    String::from_utf8_lossy(value.unwrap_or_default()).into_owned()
}

impl Predicate {
    /// True when it holds for a value.
    pub(super) fn holds(&self, hit: &Hit<'_>, scope: &Scope<'_, '_>) -> bool {
        let value = hit.value;
        let against = |limit: &Limit, good: fn(i64, i64) -> bool| {
            let Some(number) = millionths(value) else { return true };
            limit.of(scope).is_none_or(|limit| good(number, limit))
        };
        match self {
            Predicate::Is(codes) => codes.contains(value),
            Predicate::IsNot(codes) => !codes.contains(value),
            Predicate::Shape(shapes) => shapes.fit(value),
            Predicate::Contains(words) => contains(value, words),
            Predicate::Lacks(words) => !contains(value, words),
            Predicate::LengthAtMost(most) => value.len() <= *most,
            Predicate::Above(limit) => against(limit, |n, l| n > l),
            Predicate::AtLeast(limit) => against(limit, |n, l| n >= l),
            Predicate::Below(limit) => against(limit, |n, l| n < l),
            Predicate::AtMost(limit) => against(limit, |n, l| n <= l),
            Predicate::NotBefore(_) | Predicate::NotAfter(_) | Predicate::AgeAtMost(_) => {
                self.day_at_fault(value, scope).is_none()
            }
            Predicate::SameAs(place) => place.any(scope, |h| h.value == value),
            Predicate::DiffersFrom(place) => !place.any(scope, |h| h.value == value),
            Predicate::Listed(kind, on) => {
                let answer = scope.tables.codes.on(*kind, value, scope.day(*on));
                answer.is_none_or(|answer| answer == Answer::Valid)
            }
            Predicate::NoGaps => {
                let filled = hit.placed.segment.elements().map(|value| !value.is_empty());
                filled.skip_while(|filled| *filled).all(|filled| !filled)
            }
        }
    }

    /// The day of a date or span that is too early or too late.
    pub(super) fn day_at_fault(&self, value: &[u8], scope: &Scope<'_, '_>) -> Option<Date> {
        let span = || date_range(value);
        match self {
            Predicate::NotBefore(day) => {
                let ((from, _), (first, _)) = (span()?, day.span(scope)?);
                (from < first).then_some(from)
            }
            Predicate::NotAfter(day) => {
                let ((_, to), (_, last)) = (span()?, day.span(scope)?);
                (to > last).then_some(to)
            }
            Predicate::AgeAtMost(years) => {
                let (birth, _) = Day::Birth.span(scope)?;
                let (from, to) = span()?;
                [from, to].into_iter().find(|day| is_older(birth, *day, *years))
            }
            Predicate::Listed(_, on) => Some(scope.day(*on)),
            _ => None,
        }
    }

    /// The code set it asks.
    pub(super) fn needs(&self) -> Option<Kind> {
        match self {
            Predicate::Listed(kind, _) => Some(*kind),
            _ => None,
        }
    }

    /// Where something must stand for it to fail, besides the value.
    pub(super) fn held_against(&self) -> Option<&Scoped> {
        match self {
            Predicate::Above(Limit::At(place))
            | Predicate::AtLeast(Limit::At(place))
            | Predicate::Below(Limit::At(place))
            | Predicate::AtMost(Limit::At(place))
            | Predicate::NotBefore(Day::At(place))
            | Predicate::NotAfter(Day::At(place)) => Some(place),
            Predicate::DiffersFrom(place) => Some(place),
            _ => None,
        }
    }

    /// True where what values are held against may tell of a person.
    pub(super) fn against_personal(&self) -> bool {
        match self {
            Predicate::SameAs(place) | Predicate::DiffersFrom(place) => place.is_personal(),
            Predicate::Above(Limit::At(place))
            | Predicate::AtLeast(Limit::At(place))
            | Predicate::Below(Limit::At(place))
            | Predicate::AtMost(Limit::At(place)) => place.is_personal(),
            Predicate::NotBefore(Day::At(place)) | Predicate::NotAfter(Day::At(place)) => place.is_personal(),
            Predicate::NotBefore(Day::Birth) | Predicate::NotAfter(Day::Birth) => true,
            _ => false,
        }
    }

    /// What a value was held against, for people to read.
    pub(super) fn other(&self, scope: &Scope<'_, '_>) -> String {
        match self {
            Predicate::Is(codes) | Predicate::IsNot(codes) => codes.listed().join(", "),
            Predicate::Contains(words) | Predicate::Lacks(words) => words.join(", "),
            Predicate::Shape(shapes) => shapes.text(),
            Predicate::LengthAtMost(most) => most.to_string(),
            Predicate::Above(limit)
            | Predicate::AtLeast(limit)
            | Predicate::Below(limit)
            | Predicate::AtMost(limit) => limit.text(scope),
            Predicate::NotBefore(day) => day_text(day.span(scope).map(|s| s.0)),
            Predicate::NotAfter(day) => day_text(day.span(scope).map(|s| s.1)),
            Predicate::AgeAtMost(years) => years.to_string(),
            Predicate::SameAs(place) | Predicate::DiffersFrom(place) => first(place, scope),
            Predicate::Listed(kind, _) => kind.name().to_owned(),
            Predicate::NoGaps => String::new(),
        }
    }
}

fn day_text(day: Option<Date>) -> String {
    day.map(|d| d.strftime("%m/%d/%Y").to_string()).unwrap_or_default()
}

/// Counted in calendar years: the birthday of the year after the limit is the first day too late.
fn is_older(birth: Date, day: Date, years: i32) -> bool {
    i32::from(day.year() - birth.year()) > years
        && birth.checked_add((years + 1).years()).is_ok_and(|first| day >= first)
}

/// True when one of these words of capitals and digits stands in the value, whatever stands between its characters that
/// is neither.
fn contains(value: &[u8], words: &[String]) -> bool {
    let mut plain = [0u8; 80];
    let letters = value.iter().filter(|b| b.is_ascii_alphanumeric()).map(u8::to_ascii_uppercase);
    // An address line has fifty-five characters, a name sixty.
    let len = plain.iter_mut().zip(letters).map(|(to, byte)| *to = byte).count();
    let plain = plain.get(..len).unwrap_or_default();
    words.iter().any(|word| memchr::memmem::find(plain, word.as_bytes()).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn words() {
        let holds = |value: &[u8]| contains(value, &["POBOX".to_owned(), "LOCKBOX".to_owned()]);
        assert!(holds(b"P.O. Box 12") && holds(b"SUITE 3 PO BOX 9") && holds(b"lock-box 1"));
        assert!(!holds(b"1 POST ROAD") && !holds(b"") && !holds(b"PO BO") && !holds(&[b'P'; 200]));
    }

    #[test]
    fn ages_are_calendar_years() {
        assert!(!is_older(date(1901, 11, 21), date(2026, 11, 20), 124));
        assert!(is_older(date(1901, 11, 21), date(2026, 11, 21), 124));
    }
}
