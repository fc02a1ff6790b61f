//! `claimloop scrub`.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::thread;

use clap::ValueEnum;
use jiff::Zoned;
use jiff::civil::Date;
use ulid::Ulid;

use super::exit::{Exit, Failure};
use super::progress::Shown;
use super::rendering::{Keep, Receiver, Rendering};
use super::site;
use super::snippet::Snippets;
use crate::acks::{self, Answers, HeldMeans, Stamp, Worked};
use crate::archive::{FileSource, hash};
use crate::edits::{EditSet, Tolerance, Tolerances};
use crate::scrub::partition::{partition, reads_back};
use crate::scrub::split::Splitter;
use crate::scrub::{self, Other, Report, Settings, Source, States, Survey, Verdict};
use crate::x12::element::decimal;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Claim files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Write the clean claims to DIR/NAME and the report to DIR/NAME.report.json.
    #[arg(long)]
    out: Option<PathBuf>,
    /// How to report: text for people; json, one object a file; jsonl, a line a verdict and a summary line.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Threads that judge.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: u16,
    /// Write answers to DIR/NAME.acks.edi as well: all, or only to what is wrong. Needs --out.
    #[arg(long, value_name = "WHICH", requires = "out", value_parser = answers)]
    acks: Option<Answers>,
    /// What a 277CA says of held claims: fix-here (nothing until they are decided) or send-back (rejected).
    #[arg(long, value_name = "WHAT", requires = "acks", default_value = "fix-here", value_parser = held_means)]
    held_means: HeldMeans,
    /// A departure from the standard to let pass with a warning, besides nearest-guide; may be repeated. docs/quirks.md
    /// lists them.
    #[arg(long, value_name = "NAME")]
    tolerate: Vec<Tolerance>,
    #[command(flatten)]
    site: site::Site,
    /// Try the edits out: everything is told, no claim is held.
    #[arg(long)]
    shadow: bool,
    /// With each finding say all that is known of its edit: why, what to do, where from, what denial it saves.
    #[arg(long)]
    explain: bool,
    /// The day the edits take for today; the machine's by default.
    #[arg(long)]
    today: Option<Date>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    Json,
    Jsonl,
}

/// A file with a progress bar.
type Shownfile = Shown<FileSource>;

pub fn run(args: &Args, out: &mut dyn Write, err: &mut dyn Write) -> Result<Exit, Failure> {
    scrub_files(args, scrub::split::split, out, err)
}

