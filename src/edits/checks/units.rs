//! The occurrences of a loop in a claim, each with all that stands in it.

use crate::claim::{Claim, Entries, Placed};
use crate::schema::{EntryIx, Guide, Schema, schema};

/// Where a loop's occurrences begin and end, by guide.
#[derive(Clone, Debug)]
pub struct Units(Box<[Bounds; Guide::COUNT]>);

#[derive(Clone, Debug, Default)]
struct Bounds {
    opener: Entries,
    /// By loop: true for it and those inside it.
    within: Vec<bool>,
}

impl Bounds {
    fn of(schema: &Schema, loop_id: &str) -> Bounds {
        let Some(ix) = schema.loop_ix(loop_id) else { return Bounds::default() };
        let opener = (0u16..).map(EntryIx).zip(&schema.entries).find(|(_, e)| e.loop_ix == ix);
        let entries: Vec<EntryIx> = opener.map(|(entry, _)| entry).into_iter().collect();
        let level = entries.first().map_or(4, |e| usize::from(schema.level(*e)));
        Bounds { opener: Entries { level, entries }, within: schema.within(loop_id) }
    }
}

impl Units {
    /// Of the loop with this id.
    #[must_use]
    pub fn new(loop_id: &str) -> Units {
        Units(Box::new(Guide::ALL.map(|guide| Bounds::of(schema(guide), loop_id))))
    }

    /// Where they begin.
    #[must_use]
    pub fn opener(&self, guide: Guide) -> &[EntryIx] {
        self.0.get(guide as usize).map_or(&[], |b| &b.opener.entries)
    }

    fn bounds(&self, claim: &Claim<'_>) -> &Bounds {
        let [first, ..] = &*self.0;
        self.0.get(claim.guide() as usize).unwrap_or(first)
    }

    /// The occurrences in a claim, each from its first segment to its last.
    pub fn of<'a>(&self, claim: &Claim<'a>) -> impl Iterator<Item = &'a [Placed<'a>]> {
        let bounds = self.bounds(claim);
        bounds.cut(claim.from_first(&bounds.opener))
    }

    /// Those in a part of a claim.
    pub fn in_part<'a>(
        &self,
        claim: &Claim<'a>,
        part: &'a [Placed<'a>],
    ) -> impl Iterator<Item = &'a [Placed<'a>]> {
        self.bounds(claim).cut(part)
    }
}

impl Bounds {
    fn cut<'a>(&self, mut rest: &'a [Placed<'a>]) -> impl Iterator<Item = &'a [Placed<'a>]> {
        let opens = |p: &Placed<'_>| p.entry.is_some_and(|e| self.opener.entries.contains(&e));
        let inside = |p: &Placed<'_>| self.within.get(usize::from(p.loop_ix.0)) == Some(&true);
        std::iter::from_fn(move || {
            let start = rest.iter().position(opens)?;
            let unit = rest.get(start..)?;
            let len = unit.iter().skip(1).position(|p| opens(p) || !inside(p)).map_or(unit.len(), |n| n + 1);
            rest = unit.get(len..)?;
            unit.get(..len)
        })
    }
}
