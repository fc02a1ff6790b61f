//! `claimloop history denials|payments|claim|gaps|payers|unmapped|metrics|expected|outcomes|provider-adjustments|eft|sanity|export`.

use std::io::Write;
use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use jiff::civil::Date;
use serde_json::Value;

use super::exit::{Exit, Failure};
use super::held::answer;
use super::history_export::Shape;
use super::history_text as text;
use crate::daemon::control::{Asked, Question};
use crate::history::{Dimension, Weeks};
use crate::sheets;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

/// Whom to ask, and how to answer.
#[derive(Debug, clap::Args)]
struct Of {
    /// The daemon's state folder.
    #[arg(long, default_value = "state")]
    state: PathBuf,
    /// The daemon's configuration: where no daemon runs, it names the keys of a sealed state, the site's dictionary and payers.
    #[arg(long)]
    config: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Denials counted, most dollars first.
    Denials {
        /// What to count by: payer, group, carc, rarc, procedure, modifier, week, owner, category, consequence, leg, plan, place,
        /// diagnosis, billing, channel, kind, claim.
        #[arg(long, value_delimiter = ',', default_value = "payer,carc")]
        by: Vec<String>,
        #[command(flatten)]
        span: Span,
        #[command(flatten)]
        of: Of,
    },
    /// Claim payments and the claims of ours they are for; where that isn't certain, the candidates.
    Payments {
        #[command(flatten)]
        of: Of,
    },
    /// All that is known under a claim number: versions, answers, payments, where each stands.
    Claim {
        /// CLM01.
        claim: String,
        #[command(flatten)]
        of: Of,
    },
    /// Denials by what became of the edit that should have stopped them, most dollars first.
    Gaps {
        #[command(flatten)]
        span: Span,
        #[command(flatten)]
        of: Of,
    },
    /// Every payer: claims, payments, denials, days to payment.
    Payers {
        /// Only names on claims and on remittances that seem to be one payer and that no payer pack maps.
        #[arg(long)]
        unmapped: bool,
        #[command(flatten)]
        of: Of,
    },
    /// Reasons that the denial dictionary doesn't know, most dollars first.
    Unmapped {
        #[command(flatten)]
        of: Of,
    },
    /// The figures both teams steer by, each with what it is made of, by weeks in which claims came first.
    Metrics {
        #[command(flatten)]
        span: Span,
        /// As of this day.
        #[arg(long, value_name = "DATE")]
        today: Option<Date>,
        #[command(flatten)]
        of: Of,
    },
    /// Claims that should have been answered by now: their payer's usual time is over.
    Expected {
        /// As of this day.
        #[arg(long, value_name = "DATE")]
        today: Option<Date>,
        #[command(flatten)]
        of: Of,
    },
    /// What is odd about remittances and payments, by name, each with what to do: nothing of it stopped a file.
    Outcomes {
        #[command(flatten)]
        between: Between,
        #[command(flatten)]
        of: Of,
    },
    /// What was paid or taken outside claims (PLB): balances carried on and taken up, overpayments taken back, interest.
    ProviderAdjustments {
        /// Only what is not closed.
        #[arg(long)]
        open: bool,
        #[command(flatten)]
        of: Of,
    },
    /// A bank's list against the remittances: by number and amount, else by amount within 3 business days (holidays are not known).
    Eft {
        /// CSV with the columns date, amount, trace.
        bank: PathBuf,
        /// The day up to which the list goes; that of its last row where it isn't said.
        #[arg(long, value_name = "DATE")]
        until: Option<Date>,
        #[command(flatten)]
        of: Of,
    },
    /// Payments that look wrong: charges put on the patient that a contract forbids, lines allowed below the usual. What should have come and
    /// did not is in `history expected`.
    Sanity {
        #[command(flatten)]
        between: Between,
        #[command(flatten)]
        of: Of,
    },
    /// Post files of before (837, 835, 999, TA1, 277CA) to the history, without alerts: they went their way already, and go nowhere now. The
    /// daemon must not run. A file that was imported is passed over.
    Import {
        /// Folder with the files; folders in it are gone through, too.
        dir: PathBuf,
        /// Channel they are counted with.
        #[arg(long, default_value = "import")]
        channel: String,
        /// The daemon's state folder.
        #[arg(long, default_value = "state")]
        state: PathBuf,
        /// The daemon's configuration.
        #[arg(long)]
        config: Option<PathBuf>,
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Everything as tables: claims, payments, adjustments. The same facts give the same bytes.
    Export {
        /// Folder to write to; it is made where it isn't there.
        dir: PathBuf,
        /// The daemon's state folder.
        #[arg(long, default_value = "state")]
        state: PathBuf,
        /// The daemon's configuration.
        #[arg(long)]
        config: Option<PathBuf>,
        #[arg(long, value_enum, default_value_t = Shape::Csv)]
        format: Shape,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Csv,
}

/// Which weeks of payment.
#[derive(Clone, Debug, clap::Args)]
struct Between {
    /// First ISO week, 2026-W40.
    #[arg(long, value_name = "WEEK")]
    from: Option<String>,
    /// Last ISO week.
    #[arg(long, value_name = "WEEK")]
    to: Option<String>,
}

impl Between {
    fn weeks(&self) -> Result<Weeks, Failure> {
        Span { from: self.from.clone(), to: self.to.clone(), owner: None, channel: None }.weeks()
    }
}

/// Which weeks, and whose.
#[derive(Clone, Debug, clap::Args)]
struct Span {
    /// First ISO week, 2026-W40.
    #[arg(long, value_name = "WEEK")]
    from: Option<String>,
    /// Last ISO week.
    #[arg(long, value_name = "WEEK")]
    to: Option<String>,
    /// Only what this team works.
    #[arg(long)]
    owner: Option<String>,
    /// Only claims of this channel.
    #[arg(long)]
    channel: Option<String>,
}

impl Span {
    fn weeks(&self) -> Result<Weeks, Failure> {
        for week in self.from.iter().chain(&self.to) {
            let (year, number) = week.split_once("-W").unwrap_or_default();
            let number = if number.len() == 2 { number.parse().unwrap_or(0) } else { 0 };
            if year.len() != 4 || year.parse::<u16>().is_err() || !(1..=53).contains(&number) {
                return Err(Failure::usage(format!("{week:?} is no ISO week such as 2026-W40")));
            }
        }
        let of = |d, value: &Option<String>| value.clone().map(|value| (d, value));
        let only = [of(Dimension::Owner, &self.owner), of(Dimension::Channel, &self.channel)];
        let only = only.into_iter().flatten().collect();
        Ok(Weeks { from: self.from.clone(), to: self.to.clone(), only })
    }
}

pub fn run(args: &Args, out: &mut dyn Write) -> Result<Exit, Failure> {
    let (question, of) = match &args.command {
        Command::Denials { by, span, of } => return denials((by, span.weeks()?), of, out),
        Command::Export { dir, state, config, format } => {
            return super::history_export::run(dir, *format, (state, config.as_deref()), out);
        }
        Command::Import { dir, channel, state, config, format } => {
            let json = *format == Format::Json;
            return super::history_import::run(dir, channel, (state, config.as_deref()), json, out);
        }
        Command::Payments { of } => (Asked::Payments, of),
        Command::Claim { claim, of } => (Asked::Claim { claim: claim.clone() }, of),
        Command::Gaps { span, of } => (Asked::Gaps { weeks: span.weeks()? }, of),
        Command::Payers { of, .. } => (Asked::Payers, of),
        Command::Unmapped { of } => (Asked::Unmapped, of),
        Command::Metrics { span, today, of } => (Asked::Metrics { weeks: span.weeks()?, today: *today }, of),
        Command::Expected { today, of } => (Asked::Expected { today: *today }, of),
        Command::Outcomes { between, of } => (Asked::Outcomes { weeks: between.weeks()? }, of),
        Command::ProviderAdjustments { of, .. } => (Asked::ProviderAdjustments, of),
        Command::Eft { bank, until, of } => {
            (Asked::Eft { deposits: super::history_bank::read(bank)?, until: *until }, of)
        }
        Command::Sanity { between, of } => (Asked::Sanity { weeks: between.weeks()? }, of),
    };
    let mut value = answer(&of.state, &Question::History { asked: question }, of.config.as_deref())?;
    if let Command::Payers { unmapped: true, .. } = &args.command {
        value = value.get("unmapped").cloned().unwrap_or_default();
    }
    if let Command::ProviderAdjustments { open: true, .. } = &args.command
        && let Some(chains) = value.get_mut("chains").and_then(Value::as_array_mut)
    {
        chains.retain(|chain| chain.get("state").and_then(Value::as_str) != Some("closed"));
    }
    if of.format == Format::Json {
        serde_json::to_writer(&mut *out, &value)?;
        writeln!(out)?;
        return Ok(Exit::Clean);
    }
    if of.format == Format::Csv {
        // One table: what it comes to can be added up.
        value = match &args.command {
            Command::Outcomes { .. } => value.get("list").cloned().unwrap_or_default(),
            Command::ProviderAdjustments { .. } => value.get("chains").cloned().unwrap_or_default(),
            _ => value,
        };
    }
    if let (Command::Claim { .. }, Format::Text) = (&args.command, of.format) {
        text::claim(&value, out)?;
        return Ok(Exit::Clean);
    }
    let tables = text::tables(&value, matches!(&args.command, Command::Payers { unmapped: true, .. }));
    for (n, shown) in tables.iter().enumerate() {
        if of.format == Format::Csv {
            csv(&shown.columns, &shown.rows, out)?;
            continue;
        }
        if n > 0 {
            writeln!(out)?;
        }
        shown.write(out)?;
    }
    if let (Command::Metrics { .. }, Format::Text) = (&args.command, of.format) {
        text::definitions(&value, out)?;
    }
    Ok(Exit::Clean)
}

fn denials((by, weeks): (&[String], Weeks), of: &Of, out: &mut dyn Write) -> Result<Exit, Failure> {
    let question = Question::Denials { by: by.to_vec(), weeks };
    let value = answer(&of.state, &question, of.config.as_deref())?;
    if of.format == Format::Json {
        serde_json::to_writer(&mut *out, &value)?;
        writeln!(out)?;
        return Ok(Exit::Clean);
    }
    let header: Vec<&str> = by.iter().map(String::as_str).chain(["claims", "denials", "amount"]).collect();
    let rows = text::rows(value.get("rows"), &header);
    if of.format == Format::Csv {
        csv(&header, &rows, out)?;
        return Ok(Exit::Clean);
    }
    if rows.is_empty() {
        writeln!(out, "No denials are known.")?;
        return Ok(Exit::Clean);
    }
    text::people(out, &header, &rows)?;
    let of = |name| text::cell(value.get("total").and_then(|t| t.get(name)));
    let week = |name| text::cell(value.get(name));
    let (claims, denials, amount) = (of("claims"), of("denials"), text::money_cell(&of("amount")));
    writeln!(
        out,
        "\n{denials} denials on {claims} claims, {amount}, paid in {} to {}",
        week("from"),
        week("to")
    )?;
    Ok(Exit::Clean)
}

/// Only what came from a file can be hostile; numbers are ours.
fn csv(header: &[&str], rows: &[Vec<String>], out: &mut dyn Write) -> Result<(), Failure> {
    let mut writer = csv::Writer::from_writer(out);
    let failed = |e: csv::Error| Failure::at("writing output", &e);
    writer.write_record(header).map_err(failed)?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| harmless(cell))).map_err(failed)?;
    }
    writer.flush()?;
    Ok(())
}

pub(super) fn harmless(cell: &str) -> String {
    let number = cell.strip_prefix('-').unwrap_or(cell).bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if number { cell.to_owned() } else { sheets::harmless(cell) }
}
