//! Operators on what a claim must say because of what it says elsewhere.

use claimloop::schema::{Guide, Usage};

use super::work::{Claim, Work};

pub fn mutants(w: &mut Work<'_>) {
    for claim in w.claims.clone() {
        replacement(w, &claim);
        attachments(w, &claim);
        if w.guide != Guide::Institutional {
            accident(w, &claim);
        }
        if w.guide == Guide::Professional {
            work(w, &claim);
            places(w, &claim);
        }
    }
    order_of_payers(w);
    organizations(w);
}

fn replacement(w: &mut Work<'_>, claim: &Claim) {
    let number = w.find(claim.range.clone(), "2300", "REF*F8*");
    for frequency in ["7", "8"] {
        let draft = w.draft().without(number.clone()).with(claim.clm, (5, 3), frequency);
        let what = format!("frequency {frequency}");
        w.add("replacement without the payer's number", claim.clm, draft, what);
    }
    let mut draft = w.draft().with(claim.clm, (5, 3), "1");
    if number.is_empty() {
        draft = draft.behind(w.place(claim.inside, "REF", "F8"), "REF*F8*PAYCTL0009");
    }
    w.add("first claim with the payer's number", claim.clm, draft, "frequency 1");
}

fn attachments(w: &mut Work<'_>, claim: &Claim) {
    const OPERATOR: &str = "attachment without control number";
    for pwk in w.find(claim.range.clone(), "", "PWK*") {
        if w.value(pwk, (2, 0)) != "AD" {
            let draft = w.draft().with(pwk, (5, 0), "").with(pwk, (6, 0), "");
            w.add(OPERATOR, pwk, draft, "without number");
        }
    }
    let kind = if w.guide == Guide::Dental { "RB" } else { "OZ" };
    // The last of the ten that a claim may have.
    let there = w.find(claim.range.clone(), "2300", "PWK*").len();
    let right = (there..9).map(|n| format!("PWK*{kind}*EL***AC*MORE{n:04}~")).collect::<String>();
    let draft = w.draft().behind(w.place(claim.inside, "PWK", ""), &format!("{right}PWK*{kind}*EL"));
    w.add(OPERATOR, claim.clm, draft, "the tenth");
    for by in ["BM", "EL", "EM", "FX", "FT"] {
        let segment = format!("PWK*{kind}*{by}");
        let draft = w.draft().behind(w.place(claim.inside, "PWK", ""), &segment);
        w.add(OPERATOR, claim.clm, draft, &segment);
        if w.guide != Guide::Dental {
            for line in &claim.lines {
                let draft = w.draft().behind(w.place(line.inside, "PWK", ""), &segment);
                w.add(OPERATOR, line.service, draft, &segment);
            }
        }
    }
}

fn accident(w: &mut Work<'_>, claim: &Claim) {
    let day = w.find(claim.range.clone(), "2300", "DTP*439*");
    for cause in ["AA:::IL", "OA", "AA:OA::IL", "OA:AA::IL", "EM:AA::IL", "EM:OA", "AA:::IL:US"] {
        let draft = w.draft().without(day.clone()).with(claim.clm, (11, 0), cause);
        w.add("accident without date", claim.clm, draft, cause);
    }
    for cause in ["AA", "AA:OA", "OA:AA", "EM:AA", "AA::::US", "AA::::CA", "OA:AA:::US"] {
        let mut draft = w.draft().with(claim.clm, (11, 0), cause);
        if day.is_empty() {
            draft = draft.behind(w.place(claim.inside, "DTP", "439"), "DTP*439*D8*20260930");
        }
        w.add("auto accident without state", claim.clm, draft, cause);
    }
    let draft = w.draft().without(day).with(claim.clm, (11, 0), "EM");
    w.add("work accident without date", claim.clm, draft, "EM");
}

fn work(w: &mut Work<'_>, claim: &Claim) {
    let sbr = w.find(0..claim.clm, "2000B", "SBR*");
    let sbr = *sbr.last().unwrap();
    let day = w.find(claim.range.clone(), "2300", "DTP*439*");
    for plan in ["12", "BL", "HM", "MC", "CH"] {
        for cause in ["EM", "AA:EM::IL"] {
            let mut draft = w.draft().with(sbr, (9, 0), plan).with(claim.clm, (11, 0), cause);
            if day.is_empty() {
                draft = draft.behind(w.place(claim.inside, "DTP", "439"), "DTP*439*D8*20260930");
            }
            w.add("work accident billed to a health plan", claim.clm, draft, format!("{cause} to {plan}"));
        }
    }
}

fn places(w: &mut Work<'_>, claim: &Claim) {
    const OPERATOR: &str = "foreign place of service not named";
    let mut named = w.loops(claim.range.clone(), "2310C");
    named.extend(w.loops(claim.range.clone(), "2420C"));
    for place in ["31", "32", "34", "61"] {
        let draft = w.draft().without(named.clone());
        w.add(OPERATOR, claim.clm, draft.clone().with(claim.clm, (5, 1), place), place);
        for line in &claim.lines {
            w.add(OPERATOR, line.service, draft.clone().with(line.service, (5, 0), place), place);
        }
    }
}

fn order_of_payers(w: &mut Work<'_>) {
    for sbr in w.find(w.all(), "2000B", "SBR*") {
        let claims = w.claims_of(sbr);
        let others: Vec<usize> = claims
            .iter()
            .flat_map(|c| {
                let range = w.claims[*c].range.clone();
                let named =
                    ["2320", "2330A", "2330B", "2330C", "2330D", "2330E", "2330F", "2330G", "2330H", "2330I"];
                let named = named.iter().flat_map(|l| w.loops(range.clone(), l)).collect::<Vec<_>>();
                [named, w.loops(range, "2430")].concat()
            })
            .collect();
        let first = w.value(sbr, (1, 0)) == "P";
        if first && !others.is_empty() {
            continue;
        }
        for place in ["S", "T", "A"] {
            let draft = w.draft().without(others.clone()).with(sbr, (1, 0), place);
            w.add("later payer without an earlier one", sbr, draft, place);
        }
        for claim in claims {
            for other in w.find(w.claims[claim].range.clone(), "2320", "SBR*P*") {
                let own = w.value(sbr, (1, 0));
                for place in ["S", "T", "B"].into_iter().filter(|p| *p != own) {
                    w.changed("no payer comes first", other, (1, 0), place);
                }
            }
        }
    }
}

/// Wherever the guide lets an organization stand, and a first name, a middle name or a suffix.
fn organizations(w: &mut Work<'_>) {
    const OPERATOR: &str = "organization with a person's name";
    for nm1 in w.find(w.all(), "", "NM1*") {
        let elements = &w.original.segments[nm1].entry.elements;
        let names: Vec<usize> =
            [4, 5, 7].into_iter().filter(|n| elements[n - 1].usage != Usage::NotUsed).collect();
        if !elements[1].codes.listed().contains(&"2") || names.is_empty() {
            continue;
        }
        if w.value(nm1, (2, 0)) == "2" {
            for name in names {
                w.changed(OPERATOR, nm1, (name, 0), ["ANN", "Q", "", "JR"][name - 4]);
            }
        } else if names.iter().any(|n| !w.value(nm1, (*n, 0)).is_empty()) {
            w.changed(OPERATOR, nm1, (2, 0), "2");
        }
    }
}
