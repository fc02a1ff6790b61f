//! `claimloop tokens add|list|remove`.

use std::io::Write;

use clap::Subcommand;
use jiff::{Span, SpanRelativeTo, Timestamp};

use super::exit::{Exit, Failure};
use super::held::configured;
use super::table;
use super::users::Of;
use crate::web::people::Refused;
use crate::web::tokens::{Scope, Token, Tokens};
use crate::world::World;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Add a token for a program, and print it: this once.
    Add {
        /// Small letters, digits, dots, hyphens and underscores; the journal names decisions and views by it.
        name: String,
        /// read, decide, reports or admin; repeat it for more.
        #[arg(long, required = true, value_parser = scope)]
        scope: Vec<Scope>,
        /// A channel whose claims it shows; repeat it for more. Without it it shows those of every one.
        #[arg(long)]
        channel: Vec<String>,
        /// How long it is good for: 90d, 12h. Without it, until it is removed.
        #[arg(long)]
        expires: Option<Span>,
        #[command(flatten)]
        of: Of,
    },
    /// Every token: what it is good for, and until when.
    List {
        #[command(flatten)]
        of: Of,
    },
    /// Remove a token; who shows it is let in no more.
    Remove {
        /// Which.
        name: String,
        #[command(flatten)]
        of: Of,
    },
}

fn scope(name: &str) -> Result<Scope, String> {
    Scope::named(name).ok_or_else(|| {
        let scopes = Scope::ALL.map(Scope::name).join(", ");
        format!("there is no such scope; there are {scopes}")
    })
}

/// When a token that is added now ends.
fn end(expires: Span) -> Result<Timestamp, Failure> {
    let long = || Failure::usage("--expires is how long the token is good for: 90d, 12h");
    let length = expires.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| long())?;
    World::real().clock.now().checked_add(length).map_err(|_| long())
}

pub fn run(args: &Args, out: &mut dyn Write) -> Result<Exit, Failure> {
    match &args.command {
        Command::Add { name, scope, channel, expires, of } => {
            let config = configured(&of.state, of.config.as_deref())?;
            let is_known =
                |name: &String| config.as_ref().is_none_or(|c| c.channels.iter().any(|c| c.name == *name));
            if let Some(unknown) = channel.iter().find(|name| !is_known(name)) {
                return Err(Failure::usage(format!("there is no channel {unknown:?}")));
            }
            let until = expires.map(end).transpose()?;
            let token = Tokens::of(World::real(), &of.state).add(name, scope, channel, until)?;
            writeln!(out, "The token {name} is shown this once:\n  {token}")?;
        }
        Command::Remove { name, of } => {
            configured(&of.state, None)?;
            Tokens::of(World::real(), &of.state).remove(name)?;
            writeln!(out, "The token {name} is removed.")?;
        }
        Command::List { of } => {
            configured(&of.state, None)?;
            let all = Tokens::of(World::real(), &of.state).all().map_err(Refused::File)?;
            let row = |(name, token): (String, Token)| {
                let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.name()).collect();
                let channels = match token.channels.as_slice() {
                    [] => "every one".to_owned(),
                    some => some.join(", "),
                };
                let ends = token.until.map_or_else(
                    || "when it is removed".to_owned(),
                    |until| until.strftime("%m/%d/%Y %H:%M UTC").to_string(),
                );
                vec![name, scopes.join(", "), channels, ends]
            };
            let rows: Vec<Vec<String>> = all.into_iter().map(row).collect();
            if rows.is_empty() {
                writeln!(out, "There are no tokens yet.")?;
            } else {
                table::write(out, &["name", "scopes", "channels", "ends"], &rows)?;
            }
        }
    }
    Ok(Exit::Clean)
}
