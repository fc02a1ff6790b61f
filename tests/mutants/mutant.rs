//! A mutant: a file with one fault, and where that fault is to be found.

use std::fmt;

use claimloop::edits::EditSet;
use claimloop::scrub::{self, Other, Settings};
use claimloop::x12::FaultKind;
use claimloop::x12::fault::At;

/// A place that must be named.
pub struct Place {
    /// As findings print it.
    at: String,
    /// The same without loop and qualifier, where no loop need be named: a segment whose qualifier is broken may
    /// be any of its id, and a rejection names an envelope.
    bare: bool,
    /// Ordinal of the segment; any for an envelope.
    segment: Option<u32>,
    /// What it may be called; anything of SNIP 1 and 2 when empty.
    kinds: &'static [FaultKind],
}

impl Place {
    /// Loop, segment, qualifier, element and component, at the segment with this ordinal.
    pub fn exact(at: At, segment: u32, kinds: &'static [FaultKind]) -> Place {
        Place { at: at.to_string(), bare: false, segment: Some(segment), kinds }
    }

    /// Segment id, element and component at the segment with this ordinal, whatever its loop is taken to be.
    pub fn bare(at: At, segment: u32, kinds: &'static [FaultKind]) -> Place {
        let at = At { loop_id: "", qualifier: "", ..at };
        Place { at: at.to_string(), bare: true, segment: Some(segment), kinds }
    }

    /// An element of an envelope.
    pub fn envelope(at: &str, kinds: &'static [FaultKind]) -> Place {
        Place { at: at.to_owned(), bare: true, segment: None, kinds }
    }

    /// The segment with this ordinal.
    pub fn segment(segment: u32, kinds: &'static [FaultKind]) -> Place {
        Place { at: String::new(), bare: true, segment: Some(segment), kinds }
    }

    fn is(&self, said: &Said) -> bool {
        let at = if self.bare { bare(&said.at) } else { said.at.clone() };
        let named = match said.fault {
            Some(kind) => self.kinds.is_empty() || self.kinds.contains(&kind),
            None => false,
        };
        named && self.segment.is_none_or(|s| s == said.segment) && (self.at.is_empty() || at == self.at)
    }
}

/// `2300 DTP[431]03` without loop and qualifier.
fn bare(at: &str) -> String {
    let segment = at.rsplit(' ').next().unwrap();
    match (segment.find('['), segment.find(']')) {
        (Some(open), Some(close)) => format!("{}{}", &segment[..open], &segment[close + 1..]),
        _ => segment.to_owned(),
    }
}

/// A file with one fault.
pub struct Mutant {
    pub operator: &'static str,
    /// What was done, for a report of those missed.
    pub what: String,
    pub bytes: Vec<u8>,
    /// One of these must be named.
    pub places: Vec<Place>,
}

/// What a scrub said, once for all claims it said it of.
#[derive(PartialEq, Eq)]
pub struct Said {
    pub segment: u32,
    pub at: String,
    pub edit: String,
    pub fault: Option<FaultKind>,
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fault = self.fault.map_or("", FaultKind::name);
        write!(f, "{} {fault} at {}, segment {}", self.edit, self.at, self.segment)
    }
}

/// Scrubs a file.
pub fn scrub(bytes: &[u8], edits: &EditSet) -> Vec<Said> {
    let settings = Settings { today: jiff::civil::date(2026, 11, 21), threads: 1, other: Other::Pass };
    let (report, _) = scrub::scrub(bytes, edits, settings).unwrap();
    let claims = report.verdicts.iter().flat_map(|v| &v.findings);
    let findings = claims.chain(&report.findings).map(|f| (f.segment, &f.at, &f.edit, f.fault));
    let rejections = report.rejections.iter().map(|r| (r.segment, &r.at, &r.edit, r.fault));
    let mut said: Vec<Said> = Vec::new();
    for (segment, at, edit, fault) in findings.chain(rejections) {
        let one = Said { segment, at: at.clone(), edit: edit.clone(), fault };
        if !said.contains(&one) {
            said.push(one);
        }
    }
    said
}

impl Mutant {
    /// True when one of its places is named.
    pub fn found(&self, said: &[Said]) -> bool {
        said.iter().any(|s| self.places.iter().any(|p| p.is(s)))
    }
}
