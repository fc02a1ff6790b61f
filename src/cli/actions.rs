//! `claimloop actions list|add|import|close`.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

use super::asking::{Of, rows, text};
use super::exit::{Exit, Failure};
use super::table::{self, printable};
use crate::daemon::actions::{Asked, Draft};
use crate::daemon::control::Question;
use crate::edits::Owner;
use crate::huddle::About;
use crate::phi::decode;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Actions that are open, the oldest first; huddle shows whether they worked.
    List {
        /// The closed too.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        of: Of,
    },
    /// Write down what the huddle decided to do
    Add {
        /// What is to be done; no names of patients.
        what: String,
        /// coding, billing, front-desk, authorisation, clinical or credentialing.
        #[arg(long)]
        owner: String,
        /// Day it is to be done by; in a week where it isn't named.
        #[arg(long)]
        due: Option<Date>,
        /// Day from which it should show: before and after are counted from here. The day it is due by where it isn't named.
        #[arg(long)]
        from: Option<Date>,
        /// It is a training on this day.
        #[arg(long, conflicts_with_all = ["due", "from"], value_name = "DATE")]
        training: Option<Date>,
        /// It is meant to change denials of this payer.
        #[arg(long)]
        payer: Option<String>,
        /// Denials with this CARC.
        #[arg(long)]
        carc: Option<String>,
        /// Denials of this procedure.
        #[arg(long)]
        procedure: Option<String>,
        /// What this edit holds.
        #[arg(long, conflicts_with_all = ["payer", "carc", "procedure"])]
        edit: Option<String>,
        #[command(flatten)]
        of: Of,
    },
    /// Take over actions from a pack's JSON: what it proposes, or what was written into its `next.list`. One that was taken before stays
    /// as it is
    Import {
        /// `huddle-2026-W46.json`, or `-` for standard input.
        pack: PathBuf,
        #[command(flatten)]
        of: Of,
    },
    /// Close an action
    Close {
        /// Its id.
        id: String,
        /// What came of it.
        #[arg(long)]
        note: String,
        #[command(flatten)]
        of: Of,
    },
}

pub fn run(args: &Args, out: &mut dyn Write) -> Result<Exit, Failure> {
    match &args.command {
        Command::List { all, of } => said(of, Asked::List { all: *all }, out, list),
        Command::Add { what, owner, due, from, training, payer, carc, procedure, edit, of } => {
            let draft = Draft {
                owner: team(owner)?,
                what: what.clone(),
                due: training.or(*due),
                from: training.or(*from),
                about: About {
                    payer: payer.clone(),
                    carc: carc.clone(),
                    procedure: procedure.clone(),
                    edit: edit.clone(),
                },
                proposal: None,
            };
            said(of, Asked::Take { actions: vec![draft] }, out, taken)
        }
        Command::Import { pack, of } => {
            said(of, Asked::Take { actions: written(pack)? }, out, |value, out| {
                if rows(value).is_empty() {
                    writeln!(out, "Nothing new is in it.")?;
                }
                taken(value, out)
            })
        }
        Command::Close { id, note, of } => {
            let asked = Asked::Close { id: id.clone(), note: note.clone() };
            said(of, asked, out, |_, out| Ok(writeln!(out, "Action {}: closed", printable(id))?))
        }
    }
}

/// The actions of a pack that are none of ours yet.
fn written(path: &Path) -> Result<Vec<Draft>, Failure> {
    #[derive(Deserialize)]
    struct Written {
        next: Next,
    }
    #[derive(Deserialize)]
    struct Next {
        list: Vec<Todo>,
    }
    #[derive(Deserialize)]
    struct Todo {
        what: String,
        owner: Owner,
        due: Option<Date>,
        from: Option<Date>,
        id: Option<String>,
        proposal: Option<String>,
        #[serde(default)]
        about: About,
    }
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes)?;
        bytes
    } else {
        std::fs::read(path).map_err(|e| Failure::at("reading the pack", &e))?
    };
    let pack: Written = decode(&bytes).map_err(|bad| Failure::usage(format!("this is no pack: {bad}")))?;
    let fresh = pack.next.list.into_iter().filter(|todo| todo.id.is_none());
    let draft = |Todo { what, owner, due, from, proposal, about, .. }| {
        // What somebody wrote into it is known by its words, so that the same pack brings it once.
        let proposal = proposal.or_else(|| Some(format!("{owner}: {what}")));
        Draft { owner, what, due, from, about, proposal }
    };
    Ok(fresh.map(draft).collect())
}

fn team(name: &str) -> Result<Owner, Failure> {
    let teams = Owner::ALL.map(Owner::name).join(", ");
    let found = Owner::ALL.into_iter().find(|owner| owner.name() == name);
    found.ok_or_else(|| Failure::usage(format!("there is no team {}; there are {teams}", printable(name))))
}

fn said(
    of: &Of,
    asked: Asked,
    out: &mut dyn Write,
    print: impl FnOnce(&Value, &mut dyn Write) -> Result<(), Failure>,
) -> Result<Exit, Failure> {
    of.said(&Question::Actions { asked }, out, print)
}

fn taken(value: &Value, out: &mut dyn Write) -> Result<(), Failure> {
    for action in rows(value) {
        let [id, owner, due] = ["id", "owner", "due"].map(|key| text(action, key));
        writeln!(out, "Action {id}: for {owner}, due {due}")?;
    }
    Ok(())
}

fn list(value: &Value, out: &mut dyn Write) -> Result<(), Failure> {
    if rows(value).is_empty() {
        writeln!(out, "No action is open.")?;
        return Ok(());
    }
    let row = |action: &Value| {
        let mut row = ["id", "owner", "taken", "due"].map(|key| text(action, key).to_owned()).to_vec();
        let about = &action["about"];
        let about = ["payer", "carc", "procedure", "edit"].map(|key| text(about, key));
        let about: Vec<&str> = about.into_iter().filter(|part| !part.is_empty()).collect();
        row.push(about.join(" "));
        row.push(text(&action["closed"], "day").to_owned());
        row.push(text(action, "what").to_owned());
        row
    };
    let rows: Vec<Vec<String>> = rows(value).iter().map(row).collect();
    table::write(out, &["id", "owner", "taken", "due", "about", "closed", "what"], &rows)?;
    Ok(())
}
