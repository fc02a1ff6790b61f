//! `claimloop explain ID`.

mod code;
mod edit;
mod reason;

use std::io::Write;

use super::TextOrJson;
use super::exit::{Exit, Failure};
use super::site;
use crate::codes::{Kind, Modifier};
use crate::history::Dictionary;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// An edit (E3-001), an adjustment reason (CARC-16), a remark (N130), a modifier (59), a diagnosis (E11.9) or a procedure
    /// (J1100). Where a number is several things, a prefix picks one: CARC-59, RARC-N130, MOD-59, ICD-E11.9, HCPCS-J1100,
    /// CPT-99213, CDT-D0120.
    id: String,
    #[command(flatten)]
    site: site::Site,
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    format: TextOrJson,
}

/// Prefixes, and the code sets they stand for.
const SETS: &[(&str, &[Kind])] = &[
    ("ICD", &[Kind::Icd10cm, Kind::Icd10pcs]),
    ("HCPCS", &[Kind::Hcpcs]),
    ("CPT", &[Kind::Cpt]),
    ("CDT", &[Kind::Cdt]),
];

pub fn run(args: &Args, out: &mut dyn Write) -> Result<Exit, Failure> {
    let edits = args.site.edits()?;
    let (sets, format) = (edits.codes(), args.format);
    let id = args.id.to_ascii_uppercase();
    if let Some(edit) = edits.get(&id) {
        return edit::explain(edit, format, out);
    }
    // What stands behind a prefix, or all of it where there is none.
    let behind = |prefix: &str| match id.strip_prefix(prefix) {
        Some(rest) if rest.starts_with('-') => rest.get(1..),
        Some(rest) if prefix == "CARC" || prefix == "RARC" => Some(rest),
        _ if id.contains('-') => None,
        _ => Some(id.as_str()),
    };
    let dictionary = Dictionary::shipped();
    if let Some(modifier) = behind("MOD").and_then(|code| Modifier::get(code.as_bytes())) {
        let done = code::modifier(modifier, format, out)?;
        if format == TextOrJson::Text && dictionary.get(&id).is_some() {
            writeln!(out, "\nCARC-{id} is an adjustment reason: `claimloop explain CARC-{id}`")?;
        }
        return Ok(done);
    }
    if let Some((number, meaning)) = behind("CARC").and_then(|n| Some((n, dictionary.get(n)?))) {
        return reason::carc(number, meaning, &edits, format, out);
    }
    let known = |kind: Kind, code: &str| {
        sets.table(kind).is_some_and(|t| t.intervals(code.as_bytes()).next().is_some())
    };
    if let Some(code) = behind("RARC").filter(|code| known(Kind::Rarc, code)) {
        return reason::rarc(code, sets, format, out);
    }
    // J1100 is a diagnosis, and an injection.
    let mut found = 0;
    for (prefix, kinds) in SETS {
        let Some(plain) = behind(prefix).map(|code| code.replace('.', "")) else { continue };
        for kind in kinds.iter().filter(|kind| known(**kind, &plain)) {
            if found > 0 && format == TextOrJson::Text {
                writeln!(out)?;
            }
            found += 1;
            code::code(*kind, &plain, sets, format, out)?;
        }
    }
    if found > 0 {
        let absent = sets.table(Kind::Hcpcs).is_none() && behind("HCPCS").is_some_and(looks_like_hcpcs);
        if absent && format == TextOrJson::Text {
            writeln!(
                out,
                "\nHCPCS codes look the same; their list isn't here: `claimloop codes import hcpcs FILE`, then --codes"
            )?;
        }
        return Ok(Exit::Clean);
    }
    Err(Failure::usage(format!(
        "nothing is known as {:?}; edits are named like E3-001, reasons like CARC-16, remarks like N130, modifiers like 59, \
         diagnoses like E11.9; other codes are known once their list is imported (--codes)",
        args.id
    )))
}

fn looks_like_hcpcs(code: &str) -> bool {
    let mut bytes = code.bytes();
    code.len() == 5
        && bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
        && bytes.all(|b| b.is_ascii_digit())
}
