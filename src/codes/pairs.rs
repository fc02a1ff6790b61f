//! Pairs of five-character codes with the days they apply on: procedure pairs and add-on codes, millions of them.
//!
//! In memory as in a file: the first codes, each with where its pairs begin, then of every pair the second code, the first and last day and a
//! number, each in an array of its own. Numbers are little-endian; days are counted from 1980-01-01.

use jiff::civil::Date;

/// A pair as a file gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    first: u32,
    second: u32,
    from: u16,
    to: u16,
    value: u8,
}

/// Pairs, looked up by both codes and a day.
#[derive(Debug, Default)]
pub struct Pairs {
    /// First codes in order, and where the pairs of each begin.
    firsts: Vec<(u32, u32)>,
    second: Vec<u32>,
    from: Vec<u16>,
    to: Vec<u16>,
    value: Vec<u8>,
}

const MAGIC: &[u8; 8] = b"CLPAIRS1";
const EPOCH: Date = Date::constant(1980, 1, 1);
/// No first day.
const ALWAYS: u16 = 0;
/// No last day.
const OPEN: u16 = u16::MAX;

impl Pair {
    /// `None` where a code isn't five letters and digits, or a day can't be counted.
    #[must_use]
    pub fn new(first: &[u8], second: &[u8], days: (Option<Date>, Option<Date>), value: u8) -> Option<Pair> {
        let from = days.0.map_or(Some(ALWAYS), day)?;
        let to = days.1.map_or(Some(OPEN), day)?;
        Some(Pair { first: key(first)?, second: key(second)?, from, to, value })
    }
}

/// Five letters or digits as a number.
fn key(code: &[u8]) -> Option<u32> {
    if code.len() != 5 {
        return None;
    }
    code.iter().try_fold(0, |key: u32, byte| {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'0'..=b'9' => byte - b'0' + 26,
            _ => return None,
        };
        Some(key * 36 + u32::from(digit))
    })
}

/// Days before the first one countable count as it.
fn day(date: Date) -> Option<u16> {
    let days = (date - EPOCH).get_days();
    u16::try_from(days.max(0)).ok().filter(|d| *d != OPEN)
}

impl Pairs {
    /// Of pairs in any order; what stands twice is kept once.
    #[must_use]
    pub fn new(mut pairs: Vec<Pair>) -> Pairs {
        pairs.sort_unstable();
        pairs.dedup();
        let mut all = Pairs::default();
        for (n, pair) in (0u32..).zip(&pairs) {
            if all.firsts.last().is_none_or(|(first, _)| *first != pair.first) {
                all.firsts.push((pair.first, n));
            }
            all.second.push(pair.second);
            all.from.push(pair.from);
            all.to.push(pair.to);
            all.value.push(pair.value);
        }
        all
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.second.len()
    }

    /// True where there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.second.is_empty()
    }

    /// The pairs of a first code.
    fn of(&self, first: &[u8]) -> Option<std::ops::Range<usize>> {
        let key = key(first)?;
        let at = self.firsts.binary_search_by_key(&key, |(first, _)| *first).ok()?;
        let start = self.firsts.get(at)?.1 as usize;
        let end = self.firsts.get(at + 1).map_or(self.second.len(), |(_, next)| *next as usize);
        Some(start..end)
    }

    fn applies(&self, at: usize, day: u16) -> bool {
        self.from.get(at).is_some_and(|from| *from <= day) && self.to.get(at).is_some_and(|to| day <= *to)
    }

    /// The number of the pair that applies on a day.
    #[must_use]
    pub fn on(&self, first: &[u8], second: &[u8], on: Date) -> Option<u8> {
        let own = self.of(first)?;
        let (wanted, day) = (key(second)?, day(on)?);
        let seconds = self.second.get(own.clone())?;
        let start = own.start + seconds.partition_point(|s| *s < wanted);
        let same = (start..own.end).take_while(|at| self.second.get(*at) == Some(&wanted));
        same.filter(|at| self.applies(*at, day)).find_map(|at| self.value.get(at).copied())
    }

    /// True where a code begins a pair that applies on a day.
    #[must_use]
    pub fn begins(&self, first: &[u8], on: Date) -> bool {
        let (Some(own), Some(day)) = (self.of(first), day(on)) else { return false };
        own.into_iter().any(|at| self.applies(at, day))
    }

    /// As a file.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        for count in [self.firsts.len(), self.second.len()] {
            bytes.extend(u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
        }
        bytes.extend(
            self.firsts.iter().flat_map(|(key, start)| [key.to_le_bytes(), start.to_le_bytes()]).flatten(),
        );
        bytes.extend(self.second.iter().flat_map(|n| n.to_le_bytes()));
        bytes.extend(self.from.iter().chain(&self.to).flat_map(|n| n.to_le_bytes()));
        bytes.extend(&self.value);
        bytes
    }

    /// From a file; `None` where it is none of ours.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Pairs> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (counts, rest) = (words(rest.get(..8)?), rest.get(8..)?);
        let [firsts, pairs] = *counts.as_slice() else { return None };
        let (firsts, pairs) = (firsts as usize, pairs as usize);
        if rest.len() != firsts.checked_mul(8)?.checked_add(pairs.checked_mul(9)?)? {
            return None;
        }
        let (heads, rest) = rest.split_at_checked(firsts * 8)?;
        let (second, rest) = rest.split_at_checked(pairs * 4)?;
        let (from, rest) = rest.split_at_checked(pairs * 2)?;
        let (to, value) = rest.split_at_checked(pairs * 2)?;
        let heads: Vec<(u32, u32)> =
            words(heads).chunks_exact(2).filter_map(|c| Some((*c.first()?, *c.get(1)?))).collect();
        let halves = |bytes: &[u8]| -> Vec<u16> {
            bytes.as_chunks::<2>().0.iter().map(|b| u16::from_le_bytes(*b)).collect()
        };
        let sound = heads.is_sorted() && heads.iter().all(|(_, start)| (*start as usize) < pairs);
        let (from, to, second) = (halves(from), halves(to), words(second));
        sound.then(|| Pairs { firsts: heads, second, from, to, value: value.to_vec() })
    }
}

fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn pair(first: &str, second: &str, from: Option<Date>, to: Option<Date>, value: u8) -> Pair {
        Pair::new(first.as_bytes(), second.as_bytes(), (from, to), value).unwrap()
    }

    #[test]
    fn pairs_have_their_days() {
        let (from, to) = (date(2020, 1, 1), date(2020, 12, 31));
        let pairs = Pairs::new(vec![
            pair("99213", "36415", Some(from), Some(to), 1),
            pair("99213", "36415", Some(date(2021, 4, 1)), None, 0),
            pair("99213", "36416", None, None, 9),
            pair("A0021", "99213", None, Some(from), 1),
        ]);
        let on = |a: &str, b: &str, day| pairs.on(a.as_bytes(), b.as_bytes(), day);
        assert_eq!((on("99213", "36415", from), on("99213", "36415", to)), (Some(1), Some(1)));
        assert_eq!(
            (on("99213", "36415", date(2021, 1, 1)), on("99213", "36415", date(2030, 1, 1))),
            (None, Some(0))
        );
        assert_eq!(
            (on("36415", "99213", from), on("99213", "3641", from), on("99214", "36415", from)),
            (None, None, None)
        );
        assert_eq!(on("99213", "36416", date(1970, 1, 1)), Some(9));
        assert!(pairs.begins(b"A0021", from) && !pairs.begins(b"A0021", to) && !pairs.begins(b"36415", from));
        assert_eq!(Pair::new(b"9921", b"36415", (None, None), 0), None);
        assert_eq!(Pair::new(b"9921a", b"36415", (None, None), 0), None);
    }

    #[test]
    fn what_is_no_file_of_ours_is_refused() {
        let bytes = Pairs::new(vec![pair("99213", "36415", None, None, 1)]).bytes();
        for cut in 0..bytes.len() {
            assert!(Pairs::read(&bytes[..cut]).is_none(), "{cut}");
        }
        assert!(Pairs::read(&[bytes.as_slice(), b"x"].concat()).is_none());
    }

    proptest! {
        #[test]
        fn every_pair_is_found_again(codes in prop::collection::vec((0u32..40, 0u32..40, 0i16..5, 0u8..3), 0..60)) {
            let name = |n: &u32| format!("{:05}", n * 997);
            let made: Vec<Pair> = codes
                .iter()
                .map(|(a, b, year, value)| pair(&name(a), &name(b), Some(date(2000 + year, 1, 1)), Some(date(2000 + year, 12, 31)), *value))
                .collect();
            let pairs = Pairs::read(&Pairs::new(made).bytes()).unwrap();
            for (a, b, year, _) in &codes {
                let (a_name, b_name, day) = (name(a), name(b), date(2000 + year, 6, 1));
                let found = pairs.on(a_name.as_bytes(), b_name.as_bytes(), day);
                let wanted: Vec<u8> = codes.iter().filter(|c| (c.0, c.1, c.2) == (*a, *b, *year)).map(|c| c.3).collect();
                prop_assert!(found.is_some_and(|f| wanted.contains(&f)));
                prop_assert!(pairs.begins(a_name.as_bytes(), day));
            }
        }
    }
}