/// The command with another splitter, so that a test can break it and see exit 3.
///
/// # Errors
/// What ends the command before its files are done.
pub fn scrub_files(
    args: &Args,
    splitter: Splitter<Shownfile>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<Exit, Failure> {
    let tolerances = args.tolerate.iter().fold(Tolerances::default(), |all, one| all.and(*one));
    let edits = args.site.edits()?.tolerating(tolerances);
    let edits = if args.shadow { edits.on_trial() } else { edits };
    let today = args.today.unwrap_or_else(|| Zoned::now().date());
    if let Some(folder) = &args.out {
        distinct_names(&args.files)?;
        fs::create_dir_all(folder).map_err(|e| Failure::at(format!("making {}", folder.display()), &e))?;
    }
    let mut worst = Exit::Clean;
    for path in &args.files {
        let settings = Settings { today, threads: usize::from(args.threads), other: Other::Pass };
        match one(args, path, &edits, (settings, splitter), out) {
            Ok(exit) => worst = worst.max(exit),
            // Nobody reads any more.
            Err(failure) if failure.exit == Exit::Clean => return Err(failure),
            // One file that can't be read leaves the others their turn.
            Err(failure) => {
                writeln!(err, "claimloop: {failure}")?;
                worst = worst.max(failure.exit);
            }
        }
    }
    Ok(worst)
}

fn one(
    args: &Args,
    path: &Path,
    edits: &EditSet,
    (settings, splitter): (Settings, Splitter<Shownfile>),
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let name = path.display().to_string();
    let target = args.out.as_deref().map(|folder| target(folder, path)).transpose()?;
    let file = FileSource(path.to_owned());
    let bytes = fs::metadata(path).map_err(|e| Failure::at(format!("reading {name}"), &e))?.len();
    let source = Shown::new(FileSource(path.to_owned()), bytes, 2);
    let render = Rendering {
        json: args.format == Format::Json || args.out.is_some(),
        lines: args.format == Format::Jsonl,
        explain: args.explain,
        keep: match (args.acks, args.format) {
            (Some(_), _) => Keep::All,
            (None, Format::Text) => Keep::Found,
            (None, _) => Keep::None,
        },
    };
    let scrubbed = thread::scope(|scope| {
        // With threads to spare the file is hashed while it is surveyed.
        let mut beside = (settings.threads > 1).then(|| scope.spawn(|| hash(&file)));
        let file = &file;
        let sha256 = Box::new(move || {
            let hashed = match beside.take() {
                Some(hashing) => hashing.join().unwrap_or_else(|_| Err(io::Error::other("hashing"))),
                None => hash(file),
            };
            hashed.map(|(hex, _)| hex)
        });
        let mut receiver = Receiver::new(args.format, target.as_deref(), (name.clone(), sha256), out)?;
        let failed = |e: scrub::Error| Failure::at(format!("scrubbing {name}"), &e);
        let scrubbed = scrub::scrub_to(&source, edits, settings, splitter, (&render, &mut receiver));
        let mut outcome = scrubbed.map_err(|e| receiver.failure.take().unwrap_or_else(|| failed(e)))?;
        (outcome.report.file, outcome.report.sha256) = receiver.file.clone();
        let kept = std::mem::take(&mut receiver.kept);
        let report_file = receiver.end(&outcome.report, args.explain.then_some(edits))?;
        Ok::<_, Failure>((outcome, kept, report_file))
    });
    let (outcome, kept, report_file) = scrubbed?;
    let (mut report, survey) = (outcome.report, outcome.survey);
    if let (Some(target), Some(folder)) = (&target, &args.out) {
        write_clean(target, path, &source, (&report, &survey, &outcome.states))?;
        if let Some(written) = report_file {
            written.publish()?;
        }
        write_acks(args, folder, path, &source, (&report, &survey, &kept, edits))?;
    }
    drop(source);
    if args.format == Format::Text {
        report.verdicts = kept;
        text(out, &FileSource(path.to_owned()), (&report, &survey), (edits, args.explain))?;
    }
    Ok(if report.is_clean() { Exit::Clean } else { Exit::Found })
}

fn distinct_names(files: &[PathBuf]) -> Result<(), Failure> {
    let mut names: Vec<_> = files.iter().map(|f| f.file_name()).collect();
    names.sort();
    if names.windows(2).any(|w| matches!(w, [a, b] if a == b)) {
        return Err(Failure::usage("two files have the same name: --out would write one over the other"));
    }
    Ok(())
}

/// Where the clean claims of a file go.
fn target(folder: &Path, path: &Path) -> Result<PathBuf, Failure> {
    let target = folder.join(path.file_name().unwrap_or_default());
    let same =
        |a: &Path, b: &Path| matches!((fs::canonicalize(a), fs::canonicalize(b)), (Ok(a), Ok(b)) if a == b);
    if same(&target, path) {
        return Err(Failure::usage(format!("--out would write over {} itself", path.display())));
    }
    Ok(target)
}

/// The clean claims, appearing whole.
fn write_clean<S: Source>(
    target: &Path,
    path: &Path,
    source: &S,
    (report, survey, states): (&Report, &Survey, &States),
) -> Result<(), Failure> {
    let clean = whole(target, |out, written| {
        let left = partition(source, survey, states, out)?;
        out.flush()?;
        let wanted = report.claims.clean;
        if left.claims != wanted
            || (left.bytes > 0 && !reads_back(&FileSource(written.to_owned()), wanted, survey.tolerances)?)
        {
            return Err(io::Error::other(
                "the clean file doesn't hold every clean claim; nothing was kept of it",
            ));
        }
        Ok(left.bytes > 0)
    })?;
    if !clean && target.exists() {
        let what =
            format!("{} holds the output of an earlier run and nothing is clean now", target.display());
        return Err(Failure::plain(format!("{what} ({})", path.display())));
    }
    Ok(())
}

fn answers(text: &str) -> Result<Answers, String> {
    match text {
        "all" => Ok(Answers::All),
        "faults" => Ok(Answers::Faults),
        "none" => Ok(Answers::None),
        _ => Err("all, faults or none".to_owned()),
    }
}

fn held_means(text: &str) -> Result<HeldMeans, String> {
    match text {
        "fix-here" => Ok(HeldMeans::FixHere),
        "send-back" => Ok(HeldMeans::SendBack),
        _ => Err("fix-here or send-back".to_owned()),
    }
}

/// The answers to a file, where any are due. Their control numbers start at 1 in every file: only the daemon counts on.
fn write_acks<S: Source>(
    args: &Args,
    folder: &Path,
    path: &Path,
    source: &S,
    (report, survey, verdicts, edits): (&Report, &Survey, &[Verdict], &EditSet),
) -> Result<(), Failure> {
    let Some(answers) = args.acks else { return Ok(()) };
    let now = report.today.to_datetime(Zoned::now().time());
    let stamp = Stamp { answers, held_means: args.held_means, control: 1, now };
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".acks.edi");
    let worked = Worked { survey, verdicts, edits, waited: None };
    whole(&folder.join(name), |out, written| {
        acks::write(source, worked, &stamp, out)?;
        out.flush()?;
        Ok(fs::metadata(written)?.len() > 0)
    })?;
    Ok(())
}

