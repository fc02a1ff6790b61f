//! The 277CA of a set of claims (005010X214): an answer to every claim, under its billing provider.

use std::io;

use super::compose::Out;
use super::{HeldMeans, SetOf, Stamp, Worked};
use crate::edits::{Ack, EditSet};
use crate::scrub::{Source, State, Verdict};
use crate::x12::element::decimal;
use crate::x12::outline::Group;
use crate::x12::{Blocks, Chunk, Segment};

const VERSION: &str = "005010X214";
/// Forwarded to the payer.
const FORWARDED: (&str, &str, &str) = ("A0", "16", "PR");
/// Refused, for a reason that no edit put in codes.
const REFUSED: (&str, &str, &str) = ("A3", "21", "");

/// True when the set's answer is to be given now: while claims of it are held to be put right here, it waits.
pub(super) fn is_due(of: &SetOf<'_>, worked: Worked<'_>, stamp: &Stamp) -> bool {
    let held = of.verdicts.iter().any(|v| v.verdict == State::Held);
    let wrong = of.verdicts.iter().any(|v| v.verdict != State::Clean);
    let its_turn = match worked.waited {
        None => !held || stamp.held_means == HeldMeans::SendBack,
        Some(waited) => of.verdicts.iter().any(|v| waited.contains(&v.position)),
    };
    its_turn && (wrong || stamp.answers == super::Answers::All)
}

/// A name as NM1 gives it: entity type, last or organisation, first, middle, suffix, id qualifier, id.
#[derive(Clone, Default)]
struct Name([String; 7]);

impl Name {
    fn read(out: &Out<'_>, nm1: &Segment<'_>) -> Name {
        let value = |n: usize, most| out.clean(&String::from_utf8_lossy(nm1.value(n)), most);
        Name([value(2, 1), value(3, 60), value(4, 35), value(5, 25), value(7, 10), value(8, 2), value(9, 80)])
    }

    fn write(&self, out: &mut Out<'_>, entity: &str, qualifiers: &[&str], person: bool) -> io::Result<()> {
        let [kind, last, first, middle, suffix, qualifier, id] = &self.0;
        // The source of a 277CA is an organisation, whatever the receiver was sent as.
        let kind = if person || (kind == "1" && entity != "AY") { "1" } else { "2" };
        let or =
            |value: &str, other: &str| if value.is_empty() { other.to_owned() } else { value.to_owned() };
        let qualifier =
            qualifiers.iter().find(|q| **q == qualifier).or(qualifiers.first()).copied().unwrap_or("");
        let (last, id) = (or(last, "UNKNOWN"), or(if id.len() < 2 { "" } else { id }, "UNKNOWN"));
        let names = if kind == "1" { [first.as_str(), middle, "", suffix] } else { [""; 4] };
        let [first, middle, prefix, suffix] = names;
        // The one NM1 here that takes no suffix.
        let suffix = if entity == "41" { "" } else { suffix };
        out.segment(&["NM1", entity, kind, &last, first, middle, prefix, suffix, qualifier, &id])
    }
}

/// What is known of the set while it is read again.
#[derive(Default)]
struct Reading {
    reference: String,
    submitter: Name,
    receiver: Name,
    billing: Name,
    subscriber: Name,
    patient: Option<Name>,
    /// HL01 of the billing provider written, where one is.
    provider: Option<u32>,
    last_level: u32,
    begun: bool,
    next: usize,
}

/// GS HN to GE with one 277CA.
pub(super) fn write<S: Source + ?Sized>(
    out: &mut Out<'_>,
    source: &S,
    (worked, group, of): (Worked<'_>, &Group, &SetOf<'_>),
    number: u32,
    stamp: &Stamp,
) -> io::Result<()> {
    out.group("HN", (&group.receiver, &group.sender), number, VERSION, stamp.now)?;
    out.begin();
    out.segment(&["ST", "277", "0001", VERSION])?;
    let mut reading = Reading::default();
    let length = of.set.end.saturating_sub(of.set.start);
    let bytes = io::Read::take(source.open_at(of.set.start)?, length);
    let mut blocks = Blocks::inside(bytes, worked.survey.delimiters_at(of.set.start));
    while let Some(chunk) = blocks.next_chunk()? {
        let Chunk::Block(block) = chunk else { continue };
        for segment in block.segments() {
            reading.segment(out, &segment, of, worked.edits, stamp)?;
        }
    }
    out.end("0001")?;
    out.segment(&["GE", "1", &number.to_string()])
}

