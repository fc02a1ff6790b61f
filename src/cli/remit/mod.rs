//! `claimloop remit`.

mod json;
mod text;
mod words;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use jiff::Zoned;
use jiff::civil::Date;

use super::exit::{Exit, Failure};
use crate::archive::{FileSource, hash};
use crate::edits::{EditSet, Finding, Rejection, Tolerances};
use crate::history::{Dictionary, Paid, classify};
use crate::remit::{Remittance, week};
use crate::scrub::remittance;
use crate::scrub::{Other, survey::survey};
use crate::sheets::harmless;
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
                serde_json::to_writer(&mut *out, &json::file(&read))?;
                writeln!(out)?;
            }
            Format::Csv => csv_rows(&read, out)?,
            Format::Text => text::write(&read, path, &edits, out)?,
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
            let said = Paid::from(claim);
            let (class, _, adjustments) = classify(&said, Dictionary::shipped());
            for a in adjustments {
                let line = a.line.and_then(|n| claim.lines.get(n - 1));
                let procedure = line.map(|l| l.procedure.as_str()).unwrap_or_default();
                let row = [
                    harmless(&read.file),
                    harmless(&remittance.trace),
                    harmless(&remittance.payer),
                    remittance.date.map(week).unwrap_or_default(),
                    remittance.is_balanced().to_string(),
                    harmless(&claim.claim),
                    spelled(class),
                    a.line.map(|n| n.to_string()).unwrap_or_default(),
                    harmless(procedure),
                    harmless(&a.adjustment.group),
                    harmless(&a.adjustment.carc),
                    harmless(&a.rarcs.join(" ")),
                    decimal(a.adjustment.amount),
                    spelled(a.class),
                ];
                writer.write_record(row).map_err(|e| Failure::at("writing output", &e))?;
            }
        }
    }
    Ok(writer.flush()?)
}
