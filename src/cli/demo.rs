//! `claimloop demo`: a temporary spool, the real daemon, made-up files dropped in, a table that accounts for every claim.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use ulid::Ulid;

use super::demo_past::{self, Practice};
use super::exit::{Exit, Failure};
use super::table;
use crate::archive::FileSource;
use crate::daemon::control::{Answer, Question, ask};
use crate::edits::Tolerances;
use crate::holds::HeldClaim;
use crate::scrub::Other;
use crate::scrub::survey::survey;
use crate::web::access::Role;
use crate::web::people::People;
use crate::world::World;

/// Samples compiled in: name, bytes.
static SAMPLES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/samples.rs"));
/// Longest the daemon may take.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Leave the daemon running and the spool in place.
    #[arg(long)]
    keep_running: bool,
}

/// What became of one dropped file, in claims.
#[derive(Clone, Debug, Default)]
struct Fate {
    dropped: u64,
    clean: u64,
    held: u64,
    rejected: u64,
    note: String,
}

pub fn run(args: &Args, out: &mut dyn Write) -> Result<Exit, Failure> {
    let site = Site::make(args.keep_running.then(free_port).transpose()?)?;
    site.practice.import(&site.folder, &site.state(), out)?;
    let mut daemon = site.start()?;
    let shown = show(args, &site, &mut daemon, out);
    if args.keep_running && shown.is_ok() {
        writeln!(
            out,
            "\nThe daemon runs on as process {}; its folders are in {}.",
            daemon.id(),
            site.folder.display()
        )?;
        writeln!(out, "Look again: claimloop held list --state {}", site.state().display())?;
        if let Some(port) = site.port {
            let link = People::of(World::real(), &site.state()).add("demo", Role::Admin, &[])?;
            writeln!(
                out,
                "\nThe workbench: http://127.0.0.1:{port}\nChoose a password for the user demo, once: http://127.0.0.1:{port}/password/{link}"
            )?;
        }
        return shown;
    }
    stop(&mut daemon)?;
    let _left_behind = fs::remove_dir_all(&site.folder);
    shown
}

fn show(args: &Args, site: &Site, daemon: &mut Child, out: &mut dyn Write) -> Result<Exit, Failure> {
    writeln!(out, "A daemon watches {}; made-up files are dropped in.", site.spool("outbound").display())?;
    out.flush()?;
    let mut fates = site.drop_claims()?;
    site.wait(daemon)?;
    site.drop_answers()?;
    site.wait(daemon)?;
    site.account(&mut fates)?;
    let whole = claims_table(&fates, out)?;
    held(site, out)?;
    denials(site, out)?;
    alerts(site, out)?;
    if !args.keep_running {
        writeln!(
            out,
            "\nNothing of this is kept. --keep-running leaves the daemon and its folders for a closer look."
        )?;
    }
    if whole { Ok(Exit::Clean) } else { Err(Failure::plain("the demo lost or doubled a claim")) }
}

/// The demo's folders.
struct Site {
    folder: PathBuf,
    practice: Practice,
    /// Of the workbench, where it is to stay.
    port: Option<u16>,
}

/// One that nobody listens on now.
fn free_port() -> Result<u16, Failure> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|e| Failure::at("looking for a port", &e))?;
    Ok(listener.local_addr()?.port())
}

impl Site {
    fn make(port: Option<u16>) -> Result<Site, Failure> {
        let folder = std::env::temp_dir().join(format!("claimloop-demo-{}", Ulid::generate()));
        fs::create_dir(&folder).map_err(|e| Failure::at(format!("making {}", folder.display()), &e))?;
        let now = Timestamp::now().to_zoned(TimeZone::UTC);
        let config = "timezone = \"UTC\"\n[state]\ndir = \"state\"\n[intake]\nsettle = \"200ms\"\nscan = \"500ms\"\nincomplete_after = \"2s\"\n\n[[channel]]\nname = \"main\"\n";
        let web =
            port.map(|port| format!("[web]\nlisten = \"127.0.0.1:{port}\"\n{}", demo_past::huddle(&now)));
        fs::write(folder.join("claimloop.toml"), format!("{config}{}", web.unwrap_or_default()))?;
        let practice = Practice::make(now.date(), port.is_some())?;
        Ok(Site { folder, port, practice })
    }

    fn state(&self) -> PathBuf {
        self.folder.join("state")
    }

    fn spool(&self, name: &str) -> PathBuf {
        self.folder.join("spool").join(name)
    }

