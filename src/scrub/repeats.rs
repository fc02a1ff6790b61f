//! What an interchange and the claims in it are known by when they come again: its numbers, and what its transaction sets say. Which came
//! before is the shell's to know; here they are made, and claims that came before are held.

use std::io::{self, Read};
use std::ops::Range;

use sha2::{Digest, Sha256};

use super::report::State;
use super::survey::Survey;
use super::{Report, Source, Verdict};
use crate::edits::EditSet;
use crate::x12::fault::At;
use crate::x12::{Fault, FaultKind};

/// Bytes in which ST and BHT end.
const HEAD: u64 = 2048;
/// Bytes in which SE stands.
const TAIL: u64 = 256;

/// One production interchange with claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Print {
    /// Its bytes.
    pub range: Range<u64>,
    /// Hash of who sends it to whom, and its number (ISA05 to ISA08, ISA13).
    pub number: String,
    /// Hash of all that its sets say.
    pub content: String,
    /// Hash of what each set says, from behind BHT to before SE; and its bytes.
    pub sets: Vec<(String, Range<u64>)>,
}

/// Why claims count as sent before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Another interchange had the same number.
    Number,
    /// Another set said the same.
    Content,
}

/// What the interchanges of a file are known by; test interchanges, and those without a claim that can be sent, by nothing: what was refused
/// may come again as it is.
///
/// # Errors
/// When the file can't be read.
pub fn prints(
    source: &(impl Source + ?Sized),
    survey: &Survey,
    verdicts: &[Verdict],
) -> io::Result<Vec<Print>> {
    let mut found = Vec::new();
    let usable: Vec<u64> =
        verdicts.iter().filter(|v| v.verdict != State::Rejected).map(|v| v.facts.offset).collect();
    let has_usable = |range: Range<u64>| {
        let from = usable.partition_point(|at| *at < range.start);
        usable.get(from).is_some_and(|at| *at < range.end)
    };
    for interchange in survey.outline.interchanges.iter().filter(|i| i.header.usage == b'P') {
        let header = &interchange.header;
        let mut sets = Vec::new();
        for set in interchange.groups.iter().flat_map(|g| &g.sets) {
            if has_usable(set.start..set.end) {
                let content = content(source, set.start..set.end, header.delimiters.segment)?;
                sets.push((content, set.start..set.end));
            }
        }
        if sets.is_empty() {
            continue;
        }
        let ((from, sender), (to, receiver)) = (&header.sender, &header.receiver);
        let number = hash(&[from, sender, to, receiver, &header.control]);
        let all: Vec<&[u8]> = sets.iter().map(|(content, _)| content.as_bytes()).collect();
        let content = hash(&all);
        found.push(Print { range: interchange.start..interchange.end, number, content, sets });
    }
    Ok(found)
}

/// Parts under their lengths, so that no two lists of parts are one.
fn hash(parts: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    short(digest)
}

fn short(digest: Sha256) -> String {
    digest.finalize().iter().take(16).map(|b| format!("{b:02x}")).collect()
}

/// What a set says: without the numbers and times it is given anew at each export.
fn content(source: &(impl Source + ?Sized), set: Range<u64>, terminator: u8) -> io::Result<String> {
    let read = |from: u64, most: u64| -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        source.open_at(from)?.take(most.min(set.end.saturating_sub(from))).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let head = read(set.start, HEAD)?;
    let behind =
        head.iter().enumerate().filter(|(_, b)| **b == terminator).map(|(at, _)| at as u64 + 1).nth(1);
    let tail_from = set.end.saturating_sub(TAIL).max(set.start);
    let tail = read(tail_from, TAIL)?;
    // The last terminator ends SE, the one before what is before it.
    let ends = tail.iter().enumerate().rev().filter(|(_, b)| **b == terminator).map(|(at, _)| at as u64 + 1);
    let before = ends.skip(1).map(|end| tail_from + end).next();
    let from = set.start + behind.unwrap_or(0);
    let to = before.unwrap_or(set.end).max(from);
    let mut digest = Sha256::new();
    let mut bytes = source.open_at(from)?.take(to - from);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match bytes.read(&mut buffer)? {
            0 => return Ok(short(digest)),
            n => digest.update(buffer.get(..n).unwrap_or_default()),
        }
    }
}

/// Holds the clean claims of stretches that came before, and tells all claims of them why.
pub fn hold(report: &mut Report, edits: &EditSet, repeats: &[(Range<u64>, Repeat)]) {
    for verdict in &mut report.verdicts {
        let within = |range: &Range<u64>| range.contains(&verdict.facts.offset);
        let Some((range, repeat)) = repeats.iter().find(|(range, _)| within(range)) else { continue };
        let (kind, at) = match repeat {
            Repeat::Number => (FaultKind::InterchangeNumberUsed, At::from("ISA13")),
            Repeat::Content => (FaultKind::SetSentBefore, At::from("ST")),
        };
        let fault = Fault { kind, at, segment: 0, offset: range.start, expected: 0, found: 0 };
        let Some(finding) = edits.finding(&fault) else { continue };
        let stops = finding.stops();
        verdict.findings.push(finding);
        if stops && verdict.verdict == State::Clean {
            (verdict.verdict, verdict.overridable) = (State::Held, true);
            report.claims.clean -= 1;
            report.claims.held += 1;
            report.charges.clean -= verdict.charge;
            report.charges.held += verdict.charge;
        }
    }
}
