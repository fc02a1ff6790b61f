//! Operators on codes and numbers that lists, shapes or check digits tell right from wrong.

use claimloop::schema::Guide;

use super::site::ENDED;
use super::work::{Claim, Line, Work, day, span};

pub fn mutants(w: &mut Work<'_>) {
    numbers(w);
    states(w);
    for claim in w.claims.clone() {
        diagnoses(w, &claim);
        if w.guide == Guide::Institutional {
            bill(w, &claim);
        } else {
            for place in ["00", "28", "98", "9A"] {
                w.changed("place of service unknown", claim.clm, (5, 1), place);
            }
        }
    }
    for (_, line) in w.lines() {
        procedure(w, &line);
        if w.guide == Guide::Institutional {
            revenue(w, &line);
        } else {
            let element = if w.guide == Guide::Dental { 3 } else { 5 };
            for place in ["00", "98"] {
                w.changed("place of service unknown", line.service, (element, 0), place);
            }
        }
        if w.guide != Guide::Dental && !w.procedure(&line).is_empty() {
            modifiers(w, &line);
        }
    }
}

/// Two neighbours that differ, from the right, change places.
fn swapped(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    if let Some(n) = (1..bytes.len()).rev().find(|n| bytes[*n] != bytes[n - 1]) {
        bytes.swap(n - 1, n);
    }
    String::from_utf8(bytes).unwrap()
}

/// A digit one up, nine to nought.
fn up(text: &str, n: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    bytes[n] = if bytes[n] == b'9' { b'0' } else { bytes[n] + 1 };
    String::from_utf8(bytes).unwrap()
}

fn numbers(w: &mut Work<'_>) {
    for nm1 in w.find(w.all(), "", "NM1*") {
        if w.value(nm1, (8, 0)) != "XX" {
            continue;
        }
        let npi = w.value(nm1, (9, 0));
        for wrong in [up(npi, 9), up(npi, 4), swapped(npi), npi[..9].to_owned(), npi.replacen('0', "O", 1)] {
            w.changed("NPI wrong", nm1, (9, 0), &wrong);
        }
    }
    for start in ["REF*EI*", "REF*SY*"] {
        for number in w.find(w.all(), "", start) {
            let right = w.value(number, (2, 0));
            let hyphen = format!("{}-{}", &right[..2], &right[2..]);
            let letter = format!("{}O", &right[..8]);
            let ten = format!("{right}0");
            for wrong in [&*hyphen, &*letter, &*ten, &right[..8], "000000000", "999999999"] {
                w.changed("tax number wrong", number, (2, 0), wrong);
            }
        }
    }
    for dmg in w.find(w.all(), "", "DMG*") {
        let inside = w.original.segments[dmg].inside;
        if w.find(w.all(), "", "REF*SY*").iter().any(|i| w.original.segments[*i].inside == inside) {
            continue;
        }
        let draft = w.draft().behind(w.place(inside, "REF", "SY"), "REF*SY*900-00-0001");
        w.add("tax number wrong", dmg, draft, "with a hyphen");
    }
    for prv in w.find(w.all(), "", "PRV*") {
        if w.value(prv, (2, 0)) != "PXC" {
            continue;
        }
        let right = w.value(prv, (3, 0));
        let point = format!("{}.{}", &right[..4], &right[5..]);
        for wrong in [&*point, &right[..9], &format!("{}0", &right[..9]), &format!("{right}X"), "DENTIST"] {
            w.changed("taxonomy off its shape", prv, (3, 0), wrong);
        }
        for wrong in ["207Z99999X", "207QA0000X"] {
            w.changed("taxonomy not in the list", prv, (3, 0), wrong);
        }
    }
    if w.guide == Guide::Dental {
        return;
    }
    for sbr in w.find(w.all(), "2000B", "SBR*") {
        let inside = w.original.segments[sbr].inside;
        let member = w.find(sbr..w.original.segments.len(), "2010BA", "NM1*IL*")[0];
        let medicare = if w.guide == Guide::Institutional { "MA" } else { "MB" };
        for number in
            ["900000001A", "2AA2AAOAA22", "0AA2AA2AA22", "2AA2-AA2-AA22", "2SA2AA2AA22", "2AA2AA2AA2"]
        {
            let draft = w.draft().with(sbr, (9, 0), medicare).with(member, (9, 0), number);
            w.add("Medicare number wrong", w.original.loops[inside].first, draft, number);
        }
    }
}

fn states(w: &mut Work<'_>) {
    for n4 in w.find(w.all(), "", "N4*") {
        if matches!(w.value(n4, (4, 0)), "" | "US") && !w.value(n4, (2, 0)).is_empty() {
            for state in ["XX", "IM"] {
                w.changed("state unknown", n4, (2, 0), state);
            }
        }
    }
}

fn diagnoses(w: &mut Work<'_>, claim: &Claim) {
    for hi in w.find(claim.range.clone(), "2300", "HI*") {
        for element in 1..w.original.segments[hi].text.len() {
            if !matches!(w.value(hi, (element, 1)), "ABK" | "ABF" | "ABJ" | "APR" | "ABN") {
                continue;
            }
            let right = w.value(hi, (element, 2));
            let cut = right[..right.len() - 1].trim_end_matches('X').to_owned();
            let point = format!("{}.{}", &right[..3], &right[3..]);
            let letter = right.replace('0', "O");
            for wrong in [&*cut, &*point, &*letter, "I498", "A047", "ZZ99", "4019"] {
                w.changed("diagnosis not valid", hi, (element, 2), wrong);
            }
            if w.value(hi, (element, 1)) == "ABK" {
                for cause in ["W010XXA", "V892XXA", "X58XXXA", "Y92009"] {
                    w.changed("external cause first", hi, (element, 2), cause);
                }
            }
        }
    }
}

