//! Executes the examples of edits: a base claim, changed as the example says, must give exactly what it says.

use std::io;

use jiff::civil::Date;
use thiserror::Error;

use super::repeats::{self, Repeat};
use super::{Other, Settings, remittance, scrub};
use crate::codes::{CodeSets, Content, Pair, Pairs, Row, Shape, Table};
use crate::edits::{self, Before, Edit, EditSet, Example, Expect, Status};
use crate::schema::{Guide, Path, PathError, Schema, Walker, schema};
use crate::x12::element::date;
use crate::x12::{Blocks, Chunk, Delimiters};

/// One segment of a base claim, taken apart.
#[derive(Clone)]
struct Piece {
    loop_id: String,
    occurrence: u16,
    elements: Vec<String>,
}

/// What an example came to.
#[derive(Debug)]
pub struct Outcome {
    /// Edit it belongs to.
    pub edit: String,
    /// Its title.
    pub title: String,
    /// Why it failed; `None` when it held.
    pub failure: Option<String>,
}

/// Why an example can't be run.
#[derive(Debug, Error)]
pub enum ExampleError {
    /// Its base is not readable.
    #[error("reading the base claim")]
    Read(#[from] io::Error),
    /// A path in it is none.
    #[error(transparent)]
    Path(#[from] PathError),
    /// A path leads nowhere in the base.
    #[error("{0} leads to nothing in the base claim")]
    Nowhere(String),
    /// `raw.from` is not in the text.
    #[error("the bytes to replace are not in the base claim")]
    Raw,
    /// A table of it doesn't read.
    #[error("table {0} of the example doesn't read")]
    Table(&'static str),
    /// The scrub failed.
    #[error("scrubbing the example")]
    Scrub(#[source] super::Error),
}

/// Runs every example of every edit that isn't retired; drafts must be in force in `edits`.
#[must_use]
pub fn run_all(edits: &EditSet) -> Vec<Outcome> {
    edits
        .edits()
        .iter()
        .filter(|e| e.status != Status::Retired)
        .flat_map(|edit| edit.examples.iter().map(move |e| run(edits, edit, e)))
        .collect()
}

/// Runs one example of `edit` against a set of edits.
#[must_use]
pub fn run(edits: &EditSet, edit: &Edit, example: &Example) -> Outcome {
    let failure = match found(edits, example) {
        Err(error) => Some(error.to_string()),
        Ok(found) => judge(edit, example, &found),
    };
    Outcome { edit: edit.id.clone(), title: example.title.clone(), failure }
}

fn judge(edit: &Edit, example: &Example, found: &[(String, String)]) -> Option<String> {
    let shown = || found.iter().map(|(id, at)| format!("{id} at {at}")).collect::<Vec<_>>().join(", ");
    match example.expect {
        Expect::Clean => (!found.is_empty()).then(|| format!("expected none, found {}", shown())),
        Expect::Finding => {
            let own = example.at.as_ref().map(|at| at.replacen('/', " ", 1));
            let wanted = place(&own.unwrap_or_else(|| edit.at.to_string()));
            match found {
                [(id, at)] if *id == edit.id && place(at) == wanted => None,
                [] => Some("expected a finding, found none".to_owned()),
                _ => Some(format!("expected one at {wanted}, found {}", shown())),
            }
        }
    }
}

/// Places compare without envelope loops, occurrences and qualifiers: `2400[2] DTP[472]03` is `2400 DTP03`.
fn place(at: &str) -> String {
    let mut depth = 0;
    let plain: String = at
        .chars()
        .filter(|c| {
            depth += i32::from(*c == '[');
            let outside = depth == 0;
            depth -= i32::from(*c == ']');
            outside
        })
        .collect();
    plain.trim_start_matches("ISA ").trim_start_matches("ST ").to_owned()
}

/// Edit and place of everything said of the example's text.
fn found(edits: &EditSet, example: &Example) -> Result<Vec<(String, String)>, ExampleError> {
    let text = text(example)?;
    let settings = Settings { today: example.today, threads: 1, other: Other::Pass };
    let asking;
    let edits = if example.tables.is_empty() {
        edits
    } else {
        asking = edits.with_codes(codes(example)?);
        &asking
    };
    let (mut report, survey) = scrub(text.as_slice(), edits, settings).map_err(ExampleError::Scrub)?;
    if let Some(before) = example.before {
        let known =
            repeats::prints(text.as_slice(), &survey, &report.verdicts).map_err(ExampleError::Read)?;
        let repeats: Vec<_> = known
            .into_iter()
            .flat_map(|print| match before {
                Before::Number => vec![(print.range, Repeat::Number)],
                Before::Content => print.sets.into_iter().map(|s| (s.1, Repeat::Content)).collect(),
            })
            .collect();
        repeats::hold(&mut report, edits, &repeats);
    }
    let mut found: Vec<(String, String)> = report.rejections.into_iter().map(|r| (r.edit, r.at)).collect();
    let own = report.verdicts.into_iter().flat_map(|v| v.findings);
    found.extend(report.findings.into_iter().chain(own).map(|f| (f.edit, f.at)));
    remittance::judged(&text, edits, example.today, &mut |_, own| {
        found.extend(own.into_iter().map(|f| (f.edit, f.at)));
    })?;
    Ok(found)
}

/// The code sets an example asks.
fn codes(example: &Example) -> Result<CodeSets, ExampleError> {
    let mut sets = CodeSets::shipped();
    for (kind, rows) in &example.tables {
        let content = match kind.shape() {
            Shape::Codes => rows
                .iter()
                .map(|r| row(r))
                .collect::<Option<Vec<_>>>()
                .and_then(|rows| Table::of_rows(&rows).ok().map(Content::Codes)),
            Shape::Pairs => {
                let pairs = rows.iter().map(|r| pair(r)).collect::<Option<Vec<_>>>();
                pairs.map(|pairs| Content::Pairs(Pairs::new(pairs)))
            }
        };
        sets = sets.with(*kind, content.ok_or_else(|| ExampleError::Table(kind.name()))?, "");
    }
    Ok(sets)
}

fn day(cell: Option<&String>) -> Option<Option<Date>> {
    match cell.map(String::as_str).unwrap_or_default() {
        "" => Some(None),
        text => date(text.as_bytes()).map(Some),
    }
}

fn row(cells: &[String]) -> Option<Row> {
    let note = cells.get(3).cloned().unwrap_or_default();
    Some(Row { code: cells.first()?.clone(), from: day(cells.get(1))?, to: day(cells.get(2))?, note })
}

fn pair(cells: &[String]) -> Option<Pair> {
    let [first, second, _, _, value] = cells else { return None };
    let days = (day(cells.get(2))?, day(cells.get(3))?);
    Pair::new(first.as_bytes(), second.as_bytes(), days, value.parse().ok()?)
}

/// Segments of an example that its base doesn't have, and rows of its code sets: what the example is about.
#[must_use]
pub fn differing(example: &Example) -> Vec<String> {
    let base = String::from_utf8_lossy(edits::base(&example.base).unwrap_or_default()).into_owned();
    let text = text(example).map(|t| String::from_utf8_lossy(&t).into_owned()).unwrap_or_default();
    let known: Vec<&str> = base.lines().collect();
    let counted = |line: &&str| !line.starts_with("SE*");
    let segments = text.lines().filter(|l| !known.contains(l)).filter(counted).map(str::to_owned).take(4);
    let rows = example.tables.iter().flat_map(|(kind, rows)| rows.iter().map(move |row| (kind, row)));
    segments.chain(rows.map(|(kind, row)| format!("{} has {}", kind.name(), row.join(" ")))).collect()
}

/// The text an example stands for.
///
/// # Errors
/// When its base or a path of it can't be read.
pub fn text(example: &Example) -> Result<Vec<u8>, ExampleError> {
    let base = edits::base(&example.base).unwrap_or_default();
    let (schema, mut pieces) = take_apart(base)?;
    let nowhere = |path: &str| ExampleError::Nowhere(path.to_owned());
    for (path, value) in &example.change {
        let parsed = Path::parse(path)?;
        let at = find(schema, &pieces, &parsed).first().copied().ok_or_else(|| nowhere(path))?;
        let element = parsed.element.ok_or_else(|| nowhere(path))?;
        let piece = pieces.get_mut(at).ok_or_else(|| nowhere(path))?;
        set(&mut piece.elements, element, parsed.component, value);
    }
    for path in &example.remove {
        let gone = find(schema, &pieces, &Path::parse(path)?);
        if gone.is_empty() {
            return Err(nowhere(path));
        }
        let mut n = 0;
        pieces.retain(|_| {
            n += 1;
            !gone.contains(&(n - 1))
        });
    }
    if let Some(insert) = &example.insert {
        let at = find(schema, &pieces, &Path::parse(&insert.after)?).first().copied();
        let at = at.ok_or_else(|| nowhere(&insert.after))?;
        let inserted = insert.text.split('~').map(str::trim_start).map(|segment| Piece {
            loop_id: String::new(),
            occurrence: 0,
            elements: segment.split('*').map(str::to_owned).collect(),
        });
        pieces.splice(at + 1..at + 1, inserted);
    }
    if let Some(subscribers) = example.subscribers {
        repeat(&mut pieces, subscribers);
    }
    let same = example.change.is_empty() && example.remove.is_empty() && example.insert.is_none();
    if !same || example.subscribers.is_some() {
        recount(&mut pieces);
    }
    let mut text: String = pieces.iter().map(|p| p.elements.join("*") + "~\n").collect();
    if let Some(raw) = &example.raw {
        if !text.contains(&raw.from) {
            return Err(ExampleError::Raw);
        }
        text = text.replacen(&raw.from, &raw.to, 1);
    }
    Ok(text.into_bytes())
}

fn take_apart(base: &[u8]) -> Result<(&'static Schema, Vec<Piece>), ExampleError> {
    let mut blocks = Blocks::new(base);
    let mut pieces: Vec<Piece> = Vec::new();
    let mut schema = schema(Guide::Professional);
    let mut walker = Walker::new(schema);
    let mut counts: Vec<u16> = Vec::new();
    while let Some(chunk) = blocks.next_chunk()? {
        let Chunk::Block(block) = chunk else { continue };
        for segment in block.segments() {
            let text = |v: &[u8]| String::from_utf8_lossy(v).into_owned();
            let elements: Vec<String> = (0..=segment.len()).map(|n| text(segment.value(n))).collect();
            let id = segment.id();
            if id == b"GS"
                && let Some(guide) = Guide::ALL.into_iter().find(|g| {
                    let version = elements.get(8).map_or("", String::as_str);
                    crate::schema::schema(*g).versions.contains(&version)
                })
            {
                schema = crate::schema::schema(guide);
                walker = Walker::new(schema);
            }
            if matches!(id, b"CLM" | b"HL" | b"ST") || counts.is_empty() {
                counts = vec![0; schema.loops.len()];
            }
            let envelope = matches!(id, b"ISA" | b"GS" | b"GE" | b"IEA");
            let (loop_id, occurrence) = if envelope {
                ("ISA".to_owned(), 1)
            } else {
                let placement = walker.step(&segment, 1, 0, &mut |_| {});
                let n = counts.get_mut(usize::from(placement.loop_ix.0)).map_or(1, |n| {
                    *n += u16::from(placement.opens);
                    (*n).max(1)
                });
                (schema.loop_id(placement.loop_ix).to_owned(), n)
            };
            pieces.push(Piece { loop_id, occurrence, elements });
        }
    }
    Ok((schema, pieces))
}

fn find(schema: &Schema, pieces: &[Piece], path: &Path) -> Vec<usize> {
    let matches = |p: &Piece| {
        let id = p.elements.first().map_or("", String::as_str);
        let (element, component) = schema.qualifier(id.as_bytes());
        let qualifier = p.elements.get(element).map_or("", String::as_str);
        let mut components = qualifier.split(char::from(Delimiters::COMMON.component));
        let qualifier = components.nth(component - 1).unwrap_or("");
        p.loop_id == path.loop_id
            && path.occurrence.is_none_or(|n| n == p.occurrence)
            && id == path.segment
            && path.qualifier.as_deref().is_none_or(|q| q == qualifier)
    };
    let all: Vec<usize> = pieces.iter().enumerate().filter(|(_, p)| matches(p)).map(|(i, _)| i).collect();
    match path.nth {
        Some(n) => all.get(usize::from(n) - 1).copied().into_iter().collect(),
        None => all,
    }
}

fn set(elements: &mut Vec<String>, element: usize, component: Option<usize>, value: &str) {
    if elements.len() <= element {
        elements.resize(element + 1, String::new());
    }
    let Some(slot) = elements.get_mut(element) else { return };
    let Some(component) = component else {
        value.clone_into(slot);
        return;
    };
    let mut parts: Vec<String> = slot.split(':').map(str::to_owned).collect();
    if parts.len() < component {
        parts.resize(component, String::new());
    }
    if let Some(part) = parts.get_mut(component - 1) {
        value.clone_into(part);
    }
    *slot = parts.join(":");
}

/// The last subscriber and all below so often, each time with a hierarchy and a claim number of its own.
fn repeat(pieces: &mut Vec<Piece>, times: usize) {
    let element = |p: &Piece, n: usize| p.elements.get(n).cloned().unwrap_or_default();
    let is_subscriber = |p: &Piece| element(p, 0) == "HL" && element(p, 3) == "22";
    let Some(start) = pieces.iter().rposition(is_subscriber) else { return };
    let end = pieces.iter().rposition(|p| element(p, 0) == "SE").unwrap_or(pieces.len());
    let rest = pieces.split_off(end);
    let own = pieces.get(start..).unwrap_or_default().to_vec();
    let mut number: usize = pieces.iter().filter(|p| element(p, 0) == "HL").count();
    for n in 2..=times {
        let mut parent = 0;
        for mut piece in own.iter().cloned() {
            match element(&piece, 0).as_str() {
                "HL" => {
                    number += 1;
                    set(&mut piece.elements, 1, None, &number.to_string());
                    if is_subscriber(&piece) {
                        parent = number;
                    } else {
                        set(&mut piece.elements, 2, None, &parent.to_string());
                    }
                }
                "CLM" => {
                    let id = format!("{}-{n}", element(&piece, 1));
                    set(&mut piece.elements, 1, None, &id);
                }
                _ => {}
            }
            pieces.push(piece);
        }
    }
    pieces.extend(rest);
}

/// SE01 of every set.
fn recount(pieces: &mut [Piece]) {
    let mut count = 0;
    for piece in pieces {
        count += 1;
        match piece.elements.first().map(String::as_str) {
            Some("ST") => count = 1,
            Some("SE") => set(&mut piece.elements, 1, None, &count.to_string()),
            _ => {}
        }
    }
}