    fn start(&self) -> Result<Child, Failure> {
        let program = std::env::current_exe()?;
        let log = fs::File::create(self.folder.join("daemon.log"))?;
        let mut daemon = Command::new(program)
            .args(["serve", "--config", "claimloop.toml", "--log", "json"])
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|e| Failure::at("starting the daemon", &e))?;
        let begun = Instant::now();
        while !self.state().join("control.sock").exists() {
            self.alive(&mut daemon)?;
            if begun.elapsed() > PATIENCE {
                return Err(Failure::plain("the daemon didn't come up"));
            }
            sleep(Duration::from_millis(20));
        }
        Ok(daemon)
    }

    fn alive(&self, daemon: &mut Child) -> Result<(), Failure> {
        match daemon.try_wait()? {
            None => Ok(()),
            Some(status) => {
                let log = fs::read_to_string(self.folder.join("daemon.log")).unwrap_or_default();
                Err(Failure::plain(format!("the daemon ended with {status}:\n{log}")))
            }
        }
    }

    /// Puts a file where the daemon looks, whole in one step, as a careful sender does.
    fn drop_file(&self, folder: &str, name: &str, bytes: &[u8]) -> io::Result<()> {
        let waiting = self.folder.join(name.replace('/', "-"));
        fs::write(&waiting, bytes)?;
        fs::rename(waiting, self.spool(folder).join(name.rsplit('/').next().unwrap_or(name)))
    }

    /// Claim files: the samples, and those of a made-up practice. What each holds is counted before it is dropped.
    fn drop_claims(&self) -> Result<BTreeMap<String, Fate>, Failure> {
        let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let claims = |name: &str| name.starts_with("837");
        files.extend(SAMPLES.iter().filter(|(n, _)| claims(n)).map(|(n, b)| ((*n).to_owned(), b.to_vec())));
        for (name, bytes) in &self.practice.dropped {
            if let Some(name) = name.strip_prefix("outbound/") {
                files.insert(format!("practice-{name}"), bytes.clone());
            }
        }
        let mut fates = BTreeMap::new();
        for (name, bytes) in &files {
            let dropped = survey(bytes, Other::Pass, Tolerances::default())?.claims;
            fates.insert(stem(name), Fate { dropped, ..Fate::default() });
            self.drop_file("outbound", name, bytes)?;
        }
        Ok(fates)
    }

    fn drop_answers(&self) -> Result<(), Failure> {
        for (name, bytes) in SAMPLES.iter().filter(|(n, _)| n.starts_with("835")) {
            self.drop_file("inbound", name, bytes)?;
        }
        for (name, bytes) in &self.practice.dropped {
            if name.starts_with("inbound/") {
                self.drop_file("inbound", name, bytes)?;
            }
        }
        Ok(())
    }

    /// Until nothing is left in the drop folders and the spool.
    fn wait(&self, daemon: &mut Child) -> Result<(), Failure> {
        let begun = Instant::now();
        let empty = |folder: PathBuf| fs::read_dir(folder).map(|mut d| d.next().is_none());
        loop {
            let done = empty(self.spool("outbound"))?
                && empty(self.spool("inbound"))?
                && empty(self.state().join("spool"))?;
            if done {
                return Ok(());
            }
            self.alive(daemon)?;
            if begun.elapsed() > PATIENCE {
                return Err(Failure::plain("the daemon didn't finish in time"));
            }
            sleep(Duration::from_millis(50));
        }
    }

    /// Counts every claim again where it came to be.
    fn account(&self, fates: &mut BTreeMap<String, Fate>) -> Result<(), Failure> {
        for (outlet, clean) in [("clean", true), ("rejected", false)] {
            for entry in fs::read_dir(self.spool(outlet))? {
                let path = entry?.path();
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                if !path.is_file() {
                    continue;
                }
                if let Some(of) = name.strip_suffix(".reason.json") {
                    let reason: Value = serde_json::from_slice(&fs::read(&path)?)?;
                    if let Some(fate) = fates.get_mut(&published_stem(of)) {
                        fate.note =
                            reason.get("message").and_then(Value::as_str).unwrap_or_default().to_owned();
                    }
                    continue;
                }
                let claims = survey(&FileSource(path.clone()), Other::Pass, Tolerances::default())?.claims;
                if let Some(fate) = fates.get_mut(&published_stem(&name)) {
                    *(if clean { &mut fate.clean } else { &mut fate.rejected }) += claims;
                }
            }
        }
        // One that was sent anew later was held all the same.
        for held in self.held(true)? {
            if let Some(fate) = fates.get_mut(&stem(held.file.expose())) {
                fate.held += 1;
                if let (true, Some(f)) = (fate.note.is_empty(), held.findings.first()) {
                    fate.note = format!("{} {}", f.edit, f.name);
                }
            }
        }
        Ok(())
    }

    fn ask(&self, question: &Question) -> Result<Value, Failure> {
        match ask(&self.state(), question, None)? {
            Answer::Ok(value) => Ok(value),
            Answer::Refused(why) => Err(Failure::plain(why)),
        }
    }

    fn held(&self, all: bool) -> Result<Vec<HeldClaim>, Failure> {
        Ok(serde_json::from_value(self.ask(&Question::HeldList { all })?)?)
    }
}

/// The stem a published file carries.
fn stem(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    stem.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).take(32).collect()
}

/// The stem of a published name: all but `-<10 characters>.<ext>`.
fn published_stem(name: &str) -> String {
    let whole = stem_without_cut(name);
    whole.rsplit_once('-').map_or(whole.clone(), |(stem, _)| stem.to_owned())
}

