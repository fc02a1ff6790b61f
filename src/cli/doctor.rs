//! `claimloop doctor`: what stands in the way of a good day.

use std::io::Write;
use std::path::PathBuf;

use jiff::Zoned;
use jiff::civil::Date;
use serde_json::json;

use super::TextOrJson;
use super::exit::{Exit, Failure};
use crate::config::Config;
use crate::daemon::checkup::{Health, Seen, checkup};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Configuration file.
    #[arg(long, default_value = "claimloop.toml")]
    config: PathBuf,
    /// The day ages are counted to; the machine's by default.
    #[arg(long)]
    today: Option<Date>,
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    format: TextOrJson,
}

pub fn run(args: &Args, out: &mut dyn Write) -> Result<Exit, Failure> {
    let today = args.today.unwrap_or_else(|| Zoned::now().date());
    let mut seen = Vec::new();
    let mut say = |health, said| seen.push(Seen { health, what: "configuration".to_owned(), said });
    match Config::read(&args.config) {
        Err(error) => say(Health::Bad, crate::events::chain(&error)),
        Ok(config) => {
            say(Health::Good, args.config.display().to_string());
            seen.extend(checkup(&config, today));
        }
    }
    let worst = seen.iter().map(|s| s.health).max().unwrap_or(Health::Good);
    match args.format {
        TextOrJson::Json => {
            serde_json::to_writer(&mut *out, &json!({ "health": worst, "seen": seen }))?;
            writeln!(out)?;
        }
        TextOrJson::Text => {
            for Seen { health, what, said } in &seen {
                let mark = match health {
                    Health::Good => "good",
                    Health::Note => "note",
                    Health::Bad => "BAD ",
                };
                writeln!(out, "{mark}  {what}: {said}")?;
            }
        }
    }
    Ok(if worst == Health::Bad { Exit::Found } else { Exit::Clean })
}
