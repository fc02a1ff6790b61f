//! Proof that keeping edits from claims they can't find fault with changes nothing that is found.

use super::{Other, Settings, examples, scrub};
use crate::edits::{EditSet, Status};

fn found(text: &[u8], today: jiff::civil::Date, edits: &EditSet) -> String {
    let settings = Settings { today, threads: 1, other: Other::Pass };
    let (report, _) = scrub(text, edits, settings).unwrap();
    let verdicts: Vec<_> = report.verdicts.iter().map(|v| (&v.claim, &v.findings)).collect();
    format!("{verdicts:?}")
}

#[test]
fn gates_keep_nothing_from_being_found() {
    let gated = EditSet::shipped().unwrap().for_examples();
    let open = EditSet::shipped().unwrap().for_examples().ungated();
    let edits = gated.edits().iter().filter(|e| e.status != Status::Retired);
    let mut texts = 0;
    let mut fired = 0;
    for example in edits.flat_map(|e| &e.examples) {
        let text = examples::text(example).unwrap();
        let expected = found(&text, example.today, &open);
        assert_eq!(found(&text, example.today, &gated), expected, "{}", example.title);
        texts += 1;
        fired += usize::from(expected.contains("edit:"));
    }
    assert!(texts > 900 && fired > 400, "{texts} {fired}");
}

#[test]
fn nor_where_an_element_is_empty_or_another() {
    let gated = EditSet::shipped().unwrap().for_examples();
    let open = EditSet::shipped().unwrap().for_examples().ungated();
    let day = jiff::civil::date(2026, 11, 2);
    let mut changed = 0;
    for guide in ["837P", "837I", "837D"] {
        let of_guide = |e: &&crate::edits::Edit| e.applies.iter().any(|g| g.name() == guide);
        let example = gated.edits().iter().filter(of_guide).flat_map(|e| &e.examples).next().unwrap();
        let text = String::from_utf8(examples::text(example).unwrap()).unwrap();
        let segments: Vec<&str> = text.split('~').collect();
        for (n, segment) in segments.iter().enumerate().filter(|(_, s)| !s.trim_start().starts_with("ISA")) {
            let elements: Vec<&str> = segment.split('*').collect();
            for (at, value) in (1..elements.len()).flat_map(|at| [(at, ""), (at, "11"), (at, "ZZ")]) {
                let mut elements = elements.clone();
                elements[at] = value;
                let (own, mut all) = (elements.join("*"), segments.clone());
                all[n] = &own;
                let text = all.join("~").into_bytes();
                assert_eq!(found(&text, day, &gated), found(&text, day, &open), "{guide} {own}");
                changed += 1;
            }
        }
    }
    assert!(changed > 500, "{changed}");
}
