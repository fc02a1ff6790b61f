//! Writes verdicts as they come: a file of any size is reported without being held in memory.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use ulid::Ulid;

use super::exit::Failure;
use super::scrub::Format;
use crate::edits::EditSet;
use crate::scrub::{Receive, Render, Report, Verdict, VerdictRef};

/// Which verdicts are kept as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// None.
    None,
    /// Those with findings.
    Found,
    /// All.
    All,
}

/// What verdicts are made into on the threads that judge.
pub struct Rendering {
    /// One JSON object after the other, with commas between.
    pub json: bool,
    /// One JSON object a line.
    pub lines: bool,
    /// Kept as they are.
    pub keep: Keep,
    /// The edits that fired are noted.
    pub explain: bool,
}

/// The verdicts of a piece.
#[derive(Default)]
pub struct Part {
    json: Vec<u8>,
    lines: Vec<u8>,
    kept: Vec<Verdict>,
    fired: BTreeSet<String>,
}

impl Render for Rendering {
    type Part = Part;

    fn verdict(&self, verdict: &VerdictRef<'_>, part: &mut Part) {
        // A verdict has string keys and finite numbers, and the memory grows: neither can fail.
        if self.json {
            if !part.json.is_empty() {
                part.json.push(b',');
            }
            let _written = serde_json::to_writer(&mut part.json, verdict);
        }
        if self.lines {
            let _written = serde_json::to_writer(&mut part.lines, verdict);
            part.lines.push(b'\n');
        }
        if self.explain {
            part.fired.extend(verdict.findings.iter().map(|f| f.edit.clone()));
        }
        let keep = match self.keep {
            Keep::None => false,
            Keep::Found => !verdict.findings.is_empty(),
            Keep::All => true,
        };
        if keep {
            part.kept.push(verdict.into());
        }
    }
}

/// Where verdicts stand in a report's JSON while it has none.
const VERDICTS: &str = "\"verdicts\":[";

/// Gives the SHA-256 of the file in hex, when it is first asked for.
pub type Hash<'o> = Box<dyn FnMut() -> io::Result<String> + 'o>;

/// Puts the verdicts where they belong, piece by piece.
pub struct Receiver<'o> {
    format: Format,
    out: &'o mut dyn Write,
    report: Option<ReportFile>,
    /// File as named by the caller, and its hash once the report has begun.
    pub file: (String, String),
    hash: Hash<'o>,
    /// The verdicts kept.
    pub kept: Vec<Verdict>,
    /// Edits that fired, where they are noted.
    fired: BTreeSet<String>,
    /// Why the receiver failed, where it did.
    pub failure: Option<Failure>,
    any: bool,
}

/// A report being written beside its name.
pub struct ReportFile {
    target: PathBuf,
    temporary: PathBuf,
    out: BufWriter<File>,
}

impl Drop for ReportFile {
    fn drop(&mut self) {
        // Published, it has another name by now.
        let _removed = fs::remove_file(&self.temporary);
    }
}

impl ReportFile {
    fn new(target: PathBuf) -> Result<ReportFile, Failure> {
        let temporary = target.with_file_name(format!(".claimloop-{}", Ulid::generate()));
        let made = File::create(&temporary);
        let file = made.map_err(|e| Failure::at(format!("writing {}", target.display()), &e))?;
        Ok(ReportFile { target, temporary, out: BufWriter::new(file) })
    }

    /// Gives it its name.
    pub fn publish(mut self) -> Result<(), Failure> {
        let named = self.out.flush().and_then(|()| fs::rename(&self.temporary, &self.target));
        named.map_err(|e| Failure::at(format!("writing {}", self.target.display()), &e))
    }
}

