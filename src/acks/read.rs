//! Reads TA1, 999 and 277CA: what others answer to what we sent, and, in tests, what we answer ourselves.

use std::io::{self, Read};

use jiff::civil::Date;

use crate::x12::element::{amount, date};
use crate::x12::{Blocks, Cents, Chunk, Segment};

/// One answer in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// TA1: to an interchange.
    Interchange(InterchangeAnswer),
    /// 999: to a group.
    Group(GroupAnswer),
    /// 277CA: to one claim.
    Claim(ClaimAnswer),
}

/// What a TA1 says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InterchangeAnswer {
    /// TA101: ISA13 of ours.
    pub control: String,
    /// TA104: A, E or R.
    pub verdict: String,
    /// TA105.
    pub note: String,
    /// The day its interchange was made.
    pub made: Option<Date>,
}

/// What a 999 says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupAnswer {
    /// AK102: GS06 of ours.
    pub control: String,
    /// AK103: GS08 of ours.
    pub version: String,
    /// AK901.
    pub verdict: String,
    /// AK902 to AK904: included, received, accepted.
    pub counts: [u32; 3],
    /// Each set.
    pub sets: Vec<SetAnswer>,
    /// The day it was made: GS04.
    pub made: Option<Date>,
}

/// AK2 to IK5.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetAnswer {
    /// AK202: ST02 of ours.
    pub control: String,
    /// IK501.
    pub verdict: String,
    /// IK502.
    pub code: String,
    /// What is wrong in it.
    pub segments: Vec<SegmentAnswer>,
}

/// IK3 and what belongs to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SegmentAnswer {
    /// IK301.
    pub segment: String,
    /// IK302: ordinal in the set.
    pub position: u32,
    /// IK303.
    pub loop_id: String,
    /// IK304.
    pub code: String,
    /// CTX01-2 of CLM01: the claim it stands in.
    pub claim: String,
    /// IK401-1, IK401-2 and IK403.
    pub elements: Vec<(u32, u32, String)>,
}

/// What a 277CA says of a claim.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimAnswer {
    /// TRN02: CLM01 of ours.
    pub claim: String,
    /// STC03: WQ accepted, U rejected.
    pub action: String,
    /// STC01, STC10 and STC11: category, status, entity.
    pub statuses: Vec<(String, String, String)>,
    /// STC04 in cents.
    pub charge: Option<Cents>,
    /// REF*1K: the payer's number.
    pub payer_claim: String,
    /// STC02, else the day its group was made.
    pub made: Option<Date>,
    /// 2100A NM101 is PR: it is the payer who says so.
    pub by_payer: bool,
}

/// Reads every answer of a file and gives each to `sink`.
///
/// # Errors
/// When reading fails.
pub fn read(source: impl Read, sink: &mut dyn FnMut(Answer)) -> io::Result<()> {
    let mut blocks = Blocks::new(source);
    let mut reader = Reader::default();
    while let Some(chunk) = blocks.next_chunk()? {
        let Chunk::Block(block) = chunk else { continue };
        for segment in block.segments() {
            reader.segment(&segment, sink);
        }
    }
    Ok(())
}

#[derive(Default)]
struct Reader {
    group: Option<GroupAnswer>,
    claim: Option<ClaimAnswer>,
    /// ST01 of the open set.
    set: Vec<u8>,
    /// HL03 of the open level: claims are answered at PT.
    level: Vec<u8>,
    /// The day the open group, or before one its interchange, was made.
    made: Option<Date>,
    by_payer: bool,
}

fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).into_owned()
}

fn number(value: &[u8]) -> u32 {
    crate::x12::element::integer(value).and_then(|n| u32::try_from(n).ok()).unwrap_or(0)
}

impl Reader {
    fn segment(&mut self, segment: &Segment<'_>, sink: &mut dyn FnMut(Answer)) {
        let value = |n: usize| text(segment.value(n));
        match segment.id() {
            b"ISA" => self.made = date(&[b"20".as_slice(), segment.value(9)].concat()),
            b"GS" => self.made = date(segment.value(4)).or(self.made),
            b"TA1" => {
                let (control, verdict, note, made) = (value(1), value(4), value(5), self.made);
                sink(Answer::Interchange(InterchangeAnswer { control, verdict, note, made }));
            }
            b"ST" => {
                self.set = segment.value(1).to_vec();
                self.level.clear();
            }
            b"SE" => {
                self.end_claim(sink);
                if let Some(group) = self.group.take() {
                    sink(Answer::Group(group));
                }
                self.set.clear();
            }
            b"NM1" if self.set == b"277" && self.level == b"20" => self.by_payer = segment.value(1) == b"PR",
            _ if self.set == b"999" => self.acknowledgement(segment),
            _ if self.set == b"277" => self.claim_acknowledgement(segment, sink),
            _ => {}
        }
    }

    fn acknowledgement(&mut self, segment: &Segment<'_>) {
        let value = |n: usize| text(segment.value(n));
        if segment.id() == b"AK1" {
            let (control, version, made) = (value(2), value(3), self.made);
            self.group = Some(GroupAnswer { control, version, made, ..GroupAnswer::default() });
        }
        let Some(group) = &mut self.group else { return };
        match segment.id() {
            b"AK9" => {
                group.verdict = value(1);
                group.counts = [2, 3, 4].map(|n| number(segment.value(n)));
                return;
            }
            b"AK2" => group.sets.push(SetAnswer { control: value(2), ..SetAnswer::default() }),
            _ => {}
        }
        let Some(set) = group.sets.last_mut() else { return };
        match segment.id() {
            b"IK5" => (set.verdict, set.code) = (value(1), value(2)),
            b"IK3" => set.segments.push(SegmentAnswer {
                segment: value(1),
                position: number(segment.value(2)),
                loop_id: value(3),
                code: value(4),
                ..SegmentAnswer::default()
            }),
            _ => {}
        }
        let Some(told) = set.segments.last_mut() else { return };
        match segment.id() {
            b"CTX" if segment.component(1, 1) == b"CLM01" => told.claim = text(segment.component(1, 2)),
            b"IK4" => {
                let at = |c| number(segment.component(1, c));
                told.elements.push((at(1), at(2), value(3)));
            }
            _ => {}
        }
    }

    fn claim_acknowledgement(&mut self, segment: &Segment<'_>, sink: &mut dyn FnMut(Answer)) {
        match segment.id() {
            b"HL" => {
                self.end_claim(sink);
                self.level = segment.value(3).to_vec();
            }
            b"TRN" if self.level == b"PT" => {
                self.end_claim(sink);
                let (claim, made, by_payer) = (text(segment.value(2)), self.made, self.by_payer);
                self.claim = Some(ClaimAnswer { claim, made, by_payer, ..ClaimAnswer::default() });
            }
            _ => {}
        }
        let Some(claim) = &mut self.claim else { return };
        match segment.id() {
            b"STC" => {
                claim.action = text(segment.value(3));
                claim.made = date(segment.value(2)).or(claim.made);
                claim.charge = amount(segment.value(4)).or(claim.charge);
                for n in [1, 10, 11].into_iter().filter(|n| !segment.value(*n).is_empty()) {
                    let part = |c| text(segment.component(n, c));
                    claim.statuses.push((part(1), part(2), part(3)));
                }
            }
            b"REF" if segment.value(1) == b"1K" => claim.payer_claim = text(segment.value(2)),
            _ => {}
        }
    }

    fn end_claim(&mut self, sink: &mut dyn FnMut(Answer)) {
        if let Some(claim) = self.claim.take() {
            sink(Answer::Claim(claim));
        }
    }
}
