//! The command line: one file a subcommand. The only home of `clap`.

mod actions;
mod alerts;
mod asking;
mod codes;
mod demo;
mod demo_past;
mod doctor;
mod edits;
mod edits_text;
mod exit;
mod explain;
mod held;
mod held_more;
mod history;
mod history_bank;
mod history_export;
mod history_import;
#[cfg(feature = "parquet")]
mod history_parquet;
mod history_text;
mod huddle;
mod journal;
mod keys;
mod leadership;
mod logging;
mod panics;
mod progress;
mod rendering;
mod purge;
mod rebuild;
mod reconcile;
mod remit;
mod scrub;
mod serve;
mod simulate;
mod site;
mod snippet;
mod table;
mod trends;
mod tokens;
mod users;

use std::ffi::OsString;
use std::io::Write;

use clap::{Parser, Subcommand, ValueEnum};

pub use exit::{Exit, Failure};
pub use panics::hide_panics;
pub use scrub::scrub_files;

/// Scrub outbound 837 claims, hold the faulty ones, learn from the 835s that come back.
#[derive(Debug, Parser)]
#[command(name = "claimloop", version, max_term_width = 100)]
struct Cli {
    /// How log lines are written to standard error.
    #[arg(long, global = true, value_enum, default_value_t = logging::Log::Text)]
    log: logging::Log,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the whole loop on made-up data: a temporary spool, the real daemon, a table of what happened.
    Demo(demo::Args),
    /// Run the daemon.
    Serve(serve::Args),
    /// Scrub claim files and say what became of every claim.
    Scrub(scrub::Args),
    /// Read remittances: parse, balance, classify. Stores nothing.
    Remit(remit::Args),
    /// Explain an edit (E3-001), an adjustment reason (CARC-16), a remark, a modifier or a code.
    Explain(explain::Args),
    /// List, document and compare the edits, run their examples, print the clean-claim checklist.
    Edits(edits::Args),
    /// Code sets: list, check, import, undo.
    Codes(codes::Args),
    /// Look at folders, edits, payer packs and code sets, and say what is wrong or missing.
    Doctor(doctor::Args),
    /// Held claims.
    Held(held::Args),
    /// Who may sign in to the workbench.
    Users(users::Args),
    /// Tokens by which programs use the API of the workbench.
    Tokens(tokens::Args),
    /// Alerts: what is open, what is done of it, what could not be sent; try a sink.
    Alerts(alerts::Args),
    /// What huddles decided to do: what is open, what came of it.
    Actions(actions::Args),
    /// What changed of denials: rises, drifts, new reasons, improvements, each with who changed and how sure that is.
    Trends(trends::Args),
    /// The denial history.
    History(history::Args),
    /// The pack for the weekly huddle of coding and billing: one page to read, and what lies behind it.
    Huddle(huddle::Args),
    /// The summary of a month or quarter for leadership: what repeats by service and payer, what improved.
    Leadership(leadership::Args),
    /// The journal: check it, look at it, write it out, let a damaged one go on.
    Journal(journal::Args),
    /// Remove archived claim files from before a day that no open hold and no unanswered claim names.
    Purge(purge::Args),
    /// Throw the index away and fold it anew from journal and archive; a running daemon goes on meanwhile.
    Rebuild(rebuild::Args),
    /// The keys the archive is sealed under: check them, wrap files under a new one, seal files from before.
    Keys(keys::Args),
    /// Prove from journal and archive that no claim was lost or doubled.
    Reconcile(reconcile::Args),
    /// Write made-up claims and the remittances that answer them.
    Simulate(simulate::Args),
}

/// Text for people or JSON for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TextOrJson {
    Text,
    Json,
}

/// Runs one command.
pub fn run(args: impl IntoIterator<Item = OsString>, out: &mut dyn Write, err: &mut dyn Write) -> Exit {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            let help = !error.use_stderr();
            let stream: &mut dyn Write = if help { out } else { err };
            let _shown = write!(stream, "{error}");
            return if help { Exit::Clean } else { Exit::Usage };
        }
    };
    logging::start(cli.log, matches!(cli.command, Command::Serve(_)));
    let done = match cli.command {
        Command::Demo(args) => demo::run(&args, out),
        Command::Serve(args) => serve::run(&args),
        Command::Scrub(args) => scrub::run(&args, out, err),
        Command::Remit(args) => remit::run(&args, out, err),
        Command::Explain(args) => explain::run(&args, out),
        Command::Edits(args) => edits::run(&args, out),
        Command::Codes(args) => codes::run(&args, out),
        Command::Doctor(args) => doctor::run(&args, out),
        Command::Held(args) => held::run(&args, out),
        Command::Users(args) => users::run(&args, out),
        Command::Tokens(args) => tokens::run(&args, out),
        Command::Alerts(args) => alerts::run(&args, out),
        Command::Actions(args) => actions::run(&args, out),
        Command::Trends(args) => trends::run(&args, out),
        Command::History(args) => history::run(&args, out),
        Command::Huddle(args) => huddle::run(&args, out),
        Command::Leadership(args) => leadership::run(&args, out),
        Command::Journal(args) => journal::run(&args, out),
        Command::Purge(args) => purge::run(&args, out),
        Command::Rebuild(args) => rebuild::run(&args, out),
        Command::Keys(args) => keys::run(&args, out),
        Command::Reconcile(args) => reconcile::run(&args, out),
        Command::Simulate(args) => simulate::run(&args, out),
    };
    match done {
        Ok(exit) => exit,
        Err(failure) => {
            if failure.exit != Exit::Clean {
                let _shown = writeln!(err, "claimloop: {failure}");
            }
            failure.exit
        }
    }
}
