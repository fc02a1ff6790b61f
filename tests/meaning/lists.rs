//! Operators on what lists of the site say: providers, drugs, and what goes with what.

use claimloop::schema::Guide;

use super::site::{EXCLUDED, UNLISTED};
use super::work::{Claim, Draft, Line, Work};

pub fn mutants(w: &mut Work<'_>) {
    for nm1 in w.find(w.all(), "", "NM1*") {
        if w.value(nm1, (8, 0)) == "XX" {
            w.changed("NPI in no list", nm1, (9, 0), UNLISTED);
            w.changed("provider excluded", nm1, (9, 0), EXCLUDED);
        }
    }
    for lin in w.find(w.all(), "2410", "LIN*") {
        w.changed("drug number in no list", lin, (3, 0), "00000000009");
        w.changed("drug number of another service", lin, (3, 0), "00000000002");
    }
    for (claim, line) in w.lines() {
        match w.guide {
            Guide::Professional => professional(w, &claim, &line),
            Guide::Institutional if !w.is_inpatient(&claim) => hospital(w, &claim, &line),
            _ => {}
        }
    }
}

/// The claim's payer is Medicare, and the line's procedure this one.
fn medicare(w: &Work<'_>, claim: &Claim, line: &Line, procedure: &str) -> Draft {
    let sbr = *w.find(0..claim.clm, "2000B", "SBR*").last().unwrap();
    let member = w.find(sbr..claim.clm, "2010BA", "NM1*IL*")[0];
    let filing = if w.guide == Guide::Institutional { "MA" } else { "MB" };
    let draft = w.draft().with(sbr, (9, 0), filing).with(member, (9, 0), "2AA2AA2AA22");
    draft.with(line.service, (w.procedure_at(), 0), procedure)
}

fn professional(w: &mut Work<'_>, claim: &Claim, line: &Line) {
    for place in ["19", "21", "22"] {
        let draft = w.draft().with(line.service, (1, 0), "HC:92083").with(line.service, (5, 0), place);
        w.add("whole test in a hospital", line.service, draft, place);
    }
    for part in ["HC:20610:26", "HC:20610:59:TC"] {
        w.changed("part of what has none", line.service, (1, 0), part);
    }
    for sides in ["HC:20610:50", "HC:92083:59:50"] {
        w.changed("both sides of what has none", line.service, (1, 0), sides);
    }
    for procedure in ["HC:93000", "HC:93000:59"] {
        let draft = medicare(w, claim, line, procedure);
        w.add("diagnosis not covered", line.service, draft, procedure);
    }
    for drug in ["HC:J2003", "HC:J2003:59"] {
        let draft = medicare(w, claim, line, drug);
        w.add("single dose, nothing said", line.service, draft, drug);
    }
}

fn hospital(w: &mut Work<'_>, claim: &Claim, line: &Line) {
    for (operator, procedure) in [
        ("diagnosis not covered", "HC:93005"),
        ("single dose, nothing said", "HC:J2003"),
        ("inpatient service on an outpatient bill", "HC:27236"),
        ("inpatient service on an outpatient bill", "HC:27236:59"),
    ] {
        let draft = medicare(w, claim, line, procedure);
        w.add(operator, line.service, draft, procedure);
    }
    for revenue in ["0250", "0120"] {
        w.changed("revenue code of another procedure", line.service, (1, 0), revenue);
    }
}
