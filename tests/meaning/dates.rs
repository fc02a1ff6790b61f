//! Operators on dates: those of service, of statements and stays, of birth and death.

use claimloop::schema::Guide;
use jiff::civil::Date;

use super::TODAY;
use super::work::{Claim, Draft, Work, day, span};

pub fn mutants(w: &mut Work<'_>) {
    future(w);
    birth(w);
    death(w);
    if w.guide == Guide::Institutional {
        for claim in w.claims.clone() {
            period(w, &claim);
            stay(w, &claim);
            occurrences(w, &claim);
        }
    } else if w.guide == Guide::Professional {
        visits(w);
    }
}

/// A DTP with another day or span of days.
fn dated(w: &Work<'_>, dtp: usize, days: &str) -> Draft {
    let format = if days.contains('-') { "RD8" } else { "D8" };
    w.draft().with(dtp, (2, 0), format).with(dtp, (3, 0), days)
}

fn put(w: &mut Work<'_>, operator: &'static str, dtp: usize, days: &str) {
    let draft = dated(w, dtp, days);
    w.add(operator, dtp, draft, format!("on {days}"));
}

fn future(w: &mut Work<'_>) {
    const OPERATOR: &str = "service date in the future";
    for dtp in w.find(w.all(), "", "DTP*472*") {
        let (first, last) = span(w.value(dtp, (3, 0)));
        let begun = day(first, 0);
        for days in [day(TODAY, 1), day(TODAY, 31), day(last, 365), format!("{begun}-{}", day(TODAY, 1))] {
            put(w, OPERATOR, dtp, &days);
        }
    }
    for dtp in w.find(w.all(), "2300", "DTP*434*") {
        let begun = day(span(w.value(dtp, (3, 0))).0, 0);
        for end in [1, 30, 365] {
            put(w, OPERATOR, dtp, &format!("{begun}-{}", day(TODAY, end)));
        }
    }
}

/// Every day of service of the claims of a level, first and last day of each line; none where a claim has a line without.
fn services(w: &Work<'_>, level: usize) -> Option<Vec<Vec<(Date, Date)>>> {
    let claims = w.claims_of(level).into_iter().map(|c| &w.claims[c]);
    claims.map(|c| c.lines.iter().map(|l| w.days(c, l)).collect()).collect()
}

fn birth(w: &mut Work<'_>) {
    const OPERATOR: &str = "service before birth, or past a lifetime";
    for dmg in w.find(w.all(), "", "DMG*D8*") {
        let Some(days) = services(w, dmg) else { continue };
        let last = days.concat().into_iter().map(|(_, last)| last).max().unwrap();
        for born in
            [day(last, 1), day(last, 30), day(last, 365), "18800115".to_owned(), "19010115".to_owned()]
        {
            w.changed(OPERATOR, dmg, (2, 0), &born);
        }
        let born = span(w.value(dmg, (2, 0))).0;
        let range = {
            let claims = w.claims_of(dmg);
            w.claims[claims[0]].range.start..w.claims[claims[claims.len() - 1]].range.end
        };
        for dtp in w.find(range.clone(), "2400", "DTP*472*") {
            put(w, OPERATOR, dtp, &day(born, -1));
            put(w, OPERATOR, dtp, &day(born, -365));
        }
        for dtp in w.find(range, "2300", "DTP*434*") {
            let end = day(span(w.value(dtp, (3, 0))).1, 0);
            put(w, OPERATOR, dtp, &format!("{}-{end}", day(born, -1)));
        }
    }
}

fn death(w: &mut Work<'_>) {
    if w.guide != Guide::Professional {
        return;
    }
    for level in w.original.loops.iter().map(|l| l.first).collect::<Vec<_>>() {
        let (loop_id, claims) = (w.loop_of(level), w.claims_of(level));
        let own = |id: &str| w.find(level..w.original.segments.len(), loop_id, id).first().copied();
        // A subscriber with dependents here is no patient.
        let patient = loop_id == "2000C" || (loop_id == "2000B" && w.value(level, (4, 0)) == "0");
        if !patient || claims.is_empty() {
            continue;
        }
        let same = w.original.segments[level].inside;
        let pat = own("PAT*").filter(|i| w.original.segments[*i].inside == same);
        let sbr = own("SBR*");
        let Some(days) = services(w, level) else { continue };
        let last = days.iter().map(|d| d.iter().map(|(_, last)| *last).max().unwrap()).min().unwrap();
        for (operator, died) in [
            ("service after death", day(last, -1)),
            ("service after death", day(last, -100)),
            ("death in the future", day(TODAY, 1)),
            ("death in the future", day(TODAY, 365)),
        ] {
            let (at, draft) = match (pat, sbr) {
                (Some(pat), _) => (pat, w.draft().with(pat, (5, 0), "D8").with(pat, (6, 0), &died)),
                (None, sbr) => (sbr.unwrap(), w.draft().behind(sbr.unwrap(), &format!("PAT*****D8*{died}"))),
            };
            w.add(operator, at, draft, format!("died {died}"));
        }
    }
}

