//! Where the segments of each entry of a guide stand in a claim, so that looking for one costs nothing where there is
//! none.

use std::slice;

use super::signs::{Sign, Signs};
use super::view::{Hit, Placed};
use crate::schema::{EntryIx, Path, Schema};
use crate::x12::Segment;

/// Where the segments of each entry stand in the claim and its context.
#[derive(Debug)]
pub struct ByEntry<'s> {
    signs: &'s Signs,
    /// First and last place of each entry, and the generation of its level they were noted in.
    spans: Vec<(u32, u32, u32)>,
    /// The generation of each level: what was noted before is gone.
    generations: [u32; 5],
    next: u32,
    /// A bit an entry, something stands there, and a bit a sign.
    stands: Vec<u64>,
    /// By level: the bits of its entries and signs.
    levels: [Vec<u64>; 5],
}

/// What a check needs to stand in a claim to have anything to say: of each group of entries or signs one. Groups that span more than
/// two words are left out, and the check finds out itself.
#[derive(Clone, Debug, Default)]
pub struct Gate(Vec<Need>);

#[derive(Clone, Copy, Debug)]
struct Need {
    word: usize,
    bits: [u64; 2],
    /// True where one of them must stand, false where none may.
    stands: bool,
}

impl Gate {
    /// One of these must stand, too.
    pub fn need(&mut self, entries: &[EntryIx]) {
        self.ask(entries.iter().map(|e| usize::from(e.0)), true);
    }

    /// One of these signs must stand, too.
    pub fn sign(&mut self, signs: &[Sign]) {
        self.ask(signs.iter().map(|s| s.0), true);
    }

    /// This sign may not stand.
    pub fn without(&mut self, sign: Sign) {
        self.ask([sign.0].into_iter(), false);
    }

    fn ask(&mut self, asked: impl Iterator<Item = usize> + Clone, stands: bool) {
        let word = asked.clone().map(|n| bit(n).0).min().unwrap_or(0);
        let mut bits = [0; 2];
        for (at, mask) in asked.map(bit) {
            let Some(bits) = bits.get_mut(at - word) else { return };
            *bits |= mask;
        }
        self.0.push(Need { word, bits, stands });
    }
}

/// Word and mask of a bit.
fn bit(number: usize) -> (usize, u64) {
    (number / 64, 1 << (number % 64))
}

impl<'s> ByEntry<'s> {
    /// Nothing noted.
    #[must_use]
    pub fn new(schema: &Schema, signs: &'s Signs) -> ByEntry<'s> {
        let entries = schema.entries.len();
        // One more, so that two words can always be read at once.
        let words = vec![0; entries.div_ceil(64) + signs.words() + 1];
        let mut levels = [(); 5].map(|()| words.clone());
        let of_entries = (0u16..).map(EntryIx).take(entries);
        let of_entries = of_entries.map(|e| (usize::from(e.0), usize::from(schema.level(e))));
        for (number, level) in of_entries.chain(signs.levels()) {
            let (word, mask) = bit(number);
            if let Some(bits) = levels.get_mut(level).and_then(|l| l.get_mut(word)) {
                *bits |= mask;
            }
        }
        ByEntry {
            signs,
            spans: vec![(0, 0, 0); entries],
            generations: [1; 5],
            next: 2,
            stands: words,
            levels,
        }
    }

    /// Forgets a level: header 0 to claim 4.
    pub fn forget(&mut self, level: usize) {
        if let Some(generation) = self.generations.get_mut(level) {
            *generation = self.next;
            self.next = self.next.wrapping_add(1).max(1);
        }
        let gone = self.levels.get(level).into_iter().flatten();
        self.stands.iter_mut().zip(gone).for_each(|(stands, gone)| *stands &= !gone);
    }

    /// True unless something that a gate needs is missing.
    #[inline]
    #[must_use]
    pub fn opens(&self, gate: &Gate) -> bool {
        gate.0.iter().all(|need| {
            let pair = self.stands.get(need.word..need.word + 2);
            pair.is_some_and(|pair| pair.iter().zip(&need.bits).any(|(s, bits)| s & bits != 0)) == need.stands
        })
    }

    /// Notes that the segment at this place of a level stands at an entry.
    #[inline]
    pub fn note(&mut self, level: usize, entry: EntryIx, place: usize, segment: &Segment<'_>) {
        let generation = self.generations.get(level).copied().unwrap_or(0);
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        if let Some(span) = self.spans.get_mut(usize::from(entry.0)) {
            *span =
                if span.2 == generation { (span.0, place, generation) } else { (place, place, generation) };
            let (word, mask) = bit(usize::from(entry.0));
            if let Some(stands) = self.stands.get_mut(word) {
                *stands |= mask;
            }
            self.signs.note(entry, segment, &mut self.stands);
        }
    }

    /// First and last place of an entry in its level.
    #[inline]
    #[must_use]
    pub fn span(&self, level: usize, entry: EntryIx) -> Option<(usize, usize)> {
        let generation = self.generations.get(level)?;
        let (first, last, noted) = self.spans.get(usize::from(entry.0))?;
        (noted == generation).then_some((*first as usize, *last as usize))
    }
}

/// Entries that stand at one level, and that level.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    /// Header 0 to claim 4.
    pub level: usize,
    /// Which.
    pub entries: Vec<EntryIx>,
}

