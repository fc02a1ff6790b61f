//! Modifiers, diagnoses and procedures, explained.

use std::io::Write;

use serde_json::{Value, json};

use crate::cli::TextOrJson;
use crate::cli::exit::{Exit, Failure};
use crate::codes::{CodeSets, Kind, Modifier, ModifierKind};

/// A modifier of the reference.
pub fn modifier(modifier: &Modifier, format: TextOrJson, out: &mut dyn Write) -> Result<Exit, Failure> {
    if format == TextOrJson::Json {
        serde_json::to_writer(&mut *out, &json!({ "modifier": modifier }))?;
        writeln!(out)?;
        return Ok(Exit::Clean);
    }
    let kind = match modifier.kind {
        ModifierKind::Payment => "changes what is paid",
        ModifierKind::Information => "informs",
    };
    writeln!(out, "Modifier {}: {}; {}, {kind}", modifier.code, modifier.name, modifier.family)?;
    writeln!(out, "\nUsed     {}\nSupport  {}", modifier.used, modifier.supports)?;
    if !modifier.conflicts.is_empty() {
        writeln!(out, "Never    beside {}", modifier.conflicts.join(", "))?;
    }
    if !modifier.scrutiny.is_empty() {
        writeln!(out, "Payers   {}", modifier.scrutiny)?;
    }
    Ok(Exit::Clean)
}

/// A code of a set at hand.
pub fn code(
    kind: Kind,
    code: &str,
    sets: &CodeSets,
    format: TextOrJson,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    if format == TextOrJson::Json {
        serde_json::to_writer(&mut *out, &json(kind, code, sets))?;
        writeln!(out)?;
        return Ok(Exit::Clean);
    }
    let what = match kind {
        Kind::Icd10cm => "diagnosis (ICD-10-CM)",
        Kind::Icd10pcs => "procedure of a stay (ICD-10-PCS)",
        Kind::Hcpcs => "service or supply (HCPCS Level II)",
        Kind::Cpt => "procedure (CPT)",
        Kind::Cdt => "dental procedure (CDT)",
        other => other.name(),
    };
    let shown = match (kind, code.split_at_checked(3)) {
        (Kind::Icd10cm, Some((category, rest))) if !rest.is_empty() => format!("{category}.{rest}"),
        _ => code.to_owned(),
    };
    writeln!(out, "{shown}: {what}\n")?;
    for line in span(kind, code, sets) {
        writeln!(out, "Valid    {line}")?;
    }
    if let Some((_, _, text)) = sets.table(kind).and_then(|t| t.intervals(code.as_bytes()).last())
        && !text.is_empty()
    {
        writeln!(out, "Reads    {text}")?;
    }
    if kind == Kind::Icd10cm {
        for (label, text) in diagnosis(code, sets) {
            writeln!(out, "{label:8} {text}")?;
        }
    }
    for (of, name) in LIMITS {
        let notes = sets.table(*of).into_iter().flat_map(|t| t.intervals(code.as_bytes()).last());
        for (_, _, note) in notes {
            let (most, limit) = note.split_once(' ').unwrap_or((note, ""));
            let per = if limit == "1" { "a line" } else { "a day" };
            writeln!(out, "Units    at most {most} for {per} ({name})")?;
        }
    }
    Ok(Exit::Clean)
}

const LIMITS: &[(Kind, &str)] = &[
    (Kind::MuePractitioner, "practitioners"),
    (Kind::MueHospital, "hospitals"),
    (Kind::MueSupplier, "suppliers"),
];

/// What is said of a diagnosis now: its letters in words, and what its headings exclude.
fn diagnosis(code: &str, sets: &CodeSets) -> Vec<(&'static str, String)> {
    const WORDS: [(char, &str); 12] = [
        ('R', "of the right side"),
        ('L', "of the left side"),
        ('B', "of both sides"),
        ('U', "its side is left open"),
        ('n', "of newborns"),
        ('p', "of children"),
        ('m', "of pregnancies"),
        ('a', "of adults"),
        ('F', "of women"),
        ('M', "of men"),
        ('D', "coded behind the disease that shows so"),
        ('X', "not accepted as principal diagnosis of a stay"),
    ];
    let note = |kind, code: &str| sets.table(kind)?.intervals(code.as_bytes()).last().map(|i| i.2);
    let letters = note(Kind::DiagnosisAttribute, code).unwrap_or_default();
    let said: Vec<&str> = WORDS.iter().filter(|(l, _)| letters.contains(*l)).map(|(_, word)| *word).collect();
    let headings = (3..=code.len()).filter_map(|n| code.get(..n));
    let excluded: Vec<&str> = headings.filter_map(|h| note(Kind::Excludes1, h)).collect();
    let lines = [("Says", said.join(", ")), ("Excludes", excluded.join(" ").replace(' ', ", "))];
    lines.into_iter().filter(|(_, text)| !text.is_empty()).collect()
}

/// A code in JSON.
pub fn json(kind: Kind, code: &str, sets: &CodeSets) -> Value {
    let intervals = sets.table(kind).into_iter().flat_map(|t| t.intervals(code.as_bytes()));
    let intervals: Vec<Value> =
        intervals.map(|(from, to, text)| json!({ "from": from, "to": to, "text": text })).collect();
    json!({ "kind": kind, "code": code, "valid": intervals })
}

/// When a code is valid, a line a span.
pub fn span(kind: Kind, code: &str, sets: &CodeSets) -> Vec<String> {
    let intervals = sets.table(kind).into_iter().flat_map(|t| t.intervals(code.as_bytes()));
    let said = intervals.map(|(from, to, _)| match (from, to) {
        (None, None) => "no days known".to_owned(),
        (Some(from), None) => format!("from {from} on"),
        (None, Some(to)) => format!("until {to}"),
        (Some(from), Some(to)) => format!("from {from} to {to}"),
    });
    said.collect()
}
