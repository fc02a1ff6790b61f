//! Operators on the elements and components of one segment. Each is applied once to each place of the guide that a file
//! fills, at the first segment that stands there.

use std::collections::HashSet;

use claimloop::schema::{Element, Usage};
use claimloop::x12::fault::At;

use super::grammar::{STANDARD, broken};
use super::mutant::{Mutant, Place};
use super::original::{Original, Text};

/// One element or component that an operator works on.
struct Target<'a> {
    at: At,
    element: &'a Element,
    /// Type of its data element.
    kind: String,
    value: String,
    /// Format that the element 1250 before it names.
    format: String,
}

/// Every operator on every element of a file.
pub fn mutants(original: &Original) -> Vec<Mutant> {
    let mut out = Vec::new();
    let mut seen = HashSet::new();
    for (i, placed) in original.segments.iter().enumerate() {
        let at = placed.entry.at;
        let mut put = |operator: &'static str, changed: At, text: Text| {
            let key = (operator, at.loop_id, at.segment, at.qualifier, changed.element, changed.component);
            // One more of the same place says nothing new; a note may be broken by more than one element.
            if !seen
                .insert((key, if operator == "syntax note broken" { text.join("*") } else { String::new() }))
            {
                return;
            }
            let mut set = original.texts();
            let what = format!("{at} {}: {} to {}", i + 1, set[i].join("*"), text.join("*"));
            set[i] = text;
            // Without the composite that holds its qualifier a segment may be any of its id.
            let told = STANDARD
                .qualifier(at.segment)
                .is_some_and(|(e, c)| c > 0 && e == usize::from(changed.element));
            let place = if told && changed.component == 0 { Place::bare } else { Place::exact };
            let places = vec![place(changed, i as u32 + 1, &[])];
            out.push(Mutant { operator, what, bytes: original.with(set), places });
        };
        too_many(placed.entry.elements.len(), &placed.text, at, &mut put);
        // Of the headers and trailers the envelope operators speak.
        if matches!(at.segment, "ST" | "SE") {
            continue;
        }
        for target in targets(&placed.entry.elements, &placed.text, at) {
            one(&target, &placed.text, &mut put);
        }
        composites(&placed.entry.elements, &placed.text, at, &mut put);
        notes(&placed.entry.elements, &placed.text, at, 0, at.segment, &mut put);
    }
    out
}

type Put<'p> = &'p mut dyn FnMut(&'static str, At, Text);

/// Simple elements and components, filled or not, but for those that tell entries apart: they have their own operator.
fn targets<'a>(elements: &'a [Element], text: &Text, at: At) -> Vec<Target<'a>> {
    let mut out = Vec::new();
    let qualifier = STANDARD.qualifier(at.segment);
    let mut push = |n: usize, c: usize, element: &'a Element, value: &str, format: &str| {
        if qualifier != Some((n, c)) {
            let at = At { element: n as u8, component: c as u8, ..at };
            let kind = format!("{:?}", element.data.kind);
            out.push(Target { at, element, kind, value: value.to_owned(), format: format.to_owned() });
        }
    };
    let mut format = String::new();
    for (n, element) in (1..).zip(elements) {
        let value = text.get(n).map_or("", String::as_str);
        if element.composite.is_none() || element.usage == Usage::NotUsed {
            push(n, 0, element, value, &format);
            if element.data.number == "1250" {
                format = value.to_owned();
            }
        } else if !value.is_empty() {
            let parts: Vec<&str> = value.split(':').collect();
            let mut format = "";
            for (c, component) in (1..).zip(&element.components) {
                let part = parts.get(c - 1).copied().unwrap_or("");
                push(n, c, component, part, format);
                format = if component.data.number == "1250" { part } else { format };
            }
        }
    }
    out
}

/// The segment with another value at a place, without separators behind its last filled element.
fn set(text: &Text, at: At, value: &str) -> Text {
    let mut text = text.clone();
    let n = usize::from(at.element);
    if text.len() <= n {
        text.resize(n + 1, String::new());
    }
    match usize::from(at.component).checked_sub(1) {
        None => text[n] = value.to_owned(),
        Some(c) => {
            let mut parts: Vec<&str> = text[n].split(':').collect();
            parts.resize(parts.len().max(c + 1), "");
            parts[c] = value;
            text[n] = parts.join(":").trim_end_matches(':').to_owned();
        }
    }
    while text.last().is_some_and(String::is_empty) {
        text.pop();
    }
    text
}

