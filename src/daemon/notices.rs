//! What we tell people: the reason beside a rejected file, and alerts in the owning team's file.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::error::Error;
use super::folded::FileState;
use super::pressure::Cause;
use super::state::State;
use crate::alerts::{Alert, Example, Kind, Ours, of_finding, series};
use crate::config::{Channel, Config};
use crate::edits::{EditSet, Finding, Rejection};
use crate::events;
use crate::history::{self, Dimension};
use crate::journal::Record;
use crate::phi::{Phi, kept};
use crate::scrub::Verdict;
use crate::scrub::report::State as ClaimState;
use crate::store::Store;
use crate::trends::{self, detect};
use crate::world::{self, Fs};

/// `NAME.reason.json`.
#[derive(Debug, Serialize)]
pub struct Reason {
    #[serde(with = "kept")]
    file: Phi<String>,
    id: String,
    sha256: String,
    received: Date,
    outcome: &'static str,
    message: String,
    rejections: Vec<Rejection>,
    claims: Vec<RejectedClaim>,
}

#[derive(Debug, Serialize)]
struct RejectedClaim {
    #[serde(with = "kept")]
    claim: Phi<String>,
    transaction_set: String,
    position: u64,
    offset: u64,
    findings: Vec<Finding>,
}

impl Reason {
    /// Of envelopes and claims that can't be used.
    pub fn of(
        file: &FileState,
        outcome: &'static str,
        rejections: &[Rejection],
        verdicts: &[Verdict],
    ) -> Reason {
        let claims: Vec<RejectedClaim> = verdicts
            .iter()
            .filter(|v| v.verdict == ClaimState::Rejected)
            .map(|v| RejectedClaim {
                claim: v.claim.clone().into(),
                transaction_set: v.transaction_set.clone(),
                position: v.position,
                offset: v.facts.offset,
                findings: v.findings.clone(),
            })
            .collect();
        let first = rejections
            .first()
            .map(|r| format!("{} {}: {}", r.level, r.control, r.message).replace(" : ", ": "));
        let message = first
            .or_else(|| claims.first()?.findings.first().map(|f| format!("{}: {}", f.at, f.message)))
            .unwrap_or_default();
        Reason::new(file, outcome, message, rejections.to_vec(), claims)
    }

    /// Of a file that came before.
    pub fn duplicate(file: &FileState, earlier: &str) -> Reason {
        let message =
            format!("the same bytes were received before as {earlier}; nothing of this file was sent again");
        Reason::new(file, "duplicate", message, Vec::new(), Vec::new())
    }

    /// Of a file that can't be worked.
    pub fn quarantined(file: &FileState, why: &str) -> Reason {
        let message =
            format!("this file could not be worked and lies here whole: {why}; mend and drop it again");
        Reason::new(file, "quarantined", message, Vec::new(), Vec::new())
    }

    /// Of a file that was written on after it was taken.
    pub fn late(file: &FileState, earlier: &str) -> Reason {
        let message = format!(
            "the sender wrote on after the file was taken as {earlier}; what was taken has been worked, what came later \
             has not. Export what is missing again, as a file of its own"
        );
        Reason::new(file, "changed after it was taken", message, Vec::new(), Vec::new())
    }

    fn new(
        file: &FileState,
        outcome: &'static str,
        message: String,
        rejections: Vec<Rejection>,
        claims: Vec<RejectedClaim>,
    ) -> Reason {
        let (name, id, sha256) = (file.name.clone(), file.id.clone(), file.sha256.clone());
        Reason { file: name, id, sha256, received: file.today, outcome, message, rejections, claims }
    }
}

/// A record that raises an alert.
///
/// # Errors
/// When it can't be written as JSON.
pub fn raise(alert: &Alert, n: u32, arrived: Option<Timestamp>) -> Result<Record, Error> {
    let line = serde_json::to_string(alert).map_err(|source| Error::Encode { what: "an alert", source })?;
    let (alert, owner) = (alert.id.clone(), alert.owner.name().to_owned());
    Ok(Record::AlertRaised { alert, n, owner, line, arrived })
}

/// An alert about a file that lies in the rejected folder for a person to look at. Why it does stands beside it: an alert leaves the house.
pub fn file_alert(file: &FileState, outcome: &str) -> Option<Record> {
    let message =
        format!("A file of channel {} lies in rejected/ ({outcome}) under {}.", file.channel, file.id);
    raise(&Alert::plain(Kind::File, format!("file/{}", file.id), message), 1, None).ok()
}

