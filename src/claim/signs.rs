//! Signs: bits that tell which values stand in a claim, set while its segments are noted, so that a check which only asks for those
//! costs a bit test.

use super::entries::Place;
use crate::schema::{Codes, EntryIx, Schema};
use crate::x12::Segment;

/// What a sign tells of the filled values at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// There is one.
    Filled,
    /// One is among the codes.
    Is,
    /// One is not.
    IsNot,
}

/// A sign, by the bit it sets.
#[derive(Clone, Copy, Debug)]
pub struct Sign(pub(super) usize);

/// The signs that checks ask for in one guide. Its bits stand behind those of the guide's entries.
#[derive(Debug, Default)]
pub struct Signs {
    asked: Vec<Asked>,
    first: usize,
    /// By entry: where its signs stand in their segment.
    keys: Vec<Vec<Key>>,
}

#[derive(Debug, PartialEq)]
struct Asked {
    spot: Spot,
    says: Says,
    codes: Vec<String>,
}

/// An element of the segments at some entries.
#[derive(Clone, Debug, PartialEq)]
struct Spot {
    level: usize,
    entries: Vec<EntryIx>,
    /// Element, component and value that must stand in the segment.
    qualifier: Option<(usize, usize, Vec<u8>)>,
    element: usize,
    component: Option<usize>,
}

/// The signs of one spot, by the code that stands there. Masks begin at the first word with a sign.
#[derive(Debug)]
struct Key {
    spot: Spot,
    codes: Codes<String>,
    /// By slot of the code.
    listed: Vec<Box<[u64]>>,
    unlisted: Box<[u64]>,
}

impl Signs {
    /// None yet.
    #[must_use]
    pub fn new(schema: &Schema) -> Signs {
        // Words of entries and of signs are apart, so that a mask covers signs alone.
        Signs { first: schema.entries.len().div_ceil(64) * 64, ..Signs::default() }
    }

    /// A sign for the values a place leads to, whichever occurrence of its loop or segment it names; `None` where no sign can tell.
    pub fn ask(&mut self, place: &Place, says: Says, codes: &[String]) -> Option<Sign> {
        let spot = Spot {
            level: place.entries.level,
            entries: place.entries.entries.clone(),
            qualifier: place.qualifier.clone(),
            element: place.element?,
            component: place.component,
        };
        // Longer ones have no slot.
        if spot.entries.is_empty() || codes.iter().any(|c| c.len() > 8) {
            return None;
        }
        let asked = Asked { spot, says, codes: codes.to_vec() };
        let known = self.asked.iter().position(|a| *a == asked);
        let number = known.unwrap_or_else(|| {
            self.asked.push(asked);
            self.asked.len() - 1
        });
        Some(Sign(self.first + number))
    }

    /// Ready to be noted.
    #[must_use]
    pub fn compiled(mut self, schema: &Schema) -> Signs {
        let mut spots: Vec<&Spot> = Vec::new();
        for asked in &self.asked {
            if !spots.contains(&&asked.spot) {
                spots.push(&asked.spot);
            }
        }
        let mut keys: Vec<Vec<Key>> = schema.entries.iter().map(|_| Vec::new()).collect();
        for spot in spots {
            for entry in &spot.entries {
                if let Some(keys) = keys.get_mut(usize::from(entry.0)) {
                    keys.push(self.key(spot));
                }
            }
        }
        self.keys = keys;
        self
    }

    fn key(&self, spot: &Spot) -> Key {
        let own = || self.asked.iter().enumerate().filter(|(_, asked)| asked.spot == *spot);
        let mask = |stands: &dyn Fn(&Asked) -> bool| {
            let mut mask = vec![0u64; self.words()];
            for (n, _) in own().filter(|(_, asked)| stands(asked)) {
                if let Some(word) = mask.get_mut(n / 64) {
                    *word |= 1 << (n % 64);
                }
            }
            mask.into_boxed_slice()
        };
        let unlisted = mask(&|asked| asked.says != Says::Is);
        let all: Vec<String> = own().flat_map(|(_, asked)| asked.codes.clone()).collect();
        let codes = Codes::new(all.clone());
        let mut listed = vec![unlisted.clone(); codes.slots()];
        for code in all {
            let here = mask(&|asked| match asked.says {
                Says::Filled => true,
                Says::Is => asked.codes.contains(&code),
                Says::IsNot => !asked.codes.contains(&code),
            });
            if let Some(slot) = codes.slot(code.as_bytes()).and_then(|n| listed.get_mut(n)) {
                *slot = here;
            }
        }
        Key { spot: spot.clone(), codes, listed, unlisted }
    }

    /// Words its bits take.
    pub(super) fn words(&self) -> usize {
        self.asked.len().div_ceil(64)
    }

    /// Each sign's bit, with the level its segments stand at.
    pub(super) fn levels(&self) -> impl Iterator<Item = (usize, usize)> {
        self.asked.iter().enumerate().map(|(n, asked)| (self.first + n, asked.spot.level))
    }

    /// Sets what a segment at an entry tells.
    #[inline]
    pub(super) fn note(&self, entry: EntryIx, segment: &Segment<'_>, stands: &mut [u64]) {
        let Some(keys) = self.keys.get(usize::from(entry.0)).filter(|k| !k.is_empty()) else { return };
        let Some(stands) = stands.get_mut(self.first / 64..) else { return };
        for key in keys {
            let mask = key.mask(segment);
            stands.iter_mut().zip(mask).for_each(|(word, mask)| *word |= mask);
        }
    }
}

impl Key {
    #[inline]
    fn mask(&self, segment: &Segment<'_>) -> &[u64] {
        let spot = &self.spot;
        let value = match spot.component {
            None => segment.value(spot.element),
            Some(c) => segment.component(spot.element, c),
        };
        let qualifies = |(element, component, wanted): &(usize, usize, Vec<u8>)| {
            segment.component(*element, *component) == wanted.as_slice()
        };
        if value.is_empty() || !spot.qualifier.as_ref().is_none_or(qualifies) {
            return &[];
        }
        self.codes.slot(value).and_then(|n| self.listed.get(n)).unwrap_or(&self.unlisted)
    }
}
