//! `claimloop simulate`.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use clap::ValueEnum;
use jiff::Zoned;
use jiff::civil::Date;

use super::exit::{Exit, Failure};
use crate::simulate::{self, Kind, Options, Plant};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// How many claims.
    #[arg(long)]
    claims: u64,
    /// The same seed gives the same bytes.
    #[arg(long)]
    seed: u64,
    /// 837p, 837i, 837d, 835, or linked: claims and the answers to them.
    #[arg(long)]
    kind: Kind,
    /// Weeks of service.
    #[arg(long, default_value_t = 8)]
    weeks: u32,
    /// Last day of the last week; today by default.
    #[arg(long)]
    end: Option<Date>,
    /// Claims in a transaction set.
    #[arg(long, default_value_t = 5000)]
    per_set: u64,
    /// Faults and denials to plant.
    #[arg(long)]
    plant: Option<PathBuf>,
    /// Plant a preset instead: full, a year in which everything happens.
    #[arg(long, value_enum, conflicts_with = "plant")]
    plan: Option<Plan>,
    /// Folder to write to; its files are written over.
    #[arg(long)]
    out: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Plan {
    Full,
}

pub fn run(args: &Args, out: &mut dyn Write) -> Result<Exit, Failure> {
    let plant = match (&args.plant, args.plan) {
        (None, None) => Plant::default(),
        (_, Some(Plan::Full)) => Plant::full().map_err(|e| Failure::usage(crate::events::chain(&e)))?,
        (Some(path), None) => {
            let text = fs::read_to_string(path)
                .map_err(|e| Failure::at(format!("reading {}", path.display()), &e))?;
            Plant::from_toml(&text).map_err(|e| Failure::usage(crate::events::chain(&e)))?
        }
    };
    let options = Options {
        claims: args.claims,
        seed: args.seed,
        kind: args.kind,
        weeks: args.weeks,
        end: args.end.unwrap_or_else(|| Zoned::now().date()),
        per_set: args.per_set,
        plant,
    };
    let mut begun: HashSet<String> = HashSet::new();
    let summary = simulate::run(&options, &mut |name, bytes| {
        let path = args.out.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        // A file comes in pieces: the first starts it anew.
        let first = begun.insert(name.to_owned());
        let mut file =
            OpenOptions::new().create(true).write(true).truncate(first).append(!first).open(&path)?;
        file.write_all(bytes)
    })
    .map_err(|e| Failure::usage(crate::events::chain(&e)))?;
    writeln!(
        out,
        "{} files with {} claims in {}; {} denials, {} faults planted",
        summary.files,
        summary.claims,
        args.out.display(),
        summary.denials,
        summary.faults
    )?;
    Ok(Exit::Clean)
}