/// Journals that something stands in the way of a channel, once a day.
///
/// # Errors
/// When the journal fails.
pub fn pressing(state: &State, channel: &str, cause: Cause, today: Date) -> Result<(), Error> {
    let id = format!("{}/{channel}/{today}", cause.name());
    if state.book(|book| book.alert(&id).is_some()) {
        return Ok(());
    }
    state.append(vec![raise(&Alert::plain(Kind::Channel, id, cause.message(channel)), 1, None)?])
}

/// Journals alerts that became due and writes every one not yet written, each once.
///
/// # Errors
/// When the history can't be read, or a file can't be written.
pub fn alert(state: &State, config: &Config, edits: &EditSet, today: Date) -> Result<(), Error> {
    let store = state.store()?;
    let tables = history::tables(&store)?;
    let changes = state.minutes(|minutes| minutes.changes().to_vec());
    let ours = Ours { changes: &changes, edits };
    let (site, weeks) = (series::site(&store, today, ours)?, series::weeks(today));
    let imported = history::imported_until(&store)?;
    let (arrived, mut due) = (state.last_inbound(), Vec::new());
    for finding in detect(&site, &config.alerting.trends) {
        // What began before old files were brought in is no news.
        if weeks.get(finding.start).is_none_or(|week| *week <= imported) {
            continue;
        }
        let mut alert = of_finding(&finding, &weeks, &tables.dictionary, &tables.payers);
        // One cause is one alert, though it be seen more widely or more narrowly this week.
        if let Some(known) = state.book(|book| book.of_cause(&alert)) {
            alert.id = known;
        }
        let Some(n) = state.book(|book| book.meet(&alert)) else { continue };
        alert.examples = examples(state, &store, &finding, &weeks)?;
        due.push(raise(&alert, n, arrived)?);
    }
    if !due.is_empty() {
        state.append(due)?;
    }
    write(state, &config.channels)
}

/// Writes every alert not yet written.
///
/// # Errors
/// When a file can't be written.
pub fn write(state: &State, channels: &[Channel]) -> Result<(), Error> {
    for (key, owner, line) in state.unwritten_alerts() {
        let mut folders: Vec<&Path> = channels.iter().map(|c| c.alerts.as_path()).collect();
        folders.dedup();
        for folder in folders {
            let mode = channels.iter().find(|c| c.alerts == folder).map_or(0o640, |c| c.file_mode);
            append_once(&*state.world.fs, &folder.join(format!("{owner}.jsonl")), &line, mode)?;
        }
        events::alerted(&owner);
        state.append(vec![Record::AlertWritten { key }])?;
    }
    Ok(())
}

/// Examples an alert has at most.
const EXAMPLES: usize = 5;

/// Claims that were denied as a finding says, the first few, by their places.
fn examples(
    state: &State,
    store: &Store,
    finding: &trends::Finding,
    weeks: &[String],
) -> Result<Vec<Example>, Error> {
    let mut claims: Vec<Phi<String>> = Vec::new();
    let slice = finding.key.slice.as_ref();
    let dimension = slice.and_then(|slice| Dimension::parse(&slice.dimension).ok());
    for week in weeks.iter().take(finding.until).skip(finding.start) {
        history::denied(store, Some(week), &mut |row| {
            let own = row.carc == finding.key.carc
                && finding.key.payer.as_deref().is_none_or(|payer| payer == row.payer)
                && slice.zip(dimension).is_none_or(|(slice, by)| by.of(row) == slice.value);
            if own
                && row.sign > 0
                && claims.len() < EXAMPLES
                && claims.iter().all(|c| c.expose() != row.claim)
            {
                claims.push(row.claim.to_owned().into());
            }
        })?;
    }
    let mut found = Vec::new();
    for claim in claims {
        let story = history::story_of(store, &state.archive, claim.expose())?;
        let sent = story.and_then(|story| story.sent.into_iter().next_back());
        found.extend(sent.map(|s| Example { file: s.file, position: s.position }));
    }
    Ok(found)
}

/// Appends a line unless it is there already, as it is when a crash came between writing and journalling.
///
/// # Errors
/// When the file system refuses.
pub fn append_once(fs: &dyn Fs, path: &Path, line: &str, mode: u32) -> Result<(), Error> {
    let there = match world::read_all(fs, path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
        read => String::from_utf8_lossy(&read.map_err(Error::io("reading", path))?).into_owned(),
    };
    if there.lines().any(|l| l == line) {
        return Ok(());
    }
    // A line torn by a crash must not swallow this one.
    let start = if there.is_empty() || there.ends_with('\n') { "" } else { "\n" };
    let mut file = fs.append_to(path, mode).map_err(Error::io("opening", path))?;
    file.write_all(format!("{start}{line}\n").as_bytes()).map_err(Error::io("writing", path))?;
    file.sync().map_err(Error::sync(path))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    fs.sync_folder(folder).map_err(Error::sync(folder))
}
