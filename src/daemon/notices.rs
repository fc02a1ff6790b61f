//! What we tell people: the reason beside a rejected file, and alerts in the owning team's file.

use std::path::Path;

use jiff::civil::Date;
use serde::Serialize;

use super::error::Error;
use super::folded::FileState;
use super::pressure::Cause;
use super::state::State;
use crate::alerts::Watch;
use crate::config::Channel;
use crate::edits::{Finding, Owner, Rejection};
use crate::events;
use crate::history;
use crate::journal::Record;
use crate::phi::{Phi, kept};
use crate::scrub::Verdict;
use crate::scrub::report::State as ClaimState;
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

/// An alert about a file that lies in the rejected folder for a person to look at.
pub fn file_alert(file: &FileState, outcome: &str) -> Record {
    let (key, owner) = (format!("file/{}", file.id), Owner::Billing.name().to_owned());
    let message =
        format!("A file of channel {} lies in rejected/ ({outcome}) under {}.", file.channel, file.id);
    let line = serde_json::json!({ "id": key, "owner": owner, "message": message }).to_string();
    Record::AlertDue { key, owner, line }
}

/// Journals that something stands in the way of a channel, once a day.
///
/// # Errors
/// When the journal fails.
pub fn pressing(state: &State, channel: &str, cause: Cause, today: Date) -> Result<(), Error> {
    let (key, owner) = (format!("{}/{channel}/{today}", cause.name()), Owner::Billing.name().to_owned());
    if state.alerted(&key) {
        return Ok(());
    }
    let message = cause.message(channel);
    let line = serde_json::json!({ "id": key, "owner": owner, "message": message }).to_string();
    state.append(vec![Record::AlertDue { key, owner, line }])
}

/// Journals alerts that became due and writes every one not yet written, each once.
///
/// # Errors
/// When the history can't be read, or a file can't be written.
pub fn alert(state: &State, channels: &[Channel], today: Date) -> Result<(), Error> {
    let mut watch = Watch::new(today);
    let weeks: Vec<String> = watch.weeks().map(str::to_owned).collect();
    for week in weeks {
        history::adjustments(&*state.store()?, Some(&week), &mut |row| watch.add(row))?;
    }
    let mut due = Vec::new();
    for alert in watch.due().into_iter().filter(|a| !state.alerted(&a.id)) {
        let line =
            serde_json::to_string(&alert).map_err(|source| Error::Encode { what: "an alert", source })?;
        due.push(Record::AlertDue { key: alert.id, owner: alert.owner.name().to_owned(), line });
    }
    if !due.is_empty() {
        state.append(due)?;
    }
    for (key, owner, line) in state.unwritten_alerts() {
        let mut folders: Vec<&Path> = channels.iter().map(|c| c.alerts.as_path()).collect();
        folders.dedup();
        for folder in folders {
            let mode = channels.iter().find(|c| c.alerts == folder).map_or(0o640, |c| c.file_mode);
            append_once(&*state.world.fs, &folder.join(format!("{owner}.jsonl")), &line, mode)?;
        }
        events::alerted(&owner, key.split('/').next().unwrap_or_default());
        state.append(vec![Record::AlertWritten { key }])?;
    }
    Ok(())
}

/// Appends a line unless it is there already, as it is when a crash came between writing and journalling.
fn append_once(fs: &dyn Fs, path: &Path, line: &str, mode: u32) -> Result<(), Error> {
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
