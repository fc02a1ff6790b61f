//! The edits as documents: docs/edits.md, the clean-claim checklist, what differs between two folders.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;

use clap::ValueEnum;

use super::exit::{Exit, Failure};
use super::site::failure;
use crate::edits::{Edit, EditSet, Owner, Status};
use crate::imports::files;
use crate::payers::{Pack, Switch};

/// How the checklist is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Paper {
    Md,
    Html,
}

/// SNIP types, as headings say them.
const TYPES: &[(u8, &str)] = &[
    (1, "The file holds together"),
    (2, "What the guides demand is there"),
    (3, "Amounts add up"),
    (4, "Parts of the claim agree"),
    (5, "Codes are valid on their day"),
    (6, "Services fit together"),
    (7, "The payer's own demands"),
    (8, "Remittances"),
];

fn of_type(edits: &EditSet, snip: u8) -> Vec<&Edit> {
    let folder = |e: &&Edit| if e.id.starts_with('R') { 8 } else { e.snip };
    let mut own: Vec<&Edit> = edits.edits().iter().filter(|e| folder(e) == snip).collect();
    own.sort_by(|a, b| a.id.cmp(&b.id));
    own
}

/// What an edit says, a sentence each; placeholders stand in braces.
fn says(edit: &Edit) -> Vec<&str> {
    match edit.check.says() {
        said if said.is_empty() => vec![edit.message.text()],
        said => said,
    }
}

/// `claimloop edits docs`: every edit with what, why, fix.
pub fn docs(edits: &EditSet, out: &mut dyn Write) -> Result<Exit, Failure> {
    writeln!(out, "# Edits\n")?;
    writeln!(
        out,
        "Written by `claimloop edits docs` from `config/edits`; do not edit. `claimloop explain ID` shows one with its examples.\n"
    )?;
    writeln!(
        out,
        "reject: held, only a fix ends it. hold: held, may be released with a reason. warn: goes, is counted."
    )?;
    for (snip, heading) in TYPES {
        let own = of_type(edits, *snip);
        if own.is_empty() {
            continue;
        }
        writeln!(out, "\n## {heading}\n")?;
        for edit in own {
            let applies: Vec<&str> = edit.applies.iter().map(|g| g.name()).collect();
            let draft = if edit.status == Status::Active { "" } else { edit.status.name() };
            let notes = [edit.severity.name(), edit.owner.name(), draft]
                .map(str::to_owned)
                .into_iter()
                .filter(|n| !n.is_empty());
            writeln!(out, "### {} {}\n", edit.id, edit.name)?;
            writeln!(
                out,
                "{}; {}; {}.\n",
                notes.collect::<Vec<_>>().join(", "),
                applies.join(", "),
                edit.at
            )?;
            for text in says(edit) {
                writeln!(out, "- What: {text}")?;
            }
            writeln!(out, "- Why: {}\n- Fix: {}", edit.why, edit.fix)?;
            if !edit.prevents.is_empty() {
                writeln!(out, "- Stops: CARC {}", edit.prevents.join(", CARC "))?;
            }
            let needs: BTreeSet<&str> =
                edit.applies.iter().flat_map(|g| edit.check.needs(*g)).map(|k| k.name()).collect();
            if !needs.is_empty() {
                writeln!(out, "- Asks: {}", needs.into_iter().collect::<Vec<_>>().join(", "))?;
            }
            writeln!(out, "- Source: {}\n", edit.source)?;
        }
    }
    Ok(Exit::Clean)
}

