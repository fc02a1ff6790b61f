//! A claim for people to read: each segment with its loop, and what stands at a path.

use super::Single;
use crate::schema::{Path, schema};

/// A segment and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Loop id; empty where the claim follows no guide of ours.
    pub loop_id: &'static str,
    /// Which occurrence of that loop, 1-based.
    pub occurrence: u16,
    /// Ordinal in the transaction set, ST = 1, as findings count.
    pub ordinal: u32,
    /// Its id and elements.
    pub elements: Vec<String>,
}

impl Placed {
    /// An element, 1-based; 0 is the segment's id. Empty where it wasn't sent.
    #[must_use]
    pub fn element(&self, n: usize) -> &str {
        self.elements.get(n).map_or("", String::as_str)
    }
}

impl Single {
    /// Every segment, from ST to SE.
    #[must_use]
    pub fn placed(&self) -> Vec<Placed> {
        let guide = self.guide().map(schema);
        let places = guide.map(|schema| self.places(schema)).unwrap_or_default();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let each = self.set.iter().enumerate().zip(1..).map(|((n, segment), ordinal)| {
            let place = places.get(n);
            Placed {
                loop_id: guide.zip(place).map_or("", |(schema, p)| schema.loop_id(p.loop_ix)),
                occurrence: place.map_or(1, |p| p.occurrence),
                ordinal,
                elements: segment.split(|b| *b == self.delimiters.element).map(text).collect(),
            }
        });
        each.collect()
    }

    /// What stands at a path that names an element; nothing where its segment isn't there, or several are.
    #[must_use]
    pub fn value(&self, path: &Path) -> Option<String> {
        let [at] = self.named(path)?[..] else { return None };
        let whole = self.element(self.set.get(at)?, path.element?);
        let part = match path.component {
            None => whole,
            Some(n) => whole.split(|b| *b == self.delimiters.component).nth(n - 1).unwrap_or_default(),
        };
        Some(String::from_utf8_lossy(part).into_owned())
    }

    /// A path a finding prints, made to name the one segment it was found at; as it is where none or one alone is named.
    #[must_use]
    pub fn exact(&self, path: Path, ordinal: u32) -> Path {
        let several = |path: &Path| self.named(path).is_some_and(|found| found.len() > 1);
        if !several(&path) {
            return path;
        }
        let Some(at) = usize::try_from(ordinal).ok().and_then(|n| n.checked_sub(1)) else { return path };
        let occurrence = self.guide().and_then(|g| self.places(schema(g)).get(at).map(|p| p.occurrence));
        let within = Path { occurrence: path.occurrence.or(occurrence), ..path };
        let found = self.named(&within).unwrap_or_default();
        if found.len() < 2 {
            return within;
        }
        let nth = found.iter().position(|n| *n == at).and_then(|n| u16::try_from(n + 1).ok());
        Path { nth, ..within }
    }

    fn named(&self, path: &Path) -> Option<Vec<usize>> {
        let schema = schema(self.guide()?);
        let ix = path.resolve(schema).ok()?;
        Some(self.found(schema, &self.places(schema), path, ix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edits::Tolerances;

    fn single() -> Single {
        let bytes = std::fs::read("samples/837p-clean.edi").unwrap();
        Single::take(bytes.as_slice(), 1, Tolerances::default()).unwrap().unwrap()
    }

    fn path(text: &str) -> Path {
        Path::parse(text).unwrap()
    }

    #[test]
    fn every_segment_has_its_loop() {
        let placed = single().placed();
        assert_eq!((placed[0].element(0), placed[0].ordinal), ("ST", 1));
        let clm = placed.iter().find(|p| p.element(0) == "CLM").unwrap();
        assert_eq!((clm.loop_id, clm.occurrence, clm.element(40)), ("2300", 1, ""));
        assert!(placed.iter().any(|p| p.loop_id == "2400" && p.element(0) == "SV1"));
    }

    #[test]
    fn a_value_is_found_by_path_and_a_path_made_exact() {
        let mut single = single();
        let line = |n: u16| Path { occurrence: Some(n), ..path("2400/SV101-2") };
        let clm = single.placed().into_iter().find(|p| p.element(0) == "CLM").unwrap();
        assert_eq!(single.value(&path("2300/CLM01")).as_deref(), Some(clm.element(1)));
        assert_eq!(single.value(&path("2300/REF[F8]02")), None, "it isn't there");
        // The last line once more.
        let end = single.set.len() - 1;
        let last = single.placed().iter().rposition(|p| p.element(0) == "LX").unwrap();
        let again = single.set[last..end].to_vec();
        single.set.splice(end..end, again);
        let sv1: Vec<_> = single.placed().into_iter().filter(|p| p.element(0) == "SV1").collect();
        let of = sv1.last().unwrap();
        assert_eq!(single.value(&path("2400/SV101-2")), None, "several");
        assert_eq!(single.exact(path("2400/SV101-2"), of.ordinal), line(of.occurrence));
        assert!(single.value(&line(of.occurrence)).is_some());
    }
}
