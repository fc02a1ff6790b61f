//! Element types: R (money), N0, DT, TM, RD8, and the parts of composites, each a nom parser over one element, with a
//! plain function that wants the element read to its end.

use jiff::civil::Date;
use nom::bytes::complete::{tag, take, take_while, take_while_m_n};
use nom::combinator::{all_consuming, map_opt, opt};
use nom::sequence::{preceded, separated_pair};
use nom::{IResult, Parser};

/// Money in integer cents.
pub type Cents = i64;

fn digits(min: usize, max: usize) -> impl FnMut(&[u8]) -> IResult<&[u8], &[u8]> {
    move |input| take_while_m_n(min, max, |b: u8| b.is_ascii_digit()).parse(input)
}

fn number(bytes: &[u8]) -> Option<i64> {
    bytes.iter().try_fold(0i64, |n, b| n.checked_mul(10)?.checked_add(i64::from(b.wrapping_sub(b'0'))))
}

/// Type R as money: optional minus, at most 16 digits before and 2 behind the point, no exponent, no plus sign.
fn cents(input: &[u8]) -> IResult<&[u8], Cents> {
    let part = opt(preceded(tag(&b"."[..]), digits(0, 2)));
    map_opt((opt(tag(&b"-"[..])), digits(0, 16), part), |(minus, whole, part): (_, &[u8], Option<&[u8]>)| {
        let part = part.unwrap_or_default();
        if whole.is_empty() && part.is_empty() {
            return None;
        }
        let part = number(part)? * if part.len() == 1 { 10 } else { 1 };
        let value = number(whole)?.checked_mul(100)?.checked_add(part)?;
        Some(if minus.is_some() { -value } else { value })
    })
    .parse(input)
}

/// Type DT of eight digits, a real calendar date.
fn date8(input: &[u8]) -> IResult<&[u8], Date> {
    map_opt(take(8usize), |text: &[u8]| {
        let (year, rest) = text.split_first_chunk::<4>()?;
        let (month, day) = rest.split_first_chunk::<2>()?;
        let [year, month, day] = [plain(year)?, plain(month)?, plain(day.first_chunk::<2>()?)?];
        Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    })
    .parse(input)
}

/// A few digits as a number; `None` when a byte is no digit.
fn plain<const N: usize>(bytes: &[u8; N]) -> Option<u32> {
    let digits = bytes.map(|b| u32::from(b.wrapping_sub(b'0')));
    digits.iter().all(|d| *d < 10).then(|| digits.iter().fold(0, |n, d| n * 10 + d))
}

/// How a type R value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// Digits before the point.
    pub whole: usize,
    /// Digits behind it.
    pub part: usize,
    /// Zeros before the first digit that counts, where there is more than the one before the point.
    pub padded: bool,
}

/// The shape of a type R value: optional minus, digits, optional point and digits. `None` for anything else.
#[must_use]
pub fn decimal_shape(value: &[u8]) -> Option<Decimal> {
    let run = || take_while(|b: u8| b.is_ascii_digit());
    let parser = (opt(tag(&b"-"[..])), run(), opt(preceded(tag(&b"."[..]), run())));
    let (_, whole, part) = self::whole(parser, value)?;
    let (whole, part): (&[u8], &[u8]) = (whole, part.unwrap_or_default());
    let padded = whole.len() > 1 && whole.first() == Some(&b'0');
    (whole.len() + part.len() > 0).then_some(Decimal { whole: whole.len(), part: part.len(), padded })
}

/// The next component or repetition: everything up to the separator, which is left.
///
/// # Errors
/// None: an empty rest is an empty part.
pub fn part(separator: u8, input: &[u8]) -> IResult<&[u8], &[u8]> {
    take_while(|b| b != separator).parse(input)
}

fn whole<'a, T>(
    parser: impl Parser<&'a [u8], Output = T, Error = nom::error::Error<&'a [u8]>>,
    value: &'a [u8],
) -> Option<T> {
    all_consuming(parser).parse(value).ok().map(|(_, v)| v)
}

/// An amount in cents; `None` when the element is empty or no number.
#[inline]
#[must_use]
pub fn amount(value: &[u8]) -> Option<Cents> {
    whole(cents, value)
}