impl Reading {
    fn segment(
        &mut self,
        out: &mut Out<'_>,
        segment: &Segment<'_>,
        of: &SetOf<'_>,
        edits: &EditSet,
        stamp: &Stamp,
    ) -> io::Result<()> {
        let lossy = |n: usize| String::from_utf8_lossy(segment.value(n)).into_owned();
        match (segment.id(), segment.value(1)) {
            (b"BHT", _) => self.reference = out.clean(&lossy(3), 50),
            (b"NM1", b"41") => self.submitter = Name::read(out, segment),
            (b"NM1", b"40") => self.receiver = Name::read(out, segment),
            (b"NM1", b"85") if self.next_level_open() => {
                self.billing = Name::read(out, segment);
                self.provider = None;
            }
            (b"REF", b"EI") if self.billing.0.last().is_some_and(String::is_empty) => {
                let Name([.., qualifier, id]) = &mut self.billing;
                (*qualifier, *id) = ("FI".to_owned(), out.clean(&lossy(2), 80));
            }
            (b"NM1", b"IL") if self.patient.is_none() => self.subscriber = Name::read(out, segment),
            (b"NM1", b"QC") => self.patient = Some(Name::read(out, segment)),
            (b"HL", _) => {
                if segment.value(3) != b"23" {
                    self.patient = None;
                }
                if segment.value(3) == b"20" {
                    (self.billing, self.provider) = (Name::default(), None);
                }
            }
            (b"CLM", _) => {
                let Some(verdict) = of.verdicts.get(self.next) else { return Ok(()) };
                self.next += 1;
                if !self.begun {
                    self.head(out, of, stamp)?;
                }
                self.claim(out, segment, verdict, edits, stamp)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Other payers' loops name a billing provider too (2330G, NM1*85): only the one before any claim is ours.
    fn next_level_open(&self) -> bool {
        self.billing.0.iter().all(String::is_empty)
    }

    /// Source, receiver and the totals of the batch.
    fn head(&mut self, out: &mut Out<'_>, of: &SetOf<'_>, stamp: &Stamp) -> io::Result<()> {
        self.begun = true;
        let (date, time) =
            (stamp.now.strftime("%Y%m%d").to_string(), stamp.now.strftime("%H%M%S").to_string());
        let reference = if self.reference.is_empty() { "UNKNOWN".to_owned() } else { self.reference.clone() };
        out.segment(&["BHT", "0085", "08", &reference, &date, &time, "TH"])?;
        out.segment(&["HL", "1", "", "20", "1"])?;
        self.receiver.write(out, "AY", &["46"], false)?;
        out.segment(&["TRN", "1", &reference])?;
        out.segment(&["DTP", "050", "D8", &date])?;
        out.segment(&["DTP", "009", "D8", &date])?;
        out.segment(&["HL", "2", "1", "21", "1"])?;
        self.submitter.write(out, "41", &["46"], false)?;
        out.segment(&["TRN", "2", &reference])?;
        let (mut count, mut charge) = ([0u64; 2], [0i64; 2]);
        for verdict in of.verdicts {
            let at = usize::from(verdict.verdict != State::Clean);
            if let (Some(n), Some(sum)) = (count.get_mut(at), charge.get_mut(at)) {
                *n += 1;
                *sum = sum.saturating_add(verdict.charge);
            }
        }
        let total = charge.iter().fold(0i64, |a, b| a.saturating_add(*b));
        let status = out.composite(&["A1", "19", "AY"]);
        out.segment(&["STC", &status, &date, "WQ", &plain(total)])?;
        for (of, code) in ["90", "AA"].into_iter().enumerate() {
            let n = count.get(of).copied().unwrap_or(0);
            if n > 0 {
                out.segment(&["QTY", code, &n.to_string()])?;
            }
        }
        for (of, amount) in ["YU", "YY"].into_iter().enumerate() {
            if count.get(of).copied().unwrap_or(0) > 0 {
                out.segment(&["AMT", amount, &plain(charge.get(of).copied().unwrap_or(0))])?;
            }
        }
        self.last_level = 2;
        Ok(())
    }

    fn claim(
        &mut self,
        out: &mut Out<'_>,
        clm: &Segment<'_>,
        verdict: &Verdict,
        edits: &EditSet,
        stamp: &Stamp,
    ) -> io::Result<()> {
        let provider = match self.provider {
            Some(number) => number,
            None => {
                self.last_level += 1;
                out.segment(&["HL", &self.last_level.to_string(), "2", "19", "1"])?;
                self.billing.write(out, "85", &["XX", "FI"], false)?;
                self.provider = Some(self.last_level);
                self.last_level
            }
        };
        self.last_level += 1;
        out.segment(&["HL", &self.last_level.to_string(), &provider.to_string(), "PT"])?;
        let mut patient = self.patient.clone().unwrap_or_else(|| self.subscriber.clone());
        if let (Name([.., qualifier, id]), Name([.., theirs, member])) = (&mut patient, &self.subscriber)
            && id.is_empty()
        {
            (*qualifier, *id) = (theirs.clone(), member.clone());
        }
        patient.write(out, "QC", &["MI", "II"], true)?;
        let date = stamp.now.strftime("%Y%m%d").to_string();
        let claim = out.clean(&verdict.claim, 50);
        out.segment(&["TRN", "2", if claim.is_empty() { "UNKNOWN" } else { &claim }])?;
        let statuses = statuses(verdict, edits);
        let mut codes = statuses.iter().map(|(a, b, c)| out.composite(&[a, b, c]));
        let [first, second, third] =
            [codes.next(), codes.next(), codes.next()].map(Option::unwrap_or_default);
        let action = if verdict.verdict == State::Clean { "WQ" } else { "U" };
        let charge = plain(verdict.charge);
        out.segment(&["STC", &first, &date, action, &charge, "", "", "", "", "", &second, &third])?;
        if verdict.facts.kind == "837I" {
            let part = |c| String::from_utf8_lossy(clm.component(5, c)).into_owned();
            let bill = out.clean(&format!("{}{}", part(1), part(3)), 50);
            if !bill.is_empty() {
                out.segment(&["REF", "BLT", &bill])?;
            }
        }
        let day = |d: jiff::civil::Date| d.strftime("%Y%m%d").to_string();
        match (verdict.facts.service_from, verdict.facts.service_to) {
            (Some(from), Some(to)) if from < to => {
                out.segment(&["DTP", "472", "RD8", &format!("{}-{}", day(from), day(to))])
            }
            (Some(from), _) => out.segment(&["DTP", "472", "D8", &day(from)]),
            // A claim without a date that reads is answered under the day it was worked.
            _ => out.segment(&["DTP", "472", "D8", &date]),
        }
    }
}

/// Category, status and entity of a claim: forwarded, or up to three reasons.
fn statuses(verdict: &Verdict, edits: &EditSet) -> Vec<(String, String, String)> {
    let owned = |(a, b, c): (&str, &str, &str)| (a.to_owned(), b.to_owned(), c.to_owned());
    if verdict.verdict == State::Clean {
        return vec![owned(FORWARDED)];
    }
    let stops = verdict.findings.iter().filter(|f| f.stops());
    let acks = stops.filter_map(|f| edits.get(&f.edit)?.ack.as_ref());
    let mut all: Vec<(String, String, String)> = Vec::new();
    for Ack { category, status, entity } in acks {
        let one = (category.clone(), status.clone(), entity.clone());
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all.truncate(3);
    if all.is_empty() { vec![owned(REFUSED)] } else { all }
}

/// The most that element 782 takes: ten digits, cents included.
const MOST: i64 = 9_999_999_999;

/// An amount without zeros that say nothing: `150`, `12.5`. A charge too large for the element is answered with the most
/// that it takes: the claim is refused for it.
fn plain(cents: i64) -> String {
    let text = decimal(cents.clamp(-MOST, MOST));
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
