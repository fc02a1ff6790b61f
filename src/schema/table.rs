//! A guide as look-up tables: loops with their slots, entries with their elements, and for each loop which slot a
//! segment takes.

use super::codes::Codes;
use super::dictionary::{DataElement, Note, SegmentDef, dictionary};
use super::elements::Brief;
use super::guide::Guide;
use super::keys::Keys;
use crate::x12::fault::At;

/// Index of a loop in its schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LoopIx(pub u8);

/// Index of a segment entry in its schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryIx(pub u16);

/// No slot.
pub(super) const NONE: u8 = u8::MAX;

/// One loop of a guide.
#[derive(Debug)]
pub struct Loop {
    /// `"2010AA"`.
    pub id: &'static str,
    /// In short words of our own.
    pub name: &'static str,
    /// Required in each occurrence of its parent.
    pub required: bool,
    /// How often it may stand in one parent; 0 for no limit.
    pub repeat: u16,
    /// Loops it may stand in; none for the transaction set.
    pub parents: Vec<LoopIx>,
    /// How deep in a claim's context it stands: header 0, 2000A 1, 2000B 2, 2000C 3, the claim itself 4.
    pub level: u8,
    /// Its segments and child loops, in order; the first one opens it.
    pub(super) slots: Vec<Slot>,
    /// Slots that must be filled.
    pub(super) needed: u128,
    /// First slot by key.
    pub(super) by_key: Vec<u8>,
    /// First slot whose segment, or whose loop's opener, has this id.
    pub(super) by_segment: Vec<u8>,
    /// Which keys it holds behind its opener.
    pub(super) within: Vec<bool>,
}

/// A place in a loop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub target: Target,
    /// The entry it starts with: its own, or its loop's opener.
    pub entry: Option<EntryIx>,
    pub required: bool,
    /// 0 for no limit.
    pub max: u16,
    /// Slots of one position may come in any order.
    pub position: u8,
    /// Required slots of earlier positions.
    pub before: u128,
    /// A loop that HL or CLM opens.
    pub milestone: bool,
    /// Next slot with the same key.
    pub next: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Entry(EntryIx),
    Loop(LoopIx),
}

/// A segment at its place in a guide.
#[derive(Debug)]
pub struct Entry {
    /// Its loop.
    pub loop_ix: LoopIx,
    /// Its place as findings print it.
    pub at: At,
    /// What it is, in short words of our own.
    pub name: &'static str,
    /// Required in each occurrence of its loop.
    pub required: bool,
    /// How often it may stand in one occurrence of its loop; 0 for no limit.
    pub repeat: u16,
    /// All elements of the segment, used here or not.
    pub elements: Box<[Element]>,
    /// The same in brief.
    pub(super) briefs: Box<[Brief]>,
    /// Syntax notes of the segment.
    pub(super) notes: &'static [Note],
}

/// How a guide uses an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// Must be filled.
    Required,
    /// May be filled.
    Situational,
    /// Must be empty.
    NotUsed,
}

/// An element or component at its place in a guide.
#[derive(Debug)]
pub struct Element {
    /// How the guide uses it.
    pub usage: Usage,
    /// Type, length and number; of a composite, those of its first component.
    pub data: DataElement,
    /// Number of the composite, where it is one.
    pub composite: Option<&'static str>,
    /// Codes the guide lists.
    pub codes: Codes,
    /// Components, where it is a composite.
    pub components: Box<[Element]>,
    /// The same in brief.
    pub(super) briefs: Box<[Brief]>,
    /// Syntax notes over the components.
    pub(super) notes: &'static [Note],
}

/// A guide's tables.
#[derive(Debug)]
pub struct Schema {
    /// Which guide.
    pub guide: Guide,
    /// ST01.
    pub set: &'static str,
    /// GS01.
    pub group: &'static str,
    /// Versions of the guide, the first the one we name.
    pub versions: Vec<&'static str>,
    /// The version without its errata letter.
    pub nearest: &'static str,
    /// Its loops, the transaction set first; parents come before children.
    pub loops: Vec<Loop>,
    /// Every segment entry.
    pub entries: Vec<Entry>,
    pub(super) keys: Keys,
}

impl Schema {
    /// The loop with this id.
    #[must_use]
    pub fn loop_ix(&self, id: &str) -> Option<LoopIx> {
        self.loops.iter().position(|l| l.id == id).and_then(|i| u8::try_from(i).ok()).map(LoopIx)
    }