fn stem_without_cut(name: &str) -> String {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned()
}

/// Cut at a word.
fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => {
            let cut = text.get(..end).unwrap_or(text);
            format!("{} ...", cut.rsplit_once(' ').map_or(cut, |(head, _)| head))
        }
    }
}

fn stop(daemon: &mut Child) -> Result<(), Failure> {
    let pid = rustix::process::Pid::from_child(daemon);
    let _gone = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
    daemon.wait().map_err(|e| Failure::at("stopping the daemon", &e))?;
    Ok(())
}

fn claims_table(fates: &BTreeMap<String, Fate>, out: &mut dyn Write) -> Result<bool, Failure> {
    let mut whole = true;
    let mut total = Fate::default();
    let mut rows = Vec::new();
    for (name, fate) in fates {
        let found = fate.clean + fate.held + fate.rejected;
        let mark = if found == fate.dropped { "" } else { "NOT ACCOUNTED FOR " };
        whole &= found == fate.dropped;
        total.dropped += fate.dropped;
        total.clean += fate.clean;
        total.held += fate.held;
        total.rejected += fate.rejected;
        let note = shortened(&format!("{mark}{}", fate.note), 78);
        rows.push(row(name, fate, note));
    }
    rows.push(row("all files", &total, String::new()));
    writeln!(out)?;
    table::write(out, &["file", "dropped", "clean", "held", "rejected", "first of its reasons"], &rows)?;
    let found = total.clean + total.held + total.rejected;
    writeln!(out, "\n{} claims dropped, {found} accounted for.", total.dropped)?;
    Ok(whole)
}

fn row(name: &str, fate: &Fate, note: String) -> Vec<String> {
    let counts = [fate.dropped, fate.clean, fate.held, fate.rejected].map(|n| n.to_string());
    std::iter::once(name.to_owned()).chain(counts).chain([note]).collect()
}

fn held(site: &Site, out: &mut dyn Write) -> Result<(), Failure> {
    let mut teams: BTreeMap<&'static str, (u64, i64)> = BTreeMap::new();
    for held in site.held(false)? {
        let team = teams.entry(held.owner.map_or("", |o| o.name())).or_default();
        *team = (team.0 + 1, team.1.saturating_add(held.charge));
    }
    let rows: Vec<Vec<String>> = teams
        .iter()
        .map(|(team, (n, cents))| {
            vec![(*team).to_owned(), n.to_string(), crate::x12::element::decimal(*cents)]
        })
        .collect();
    writeln!(out, "\nHeld for review, by team:")?;
    Ok(table::write(out, &["team", "claims", "charges"], &rows)?)
}

fn denials(site: &Site, out: &mut dyn Write) -> Result<(), Failure> {
    let by = ["payer", "carc", "category"].map(str::to_owned).to_vec();
    let value = site.ask(&Question::Denials { by: by.clone(), weeks: crate::history::Weeks::default() })?;
    let header: Vec<&str> = by.iter().map(String::as_str).chain(["claims", "denials", "amount"]).collect();
    let text = |v: Option<&Value>| {
        v.map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).unwrap_or_default()
    };
    let all = value.get("rows").and_then(Value::as_array).cloned().unwrap_or_default();
    let rows: Vec<Vec<String>> =
        all.iter().take(8).map(|r| header.iter().map(|h| text(r.get(*h))).collect()).collect();
    writeln!(out, "\nDenials read from the remittances, the costliest eight of {}:", all.len())?;
    Ok(table::write(out, &header, &rows)?)
}

fn alerts(site: &Site, out: &mut dyn Write) -> Result<(), Failure> {
    writeln!(out, "\nAlerts:")?;
    // They follow when the last remittance is counted.
    let begun = Instant::now();
    let mut told = alert_lines(site)?;
    while told.is_empty() && begun.elapsed() < Duration::from_secs(10) {
        sleep(Duration::from_millis(50));
        told = alert_lines(site)?;
    }
    for (owner, line) in &told {
        writeln!(out, "  {owner}: {}", table::printable(line))?;
    }
    if told.is_empty() {
        writeln!(out, "  none this week")?;
    }
    Ok(())
}

/// What teams' files say, by team; that a pack is ready is no alert.
fn alert_lines(site: &Site) -> Result<Vec<(String, String)>, Failure> {
    let message = |line: &str| -> Option<String> {
        let line: Value = serde_json::from_str(line).ok()?;
        let is_pack = line.get("kind").and_then(Value::as_str) == Some("pack");
        line.get("message").and_then(Value::as_str).filter(|_| !is_pack).map(str::to_owned)
    };
    let mut all = Vec::new();
    for entry in fs::read_dir(site.spool("alerts"))? {
        let path = entry?.path();
        let owner = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path)?;
        all.extend(text.lines().filter_map(message).map(|line| (owner.clone(), line)));
    }
    Ok(all)
}
