//! Element types and character sets: whether one value is what its data element says.

use crate::x12::element::{date, date_range, decimal_shape, is_time};
use crate::x12::{Delimiters, FaultKind};

/// Type of a data element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// AN: text.
    Text,
    /// ID: a code.
    Code,
    /// N0 and its like: digits, with a minus where negative.
    Number,
    /// R: digits with a point.
    Decimal,
    /// Element 782: R, with two places at most.
    Money,
    /// DT.
    Date,
    /// TM.
    Time,
    /// Element 1251: a date, time or period in the format the element 1250 before it names.
    Period,
    /// B.
    Binary,
}

impl Kind {
    /// Of a type as the dictionary spells it, and the number of the data element.
    pub(super) fn parse(text: &str, number: &str) -> Option<Kind> {
        Some(match (text, number) {
            (_, "1251") => Kind::Period,
            ("R", "782") => Kind::Money,
            ("AN", _) => Kind::Text,
            ("ID", _) => Kind::Code,
            ("N0" | "N2", _) => Kind::Number,
            ("R", _) => Kind::Decimal,
            ("DT", _) => Kind::Date,
            ("TM", _) => Kind::Time,
            ("B", _) => Kind::Binary,
            _ => return None,
        })
    }
}

/// What a byte is, as bits, under the delimiters of one interchange.
#[derive(Clone, Debug)]
pub struct Alphabet([u8; 256]);

const TEXT: u8 = 1;
const COMPONENT: u8 = 8;
const REPETITION: u8 = 16;
const CONTROL: u8 = 32;
const FOREIGN: u8 = 64;

impl Alphabet {
    /// The extended character set of X12, less the delimiters.
    #[must_use]
    pub fn new(delimiters: Delimiters) -> Alphabet {
        let mut table = [CONTROL; 256];
        for (byte, class) in (0u8..=255).zip(table.iter_mut()) {
            *class = match byte {
                b' '..=b'~' => TEXT,
                0x80.. => FOREIGN,
                _ => CONTROL,
            };
            if byte == delimiters.component {
                *class = COMPONENT;
            } else if byte == delimiters.repetition && !byte.is_ascii_alphanumeric() {
                *class = REPETITION;
            }
        }
        Alphabet(table)
    }

    /// The classes of all bytes of a value, or-ed.
    fn classes(&self, value: &[u8]) -> u8 {
        value.iter().fold(0, |all, b| all | self.0.get(usize::from(*b)).copied().unwrap_or(CONTROL))
    }

    /// What no value of any type may hold.
    pub(super) fn trouble(&self, value: &[u8]) -> Option<FaultKind> {
        match self.classes(value) & (COMPONENT | REPETITION | CONTROL | FOREIGN) {
            0 => None,
            c if c & CONTROL != 0 => Some(FaultKind::CharacterInvalid),
            c if c & FOREIGN != 0 => Some(FaultKind::CharacterNotAscii),
            c if c & REPETITION != 0 => Some(FaultKind::ElementRepeated),
            _ => Some(FaultKind::ElementsTooMany),
        }
    }
}

fn is_digits(value: &[u8]) -> bool {
    value.iter().all(u8::is_ascii_digit)
}

/// A fault of a value, with the number expected and the one found.
pub(super) type Trouble = (FaultKind, i64, i64);

/// Checks one filled value of characters that may stand in one against its type and length; `format` is the element
/// 1250 before it, if any.
#[inline]
pub(super) fn check(kind: Kind, min: u8, max: u32, value: &[u8], format: &[u8]) -> Option<Trouble> {
    match kind {
        Kind::Text | Kind::Code => {
            if value.last() != Some(&b' ') {
                return length(value.len(), min, max);
            }
            let trimmed = value.trim_ascii_end();
            length(trimmed.len().max(1), min, max).or(Some((FaultKind::BlankTrailing, 0, 0)))
        }
        Kind::Number => {
            let digits = value.strip_prefix(b"-").unwrap_or(value);
            if !digits.is_empty() && is_digits(digits) {
                length(digits.len(), min, max)
            } else {
                Some((FaultKind::ElementTypeWrong, 0, 0))
            }
        }
        Kind::Decimal | Kind::Money => match decimal_shape(value) {
            None => Some((FaultKind::DecimalMalformed, 0, 0)),
            Some(d) if d.padded => Some((FaultKind::DecimalMalformed, 0, 0)),
            Some(d) if kind == Kind::Money && d.part > 2 => {
                Some((FaultKind::DecimalMalformed, 2, d.part as i64))
            }
            // Places for cents count, said or not.
            Some(d) => length(if kind == Kind::Money { d.whole + 2 } else { d.whole + d.part }, min, max),
        },
        Kind::Date => dates(value, min, max),
        Kind::Time => length(value.len(), min, max)
            .or_else(|| (!is_time(value)).then_some((FaultKind::TimeImpossible, 0, 0))),
        Kind::Period => period(value, format).or_else(|| length(value.len(), min, max)),
        Kind::Binary => None,
    }
}

fn length(found: usize, min: u8, max: u32) -> Option<Trouble> {
    let found = found as i64;
    if found < i64::from(min) {
        return Some((FaultKind::ElementTooShort, i64::from(min), found));
    }
    (found > i64::from(max)).then_some((FaultKind::ElementTooLong, i64::from(max), found))
}

fn dates(value: &[u8], min: u8, max: u32) -> Option<Trouble> {
    if !is_digits(value) {
        return Some((FaultKind::DateImpossible, 0, 0));
    }
    length(value.len(), min, max).or_else(|| {
        let real = if value.len() == 6 { short_date(value) } else { date(value).is_some() };
        (!real).then_some((FaultKind::DateImpossible, 0, 0))
    })
}

/// Six digits, `YYMMDD`, of some century: this one decides leap years.
fn short_date(value: &[u8]) -> bool {
    let mut full = *b"20000000";
    let Some(tail) = full.get_mut(2..) else { return false };
    tail.len() == value.len() && {
        tail.copy_from_slice(value);
        date(&full).is_some()
    }
}

/// A value in the format that element 1250 names.
fn period(value: &[u8], format: &[u8]) -> Option<Trouble> {
    let wrong = |kind| Some((kind, 0, 0));
    match format {
        b"D8" if date(value).is_some() => None,
        b"D8" => wrong(FaultKind::DateImpossible),
        b"RD8" => match date_range(value).filter(|_| value.len() == 17) {
            None => wrong(FaultKind::DateImpossible),
            Some((from, to)) if from > to => wrong(FaultKind::PeriodReversed),
            Some(_) => None,
        },
        b"D6" if is_digits(value) && short_date(value) => None,
        b"D6" => wrong(FaultKind::DateImpossible),
        b"TM" if is_time(value) => None,
        b"TM" => wrong(FaultKind::TimeImpossible),
        b"DT" => match value.split_at_checked(8) {
            Some((day, _)) if date(day).is_none() => wrong(FaultKind::DateImpossible),
            Some((_, time)) if is_time(time) => None,
            _ => wrong(FaultKind::TimeImpossible),
        },
        _ => None,
    }
}
