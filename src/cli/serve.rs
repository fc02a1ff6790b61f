//! `claimloop serve`.

use std::path::PathBuf;

use super::exit::{Exit, Failure};
use crate::config::Config;
use crate::daemon::{self, Options};
use crate::web;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Configuration file.
    #[arg(long)]
    config: PathBuf,
    /// Take what is there, finish it, end.
    #[arg(long)]
    once: bool,
    /// Threads that judge.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: u16,
}

pub fn run(args: &Args) -> Result<Exit, Failure> {
    let config = Config::read(&args.config).map_err(|e| {
        let text = crate::events::chain(&e);
        Failure::usage(text)
    })?;
    let options = Options { once: args.once, threads: usize::from(args.threads) };
    daemon::serve(config, options, Box::new(web::start))?;
    Ok(Exit::Clean)
}
