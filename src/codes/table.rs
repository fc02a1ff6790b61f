//! A code set in memory: each code with the days it was valid on, looked up in one probe.

use jiff::civil::Date;

use crate::x12::element::date;

/// What a set says of a code on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Valid on that day.
    Valid,
    /// Known, but not valid on that day.
    OutOfDate {
        /// First day of its last interval.
        from: Option<Date>,
        /// Last day of it, where it ended.
        to: Option<Date>,
    },
    /// Not in the set.
    Unknown,
}

type Code = [u8; 12];

#[derive(Debug)]
struct Interval {
    code: Code,
    from: Option<Date>,
    to: Option<Date>,
    /// Where its note stands.
    note: (u32, u32),
}

/// Codes with their intervals: open addressing over at least twice as many slots as codes.
#[derive(Debug)]
pub struct Table {
    intervals: Vec<Interval>,
    slots: Vec<u32>,
    codes: usize,
    notes: String,
}

/// A code on the days of one interval, as a file says it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// As claims carry it: no point, upper case.
    pub code: String,
    /// First day; none where it was always valid.
    pub from: Option<Date>,
    /// Last day; none where it still is.
    pub to: Option<Date>,
    /// What else the set says of it, without tabs and line ends: a text, or numbers apart by blanks.
    pub note: String,
}

const FREE: u32 = u32::MAX;

/// A line that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadLine(
    /// Its number, from 1.
    pub usize,
);

impl Table {
    /// Reads one code a line: `code`, `code,from,to` or `code,from,to,from,to`; days as `YYYYMMDD`, empty for no limit;
    /// behind a tab what else is said of it. What has no first day was valid from `start` on, or always.
    ///
    /// # Errors
    /// The first line that is neither.
    pub fn read(text: &str, start: Option<Date>) -> Result<Table, BadLine> {
        let mut intervals = Vec::with_capacity(text.len() / 8);
        let mut notes = String::new();
        for (n, line) in text.lines().enumerate() {
            let (line, said) = line.split_once('\t').unwrap_or((line, ""));
            let note = place(&mut notes, said);
            let bad = BadLine(n + 1);
            let day = |cell: Option<&str>| match cell.unwrap_or_default() {
                "" => Ok(None),
                text => date(text.as_bytes()).map(Some).ok_or(bad),
            };
            let mut cells = line.split(',');
            let code = cells.next().and_then(|c| padded(c.as_bytes())).ok_or(bad)?;
            let mut cells = cells.peekable();
            loop {
                let (from, to) = (day(cells.next())?, day(cells.next())?);
                intervals.push(Interval { code, from: from.or(start), to, note });
                if cells.peek().is_none() {
                    break;
                }
            }
        }
        Ok(Table::new(intervals, notes))
    }

    /// Of rows in any order.
    ///
    /// # Errors
    /// The place of the first whose code is none, from 1.
    pub fn of_rows(rows: &[Row]) -> Result<Table, BadLine> {
        let mut notes = String::new();
        let intervals = rows.iter().enumerate().map(|(n, Row { code, from, to, note })| {
            let code = padded(code.as_bytes()).ok_or(BadLine(n + 1))?;
            Ok(Interval { code, from: *from, to: *to, note: place(&mut notes, note) })
        });
        let intervals = intervals.collect::<Result<Vec<_>, _>>()?;
        Ok(Table::new(intervals, notes))
    }

    /// Every interval as a row, by code and first day.
    pub fn rows(&self) -> impl Iterator<Item = Row> {
        self.intervals.iter().map(|i| {
            let code = String::from_utf8_lossy(&i.code).trim_end().to_owned();
            Row { code, from: i.from, to: i.to, note: self.note_of(i).to_owned() }
        })
    }

    /// As [`Table::read`] reads it.
    #[must_use]
    pub fn text(&self) -> String {
        let day = |d: Option<Date>| d.map(|d| d.strftime("%Y%m%d").to_string()).unwrap_or_default();
        let line = |r: Row| match r.note.as_str() {
            "" => format!("{},{},{}\n", r.code, day(r.from), day(r.to)),
            note => format!("{},{},{}\t{note}\n", r.code, day(r.from), day(r.to)),
        };
        self.rows().map(line).collect()
    }

    fn note_of(&self, interval: &Interval) -> &str {
        let (start, end) = interval.note;
        self.notes.get(start as usize..end as usize).unwrap_or_default()
    }

    /// A set without codes.
    #[must_use]
    pub fn empty() -> Table {
        Table::new(Vec::new(), String::new())
    }

