//! Adjustment reasons and remarks of remittances, explained.

use std::io::Write;

use serde_json::json;

use super::code::{self, span};
use crate::cli::TextOrJson;
use crate::cli::exit::{Exit, Failure};
use crate::codes::{CodeSets, Kind};
use crate::edits::EditSet;
use crate::history::{Denial, Dictionary, Meaning};

/// A CARC: what the dictionary says of it, and the text the site imported.
pub fn carc(
    number: &str,
    meaning: &Meaning,
    edits: &EditSet,
    format: TextOrJson,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    if format == TextOrJson::Json {
        let mut value = serde_json::to_value(meaning)?;
        if let Some(map) = value.as_object_mut() {
            map.shift_insert(0, "carc".into(), number.into());
            map.insert("text".into(), text(edits.codes(), Kind::Carc, number).into());
        }
        serde_json::to_writer(&mut *out, &value)?;
        writeln!(out)?;
        return Ok(Exit::Clean);
    }
    let denial = match meaning.denial {
        Denial::Yes => "a denial",
        Denial::No => "not a denial",
        Denial::Depends => "a denial where nothing was paid",
    };
    writeln!(out, "CARC {number}: {denial}; {}; owner {}", meaning.category, meaning.owner)?;
    writeln!(out, "\nMeans    {}\nPrevent  {}\nFix      {}", meaning.means, meaning.prevention, meaning.fix)?;
    if let Some(text) = text(edits.codes(), Kind::Carc, number) {
        writeln!(out, "Reads    {text}")?;
    }
    if !meaning.groups.is_empty() {
        writeln!(out, "Groups   {}", meaning.groups.join(", "))?;
    }
    if !meaning.rarcs.is_empty() {
        writeln!(out, "RARCs    {}", meaning.rarcs.join(", "))?;
    }
    for id in &meaning.edits {
        let name = edits.get(id).map_or("", |e| &e.name);
        writeln!(out, "Edit     {id} {name}")?;
    }
    Ok(Exit::Clean)
}

/// A RARC: its number, its days, the reasons it comes with.
pub fn rarc(code: &str, sets: &CodeSets, format: TextOrJson, out: &mut dyn Write) -> Result<Exit, Failure> {
    let dictionary = Dictionary::shipped();
    let with: Vec<&str> =
        dictionary.iter().filter(|(_, m)| m.rarcs.iter().any(|r| r == code)).map(|(n, _)| n).collect();
    if format == TextOrJson::Json {
        let mut value = code::json(Kind::Rarc, code, sets);
        if let Some(map) = value.as_object_mut() {
            map.insert("carcs".into(), json!(with));
        }
        serde_json::to_writer(&mut *out, &value)?;
        writeln!(out)?;
        return Ok(Exit::Clean);
    }
    writeln!(out, "RARC {code}: a remark that says more of an adjustment")?;
    match text(sets, Kind::Rarc, code) {
        Some(text) => writeln!(out, "\nReads    {text}")?,
        None => writeln!(out, "\nIts text is licensed: `claimloop codes import rarc FILE` brings it here.")?,
    }
    for line in span(Kind::Rarc, code, sets) {
        writeln!(out, "Valid    {line}")?;
    }
    for number in with {
        let means = dictionary.get(number).map_or("", |m| m.means.as_str());
        writeln!(out, "With     CARC-{number}  {means}")?;
    }
    Ok(Exit::Clean)
}

/// The text of a code as the site imported it.
fn text(sets: &CodeSets, kind: Kind, code: &str) -> Option<String> {
    let (_, _, text) = sets.table(kind)?.intervals(code.as_bytes()).last()?;
    (!text.is_empty()).then(|| text.to_owned())
}
