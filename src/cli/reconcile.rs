//! `claimloop reconcile`: proves that no claim was lost or doubled. It only reads: the daemon may run on.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::TextOrJson;
use super::exit::{Exit, Failure};
use super::keys::keyed;
use super::table;
use crate::archive::Archive;
use crate::daemon::Folders;
use crate::events::chain;
use crate::journal::survey;
use crate::reconcile::{Reconciliation, Story, Sum, reconcile};
use crate::world::World;
use crate::x12::element::decimal;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The daemon's state folder.
    #[arg(long, default_value = "state")]
    state: PathBuf,
    /// The daemon's configuration: it names the keys of a sealed state.
    #[arg(long)]
    config: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    format: TextOrJson,
}

pub fn run(args: &Args, out: &mut dyn Write) -> Result<Exit, Failure> {
    let sums = proved(&args.state, keyed(args.config.as_deref())?)?;
    if args.format == TextOrJson::Json {
        let mut value = serde_json::to_value(&sums)?;
        if let Some(map) = value.as_object_mut() {
            map.insert("holds".into(), sums.holds().into());
        }
        serde_json::to_writer(&mut *out, &value)?;
        writeln!(out)?;
    } else {
        show(&sums, out)?;
    }
    Ok(if sums.holds() { Exit::Clean } else { Exit::Found })
}

fn proved(state: &Path, world: World) -> Result<Reconciliation, Failure> {
    let journal = state.join("journal");
    if !journal.is_dir() {
        return Err(Failure::usage(format!(
            "there is no state in {}; name it with --state",
            state.display()
        )));
    }
    let failed = |e: &dyn std::error::Error| Failure::plain(chain(e));
    let mut story = Story::default();
    let seen = survey(&journal, &mut |entry| {
        story.add(&entry.record);
        Ok(())
    })
    .map_err(|e| failed(&e))?;
    // What can't be read proves nothing.
    if let Some(damage) = seen.damage {
        return Err(failed(&damage));
    }
    let archive = Archive::open(&world, state.join("archive")).map_err(|e| failed(&e))?;
    let evidence = Folders::new(archive, state.join("spool"));
    reconcile(story, &evidence).map_err(|e| Failure::at("reading the archive", &e))
}

fn show(sums: &Reconciliation, out: &mut dyn Write) -> Result<(), Failure> {
    let row = |what: &str, sum: Sum| vec![what.to_owned(), sum.claims.to_string(), decimal(sum.cents)];
    let rows = [
        row("in", sums.r#in),
        row("  clean", sums.clean),
        row("    left with their file", sums.left),
        row("    about to leave", sums.leaving),
        row("  held", sums.held),
        row("    left since", sums.released),
        row("    voided", sums.voided),
        row("    sent anew", sums.replaced),
        row("    sent back", sums.sent_back),
        row("    still held", sums.still_held),
        row("  rejected", sums.rejected),
        row("  not judged yet", sums.unjudged),
    ];
    table::write(out, &["claims", "count", "charge"], &rows)?;
    let f = sums.files;
    writeln!(
        out,
        "\n{} files of claims: {} worked ({} not done yet), {} duplicates, {} set aside, {} late, {} begun again.",
        f.received, f.worked, f.in_work, f.duplicates, f.quarantined, f.late, f.begun_again
    )?;
    let aside = sums.set_aside;
    writeln!(out, "In files set aside or late: {} claims, ${}.", aside.claims, decimal(aside.cents))?;
    let o = sums.outputs;
    writeln!(
        out,
        "Files of clean claims: {} read, {} made again to the same bytes, {} by their record alone.",
        o.read, o.made_again, o.recorded
    )?;
    let as_left = decimal(sums.released_as.cents);
    writeln!(out, "{} interchanges of our own; the claims in them left at ${as_left}.", f.released)?;
    if sums.holds() {
        writeln!(out, "\nEvery claim is accounted for, once.")?;
        return Ok(());
    }
    writeln!(out)?;
    for d in &sums.differences {
        let place = match (&d.file, &d.hold) {
            (Some(file), Some(hold)) => format!("file {file}, hold {hold}: "),
            (Some(file), None) => format!("file {file}: "),
            (None, Some(hold)) => format!("hold {hold}: "),
            (None, None) => "altogether: ".to_owned(),
        };
        let sums = match (d.wanted, d.found) {
            (Some(a), Some(b)) => {
                format!(": {} of ${}, and {} of ${}", a.claims, decimal(a.cents), b.claims, decimal(b.cents))
            }
            _ => String::new(),
        };
        writeln!(out, "{place}{}{sums}", d.what)?;
    }
    writeln!(out, "\n{} differences.", sums.differences.len())?;
    Ok(())
}