impl Entries {
    /// Those of a loop with this segment id.
    #[must_use]
    pub fn of(schema: &Schema, loop_id: &str, segment: &str) -> Entries {
        Entries::qualified(schema, loop_id, segment, None)
    }

    /// The same, less those that don't take this qualifier.
    #[must_use]
    pub fn qualified(schema: &Schema, loop_id: &str, segment: &str, qualifier: Option<&str>) -> Entries {
        let Some(ix) = schema.loop_ix(loop_id) else { return Entries::default() };
        let takes = |e: &EntryIx| qualifier.is_none_or(|q| schema.takes(*e, q));
        let entries: Vec<EntryIx> = schema.entries_of(ix, segment).map(|(e, _)| e).filter(takes).collect();
        let level = entries.first().map_or(0, |e| usize::from(schema.level(*e)));
        Entries { level, entries }
    }
}

/// The segments of a claim at some entries, in file order.
#[derive(Clone, Debug)]
pub struct At<'a, 'e> {
    pub(super) stretch: slice::Iter<'a, Placed<'a>>,
    pub(super) entries: &'e [EntryIx],
}

impl<'a> Iterator for At<'a, '_> {
    type Item = &'a Placed<'a>;

    #[inline]
    fn next(&mut self) -> Option<&'a Placed<'a>> {
        match *self.entries {
            [one] => self.stretch.find(|p| p.entry == Some(one)),
            ref some => self.stretch.find(|p| p.entry.is_some_and(|e| some.contains(&e))),
        }
    }
}

/// What a path asks for in one guide: its entries, and which of the segments there.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// Where to look.
    pub entries: Entries,
    occurrence: Option<u16>,
    nth: Option<u16>,
    /// Element, component and value that must stand in the segment.
    pub(super) qualifier: Option<(usize, usize, Vec<u8>)>,
    pub(super) element: Option<usize>,
    pub(super) component: Option<usize>,
    /// Any segment at the entries will do.
    any: bool,
}

impl Place {
    /// Looks a path up; it must resolve in this guide.
    #[must_use]
    pub fn new(schema: &Schema, path: &Path) -> Place {
        let entries = Entries::qualified(schema, &path.loop_id, &path.segment, path.qualifier.as_deref());
        let (element, component) = schema.qualifier(path.segment.as_bytes());
        let qualifier = path.qualifier.as_ref().map(|q| (element, component, q.clone().into_bytes()));
        let &Path { occurrence, nth, element, component, .. } = path;
        let any = occurrence.is_none() && nth.is_none() && qualifier.is_none();
        Place { entries, occurrence, nth, qualifier, element, component, any }
    }
}

impl Place {
    /// True where it names no single occurrence of its loop or segment.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.occurrence.is_none() && self.nth.is_none()
    }

    /// True when something holds for one of what it leads to among these segments: as [`Find`] with `any`, but at a
    /// third of the cost where any segment at one entry will do.
    #[inline]
    pub fn any<'a>(&self, segments: &'a [Placed<'a>], mut holds: impl FnMut(Hit<'a>) -> bool) -> bool {
        match *self.entries.entries {
            [one] if self.any => segments.iter().any(|p| p.entry == Some(one) && holds(self.hit(p))),
            _ => Find::new(segments, self).any(holds),
        }
    }

    #[inline(always)]
    fn hit<'a>(&self, placed: &'a Placed<'a>) -> Hit<'a> {
        let value = match (self.element, self.component) {
            (None, _) => placed.segment.text(),
            (Some(e), None) => placed.segment.value(e),
            (Some(e), Some(c)) => placed.segment.component(e, c),
        };
        Hit { placed, value }
    }
}

/// Everything a path leads to in a claim, in file order.
#[derive(Clone, Debug)]
pub struct Find<'a, 'p> {
    pub(super) at: At<'a, 'p>,
    pub(super) place: &'p Place,
    /// Occurrence of the loop, and how many of its segments fitted so far.
    pub(super) seen: (u16, u16),
}

impl<'a, 'p> Find<'a, 'p> {
    /// Among these segments.
    #[inline]
    #[must_use]
    pub fn new(segments: &'a [Placed<'a>], place: &'p Place) -> Find<'a, 'p> {
        let at = At { stretch: segments.iter(), entries: &place.entries.entries };
        Find { at, place, seen: (0, 0) }
    }
}

impl<'a> Iterator for Find<'a, '_> {
    type Item = Hit<'a>;

    #[inline]
    fn next(&mut self) -> Option<Hit<'a>> {
        let place = self.place;
        loop {
            let placed = self.at.next()?;
            if place.any {
                return Some(place.hit(placed));
            }
            if place.occurrence.is_some_and(|n| n != placed.occurrence) {
                continue;
            }
            if let Some((element, component, value)) = &place.qualifier
                && placed.segment.component(*element, *component) != value.as_slice()
            {
                continue;
            }
            if let Some(nth) = place.nth {
                let before = if self.seen.0 == placed.occurrence { self.seen.1 } else { 0 };
                self.seen = (placed.occurrence, before.saturating_add(1));
                if self.seen.1 != nth {
                    continue;
                }
            }
            return Some(place.hit(placed));
        }
    }
}
