//! Reads the 835 transaction sets of a file, one at a time.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

use super::{Adjustment, ClaimPayment, ProviderAdjustment, Remittance, ServicePayment, balance};
use crate::schema::{Guide, Placement, Schema, Walker, schema};
use crate::x12::element::{amount, date};
use crate::x12::{Blocks, Cents, Chunk, Segment};

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
            "2100" => claim(remittance, segment, place),
            "2110" => line(remittance, segment, place),
            "1000A" => match segment.id() {
                b"N1" => {
                    self.has_payer_id = !segment.value(4).is_empty();
                    remittance.payer = text(first_filled(&[
                        segment.value(4),
                        remittance.payer.as_bytes(),
                        segment.value(2),
                    ]));
                }
                b"REF" if segment.value(1) == b"2U" && !self.has_payer_id => {
                    remittance.payer = text(segment.value(2));
                }
                _ => {}
            },
            "1000B" if segment.id() == b"N1" => {
                remittance.payee = text(first_filled(&[segment.value(4), segment.value(2)]));
            }
            _ => header(remittance, segment, place),
        }
        None
    }
}

fn header(remittance: &mut Remittance, segment: &Segment<'_>, place: (u32, u64)) {
    match segment.id() {
        b"BPR" => {
            remittance.amount = amount(segment.value(2));
            remittance.date = date(segment.value(16));
            remittance.bpr = place;
        }
        b"TRN" => {
            remittance.trace = text(segment.value(2));
            // Until N1*PR names it: the originating company, less its leading 1.
            remittance.payer = text(segment.value(3).strip_prefix(b"1").unwrap_or(segment.value(3)));
        }
        b"PLB" => {
            for n in (3..=13).step_by(2) {
                let reason = segment.component(n, 1);
                if !reason.is_empty() {
                    let amount = amount(segment.value(n + 1)).unwrap_or(0);
                    remittance.provider.push(ProviderAdjustment { reason: text(reason), amount });
                }
            }
        }
        _ => {}
    }
}

fn claim(remittance: &mut Remittance, segment: &Segment<'_>, place: (u32, u64)) {
    if segment.id() == b"CLP" {
        let cents = |n: usize| -> Cents { amount(segment.value(n)).unwrap_or(0) };
        remittance.claims.push(ClaimPayment {
            claim: text(segment.value(1)),
            status: text(segment.value(2)),
            charge: cents(3),
            paid: cents(4),
            patient_share: cents(5),
            payer_claim: text(segment.value(7)),
            place,
            ..ClaimPayment::default()
        });
        return;
    }
    let Some(claim) = remittance.claims.last_mut() else { return };
    match segment.id() {
        b"CAS" => claim.adjustments.extend(adjustments(segment)),
        b"MIA" => claim.rarcs.extend(remarks(segment, &[5, 20, 21, 22, 23])),
        b"MOA" => claim.rarcs.extend(remarks(segment, &[3, 4, 5, 6, 7])),
        b"DTM" => spread(&mut claim.dates, segment, b"232", b"233", b"232"),
        _ => {}
    }
}

fn line(remittance: &mut Remittance, segment: &Segment<'_>, place: (u32, u64)) {
    let Some(claim) = remittance.claims.last_mut() else { return };
    if segment.id() == b"SVC" {
        let modifiers =
            (3..=6).map(|c| segment.component(1, c)).filter(|m| !m.is_empty()).map(text).collect();
        claim.lines.push(ServicePayment {
            procedure: text(segment.component(1, 2)),
            modifiers,
            charge: amount(segment.value(2)).unwrap_or(0),
            paid: amount(segment.value(3)).unwrap_or(0),
            place,
            ..ServicePayment::default()
        });
        return;
    }
    let Some(line) = claim.lines.last_mut() else { return };
    match segment.id() {
        b"CAS" => line.adjustments.extend(adjustments(segment)),
        b"LQ" if segment.value(1) == b"HE" => line.rarcs.push(text(segment.value(2))),
        b"DTM" => spread(&mut line.dates, segment, b"150", b"151", b"472"),
        b"REF" if segment.value(1) == b"6R" => line.control = text(segment.value(2)),
        _ => {}
    }
}

/// Sets one or both ends of a period from a DTM.
fn spread(
    dates: &mut Option<(jiff::civil::Date, jiff::civil::Date)>,
    segment: &Segment<'_>,
    from: &[u8],
    to: &[u8],
    both: &[u8],
) {
    let Some(day) = date(segment.value(2)) else { return };
    let kind = segment.value(1);
    let known = *dates;
    if kind == both && known.is_none() {
        *dates = Some((day, day));
    } else if kind == from {
        *dates = Some((day, known.map_or(day, |d| d.1)));
    } else if kind == to {
        *dates = Some((known.map_or(day, |d| d.0), day));
    }
}

fn adjustments(segment: &Segment<'_>) -> impl Iterator<Item = Adjustment> {
    let triplets =
        (2..=17).step_by(3).filter(|n| !segment.value(*n).is_empty() || !segment.value(*n + 1).is_empty());
    triplets.map(|n| Adjustment {
        group: text(segment.value(1)),
        carc: text(segment.value(n)),
        amount: amount(segment.value(n + 1)).unwrap_or(0),
    })
}

fn remarks(segment: &Segment<'_>, elements: &[usize]) -> Vec<String> {
    elements.iter().map(|n| segment.value(*n)).filter(|v| !v.is_empty()).map(text).collect()
}

fn first_filled<'a>(values: &[&'a [u8]]) -> &'a [u8] {
    values.iter().find(|v| !v.is_empty()).copied().unwrap_or_default()
}

fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).into_owned()
}
