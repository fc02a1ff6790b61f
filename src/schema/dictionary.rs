//! `segments.toml`: data elements, composites and segments of ASC X12 005010, shared by every guide.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::value::Kind;

/// A data element: its type and length.
#[derive(Clone, Copy, Debug)]
pub struct DataElement {
    /// Its number in the dictionary, `"98"`.
    pub number: &'static str,
    /// Type.
    pub kind: Kind,
    /// Least length.
    pub min: u8,
    /// Greatest length.
    pub max: u32,
}

/// What stands at an element position.
#[derive(Clone, Debug)]
pub enum Member {
    /// A simple element.
    Simple(DataElement),
    /// A composite, by its number.
    Composite(&'static Composite),
}

/// A composite's components and their syntax notes.
#[derive(Debug)]
pub struct Composite {
    /// `"C003"`.
    pub number: &'static str,
    /// Its components in order.
    pub components: Vec<DataElement>,
    /// Syntax notes over the components.
    pub notes: Vec<Note>,
}

/// A segment of the standard.
#[derive(Debug)]
pub struct SegmentDef {
    /// `"NM1"`.
    pub id: &'static str,
    /// Short words of our own.
    pub name: &'static str,
    /// Elements in order.
    pub elements: Vec<Member>,
    /// Syntax notes.
    pub notes: Vec<Note>,
    /// Element, and component, that tells entries of this id apart.
    pub qualifier: Option<(usize, usize)>,
}

/// A syntax note: a relation between elements of one segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Which relation.
    pub kind: NoteKind,
    /// Elements it speaks of, 1-based.
    pub of: Vec<u8>,
    /// The first of them as a bit, bit 1 for element 1, and all of them.
    bits: (u64, u64),
}

/// The relations of X12.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteKind {
    /// P: all or none.
    Paired,
    /// R: at least one.
    Required,
    /// E: at most one.
    Exclusion,
    /// C: the first asks for all the others.
    Conditional,
    /// L: the first asks for at least one of the others.
    ListConditional,
}

impl Note {
    /// Reads `P0809`.
    fn parse(text: &str) -> Option<Note> {
        let kind = match text.as_bytes().first()? {
            b'P' => NoteKind::Paired,
            b'R' => NoteKind::Required,
            b'E' => NoteKind::Exclusion,
            b'C' => NoteKind::Conditional,
            b'L' => NoteKind::ListConditional,
            _ => return None,
        };
        let numbers = text.as_bytes().get(1..)?.chunks(2);
        let of: Option<Vec<u8>> = numbers.map(|n| std::str::from_utf8(n).ok()?.parse().ok()).collect();
        Note::new(kind, of?)
    }

    fn new(kind: NoteKind, of: Vec<u8>) -> Option<Note> {
        let bit = |n: &u8| 1 << (*n).min(63);
        let bits = (bit(of.first()?), of.iter().map(bit).fold(0, |all, n| all | n));
        (of.len() > 1).then_some(Note { kind, of, bits })
    }

    /// True when it holds with these elements filled, a bit each.
    #[inline]
    pub(super) fn holds(&self, filled: u64) -> bool {
        let (first, all) = self.bits;
        let there = filled & all;
        match self.kind {
            NoteKind::Paired => there == 0 || there == all,
            NoteKind::Required => there != 0,
            NoteKind::Exclusion => there & there.wrapping_sub(1) == 0,
            NoteKind::Conditional => there & first == 0 || there == all,
            NoteKind::ListConditional => there & first == 0 || there != first,
        }
    }

    /// The element that a broken note asks for, or has once too often.
    pub(super) fn at_fault(&self, filled: u64) -> Option<u8> {
        let has = |n: &&u8| filled & (1 << (**n).min(63)) != 0;
        match self.kind {
            NoteKind::Paired | NoteKind::Conditional => self.of.iter().find(|n| !has(n)).copied(),
            NoteKind::Required => self.of.first().copied(),
            NoteKind::Exclusion => self.of.iter().filter(has).nth(1).copied(),
            NoteKind::ListConditional => self.of.get(1).copied(),
        }
    }
}

