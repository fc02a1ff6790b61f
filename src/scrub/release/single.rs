//! One claim of a file, with the header and the hierarchies it stands under, ready to leave alone.

use std::io;

use crate::edits::Tolerances;
use crate::schema::Guide;
use crate::scrub::partition::partition;
use crate::scrub::survey::survey;
use crate::scrub::{Other, Source, State, States};
use crate::x12::{Blocks, Chunk, Delimiters};

/// A claim alone: the segments of its envelopes and of its transaction set, each without its terminator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Single {
    /// Of its interchange.
    pub delimiters: Delimiters,
    /// What stands between segments: line ends, or nothing.
    pub gap: Vec<u8>,
    /// ISA.
    pub isa: Vec<u8>,
    /// GS.
    pub gs: Vec<u8>,
    /// From ST to SE. Hierarchies are counted anew, all else is as it was sent.
    pub set: Vec<Vec<u8>>,
}

impl Single {
    /// The claim at a position, 1-based among those of the file; `None` where there is none, or none that could leave.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn take<S: Source + ?Sized>(
        source: &S,
        position: u64,
        tolerances: Tolerances,
    ) -> io::Result<Option<Single>> {
        let survey = survey(source, Other::Pass, tolerances)?;
        let only = |n: u64| if n + 1 == position { State::Clean } else { State::Held };
        let states: States = (0..survey.claims).map(only).collect();
        let mut text = Vec::new();
        partition(source, &survey, &states, &mut text)?;
        Single::read(&text)
    }

    /// The first transaction set with a claim.
    fn read(text: &[u8]) -> io::Result<Option<Single>> {
        let mut blocks = Blocks::new(text);
        let (mut isa, mut gs, mut set) = (Vec::new(), Vec::new(), Vec::new());
        let mut claims = 0;
        while let Some(chunk) = blocks.next_chunk()? {
            let Chunk::Block(block) = chunk else { continue };
            for segment in block.segments() {
                let own = segment.text().to_vec();
                match segment.id() {
                    b"ISA" => isa = own,
                    b"GS" => gs = own,
                    b"ST" => (set, claims) = (vec![own], 0),
                    id => {
                        claims += usize::from(id == b"CLM");
                        set.push(own);
                        if id == b"SE" && claims > 0 {
                            let delimiters = segment.delimiters();
                            let gap = gap(text, isa.len() + 1, delimiters);
                            return Ok(Some(Single { delimiters, gap, isa, gs, set }));
                        }
                    }
                }
            }
        }
        Ok(None)
    }

    /// The guide it follows, by GS08.
    #[must_use]
    pub fn guide(&self) -> Option<Guide> {
        let version = self.element(&self.gs, 8);
        let versions = |g: &Guide| crate::schema::schema(*g).versions.iter().any(|v| v.as_bytes() == version);
        let named = Guide::ALL.into_iter().filter(|g| g.is_claims()).find(versions);
        // A version that isn't ours but near: ST03 may name it.
        let own = self.set.first().map_or(&b""[..], |st| self.element(st, 3));
        let near = |g: &Guide| version.starts_with(nearest(*g)) || own.starts_with(nearest(*g));
        named.or_else(|| Guide::ALL.into_iter().filter(|g| g.is_claims()).find(near))
    }

    /// An element of one of its segments, 1-based.
    #[must_use]
    pub fn element<'s>(&self, segment: &'s [u8], n: usize) -> &'s [u8] {
        segment.split(|b| *b == self.delimiters.element).nth(n).unwrap_or_default()
    }

    /// The claim's own segments, from CLM on, with what stands between them.
    #[must_use]
    pub fn claim(&self) -> Vec<u8> {
        let own = self.set.iter().skip_while(|s| self.element(s, 0) != b"CLM");
        let own = own.take_while(|s| self.element(s, 0) != b"SE");
        own.flat_map(|s| [s.as_slice(), &[self.delimiters.segment], &self.gap].concat()).collect()
    }

    /// What claims must share to leave in one interchange: sender and receiver of both envelopes, guide, test or production, delimiters.
    #[must_use]
    pub fn key(&self) -> Vec<Vec<u8>> {
        let isa = [5, 6, 7, 8, 15].map(|n| self.element(&self.isa, n).to_vec());
        let gs = [2, 3, 8].map(|n| self.element(&self.gs, n).to_vec());
        let Delimiters { element, component, repetition, segment } = self.delimiters;
        let signs = vec![element, component, repetition, segment];
        isa.into_iter().chain(gs).chain([signs, self.gap.clone()]).collect()
    }
}

/// The first part of a guide's versions, without the letter of its errata.
fn nearest(guide: Guide) -> &'static [u8] {
    crate::schema::schema(guide).nearest.as_bytes()
}

/// What stands behind the first segment.
fn gap(text: &[u8], from: usize, delimiters: Delimiters) -> Vec<u8> {
    let start = text.windows(3).position(|w| w == b"ISA").unwrap_or(0) + from;
    text.get(start..).unwrap_or_default().iter().copied().take_while(|b| delimiters.is_gap(*b)).collect()
}