impl<'o> Receiver<'o> {
    /// `clean` is where the clean claims go; the report goes beside it.
    pub fn new(
        format: Format,
        clean: Option<&Path>,
        (name, hash): (String, Hash<'o>),
        out: &'o mut dyn Write,
    ) -> Result<Receiver<'o>, Failure> {
        let report = clean.map(|clean| {
            let mut name = clean.file_name().unwrap_or_default().to_owned();
            name.push(".report.json");
            ReportFile::new(clean.with_file_name(name))
        });
        let report = report.transpose()?;
        let file = (name, String::new());
        Ok(Receiver {
            format,
            out,
            report,
            file,
            hash,
            kept: Vec::new(),
            fired: BTreeSet::new(),
            failure: None,
            any: false,
        })
    }

    /// To the report file, and to the output where that is JSON too.
    fn json(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(report) = &mut self.report {
            report.out.write_all(bytes)?;
        }
        if self.format == Format::Json { self.show(bytes) } else { Ok(()) }
    }

    fn show(&mut self, bytes: &[u8]) -> io::Result<()> {
        let shown = self.out.write_all(bytes);
        if let Err(error) = &shown {
            self.failure = Some(Failure::from(io::Error::from(error.kind())));
        }
        shown
    }

    /// Writes what stands behind the verdicts, with what is known of the edits that fired where that is asked for; gives the report
    /// file, not yet under its name.
    pub fn end(
        mut self,
        report: &Report,
        explained: Option<&EditSet>,
    ) -> Result<Option<ReportFile>, Failure> {
        let text = serde_json::to_string(report)?;
        let explained = explained.map(|edits| self.explained(report, edits));
        if let Some((_, tail)) = text.split_once(VERDICTS) {
            match &explained {
                None => self.json(tail.as_bytes())?,
                Some(known) => {
                    self.json(tail.strip_suffix('}').unwrap_or(tail).as_bytes())?;
                    self.json(format!(",\"explained\":{known}}}").as_bytes())?;
                }
            }
            self.json(b"\n")?;
        }
        if self.format == Format::Jsonl {
            let mut summary = serde_json::to_value(report)?;
            if let Some(map) = summary.as_object_mut() {
                map.shift_remove("verdicts");
                map.extend(explained.map(|known| ("explained".to_owned(), known)));
            }
            serde_json::to_writer(&mut *self.out, &summary)?;
            writeln!(self.out)?;
        }
        Ok(self.report)
    }
}

impl Receiver<'_> {
    /// By id: what `claimloop explain` says of each edit that fired.
    fn explained(&self, report: &Report, edits: &EditSet) -> Value {
        let outside =
            report.findings.iter().map(|f| &f.edit).chain(report.rejections.iter().map(|r| &r.edit));
        let fired: BTreeSet<&String> = self.fired.iter().chain(outside).collect();
        let known = fired.into_iter().filter_map(|id| {
            let e = edits.get(id)?;
            let (why, fix, source, prevents) = (&e.why, &e.fix, &e.source, &e.prevents);
            let informed: Vec<&str> = e.informed.iter().map(|o| o.name()).collect();
            let known = json!({ "name": e.name, "why": why, "fix": fix, "source": source, "prevents": prevents,
                "owner": e.owner.name(), "informed": informed });
            Some((id.clone(), known))
        });
        Value::Object(known.collect())
    }
}

impl Receive<Part> for Receiver<'_> {
    fn begin(&mut self, head: &Report) -> io::Result<()> {
        self.file.1 = (self.hash)().inspect_err(|error| {
            self.failure = Some(Failure::at(format!("reading {}", self.file.0), error));
        })?;
        let head = Report { file: self.file.0.clone(), sha256: self.file.1.clone(), ..head.clone() };
        let text = serde_json::to_string(&head)?;
        match text.split_once(VERDICTS) {
            Some((head, _)) => self.json([head, VERDICTS].concat().as_bytes()),
            None => Err(io::Error::other("a report without verdicts")),
        }
    }

    fn part(&mut self, mut part: Part) -> io::Result<()> {
        if !part.json.is_empty() {
            if std::mem::replace(&mut self.any, true) {
                self.json(b",")?;
            }
            self.json(&part.json)?;
        }
        if self.format == Format::Jsonl {
            self.show(&part.lines)?;
        }
        self.kept.append(&mut part.kept);
        self.fired.append(&mut part.fired);
        Ok(())
    }
}
