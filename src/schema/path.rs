//! The one path grammar: `loop[n]/SEG[qualifier][n]ELEMENT-COMPONENT`, such as `2300/CLM05-3`, `2010AA/REF[EI]02`,
//! `2400[2]/SV101-2`. Findings print it with a space for the slash.

use std::fmt;

use thiserror::Error;

use super::{LoopIx, Schema, interchange};

/// A place in a claim or remittance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Loop id.
    pub loop_id: String,
    /// Which occurrence of the loop, 1-based; any when absent.
    pub occurrence: Option<u16>,
    /// Segment id.
    pub segment: String,
    /// Value the segment's qualifier must have.
    pub qualifier: Option<String>,
    /// Which of the matching segments in the loop, 1-based; any when absent.
    pub nth: Option<u16>,
    /// Element, 1-based; the whole segment when absent.
    pub element: Option<usize>,
    /// Component, 1-based.
    pub component: Option<usize>,
}

/// Why a path can't be used.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum PathError {
    /// It doesn't follow the grammar.
    #[error("path {0:?} is not loop/SEGMENT with optional [..], element and component")]
    Grammar(String),
    /// No such loop in the guide.
    #[error("path {path:?}: {guide} has no loop {loop_id}")]
    Loop {
        /// The path as written.
        path: String,
        /// Guide name.
        guide: &'static str,
        /// Loop id.
        loop_id: String,
    },
    /// The loop doesn't hold the segment.
    #[error("path {path:?}: {guide} loop {loop_id} holds no {segment}")]
    Segment {
        /// The path as written.
        path: String,
        /// Guide name.
        guide: &'static str,
        /// Loop id.
        loop_id: String,
        /// Segment id.
        segment: String,
    },
    /// The segment has fewer elements.
    #[error("path {path:?}: {segment} has {has} elements")]
    Element {
        /// The path as written.
        path: String,
        /// Segment id.
        segment: String,
        /// Elements it has.
        has: usize,
    },
}

impl Path {
    /// True where what stands there may be a person's name, address, birth date or number, or a number that leads to one: findings never
    /// repeat it.
    #[must_use]
    pub fn is_personal(&self) -> bool {
        let element = self.element.unwrap_or(0);
        match self.segment.as_str() {
            "NM1" => matches!(element, 0 | 3..=5 | 7 | 9),
            // A state says little of a person.
            "N4" => matches!(element, 0 | 1 | 3),
            "DMG" => matches!(element, 0 | 2),
            "PER" => matches!(element, 0 | 2 | 4 | 6 | 8),
            "REF" => matches!(element, 0 | 2..=4),
            "SBR" => matches!(element, 0 | 3 | 4),
            "CLM" => matches!(element, 0 | 1),
            "PAT" => matches!(element, 0 | 6),
            "N3" | "NTE" | "K3" => true,
            _ => false,
        }
    }

    /// Reads a path.
    ///
    /// # Errors
    /// [`PathError::Grammar`].
    pub fn parse(text: &str) -> Result<Path, PathError> {
        read(text).ok_or_else(|| PathError::Grammar(text.to_owned()))
    }

    /// Finds the loop in a guide and checks that loop, segment and element exist there.
    ///
    /// # Errors
    /// The first of them that doesn't.
    pub fn resolve(&self, schema: &Schema) -> Result<LoopIx, PathError> {
        let (path, guide) = (self.to_string(), schema.guide.name());
        let (loop_id, segment) = (self.loop_id.clone(), self.segment.clone());
        // Envelope segments belong to every guide, and to no loop of a transaction set.
        if self.loop_id == "ISA" {
            let has = interchange().elements(&self.segment).unwrap_or(0);
            let known = interchange().entries.iter().any(|e| e.at.segment == self.segment);
            return match self.element {
                _ if !known => Err(PathError::Segment { path, guide, loop_id, segment }),
                Some(n) if n > has => Err(PathError::Element { path, segment, has }),
                _ => Ok(LoopIx(u8::MAX)),
            };
        }
        let Some(ix) = schema.loop_ix(&self.loop_id) else {
            return Err(PathError::Loop { path, guide, loop_id });
        };
        if !schema.holds(ix, &self.segment) {
            return Err(PathError::Segment { path, guide, loop_id, segment });
        }
        let has = schema.elements(&self.segment).unwrap_or(0);
        if self.element.is_some_and(|n| n > has) {
            return Err(PathError::Element { path, segment, has });
        }
        Ok(ix)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.loop_id)?;
        if let Some(n) = self.occurrence {
            write!(f, "[{n}]")?;
        }
        write!(f, " {}", self.segment)?;
        if let Some(q) = &self.qualifier {
            write!(f, "[{q}]")?;
        }
        if let Some(n) = self.nth {
            write!(f, "[{n}]")?;
        }
        if let Some(n) = self.element {
            write!(f, "{n:02}")?;
        }
        if let Some(n) = self.component {
            write!(f, "-{n}")?;
        }
        Ok(())
    }
}

