//! Operators on diagnoses against the rest of the claim: side, age, place among them, what was there on admission.

use claimloop::schema::Guide;

use super::work::{Claim, Line, Work};

pub fn mutants(w: &mut Work<'_>) {
    for claim in w.claims.clone() {
        for (hi, element) in all(w, &claim) {
            for newborn in ["A33", "H04531", "Z3800"] {
                w.changed("diagnosis of another age", hi, (element, 2), newborn);
            }
            if w.value(hi, (element, 1)) == "ABK" {
                for shown in ["F0280", "D77", "H42"] {
                    w.changed("manifestation first", hi, (element, 2), shown);
                }
            }
            if w.guide != Guide::Institutional || w.value(claim.clm, (5, 1)) != "11" {
                continue;
            }
            if w.value(hi, (element, 1)) == "ABK" {
                for state in ["Z853", "Z8679", "Z951"] {
                    w.changed("state of a patient as reason of a stay", hi, (element, 2), state);
                }
            }
            if !w.value(hi, (element, 9)).is_empty() {
                w.changed("presence on admission left out", hi, (element, 9), "");
            }
        }
    }
    for (claim, line) in w.lines() {
        side(w, &claim, &line);
    }
}

/// Principal and other diagnoses of a claim: segment and element.
fn all(w: &Work<'_>, claim: &Claim) -> Vec<(usize, usize)> {
    let segments = w.find(claim.range.clone(), "2300", "HI*").into_iter();
    let each = segments.flat_map(|hi| (1..w.original.segments[hi].text.len()).map(move |n| (hi, n)));
    each.filter(|(hi, n)| matches!(w.value(*hi, (*n, 1)), "ABK" | "ABF")).collect()
}

fn side(w: &mut Work<'_>, claim: &Claim, line: &Line) {
    const OPERATOR: &str = "other side than the diagnosis";
    let procedure = w.procedure(line);
    if w.guide == Guide::Dental || procedure.is_empty() {
        return;
    }
    let Some(first) = all(w, claim).first().copied() else { return };
    for (diagnosis, modifier) in [("M1712", "RT"), ("M1711", "LT"), ("H2512", "E4"), ("S62521A", "F2")] {
        let composite = format!("HC:{procedure}:{modifier}");
        let mut draft = w.draft().with(first.0, (first.1, 2), diagnosis);
        draft = draft.with(line.service, (w.procedure_at(), 0), &composite);
        if w.guide == Guide::Professional {
            draft = draft.with(line.service, (7, 0), "1");
        }
        w.add(OPERATOR, line.service, draft, format!("{composite} of {diagnosis}"));
    }
}
