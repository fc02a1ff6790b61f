//! Operators on what the payer of a claim asks of it.

use claimloop::schema::Guide;
use jiff::civil::Date;

use super::TODAY;
use super::work::{Claim, Draft, Line, Work, day, span};

pub fn mutants(w: &mut Work<'_>) {
    for payer in w.find(w.all(), "2010BB", "NM1*PR*") {
        for id in ["NOBODY", "PAY0010", "PAYOOO1", "PAY001", "SAMPLEMCX"] {
            w.changed("payer unknown", payer, (9, 0), id);
        }
    }
    for claim in w.claims.clone() {
        deadlines(w, &claim);
    }
    if w.guide != Guide::Dental {
        for (claim, line) in w.lines() {
            numbers(w, &claim, &line);
        }
    }
}

/// The claim with its last day of service on this one, the others as far from it as they were.
fn moved(w: &Work<'_>, claim: &Claim, last: Date, to: &str) -> Draft {
    let by = i64::from((span(to).0 - last).get_days());
    let mut draft = w.draft();
    for dtp in ["DTP*472*", "DTP*434*", "DTP*435*"].iter().flat_map(|d| w.find(claim.range.clone(), "", d)) {
        let value = w.value(dtp, (3, 0));
        let (from, to) = span(value);
        let moved = match value.split_once('-') {
            Some(_) => format!("{}-{}", day(from, by), day(to, by)),
            None => format!("{}{}", day(from, by), &value[8..]),
        };
        draft = draft.with(dtp, (3, 0), &moved);
    }
    draft
}

fn deadlines(w: &mut Work<'_>, claim: &Claim) {
    let days: Option<Vec<(Date, Date)>> = claim.lines.iter().map(|l| w.days(claim, l)).collect();
    let Some(days) = days else { return };
    let last = days.into_iter().map(|(_, last)| last).max().unwrap();
    // As the pack of the sample payer has it.
    let given = if matches!(w.value(claim.clm, (5, 3)), "7" | "8") { 365 } else { 180 };
    for late in [1, 2, 30, 150] {
        let to = day(TODAY, -given - late);
        w.add("filed too late", claim.clm, moved(w, claim, last, &to), format!("last day {to}"));
    }
    for left in [0, 1, 10, 14] {
        let to = day(TODAY, left - given);
        w.add("filed late", claim.clm, moved(w, claim, last, &to), format!("last day {to}"));
    }
}

fn numbers(w: &mut Work<'_>, claim: &Claim, line: &Line) {
    let clear = |start: &str| {
        let mut all = w.find(claim.range.clone(), "2300", start);
        all.extend(w.find(line.range.clone(), "2400", start));
        w.draft().without(all)
    };
    let procedure = w.procedure_at();
    let mut made = Vec::new();
    for (start, operator, codes) in [
        ("REF*G1*", "authorisation missing", &["27447", "27130", "J9000", "J9355"][..]),
        ("REF*9F*", "referral missing", &["99205", "99215"][..]),
        ("PWK*", "records not announced", &["99499"][..]),
    ] {
        for code in codes {
            let draft = clear(start).with(line.service, (procedure, 0), &format!("HC:{code}"));
            made.push((operator, draft, (*code).to_owned()));
        }
    }
    let payer = *w.find(0..claim.clm, "2010BB", "NM1*PR*").last().unwrap();
    let medicaid = clear("REF*G1*").with(payer, (9, 0), "SAMPLEMCD");
    if w.guide == Guide::Institutional {
        made.push(("authorisation missing", medicaid.with(line.service, (1, 0), "0128"), "0128".to_owned()));
    } else {
        for code in ["E0601", "K0823"] {
            let draft = medicaid.clone().with(line.service, (1, 0), &format!("HC:{code}"));
            made.push(("authorisation missing", draft, format!("{code}, Medicaid")));
        }
    }
    for (operator, draft, what) in made {
        w.add(operator, line.service, draft, what);
    }
}
