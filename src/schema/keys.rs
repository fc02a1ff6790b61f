//! Segments told apart by id and qualifier: one number for each kind that a guide tells apart.

use std::collections::BTreeMap;

use super::codes::pack;
use super::table::{Entry, EntryIx};
use crate::x12::Segment;

/// One number for a segment id and qualifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key(pub u16);

/// What a segment is to the guide.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    /// Number of its id.
    pub segment: u8,
    /// Its key; that of its id alone where the qualifier is one the guide doesn't have.
    pub key: Key,
}

/// Where a segment id's keys start, and where its qualifier stands.
#[derive(Clone, Copy, Debug)]
struct Id {
    packed: u64,
    number: u8,
    /// Key of the id without a known qualifier.
    base: u16,
    element: u8,
    component: u8,
}

const SLOTS: usize = 256;
const QUALIFIERS: usize = 4096;

/// The look-up from a segment to its key: two probes of small tables.
#[derive(Debug, Default)]
pub(super) struct Keys {
    ids: Vec<Option<Id>>,
    /// Qualifier, segment number, key.
    qualifiers: Vec<Option<(u64, u8, u16)>>,
    len: usize,
    segments: usize,
    /// By entry.
    own: Vec<Vec<Key>>,
    numbers: Vec<u8>,
}

impl Keys {
    pub(super) fn new(
        entries: &[Entry],
        qualifier: impl Fn(&str) -> Option<(usize, usize)>,
    ) -> Result<Keys, String> {
        let mut keys = Keys { ids: vec![None; SLOTS], qualifiers: vec![None; QUALIFIERS], ..Keys::default() };
        let mut known: BTreeMap<&str, Id> = BTreeMap::new();
        let mut seen: BTreeMap<(u8, &str), u16> = BTreeMap::new();
        for entry in entries {
            let id = entry.at.segment;
            let number = u8::try_from(known.len()).map_err(|e| e.to_string())?;
            let id = *known.entry(id).or_insert_with(|| {
                let (element, component) = qualifier(id).unwrap_or((0, 0));
                let base = keys.len as u16;
                keys.len += 1;
                let packed = pack(id.as_bytes()).unwrap_or(0);
                Id { packed, number, base, element: element as u8, component: component as u8 }
            });
            let codes: &[&str] = usize::from(id.element)
                .checked_sub(1)
                .and_then(|n| entry.elements.get(n))
                .and_then(|e| {
                    if id.component == 0 { Some(e) } else { e.components.get(usize::from(id.component) - 1) }
                })
                .map_or(&[], |e| e.codes.listed());
            let mut own = Vec::new();
            for code in codes {
                let key = *seen.entry((id.number, code)).or_insert_with(|| {
                    keys.len += 1;
                    keys.len as u16 - 1
                });
                own.push(Key(key));
            }
            keys.own.push(own);
            keys.numbers.push(id.number);
        }
        keys.segments = known.len();
        // An entry that isn't told apart by codes takes every segment of its id.
        for n in 0..entries.len() {
            if keys.own.get(n).is_some_and(Vec::is_empty) {
                let number = keys.numbers.get(n).copied().unwrap_or(u8::MAX);
                let base = known.values().find(|id| id.number == number).map(|id| Key(id.base));
                let coded = seen.iter().filter(|((s, _), _)| *s == number).map(|(_, key)| Key(*key));
                if let Some(own) = keys.own.get_mut(n) {
                    own.extend(base.into_iter().chain(coded));
                }
            }
        }
        for id in known.values() {
            probe(&mut keys.ids, id.packed, |slot| slot.is_none(), *id);
        }
        for ((segment, code), key) in seen {
            if let Some(packed) = pack(code.as_bytes()) {
                let place = qualified(segment, packed);
                probe(&mut keys.qualifiers, place, |slot| slot.is_none(), (packed, segment, key));
            }
        }
        Ok(keys)
    }

    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// How many segment ids there are.
    pub(super) fn segments(&self) -> usize {
        self.segments
    }

    /// The keys of an entry.
    pub(super) fn of(&self, entry: EntryIx) -> &[Key] {
        self.own.get(usize::from(entry.0)).map_or(&[], Vec::as_slice)
    }

    /// The number of an entry's segment id.
    pub(super) fn segment_of(&self, entry: EntryIx) -> u8 {
        self.numbers.get(usize::from(entry.0)).copied().unwrap_or(u8::MAX)
    }

    /// What a segment is to the guide; `None` where no entry has its id.
    pub(super) fn look_up(&self, segment: &Segment<'_>) -> Option<Known> {
        let id = segment.id();
        if id.len() > 3 {
            return None;
        }
        let packed = pack(id)?;
        let id = find(&self.ids, packed, |id| id.packed == packed)?;
        let known = Known { segment: id.number, key: Key(id.base) };
        if id.element == 0 {
            return Some(known);
        }
        let value = match id.component {
            0 => segment.value(usize::from(id.element)),
            c => segment.component(usize::from(id.element), usize::from(c)),
        };
        let Some(packed) = pack(value) else { return Some(known) };
        let same = |(p, segment, _): &(u64, u8, u16)| (*p, *segment) == (packed, id.number);
        let key = find(&self.qualifiers, qualified(id.number, packed), same);
        Some(key.map_or(known, |(_, _, key)| Known { key: Key(key), ..known }))
    }
}

/// What a segment number and a packed qualifier are looked up by.
fn qualified(segment: u8, packed: u64) -> u64 {
    packed ^ (u64::from(segment) << 24)
}

fn slot(packed: u64, slots: usize) -> usize {
    (packed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as usize & (slots - 1)
}

fn probe<T>(table: &mut [Option<T>], packed: u64, free: impl Fn(&Option<T>) -> bool, value: T) {
    let start = slot(packed, table.len());
    let (head, tail) = table.split_at_mut(start);
    if let Some(place) = tail.iter_mut().chain(head).find(|s| free(s)) {
        *place = Some(value);
    }
}

fn find<T: Copy>(table: &[Option<T>], packed: u64, same: impl Fn(&T) -> bool) -> Option<T> {
    let mut at = slot(packed, table.len().max(1));
    // Both tables are kept far from full, so that an empty slot ends every search soon.
    while let Some(Some(found)) = table.get(at) {
        if same(found) {
            return Some(*found);
        }
        at = (at + 1) & (table.len() - 1);
    }
    None
}
