//! Corrects a claim by path: an element set or emptied, a segment added or taken away. Every other segment keeps its bytes.

use thiserror::Error;

use super::Single;
use crate::schema::{EntryIx, Guide, LoopIx, Path, PathError, Schema, Walker, schema};
use crate::x12::index::Index;
use crate::x12::segment::{Indexed, Segments};

/// A correction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where, as `held show` prints it.
    pub path: Path,
    /// What shall stand there; nothing takes the element, or the segment, away.
    pub value: String,
}

/// What stood there; `None` where nothing did.
pub type Was = Option<String>;

/// Why a correction can't be made. No value is repeated.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Refused {
    /// The guide has no such place.
    #[error(transparent)]
    Path(#[from] PathError),
    /// It follows none of our guides.
    #[error("the claim follows no guide that is known")]
    Guide,
    /// Several segments stand there.
    #[error("{path} names {places} places: say which, as in {path} with [1] behind the loop")]
    Several {
        /// As given.
        path: String,
        /// How many.
        places: usize,
    },
    /// The loop it is in isn't there, so there is nothing to put it into.
    #[error("{path}: the claim has no such loop, so it can only be corrected where it was written")]
    NoLoop {
        /// As given.
        path: String,
    },
    /// A whole segment can be taken away, not written.
    #[error("{path} names a whole segment: name an element, or give nothing to take it away")]
    Segment {
        /// As given.
        path: String,
    },
    /// What counts and numbers is ours to write.
    #[error("{path} is counted by claimloop and can't be set")]
    Counted {
        /// As given.
        path: String,
    },
    /// A separator of the file, or a sign that can't be sent.
    #[error("{path}: the value holds a separator of the file or a sign that can't be sent")]
    Value {
        /// As given.
        path: String,
    },
}

/// Where a segment stands.
pub(super) struct Place {
    pub(super) loop_ix: LoopIx,
    pub(super) occurrence: u16,
    entry: Option<EntryIx>,
}

impl Single {
    /// Makes corrections, in order; gives what stood at each place.
    ///
    /// # Errors
    /// The first that can't be made; the claim is then as it was.
    pub fn amend(&mut self, changes: &[Change]) -> Result<Vec<Was>, Refused> {
        let guide = self.guide().ok_or(Refused::Guide)?;
        let mut amended = self.clone();
        let was = changes.iter().map(|change| amended.one(guide, change)).collect::<Result<_, _>>()?;
        amended.recount();
        *self = amended;
        Ok(was)
    }

    fn one(&mut self, guide: Guide, change: &Change) -> Result<Was, Refused> {
        let (path, schema) = (&change.path, schema(guide));
        let named = path.to_string();
        let ix = path.resolve(schema)?;
        if path.loop_id == "ISA" || matches!(path.segment.as_str(), "ST" | "SE" | "HL") {
            return Err(Refused::Counted { path: named });
        }
        if !self.is_sendable(path, &change.value) {
            return Err(Refused::Value { path: named });
        }
        let places = self.places(schema);
        let found: Vec<usize> = self.found(schema, &places, path, ix);
        let at = match found.as_slice() {
            [one] => Some(*one),
            [] => None,
            several => return Err(Refused::Several { path: named, places: several.len() }),
        };
        match (at, path.element) {
            (Some(at), None) if change.value.is_empty() => {
                let gone = self.set.remove(at);
                Ok(Some(String::from_utf8_lossy(&gone).into_owned()))
            }
            (Some(_), None) => Err(Refused::Segment { path: named }),
            (Some(at), Some(element)) => Ok(self.put(at, element, path.component, &change.value)),
            (None, Some(element)) if !change.value.is_empty() => {
                let at = self.add(schema, &places, path, ix).ok_or(Refused::NoLoop { path: named })?;
                self.put(at, element, path.component, &change.value);
                Ok(None)
            }
            (None, _) => Ok(None),
        }
    }

    /// True where every sign of a value may stand at its place.
    fn is_sendable(&self, path: &Path, value: &str) -> bool {
        let signs = &self.delimiters;
        value.bytes().all(|b| {
            // A whole composite is written with its separators.
            let parts = path.component.is_none() && b == signs.component;
            (b' '..=b'~').contains(&b)
                && b != signs.element
                && b != signs.segment
                && (parts || (b != signs.component && b != signs.repetition))
        })
    }

