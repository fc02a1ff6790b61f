//! Builds a guide's tables from its text: entries, slots and their order, and the look-ups of each loop.

use super::codes::Codes;
use super::dictionary::{Composite, DataElement, Member, keep};
use super::elements::Brief;
use super::guide::Guide;
use super::keys::{Key, Keys};
use super::read::{ElementText, EntryText, LoopText, MemberText, read};
use super::table::{Element, Entry, EntryIx, Loop, LoopIx, NONE, Schema, Slot, Target, Usage, definition};
use crate::x12::fault::At;

/// Builds the tables of a guide.
pub(super) fn load(guide: Guide, text: &str, shared: Option<&str>) -> Result<Schema, String> {
    let text = read(text, shared)?;
    let mut schema = Schema::empty(guide);
    (schema.set, schema.group, schema.nearest) = (keep(&text.set), keep(&text.group), keep(&text.nearest));
    schema.versions = text.versions.iter().map(|v| keep(v)).collect();
    for (n, l) in text.loops.iter().enumerate() {
        let named =
            |p: &String| schema.loop_ix(p).ok_or_else(|| format!("loop {}: no loop {p} before it", l.id));
        let parents = l.parents.iter().map(named).collect::<Result<Vec<_>, _>>()?;
        if parents.is_empty() != (n == 0) {
            return Err(format!("loop {}: the first loop and no other has no parent", l.id));
        }
        let above = parents.iter().filter_map(|p| schema.loops.get(usize::from(p.0))).map(|l| l.level).max();
        let level = match (l.id.as_str(), above) {
            ("2300", _) => 4,
            ("2100", _) if guide == Guide::Remittance => 4,
            ("2000C", _) => 3,
            ("2000B", _) => 2,
            ("2000A", _) => 1,
            (_, above) => above.unwrap_or(0),
        };
        schema.loops.push(Loop {
            level,
            id: keep(&l.id),
            name: keep(&l.name),
            required: l.usage == 'R',
            repeat: l.repeat()?,
            parents,
            slots: Vec::new(),
            needed: 0,
            by_key: Vec::new(),
            by_segment: Vec::new(),
            within: Vec::new(),
        });
    }
    for (n, l) in text.loops.iter().enumerate() {
        let ix = LoopIx(u8::try_from(n).map_err(|e| e.to_string())?);
        fill(&mut schema, ix, l)?;
    }
    order(&mut schema);
    schema.keys = Keys::new(&schema.entries, |id| definition(id.as_bytes()).and_then(|d| d.qualifier))?;
    for n in 0..schema.loops.len() {
        index(&mut schema, n);
    }
    Ok(schema)
}

/// Entries and slots of one loop.
fn fill(schema: &mut Schema, ix: LoopIx, text: &LoopText) -> Result<(), String> {
    let loop_id = schema.loop_id(ix);
    let mut slots = Vec::new();
    let mut children: Vec<LoopIx> = Vec::new();
    for (child, l) in (0u8..).map(LoopIx).zip(&schema.loops) {
        if l.parents.contains(&ix) {
            children.push(child);
        }
    }
    let slot = |target, required, max| Slot {
        target,
        entry: None,
        required,
        max,
        position: 0,
        before: 0,
        milestone: false,
        next: NONE,
    };
    for member in &text.members {
        match member {
            MemberText::Loop(id) => {
                let child = schema.loop_ix(id).filter(|c| children.contains(c));
                let child = child.ok_or_else(|| format!("loop {loop_id}: @{id} is no child of it"))?;
                children.retain(|c| *c != child);
                let l = schema.loops.get(usize::from(child.0)).map_or((false, 1), |l| (l.required, l.repeat));
                slots.push(slot(Target::Loop(child), l.0, l.1));
            }
            MemberText::Segment(line) => {
                let number = u16::try_from(schema.entries.len()).map_err(|e| e.to_string())?;
                slots.push(slot(Target::Entry(EntryIx(number)), line.required, line.repeat));
                let twin = |m: &MemberText| matches!(m, MemberText::Segment(e) if e.id == line.id);
                let several = text.members.iter().filter(|m| twin(m)).count() > 1;
                schema.entries.push(entry(ix, loop_id, line, several)?);
            }
        }
    }
    for child in children {
        let l = schema.loops.get(usize::from(child.0)).map_or((false, 1), |l| (l.required, l.repeat));
        slots.push(slot(Target::Loop(child), l.0, l.1));
    }
    if slots.len() > 127 {
        return Err(format!("loop {loop_id} has more than 127 places"));
    }
    if let Some(l) = schema.loops.get_mut(usize::from(ix.0)) {
        l.slots = slots;
    }
    Ok(())
}