/// The whole dictionary.
#[derive(Debug, Default)]
pub struct Dictionary {
    /// Segments by id.
    pub segments: BTreeMap<&'static str, SegmentDef>,
    elements: BTreeMap<&'static str, DataElement>,
    composites: BTreeMap<&'static str, &'static Composite>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    elements: BTreeMap<String, String>,
    composites: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    composite_notes: BTreeMap<String, Vec<String>>,
    segments: BTreeMap<String, RawSegment>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSegment {
    name: String,
    elements: Vec<String>,
    #[serde(default)]
    notes: Vec<String>,
    qualifier: Option<toml::Value>,
    // Read by the comparison with other people's maps, not by us: guides say what is required.
    #[serde(default, rename = "mandatory")]
    _mandatory: Vec<u8>,
}

/// The dictionary compiled in.
pub(super) fn dictionary() -> &'static Dictionary {
    // Compiled in, and a test reads it: an error can't reach a user.
    static READ: LazyLock<Dictionary> = LazyLock::new(|| load().unwrap_or_default());
    &READ
}

/// Text kept for the life of the program: places in findings borrow from it.
pub(super) fn keep(text: &str) -> &'static str {
    String::from(text).leak()
}

fn load() -> Result<Dictionary, String> {
    let text = include_str!("../../config/schemas/segments.toml");
    let raw: Raw = toml::from_str(text).map_err(|e| format!("segments.toml: {e}"))?;
    let mut out = Dictionary::default();
    for (number, text) in &raw.elements {
        let number = keep(number);
        let element = data_element(number, text).ok_or_else(|| format!("element {number}: {text}"))?;
        out.elements.insert(number, element);
    }
    for (number, components) in &raw.composites {
        let number = keep(number);
        let find = |c: &String| {
            out.elements.get(c.as_str()).copied().ok_or_else(|| format!("{number}: element {c}"))
        };
        let components = components.iter().map(find).collect::<Result<_, _>>()?;
        let notes = raw.composite_notes.get(number).map(|n| read_notes(number, n)).transpose()?;
        let composite = Composite { number, components, notes: notes.unwrap_or_default() };
        out.composites.insert(number, Box::leak(Box::new(composite)));
    }
    for (id, raw) in raw.segments {
        let id = keep(&id);
        let member = |n: &String| match (out.elements.get(n.as_str()), out.composites.get(n.as_str())) {
            (Some(element), _) => Ok(Member::Simple(*element)),
            (None, Some(composite)) => Ok(Member::Composite(composite)),
            _ => Err(format!("{id}: no element or composite {n}")),
        };
        let elements = raw.elements.iter().map(member).collect::<Result<_, _>>()?;
        let qualifier = raw.qualifier.map(|q| qualifier(&q).ok_or_else(|| format!("{id}: qualifier {q}")));
        let notes = read_notes(id, &raw.notes)?;
        let def =
            SegmentDef { id, name: keep(&raw.name), elements, notes, qualifier: qualifier.transpose()? };
        out.segments.insert(id, def);
    }
    Ok(out)
}

fn read_notes(of: &str, notes: &[String]) -> Result<Vec<Note>, String> {
    notes.iter().map(|n| Note::parse(n).ok_or_else(|| format!("{of}: syntax note {n}"))).collect()
}

fn data_element(number: &'static str, text: &str) -> Option<DataElement> {
    let mut words = text.split_whitespace();
    let kind = Kind::parse(words.next()?, number)?;
    let (min, max) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    words.next().is_none().then_some(DataElement { number, kind, min, max })
}

fn qualifier(value: &toml::Value) -> Option<(usize, usize)> {
    match value {
        toml::Value::Integer(n) => Some((usize::try_from(*n).ok()?, 0)),
        toml::Value::String(text) => {
            let (element, component) = text.split_once('-')?;
            Some((element.parse().ok()?, component.parse().ok()?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dictionary_reads() {
        let read = load().unwrap();
        assert!(read.segments.len() > 60);
        let nm1 = &read.segments["NM1"];
        assert_eq!(nm1.elements.len(), 12);
        assert_eq!(nm1.notes[0], Note::new(NoteKind::Paired, vec![8, 9]).unwrap());
        assert!(matches!(&read.segments["SV1"].elements[0], Member::Composite(c) if c.components.len() == 8));
    }
}