    pub(super) fn places(&self, schema: &'static Schema) -> Vec<Place> {
        let mut text = Vec::new();
        for segment in &self.set {
            text.extend_from_slice(segment);
            text.push(self.delimiters.segment);
        }
        let mut index = Index::default();
        index.fill(&text, self.delimiters);
        let mut walker = Walker::new(schema);
        let mut counts = vec![0u16; schema.loops.len()];
        let segments = Segments(Indexed::new(&text, &index, self.delimiters));
        let places = segments.zip(1..).map(|(segment, ordinal)| {
            let at = walker.step(&segment, ordinal, 0, &mut |_| {});
            let occurrence = counts.get_mut(usize::from(at.loop_ix.0)).map_or(1, |n| {
                *n += u16::from(at.opens);
                (*n).max(1)
            });
            Place { loop_ix: at.loop_ix, occurrence, entry: at.entry }
        });
        places.collect()
    }

    /// The segments a path names.
    pub(super) fn found(&self, schema: &Schema, places: &[Place], path: &Path, ix: LoopIx) -> Vec<usize> {
        let (element, component) = schema.qualifier(path.segment.as_bytes());
        let qualifies = |segment: &[u8]| match &path.qualifier {
            None => true,
            Some(wanted) => {
                let mut parts = self.element(segment, element).split(|b| *b == self.delimiters.component);
                parts.nth(component - 1) == Some(wanted.as_bytes())
            }
        };
        let all = self.set.iter().zip(places).enumerate().filter(|(_, (segment, place))| {
            place.loop_ix == ix
                && path.occurrence.is_none_or(|n| n == place.occurrence)
                && self.element(segment, 0) == path.segment.as_bytes()
                && qualifies(segment)
        });
        let mut all: Vec<usize> = all.map(|(at, _)| at).collect();
        if let Some(nth) = path.nth {
            all = all.get(usize::from(nth).wrapping_sub(1)).copied().into_iter().collect();
        }
        all
    }

    /// Adds an empty segment with its qualifier where the guide wants it, in the one occurrence of its loop.
    fn add(&mut self, schema: &Schema, places: &[Place], path: &Path, ix: LoopIx) -> Option<usize> {
        let takes = |e: &EntryIx| path.qualifier.as_deref().is_none_or(|q| schema.takes(*e, q));
        let entry = schema.entries_of(ix, &path.segment).map(|(e, _)| e).find(takes)?;
        let inside = |p: &&Place| p.loop_ix == ix && path.occurrence.is_none_or(|n| n == p.occurrence);
        let mut occurrences: Vec<u16> = places.iter().filter(inside).map(|p| p.occurrence).collect();
        occurrences.dedup();
        let [_] = occurrences.as_slice() else { return None };
        let before = |p: &Place| inside(&p) && p.entry.is_none_or(|e| e.0 <= entry.0);
        let at = places.iter().rposition(before)? + 1;
        let mut segment = path.segment.clone().into_bytes();
        if let Some(qualifier) = &path.qualifier {
            let (element, component) = schema.qualifier(path.segment.as_bytes());
            segment.extend(std::iter::repeat_n(self.delimiters.element, element));
            segment.extend(std::iter::repeat_n(self.delimiters.component, component - 1));
            segment.extend_from_slice(qualifier.as_bytes());
        }
        self.set.insert(at, segment);
        Some(at)
    }

    /// Sets an element or component; empty ones at the end are left out.
    fn put(&mut self, at: usize, element: usize, component: Option<usize>, value: &str) -> Was {
        let signs = self.delimiters;
        let segment = self.set.get_mut(at)?;
        let mut elements: Vec<Vec<u8>> = segment.split(|b| *b == signs.element).map(<[u8]>::to_vec).collect();
        if elements.len() <= element {
            elements.resize(element + 1, Vec::new());
        }
        let slot = elements.get_mut(element)?;
        let was = match component {
            None => std::mem::replace(slot, value.as_bytes().to_vec()),
            Some(component) => {
                let mut parts: Vec<Vec<u8>> =
                    slot.split(|b| *b == signs.component).map(<[u8]>::to_vec).collect();
                if parts.len() < component {
                    parts.resize(component, Vec::new());
                }
                let was = std::mem::replace(parts.get_mut(component - 1)?, value.as_bytes().to_vec());
                *slot = joined(parts, signs.component);
                was
            }
        };
        *segment = joined(elements, signs.element);
        Some(String::from_utf8_lossy(&was).into_owned()).filter(|w| !w.is_empty())
    }

    /// SE01.
    fn recount(&mut self) {
        let count = self.set.len().to_string();
        let last = self.set.len().saturating_sub(1);
        self.put(last, 1, None, &count);
    }
}

fn joined(mut parts: Vec<Vec<u8>>, separator: u8) -> Vec<u8> {
    while parts.len() > 1 && parts.last().is_some_and(Vec::is_empty) {
        parts.pop();
    }
    parts.join(&separator)
}
