//! `claimloop users add|list|reset|remove`.

use std::io::Write;
use std::path::PathBuf;

use clap::Subcommand;

use super::exit::{Exit, Failure};
use super::held::configured;
use super::table;
use crate::web::access::Role;
use crate::web::people::{People, Refused};
use crate::world::World;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Add somebody, and print a one-time link by which they choose their password.
    Add {
        /// Small letters, digits, dots, hyphens and underscores.
        name: String,
        /// viewer, coder, biller, lead or admin.
        #[arg(long, value_parser = role)]
        role: Role,
        /// A channel whose claims they see; repeat it for more. Without it they see those of every one.
        #[arg(long)]
        channel: Vec<String>,
        #[command(flatten)]
        of: Of,
    },
    /// Everybody who may sign in.
    List {
        #[command(flatten)]
        of: Of,
    },
    /// Take somebody's password away, end their sessions, and print a link by which they choose another.
    Reset {
        /// Who.
        name: String,
        #[command(flatten)]
        of: Of,
    },
    /// Remove somebody; their sessions end.
    Remove {
        /// Who.
        name: String,
        #[command(flatten)]
        of: Of,
    },
}

/// Whose people, whose tokens.
#[derive(Debug, clap::Args)]
pub(super) struct Of {
    /// The daemon's state folder.
    #[arg(long, default_value = "state")]
    pub(super) state: PathBuf,
    /// The daemon's configuration: it names the address a link begins with, and the channels there are.
    #[arg(long)]
    pub(super) config: Option<PathBuf>,
}

fn role(name: &str) -> Result<Role, String> {
    Role::named(name).ok_or_else(|| {
        let roles = Role::ALL.map(Role::name).join(", ");
        format!("there is no such role; there are {roles}")
    })
}

impl Of {
    fn people(&self) -> Result<(People, String), Failure> {
        let config = configured(&self.state, self.config.as_deref())?;
        let origin = config.and_then(|config| config.web.origin());
        let origin = origin.unwrap_or_else(|| "http://127.0.0.1:8370".to_owned());
        Ok((People::of(World::real(), &self.state), origin))
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Failure {
        match refused {
            Refused::Asked(why) => Failure::usage(why),
            Refused::File(_) => Failure::at("people", &refused),
        }
    }
}

pub fn run(args: &Args, out: &mut dyn Write) -> Result<Exit, Failure> {
    let link = |out: &mut dyn Write, origin: &str, token: &str| {
        writeln!(out, "Choose the password here, once, within 24 hours:\n  {origin}/password/{token}")
    };
    match &args.command {
        Command::Add { name, role, channel, of } => {
            let (people, origin) = of.people()?;
            let token = people.add(name, *role, channel)?;
            writeln!(out, "{name} is added as {}.", role.name())?;
            link(out, &origin, &token)?;
        }
        Command::Reset { name, of } => {
            let (people, origin) = of.people()?;
            let token = people.reset(name)?;
            writeln!(out, "The password of {name} is gone.")?;
            link(out, &origin, &token)?;
        }
        Command::Remove { name, of } => {
            of.people()?.0.remove(name)?;
            writeln!(out, "{name} is removed.")?;
        }
        Command::List { of } => {
            let all = of.people()?.0.all().map_err(Refused::File)?;
            let row = |(name, person): (String, crate::web::people::Person)| {
                let password = match (&person.password, &person.link) {
                    (Some(_), _) => "set".to_owned(),
                    (None, Some(link)) => format!("link until {}", link.until.strftime("%m/%d/%Y %H:%M UTC")),
                    (None, None) => "none".to_owned(),
                };
                let channels = if person.channels.is_empty() {
                    "every one".to_owned()
                } else {
                    person.channels.join(", ")
                };
                vec![name, person.role.name().to_owned(), channels, password]
            };
            let rows: Vec<Vec<String>> = all.into_iter().map(row).collect();
            if rows.is_empty() {
                writeln!(out, "Nobody may sign in yet.")?;
            } else {
                table::write(out, &["name", "role", "channels", "password"], &rows)?;
            }
        }
    }
    Ok(Exit::Clean)
}