fn entry(ix: LoopIx, loop_id: &'static str, text: &EntryText, several: bool) -> Result<Entry, String> {
    let def = definition(text.id.as_bytes()).ok_or_else(|| format!("{loop_id}: no segment {}", text.id))?;
    if text.elements.len() > def.elements.len() {
        return Err(format!("{loop_id} {}: more elements than the segment has", text.id));
    }
    let mut elements = Vec::new();
    for (n, member) in def.elements.iter().enumerate() {
        let unused = ElementText { usage: '-', ..ElementText::default() };
        let one = element(member, text.elements.get(n).unwrap_or(&unused));
        elements.push(one.map_err(|e| format!("{loop_id} {}{:02}: {e}", text.id, n + 1))?);
    }
    let first = def.qualifier.and_then(|(e, c)| {
        let element = elements.get(e.checked_sub(1)?)?;
        let at = if c == 0 { element } else { element.components.get(c.checked_sub(1)?)? };
        at.codes.listed().first().copied()
    });
    let qualifier = if several { first.unwrap_or("") } else { "" };
    let name = if text.name.is_empty() { def.name } else { keep(&text.name) };
    let at = At { loop_id, qualifier, ..At::segment(def.id) };
    let (required, repeat, briefs) = (text.required, text.repeat, Brief::of(&elements));
    let elements = elements.into();
    Ok(Entry { loop_ix: ix, at, name, required, repeat, elements, briefs, notes: &def.notes })
}

fn element(member: &Member, text: &ElementText) -> Result<Element, String> {
    match member {
        Member::Simple(data) => {
            if !text.components.is_empty() {
                return Err("components where the segment has a simple element".into());
            }
            simple(data, text)
        }
        Member::Composite(composite) => components(composite, text),
    }
}

fn simple(data: &DataElement, text: &ElementText) -> Result<Element, String> {
    let mut data = *data;
    if let Some((min, max)) = text.length {
        (data.min, data.max) = (min, max);
    }
    let codes: Vec<&'static str> = text.codes.iter().map(|c| keep(c)).collect();
    if let Some(code) = codes.iter().find(|c| c.len() > data.max as usize) {
        return Err(format!("code {code} is longer than element {}", data.number));
    }
    let components = Box::default();
    Ok(Element {
        usage: usage(text.usage),
        data,
        composite: None,
        codes: Codes::new(codes),
        components,
        briefs: Box::default(),
        notes: &[],
    })
}

fn components(composite: &'static Composite, text: &ElementText) -> Result<Element, String> {
    let usage = usage(text.usage);
    if text.components.len() > composite.components.len() || !text.codes.is_empty() {
        return Err(format!("not the shape of composite {}", composite.number));
    }
    if usage != Usage::NotUsed && text.components.is_empty() {
        return Err(format!("composite {} is used without saying how", composite.number));
    }
    let unused = ElementText { usage: '-', ..ElementText::default() };
    let parts = composite.components.iter().enumerate();
    let parts = parts.map(|(n, data)| simple(data, text.components.get(n).unwrap_or(&unused)));
    let components: Vec<Element> = parts.collect::<Result<_, _>>()?;
    let data = composite.components.first().copied().ok_or("a composite without components")?;
    Ok(Element {
        usage,
        data,
        composite: Some(composite.number),
        codes: Codes::default(),
        briefs: Brief::of(&components),
        components: components.into(),
        notes: &composite.notes,
    })
}

fn usage(letter: char) -> Usage {
    match letter {
        'R' => Usage::Required,
        'S' => Usage::Situational,
        _ => Usage::NotUsed,
    }
}

