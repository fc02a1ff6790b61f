//! What is remembered of a claim that was scrubbed: what payers judge claims by, and the numbers they answer under; nothing that names
//! a patient.

use std::io::{self, Read};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::phi::Phi;
use crate::x12::element::{amount, date, date_range};
use crate::x12::{Blocks, Cents, Chunk, Segment};

/// Numbers a claim left under; each is its sender's, and comes back in answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Numbers {
    /// ISA13.
    pub interchange: String,
    /// GS06.
    pub group: String,
    /// ST02.
    pub set: String,
    /// BHT03.
    pub reference: String,
}

/// A claim as it stood when it was scrubbed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Where answers find it.
    pub numbers: Numbers,
    /// BHT04, the day its set was made.
    pub made: Option<Date>,
    /// 2000B SBR01: P the payer pays first, S second, T third.
    pub sequence: String,
    /// 2000B SBR09, the kind of plan.
    pub plan: String,
    /// CLM05-1.
    pub place: String,
    /// CLM05-3: 1 an original, 7 a replacement, 8 a void.
    pub frequency: String,
    /// 2300 REF*F8: the payer's number of the claim that this one replaces or voids.
    pub original: String,
    /// 2300 or 2400 REF*G1 or REF*9F is there.
    pub authorised: bool,
    /// 2300 PWK is there.
    pub attachment: bool,
    /// 2310B, in 837I 2310A, NM109.
    pub rendering: String,
    /// HI, the principal one first, without a point.
    pub diagnoses: Vec<String>,
    /// Loop 2400, in order.
    pub lines: Vec<SentLine>,
}

/// A service line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentLine {
    /// REF*6R; the payer repeats it.
    pub control: String,
    /// Procedure code of SV1, SV2 or SV3.
    pub procedure: String,
    /// Its modifiers.
    pub modifiers: Vec<String>,
    /// SV201.
    pub revenue: String,
    /// Charge in cents.
    pub charge: Cents,
    /// Units as they were sent.
    pub units: String,
    /// SV105 or SV303.
    pub place: String,
    /// DTP*472.
    pub day: Option<Date>,
}

/// Whom a claim is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The patient: last name, first name.
    pub patient: Phi<String>,
    /// 2010BB NM103.
    pub payer: String,
}

/// A claim as it was read.
#[derive(Debug)]
pub struct Told {
    /// Byte where its CLM starts.
    pub offset: u64,
    /// What it says.
    pub sent: Sent,
    /// Whom it is for.
    pub names: Names,
}

/// Reads the claims of a file, each once, in file order.
///
/// # Errors
/// When reading fails.
pub fn read(source: impl Read, each: &mut dyn FnMut(Told)) -> io::Result<()> {
    let mut blocks = Blocks::new(source);
    let mut reading = Reading::default();
    while let Some(chunk) = blocks.next_chunk()? {
        let Chunk::Block(block) = chunk else { continue };
        for segment in block.segments() {
            reading.segment(&segment, block.offset + u64::from(segment.start()), each);
        }
    }
    reading.end(each);
    Ok(())
}

#[derive(Default)]
struct Reading {
    numbers: Numbers,
    made: Option<Date>,
    sequence: String,
    plan: String,
    names: Names,
    claim: Option<Told>,
    /// Inside 2320 and below, where other payers are told of.
    other: bool,
}

fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).into_owned()
}

fn name(segment: &Segment<'_>) -> String {
    let (last, first) = (text(segment.value(3)), text(segment.value(4)));
    if first.is_empty() { last } else { format!("{last}, {first}") }
}

impl Reading {
    fn end(&mut self, each: &mut dyn FnMut(Told)) {
        if let Some(told) = self.claim.take() {
            each(told);
        }
    }

    fn segment(&mut self, segment: &Segment<'_>, offset: u64, each: &mut dyn FnMut(Told)) {
        match segment.id() {
            b"ISA" => {
                self.numbers =
                    Numbers { interchange: text(segment.value(13).trim_ascii()), ..Numbers::default() }
            }
            b"GS" => self.numbers.group = text(segment.value(6)),
            b"ST" => {
                (self.numbers.set, self.numbers.reference) = (text(segment.value(2)), String::new());
                self.made = None;
            }
            b"BHT" => (self.numbers.reference, self.made) = (text(segment.value(3)), date(segment.value(4))),
            b"HL" | b"SE" | b"GE" | b"IEA" => self.end(each),
            b"CLM" => {
                self.end(each);
                self.other = false;
                let claim = Sent {
                    numbers: self.numbers.clone(),
                    made: self.made,
                    sequence: self.sequence.clone(),
                    plan: self.plan.clone(),
                    place: text(segment.component(5, 1)),
                    frequency: text(segment.component(5, 3)),
                    ..Sent::default()
                };
                self.claim = Some(Told { offset, sent: claim, names: self.names.clone() });
            }
            b"SBR" if self.claim.is_none() => {
                (self.sequence, self.plan) = (text(segment.value(1)), text(segment.value(9)));
            }
            b"NM1" if self.claim.is_none() => match segment.value(1) {
                // A patient who isn't the insured follows and takes the place.
                b"IL" | b"QC" => self.names.patient = name(segment).into(),
                b"PR" => self.names.payer = text(segment.value(3)),
                _ => {}
            },
            _ => {
                if let Some(Told { sent: claim, .. }) = &mut self.claim {
                    of_claim(claim, &mut self.other, segment);
                }
            }
        }
    }
}

