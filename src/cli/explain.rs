//! `claimloop explain ID`.

use std::io::Write;

use serde_json::json;

use super::TextOrJson;
use super::exit::{Exit, Failure};
use crate::edits::{Edit, EditSet, Expect};
use crate::history::{Denial, Dictionary, Meaning};
use crate::scrub::examples;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// An edit (E3-001) or an adjustment reason (CARC-16).
    id: String,
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    format: TextOrJson,
}

pub fn run(args: &Args, out: &mut dyn Write) -> Result<Exit, Failure> {
    let edits = EditSet::shipped()?;
    let id = args.id.to_ascii_uppercase();
    if let Some(edit) = edits.get(&id) {
        return explain_edit(edit, args.format, out);
    }
    let carc = id.strip_prefix("CARC-").or_else(|| id.strip_prefix("CARC"));
    if let Some((number, meaning)) = carc.and_then(|n| Some((n, Dictionary::shipped().get(n)?))) {
        return explain_carc(number, meaning, &edits, args.format, out);
    }
    let known = edits.edits().first().map_or("", |e| &e.id);
    Err(Failure::usage(format!(
        "nothing is known as {:?}; edits are named like {known}, reasons like CARC-16",
        args.id
    )))
}

fn explain_edit(edit: &Edit, format: TextOrJson, out: &mut dyn Write) -> Result<Exit, Failure> {
    let applies: Vec<&str> = edit.applies.iter().map(|g| g.name()).collect();
    let informed: Vec<&str> = edit.informed.iter().map(|o| o.name()).collect();
    if format == TextOrJson::Json {
        let examples: Vec<_> = edit
            .examples
            .iter()
            .map(|e| json!({ "title": e.title, "expect": if e.expect == Expect::Clean { "clean" } else { "finding" } }))
            .collect();
        let value = json!({
            "id": edit.id, "name": edit.name, "status": edit.status.name(), "severity": edit.severity.name(),
            "owner": edit.owner.name(), "informed": informed, "snip": edit.snip, "applies": applies,
            "origin": edit.origin, "stage": edit.stage, "at": edit.at.to_string(), "prevents": edit.prevents,
            "ack": edit.ack, "check": edit.check.kind(), "message": edit.message.text(), "says": edit.check.says(), "why": edit.why,
            "fix": edit.fix, "source": edit.source, "since": edit.since, "examples": examples,
        });
        serde_json::to_writer(&mut *out, &value)?;
        writeln!(out)?;
        return Ok(Exit::Clean);
    }
    writeln!(out, "{} {}", edit.id, edit.name)?;
    let told =
        if informed.is_empty() { String::new() } else { format!("; informed: {}", informed.join(", ")) };
    writeln!(
        out,
        "  {}, SNIP type {}, for {}; applies to {}; owner {}{told}",
        edit.severity,
        edit.snip,
        edit.at,
        applies.join(", "),
        edit.owner
    )?;
    writeln!(out)?;
    let said = edit.check.says();
    for text in if said.is_empty() { vec![edit.message.text()] } else { said } {
        writeln!(out, "What    {text}")?;
    }
    writeln!(out, "Why     {}\nFix     {}", edit.why, edit.fix)?;
    if !edit.prevents.is_empty() {
        writeln!(out, "Stops   denials with CARC {}", edit.prevents.join(", CARC "))?;
    }
    if let Some(ack) = &edit.ack {
        let codes = [&ack.category, &ack.status, &ack.entity].map(String::as_str);
        writeln!(out, "277CA   {}", codes.join(":").trim_end_matches(':'))?;
    }
    writeln!(out, "Source  {}", edit.source)?;
    for expect in [Expect::Finding, Expect::Clean] {
        let label = if expect == Expect::Finding { "Found" } else { "Clean" };
        for example in edit.examples.iter().filter(|e| e.expect == expect) {
            writeln!(out, "\n{label}: {}", example.title)?;
            for segment in differing(example) {
                writeln!(out, "    {segment}")?;
            }
        }
    }
    Ok(Exit::Clean)
}

/// Segments of an example that its base doesn't have: what the example is about.
fn differing(example: &crate::edits::Example) -> Vec<String> {
    let base = String::from_utf8_lossy(crate::edits::base(&example.base).unwrap_or_default()).into_owned();
    let text = examples::text(example).map(|t| String::from_utf8_lossy(&t).into_owned()).unwrap_or_default();
    let known: Vec<&str> = base.lines().collect();
    let counted = |line: &&str| !line.starts_with("SE*");
    text.lines().filter(|l| !known.contains(l)).filter(counted).map(str::to_owned).take(4).collect()
}

fn explain_carc(
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
