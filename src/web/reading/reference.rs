//! The reference: edits, denial reasons, modifiers, each with the site's own numbers beside it.

use std::collections::BTreeMap;

use axum::response::Response;

use super::kept::Look;
use crate::codes::{Kind as Set, Modifier};
use crate::history::{self, Dimension, Slip, Weeks, stories, volumes};
use crate::sheets::{Table, cents};
use crate::web::Web;
use crate::web::handle::Failed;
use crate::web::pages::{self, entry, reference as shown, report};
use crate::web::request::{Call, Signed};

/// What an edit did here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Claims it fired on, when they were first scrubbed.
    pub fired: i64,
    /// Of them those it stopped.
    pub stopped: i64,
    /// Claims that somebody let leave in spite of it.
    pub overridden: i64,
}

/// Denials it was meant to stop, by what it did to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slipped {
    /// Denials.
    pub denials: i64,
    /// Cents refused.
    pub cents: i64,
}

/// How often something was denied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Denied {
    /// Claims.
    pub claims: i64,
    /// Denials.
    pub denials: i64,
    /// Cents refused.
    pub cents: i64,
}

/// Claims decided, and denied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// Decided.
    pub decided: i64,
    /// With a denial.
    pub denied: i64,
}

/// The site's own numbers, by what they are of and by payer.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    /// By edit and payer.
    pub edits: BTreeMap<(String, String), Used>,
    /// By edit: what slipped through, by how.
    pub slipped: BTreeMap<(String, Slip), Slipped>,
    /// By CARC and payer.
    pub carcs: BTreeMap<(String, String), Denied>,
    /// By RARC and payer.
    pub rarcs: BTreeMap<(String, String), Denied>,
    /// By group code and payer.
    pub groups: BTreeMap<(String, String), Denied>,
    /// By modifier and payer.
    pub modifiers: BTreeMap<(String, String), Decided>,
}

/// What was counted, and up to which record that holds.
#[derive(Debug)]
pub struct Known {
    records: u64,
    numbers: std::sync::Arc<Numbers>,
}

/// Counts them; what was counted holds until the journal grows.
fn numbers(web: &Web) -> Result<std::sync::Arc<Numbers>, Failed> {
    let store = web.desk.state.store_soon()?;
    let mut known = super::locked(&web.reading.used);
    if let Some(known) = known.as_ref().filter(|known| known.records == store.applied()) {
        return Ok(std::sync::Arc::clone(&known.numbers));
    }
    let tables = history::tables(&store)?;
    let mut found = Numbers::default();
    stories(&store, &mut |story| {
        for sent in &story.sent {
            let used = &mut found.edits;
            // An edit that fired twice on a claim fired on one claim.
            let once: BTreeMap<&str, bool> = sent.fired.iter().fold(BTreeMap::new(), |mut all, fired| {
                *all.entry(fired.edit.as_str()).or_default() |= fired.stops;
                all
            });
            for (edit, stops) in once {
                let of = used.entry((edit.to_owned(), sent.payer.clone())).or_default();
                of.fired += 1;
                of.stopped += i64::from(stops);
            }
            for edit in &sent.overridden {
                used.entry((edit.clone(), sent.payer.clone())).or_default().overridden += 1;
            }
        }
        true
    })?;
    let edits = web.desk.edits();
    let off: Vec<&str> = edits.off().map(|(edit, _)| edit.id.as_str()).collect();
    let is_on = |id: &str| edits.active().any(|edit| edit.id == id) && !off.contains(&id);
    for gap in history::gaps((&store, &web.desk.state.archive), &tables, &Weeks::default(), &is_on)? {
        let sum = found.slipped.entry((gap.edit, gap.slip)).or_default();
        sum.denials += gap.denials;
        sum.cents = sum.cents.saturating_add(gap.amount);
    }
    for (dimension, into) in [
        (Dimension::Carc, &mut found.carcs),
        (Dimension::Rarc, &mut found.rarcs),
        (Dimension::Group, &mut found.groups),
    ] {
        let counted = history::denials(&store, &tables, &[dimension, Dimension::Payer], &Weeks::default())?;
        for row in &counted.rows {
            let text = |key: &str| row.get(key).and_then(|v| v.as_str()).unwrap_or_default();
            let number = |key: &str| row.get(key).and_then(serde_json::Value::as_i64).unwrap_or_default();
            // RARCs that stand together are each counted.
            for code in text(dimension.name()).split('+').filter(|code| !code.is_empty()) {
                let sum = into.entry((code.to_owned(), text("payer").to_owned())).or_default();
                sum.claims += number("claims");
                sum.denials += number("denials");
                sum.cents = sum.cents.saturating_add(cents(text("amount")).unwrap_or_default());
            }
        }
    }
    let modifiers = &mut found.modifiers;
    volumes(&store, Some(Dimension::Modifier), "", &mut |_, payer, together, volume| {
        for code in together.split('+').filter(|code| !code.is_empty()) {
            let sum = modifiers.entry((code.to_owned(), payer.to_owned())).or_default();
            sum.decided += volume.decided.iter().sum::<i64>();
            sum.denied += volume.denied.iter().sum::<i64>();
        }
    })?;
    let numbers = std::sync::Arc::new(found);
    *known = Some(Known { records: store.applied(), numbers: std::sync::Arc::clone(&numbers) });
    Ok(numbers)
}

