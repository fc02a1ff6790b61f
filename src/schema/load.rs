//! Reads `config/schemas/*.toml` into tables.

use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;

/// The guides we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Guide {
    /// 837 professional.
    Professional,
    /// 837 institutional.
    Institutional,
    /// 837 dental.
    Dental,
    /// 835 remittance.
    Remittance,
}

impl Guide {
    /// All of them.
    pub const ALL: [Guide; 4] = [Guide::Professional, Guide::Institutional, Guide::Dental, Guide::Remittance];

    /// `837P`, `837I`, `837D` or `835`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Guide::Professional => "837P",
            Guide::Institutional => "837I",
            Guide::Dental => "837D",
            Guide::Remittance => "835",
        }
    }

    /// The guide of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Guide> {
        Guide::ALL.into_iter().find(|g| g.name() == name)
    }

    /// The guide a transaction set follows, by ST01 and version; the flag is false when the version is ours but
    /// for its errata letter.
    #[must_use]
    pub fn of(set: &str, version: &str) -> Option<(Guide, bool)> {
        Guide::ALL.into_iter().find_map(|guide| {
            let schema = schema(guide);
            if schema.set != set {
                return None;
            }
            if schema.versions.iter().any(|v| v == version) {
                return Some((guide, true));
            }
            (version.starts_with(&schema.nearest)).then_some((guide, false))
        })
    }
}

impl fmt::Display for Guide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Index of a loop in its schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LoopIx(pub u8);

/// One loop of a guide.
#[derive(Debug)]
pub struct Loop {
    /// `"2010AA"`.
    pub id: String,
    /// Loops it may stand in.
    pub parents: Vec<LoopIx>,
    /// Segment that opens it.
    pub opens: Option<Opener>,
    /// Segments it holds besides its opener.
    pub holds: Vec<String>,
    /// Loops that may stand in it.
    pub children: Vec<LoopIx>,
}

/// What opens a loop.
#[derive(Debug)]
pub struct Opener {
    /// Segment id.
    pub segment: String,
    /// Qualifiers, any when empty.
    pub qualifiers: Vec<String>,
}

/// A guide's tables.
#[derive(Debug)]
pub struct Schema {
    /// Which guide.
    pub guide: Guide,
    /// ST01.
    pub set: String,
    /// Versions of the guide, the first the one we name.
    pub versions: Vec<String>,
    /// The version without its errata letter.
    pub nearest: String,
    /// Its loops; parents come before children.
    pub loops: Vec<Loop>,
    qualifiers: Vec<(String, usize)>,
    elements: Vec<(String, usize)>,
}

impl Schema {
    /// The loop with this id.
    #[must_use]
    pub fn loop_ix(&self, id: &str) -> Option<LoopIx> {
        self.loops.iter().position(|l| l.id == id).and_then(|i| u8::try_from(i).ok()).map(LoopIx)
    }

    /// The id of a loop.
    #[must_use]
    pub fn loop_id(&self, ix: LoopIx) -> &str {
        self.loops.get(usize::from(ix.0)).map_or("", |l| &l.id)
    }

    /// Which element is the qualifier of a segment.
    #[must_use]
    pub fn qualifier(&self, segment: &[u8]) -> usize {
        self.qualifiers.iter().find(|(id, _)| id.as_bytes() == segment).map_or(1, |(_, n)| *n)
    }

    /// How many elements a segment may have; `None` for an unknown segment.
    #[must_use]
    pub fn elements(&self, segment: &str) -> Option<usize> {
        self.elements.iter().find(|(id, _)| id == segment).map(|(_, n)| *n)
    }

