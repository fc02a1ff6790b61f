//! `claimloop purge`.

use std::io::Write;
use std::path::PathBuf;

use jiff::civil::Date;

use super::TextOrJson;
use super::exit::{Exit, Failure};
use super::held::answer;
use crate::daemon::control::Question;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Claim files that came before this day may go.
    #[arg(long, value_name = "YYYY-MM-DD")]
    before: Date,
    /// Only say what would go.
    #[arg(long)]
    dry_run: bool,
    /// The daemon's state folder.
    #[arg(long, default_value = "state")]
    state: PathBuf,
    /// The daemon's configuration: it names the keys of a sealed state, where no daemon runs.
    #[arg(long)]
    config: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    format: TextOrJson,
}

pub fn run(args: &Args, out: &mut dyn Write) -> Result<Exit, Failure> {
    let value = answer(
        &args.state,
        &Question::Purge { before: args.before, dry_run: args.dry_run },
        args.config.as_deref(),
    )?;
    if args.format == TextOrJson::Json {
        serde_json::to_writer(&mut *out, &value)?;
        writeln!(out)?;
        return Ok(Exit::Clean);
    }
    let number = |name: &str| value.get(name).and_then(serde_json::Value::as_u64).unwrap_or(0);
    let what = if args.dry_run { "would be removed" } else { "were removed" };
    writeln!(out, "{} archived claim files {what}.", number("purged"))?;
    for (name, why) in [
        ("younger", "came on that day or later, or are in work"),
        ("held", "hold a claim that is held still"),
        ("unanswered", "have a claim that no remittance has answered"),
    ] {
        if number(name) > 0 {
            writeln!(out, "{} stay: they {why}.", number(name))?;
        }
    }
    Ok(Exit::Clean)
}
