//! Operators on services that ask for something beside them: another service, a modifier, a certificate; and on those too many.

use claimloop::schema::Guide;

use super::site::{ADD_ONS, DAYS, HOSPITAL_PAIRS, HOSPITAL_UNITS, PAIRS, UNITS};
use super::work::{Claim, Line, Work, amount};

/// Modifiers that say a line is there again on purpose, or stands apart.
const APART: &[&str] = &["25", "59", "76", "77", "91"];

pub fn mutants(w: &mut Work<'_>) {
    for (claim, line) in w.lines() {
        if w.procedure(&line).is_empty() || w.days(&claim, &line).is_none() {
            continue;
        }
        if !w.modifiers(&line).iter().any(|m| APART.contains(m)) {
            let draft = w.one_more(&claim, &line, "", true);
            w.add("line said again", line.service, draft, "once more");
            if !w.loops(line.range.clone(), "2430").is_empty() {
                // As earlier payers do with what they were sent twice.
                let draft = w.one_more(&claim, &line, "", false);
                w.add("line said again", line.service, draft, "once more, not decided");
            }
        }
        if w.guide != Guide::Dental && !w.is_inpatient(&claim) {
            pairs(w, &claim, &line);
            units(w, &claim, &line);
            add_ons(w, &claim, &line);
        }
        if w.guide == Guide::Professional {
            visits(w, &claim, &line);
            certificates(w, &claim, &line);
            modifiers(w, &claim, &line);
        }
    }
}

/// The line, then one more of a service that isn't paid beside it.
fn pairs(w: &mut Work<'_>, claim: &Claim, line: &Line) {
    let hospital = w.guide == Guide::Institutional;
    let code = w.procedure(line);
    for (first, second, indicator) in if hospital { HOSPITAL_PAIRS } else { PAIRS } {
        let other = match (code == *first, code == *second) {
            (true, _) => second,
            (_, true) => first,
            _ => continue,
        };
        let never = *indicator == 0;
        let operator =
            if never { "services never paid together" } else { "services paid with a modifier alone" };
        // A modifier that is there already sets them apart.
        if !never && w.modifiers(line).iter().any(|m| APART.contains(m)) {
            continue;
        }
        for more in ["", ":GA", ":59", ":XU"] {
            if never || matches!(more, "" | ":GA") {
                let draft = w.one_more(claim, line, &format!("HC:{other}{more}"), false);
                w.add(operator, line.service, draft, format!("beside {other}{more}"));
            }
        }
    }
}

fn units(w: &mut Work<'_>, claim: &Claim, line: &Line) {
    const OPERATOR: &str = "more units than are paid";
    let (hospital, code) = (w.guide == Guide::Institutional, w.procedure(line));
    let limits = if hospital { HOSPITAL_UNITS } else { UNITS };
    let Some((_, most, per)) = limits.iter().find(|(limited, ..)| *limited == code) else { return };
    let (first, last) = w.days(claim, line).unwrap();
    let days = i64::from((last - first).get_days()) + 1;
    for units in [most + 1, most * 10, 999] {
        w.changed(OPERATOR, line.service, (w.charge_at() + 2, 0), &amount(units * days * 100));
    }
    if *per > 1 && *most == 1 {
        let draft = w.one_more(claim, line, &format!("HC:{code}:91"), false);
        w.add(OPERATOR, line.service, draft, "on two lines");
    }
}

fn add_ons(w: &mut Work<'_>, claim: &Claim, line: &Line) {
    const OPERATOR: &str = "add-on without its service";
    for (more, primary) in ADD_ONS {
        w.changed(OPERATOR, line.service, (w.procedure_at(), 0), &format!("HC:{more}"));
        let draft = w.one_more(claim, line, &format!("HC:{more}"), false);
        w.add(OPERATOR, line.service, draft, format!("{more} without {primary}"));
    }
}

fn visits(w: &mut Work<'_>, claim: &Claim, line: &Line) {
    if w.procedure(line) != "99213" {
        return;
    }
    for (code, days) in DAYS.iter().filter(|(_, days)| *days != "XXX") {
        let operator =
            if *days == "090" { "visit beside a large procedure" } else { "visit beside a small procedure" };
        for visit in ["HC:99213", "HC:99213:GA", "HC:99214", "HC:92012"] {
            let draft =
                w.one_more(claim, line, &format!("HC:{code}"), false).with(line.service, (1, 0), visit);
            w.add(operator, line.service, draft, format!("{visit} beside {code}"));
        }
    }
}

fn certificates(w: &mut Work<'_>, claim: &Claim, line: &Line) {
    for (reference, operator, codes) in [
        ("REF*X4*", "laboratory without certificate", &["80053", "85025", "87804", "G0328:QW"][..]),
        ("REF*EW*", "mammogram without certificate", &["77067", "77067:TC", "77067:GA"][..]),
    ] {
        let mut shown = w.find(claim.range.clone(), "2300", reference);
        shown.extend(w.find(line.range.clone(), "2400", reference));
        for code in codes {
            let draft = w.draft().without(shown.clone()).with(line.service, (1, 0), &format!("HC:{code}"));
            w.add(operator, line.service, draft, code);
        }
    }
}

fn modifiers(w: &mut Work<'_>, claim: &Claim, line: &Line) {
    for place in ["02", "10"] {
        let service = w.draft().with(line.service, (1, 0), "HC:99213");
        let draft = service.clone().with(line.service, (5, 0), place);
        w.add("telehealth without modifier", line.service, draft, place);
        let draft = service.with(line.service, (5, 0), "").with(claim.clm, (5, 1), place);
        w.add("telehealth without modifier", line.service, draft, format!("{place}, of the claim"));
    }
    for therapy in ["97110", "97140:59", "92507", "97165:KX", "97530:59:KX"] {
        w.changed("therapy without its plan", line.service, (1, 0), &format!("HC:{therapy}"));
    }
}
