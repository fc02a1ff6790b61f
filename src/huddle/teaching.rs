//! Three things to learn from: what was refused that an edit would have stopped, by dollars for each team.

use std::collections::{BTreeMap, BTreeSet};

use super::build::Work;
use super::pack::{Shown, Teaching, Teachings};
use super::read::LATELY;
use crate::edits::{Edit, Example, Expect, Owner};
use crate::history::Meaning;
use crate::x12::Cents;

/// Points.
const MOST: usize = 3;

/// What one edit would have stopped.
struct Avoidable<'a> {
    edit: &'a Edit,
    owner: Owner,
    carc: String,
    group: String,
    denials: i64,
    cents: Cents,
    /// Cents of the CARC named: the one with most.
    most: Cents,
}

/// The points.
#[must_use]
pub fn points(work: &Work<'_>) -> Teachings {
    let chosen = choose(avoidable(work));
    let points: Vec<Teaching> = chosen.iter().map(|one| point(work, one)).collect();
    let said = if points.is_empty() {
        format!(
            "No denial of the last {LATELY} weeks is one that an edit with an example would have stopped."
        )
    } else {
        format!(
            "By dollars refused in the last {LATELY} weeks that an edit would have stopped; a team each first."
        )
    };
    Teachings { said, points }
}

fn avoidable<'a>(work: &Work<'a>) -> Vec<Avoidable<'a>> {
    let mut found: BTreeMap<(&str, Owner), Avoidable<'a>> = BTreeMap::new();
    for ((payer, carc, rarcs), count) in &work.of.read.weekly.reasons {
        let rarcs: Vec<String> = rarcs.split('+').filter(|r| !r.is_empty()).map(str::to_owned).collect();
        let Some(meaning) = work.of.tables.dictionary.meaning(carc, &rarcs, payer) else { continue };
        let Some(edit) = closest(work, meaning, (carc, &rarcs)) else { continue };
        let one = found.entry((&edit.id, meaning.owner)).or_insert_with(|| Avoidable {
            edit,
            owner: meaning.owner,
            carc: carc.clone(),
            group: meaning.groups.first().cloned().unwrap_or_default(),
            denials: 0,
            cents: 0,
            most: 0,
        });
        one.denials += count.denials;
        one.cents = one.cents.saturating_add(count.amount);
        if count.amount > one.most {
            (one.most, one.carc) = (count.amount, carc.clone());
            one.group = meaning.groups.first().cloned().unwrap_or_default();
        }
    }
    found.into_values().filter(|one| one.denials > 0 && one.cents > 0).collect()
}

/// The edit that prevents just this, else one that prevents the CARC whatever is remarked beside it; it must show both a bad and a good example.
fn closest<'a>(work: &Work<'a>, meaning: &Meaning, (carc, rarcs): (&str, &[String])) -> Option<&'a Edit> {
    let shows = |edit: &&Edit| {
        let has = |expect| edit.examples.iter().any(|e| e.expect == expect);
        has(Expect::Finding)
            && has(Expect::Clean)
            && !work.names.of_edit(Some(edit), |e| e.name.clone()).is_empty()
    };
    let edits: Vec<&'a Edit> =
        meaning.edits.iter().filter_map(|id| work.of.edits.get(id)).filter(shows).collect();
    let exact = |edit: &&&Edit| {
        let prevents = |rarc: &String| edit.prevents.contains(&format!("{carc}/{rarc}"));
        rarcs.iter().any(prevents)
    };
    let alone = |edit: &&&Edit| edit.prevents.iter().any(|p| p == carc);
    // One that prevents the CARC beside other remarks would teach something else.
    let only = || edits.first().filter(|_| edits.len() == 1 && rarcs.is_empty());
    edits.iter().find(exact).or_else(|| edits.iter().find(alone)).or_else(only).copied()
}

/// The dearest of each team, dearest first; then whatever is dearest.
fn choose(mut all: Vec<Avoidable<'_>>) -> Vec<Avoidable<'_>> {
    all.sort_by(|a, b| (b.cents, b.denials, &a.edit.id).cmp(&(a.cents, a.denials, &b.edit.id)));
    let mut teams: BTreeSet<Owner> = BTreeSet::new();
    let (mut first, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| teams.insert(one.owner));
    first.extend(rest);
    first.truncate(MOST);
    first
}

fn point(work: &Work<'_>, one: &Avoidable<'_>) -> Teaching {
    let edit = one.edit;
    let bad = edit.examples.iter().find(|e| e.expect == Expect::Finding);
    let clean = || edit.examples.iter().filter(|e| e.expect == Expect::Clean);
    // Of the same claim, where there is one: only what matters differs.
    let good = clean().find(|e| bad.is_some_and(|bad| bad.base == e.base)).or_else(|| clean().next());
    let off = work.of.edits.off().any(|(off, _)| off.id == edit.id);
    let in_force = !off && work.of.edits.active().any(|active| active.id == edit.id);
    let name = edit.name.replace('-', " ");
    Teaching {
        owner: one.owner,
        title: capital(&name),
        reason: if one.group.is_empty() {
            format!("CARC {}", one.carc)
        } else {
            format!("{}-{}", one.group, one.carc)
        },
        denials: Some(one.denials),
        amount: one.cents,
        todo: edit.fix.clone(),
        edit: edit.id.clone(),
        in_force,
        bad: bad.map(|e| shown(e, edit)).unwrap_or_default(),
        good: good.map(|e| Shown { places: places(e), ..shown(e, edit) }).unwrap_or_default(),
    }
}

/// What an example says otherwise than the claim it is made of.
fn places(example: &Example) -> Vec<String> {
    let mut places: Vec<String> =
        example.change.iter().map(|(path, value)| format!("{}: {}", place(path), quoted(value))).collect();
    places.extend(example.remove.iter().map(|path| format!("{}: left out", place(path))));
    places.extend(
        example.insert.iter().map(|insert| format!("after {}: {}", place(&insert.after), insert.text)),
    );
    places
}

fn place(path: &str) -> String {
    path.replace('/', " ")
}

fn shown(example: &Example, edit: &Edit) -> Shown {
    let mut places = places(example);
    if places.is_empty() {
        places.push(place(&edit.at.to_string()));
    }
    Shown { text: capital(&example.title), places }
}

fn quoted(value: &str) -> String {
    if value.is_empty() { "empty".to_owned() } else { value.to_owned() }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edits::EditSet;

    #[test]
    fn each_team_has_its_dearest_first() {
        let edits = EditSet::shipped().unwrap();
        let of = |id: &str, owner, cents| Avoidable {
            edit: edits.get(id).unwrap(),
            owner,
            carc: "16".into(),
            group: "CO".into(),
            denials: 1,
            cents,
            most: cents,
        };
        let all = vec![
            of("E3-001", Owner::Billing, 900),
            of("E4-008", Owner::Billing, 800),
            of("E5-005", Owner::Coding, 100),
            of("E5-001", Owner::Billing, 700),
        ];
        let chosen: Vec<i64> = choose(all).iter().map(|one| one.cents).collect();
        assert_eq!(chosen, [900, 100, 800]);
    }

    #[test]
    fn an_example_is_shown_in_words_with_its_places_small() {
        let edits = EditSet::shipped().unwrap();
        let edit = edits.get("E3-001").unwrap();
        let bad = edit.examples.iter().find(|e| e.expect == Expect::Finding).unwrap();
        let shown = shown(bad, edit);
        assert_eq!(
            (shown.text.as_str(), shown.places),
            ("Two lines, one dollar short", vec!["2400[2] SV102: 49".into()])
        );
    }
}
