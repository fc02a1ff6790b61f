//! Reads edits and refuses what doesn't hold together: path against id and name, places against guides,
//! placeholders against the check, one example of each kind.

use std::str;

use jiff::civil::Date;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::checks::RawCheck;
use super::edit::{Ack, Edit, Example, Expect, Owner, Severity, Status};
use super::message::Message;
use crate::schema::{Guide, Path, PathError, schema};

/// Compiled-in edit files: path below `config/edits`, text.
static SHIPPED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/edits.rs"));
/// Compiled-in base claims for examples: file name, bytes.
static BASES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/bases.rs"));

/// Why an edit's file can't be used.
#[derive(Debug, Error)]
#[error("edit file {file}: {reason}")]
pub struct LoadError {
    /// Path below the edits folder.
    pub file: String,
    /// What is wrong with it.
    pub reason: Reason,
}

/// What is wrong with an edit's file.
#[derive(Debug, Error)]
#[allow(missing_docs)]
pub enum Reason {
    #[error("not UTF-8")]
    Encoding,
    #[error("not the shape of an edit: {0}")]
    Shape(Box<toml::de::Error>),
    #[error("the path must be {0}")]
    FileName(String),
    #[error("{0}")]
    Path(#[from] PathError),
    #[error("unknown guide {0:?} in applies")]
    Guide(String),
    #[error("message: a brace is not closed")]
    Message,
    #[error("message: {check} fills no placeholder {name:?}")]
    Placeholder { check: &'static str, name: String },
    #[error("message: {0:?} would tell a person's name, address, birth date or number")]
    Person(String),
    #[error("needs a finding example and a clean one")]
    Examples,
    #[error("example {title:?}: no base claim {base:?}")]
    Base { title: String, base: String },
    #[error("{what} {value:?} stands in another edit already")]
    Repeated { what: &'static str, value: String },
    #[error("{0} is not filled")]
    Empty(&'static str),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEdit {
    id: String,
    name: String,
    status: Status,
    since: String,
    from: Option<Date>,
    to: Option<Date>,
    applies: Vec<String>,
    #[serde(default)]
    payers: Vec<String>,
    snip: u8,
    origin: String,
    at: String,
    severity: Severity,
    owner: Owner,
    #[serde(default)]
    informed: Vec<Owner>,
    stage: String,
    prevents: Vec<String>,
    ack: Option<Ack>,
    message: String,
    why: String,
    fix: String,
    source: String,
    check: RawCheck,
    #[serde(rename = "example")]
    examples: Vec<Example>,
}

/// A base claim's bytes, by name.
#[must_use]
pub fn base(name: &str) -> Option<&'static [u8]> {
    BASES.iter().find(|(file, _)| file.strip_suffix(".edi") == Some(name)).map(|(_, bytes)| *bytes)
}

/// The shipped files, in path order.
pub(super) fn shipped() -> &'static [(&'static str, &'static [u8])] {
    SHIPPED
}

/// Reads one of the shipped files.
pub(super) fn read(file: &str, bytes: &[u8]) -> Result<Edit, LoadError> {
    let named =
        |raw: &RawEdit| (format!("{}/{}-{}.toml", folder(&raw.id), raw.id, raw.name), file.to_owned());
    edit(named, bytes).map_err(|reason| LoadError { file: file.to_owned(), reason })
}

/// Reads one of a site's files, in whatever folder.
pub(super) fn read_site(file: &str, bytes: &[u8]) -> Result<Edit, LoadError> {
    let own = file.rsplit('/').next().unwrap_or_default();
    let named = |raw: &RawEdit| (format!("{}-{}.toml", raw.id, raw.name), own.to_owned());
    edit(named, bytes).map_err(|reason| LoadError { file: file.to_owned(), reason })
}

/// Reads an edit; `named` says how its file must be named, and how it is.
fn edit(named: impl Fn(&RawEdit) -> (String, String), bytes: &[u8]) -> Result<Edit, Reason> {
    let text = str::from_utf8(bytes).map_err(|_| Reason::Encoding)?;
    let raw: RawEdit = toml::from_str(text).map_err(|e| Reason::Shape(Box::new(e)))?;
    let (wanted, name) = named(&raw);
    if name != wanted {
        return Err(Reason::FileName(wanted));
    }
    for (what, value) in
        [("why", &raw.why), ("fix", &raw.fix), ("source", &raw.source), ("message", &raw.message)]
    {
        if value.trim().is_empty() {
            return Err(Reason::Empty(what));
        }
    }
    let applies = raw.applies.iter().map(|g| Guide::from_name(g).ok_or_else(|| Reason::Guide(g.clone())));
    let applies = applies.collect::<Result<Vec<_>, _>>()?;
    let at = Path::parse(&raw.at)?;
    // One place speaks for guides that call the same thing by other names: it must exist in one of them.
    let places: Vec<_> = applies.iter().map(|guide| at.resolve(schema(*guide))).collect();
    if places.iter().all(Result::is_err) {
        places.into_iter().collect::<Result<Vec<_>, _>>()?;
    }
    let check = raw.check.compile(&applies)?;
    let message = Message::parse(&raw.message).ok_or(Reason::Message)?;
    // The check decides what may be said.
    if let Some(name) = message.placeholders().find(|p| !check.placeholders().contains(p)) {
        return Err(Reason::Placeholder { check: check.kind(), name: name.to_owned() });
    }
    if let Some(name) = message.placeholders().find(|p| check.tells_person(p)) {
        return Err(Reason::Person(name.to_owned()));
    }
    for wanted in [Expect::Finding, Expect::Clean] {
        if !raw.examples.iter().any(|e| e.expect == wanted) {
            return Err(Reason::Examples);
        }
    }
    if let Some(example) = raw.examples.iter().find(|e| base(&e.base).is_none()) {
        return Err(Reason::Base { title: example.title.clone(), base: example.base.clone() });
    }
    Ok(Edit {
        id: raw.id,
        name: raw.name,
        status: raw.status,
        since: raw.since,
        dates: (raw.from, raw.to),
        applies,
        payers: raw.payers,
        snip: raw.snip,
        origin: raw.origin,
        at,
        severity: raw.severity,
        owner: raw.owner,
        informed: raw.informed,
        stage: raw.stage,
        prevents: raw.prevents,
        ack: raw.ack,
        message,
        why: raw.why,
        fix: raw.fix,
        source: raw.source,
        check,
        examples: raw.examples,
        print: Sha256::digest(bytes).iter().take(4).map(|b| format!("{b:02x}")).collect(),
    })
}

/// The folder an id belongs in.
fn folder(id: &str) -> &'static str {
    match id.get(..2) {
        Some("E1") => "1-integrity",
        Some("E2") => "2-requirement",
        Some("E3") => "3-balancing",
        Some("E4") => "4-situational",
        Some("E5") => "5-code-set",
        Some("E6") => "6-service-type",
        Some("E7") => "7-payer",
        _ => "8-remittance",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "2-requirement/E2-020-rendering-provider-is-the-billing-provider.toml";

    fn refusal(file: &str, from: &str, to: &str) -> String {
        let (_, bytes) = SHIPPED.iter().find(|(file, _)| *file == FILE).unwrap();
        let text = str::from_utf8(bytes).unwrap();
        assert!(text.contains(from), "{from}");
        read(file, text.replacen(from, to, 1).as_bytes()).err().map(|e| e.to_string()).unwrap_or_default()
    }

    #[test]
    fn what_does_not_hold_together_is_refused_with_its_reason() {
        assert_eq!(refusal(FILE, "", ""), "");
        for (from, to, said) in [
            ("message  = \"", "message  = \"{value} ", "would tell a person's name"),
            ("message  = \"", "message  = \"{nothing} ", "fills no placeholder \"nothing\""),
            ("message  = \"", "message  = \"{value", "a brace is not closed"),
            ("2310B/NM109", "2310Z/NM109", "2310Z"),
            ("severity = \"warn\"", "severity = \"fatal\"", "line 9"),
            ("[[example]]", "[[exampel]]", "exampel"),
            ("owner    =", "owned    =", "owned"),
        ] {
            let reason = refusal(FILE, from, to);
            assert!(reason.contains(FILE) && reason.contains(said), "{to}: {reason}");
        }
        assert!(refusal("2-requirement/E2-020.toml", "", "").contains("the path must be"));
    }
}
