//! The 999 of a group of claims (005010X231A1): which sets were taken, and where the others are wrong.

use std::collections::BTreeMap;
use std::io;

use super::codes;
use super::compose::Out;
use super::places::Place;
use super::{GroupOf, SetOf, Stamp};
use crate::edits::Finding;
use crate::schema::Guide;
use crate::scrub::survey::Fate;
use crate::x12::element::integer;

const VERSION: &str = "005010X231A1";

/// A fault of a set as the 999 tells it, once, and the claim it stands in.
type Told<'a> = BTreeMap<(u32, u8, u8, &'static str), (&'a Finding, Option<&'a str>)>;

/// True when some set of it is not wholly accepted.
pub(super) fn is_faulty(of: &GroupOf<'_>) -> bool {
    codes::group(of.group).is_some() || of.sets.iter().any(|s| verdict(s, &told(s)) != "A")
}

/// What is wrong with the segments of a set. A fault above several claims is told once, of none of them.
fn told<'a>(of: &SetOf<'a>) -> Told<'a> {
    let mut told = Told::new();
    for verdict in of.verdicts {
        for finding in verdict.findings.iter().filter(|f| f.stops()) {
            let Some(kind) = finding.fault.filter(|k| codes::segment(*k).is_some()) else { continue };
            let claim = (finding.offset >= verdict.facts.offset).then_some(verdict.claim.as_str());
            let key = (finding.segment, finding.element, finding.component, kind.name());
            told.entry(key).or_insert((finding, claim));
        }
    }
    told
}

/// IK501: R refuses the whole set; E says that single claims of it are not taken.
fn verdict(of: &SetOf<'_>, told: &Told<'_>) -> &'static str {
    match of.inside.fate {
        Fate::Refused => "R",
        _ if !told.is_empty() => "E",
        _ => "A",
    }
}

/// GS FA to GE with one 999.
pub(super) fn write(out: &mut Out<'_>, of: &GroupOf<'_>, number: u32, stamp: &Stamp) -> io::Result<()> {
    let group = of.group;
    out.group("FA", (&group.receiver, &group.sender), number, VERSION, stamp.now)?;
    out.begin();
    out.segment(&["ST", "999", "0001", VERSION])?;
    // What can't be repeated as it was sent is stood in for: the sender knows the group by its other numbers.
    let or = |value: String, sound: bool, other: &str| if sound { value } else { other.to_owned() };
    let (code, control, version) =
        (out.clean(&group.code, 3), out.clean(&group.control, 10), out.clean(&group.version, 12));
    let numbered = control.len() <= 9 && integer(control.as_bytes()).is_some();
    let (code, control) = (or(code.clone(), code.len() == 2, "HC"), or(control.clone(), numbered, "0"));
    let version = or(version.clone(), !version.is_empty(), "005010");
    out.segment(&["AK1", &code, &control, &version])?;
    let mut accepted = 0;
    let mut worst = "A";
    for set in &of.sets {
        let told = told(set);
        let verdict = verdict(set, &told);
        accepted += u32::from(verdict != "R");
        worst = worst.max(verdict);
        one(out, set, &told, verdict)?;
    }
    let all = u32::try_from(of.sets.len()).unwrap_or(u32::MAX);
    let verdict = match (accepted, worst) {
        (0, _) => "R",
        (n, _) if n < all => "P",
        (_, worst) => worst,
    };
    let all = all.to_string();
    let wrong = codes::group(group).unwrap_or("");
    out.segment(&["AK9", verdict, &all, &all, &accepted.to_string(), wrong])?;
    out.end("0001")?;
    out.segment(&["GE", "1", &number.to_string()])
}

fn one(out: &mut Out<'_>, of: &SetOf<'_>, told: &Told<'_>, verdict: &str) -> io::Result<()> {
    let (id, control, version) =
        (out.clean(&of.set.id, 4), out.clean(&of.set.control, 9), out.clean(&of.set.version, 12));
    let id = if id.len() == 3 { id } else { "837".to_owned() };
    out.segment(&["AK2", &id, &format!("{control:0>4}"), &version])?;
    let guide = match of.inside.fate {
        Fate::Claims(guide) => guide,
        _ => Guide::of(&of.set.id, &of.set.version).map_or(Guide::Professional, |(g, _)| g),
    };
    let mut rest = told.values().peekable();
    while let Some((finding, claim)) = rest.next() {
        segment(out, finding, *claim, guide)?;
        element(out, finding, guide)?;
        // Elements of the same segment stand under one IK3.
        while let Some((next, _)) =
            rest.next_if(|(next, _)| next.segment == finding.segment && both_elements(finding, next))
        {
            element(out, next, guide)?;
        }
    }
    let refused = codes::set(of.set).filter(|_| verdict == "R");
    let segments = if told.is_empty() { "" } else { "5" };
    out.segment(&["IK5", verdict, refused.unwrap_or(segments)])
}

fn both_elements(a: &Finding, b: &Finding) -> bool {
    let is_element = |f: &Finding| f.fault.and_then(codes::segment).is_some_and(|c| c.1.is_some());
    is_element(a) && is_element(b)
}

fn segment(out: &mut Out<'_>, finding: &Finding, claim: Option<&str>, guide: Guide) -> io::Result<()> {
    let place = Place::of(finding, guide);
    let id: String = place.segment.chars().filter(char::is_ascii_alphanumeric).take(3).collect();
    let id = if id.len() < 2 { "ZZ" } else { &id };
    let code = finding.fault.and_then(codes::segment).map_or("8", |c| c.0);
    let loop_id = out.clean(&finding.r#loop, 6);
    let loop_id = if loop_id == "ST" { "" } else { &loop_id };
    out.segment(&["IK3", id, &finding.segment.to_string(), loop_id, code])?;
    // A claim without a number can't be named.
    match claim.filter(|c| !c.trim().is_empty()) {
        Some(claim) => {
            let unit = out.composite(&["CLM01", &out.clean(claim, 35)]);
            out.segment(&["CTX", &unit])
        }
        None => Ok(()),
    }
}

fn element(out: &mut Out<'_>, finding: &Finding, guide: Guide) -> io::Result<()> {
    let Some(kind) = finding.fault else { return Ok(()) };
    let Some(code) = codes::element(kind, finding.component).filter(|_| finding.element > 0) else {
        return Ok(());
    };
    let component = if finding.component > 0 { finding.component.to_string() } else { String::new() };
    let repetition = if finding.repetition > 0 { finding.repetition.to_string() } else { String::new() };
    let position = out.composite(&[&finding.element.to_string(), &component, &repetition]);
    let value = finding.value.as_deref().filter(|_| codes::shows_value(kind)).unwrap_or("");
    let value = out.clean(value, 99);
    out.segment(&["IK4", &position, Place::of(finding, guide).number, code, &value])
}
