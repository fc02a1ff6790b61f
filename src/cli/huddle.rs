//! `claimloop huddle`: the weekly pack, in any of its formats.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use jiff::civil::Date;

use super::exit::{Exit, Failure};
use super::held::answer;
use crate::daemon::control::{Blinded, Question, Wanted};
use crate::events;
use crate::huddle::Pack;
use crate::huddle::render::{self, render};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// ISO week, 2026-W46; the last that is over where it isn't named.
    #[arg(long, value_name = "WEEK")]
    week: Option<String>,
    /// As of this day: ages of held claims are told as of it.
    #[arg(long, value_name = "DATE")]
    today: Option<Date>,
    /// The daemon's state folder.
    #[arg(long, default_value = "state")]
    state: PathBuf,
    /// The daemon's configuration: where no daemon runs, it names the keys of a sealed state, the site's dictionary and payers.
    #[arg(long)]
    config: Option<PathBuf>,
    /// What the site is called, at the head of the page.
    #[arg(long, value_name = "NAME", default_value = "Coding and billing")]
    site: String,
    /// Folder to write to; one text format goes to standard output where it isn't named, everything else to the folder you are in.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// One format; all five where it isn't named.
    #[arg(long, value_enum)]
    format: Option<Shape>,
    /// A copy to share: payers by pseudonym, small counts left out.
    #[arg(long)]
    blinded: bool,
    /// What pseudonyms are keyed by: the same key gives the same ones. Derived from the state where it isn't named.
    #[arg(long, value_name = "TEXT", requires = "blinded")]
    blind_key: Option<String>,
    /// Counts below this are left out of a shared copy.
    #[arg(long, value_name = "N", default_value_t = 11, value_parser = clap::value_parser!(i64).range(1..), requires = "blinded")]
    least: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shape {
    Html,
    Xlsx,
    Csv,
    Json,
    Md,
}

impl Shape {
    fn format(self) -> render::Format {
        match self {
            Shape::Html => render::Format::Html,
            Shape::Xlsx => render::Format::Xlsx,
            Shape::Csv => render::Format::Csv,
            Shape::Json => render::Format::Json,
            Shape::Md => render::Format::Md,
        }
    }
}

pub fn run(args: &Args, out: &mut dyn Write) -> Result<Exit, Failure> {
    let blinded = args.blinded.then(|| Blinded { key: args.blind_key.clone(), least: args.least });
    let wanted = Wanted { week: args.week.clone(), today: args.today, site: args.site.clone(), blinded };
    let value = answer(&args.state, &Question::Huddle { wanted }, args.config.as_deref())?;
    let pack: Pack = serde_json::from_value(value)?;
    let written = |format| render(&pack, format).map_err(|e| Failure::plain(events::chain(&e)));
    let one = args.format.map(Shape::format);
    if let (Some(format), None) = (one.filter(|format| format.is_text()), &args.out) {
        out.write_all(&written(format)?)?;
        return Ok(Exit::Clean);
    }
    let folder = args.out.as_deref().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|e| Failure::at("making the folder", &e))?;
    let formats = one.map_or_else(|| render::Format::ALL.to_vec(), |format| vec![format]);
    for format in formats {
        let shared = if args.blinded { "-shared" } else { "" };
        let name = format!("huddle-{}{shared}.{}", pack.week, format.extension());
        let path = folder.join(&name);
        // Beside it first: nobody prints half a pack.
        let draft = folder.join(format!(".{name}.draft"));
        fs::write(&draft, written(format)?).map_err(|e| Failure::at("writing the pack", &e))?;
        fs::rename(&draft, &path).map_err(|e| Failure::at("writing the pack", &e))?;
        writeln!(out, "{}", path.display())?;
    }
    Ok(Exit::Clean)
}