/// `claimloop edits checklist`: one line an active edit, for paper; of one payer those that count for its claims.
pub fn checklist(
    edits: &EditSet,
    owner: Option<Owner>,
    pack: Option<&Pack>,
    paper: Paper,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let team = owner.map(|o| o.name().to_owned());
    let whose: Vec<String> = team.into_iter().chain(pack.map(|p| p.name.clone())).collect();
    let title = match whose.as_slice() {
        [] => "Clean-claim checklist".to_owned(),
        whose => format!("Clean-claim checklist: {}", whose.join(", ")),
    };
    let off: Vec<&str> = edits.off().map(|(edit, _)| edit.id.as_str()).collect();
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    match paper {
        Paper::Md => writeln!(out, "# {title}\n\nIs any of this so? Then it is not ready to leave.")?,
        Paper::Html => writeln!(
            out,
            "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\n<style>\nbody {{ font: 11pt/1.4 sans-serif; max-width: 46em; margin: 2em auto; padding: 0 1em }}\nh2 {{ font-size: 12pt; margin: 1.4em 0 .4em; break-after: avoid }}\nul {{ list-style: none; padding: 0; margin: 0 }}\nli {{ padding: .15em 0 .15em 1.6em; text-indent: -1.6em; break-inside: avoid }}\nli::before {{ content: \"\\2610\"; display: inline-block; width: 1.6em; text-indent: 0 }}\nsmall {{ color: #555 }}\n@page {{ margin: 15mm }}\n</style>\n<h1>{title}</h1>\n<p>Is any of this so? Then it is not ready to leave.</p>"
        )?,
    }
    for (snip, heading) in TYPES.iter().filter(|(snip, _)| *snip < 8) {
        let counts = |e: &Edit| match pack {
            None => true,
            Some(pack) => {
                let meant = e.payers.is_empty() || e.payers.contains(&pack.id);
                meant
                    && !matches!(pack.edits.get(&e.id), Some(Switch::Off | Switch::Shadow))
                    && !off.contains(&e.id.as_str())
            }
        };
        let listed =
            |e: &&Edit| e.status == Status::Active && owner.is_none_or(|o| e.owner == o) && counts(e);
        let own: Vec<&Edit> = of_type(edits, *snip).into_iter().filter(listed).collect();
        if own.is_empty() {
            continue;
        }
        match paper {
            Paper::Md => writeln!(out, "\n## {heading}\n")?,
            Paper::Html => writeln!(out, "<h2>{heading}</h2>\n<ul>")?,
        }
        for edit in own {
            // The name says the defect; what to do about it is in the fix.
            let defect = sentence(&edit.name);
            let mut team = if owner.is_none() { format!(", {}", edit.owner) } else { String::new() };
            if pack.is_none() && !edit.payers.is_empty() {
                team = format!("{team}, for {}", edit.payers.join(", "));
            }
            match paper {
                Paper::Md => writeln!(out, "- [ ] **{defect}?** {} ({}{team})", edit.fix, edit.id)?,
                Paper::Html => writeln!(
                    out,
                    "<li><b>{}?</b> {} <small>{}{team}</small></li>",
                    escaped(&defect),
                    escaped(&edit.fix),
                    edit.id
                )?,
            }
        }
        if paper == Paper::Html {
            writeln!(out, "</ul>")?;
        }
    }
    if paper == Paper::Html {
        writeln!(out, "</html>")?;
    }
    Ok(Exit::Clean)
}

/// `lower-kebab` as words that begin with a capital.
fn sentence(name: &str) -> String {
    let words = name.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

/// The edit files below a folder as tables, by id.
fn tables(folder: &Path) -> Result<BTreeMap<String, toml::Table>, Failure> {
    if !folder.is_dir() {
        return Err(Failure::usage(format!("there is no folder {}", folder.display())));
    }
    let mut all = BTreeMap::new();
    for (name, bytes) in files(folder).map_err(failure)? {
        let table: toml::Table = toml::from_str(&String::from_utf8_lossy(&bytes))
            .map_err(|e| Failure::usage(format!("{name}: {}", e.to_string().trim_end())))?;
        let id = table.get("id").and_then(toml::Value::as_str).unwrap_or_default().to_owned();
        all.insert(id, table);
    }
    Ok(all)
}

/// `claimloop edits diff`: edits that one folder has and the other hasn't, and what changed in those both have.
pub fn diff(old: &Path, new: &Path, out: &mut dyn Write) -> Result<Exit, Failure> {
    let (before, after) = (tables(old)?, tables(new)?);
    let name =
        |table: &toml::Table| table.get("name").and_then(toml::Value::as_str).unwrap_or_default().to_owned();
    let shown = |value: Option<&toml::Value>| match value {
        None => "nothing".to_owned(),
        Some(toml::Value::Table(_) | toml::Value::Array(_)) => "another".to_owned(),
        Some(value) => value.to_string(),
    };
    let ids: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut differ = 0;
    for id in ids {
        match (before.get(id), after.get(id)) {
            (None, Some(table)) => writeln!(out, "+ {id} {}", name(table))?,
            (Some(table), None) => writeln!(out, "- {id} {}", name(table))?,
            (Some(a), Some(b)) if a != b => {
                writeln!(out, "~ {id} {}", name(b))?;
                let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
                for key in keys.into_iter().filter(|key| a.get(*key) != b.get(*key)) {
                    writeln!(out, "    {key}: {} -> {}", shown(a.get(key)), shown(b.get(key)))?;
                }
            }
            _ => continue,
        }
        differ += 1;
    }
    if differ == 0 {
        writeln!(out, "no edit differs")?;
    }
    Ok(if differ == 0 { Exit::Clean } else { Exit::Found })
}
