//! `claimloop leadership`: the summary of a month or a quarter.

use std::io::Write;
use std::path::PathBuf;

use clap::ValueEnum;

use super::exit::{Exit, Failure};
use super::held::answer;
use crate::daemon::control::{OfPeriod, Question};
use crate::events;
use crate::huddle::leadership::Summary;
use crate::huddle::render::{self, Format};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// 2026-10; the last that is over where neither is named.
    #[arg(long, value_name = "MONTH", conflicts_with = "quarter")]
    month: Option<String>,
    /// 2026-Q3.
    #[arg(long, value_name = "QUARTER")]
    quarter: Option<String>,
    /// With a table by who bills; those with fewer than 11 claims are left out.
    #[arg(long)]
    providers: bool,
    /// What the site is called, at the head of the page.
    #[arg(long, value_name = "NAME", default_value = "Coding and billing")]
    site: String,
    /// The daemon's state folder.
    #[arg(long, default_value = "state")]
    state: PathBuf,
    /// The daemon's configuration: where no daemon runs, it names the keys of a sealed state, the site's dictionary and payers.
    #[arg(long)]
    config: Option<PathBuf>,
    /// How it is written, to standard output.
    #[arg(long, value_enum, default_value_t = Shape::Md)]
    format: Shape,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shape {
    Md,
    Html,
    Json,
}

pub fn run(args: &Args, out: &mut dyn Write) -> Result<Exit, Failure> {
    let period = args.month.clone().or_else(|| args.quarter.clone());
    let wanted = OfPeriod { period, providers: args.providers, site: args.site.clone() };
    let value = answer(&args.state, &Question::Leadership { wanted }, args.config.as_deref())?;
    let summary: Summary = serde_json::from_value(value)?;
    let format = match args.format {
        Shape::Md => Format::Md,
        Shape::Html => Format::Html,
        Shape::Json => Format::Json,
    };
    let written = render::summary(&summary, format).map_err(|e| Failure::plain(events::chain(&e)))?;
    out.write_all(&written)?;
    Ok(Exit::Clean)
}
