//! `claimloop remit`.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use jiff::Zoned;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::exit::{Exit, Failure};
use super::snippet::Snippets;
use super::table::{self, csv_text};
use crate::archive::{FileSource, hash};
use crate::edits::{EditSet, Finding, Rejection, Tolerances};
use crate::history::{AdjustmentClass, Dictionary, classify};
use crate::remit::{Remittance, week};
use crate::scrub::remittance;
use crate::scrub::{Other, survey::survey};
use crate::x12::element::decimal;
use crate::x12::outline::Outline;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Remittance files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Text for people; json, one object a file; csv, a row an adjustment.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The day the edits take for today; the machine's by default.
    #[arg(long)]
    today: Option<Date>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Csv,
}

struct Read {
    file: String,
    sha256: String,
    remittances: Vec<(Remittance, Vec<Finding>)>,
    findings: Vec<Finding>,
    rejections: Vec<Rejection>,
    outline: Outline,
}

pub fn run(args: &Args, out: &mut dyn Write, err: &mut dyn Write) -> Result<Exit, Failure> {
    let edits = EditSet::shipped()?;
    let today = args.today.unwrap_or_else(|| Zoned::now().date());
    let mut worst = Exit::Clean;
    if args.format == Format::Csv {
        csv_header(out)?;
    }
    for path in &args.files {
        let read = match read(path, &edits, today) {
            Ok(read) => read,
            Err(failure) if failure.exit == Exit::Clean => return Err(failure),
            Err(failure) => {
                writeln!(err, "claimloop: {failure}")?;
                worst = worst.max(failure.exit);
                continue;
            }
        };
        match args.format {
            Format::Json => {
                serde_json::to_writer(&mut *out, &to_json(&read))?;
                writeln!(out)?;
            }
            Format::Csv => csv_rows(&read, out)?,
            Format::Text => text(&read, path, &edits, out)?,
        }
        let balanced = read.remittances.iter().all(|(r, _)| r.is_balanced());
        if !(balanced && read.rejections.is_empty()) {
            worst = worst.max(Exit::Found);
        }
    }
    Ok(worst)
}

fn read(path: &Path, edits: &EditSet, today: Date) -> Result<Read, Failure> {
    let file = path.display().to_string();
    let failed = |e: std::io::Error| Failure::at(format!("reading {file}"), &e);
    let source = FileSource(path.to_owned());
    let (sha256, _) = hash(&source).map_err(failed)?;
    let survey = survey(&source, Other::Pass, Tolerances::all()).map_err(failed)?;
    let (top, rejections) = survey.envelopes(edits);
    let mut remittances = Vec::new();
    remittance::judged(&source, edits, today, &mut |remittance, own| remittances.push((remittance, own)))
        .map_err(failed)?;
    Ok(Read { file, sha256, remittances, findings: top, rejections, outline: survey.outline })
}

fn to_json(read: &Read) -> Value {
    let transactions: Vec<Value> = read.remittances.iter().map(|(r, own)| transaction(r, own)).collect();
    json!({
        "file": read.file,
        "sha256": read.sha256,
        "transactions": transactions,
        "findings": read.findings,
        "rejections": read.rejections,
    })
}

fn transaction(remittance: &Remittance, own: &[Finding]) -> Value {
    let claims: Vec<Value> = remittance
        .claims
        .iter()
        .map(|claim| {
            let (class, denied, adjustments) = classify(claim, Dictionary::shipped());
            let adjustments: Vec<Value> = adjustments
                .iter()
                .map(|a| {
                    json!({
                        "group": a.adjustment.group,
                        "carc": a.adjustment.carc,
                        "rarcs": a.rarcs,
                        "amount": decimal(a.adjustment.amount),
                        "line": a.line,
                        "class": a.class,
                    })
                })
                .collect();
            let lines: Vec<Value> = claim
                .lines
                .iter()
                .map(|l| {
                    let (charge, paid) = (decimal(l.charge), decimal(l.paid));
                    json!({ "procedure": l.procedure, "modifiers": l.modifiers, "charge": charge, "paid": paid })
                })
                .collect();
            json!({
                "claim": claim.claim,
                "payer_claim": claim.payer_claim,
                "status": claim.status,
                "charge": decimal(claim.charge),
                "paid": decimal(claim.paid),
                "patient_share": decimal(claim.patient_share),
                "class": class,
                "denied": decimal(denied),
                "adjustments": adjustments,
                "lines": lines,
            })
        })
        .collect();
    let provider: Vec<Value> = remittance
        .provider
        .iter()
        .map(|p| json!({ "reason": p.reason, "amount": decimal(p.amount) }))
        .collect();
    json!({
        "trn": remittance.trace,
        "payer": remittance.payer,
        "payee": remittance.payee,
        "amount": decimal(remittance.amount.unwrap_or(0)),
        "week": remittance.date.map(week),
        "balanced": remittance.is_balanced(),
        "claims": claims,
        "provider_adjustments": provider,
        "findings": own,
    })
}

