//! ICD-10-CM: which codes are billable on which date. Source and vintage: `config/codes/NOTICE.md`.

use std::io::Read;
use std::sync::LazyLock;

use jiff::civil::Date;

use crate::x12::element::date;

/// First day of ICD-10-CM.
const START: Date = Date::constant(2015, 10, 1);

/// What the list says of a code on a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Billable on that date.
    Valid,
    /// Known, but not billable on that date.
    OutOfDate {
        /// First day of its last interval.
        from: Date,
        /// Last day of it, when it ended.
        to: Option<Date>,
    },
    /// Not a billable code; it may be a header that needs more digits.
    Unknown,
}

struct Interval {
    code: [u8; 7],
    from: Date,
    to: Option<Date>,
}

/// The list and where each code's first interval is: open addressing over twice as many slots as codes.
struct Table {
    intervals: Vec<Interval>,
    slots: Vec<u32>,
}

const FREE: u32 = u32::MAX;

impl Table {
    fn new(intervals: Vec<Interval>) -> Table {
        let mut table = Table { slots: vec![FREE; (intervals.len() * 2).next_power_of_two()], intervals };
        let mut last = None;
        for (n, interval) in (0u32..).zip(&table.intervals) {
            if last.replace(interval.code) == Some(interval.code) {
                continue;
            }
            let mut at = slot(interval.code, table.slots.len());
            while table.slots.get(at).is_some_and(|s| *s != FREE) {
                at = (at + 1) & (table.slots.len() - 1);
            }
            if let Some(free) = table.slots.get_mut(at) {
                *free = n;
            }
        }
        table
    }

    /// The intervals of a code.
    fn of(&self, key: [u8; 7]) -> &[Interval] {
        let mut at = slot(key, self.slots.len());
        while let Some(first) = self.slots.get(at).filter(|s| **s != FREE) {
            let rest = self.intervals.get(*first as usize..).unwrap_or_default();
            if rest.first().is_some_and(|i| i.code == key) {
                let own = rest.iter().position(|i| i.code != key).unwrap_or(rest.len());
                return rest.get(..own).unwrap_or_default();
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        &[]
    }
}

fn slot(key: [u8; 7], slots: usize) -> usize {
    let packed = key.iter().fold(0u64, |packed, b| (packed << 8) | u64::from(*b));
    (packed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize & (slots - 1)
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let packed = include_bytes!("../../config/codes/icd10cm.csv.gz");
    let mut text = String::new();
    // Compiled in and read by a test: a failure can't reach a user.
    let _read = flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut text);
    let mut table = Vec::with_capacity(80_000);
    for line in text.lines() {
        let mut cells = line.split(',');
        let Some(code) = cells.next().and_then(padded) else { continue };
        let (mut from, mut to) = (cells.next(), cells.next());
        loop {
            let start = from.and_then(|d| date(d.as_bytes())).unwrap_or(START);
            table.push(Interval { code, from: start, to: to.and_then(|d| date(d.as_bytes())) });
            (from, to) = (cells.next(), cells.next());
            if from.is_none() {
                break;
            }
        }
    }
    table.sort_by_key(|i| i.code);
    Table::new(table)
});

fn padded(code: impl AsRef<[u8]>) -> Option<[u8; 7]> {
    let code = code.as_ref();
    let mut key = [b' '; 7];
    key.get_mut(..code.len())?.copy_from_slice(code);
    Some(key)
}

/// Asks for a code as an 837 carries it: no point, upper case.
#[must_use]
pub fn on(code: &[u8], day: Date) -> Answer {
    let Some(key) = padded(code) else { return Answer::Unknown };
    let mut answer = Answer::Unknown;
    for interval in TABLE.of(key) {
        if interval.from <= day && interval.to.is_none_or(|to| day <= to) {
            return Answer::Valid;
        }
        answer = Answer::OutOfDate { from: interval.from, to: interval.to };
    }
    answer
}

/// Number of codes in the list.
#[must_use]
pub fn len() -> usize {
    TABLE.intervals.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn knows_codes_and_their_dates() {
        assert!(len() > 75_000);
        assert_eq!(on(b"E119", date(2026, 10, 1)), Answer::Valid);
        assert_eq!(on(b"E11", date(2026, 10, 1)), Answer::Unknown, "a header is not billable");
        assert_eq!(on(b"E11.9", date(2026, 10, 1)), Answer::Unknown);
        assert_eq!(on(b"E119", date(2014, 1, 1)), Answer::OutOfDate { from: START, to: None });
        assert_eq!(on(b"", date(2026, 1, 1)), Answer::Unknown);
        assert_eq!(on(b"TOOLONGCODE", date(2026, 1, 1)), Answer::Unknown);
    }
}