fn period(w: &mut Work<'_>, claim: &Claim) {
    const OPERATOR: &str = "service outside the statement period";
    let Some(period) = w.find(claim.range.clone(), "2300", "DTP*434*").first().copied() else { return };
    let (first, last) = span(w.value(period, (3, 0)));
    let lines = w.find(claim.range.clone(), "2400", "DTP*472*");
    for dtp in &lines {
        for days in [
            day(first, -1),
            day(last, 1),
            day(first, -30),
            day(first, -365),
            format!("{}-{}", day(first, -1), day(last, 0)),
            format!("{}-{}", day(first, 0), day(last, 1)),
        ] {
            put(w, OPERATOR, *dtp, &days);
        }
    }
    if !lines.is_empty() {
        put(w, OPERATOR, period, &format!("{}-{}", day(first, -9), day(first, -8)));
        put(w, OPERATOR, period, &format!("{}-{}", day(last, 8), day(last, 9)));
    }
    if lines.is_empty() {
        let line = claim.lines[0].clone();
        let place = w.place(line.inside, "DTP", "472");
        for days in [day(first, -1), day(last, 1)] {
            let draft = w.draft().behind(place, &format!("DTP*472*D8*{days}"));
            w.add(OPERATOR, line.service, draft, format!("done {days}"));
        }
    }
}

fn stay(w: &mut Work<'_>, claim: &Claim) {
    let clm = claim.clm;
    let one = |start: &str| w.find(claim.range.clone(), "2300", start).first().copied();
    let (admitted, left, status, number) = (one("DTP*435*"), one("DTP*096*"), one("CL1*"), one("REF*F8*"));
    let status = status.unwrap();
    let bill = |draft: Draft, frequency: &str| {
        // What was sent before is named only where it is replaced.
        draft.with(clm, (5, 3), frequency).without(number)
    };
    let bare = |i: Option<usize>| w.draft().without(i);
    let mut made: Vec<(&'static str, Draft, String)> = Vec::new();
    for kind in ["11", "18", "21", "41"] {
        let draft = bare(admitted).with(clm, (5, 1), kind);
        made.push(("stay without admission date", draft, format!("a bill {kind}")));
    }
    if w.is_inpatient(claim) {
        for kind in ["11", "18", "41"] {
            for was in ["01", "02", "20"] {
                let draft = bare(left).with(clm, (5, 1), kind).with(status, (3, 0), was);
                let what = |frequency: &str| format!("a bill {kind}{frequency}, patient status {was}");
                let operator = "stay without discharge hour";
                made.push((operator, draft.clone(), what(w.value(clm, (5, 3)))));
                made.push((operator, bill(draft, "4"), what("4")));
            }
        }
        for frequency in ["2", "3"] {
            let draft = bill(w.draft().with(status, (3, 0), "30"), frequency);
            made.push(("interim bill with discharge hour", draft, format!("frequency {frequency}")));
            for was in ["01", "02", "20"] {
                let draft = bill(bare(left).with(status, (3, 0), was), frequency);
                let what = format!("frequency {frequency}, status {was}");
                made.push(("frequency and patient status disagree", draft, what));
            }
        }
        for frequency in ["1", "4"] {
            let draft = bill(bare(left).with(status, (3, 0), "30"), frequency);
            made.push((
                "frequency and patient status disagree",
                draft,
                format!("frequency {frequency}, status 30"),
            ));
        }
    }
    for (operator, draft, what) in made {
        w.add(operator, clm, draft, what);
    }
}

fn occurrences(w: &mut Work<'_>, claim: &Claim) {
    const OPERATOR: &str = "occurrence after the statement period";
    let Some(period) = w.find(claim.range.clone(), "2300", "DTP*434*").first().copied() else { return };
    let last = span(w.value(period, (3, 0))).1;
    for after in [1, 10, 365] {
        let late = day(last, after);
        match w.find(claim.range.clone(), "2300", "HI*BH:").first().copied() {
            Some(hi) => {
                for element in 1..w.original.segments[hi].text.len() {
                    w.changed(OPERATOR, hi, (element, 4), &late);
                }
            }
            None => {
                let place = w.place(claim.inside, "HI", "BH");
                let draft = w.draft().behind(place, &format!("HI*BH:11:D8:{late}"));
                w.add(OPERATOR, claim.clm, draft, format!("11 on {late}"));
            }
        }
    }
}

/// Visits in a hospital of which nobody says when it took the patient in.
fn visits(w: &mut Work<'_>) {
    for (claim, line) in w.lines() {
        let admitted = w.find(claim.range.clone(), "2300", "DTP*435*");
        for (place, code) in [("21", "99222"), ("21", "99232"), ("51", "99239"), ("61", "99235")] {
            let draft = w.draft().without(admitted.clone()).with(claim.clm, (5, 1), place);
            let draft = draft.with(line.service, (1, 2), code);
            w.add("stay without admission date", line.service, draft, format!("{code} in {place}"));
        }
    }
}
