//! `claimloop rebuild`.

use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use super::TextOrJson;
use super::exit::{Exit, Failure};
use super::held::answer;
use crate::daemon::control::Question;

#[derive(Debug, clap::Args)]
pub struct Args {
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
    let begun = Instant::now();
    let value = answer(&args.state, &Question::Rebuild, args.config.as_deref())?;
    if args.format == TextOrJson::Json {
        serde_json::to_writer(&mut *out, &value)?;
        writeln!(out)?;
    } else {
        let records = value.get("records").and_then(serde_json::Value::as_u64).unwrap_or(0);
        let seconds = begun.elapsed().as_secs_f64();
        writeln!(out, "The index was folded anew from {records} journal records in {seconds:.1} s.")?;
    }
    Ok(Exit::Clean)
}
