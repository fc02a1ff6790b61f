//! The remittances of a file, and what the edits say of each: of its balances, of what it says as a whole, and of each claim payment.

use std::collections::HashSet;
use std::io;

use jiff::civil::Date;

use super::survey::{Fate, Survey, survey};
use super::{Other, Source};
use crate::claim::{ByEntry, Claim, Placed};
use crate::edits::{EditSet, Finding, Nothing, Tables, Tolerances};
use crate::remit::{self, Remittance, Sink};
use crate::schema::{Guide, Placement, Schema, schema};
use crate::x12::element::date;
use crate::x12::index::Index;
use crate::x12::segment::{Indexed, Segments};
use crate::x12::{Delimiters, Fault, Segment};

/// Every 835 of a file whose envelope can be used.
///
/// # Errors
/// When it can't be read.
pub fn each(source: &impl Source, sink: &mut impl FnMut(Remittance)) -> io::Result<()> {
    each_and_refused(source, sink).map(|_| ())
}

/// 835s of a file that are not read, for their envelope or version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refused {
    /// How many.
    pub sets: u64,
    /// Version that the group of the first names.
    pub version: String,
}

/// The same, and what was refused.
///
/// # Errors
/// When it can't be read.
pub fn each_and_refused(source: &impl Source, sink: &mut impl FnMut(Remittance)) -> io::Result<Refused> {
    let survey = survey(source, Other::Pass, Tolerances::all())?;
    let usable = passing(&survey);
    remit::read(source.open()?, &mut |start, remittance| {
        if usable.contains(&start) {
            sink(remittance);
        }
    })?;
    Ok(of_refused(&survey))
}

/// What is refused of a file.
///
/// # Errors
/// When it can't be read.
pub fn refused(source: &impl Source) -> io::Result<Refused> {
    Ok(of_refused(&survey(source, Other::Pass, Tolerances::all())?))
}

/// The same, of a file that was surveyed.
#[must_use]
pub fn of_refused(survey: &Survey) -> Refused {
    let groups = survey.outline.interchanges.iter().flat_map(|i| &i.groups);
    let sets = groups.flat_map(|group| group.sets.iter().map(move |set| (group, set))).zip(&survey.sets);
    let mut found = Refused::default();
    for ((group, _), _) in sets.filter(|((_, set), inside)| &*set.id == "835" && inside.fate == Fate::Refused)
    {
        if found.sets == 0 {
            found.version = group.version.to_string();
        }
        found.sets += 1;
    }
    found
}

/// The same with what the edits say of each, in file order.
///
/// # Errors
/// When it can't be read.
pub fn judged(
    source: &impl Source,
    edits: &EditSet,
    today: Date,
    sink: &mut impl FnMut(Remittance, Vec<Finding>),
) -> io::Result<()> {
    let usable = usable(source)?;
    let mut judge = Judge::new(edits, today, |start, remittance, findings| {
        if usable.contains(&start) {
            sink(remittance, findings);
        }
    });
    remit::read(source.open()?, &mut judge)
}

/// Bytes where sets start that are not refused.
fn usable(source: &impl Source) -> io::Result<HashSet<u64>> {
    Ok(passing(&survey(source, Other::Pass, Tolerances::all())?))
}

fn passing(survey: &Survey) -> HashSet<u64> {
    let sets = survey.outline.interchanges.iter().flat_map(|i| &i.groups).flat_map(|g| &g.sets);
    let passing = sets.zip(&survey.sets).filter(|(_, inside)| inside.fate == Fate::Pass);
    passing.map(|(set, _)| set.start).collect()
}

/// Segments kept until they are judged, with where they stand.
#[derive(Default)]
struct Kept {
    bytes: Vec<u8>,
    /// Placement, occurrence of the loop, ordinal in the set, byte in the file.
    places: Vec<(Placement, u16, u32, u64)>,
}

struct Judge<'e, F> {
    edits: &'e EditSet,
    today: Date,
    sink: F,
    schema: &'static Schema,
    delimiters: Delimiters,
    /// What stands outside claim payments, but for loop 2000, whose totals come and go.
    header: Kept,
    /// The claim payment being read.
    own: Kept,
    /// Occurrences of each loop in it.
    counts: Vec<u16>,
    paid: Option<Date>,
    findings: Vec<Finding>,
}