fn read(text: &str) -> Option<Path> {
    let (loop_part, rest) = text.split_once('/')?;
    let (loop_id, occurrence) = match loop_part.split_once('[') {
        Some((id, n)) => (id, Some(n.strip_suffix(']')?.parse().ok()?)),
        None => (loop_part, None),
    };
    let (head, tail) = match (rest.find('['), rest.rfind(']')) {
        (Some(open), Some(close)) if open < close => (rest.get(..open)?, rest.get(close + 1..)?),
        (None, None) => {
            let body = rest.split('-').next()?;
            let cut = if body.len() >= 4 { body.len() - 2 } else { body.len() };
            (rest.get(..cut)?, rest.get(cut..)?)
        }
        _ => return None,
    };
    let brackets = rest.get(head.len()..rest.len() - tail.len())?;
    let mut qualifier = None;
    let mut nth = None;
    for part in brackets.split(['[', ']']).filter(|p| !p.is_empty()) {
        // A short number counts segments; `DTP[434]` names a qualifier, which has three digits.
        match part.parse::<u16>() {
            Ok(n) if part.len() < 2 => nth = Some(n),
            _ if qualifier.is_none() => qualifier = Some(part.to_owned()),
            _ => return None,
        }
    }
    let (element, component) = match tail.split_once('-') {
        Some((e, c)) => (e, Some(c.parse().ok().filter(|n| *n > 0)?)),
        None => (tail, None),
    };
    let element = match element {
        "" => None,
        e if e.len() == 2 => Some(e.parse().ok().filter(|n| *n > 0)?),
        _ => return None,
    };
    let named = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let sound = named(loop_id) && named(head) && (2..=3).contains(&head.len());
    let (loop_id, segment) = (loop_id.to_owned(), head.to_owned());
    (sound && (component.is_none() || element.is_some())).then_some(Path {
        loop_id,
        occurrence,
        segment,
        qualifier,
        nth,
        element,
        component,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Guide, schema};
    use super::*;

    #[test]
    fn reads_every_form() {
        for (text, shown) in [
            ("2300/CLM05-3", "2300 CLM05-3"),
            ("2010AA/REF[EI]02", "2010AA REF[EI]02"),
            ("2400[2]/SV101-2", "2400[2] SV101-2"),
            ("2300/DTP[434]03", "2300 DTP[434]03"),
            ("2010AA/N403", "2010AA N403"),
            ("2010AA/N4", "2010AA N4"),
            ("2300/HI[ABF][2]01-2", "2300 HI[ABF][2]01-2"),
            ("2000B/SBR", "2000B SBR"),
        ] {
            assert_eq!(Path::parse(text).unwrap().to_string(), shown);
        }
        for text in [
            "",
            "2300",
            "2300/",
            "2300/CLM5",
            "2300/CLM00",
            "2300/clm01",
            "2300/CLM-1",
            "2300/CLM[A",
            "/CLM01",
        ] {
            assert!(Path::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn resolves_against_a_guide() {
        let schema = schema(Guide::Professional);
        assert!(Path::parse("2300/CLM05-3").unwrap().resolve(schema).is_ok());
        assert!(matches!(Path::parse("2300/SV102").unwrap().resolve(schema), Err(PathError::Segment { .. })));
        assert!(matches!(Path::parse("9999/CLM01").unwrap().resolve(schema), Err(PathError::Loop { .. })));
        assert!(matches!(
            Path::parse("2010AA/N409").unwrap().resolve(schema),
            Err(PathError::Element { .. })
        ));
    }
}