fn sought(web: &Web, who: &Signed, call: &Call) -> Option<String> {
    match call.param("filter") {
        "" | "all" => Some(String::new()),
        id => match web.reading.kept.get(&who.key, id) {
            Some(Look::Reference(text)) => Some(text),
            _ => None,
        },
    }
}

/// The lists; those entries with a text alone, where one is sought.
pub fn list(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let Some(text) = sought(web, who, call) else { return Ok(pages::see("/reference")) };
    let id = match call.param("filter") {
        "" => "all",
        id => id,
    };
    let tables = history::tables(&*web.desk.state.store_soon()?)?;
    let lists = shown::lists(&text, (&web.desk.edits(), &tables.dictionary, &*numbers(web)?));
    Ok(shown::list(who, (id, &text), &lists))
}

/// They as a file.
pub fn export(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let Some(text) = sought(web, who, call) else { return Ok(pages::see("/reference")) };
    let tables = history::tables(&*web.desk.state.store_soon()?)?;
    let lists = shown::lists(&text, (&web.desk.edits(), &tables.dictionary, &*numbers(web)?));
    let tables: Vec<Table> = lists.into_iter().map(|(table, _)| table).collect();
    report::exported(&tables, "reference", call.param("export"), web.desk.today())
}

/// Leads to what has this name, or to what has this in it.
pub fn search(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let text: String = call.field("text").trim().chars().take(100).collect();
    let (name, edits) = (text.to_ascii_uppercase(), web.desk.edits());
    let store = web.desk.state.store_soon()?;
    let tables = history::tables(&store)?;
    let path = if text.is_empty() {
        "/reference".to_owned()
    } else if edits.get(&name).is_some() {
        format!("/reference/edits/{name}")
    } else if let Some(code) = name.strip_prefix("CARC").map(|c| c.trim_start_matches(['-', ' ']))
        && tables.dictionary.get(code).is_some()
    {
        format!("/reference/codes/CARC-{code}")
    } else if let Some(code) = name.strip_prefix("MOD").map(|c| c.trim_start_matches(['-', ' ']))
        && Modifier::get(code.as_bytes()).is_some()
    {
        format!("/reference/modifiers/{code}")
    } else {
        format!("/reference/found/{}", web.reading.kept.keep(&who.key, Look::Reference(text))?)
    };
    Ok(pages::see(&path))
}

/// An edit.
pub fn edit(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let edits = web.desk.edits();
    let Some(edit) = edits.get(call.param("edit")) else { return Ok(pages::nothing()) };
    let off = edits.off().find(|(known, _)| known.id == edit.id).map(|(_, needs)| needs);
    Ok(entry::edit(who, (edit, off), &*numbers(web)?))
}

/// A CARC, a RARC or a group code.
pub fn code(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let store = web.desk.state.store_soon()?;
    let tables = history::tables(&store)?;
    let (edits, numbers) = (web.desk.edits(), numbers(web)?);
    let Some((kind, code)) = call.param("code").split_once('-') else { return Ok(pages::nothing()) };
    let text = |set: Set| {
        let table = edits.codes().table(set)?;
        table
            .intervals(code.as_bytes())
            .last()
            .map(|(_, _, text)| text.to_owned())
            .filter(|text| !text.is_empty())
    };
    Ok(match kind {
        "CARC" => match tables.dictionary.get(code) {
            Some(meaning) => entry::carc(who, (code, meaning, text(Set::Carc)), (&edits, &numbers)),
            None => pages::nothing(),
        },
        "RARC" => {
            let known =
                edits.codes().table(Set::Rarc).is_some_and(|t| t.intervals(code.as_bytes()).next().is_some());
            let with: Vec<_> =
                tables.dictionary.iter().filter(|(_, m)| m.rarcs.iter().any(|r| r == code)).collect();
            if known || !with.is_empty() {
                entry::rarc(who, (code, text(Set::Rarc), &with), &numbers)
            } else {
                pages::nothing()
            }
        }
        "GROUP" => match shown::group_means(code) {
            Some(means) => entry::group(who, (code, means), &numbers),
            None => pages::nothing(),
        },
        _ => pages::nothing(),
    })
}

/// A modifier.
pub fn modifier(web: &Web, who: &Signed, call: &Call) -> Result<Response, Failed> {
    let Some(modifier) = Modifier::get(call.param("modifier").as_bytes()) else {
        return Ok(pages::nothing());
    };
    Ok(entry::modifier(who, modifier, &*numbers(web)?))
}