/// Writes beside the target, under a name nobody else has, and renames when `write` says there is something to keep.
fn whole(
    target: &Path,
    write: impl FnOnce(&mut dyn Write, &Path) -> io::Result<bool>,
) -> Result<bool, Failure> {
    let failed = |e: io::Error| Failure::at(format!("writing {}", target.display()), &e);
    let temporary = target.with_file_name(format!(".claimloop-{}", Ulid::generate()));
    let mut out = BufWriter::new(File::create(&temporary).map_err(failed)?);
    let written = write(&mut out, &temporary).and_then(|keep| out.flush().map(|()| keep));
    let done = match written {
        Ok(true) => fs::rename(&temporary, target).map(|()| true),
        Ok(false) => fs::remove_file(&temporary).map(|()| false),
        Err(error) => {
            let _removed = fs::remove_file(&temporary);
            Err(error)
        }
    };
    done.map_err(failed)
}

fn text(
    out: &mut dyn Write,
    source: &FileSource,
    (report, survey): (&Report, &Survey),
    (edits, whole): (&EditSet, bool),
) -> Result<(), Failure> {
    let mut snippets = Snippets::new(source, &report.file, edits, &survey.outline).explaining(whole);
    for r in &report.rejections {
        snippets.rejection(out, r)?;
    }
    let claims = report
        .verdicts
        .iter()
        .flat_map(|v| v.findings.iter().map(move |f| (format!("claim {}", v.claim), f)));
    let file = report.findings.iter().map(|f| (String::new(), f));
    for (whose, f) in file.chain(claims) {
        snippets.finding(out, whose, f)?;
    }
    let (claims, charges) = (&report.claims, &report.charges);
    let part = |n: u64, cents, what| format!("{n} {what} (${})", decimal(cents));
    writeln!(
        out,
        "{}: {}, {} claims in (${}): {}, {}, {}",
        report.file,
        report.kind,
        claims.r#in,
        decimal(charges.r#in),
        part(claims.clean, charges.clean, "clean"),
        part(claims.held, charges.held, "held"),
        part(claims.rejected, charges.rejected, "rejected"),
    )?;
    if report.would_hold > 0 {
        writeln!(out, "  {} of the clean claims would be held by edits on trial", report.would_hold)?;
    }
    if charges.unreadable > 0 {
        writeln!(out, "  {} claim totals are no numbers and count as $0.00", charges.unreadable)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::scrub::split::{Piece, split};

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }

    type Emit<'e> = &'e mut dyn FnMut(Piece) -> io::Result<()>;

    /// A splitter that loses one claim of a piece: its CLM becomes another segment.
    fn losing(source: &Shownfile, survey: &Survey, emit: Emit<'_>) -> io::Result<()> {
        split(source, survey, &mut |mut piece| {
            if let Some(at) = memchr::memmem::rfind(&piece.own.bytes, b"CLM*")
                && let Some(id) = piece.own.bytes.get_mut(at..at + 3)
            {
                id.copy_from_slice(b"NTE");
            }
            emit(piece)
        })
    }

    /// A splitter that gives a piece twice.
    fn doubling(source: &Shownfile, survey: &Survey, emit: Emit<'_>) -> io::Result<()> {
        split(source, survey, &mut |piece| emit(piece))?;
        split(source, survey, &mut |piece| emit(piece))
    }

    /// A splitter that changes a charge on the way.
    fn altering(source: &Shownfile, survey: &Survey, emit: Emit<'_>) -> io::Result<()> {
        split(source, survey, &mut |mut piece| {
            if let Some(at) = memchr::memmem::find(&piece.own.bytes, b"*150*")
                && let Some(charge) = piece.own.bytes.get_mut(at + 1..at + 4)
            {
                charge.copy_from_slice(b"151");
            }
            emit(piece)
        })
    }

    fn ends(splitter: Splitter<Shownfile>) -> (Exit, String, bool) {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let name = "samples/837p-three-claims-one-off.edi";
        let cli = Cli::parse_from(["scrub", name, "--out", out.to_str().unwrap(), "--today", "2026-11-21"]);
        let (mut shown, mut err) = (Vec::new(), Vec::new());
        let exit = scrub_files(&cli.args, splitter, &mut shown, &mut err).unwrap();
        (exit, String::from_utf8(err).unwrap(), out.join("837p-three-claims-one-off.edi").exists())
    }

    #[test]
    fn a_broken_splitter_ends_with_exit_3_and_nothing_leaves() {
        assert_eq!(ends(split).0, Exit::Found);
        for (splitter, said) in [
            (losing as Splitter<Shownfile>, "3 in, 2 accounted for"),
            (doubling, "3 in, 6 accounted for"),
            (altering, "charges 336.00 in, 337.00 accounted for"),
        ] {
            let (exit, err, left) = ends(splitter);
            assert_eq!((exit, exit as u8), (Exit::Failed, 3));
            assert!(err.contains("claims are not conserved") && err.contains(said), "{err}");
            assert!(!left, "nothing leaves");
        }
    }
}