/// A quantity or amount in millionths: optional minus, at most 12 digits before and 6 behind the point.
#[must_use]
pub fn millionths(value: &[u8]) -> Option<i64> {
    let parser = (opt(tag(&b"-"[..])), digits(0, 12), opt(preceded(tag(&b"."[..]), digits(0, 6))));
    let (minus, whole, part): (_, &[u8], Option<&[u8]>) = self::whole(parser, value)?;
    let part = part.unwrap_or_default();
    let places = (part.len()..6).try_fold(number(part)?, |n, _| n.checked_mul(10))?;
    let value = number(whole)?.checked_mul(1_000_000)?.checked_add(places)?;
    (!whole.is_empty() || !part.is_empty()).then_some(if minus.is_some() { -value } else { value })
}

/// A date of eight digits (`D8`).
#[inline]
#[must_use]
pub fn date(value: &[u8]) -> Option<Date> {
    whole(date8, value)
}

/// A range of two dates (`RD8`), or a single date taken as both ends.
#[must_use]
pub fn date_range(value: &[u8]) -> Option<(Date, Date)> {
    if value.len() == 8 {
        return date(value).map(|d| (d, d));
    }
    whole(|i| separated_pair(date8, tag(&b"-"[..]), date8).parse(i), value)
}

/// Type N0 without a sign: a count or control number.
#[must_use]
pub fn integer(value: &[u8]) -> Option<i64> {
    whole(|i| map_opt(digits(1, 18), number).parse(i), value)
}

/// Type TM: `HHMM`, `HHMMSS` or with decimals; true when it is a time of day.
#[must_use]
pub fn is_time(value: &[u8]) -> bool {
    let parsed = whole(
        |i| (digits(2, 2), digits(2, 2), opt(digits(2, 2)), take_while(|b: u8| b.is_ascii_digit())).parse(i),
        value,
    );
    let below = |part: &[u8], limit: i64| number(part).is_some_and(|n| n < limit);
    parsed.is_some_and(|(h, m, s, rest)| {
        below(h, 24) && below(m, 60) && s.map_or(rest.is_empty(), |s: &[u8]| below(s, 60)) && rest.len() <= 2
    })
}

/// Cents as a decimal string, two places: `-12.50`.
#[must_use]
pub fn decimal(cents: Cents) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let whole = cents.unsigned_abs();
    format!("{sign}{}.{:02}", whole / 100, whole % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        for (text, cents) in [
            ("0", 0),
            ("12", 1200),
            ("12.5", 1250),
            ("-12.05", -1205),
            (".99", 99),
            ("7.", 700),
            ("-.5", -50),
        ] {
            assert_eq!(amount(text.as_bytes()), Some(cents), "{text}");
        }
        for text in ["", ".", "-", "+1", "1E3", "1.234", "12A", "1,000", " 1", "99999999999999999999"] {
            assert_eq!(amount(text.as_bytes()), None, "{text}");
        }
        assert_eq!(decimal(-1205), "-12.05");
        assert_eq!(decimal(5), "0.05");
    }

    #[test]
    fn shapes_of_decimals() {
        let shape = |whole, part, padded| Some(Decimal { whole, part, padded });
        assert_eq!(decimal_shape(b"-12.50"), shape(2, 2, false));
        assert_eq!(decimal_shape(b"0.5"), shape(1, 1, false));
        assert_eq!(decimal_shape(b".5"), shape(0, 1, false));
        assert_eq!(decimal_shape(b"007"), shape(3, 0, true));
        for text in ["", "-", ".", "1E3", "+1", "1,0", "1.2.3", " 1"] {
            assert_eq!(decimal_shape(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn quantities() {
        for (text, expected) in [
            ("1", 1_000_000),
            ("0.5", 500_000),
            (".25", 250_000),
            ("-2.000001", -2_000_001),
            ("3.", 3_000_000),
        ] {
            assert_eq!(millionths(text.as_bytes()), Some(expected), "{text}");
        }
        for text in ["", ".", "-", "1e3", "1.0000001", "9999999999999"] {
            assert_eq!(millionths(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn dates_are_real() {
        assert_eq!(date(b"20240229"), Some(jiff::civil::date(2024, 2, 29)));
        assert_eq!(date(b"20230229"), None);
        assert_eq!(date(b"2024022"), None);
        let (from, to) = date_range(b"20261001-20261003").unwrap();
        assert_eq!((from.day(), to.day()), (1, 3));
    }

    #[test]
    fn times_and_integers() {
        assert!(is_time(b"2359") && is_time(b"235959") && is_time(b"23595999"));
        assert!(!is_time(b"2460") && !is_time(b"12") && !is_time(b"1260"));
        assert_eq!(integer(b"0042"), Some(42));
        assert_eq!(integer(b"4a"), None);
    }
}