/// Elements of the claim's HI segments that begin so; where there is none, a new one with a code that is right stands in.
fn bill(w: &mut Work<'_>, claim: &Claim) {
    let period = w.find(claim.range.clone(), "2300", "DTP*434*")[0];
    let first = day(span(w.value(period, (3, 0))).0, 0);
    for (kind, tail, wrong) in [
        ("BG", String::new(), ["ZQ", "99"]),
        ("BH", format!(":D8:{first}"), ["ZQ", "99"]),
        ("BI", format!(":RD8:{first}-{first}"), ["ZQ", "99"]),
        ("BE", ":::1".to_owned(), ["ZQ", "99"]),
        ("BBR", format!(":D8:{first}"), ["02HV33O", "02HV33"]),
        ("BBR", format!(":D8:{first}"), ["0000000", "0370046"]),
        ("BBQ", format!(":D8:{first}"), ["0DTJ4Z", "4A023NO"]),
    ] {
        let operator =
            if kind.len() == 3 { "procedure of a stay not valid" } else { "code of a bill unknown" };
        if kind.len() == 3 && !w.is_inpatient(claim) {
            continue;
        }
        for code in wrong {
            let all = w.find(claim.range.clone(), "2300", &format!("HI*{kind}:"));
            for hi in &all {
                for element in 1..w.original.segments[*hi].text.len() {
                    w.changed(operator, *hi, (element, 2), code);
                }
            }
            if all.is_empty() {
                let mut segment = format!("HI*{kind}:{code}{tail}");
                if kind == "BBQ" {
                    segment = format!("HI*BBR:02HV33Z:D8:{first}~{segment}");
                }
                let draft = w.draft().behind(w.place(claim.inside, "HI", kind), &segment);
                w.add(operator, claim.clm, draft, segment);
            }
        }
    }
    let status = w.find(claim.range.clone(), "2300", "CL1*")[0];
    for wrong in ["98", "08", "10", "00"] {
        w.changed("discharge status unknown", status, (3, 0), wrong);
    }
    for wrong in ["19", "31", "73", "99"] {
        w.changed("bill type unknown", claim.clm, (5, 1), wrong);
    }
}

fn procedure(w: &mut Work<'_>, line: &Line) {
    let (code, at) = (w.procedure(line), (w.procedure_at(), 2));
    if code.is_empty() {
        return;
    }
    if w.guide == Guide::Dental {
        for wrong in [ENDED[2], "D9998", "DO120", "D239", "D23911"] {
            w.changed("dental code not valid", line.service, at, wrong);
        }
        return;
    }
    for wrong in [ENDED[0], "J9998", "G0999"] {
        w.changed("HCPCS code not valid", line.service, at, wrong);
    }
    for wrong in [ENDED[1], "99219", "0001T", "9300F", &up(&swapped(code), 4)] {
        w.changed("CPT code not valid", line.service, at, wrong);
    }
    for wrong in [&code[..4], &format!("{}O{}", &code[..2], &code[3..])] {
        w.changed("procedure code of no shape", line.service, at, wrong);
    }
}

fn revenue(w: &mut Work<'_>, line: &Line) {
    for wrong in ["0101", "9999", "0259"] {
        w.changed("revenue code unknown", line.service, (1, 0), wrong);
    }
    w.changed("total line of a paper bill", line.service, (1, 0), "0001");
}

fn modifiers(w: &mut Work<'_>, line: &Line) {
    let (own, element) = (w.modifiers(line), w.procedure_at());
    let mut unknown: Vec<usize> = (3..3 + own.len()).collect();
    unknown.extend((own.len() < 4).then_some(3 + own.len()));
    for component in unknown {
        for wrong in ["5O", "Z9", "0Z"] {
            w.changed("modifier unknown", line.service, (element, component), wrong);
        }
    }
    let code = w.procedure(line);
    let with = |modifiers: &str| format!("HC:{code}:{modifiers}");
    for twice in ["25:25", "59:GA:59", "GA:59:59", "76:59:GA:59", "76:59:GA:GA"].map(with) {
        w.changed("modifier twice on a line", line.service, (element, 0), &twice);
    }
    for pair in [
        "26:TC", "TC:26", "50:LT", "RT:50", "59:XU", "XE:59", "76:77", "52:53", "58:78", "80:82", "93:95",
        "AA:QZ", "26:59:TC", "59:GA:XS",
    ]
    .map(with)
    {
        w.changed("modifiers exclude each other", line.service, (element, 0), &pair);
    }
    if w.guide == Guide::Professional {
        for sides in ["RT:LT", "LT:RT", "RT:GA:LT", "76:LT:RT", "76:GA:RT:LT", "LT:76:GA:RT"].map(with) {
            w.changed("right and left on one line", line.service, (element, 0), &sides);
        }
    }
}
