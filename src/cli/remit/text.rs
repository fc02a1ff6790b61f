//! A remittance as a person who bills reads one. It names patients: whoever asks for it has the file.

use std::io::Write;
use std::path::Path;

use super::words::{day, days, id_kind, method, units, who_owes};
use super::{Read, spelled};
use crate::archive::FileSource;
use crate::cli::exit::Failure;
use crate::cli::snippet::Snippets;
use crate::cli::table::money;
use crate::cli::table::printable;
use crate::edits::{EditSet, Finding};
use crate::history::{Dictionary, Paid, classify};
use crate::remit::{Adjustment, ClaimPayment, Named, Party, Remittance, ServicePayment};
use crate::x12::{Cents, FaultKind};

/// Writes a file's remittances, each with its balance and what the edits say of it.
pub(super) fn write(read: &Read, path: &Path, edits: &EditSet, out: &mut dyn Write) -> Result<(), Failure> {
    let source = FileSource(path.to_owned());
    let mut snippets = Snippets::new(&source, &read.file, edits, &read.outline);
    for r in &read.rejections {
        snippets.rejection(out, r)?;
    }
    for f in &read.findings {
        snippets.finding(out, String::new(), f)?;
    }
    for (remittance, own) in &read.remittances {
        head(remittance, out)?;
        for claim in &remittance.claims {
            self::claim(claim, out)?;
        }
        provider(remittance, out)?;
        balance(remittance, own, out)?;
        for f in own {
            let whose = format!("remittance {}", remittance.trace);
            snippets.finding(out, whose, f)?;
        }
    }
    if read.remittances.is_empty() {
        writeln!(out, "{}: no remittance could be read", read.file)?;
    }
    Ok(())
}

fn head(remittance: &Remittance, out: &mut dyn Write) -> Result<(), Failure> {
    let trace = printable(&remittance.trace);
    let amount = money(remittance.amount.unwrap_or(0));
    let method = method(remittance.payment.method.as_str());
    let test = if remittance.test { ", a test" } else { "" };
    writeln!(out, "REMITTANCE {trace}{test}")?;
    writeln!(out, "  payer   {}", party(&remittance.payer_party, &remittance.payer))?;
    for contact in &remittance.payer_party.contacts {
        let numbers = contact.numbers.iter().map(|(kind, number)| match kind.as_str() {
            "EX" => format!("extension {number}"),
            "FX" => format!("fax {number}"),
            _ => number.clone(),
        });
        let numbers: Vec<String> = numbers.collect();
        let words = [contact.name.as_str(), &numbers.join(", ")].join(" ");
        writeln!(out, "          {}", printable(words.trim()))?;
    }
    writeln!(out, "  payee   {}", party(&remittance.payee_party, &remittance.payee))?;
    writeln!(out, "  paid    {amount} on {}, {method} {trace}", day(remittance.date))?;
    if remittance.produced.is_some() && remittance.produced != remittance.date {
        writeln!(out, "  claims decided up to {}", day(remittance.produced))?;
    }
    Ok(writeln!(out)?)
}

/// Name, number and town of payer or payee; `named` where it has no name.
fn party(party: &Party, named: &str) -> String {
    let name = if party.name.is_empty() { named } else { &party.name };
    let number = if party.id.is_empty() { named } else { &party.id };
    let number = if number == name {
        String::new()
    } else {
        format!(" ({}{number})", id_kind(party.id_kind.as_str()))
    };
    let town = [party.city.as_str(), &party.state, &party.zip].join(" ");
    let mut place = party.street.clone();
    place.push(town.trim().to_owned());
    let place: Vec<String> = place.into_iter().filter(|p| !p.is_empty()).collect();
    let place = if place.is_empty() { String::new() } else { format!(", {}", place.join(", ")) };
    printable(&format!("{name}{number}{place}"))
}

fn claim(claim: &ClaimPayment, out: &mut dyn Write) -> Result<(), Failure> {
    let said = Paid::from(claim);
    let (class, denied, _) = classify(&said, Dictionary::shipped());
    let patient = claim.patient().map(name).unwrap_or_default();
    writeln!(out, "CLAIM {}  {patient}", printable(&claim.claim))?;
    let outcome = spelled(class).replace('_', " ");
    writeln!(
        out,
        "  {} (status {}); payer's number {}; outcome: {outcome}",
        claim.status_words(),
        printable(&claim.status),
        printable(&claim.payer_claim)
    )?;
    let dates = claim.service_dates().map(|d| format!("services of {}", days(Some(d))));
    let received = claim.received.map(|d| format!("received {}", day(Some(d))));
    let ended = claim.coverage_end.map(|d| format!("coverage ended {}", day(Some(d))));
    let drg = Some(&claim.drg).filter(|d| !d.is_empty()).map(|d| printable(&format!("DRG {d}")));
    let dates: Vec<String> = [dates, received, ended, drg].into_iter().flatten().collect();
    if !dates.is_empty() {
        writeln!(out, "  {}", dates.join("; "))?;
    }
    for (role, words) in ROLES {
        if let Some(named) = claim.named(role) {
            writeln!(out, "  {words}: {}", name(named))?;
        }
    }
    let owes = claim.patient_owes();
    let mut sums = vec![
        ("charged", claim.charge),
        ("allowed", claim.allowed()),
        ("paid", claim.paid),
        ("patient owes", owes),
    ];
    if denied != 0 {
        sums.push(("denied", denied));
    }
    let sums: Vec<String> =
        sums.into_iter().map(|(word, cents)| format!("{word} {}", money(cents))).collect();
    writeln!(out, "  {}", sums.join("   "))?;
    adjustments(&claim.adjustments, &claim.rarcs, "  ", out)?;
    for (n, line) in claim.lines.iter().enumerate() {
        self::line(n + 1, line, out)?;
    }
    Ok(writeln!(out)?)
}

