//! Acknowledgements: what we answer to a file of claims, and what others answer to one of ours.
//!
//! [`write`](fn@write) makes one interchange of answers for each interchange received: TA1 for the envelope, a 999 for
//! each group of claims, a 277CA for each set of claims. [`read`](mod@read) reads all three.

mod claims;
mod codes;
mod compose;
mod group;
mod places;
pub mod read;

use std::io::{self, Write};

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use self::compose::Out;
use crate::edits::EditSet;
use crate::scrub::survey::Fate;
use crate::scrub::{Source, Survey, Verdict};
use crate::x12::element::{date, integer, is_time};
use crate::x12::outline::{Group, Interchange};

/// Which answers are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answers {
    /// To everything that came.
    All,
    /// Only to what is wrong.
    Faults,
    /// None.
    #[default]
    None,
}

/// What a 277CA says of a held claim.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeldMeans {
    /// Nothing yet: it is put right here, and the set's 277CA waits for that.
    #[default]
    FixHere,
    /// It was rejected and goes back to its sender.
    SendBack,
}

/// What answers are made with besides the file.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    /// Which are written.
    pub answers: Answers,
    /// What is said of held claims.
    pub held_means: HeldMeans,
    /// ISA13 of the first interchange of answers, 1 to 999,999,999; others count on.
    pub control: u32,
    /// When the file was worked, at the site.
    pub now: DateTime,
}

/// A file that was scrubbed, and what came of it.
#[derive(Clone, Copy, Debug)]
pub struct Worked<'a> {
    /// Its envelopes.
    pub survey: &'a Survey,
    /// Every claim, in file order.
    pub verdicts: &'a [Verdict],
    /// The edits that judged.
    pub edits: &'a EditSet,
    /// Places, 1-based, of the claims that were held: only the sets they are in are answered, the rest was before, by what became of
    /// them, which the verdicts say.
    pub waited: Option<&'a [u64]>,
}

/// A transaction set and what is inside it.
#[derive(Clone, Copy)]
struct SetOf<'a> {
    set: &'a crate::x12::outline::Set,
    inside: &'a crate::scrub::survey::Inside,
    verdicts: &'a [Verdict],
}

/// A group of claims with its sets.
struct GroupOf<'a> {
    group: &'a Group,
    sets: Vec<SetOf<'a>>,
}

/// Writes the answers to a file; nothing when none is due.
///
/// # Errors
/// When reading or writing fails.
pub fn write<S: Source + ?Sized>(
    source: &S,
    worked: Worked<'_>,
    stamp: &Stamp,
    out: &mut dyn Write,
) -> io::Result<()> {
    if stamp.answers == Answers::None {
        return Ok(());
    }
    let mut insides = worked.survey.sets.iter();
    let mut control = stamp.control;
    for interchange in &worked.survey.outline.interchanges {
        let mut groups = Vec::new();
        for group in &interchange.groups {
            let sets = group.sets.iter().zip(insides.by_ref()).map(|(set, inside)| SetOf {
                set,
                inside,
                verdicts: own(worked.verdicts, inside),
            });
            groups.push(GroupOf { group, sets: sets.collect() });
        }
        if answer(source, worked, (interchange, &groups), &Stamp { control, ..*stamp }, out)? {
            control = control % 999_999_999 + 1;
        }
    }
    Ok(())
}

fn own<'a>(verdicts: &'a [Verdict], inside: &crate::scrub::survey::Inside) -> &'a [Verdict] {
    let place = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    verdicts.get(place(inside.claims.start)..place(inside.claims.end)).unwrap_or_default()
}

/// Answers one interchange; false when it draws none.
fn answer<S: Source + ?Sized>(
    source: &S,
    worked: Worked<'_>,
    (interchange, groups): (&Interchange, &[GroupOf<'_>]),
    stamp: &Stamp,
    out: &mut dyn Write,
) -> io::Result<bool> {
    let all = stamp.answers == Answers::All;
    let refused = !interchange.faults.is_empty();
    let header = &interchange.header;
    // An interchange that holds answers alone draws none: two systems would answer each other for ever.
    let claims: Vec<&GroupOf<'_>> =
        groups.iter().filter(|g| g.sets.iter().any(|s| s.inside.is_claims)).collect();
    let only_answers = claims.is_empty() && groups.iter().all(|g| matches!(&*g.group.code, "FA" | "HN"));
    let first = worked.waited.is_none();
    let ta1 = first && (refused || header.wants_acknowledgement);
    let due: Vec<&&GroupOf<'_>> =
        claims.iter().filter(|g| first && !refused && (all || group::is_faulty(g))).collect();
    let told: Vec<(&GroupOf<'_>, &SetOf<'_>)> = claims
        .iter()
        .filter(|_| !refused)
        .flat_map(|g| g.sets.iter().map(move |s| (*g, s)))
        .filter(|(_, s)| matches!(s.inside.fate, Fate::Claims(_)) && claims::is_due(s, worked, stamp))
        .collect();
    if only_answers || (!ta1 && due.is_empty() && told.is_empty()) {
        return Ok(false);
    }
    let mut out = Out::new(out, header.delimiters);
    let control = format!("{:09}", stamp.control);
    out.interchange(header, &control, stamp.now)?;
    if ta1 {
        let (verdict, note) = codes::interchange(interchange);
        let lossy = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
        let received = format!("{:0>9}", lossy(&header.control).trim());
        // A date or time that is none can't be repeated; ours stands in for it.
        let digits = |b: &[u8], len: usize| b.len() == len && b.iter().all(u8::is_ascii_digit);
        let date = match &header.sent.0 {
            sent if digits(sent, 6) && date(&[b"20".as_slice(), sent].concat()).is_some() => lossy(sent),
            _ => stamp.now.strftime("%y%m%d").to_string(),
        };
        let time = match &header.sent.1 {
            sent if digits(sent, 4) && is_time(sent) => lossy(sent),
            _ => stamp.now.strftime("%H%M").to_string(),
        };
        let received = match integer(header.control.trim_ascii()) {
            Some(_) => received,
            None => "0".repeat(9),
        };
        out.segment(&["TA1", &out.clean(&received, 9), &date, &time, verdict, note])?;
    }
    let mut number = 0u32;
    for of in due {
        number += 1;
        group::write(&mut out, of, number, stamp)?;
    }
    for (of, set) in told {
        number += 1;
        claims::write(&mut out, source, (worked, of.group, set), number, stamp)?;
    }
    out.segment(&["IEA", &number.to_string(), &control])?;
    Ok(true)
}