impl<'e, F: FnMut(u64, Remittance, Vec<Finding>)> Judge<'e, F> {
    fn new(edits: &'e EditSet, today: Date, sink: F) -> Judge<'e, F> {
        let schema = schema(Guide::Remittance);
        Judge {
            edits,
            today,
            sink,
            schema,
            delimiters: Delimiters::COMMON,
            header: Kept::default(),
            own: Kept::default(),
            counts: vec![0; schema.loops.len()],
            paid: None,
            findings: Vec::new(),
        }
    }

    /// Asks the edits of a claim payment about the one that was read; without one, those of the remittance.
    fn ask(&mut self) {
        let tables = Tables {
            today: self.today,
            codes: self.edits.codes(),
            payers: self.edits.payers(),
            past: &Nothing,
        };
        let mut by_entry = ByEntry::new(self.schema, self.edits.signs(Guide::Remittance));
        let indexes = [&self.header, &self.own].map(|kept| {
            let mut index = Index::default();
            index.fill(&kept.bytes, self.delimiters);
            index
        });
        let [header, own] = &indexes;
        let header = self.header.placed(header, self.delimiters);
        let own = self.own.placed(own, self.delimiters);
        for (level, placed) in [(0, &header), (4, &own)] {
            let entries = placed.iter().enumerate().filter_map(|(n, p)| Some((n, p.entry?, &p.segment)));
            for (place, entry, segment) in entries {
                if usize::from(self.schema.level(entry)) == level {
                    by_entry.note(level, entry, place, segment);
                }
            }
        }
        let claim = Claim::of_payment(self.schema, &by_entry, &header, &own, self.paid);
        self.edits.run(&claim, &tables, &mut self.findings);
    }

    fn payment_ends(&mut self) {
        if !self.own.places.is_empty() {
            self.ask();
            self.own.clear();
        }
    }
}

impl<F: FnMut(u64, Remittance, Vec<Finding>)> Sink for Judge<'_, F> {
    fn begin(&mut self) {
        self.header.clear();
        self.own.clear();
        self.paid = None;
        self.findings.clear();
    }

    fn segment(&mut self, segment: &Segment<'_>, at: Placement, (ordinal, offset): (u32, u64)) {
        self.delimiters = segment.delimiters();
        let of_payment = self.schema.loop_level(at.loop_ix) == 4;
        if !of_payment || segment.id() == b"CLP" {
            self.payment_ends();
            self.counts.fill(0);
        }
        if segment.id() == b"BPR" {
            self.paid = date(segment.value(16));
        }
        let count = self.counts.get_mut(usize::from(at.loop_ix.0));
        let occurrence = count.map_or(1, |n| {
            *n = n.saturating_add(u16::from(at.opens));
            (*n).max(1)
        });
        let kept = match self.schema.loop_id(at.loop_ix) {
            "2000" => return,
            _ if of_payment => &mut self.own,
            _ => &mut self.header,
        };
        kept.bytes.extend_from_slice(segment.text());
        kept.bytes.push(self.delimiters.segment);
        kept.places.push((at, occurrence, ordinal, offset));
    }

    fn remittance(&mut self, start: u64, remittance: Remittance) {
        self.payment_ends();
        self.ask();
        let mut findings = std::mem::take(&mut self.findings);
        let faults = remittance.faults.iter().chain(&remittance.conflicts);
        findings.extend(faults.filter_map(|(loop_id, fault)| {
            self.edits.finding_at(&Fault { at: fault.at.in_loop(loop_id), ..*fault }, Guide::Remittance, None)
        }));
        findings.sort_by(|a, b| (a.offset, &a.edit).cmp(&(b.offset, &b.edit)));
        (self.sink)(start, remittance, findings);
    }
}

impl Kept {
    fn clear(&mut self) {
        self.bytes.clear();
        self.places.clear();
    }

    fn placed<'a>(&'a self, index: &'a Index, delimiters: Delimiters) -> Vec<Placed<'a>> {
        let segments = Segments(Indexed::new(&self.bytes, index, delimiters));
        let placed = segments.zip(&self.places).map(|(segment, (at, occurrence, ordinal, offset))| Placed {
            segment,
            loop_ix: at.loop_ix,
            entry: at.entry,
            occurrence: *occurrence,
            ordinal: *ordinal,
            offset: *offset,
        });
        placed.collect()
    }
}