/// Who else is told of, and how.
const ROLES: [(&str, &str); 6] = [
    ("IL", "insured"),
    ("74", "corrected to"),
    ("82", "given by"),
    ("TT", "sent on to"),
    ("PR", "pays first, the payer says"),
    ("GB", "other insured"),
];

/// Name and number.
fn name(named: &Named) -> String {
    let (name, id) = (named.full_name(), named.id.expose());
    let id = if id.is_empty() { String::new() } else { format!(" ({id})") };
    printable(format!("{}{id}", name.expose()).trim())
}

fn line(n: usize, line: &ServicePayment, out: &mut dyn Write) -> Result<(), Failure> {
    let procedure = [std::slice::from_ref(&line.procedure), &line.modifiers].concat().join(" ");
    let revenue = if line.revenue.is_empty() { String::new() } else { format!(" revenue {}", line.revenue) };
    let what = printable(&format!("{procedure}{revenue}"));
    writeln!(
        out,
        "  {n:>3}  {what:<20} {:<10} {:>8}   charged {:>10}  allowed {:>10}  paid {:>10}",
        days(line.dates),
        units(line.units.unwrap_or(1_000_000)),
        money(line.charge),
        money(line.allowed()),
        money(line.paid)
    )?;
    let billed = line.billed.as_ref().filter(|_| line.is_recoded());
    let billed = billed
        .map(|b| printable(&[std::slice::from_ref(&b.code), b.modifiers.as_slice()].concat().join(" ")));
    let number = line.billed_units.filter(|b| Some(*b) != line.units).map(units);
    let billed: Vec<String> = [billed, number].into_iter().flatten().collect();
    if !billed.is_empty() {
        writeln!(out, "       billed as {}", billed.join(", "))?;
    }
    adjustments(&line.adjustments, &line.rarcs, "       ", out)
}

fn adjustments(
    all: &[Adjustment],
    remarks: &[String],
    indent: &str,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    for a in all {
        let code = printable(&format!("{}-{}", a.group, a.carc));
        let meaning = Dictionary::shipped().get(&a.carc).map_or("not in the dictionary", |m| &m.means);
        let cut = a.quantity.map(|q| format!(", {}", units(q))).unwrap_or_default();
        writeln!(
            out,
            "{indent}{code:<7} {:>10}  {:<28}  {meaning}{cut}",
            money(a.amount),
            who_owes(&a.group)
        )?;
    }
    if !remarks.is_empty() {
        writeln!(out, "{indent}remarks {}", printable(&remarks.join(" ")))?;
    }
    Ok(())
}

fn provider(remittance: &Remittance, out: &mut dyn Write) -> Result<(), Failure> {
    if remittance.provider.is_empty() {
        return Ok(());
    }
    writeln!(out, "OUTSIDE ANY CLAIM")?;
    for p in &remittance.provider {
        let effect = if p.amount < 0 { "added to the payment" } else { "taken from the payment" };
        let amount = money(p.amount.saturating_abs());
        let reference =
            if p.reference.is_empty() { String::new() } else { format!(", for {}", printable(&p.reference)) };
        let reason = printable(&p.reason);
        writeln!(out, "  {reason:<3} {amount:>12}  {effect:<22}  {}{reference}", p.words())?;
    }
    Ok(writeln!(out)?)
}

fn balance(remittance: &Remittance, own: &[Finding], out: &mut dyn Write) -> Result<(), Failure> {
    let sum = |amounts: &mut dyn Iterator<Item = Cents>| amounts.fold(0, |s: Cents, a| s.saturating_add(a));
    let claims = sum(&mut remittance.claims.iter().map(|c| c.paid));
    let outside = sum(&mut remittance.provider.iter().map(|p| p.amount));
    let wrong =
        |kinds: &[FaultKind]| remittance.faults.iter().filter(|(_, f)| kinds.contains(&f.kind)).count();
    let verdict = |all: usize, wrong: usize, what: &str| match wrong {
        0 => format!("{all} {what}: balanced"),
        wrong => format!("{all} {what}: {wrong} NOT balanced"),
    };
    let lines = remittance.claims.iter().map(|c| c.lines.len()).sum();
    let claim_faults = [FaultKind::ClaimOutOfBalance, FaultKind::ClaimAdjustmentRepeated];
    writeln!(out, "BALANCE")?;
    writeln!(out, "  {}", verdict(lines, wrong(&[FaultKind::LineOutOfBalance]), "lines"))?;
    writeln!(out, "  {}", verdict(remittance.claims.len(), wrong(&claim_faults), "claim payments"))?;
    let stands = if wrong(&[FaultKind::TransactionOutOfBalance]) == 0 { "balanced" } else { "NOT balanced" };
    writeln!(
        out,
        "  remittance: claims {} less {} outside is {}, paid {}: {stands}",
        money(claims),
        money(outside),
        money(claims.saturating_sub(outside)),
        money(remittance.amount.unwrap_or(0))
    )?;
    let held = own.iter().filter(|f| f.stops()).count();
    let told = own.len().saturating_sub(held);
    Ok(writeln!(out, "  findings: {held} to look at before posting, {told} more\n")?)
}