fn csv_header(out: &mut dyn Write) -> Result<(), Failure> {
    let columns =
        "file,trn,payer,week,balanced,claim,class,line,procedure,group,carc,rarcs,amount,adjustment_class";
    Ok(writeln!(out, "{columns}")?)
}

/// A class as JSON spells it.
fn spelled(class: impl serde::Serialize) -> String {
    serde_json::to_value(class).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn csv_rows(read: &Read, out: &mut dyn Write) -> Result<(), Failure> {
    let mut writer = csv::Writer::from_writer(out);
    for (remittance, _) in &read.remittances {
        for claim in &remittance.claims {
            let (class, _, adjustments) = classify(claim, Dictionary::shipped());
            for a in adjustments {
                let line = a.line.and_then(|n| claim.lines.get(n - 1));
                let procedure = line.map(|l| l.procedure.as_str()).unwrap_or_default();
                let row = [
                    csv_text(&read.file),
                    csv_text(&remittance.trace),
                    csv_text(&remittance.payer),
                    remittance.date.map(week).unwrap_or_default(),
                    remittance.is_balanced().to_string(),
                    csv_text(&claim.claim),
                    spelled(class),
                    a.line.map(|n| n.to_string()).unwrap_or_default(),
                    csv_text(procedure),
                    csv_text(&a.adjustment.group),
                    csv_text(&a.adjustment.carc),
                    csv_text(&a.rarcs.join(" ")),
                    decimal(a.adjustment.amount),
                    spelled(a.class),
                ];
                writer.write_record(row).map_err(|e| Failure::at("writing output", &e))?;
            }
        }
    }
    Ok(writer.flush()?)
}

fn text(read: &Read, path: &Path, edits: &EditSet, out: &mut dyn Write) -> Result<(), Failure> {
    let source = FileSource(path.to_owned());
    let mut snippets = Snippets::new(&source, &read.file, edits, &read.outline);
    for r in &read.rejections {
        snippets.rejection(out, r)?;
    }
    for f in &read.findings {
        snippets.finding(out, String::new(), f)?;
    }
    for (remittance, own) in &read.remittances {
        for f in own {
            let whose = format!("remittance {}", remittance.trace);
            snippets.finding(out, whose, f)?;
        }
        let when = remittance.date.map(|d| d.strftime("%m/%d/%Y").to_string()).unwrap_or_default();
        let balance = if remittance.is_balanced() { "balanced" } else { "NOT balanced" };
        let paid = decimal(remittance.amount.unwrap_or(0));
        let (trace, payer) = (table::printable(&remittance.trace), table::printable(&remittance.payer));
        writeln!(out, "Remittance {trace} from {payer}, {when}: ${paid}, {balance}\n")?;
        let rows: Vec<Vec<String>> = remittance
            .claims
            .iter()
            .map(|claim| {
                let (class, denied, adjustments) = classify(claim, Dictionary::shipped());
                let why: BTreeSet<String> = adjustments
                    .iter()
                    .filter(|a| a.class == AdjustmentClass::Denial)
                    .map(|a| format!("{}-{}", a.adjustment.group, a.adjustment.carc))
                    .collect();
                let money = [claim.charge, claim.paid, claim.patient_share, denied].map(decimal);
                let mut row = vec![claim.claim.clone(), spelled(class).replace('_', " ")];
                row.extend(money);
                row.push(why.into_iter().collect::<Vec<_>>().join(" "));
                row
            })
            .collect();
        table::write(out, &["claim", "outcome", "charge", "paid", "patient", "denied", "why"], &rows)?;
        for p in &remittance.provider {
            writeln!(out, "provider adjustment {}: ${}", table::printable(&p.reason), decimal(p.amount))?;
        }
        writeln!(out)?;
    }
    if read.remittances.is_empty() {
        writeln!(out, "{}: no remittance could be read", read.file)?;
    }
    Ok(())
}