/// Positions: neighbours of one segment id share one, child loops opened by one id too.
fn order(schema: &mut Schema) {
    for n in 0..schema.loops.len() {
        let Some(l) = schema.loops.get(n) else { continue };
        let ids: Vec<(&str, bool)> = l.slots.iter().map(|s| (slot_segment(schema, s), is_loop(s))).collect();
        let (mut position, mut before, mut own) = (0u8, 0u128, 0u128);
        let mut last = None;
        let Some(l) = schema.loops.get_mut(n) else { continue };
        for (bit, (slot, id)) in l.slots.iter_mut().zip(ids).enumerate() {
            if last.is_some_and(|last| last != id) {
                position += 1;
                before |= own;
                own = 0;
            }
            last = Some(id);
            (slot.position, slot.before) = (position, before);
            slot.milestone = matches!(id, ("HL" | "CLM", true));
            if slot.required {
                own |= 1 << bit;
            }
        }
        l.needed = before | own;
    }
}

fn is_loop(slot: &Slot) -> bool {
    matches!(slot.target, Target::Loop(_))
}

/// The entry a slot starts with: itself, or its loop's opener.
fn slot_entry(schema: &Schema, slot: &Slot) -> Option<EntryIx> {
    match slot.target {
        Target::Entry(ix) => Some(ix),
        Target::Loop(child) => match schema.loops.get(usize::from(child.0))?.slots.first()?.target {
            Target::Entry(ix) => Some(ix),
            Target::Loop(_) => None,
        },
    }
}

fn slot_segment(schema: &Schema, slot: &Slot) -> &'static str {
    slot_entry(schema, slot).and_then(|e| schema.entry(e)).map_or("", |e| e.at.segment)
}

/// The look-up tables of one loop.
fn index(schema: &mut Schema, n: usize) {
    let Some(l) = schema.loops.get(n) else { return };
    let mut by_key = vec![NONE; schema.keys.len()];
    let mut by_segment = vec![NONE; schema.keys.segments()];
    let mut next = vec![NONE; l.slots.len()];
    let put = |table: &mut Vec<u8>, at: usize, slot: u8| {
        if let Some(place) = table.get_mut(at).filter(|p| **p == NONE) {
            *place = slot;
        }
    };
    // A loop's opener is found from its parent, but for the set itself.
    for (bit, slot) in (0u8..).zip(&l.slots).skip(usize::from(n > 0)) {
        let Some(entry) = slot_entry(schema, slot) else { continue };
        for Key(key) in schema.keys.of(entry) {
            match by_key.get(usize::from(*key)).copied() {
                Some(NONE) => put(&mut by_key, usize::from(*key), bit),
                Some(first) => {
                    // Behind the last of the chain.
                    let mut at = first;
                    while let Some(after) =
                        next.get(usize::from(at)).copied().filter(|a| *a != NONE && *a != bit)
                    {
                        at = after;
                    }
                    if let Some(place) = next.get_mut(usize::from(at)).filter(|_| at != bit) {
                        *place = bit;
                    }
                }
                None => {}
            }
        }
        let segment = schema.keys.segment_of(entry);
        put(&mut by_segment, usize::from(segment), bit);
    }
    // Behind its opener; of its own loops those whose opener is no name or level that its code tells apart.
    let mut within = vec![false; schema.keys.len()];
    for slot in l.slots.iter().skip(1) {
        let Some(entry) = slot_entry(schema, slot) else { continue };
        let id = schema.entry(entry).map_or("", |e| e.at.segment);
        if is_loop(slot) && definition(id.as_bytes()).is_some_and(|d| d.qualifier.is_some()) {
            continue;
        }
        for Key(key) in schema.keys.of(entry) {
            if let Some(place) = within.get_mut(usize::from(*key)) {
                *place = true;
            }
        }
    }
    let entries: Vec<Option<EntryIx>> = l.slots.iter().map(|s| slot_entry(schema, s)).collect();
    if let Some(l) = schema.loops.get_mut(n) {
        (l.by_key, l.by_segment, l.within) = (by_key, by_segment, within);
        for ((slot, next), entry) in l.slots.iter_mut().zip(next).zip(entries) {
            (slot.next, slot.entry) = (next, entry);
        }
    }
}