    /// True when this loop holds this segment, opener included.
    #[must_use]
    pub fn holds(&self, ix: LoopIx, segment: &str) -> bool {
        self.loops.get(usize::from(ix.0)).is_some_and(|l| {
            l.holds.iter().any(|s| s == segment) || l.opens.as_ref().is_some_and(|o| o.segment == segment)
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    guide: Vec<RawGuide>,
    qualifier: toml::Table,
    elements: toml::Table,
    #[serde(rename = "loop")]
    loops: Vec<RawLoop>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGuide {
    name: String,
    letter: char,
    set: String,
    versions: Vec<String>,
    nearest: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLoop {
    id: String,
    r#in: String,
    #[serde(default)]
    parent: Vec<String>,
    opens: Option<String>,
    holds: Vec<String>,
}

/// The schema of a guide, compiled in.
#[must_use]
pub fn schema(guide: Guide) -> &'static Schema {
    static ALL: LazyLock<Vec<Schema>> = LazyLock::new(|| {
        let claims = include_str!("../../config/schemas/837.toml");
        let remittances = include_str!("../../config/schemas/835.toml");
        // The tables are compiled in and a test reads them: an empty result can't reach a user.
        [claims, remittances].iter().flat_map(|text| load(text).unwrap_or_default()).collect()
    });
    static EMPTY: LazyLock<Schema> = LazyLock::new(Schema::default);
    ALL.iter().find(|s| s.guide == guide).unwrap_or(&EMPTY)
}

impl Default for Schema {
    fn default() -> Schema {
        Schema {
            guide: Guide::Professional,
            set: String::new(),
            versions: Vec::new(),
            nearest: String::new(),
            loops: Vec::new(),
            qualifiers: Vec::new(),
            elements: Vec::new(),
        }
    }
}

fn load(text: &str) -> Result<Vec<Schema>, toml::de::Error> {
    let raw: RawFile = toml::from_str(text)?;
    let numbers = |table: &toml::Table| -> Vec<(String, usize)> {
        table.iter().filter_map(|(k, v)| Some((k.clone(), usize::try_from(v.as_integer()?).ok()?))).collect()
    };
    let schemas = raw.guide.iter().filter_map(|guide| {
        let mut schema = Schema {
            guide: Guide::from_name(&guide.name)?,
            set: guide.set.clone(),
            versions: guide.versions.clone(),
            nearest: guide.nearest.clone(),
            loops: Vec::new(),
            qualifiers: numbers(&raw.qualifier),
            elements: numbers(&raw.elements),
        };
        for raw in raw.loops.iter().filter(|l| l.r#in.contains(guide.letter)) {
            let ix = LoopIx(u8::try_from(schema.loops.len()).ok()?);
            let parents: Vec<LoopIx> = raw.parent.iter().filter_map(|p| schema.loop_ix(p)).collect();
            for parent in &parents {
                schema.loops.get_mut(usize::from(parent.0))?.children.push(ix);
            }
            let opens = raw.opens.as_deref().map(opener);
            let (id, holds) = (raw.id.clone(), raw.holds.clone());
            schema.loops.push(Loop { id, parents, opens, holds, children: Vec::new() });
        }
        Some(schema)
    });
    Ok(schemas.collect())
}

fn opener(text: &str) -> Opener {
    let (segment, qualifiers) = text.trim_end_matches(']').split_once('[').unwrap_or((text, ""));
    let qualifiers = qualifiers.split(',').filter(|q| !q.is_empty()).map(str::to_owned).collect();
    Opener { segment: segment.to_owned(), qualifiers }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiled_in_tables_load() {
        assert_eq!(load(include_str!("../../config/schemas/837.toml")).unwrap().len(), 3);
        assert_eq!(load(include_str!("../../config/schemas/835.toml")).unwrap().len(), 1);
        for guide in Guide::ALL {
            let schema = schema(guide);
            assert_eq!(schema.guide, guide);
            let orphans = schema.loops.iter().filter(|l| l.parents.is_empty()).count();
            assert_eq!(orphans, 2, "{guide}: only ISA and ST have no parent");
            for l in &schema.loops {
                for held in &l.holds {
                    assert!(schema.elements(held).is_some(), "{guide} {} {held}", l.id);
                }
            }
        }
    }

    #[test]
    fn versions_with_and_without_errata() {
        assert_eq!(Guide::of("837", "005010X222A1"), Some((Guide::Professional, true)));
        assert_eq!(Guide::of("837", "005010X223"), Some((Guide::Institutional, false)));
        assert_eq!(Guide::of("837", "004010X098A1"), None);
        assert_eq!(Guide::of("835", "005010X222A1"), None);
    }
}
