//! Reads a guide's file, and the one it shares with others, into loops and entries as written. The layout is described
//! in docs/schemas.md.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A guide as written, shared parts put in place.
#[derive(Debug, Default)]
pub(super) struct GuideText {
    pub set: String,
    pub group: String,
    pub versions: Vec<String>,
    pub nearest: String,
    /// Loops in the guide's order.
    pub loops: Vec<LoopText>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LoopText {
    pub id: String,
    #[serde(default, rename = "in")]
    pub parents: Vec<String>,
    pub usage: char,
    repeat: toml::Value,
    pub name: String,
    #[serde(default)]
    guides: Vec<String>,
    segments: Vec<String>,
    /// What `segments` says, read.
    #[serde(skip)]
    pub members: Vec<MemberText>,
}

/// A line of a loop.
#[derive(Clone, Debug)]
pub(super) enum MemberText {
    /// `@2310A`: a child loop stands here.
    Loop(String),
    Segment(EntryText),
}

/// `REF S 2 : R=0B,1G R # licence or UPIN`.
#[derive(Clone, Debug)]
pub(super) struct EntryText {
    pub id: String,
    pub required: bool,
    /// 0 for no limit.
    pub repeat: u16,
    pub elements: Vec<ElementText>,
    pub name: String,
}

/// `R<1-30>=A,B` or `S(R=HC R S)`.
#[derive(Clone, Debug, Default)]
pub(super) struct ElementText {
    /// `R`, `S` or `-`.
    pub usage: char,
    pub length: Option<(u8, u32)>,
    pub codes: Vec<String>,
    pub components: Vec<ElementText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGuide {
    #[serde(rename = "guide")]
    name: String,
    // The interchange itself is no transaction set: it has none of these.
    #[serde(default)]
    set: String,
    #[serde(default)]
    group: String,
    #[serde(default)]
    versions: Vec<String>,
    // Absent where the version has no errata letter to be left out.
    nearest: Option<String>,
    #[serde(default)]
    order: Vec<String>,
    // Named for the reader of the file; the reader of the files is told both.
    #[serde(default, rename = "shared")]
    _shared: String,
    #[serde(default)]
    codes: BTreeMap<String, String>,
    #[serde(rename = "loop")]
    loops: Vec<LoopText>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawShared {
    #[serde(default)]
    codes: BTreeMap<String, String>,
    #[serde(default)]
    share: BTreeMap<String, Vec<String>>,
    #[serde(default, rename = "loop")]
    loops: Vec<LoopText>,
}

impl LoopText {
    /// 0 for no limit.
    pub(super) fn repeat(&self) -> Result<u16, String> {
        repeat(self.repeat.as_str().unwrap_or(""))
            .or_else(|| self.repeat.as_integer().and_then(|n| u16::try_from(n).ok()))
            .ok_or_else(|| format!("loop {}: repeat {}", self.id, self.repeat))
    }
}

fn repeat(text: &str) -> Option<u16> {
    if text == "*" { Some(0) } else { text.parse().ok() }
}

/// Reads a guide.
pub(super) fn read(guide: &str, shared: Option<&str>) -> Result<GuideText, String> {
    let raw: RawGuide = toml::from_str(guide).map_err(|e| e.to_string())?;
    let shared: RawShared = match shared {
        Some(text) => toml::from_str(text).map_err(|e| format!("shared: {e}"))?,
        None => RawShared::default(),
    };
    let mut all: Vec<LoopText> = shared
        .loops
        .iter()
        .filter(|l| l.guides.contains(&raw.name))
        .cloned()
        .chain(raw.loops.iter().cloned())
        .collect();
    if !raw.order.is_empty() {
        if let Some(lost) = all.iter().find(|l| !raw.order.contains(&l.id)) {
            return Err(format!("{}: loop {} is not in order", raw.name, lost.id));
        }
        all.sort_by_key(|l| raw.order.iter().position(|o| *o == l.id));
    }
    let codes = |name: &str| raw.codes.get(name).or_else(|| shared.codes.get(name)).map(String::as_str);
    for l in &mut all {
        let mut members = Vec::new();
        for line in &l.segments {
            if let Some(child) = line.strip_prefix('@') {
                members.push(MemberText::Loop(child.to_owned()));
            } else if let Some(group) = line.strip_prefix('$') {
                let lines = shared.share.get(group).ok_or_else(|| format!("{}: no share {group}", l.id))?;
                for line in lines {
                    members.push(MemberText::Segment(entry(&l.id, line, &codes)?));
                }
            } else {
                members.push(MemberText::Segment(entry(&l.id, line, &codes)?));
            }
        }
        l.members = members;
    }
    let nearest = raw.nearest.or_else(|| raw.versions.first().cloned()).unwrap_or_default();
    let (set, group, versions) = (raw.set, raw.group, raw.versions);
    Ok(GuideText { set, group, versions, nearest, loops: all })
}

fn entry<'c>(
    loop_id: &str,
    line: &str,
    codes: &impl Fn(&str) -> Option<&'c str>,
) -> Result<EntryText, String> {
    let bad = |what: &str| format!("{loop_id}: {what} in {line:?}");
    let (body, name) = line.split_once('#').unwrap_or((line, ""));
    let (head, elements) = body.split_once(':').ok_or_else(|| bad("no colon"))?;
    let mut words = head.split_whitespace();
    let (Some(id), Some(usage), Some(times), None) = (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(bad("not ID, usage, repeat"));
    };
    let required = match usage {
        "R" => true,
        "S" => false,
        _ => return Err(bad("usage")),
    };
    let repeat = repeat(times).ok_or_else(|| bad("repeat"))?;
    let mut rest = elements.trim();
    let mut read = Vec::new();
    while !rest.is_empty() {
        let (one, after) = element(rest, codes).ok_or_else(|| bad("an element"))?;
        read.push(one);
        rest = after.trim_start();
    }
    Ok(EntryText { id: id.to_owned(), required, repeat, elements: read, name: name.trim().to_owned() })
}

/// One element from the front of `text`, and the rest.
fn element<'t, 'c>(
    text: &'t str,
    codes: &impl Fn(&str) -> Option<&'c str>,
) -> Option<(ElementText, &'t str)> {
    let mut out =
        ElementText { usage: text.chars().next().filter(|c| "RS-".contains(*c))?, ..ElementText::default() };
    let mut rest = text.get(1..)?;
    if let Some(after) = rest.strip_prefix('<') {
        let (length, after) = after.split_once('>')?;
        let (min, max) = length.split_once('-')?;
        out.length = Some((min.parse().ok()?, max.parse().ok()?));
        rest = after;
    }
    if let Some(after) = rest.strip_prefix('=') {
        let end = after.find([' ', ')']).unwrap_or(after.len());
        let (list, after) = after.split_at_checked(end)?;
        for code in list.split(',') {
            match code.strip_prefix('@') {
                Some(name) => out.codes.extend(codes(name)?.split_whitespace().map(str::to_owned)),
                None => out.codes.push(code.to_owned()),
            }
        }
        rest = after;
    } else if let Some(after) = rest.strip_prefix('(') {
        rest = after.trim_start();
        loop {
            if let Some(after) = rest.strip_prefix(')') {
                rest = after;
                break;
            }
            let (component, after) = element(rest, codes)?;
            out.components.push(component);
            rest = after.trim_start();
        }
    }
    (rest.is_empty() || rest.starts_with([' ', ')'])).then_some((out, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_reads() {
        let codes = |name: &str| (name == "pair").then_some("XX ZZ");
        let read = entry("2400", "SV1 R 1 : R(R=HC,ER R S) R<1-10> - S=@pair  # service", &codes).unwrap();
        assert_eq!(
            (read.id.as_str(), read.required, read.repeat, read.name.as_str()),
            ("SV1", true, 1, "service")
        );
        assert_eq!(read.elements.len(), 4);
        assert_eq!(read.elements[0].components.len(), 3);
        assert_eq!(read.elements[0].components[0].codes, ["HC", "ER"]);
        assert_eq!(read.elements[1].length, Some((1, 10)));
        assert_eq!(read.elements[3].codes, ["XX", "ZZ"]);
        for bad in ["SV1 R 1", "SV1 X 1 : R", "SV1 R 1 : R(R", "SV1 R 1 : Q", "SV1 R 1 : R=@none"] {
            assert!(entry("2400", bad, &codes).is_err(), "{bad}");
        }
    }
}
