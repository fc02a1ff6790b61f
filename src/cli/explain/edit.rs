//! An edit, explained.

use std::io::Write;

use serde_json::json;

use crate::cli::TextOrJson;
use crate::cli::exit::{Exit, Failure};
use crate::edits::{Edit, Expect};
use crate::scrub::examples::differing;

pub fn explain(edit: &Edit, format: TextOrJson, out: &mut dyn Write) -> Result<Exit, Failure> {
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
