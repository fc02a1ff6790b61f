//! Names the loop each segment of a transaction set stands in, one table look-up per level, no backtracking.

use super::{LoopIx, Schema};
use crate::x12::Segment;

/// The place in the loops of one transaction set.
#[derive(Clone, Debug)]
pub struct Walker<'s> {
    schema: &'s Schema,
    at: LoopIx,
    /// Parent actually taken, for loops that may stand in several.
    path: Vec<LoopIx>,
}

impl<'s> Walker<'s> {
    /// Starts before ST.
    #[must_use]
    pub fn new(schema: &'s Schema) -> Walker<'s> {
        let root = schema.loop_ix("ST").unwrap_or(LoopIx(0));
        Walker { schema, at: root, path: vec![root] }
    }

    /// The loop this segment stands in, and whether it opens it. A segment that no loop in force can hold is taken
    /// to stand where the last one stood.
    pub fn step(&mut self, segment: &Segment<'_>) -> (LoopIx, bool) {
        let id = segment.id();
        let qualifier = segment.value(self.schema.qualifier(id));
        for depth in (0..self.path.len()).rev() {
            let Some(here) = self.path.get(depth).copied() else { break };
            let Some(now) = self.schema.loops.get(usize::from(here.0)) else { break };
            for child in &now.children {
                if self.opens(*child, id, qualifier) {
                    self.path.truncate(depth + 1);
                    self.path.push(*child);
                    self.at = *child;
                    return (*child, true);
                }
            }
            if now.holds.iter().any(|s| s.as_bytes() == id) {
                self.path.truncate(depth + 1);
                self.at = here;
                return (here, false);
            }
        }
        (self.at, false)
    }

    fn opens(&self, ix: LoopIx, id: &[u8], qualifier: &[u8]) -> bool {
        self.schema.loops.get(usize::from(ix.0)).and_then(|l| l.opens.as_ref()).is_some_and(|o| {
            o.segment.as_bytes() == id
                && (o.qualifiers.is_empty() || o.qualifiers.iter().any(|q| q.as_bytes() == qualifier))
        })
    }
}
