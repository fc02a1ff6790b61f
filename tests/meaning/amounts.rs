//! Operators on amounts that must add up: totals, lines, and what earlier payers paid and adjusted.

use claimloop::schema::Guide;

use super::work::{Claim, Work, amount, cents};

/// Amounts as they go wrong: a cent, a dollar, a digit slipped, two digits swapped.
fn wrong(value: &str) -> Vec<String> {
    let right = cents(value);
    let mut digits: Vec<u8> = value.bytes().collect();
    if let Some(n) =
        (1..digits.len()).find(|n| digits[*n] != digits[n - 1] && digits[*n] != b'.' && digits[n - 1] != b'.')
    {
        digits.swap(n - 1, n);
    }
    let swapped = cents(std::str::from_utf8(&digits).unwrap());
    let mut all = vec![right + 1, right - 1, right + 100, right - 100, right * 10, right / 10, swapped];
    all.retain(|c| *c >= 0 && *c != right);
    all.sort_unstable();
    all.dedup();
    all.into_iter().map(amount).collect()
}

pub fn mutants(w: &mut Work<'_>) {
    for claim in w.claims.clone() {
        totals(w, &claim);
        earlier(w, &claim);
        patient(w, &claim);
        days(w, &claim);
    }
}

/// Days that value codes count of a stay.
fn days(w: &mut Work<'_>, claim: &Claim) {
    if !w.is_inpatient(claim) {
        return;
    }
    for hi in w.find(claim.range.clone(), "2300", "HI*BE:80:") {
        let covered: i64 = w.value(hi, (1, 5)).parse().unwrap();
        for off in [covered + 1, covered - 1, covered * 10] {
            w.changed("days of a stay off", hi, (1, 5), &off.to_string());
        }
        let next = w.original.segments[hi].text.len();
        for code in ["82", "83"] {
            let more = format!("BE:{code}:::{}", covered + 1);
            w.changed("coinsurance days above the covered", hi, (next, 0), &more);
        }
        if next == 2 {
            w.changed("days of a stay off", hi, (next, 0), "BE:81:::2");
        }
    }
}

fn totals(w: &mut Work<'_>, claim: &Claim) {
    let charge = (w.charge_at(), 0);
    for value in wrong(w.value(claim.clm, (2, 0))) {
        w.changed("claim total off", claim.clm, (2, 0), &value);
    }
    for (n, line) in claim.lines.iter().enumerate() {
        for value in wrong(w.value(line.service, charge)) {
            w.changed("line charge off", line.service, charge, &value);
        }
        let again = w.one_more(claim, line, "", false).with(claim.clm, (2, 0), w.value(claim.clm, (2, 0)));
        w.add("line more than the total", line.service, again, "once more");
        if claim.lines.len() > 1 {
            let mut draft = w.draft().without(line.range.clone());
            for (later, line) in claim.lines.iter().enumerate().skip(n + 1) {
                draft = draft.with(line.range.start, (1, 0), &later.to_string());
            }
            w.add("line less than the total", claim.clm, draft, format!("without line {}", n + 1));
        }
        if w.guide == Guide::Institutional {
            for more in [1, 100, 100_000] {
                let value = amount(cents(w.value(line.service, charge)) + more);
                w.changed("non-covered charge above the line's", line.service, (7, 0), &value);
            }
        }
    }
    for negative in ["", "-"] {
        let zero = |value: &str| if negative.is_empty() { "0".to_owned() } else { format!("-{value}") };
        let mut draft = w.draft().with(claim.clm, (2, 0), &zero(w.value(claim.clm, (2, 0))));
        for line in &claim.lines {
            draft = draft.with(line.service, charge, &zero(w.value(line.service, charge)));
        }
        w.add("nothing charged", claim.clm, draft, if negative.is_empty() { "zero" } else { "negative" });
    }
}

/// Amounts in a CAS.
fn adjustments(w: &Work<'_>, cas: usize) -> Vec<(usize, usize)> {
    (3..=18).step_by(3).map(|n| (n, 0)).filter(|at| !w.value(cas, *at).is_empty()).collect()
}

fn earlier(w: &mut Work<'_>, claim: &Claim) {
    let range = || claim.range.clone();
    for svd in w.find(range(), "2430", "SVD*") {
        for value in wrong(w.value(svd, (2, 0))) {
            w.changed("earlier payment of a line off", svd, (2, 0), &value);
        }
        let payer = w.value(svd, (1, 0)).to_owned();
        let cut = &payer[..payer.len() - 1];
        for other in [format!("{cut}8"), cut.to_owned(), payer.replacen('0', "O", 1), format!("0{payer}")] {
            w.changed("line decided by another payer", svd, (1, 0), &other);
        }
    }
    for (loop_id, off, gone) in [
        ("2430", "earlier adjustment of a line off", "earlier adjustment of a line left out"),
        ("2320", "earlier adjustment of the claim off", "earlier adjustment of the claim left out"),
    ] {
        for cas in w.find(range(), loop_id, "CAS*") {
            for at in adjustments(w, cas) {
                for value in wrong(w.value(cas, at)) {
                    w.changed(off, cas, at, &value);
                }
            }
            let draft = w.draft().without([cas]);
            w.add(gone, cas, draft, "left out");
        }
    }
    for amt in w.find(range(), "2320", "AMT*D*") {
        for value in wrong(w.value(amt, (2, 0))) {
            w.changed("earlier payment off", amt, (2, 0), &value);
        }
        let draft = w.draft().without([amt]);
        w.add("earlier payment left out", amt, draft, "left out");
    }
}

fn patient(w: &mut Work<'_>, claim: &Claim) {
    if w.guide == Guide::Institutional {
        return;
    }
    let charge = cents(w.value(claim.clm, (2, 0)));
    for value in [charge + 1, charge + 100, charge * 10, -1, -2000].map(amount) {
        match w.find(claim.range.clone(), "2300", "AMT*F5*").first() {
            Some(amt) => w.changed("patient paid more than charged", *amt, (2, 0), &value),
            None => {
                let place = w.place(claim.inside, "AMT", "F5");
                let draft = w.draft().behind(place, &format!("AMT*F5*{value}"));
                w.add("patient paid more than charged", claim.clm, draft, format!("with {value}"));
            }
        }
    }
}