fn of_claim(claim: &mut Sent, other: &mut bool, segment: &Segment<'_>) {
    let first = segment.value(1);
    match segment.id() {
        b"SBR" => *other = true,
        b"LX" => {
            *other = false;
            claim.lines.push(SentLine::default());
        }
        b"REF" if !*other => match (first, claim.lines.last_mut()) {
            (b"6R", Some(line)) => line.control = text(segment.value(2)),
            (b"F8", None) => claim.original = text(segment.value(2)),
            (b"G1" | b"9F", _) => claim.authorised = true,
            _ => {}
        },
        b"PWK" if claim.lines.is_empty() => claim.attachment = true,
        b"NM1" if !*other && claim.lines.is_empty() && matches!(first, b"82" | b"71") => {
            claim.rendering = text(segment.value(9));
        }
        b"HI" if !*other => {
            for n in 1..=12 {
                match segment.component(n, 1) {
                    b"ABK" | b"BK" => claim.diagnoses.insert(0, text(segment.component(n, 2))),
                    b"ABF" | b"BF" => claim.diagnoses.push(text(segment.component(n, 2))),
                    _ => {}
                }
            }
        }
        b"SVD" => *other = true,
        _ => {
            if let Some(line) = claim.lines.last_mut().filter(|_| !*other) {
                of_line(line, segment);
            }
        }
    }
}

fn of_line(line: &mut SentLine, segment: &Segment<'_>) {
    let (code, charge, units, place) = match segment.id() {
        b"SV1" => (1, 2, 4, 5),
        b"SV2" => {
            line.revenue = text(segment.value(1));
            (2, 3, 5, 0)
        }
        b"SV3" => (1, 2, 6, 3),
        b"DTP" if segment.value(1) == b"472" => {
            line.day = date(segment.value(3)).or_else(|| date_range(segment.value(3)).map(|(from, _)| from));
            return;
        }
        _ => return,
    };
    line.procedure = text(segment.component(code, 2));
    line.modifiers =
        (3..=6).map(|c| segment.component(code, c)).filter(|m| !m.is_empty()).map(text).collect();
    line.charge = amount(segment.value(charge)).unwrap_or(0);
    line.units = text(segment.value(units));
    if place > 0 {
        line.place = text(segment.value(place));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(name: &str) -> Vec<Sent> {
        let mut found = Vec::new();
        read(std::fs::File::open(format!("samples/{name}")).unwrap(), &mut |told| found.push(told.sent))
            .unwrap();
        found
    }

    #[test]
    fn every_claim_is_remembered_with_the_numbers_it_left_under() {
        let all = all("837p-three-claims-one-off.edi");
        assert_eq!(all.len(), 3);
        let one = &all[0];
        assert_eq!((one.numbers.interchange.as_str(), one.sequence.as_str()), ("000000107", "P"));
        assert!(!one.numbers.set.is_empty() && !one.numbers.group.is_empty() && one.made.is_some());
        assert!(!one.diagnoses.is_empty() && one.frequency == "1");
        assert!(
            one.lines.iter().all(|l| l.charge > 0 && !l.procedure.is_empty() && l.day.is_some()),
            "{one:?}"
        );
    }

    #[test]
    fn other_payers_numbers_are_not_the_claims_own() {
        let text = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *261101*1200*^*00501*000000001*0*P*:~\
            GS*HC*A*B*20261101*1200*1*X*005010X222A1~ST*837*0001*005010X222A1~BHT*0019*00*R1*20261101*1200*CH~\
            HL*1**20*1~HL*2*1*22*0~SBR*S*18*******CI~CLM*C1*100***11:B:7*Y*A*Y*Y~REF*F8*ICN1~HI*ABF:M545*ABK:J0190~\
            SBR*P*18*******MB~NM1*PR*2*OTHER*****PI*OTH~REF*F8*THEIRS~LX*1~SV1*HC:99213:25*100*UN*1*22**1~\
            DTP*472*RD8*20261001-20261002~REF*6R*L1~SVD*OTH*50*HC:99213**1~DTP*573*D8*20261020~SE*18*0001~GE*1*1~IEA*1*000000001~";
        let mut found = Vec::new();
        read(text.as_bytes(), &mut |told| found.push(told.sent)).unwrap();
        let [one] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((one.original.as_str(), one.sequence.as_str(), one.plan.as_str()), ("ICN1", "S", "CI"));
        assert_eq!(one.diagnoses, ["J0190", "M545"]);
        let line = &one.lines[0];
        assert_eq!((line.control.as_str(), line.place.as_str(), line.charge), ("L1", "22", 10_000));
        assert_eq!((line.modifiers.as_slice(), line.day), (&["25".to_owned()][..], date(b"20261001")));
    }
}
