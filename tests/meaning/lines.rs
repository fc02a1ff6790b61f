//! Operators on what a line must say because of its service: diagnoses it points to, drugs, teeth, transports, orders.

use claimloop::schema::Guide;

use super::work::{Claim, Line, Work};

pub fn mutants(w: &mut Work<'_>) {
    for (claim, line) in w.lines() {
        pointers(w, &claim, &line);
        if w.guide == Guide::Dental {
            teeth(w, &line);
        } else {
            drugs(w, &line);
        }
        if w.guide == Guide::Professional {
            minutes(w, &line);
            transport(w, &claim, &line);
            orders(w, &claim, &line);
        }
    }
}

fn pointers(w: &mut Work<'_>, claim: &Claim, line: &Line) {
    let element = match w.guide {
        Guide::Professional => 7,
        Guide::Institutional => return,
        _ => 11,
    };
    let listed = w.find(claim.range.clone(), "2300", "HI*ABK:");
    let listed = listed.first().map_or(0, |hi| w.original.segments[*hi].text.len() - 1);
    let own: Vec<&str> = w.value(line.service, (element, 0)).split(':').filter(|p| !p.is_empty()).collect();
    for n in 1..=own.len() {
        for wrong in [listed + 1, listed + 3, 12] {
            let at = (element, n);
            w.changed("pointer to no diagnosis", line.service, at, &wrong.to_string());
        }
    }
    if !own.is_empty() && own.len() < 4 {
        let more = own.len() + 1;
        w.changed("pointer to no diagnosis", line.service, (element, more), &(listed + 1).to_string());
        for again in &own {
            w.changed("pointer twice on a line", line.service, (element, more), again);
        }
    }
}

fn drugs(w: &mut Work<'_>, line: &Line) {
    let lin = w.find(line.range.clone(), "2410", "LIN*").first().copied();
    let place = w.original.own(line.inside).last().unwrap();
    let right = "00000000001";
    for number in [
        "0000000001",
        "000000000001",
        "00000-0000-01",
        "0000000000O",
        "00000000000",
        "99999999999",
        "N400000001",
    ] {
        let draft = match lin {
            Some(lin) => w.draft().with(lin, (3, 0), number),
            None => w.draft().behind(place, &format!("LIN**N4*{number}~CTP****1*UN")),
        };
        w.add("drug number wrong", line.service, draft, number);
    }
    for quantity in ["0", "-1", "0.0"] {
        let draft = match w.find(line.range.clone(), "2410", "CTP*").first() {
            Some(ctp) => w.draft().with(*ctp, (4, 0), quantity),
            None => w.draft().behind(place, &format!("LIN**N4*{right}~CTP****{quantity}*UN")),
        };
        w.add("drug quantity zero", line.service, draft, quantity);
    }
}

fn teeth(w: &mut Work<'_>, line: &Line) {
    let teeth = w.find(line.range.clone(), "2400", "TOO*");
    for code in ["D2140", "D2331", "D2391", "D2394", "D2740", "D2750", "D3330", "D7140", "D7210"] {
        let draft = w.draft().without(teeth.clone()).with(line.service, (1, 2), code);
        w.add("tooth not named", line.service, draft, code);
    }
    for tooth in &teeth {
        w.changed("surfaces not named", *tooth, (3, 0), "");
    }
    let named = |tooth: &usize| w.value(*tooth, (3, 0)).split(':').count();
    let most = teeth.iter().map(named).max().unwrap_or(usize::MAX);
    for (surfaces, codes) in
        [(2, ["D2150", "D2331", "D2392"]), (3, ["D2160", "D2332", "D2393"]), (4, ["D2161", "D2335", "D2394"])]
    {
        for code in codes.into_iter().filter(|_| most < surfaces) {
            w.changed("more surfaces billed than named", line.service, (1, 2), code);
        }
    }
    let placed = w.find(line.range.clone(), "2400", "DTP*441*");
    let draft = w.draft().without(placed).with(line.service, (5, 0), "R");
    w.add("replacement without first placement", line.service, draft, "R");
}

fn minutes(w: &mut Work<'_>, line: &Line) {
    for code in ["00100", "00840", "01480", "01967"] {
        w.changed("anesthesia not in minutes", line.service, (1, 0), &format!("HC:{code}:AA"));
    }
    if w.value(line.service, (3, 0)) == "UN" {
        for count in ["15", "45"] {
            let draft = w.draft().with(line.service, (3, 0), "MJ").with(line.service, (4, 0), count);
            w.add("minutes of another service", line.service, draft, count);
        }
    }
}

/// A transport described on its line but for one thing.
fn transport(w: &mut Work<'_>, claim: &Claim, line: &Line) {
    if !w.find(claim.range.clone(), "", "CR1*").is_empty() {
        return;
    }
    let words = ["CR1*LB*154**A*DH*12", "CRC*07*Y*01"];
    let loops = [
        "NM1*PW*2~N3*5 TESTER LANE~N4*SPRINGFIELD*IL*627020002",
        "NM1*45*2~N3*600 SAMPLE STREET~N4*SPRINGFIELD*IL*627040002",
    ];
    let (service, own) = (line.service, w.original.own(line.inside).last().unwrap());
    for code in ["A0425", "A0427", "A0429", "A0431"] {
        for missing in 0..4 {
            let kept = |all: [&str; 2], first: usize| {
                let kept = all.into_iter().enumerate().filter(|(n, _)| n + first != missing);
                kept.map(|(_, text)| text).collect::<Vec<_>>().join("~")
            };
            let draft =
                w.draft().with(claim.clm, (5, 1), "41").with(service, (1, 0), &format!("HC:{code}:SH"));
            let draft = draft.behind(service, &kept(words, 0)).behind(own, &kept(loops, 2));
            let operator =
                if missing == 1 { "transport without condition" } else { "transport described in part" };
            w.add(
                operator,
                service,
                draft,
                format!("{code} without {}", ["CR1", "CRC", "PW", "45"][missing]),
            );
        }
    }
}

/// What is done only on an order, and nobody who ordered it.
fn orders(w: &mut Work<'_>, claim: &Claim, line: &Line) {
    const OPERATOR: &str = "order without who gave it";
    let named = |loop_id: &str, within| {
        let all = w.loops(within, loop_id);
        let opens = |i: &usize| w.value(*i, (0, 0)) == "NM1" && w.value(*i, (1, 0)) == "DN";
        if all.iter().any(opens) { all } else { Vec::new() }
    };
    let mut gone = named("2310A", claim.range.clone());
    gone.extend(named("2420F", line.range.clone()));
    gone.extend(w.loops(line.range.clone(), "2420E"));
    let draft = w.draft().without(gone);
    for code in ["99242", "99245", "99253"] {
        w.add(OPERATOR, line.service, draft.clone().with(line.service, (1, 0), &format!("HC:{code}")), code);
    }
    let sbr = *w.find(0..claim.clm, "2000B", "SBR*").last().unwrap();
    let member = *w.find(0..claim.clm, "2010BA", "NM1*IL*").last().unwrap();
    let medicare = draft.with(sbr, (9, 0), "MB").with(member, (9, 0), "2AA2AA2AA22");
    for code in ["85025", "71046", "78306", "L1832", "E0601"] {
        let draft = medicare.clone().with(line.service, (1, 0), &format!("HC:{code}"));
        w.add(OPERATOR, line.service, draft, format!("{code} to Medicare"));
    }
}