    fn new(mut intervals: Vec<Interval>, notes: String) -> Table {
        intervals.sort_by_key(|i| (i.code, i.from));
        let slots = vec![FREE; (intervals.len() * 2).next_power_of_two()];
        let mut table = Table { slots, intervals, codes: 0, notes };
        let mut last = None;
        for (n, interval) in (0u32..).zip(&table.intervals) {
            if last.replace(interval.code) == Some(interval.code) {
                continue;
            }
            table.codes += 1;
            let mut at = slot(&interval.code, table.slots.len());
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
    fn of(&self, code: &Code) -> &[Interval] {
        let mut at = slot(code, self.slots.len());
        while let Some(first) = self.slots.get(at).filter(|s| **s != FREE) {
            let rest = self.intervals.get(*first as usize..).unwrap_or_default();
            if rest.first().is_some_and(|i| i.code == *code) {
                let own = rest.iter().position(|i| i.code != *code).unwrap_or(rest.len());
                return rest.get(..own).unwrap_or_default();
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        &[]
    }

    /// Asks for a code as claims carry it: no point, upper case.
    #[must_use]
    pub fn on(&self, code: &[u8], day: Date) -> Answer {
        let Some(code) = padded(code) else { return Answer::Unknown };
        let mut answer = Answer::Unknown;
        for interval in self.of(&code) {
            if interval.holds(day) {
                return Answer::Valid;
            }
            answer = Answer::OutOfDate { from: interval.from, to: interval.to };
        }
        answer
    }

    /// What else the set says of a code on a day; `None` where that isn't valid then.
    #[must_use]
    pub fn note(&self, code: &[u8], day: Date) -> Option<&str> {
        let interval = self.of(&padded(code)?).iter().find(|i| i.holds(day))?;
        Some(self.note_of(interval))
    }

    /// The days a code is valid on, each span with what else the set says of it, earliest first.
    pub fn intervals(&self, code: &[u8]) -> impl Iterator<Item = (Option<Date>, Option<Date>, &str)> {
        let own = padded(code).map(|code| self.of(&code)).unwrap_or_default();
        own.iter().map(|i| (i.from, i.to, self.note_of(i)))
    }

    /// How many codes are valid on a day.
    #[must_use]
    pub fn valid_on(&self, day: Date) -> usize {
        self.intervals.iter().filter(|i| i.holds(day)).count()
    }

    /// How many codes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.codes
    }

    /// True for a set without codes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codes == 0
    }
}

impl Interval {
    fn holds(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// Puts a note behind the others, once where the one before says the same.
fn place(notes: &mut String, note: &str) -> (u32, u32) {
    if note.is_empty() {
        return (0, 0);
    }
    let start = if notes.ends_with(note) { notes.len() - note.len() } else { notes.len() };
    if start == notes.len() {
        notes.push_str(note);
    }
    let at = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    (at(start), at(start + note.len()))
}

/// Blanks fill it up; `None` for what is longer than any code, or empty.
fn padded(code: &[u8]) -> Option<Code> {
    let mut key = [b' '; 12];
    key.get_mut(..code.len())?.copy_from_slice(code);
    (!code.is_empty()).then_some(key)
}

fn slot(code: &Code, slots: usize) -> usize {
    let [a, b, c, d, e, f, g, h, i, j, k, l] = *code;
    let head = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
    let tail = u64::from(u32::from_le_bytes([i, j, k, l]));
    let mixed = (head ^ tail.rotate_left(29)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 32) as usize & slots.wrapping_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn codes_have_their_days() {
        let table =
            Table::read("A\nB,20200101,20201231\nC,,20191231,20210101,\nLONGESTOFALL\n", None).unwrap();
        assert_eq!((table.len(), table.is_empty()), (4, false));
        let on = |code: &str, year| table.on(code.as_bytes(), date(year, 6, 1));
        assert_eq!((on("A", 1990), on("LONGESTOFALL", 2020)), (Answer::Valid, Answer::Valid));
        let ended = Answer::OutOfDate { from: Some(date(2020, 1, 1)), to: Some(date(2020, 12, 31)) };
        assert_eq!((on("B", 2019), on("B", 2020), on("B", 2021)), (ended, Answer::Valid, ended));
        assert_eq!((on("C", 2019), on("C", 2022)), (Answer::Valid, Answer::Valid));
        assert!(matches!(on("C", 2020), Answer::OutOfDate { .. }));
        assert_eq!(
            (on("D", 2020), on("", 2020), on("LONGESTOFALLS", 2020)),
            (Answer::Unknown, Answer::Unknown, Answer::Unknown)
        );
        let said = Table::read("B,20200101,20201231\t4 2\nB,20210101,\t5 2\nC,,\n", None).unwrap();
        let note = |code: &str, year| said.note(code.as_bytes(), date(year, 6, 1));
        assert_eq!((note("B", 2020), note("B", 2024), note("B", 2019)), (Some("4 2"), Some("5 2"), None));
        assert_eq!(note("C", 2020), Some(""));
        assert_eq!(said.text(), "B,20200101,20201231\t4 2\nB,20210101,\t5 2\nC,,\n");
        assert_eq!(said.intervals(b"B").count(), 2);
        let rows: Vec<Row> = said.rows().collect();
        assert_eq!(Table::of_rows(&rows).unwrap().text(), said.text());
    }

    #[test]
    fn a_bad_line_is_named() {
        for (text, line) in
            [("A\nTOOLONGACODES\n", 2), ("A,2020\n", 1), ("A\n\nB\n", 2), ("A,20200101,20200230\n", 1)]
        {
            assert_eq!(Table::read(text, None).map(|t| t.len()), Err(BadLine(line)), "{text:?}");
        }
    }
}