fn one(target: &Target<'_>, text: &Text, put: Put<'_>) {
    let Target { at, element, kind, value, format } = target;
    let at = *at;
    let mut put = |operator, value: &str| put(operator, at, set(text, at, value));
    if element.usage == Usage::NotUsed {
        // A component that isn't used in a composite that is.
        put("not-used element filled", &sample(element, ""));
        return;
    }
    if value.is_empty() {
        return;
    }
    let only = at.component > 0 && !text[usize::from(at.element)].contains(':');
    // A composite without its only component is an empty element, and may be situational.
    if element.usage == Usage::Required && !only {
        put("required element emptied", "");
    }
    let data = &element.data;
    let (text_like, number) =
        (matches!(&**kind, "Text" | "Code"), matches!(&**kind, "Number" | "Decimal" | "Money"));
    if text_like || number {
        let fill = if number { "1" } else { "X" };
        put("overlong element", &fill.repeat(data.max as usize + 1));
    } else if kind == "Time" {
        put("overlong element", &format!("{:0<1$}", value, data.max as usize + 1));
    } else {
        put("overlong element", &format!("{value}1"));
    }
    if data.min > 1 && (text_like || kind == "Number") {
        put("too short element", &(if number { "1" } else { "X" }).repeat(usize::from(data.min) - 1));
    } else if matches!(&**kind, "Date" | "Time" | "Period") && !format.is_empty() | (kind != "Period") {
        put("too short element", &value[..value.len() - 1]);
    }
    match &**kind {
        "Number" => put("wrong type", "A"),
        "Decimal" => put("wrong type", "1,5"),
        "Money" => put("wrong type", "1.234"),
        "Date" | "Time" => put("wrong type", &"A".repeat(value.len())),
        "Period" if !format.is_empty() => put("wrong type", &"A".repeat(value.len())),
        _ => {}
    }
    match (&**kind, &**format) {
        ("Date", _) | ("Period", "D8") => put("bad date", "20260231"),
        ("Time", _) | ("Period", "TM") => put("bad date", "2575"),
        ("Period", "DT") => put("bad date", "202602310830"),
        ("Period", "RD8") => {
            put("bad date", "20260231-20260301");
            put("reversed period", "20261006-20261005");
        }
        _ => {}
    }
    if !element.codes.is_open() {
        let wrong =
            ["Q", "QQ", "QQQ", "QQQQ"].into_iter().find(|c| c.len() >= usize::from(data.min)).unwrap();
        put("code not allowed", wrong);
    }
    put("repetition where none", &format!("{value}^{value}"));
    put("control byte", &format!("\u{7}{}", &value[1..]));
    put("letter outside ASCII", &format!("É{}", &value[1..]));
    if text_like && value.len() < data.max as usize {
        put("trailing blank", &format!("{value} "));
    }
    if at.component == 0 {
        put("too many components", &format!("{value}:{value}"));
    }
}

fn composites(elements: &[Element], text: &Text, at: At, put: Put<'_>) {
    for (n, element) in (1..).zip(elements).filter(|(_, e)| e.composite.is_some()) {
        let value = text.get(n).map_or("", String::as_str);
        let whole = At { element: n as u8, ..at };
        if element.usage == Usage::NotUsed || value.is_empty() {
            continue;
        }
        if element.usage == Usage::Required {
            put("required element emptied", whole, set(text, whole, ""));
        }
        let parts = value.split(':').count();
        let known = element.components.len();
        let many = format!("{value}{}X", ":".repeat(known + 1 - parts));
        put("too many components", At { component: known as u8 + 1, ..whole }, set(text, whole, &many));
        if parts < known {
            let mut trailing = text.clone();
            trailing[n].push(':');
            put("trailing separator", At { component: parts as u8 + 1, ..whole }, trailing);
        }
        let id = element.composite.unwrap();
        notes(
            &element.components,
            &value.split(':').map(str::to_owned).collect(),
            whole,
            n,
            id,
            &mut |o, a, parts| {
                put(o, a, set(text, whole, &parts.join(":")));
            },
        );
    }
}

fn too_many(known: usize, text: &Text, at: At, put: Put<'_>) {
    let mut more = text.clone();
    more.resize(known + 1, String::new());
    more.push("X".to_owned());
    put("too many elements", At { element: known as u8 + 1, ..at }, more);
    if text.len() <= known && at.segment != "SE" {
        let mut more = text.clone();
        more.push(String::new());
        put("trailing separator", At { element: text.len() as u8, ..at }, more);
    }
}

/// Breaks each syntax note by one element: one more filled, or one emptied.
fn notes(elements: &[Element], text: &Text, at: At, of: usize, id: &str, put: Put<'_>) {
    // Components come without an id in front.
    let shift = usize::from(of > 0);
    let get = |n: usize| text.get(n - shift).filter(|v| !v.is_empty());
    let filled: HashSet<usize> = (1..=elements.len()).filter(|n| get(*n).is_some()).collect();
    for note in STANDARD.notes(id) {
        for n in &note.1 {
            let Some(element) = elements.get(n - 1) else { continue };
            let mut after = filled.clone();
            let value = if after.remove(n) {
                String::new()
            } else {
                after.insert(*n);
                sample(element, "")
            };
            // An element that is not used, or is required, has its own operators.
            if !broken(note, &after) || element.usage != Usage::Situational || broken(note, &filled) {
                continue;
            }
            let mut changed = text.clone();
            changed.resize(changed.len().max(n - shift + 1), String::new());
            changed[n - shift] = value;
            while changed.last().is_some_and(String::is_empty) {
                changed.pop();
            }
            // Told at the element that is absent, or is one too many: by the note's letter.
            let absent = note.1.iter().find(|n| !after.contains(n)).copied();
            let place = match note.0 {
                'R' => note.1[0],
                'E' => *note.1.iter().filter(|n| after.contains(n)).nth(1).unwrap(),
                'P' => absent.unwrap(),
                _ => *note.1[1..].iter().find(|n| !after.contains(n)).unwrap(),
            };
            let place =
                if of > 0 { At { component: place as u8, ..at } } else { At { element: place as u8, ..at } };
            put("syntax note broken", place, changed);
        }
    }
}

/// A value that the element could have.
pub fn sample(element: &Element, format: &str) -> String {
    if let Some(code) = element.codes.listed().first() {
        return (*code).to_owned();
    }
    match (&*format!("{:?}", element.data.kind), format) {
        ("Number" | "Decimal" | "Money", _) => "1".repeat(usize::from(element.data.min)),
        ("Date" | "Period", _) => "20261001".to_owned(),
        ("Time", _) => "0930".to_owned(),
        _ => "X".repeat(usize::from(element.data.min)),
    }
}
