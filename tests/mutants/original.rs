//! A clean file taken apart: its segments, where each stands in its guide, and which occurrence of which loop it is in.

use claimloop::schema::{Entry, Guide, LoopIx, Schema, Walker, schema};
use claimloop::x12::{Blocks, Chunk};

/// A segment by its elements, the id first.
pub type Text = Vec<String>;

/// A segment at its place.
#[derive(Clone)]
pub struct Placed {
    pub text: Text,
    pub entry: &'static Entry,
    /// True when it opens its loop.
    pub opens: bool,
    /// Which of [`Original::loops`] it is in.
    pub inside: usize,
}

/// One occurrence of a loop.
pub struct Occurrence {
    pub loop_ix: LoopIx,
    pub parent: Option<usize>,
    /// Segments from its opener to the end of its last child.
    pub first: usize,
    pub end: usize,
}

/// A clean file of one transaction set.
pub struct Original {
    pub schema: &'static Schema,
    pub isa: Text,
    pub gs: Text,
    /// ST to SE.
    pub segments: Vec<Placed>,
    pub loops: Vec<Occurrence>,
    pub ge: Text,
    pub iea: Text,
}

/// Reads `*` and `~` and a new line after each segment, as all our originals have them.
pub fn read(name: &str, guide: Guide) -> Original {
    let bytes = std::fs::read(name).unwrap();
    let schema = schema(guide);
    let mut walker = Walker::new(schema);
    let (mut envelope, mut segments, mut loops) =
        (Vec::new(), Vec::<Placed>::new(), Vec::<Occurrence>::new());
    let mut open: Vec<usize> = Vec::new();
    let mut blocks = Blocks::new(&bytes[..]);
    while let Some(chunk) = blocks.next_chunk().unwrap() {
        let block = match chunk {
            Chunk::Block(block) => block,
            // The last new line.
            Chunk::Noise { blank: true, .. } => continue,
            _ => panic!("{name} is not all segments"),
        };
        for segment in block.segments() {
            let id = String::from_utf8(segment.id().to_vec()).unwrap();
            let values = (1..=segment.len()).map(|n| String::from_utf8(segment.value(n).to_vec()).unwrap());
            let text: Text = std::iter::once(id).chain(values).collect();
            if matches!(&*text[0], "ISA" | "GS" | "GE" | "IEA") {
                envelope.push(text);
                continue;
            }
            let ordinal = segments.len() as u32 + 1;
            let placement = walker.step(&segment, ordinal, 0, &mut |f| panic!("{name}, {ordinal}: {f:?}"));
            let entry = schema.entry(placement.entry.unwrap()).unwrap();
            let opens = placement.opens || segments.is_empty();
            while let Some(top) = open.last().map(|i| loops[*i].loop_ix) {
                let stands = if placement.opens {
                    schema.loops[usize::from(placement.loop_ix.0)].parents.contains(&top)
                } else {
                    top == placement.loop_ix
                };
                if stands {
                    break;
                }
                loops[open.pop().unwrap()].end = segments.len();
            }
            if opens {
                let (parent, first) = (open.last().copied(), segments.len());
                open.push(loops.len());
                loops.push(Occurrence { loop_ix: placement.loop_ix, parent, first, end: 0 });
            }
            segments.push(Placed { text, entry, opens, inside: *open.last().unwrap() });
        }
    }
    open.into_iter().for_each(|i| loops[i].end = segments.len());
    let [isa, gs, ge, iea] = <[Text; 4]>::try_from(envelope).unwrap();
    Original { schema, isa, gs, segments, loops, ge, iea }
}

impl Original {
    /// ST to SE as texts.
    pub fn texts(&self) -> Vec<Text> {
        self.segments.iter().map(|s| s.text.clone()).collect()
    }

    /// Positions of the segments that stand directly in an occurrence of a loop.
    pub fn own(&self, inside: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.segments.len()).filter(move |i| self.segments[*i].inside == inside)
    }

    /// Occurrences of loops directly in one.
    pub fn children(&self, inside: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.loops.len()).filter(move |l| self.loops[*l].parent == Some(inside))
    }

    /// The id of the loop an occurrence is of.
    pub fn loop_id(&self, inside: usize) -> &'static str {
        self.schema.loop_id(self.loops[inside].loop_ix)
    }

    /// The file with another inside, its segments counted.
    pub fn with(&self, mut set: Vec<Text>) -> Vec<u8> {
        let count = set.len().to_string();
        if let Some(se) = set.last_mut().filter(|s| s[0] == "SE") {
            se[1] = count;
        }
        self.file(&self.isa, &self.gs, &set, &self.ge, &self.iea)
    }

    /// A file of these parts as they are.
    pub fn file(&self, isa: &Text, gs: &Text, set: &[Text], ge: &Text, iea: &Text) -> Vec<u8> {
        let all = [isa, gs].into_iter().chain(set).chain([ge, iea]).filter(|t| !t.is_empty());
        all.map(|t| t.join("*") + "~\n").collect::<String>().into_bytes()
    }
}