    /// By loop: true for the loop of this id and those inside it.
    #[must_use]
    pub fn within(&self, id: &str) -> Vec<bool> {
        let mut within = vec![false; self.loops.len()];
        // Parents come before children.
        for (n, l) in self.loops.iter().enumerate() {
            let inner = l.parents.iter().any(|p| within.get(usize::from(p.0)) == Some(&true));
            if let Some(slot) = within.get_mut(n) {
                *slot = l.id == id || inner;
            }
        }
        within
    }

    /// True when a loop is another or stands in it.
    #[must_use]
    pub fn stands_within(&self, id: &str, outer: &str) -> bool {
        self.loop_ix(id).is_some_and(|ix| self.within(outer).get(usize::from(ix.0)) == Some(&true))
    }

    /// The id of a loop.
    #[must_use]
    pub fn loop_id(&self, ix: LoopIx) -> &'static str {
        self.loops.get(usize::from(ix.0)).map_or("", |l| l.id)
    }

    /// One entry.
    #[must_use]
    pub fn entry(&self, ix: EntryIx) -> Option<&Entry> {
        self.entries.get(usize::from(ix.0))
    }

    /// The entries of a loop with this segment id, in order.
    pub fn entries_of<'s>(&'s self, ix: LoopIx, segment: &str) -> impl Iterator<Item = (EntryIx, &'s Entry)> {
        let numbered = (0u16..).map(EntryIx).zip(&self.entries);
        numbered.filter(move |(_, e)| e.loop_ix == ix && e.at.segment == segment)
    }

    /// How deep in a claim's context an entry stands: see [`Loop::level`].
    #[must_use]
    pub fn level(&self, entry: EntryIx) -> u8 {
        self.entry(entry).map_or(0, |e| self.loop_level(e.loop_ix))
    }

    /// How deep in a claim's context a loop stands.
    #[must_use]
    pub fn loop_level(&self, ix: LoopIx) -> u8 {
        self.loops.get(usize::from(ix.0)).map_or(0, |l| l.level)
    }

    /// The entry a place names.
    #[must_use]
    pub fn entry_at(&self, at: &At) -> Option<&Entry> {
        let same = |e: &&Entry| {
            (e.at.loop_id, e.at.segment, e.at.qualifier) == (at.loop_id, at.segment, at.qualifier)
        };
        self.entries.iter().find(same)
    }

    /// The loop with this id.
    #[must_use]
    pub fn loop_named(&self, id: &str) -> Option<&Loop> {
        self.loops.iter().find(|l| l.id == id)
    }

    /// The element, and component, that tells entries of a segment id apart; the first element where none does.
    #[must_use]
    pub fn qualifier(&self, segment: &[u8]) -> (usize, usize) {
        definition(segment).and_then(|d| d.qualifier).map_or((1, 1), |(e, c)| (e, c.max(1)))
    }

    /// True for an entry that a segment with this qualifier may stand at.
    #[must_use]
    pub fn takes(&self, entry: EntryIx, qualifier: &str) -> bool {
        let Some(entry) = self.entry(entry) else { return false };
        let (element, component) = self.qualifier(entry.at.segment.as_bytes());
        let element = entry.elements.get(element.wrapping_sub(1));
        let part = element.and_then(|e| e.components.get(component.wrapping_sub(1))).or(element);
        part.is_none_or(|e| e.codes.is_open() || e.codes.listed().contains(&qualifier))
    }

    /// How many elements a segment may have; `None` for an unknown segment.
    #[must_use]
    pub fn elements(&self, segment: &str) -> Option<usize> {
        definition(segment.as_bytes()).map(|d| d.elements.len())
    }

    /// True when this loop holds this segment, opener included.
    #[must_use]
    pub fn holds(&self, ix: LoopIx, segment: &str) -> bool {
        self.entries_of(ix, segment).next().is_some()
    }
}

impl Entry {
    /// The element or component a place names.
    #[must_use]
    pub fn element_at(&self, at: &At) -> Option<&Element> {
        let element = self.elements.get(usize::from(at.element).checked_sub(1)?)?;
        match usize::from(at.component).checked_sub(1) {
            None => Some(element),
            Some(c) => element.components.get(c),
        }
    }
}

/// The segment of the standard with this id.
pub(super) fn definition(id: &[u8]) -> Option<&'static SegmentDef> {
    dictionary().segments.get(std::str::from_utf8(id).ok()?)
}

impl Schema {
    pub(super) fn empty(guide: Guide) -> Schema {
        let (loops, entries) = (Vec::new(), Vec::new());
        Schema {
            guide,
            set: "",
            group: "",
            versions: Vec::new(),
            nearest: "",
            loops,
            entries,
            keys: Keys::default(),
        }
    }
}
