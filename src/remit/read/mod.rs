//! Reads the 835 transaction sets of a file, one at a time.

mod claim;
mod party;
mod totals;

use std::io::{self, Read};

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::{Code, Payment, ProviderAdjustment, Remittance, balance, conflicts};
use crate::schema::{Guide, Placement, Schema, Walker, schema};
use crate::x12::element::{amount, date};
use crate::x12::{Blocks, Chunk, Segment};

/// Builds remittances from segments.
struct Reader<'s> {
    schema: &'s Schema,
    walker: Walker<'s>,
    current: Option<Remittance>,
    ordinal: u32,
    has_payer_id: bool,
    digest: Sha256,
}

/// Takes what a file holds of remittances.
pub trait Sink {
    /// A set begins; one before it without SE has no remittance.
    fn begin(&mut self) {}

    /// A segment between ST and SE, where it stands, its ordinal in the set and its byte in the file.
    fn segment(&mut self, _segment: &Segment<'_>, _at: Placement, _place: (u32, u64)) {}

    /// A remittance, balanced or not, with the byte its ST starts at; after its segments.
    fn remittance(&mut self, start: u64, remittance: Remittance);
}

impl<F: FnMut(u64, Remittance)> Sink for F {
    fn remittance(&mut self, start: u64, remittance: Remittance) {
        self(start, remittance);
    }
}

/// Reads every 835 of a file.
///
/// # Errors
/// When reading fails.
pub fn read(source: impl Read, sink: &mut impl Sink) -> io::Result<()> {
    let mut blocks = Blocks::new(source);
    let mut reader = Reader::new();
    let mut test = false;
    let mut start = 0;
    while let Some(chunk) = blocks.next_chunk()? {
        let Chunk::Block(block) = chunk else { continue };
        if let Some(header) = &block.header {
            test = header.usage == b'T';
        }
        for segment in block.segments() {
            let offset = block.offset + u64::from(segment.start());
            if segment.id() == b"ST" {
                start = offset;
            }
            if let Some(mut remittance) = reader.segment(&segment, offset, sink) {
                remittance.test = test;
                sink.remittance(start, remittance);
            }
        }
    }
    Ok(())
}

impl Reader<'static> {
    /// Starts before the first ST.
    fn new() -> Reader<'static> {
        let schema = schema(Guide::Remittance);
        Reader {
            schema,
            walker: Walker::new(schema),
            current: None,
            ordinal: 0,
            has_payer_id: false,
            digest: Sha256::new(),
        }
    }
}

impl Reader<'_> {
    /// Takes the next segment; gives the remittance its SE completes.
    fn segment(&mut self, segment: &Segment<'_>, offset: u64, sink: &mut impl Sink) -> Option<Remittance> {
        self.ordinal += 1;
        if segment.id() == b"ST" {
            self.digest = Sha256::new();
        }
        self.digest.update(segment.text());
        self.digest.update([0]);
        match segment.id() {
            b"ST" => {
                self.ordinal = 1;
                self.walker = Walker::new(self.schema);
                self.has_payer_id = false;
                let control = text(segment.value(2));
                let ours = segment.value(1) == b"835";
                sink.begin();
                self.current = ours.then(|| Remittance { control, ..Remittance::default() });
                return None;
            }
            b"SE" => {
                let mut done = self.current.take()?;
                done.faults = balance::faults(&done);
                done.conflicts = conflicts::conflicts(&done);
                let digest = std::mem::take(&mut self.digest).finalize();
                done.identity = digest.iter().map(|b| format!("{b:02x}")).collect();
                return Some(done);
            }
            _ => {}
        }
        let at = self.walker.step(segment, self.ordinal, offset, &mut |_| {});
        let remittance = self.current.as_mut()?;
        let place = (self.ordinal, offset);
        sink.segment(segment, at, place);
        match self.schema.loop_id(at.loop_ix) {
            "2100" => claim::claim(remittance, segment, place),
            "2110" => claim::line(remittance, segment, place),
            "2000" => totals::group(remittance, segment, place),
            "1000A" => {
                party::party(&mut remittance.payer_party, segment);
                self.payer(segment);
            }
            "1000B" => {
                party::party(&mut remittance.payee_party, segment);
                if segment.id() == b"N1" {
                    remittance.payee = text(first_filled(&[segment.value(4), segment.value(2)]));
                }
            }
            _ => header(remittance, segment, place),
        }
        None
    }

    /// Whom the payer is named by: N104, else REF*2U, else TRN03, else N102.
    fn payer(&mut self, segment: &Segment<'_>) {
        let Some(remittance) = self.current.as_mut() else { return };
        match segment.id() {
            b"N1" => {
                self.has_payer_id = !segment.value(4).is_empty();
                remittance.payer =
                    text(first_filled(&[segment.value(4), remittance.payer.as_bytes(), segment.value(2)]));
            }
            b"REF" if segment.value(1) == b"2U" && !self.has_payer_id => {
                remittance.payer = text(segment.value(2));
            }
            _ => {}
        }
    }
}

fn header(remittance: &mut Remittance, segment: &Segment<'_>, place: (u32, u64)) {
    match segment.id() {
        b"BPR" => {
            let code = |n| Code::new(segment.value(n));
            remittance.amount = amount(segment.value(2));
            remittance.date = day(segment, 16);
            remittance.bpr = place;
            remittance.payment = Payment {
                handling: code(1),
                flag: code(3),
                method: code(4),
                format: code(5),
                origin: text(segment.value(10)),
                division: text(segment.value(11)),
            };
        }
        b"TRN" => {
            remittance.trace = text(segment.value(2));
            remittance.origin = text(segment.value(3));
            remittance.division = text(segment.value(4));
            // Until N1*PR names it: the originating company, less its leading 1.
            remittance.payer = text(segment.value(3).strip_prefix(b"1").unwrap_or(segment.value(3)));
        }
        b"CUR" => remittance.currency = Code::new(segment.value(2)),
        b"REF" => match segment.value(1) {
            b"EV" => remittance.receiver = text(segment.value(2)),
            b"F2" => remittance.version = text(segment.value(2)),
            _ => {}
        },
        b"DTM" if segment.value(1) == b"405" => remittance.produced = day(segment, 2),
        b"PLB" => remittance.provider.extend(provider(segment, place)),
        _ => {}
    }
}

fn provider(segment: &Segment<'_>, place: (u32, u64)) -> impl Iterator<Item = ProviderAdjustment> {
    let pairs = (3u8..=13).step_by(2).map(|element| (element, usize::from(element)));
    let filled = pairs.filter(|(_, n)| !segment.component(*n, 1).is_empty());
    filled.map(move |(element, n)| ProviderAdjustment {
        reason: text(segment.component(n, 1)),
        reference: text(segment.component(n, 2)),
        amount: amount(segment.value(n + 1)).unwrap_or(0),
        provider: text(segment.value(1)),
        fiscal_end: day(segment, 2),
        element,
        place,
    })
}

fn first_filled<'a>(values: &[&'a [u8]]) -> &'a [u8] {
    values.iter().find(|v| !v.is_empty()).copied().unwrap_or_default()
}

fn day(segment: &Segment<'_>, element: usize) -> Option<Date> {
    date(segment.value(element))
}

/// An element read as a number; nothing where it is empty, as most are.
fn filled(segment: &Segment<'_>, element: usize, read: fn(&[u8]) -> Option<i64>) -> Option<i64> {
    Some(segment.value(element)).filter(|v| !v.is_empty()).and_then(read)
}

fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).into_owned()
}
