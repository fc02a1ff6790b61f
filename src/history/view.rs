//! Folds journal records into the history: claims we sent, payments, answers.

use std::collections::HashMap;
use std::error::Error;
use std::io::BufRead;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::answers::{self, Sets};
use super::poster::Poster;
use super::remitted::{NoUse, Remitted, Unread};
use super::sent::{Scrubbed, SentClaim, SentFile};
use super::story::{FactId, Paid};
use super::tables::{KEPT, Tables, Texts};
use crate::archive::Archive;
use crate::journal::{Decision, Direction, Entry, Record};
use crate::phi::decode;
use crate::remit::week;
use crate::scrub::{State, Verdict, remittance};
use crate::store::{self, Batch, Refusal, Store, View};

/// The history's fold.
#[derive(Debug)]
pub struct HistoryView {
    /// Where verdict lists and remittances are read from.
    archive: Archive,
    /// What it is to be folded by; none where what is kept says so.
    given: Mutex<Option<Texts>>,
    tables: Mutex<Arc<Tables>>,
}

/// The claim of a hold.
#[derive(Debug, Serialize, Deserialize)]
struct Held {
    claim: String,
    file: String,
    position: u64,
}

impl HistoryView {
    /// Over an archive; by these tables, or those it was folded by before, or the shipped ones.
    #[must_use]
    pub fn new(archive: Archive, given: Option<Texts>) -> HistoryView {
        HistoryView { archive, given: Mutex::new(given), tables: Mutex::default() }
    }

    fn tables(&self) -> Arc<Tables> {
        Arc::clone(&self.tables.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl View for HistoryView {
    fn prepare(&self, store: &Store) -> Result<bool, Refusal> {
        let kept: Option<Texts> = store.get(KEPT)?;
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = match (&*given, &kept) {
            (Some(given), _) => given.clone(),
            (None, Some(kept)) => kept.renewed(),
            (None, None) => Texts::shipped()?,
        };
        let fits = kept.as_ref() == Some(&wanted);
        if !fits && store.applied() > 0 {
            // Folded by others: it is thrown away, and what it said of them with it.
            *given = Some(wanted);
            return Ok(false);
        }
        // Folded anew, it is by the same.
        *given = Some(wanted.clone());
        let tables = wanted.tables()?;
        *self.tables.lock().unwrap_or_else(PoisonError::into_inner) = tables;
        if !fits {
            let mut batch = Batch::default();
            batch.put(KEPT, &wanted)?;
            store.write_ahead(&mut batch)?;
        }
        Ok(true)
    }

    fn fold(&self, entry: &Entry, store: &Store, batch: &mut Batch) -> Result<(), Refusal> {
        let tables = self.tables();
        let mut poster = Poster::new(store, &self.archive, &tables);
        match &entry.record {
            Record::Received { file, channel, direction: Direction::Outbound, sha256, today, .. } => {
                let of = SentFile {
                    file: file.clone(),
                    sha256: sha256.clone(),
                    channel: channel.clone(),
                    day: Some(*today),
                    report: String::new(),
                };
                batch.put(&file_key(file), &of)?;
            }
            Record::Verdicts { file, report, .. } => {
                let Some(mut of) = store.get::<SentFile>(&file_key(file))? else { return Ok(()) };
                of.report.clone_from(report);
                batch.put(&file_key(file), &of)?;
                let mut sets = Sets::default();
                self.each_claim(&of, &tables, &mut |sent| {
                    sets.add(Some(&sent), &mut poster, store)?;
                    let claim = sent.claim.clone();
                    poster.change(&claim, |story| story.send(sent))
                })?;
                sets.add(None, &mut poster, store)?;
            }
            // What can't be read as a remittance is told where nothing of a file counted.
            Record::Received {
                file,
                direction: Direction::Inbound,
                sha256,
                today,
                duplicate_of: None,
                late_of: None,
                ..
            } => {
                batch.put(&came_key(file), &(sha256, today))?;
            }
            Record::Posted { file, sha256, .. } => {
                let came: Option<(String, Date)> = store.get(&came_key(file))?;
                let day = came.map(|(_, day)| day);
                self.post((sha256, day), false, &mut poster, (store, batch))?;
                batch.remove(&came_key(file));
            }
            Record::Done { file } => {
                let Some((sha256, day)) = store.get::<(String, Date)>(&came_key(file))? else {
                    return Ok(());
                };
                batch.remove(&came_key(file));
                match remittance::refused(&self.archive.source(&sha256)) {
                    Ok(refused) => unread(refused, (&sha256, Some(day)), (store, batch))?,
                    // One that could not be worked need not be there.
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Record::OfNoUse { name, sha256, day, interchanges, remittances, version, .. } => {
                let (name, interchanges) = (name.expose().clone(), *interchanges);
                let (sha256, version) = (sha256.clone(), version.clone());
                let unread = Unread { sha256, sets: *remittances, version, week: week(*day) };
                NoUse { name, interchanges, unread }.keep(batch)?;
            }
            Record::Imported { direction: Direction::Inbound, sha256, day, .. } => {
                self.post((sha256, Some(*day)), true, &mut poster, (store, batch))?;
            }
            Record::Imported { file, channel, sha256, day, report: Some(report), .. } => {
                let (file, channel, day) = (file.clone(), channel.clone(), Some(*day));
                let of = SentFile { file, sha256: sha256.clone(), channel, day, report: report.clone() };
                batch.put(&file_key(&of.file), &of)?;
                let mut sets = Sets::default();
                self.each_claim(&of, &tables, &mut |mut sent| {
                    // It left, whatever we would have said of it.
                    sent.day = sent.sent.made.or(sent.day);
                    let left = sent.day;
                    now(&mut sent, State::Clean, left);
                    sent.was_held = false;
                    sets.add(Some(&sent), &mut poster, store)?;
                    let claim = sent.claim.clone();
                    poster.change(&claim, |story| story.send(sent))
                })?;
                sets.add(None, &mut poster, store)?;
            }
            Record::Held { file, holds, .. } => {
                let Some(of) = store.get::<SentFile>(&file_key(file))? else { return Ok(()) };
                let mut waiting = holds.iter().peekable();
                for verdict in verdicts(&self.archive, &of.report)? {
                    let verdict = verdict?;
                    if let Some(hold) = waiting.next_if(|h| h.position == verdict.position) {
                        let (claim, file, position) = (verdict.claim, file.clone(), hold.position);
                        batch.put(&hold_key(&hold.id), &Held { claim, file, position })?;
                    }
                }
            }
            Record::HoldChanged { hold, version, actor, decision, .. } => {
                self.decided(hold, &mut poster, store, &mut |sent| {
                    // Every decision is a version: folded twice it counts once.
                    sent.touches = u32::try_from(version.saturating_sub(1)).unwrap_or(u32::MAX);
                    match decision {
                        Decision::Released { .. } => sent.released_by.clone_from(actor),
                        Decision::Overridden { edits, .. } => {
                            sent.released_by.clone_from(actor);
                            sent.overridden.clone_from(edits);
                        }
                        Decision::Voided { .. } => "voided".clone_into(&mut sent.state),
                        Decision::Replaced { .. } => "replaced".clone_into(&mut sent.state),
                        Decision::Fixed { .. } | Decision::Returned => {
                            sent.released_by.clear();
                            sent.overridden.clear();
                        }
                        Decision::Undone { .. } => {
                            sent.released_by.clear();
                            sent.overridden.clear();
                            State::Held.name().clone_into(&mut sent.state);
                        }
                        _ => {}
                    }
                })?;
            }
            Record::Release { file, today, holds, .. } => {
                let all: Vec<&str> = holds.iter().map(|leaving| leaving.hold.as_str()).collect();
                batch.put(&release_key(file), &all)?;
                for hold in all {
                    self.decided(hold, &mut poster, store, &mut |sent| {
                        now(sent, State::Clean, Some(*today))
                    })?;
                }
            }
            // Nothing of it left: no payment can be for one of its claims.
            Record::Quarantined { file, .. } => {
                let back: Vec<String> = store.get(&release_key(file))?.unwrap_or_default();
                for hold in back {
                    self.decided(&hold, &mut poster, store, &mut |sent| now(sent, State::Held, None))?;
                }
                batch.remove(&came_key(file));
                let of = store.get::<SentFile>(&file_key(file))?;
                if let Some(of) = of.filter(|of| !of.report.is_empty()) {
                    self.each_claim(&of, &tables, &mut |sent| {
                        poster.change(&sent.claim, |story| {
                            story.sent.retain(|s| s.file != sent.file || s.position != sent.position);
                        })
                    })?;
                }
            }
            _ => {}
        }
        poster.write()
    }
}

fn now(sent: &mut SentClaim, state: State, left: Option<Date>) {
    state.name().clone_into(&mut sent.state);
    sent.left = left;
}

impl HistoryView {
    /// Claims of a file that count: none of a test interchange.
    fn each_claim(
        &self,
        of: &SentFile,
        tables: &Tables,
        each: &mut dyn FnMut(SentClaim) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        for scrubbed in scrubbed(&self.archive, &of.report)? {
            let scrubbed = scrubbed?;
            if !scrubbed.verdict.facts.test {
                let payer = tables.payer_of_claim(&scrubbed.verdict.payer);
                each(SentClaim::of(of, scrubbed, payer))?;
            }
        }
        Ok(())
    }

    fn decided(
        &self,
        hold: &str,
        poster: &mut Poster<'_>,
        store: &Store,
        change: &mut dyn FnMut(&mut SentClaim),
    ) -> Result<(), Refusal> {
        let Some(held) = store.get::<Held>(&hold_key(hold))? else { return Ok(()) };
        poster.change(&held.claim, |story| {
            let own = story.sent.iter_mut().filter(|s| s.file == held.file && s.position == held.position);
            own.for_each(change);
        })
    }

    /// Payments and answers of an inbound file.
    fn post(
        &self,
        (sha256, day): (&str, Option<Date>),
        imported: bool,
        poster: &mut Poster<'_>,
        (store, batch): (&Store, &mut Batch),
    ) -> Result<(), Refusal> {
        let source = self.archive.source(sha256);
        let mut done = Ok(());
        let mut times: HashMap<FactId, u32> = HashMap::new();
        let refused = remittance::each_and_refused(&source, &mut |remittance| {
            if done.is_err() || remittance.test {
                return;
            }
            if imported && let Some(date) = remittance.date {
                done = imported_week(&week(date), store);
                if done.is_err() {
                    return;
                }
            }
            let payer = poster.tables().payer_of_remittance(&remittance);
            let all = Paid::all(&remittance, &payer);
            let remitted = Remitted::of(&remittance, &all, &payer, sha256);
            let times = times.entry(remitted.id).or_default();
            *times += 1;
            done = remitted.keep(*times, store, &self.archive);
            if done.is_err() {
                return;
            }
            for (claim, mut paid) in all {
                paid.imported = imported;
                done = poster.change(&claim, |story| story.pay(paid));
                if done.is_err() {
                    return;
                }
            }
        })?;
        done?;
        unread(refused, (sha256, day), (store, batch))?;
        answers::post(&source, poster, store)
    }
}

/// Where the last week is kept that an import brought payments of.
const IMPORTED: &str = "meta/imported-until";

/// Keeps the last week that was imported.
fn imported_week(week: &str, store: &Store) -> Result<(), Refusal> {
    if *imported_until(store)? < *week {
        let mut batch = Batch::default();
        batch.put(IMPORTED, &week)?;
        store.write_ahead(&mut batch)?;
    }
    Ok(())
}

/// The last ISO week of payment that an import of old files brought; empty where none did.
///
/// # Errors
/// When the store can't be read.
pub fn imported_until(store: &Store) -> Result<String, store::Error> {
    Ok(store.get(IMPORTED)?.unwrap_or_default())
}

/// Keeps what could not be read of a file.
fn unread(
    refused: remittance::Refused,
    (sha256, day): (&str, Option<Date>),
    (store, batch): (&Store, &mut Batch),
) -> Result<(), Refusal> {
    let remittance::Refused { sets, version } = refused;
    if sets == 0 {
        return Ok(());
    }
    let week = day.map(week).unwrap_or_default();
    Unread { sha256: sha256.to_owned(), sets, version, week }.keep(batch, store)
}

fn came_key(file: &str) -> String {
    format!("came/{file}")
}

fn file_key(file: &str) -> String {
    format!("sent-file/{file}")
}

fn hold_key(hold: &str) -> String {
    format!("claim-of-hold/{hold}")
}

fn release_key(file: &str) -> String {
    format!("holds-of-release/{file}")
}

/// Lines of an archived verdict list, one at a time.
///
/// # Errors
/// When the list can't be opened; each item when it can't be read.
pub fn scrubbed(
    archive: &Archive,
    report: &str,
) -> std::io::Result<impl Iterator<Item = std::io::Result<Scrubbed>> + use<>> {
    let lines = std::io::BufReader::new(archive.file(report)?).lines().zip(1..);
    Ok(lines.map(|(line, n)| Ok(decode(line?.as_bytes()).map_err(|bad| bad.at_line(n))?)))
}

/// The same, verdicts alone.
///
/// # Errors
/// As of [`scrubbed`].
pub fn verdicts(
    archive: &Archive,
    report: &str,
) -> std::io::Result<impl Iterator<Item = std::io::Result<Verdict>> + use<>> {
    let lines = std::io::BufReader::new(archive.file(report)?).lines().zip(1..);
    Ok(lines.map(|(line, n)| Ok(decode(line?.as_bytes()).map_err(|bad| bad.at_line(n))?)))
}

/// The claim at a place of a file, 1-based.
///
/// # Errors
/// When the index or the list of the file can't be read.
pub fn at_place(
    store: &Store,
    archive: &Archive,
    (file, position): (&str, u64),
) -> Result<Option<SentClaim>, Box<dyn Error + Send + Sync>> {
    let Some(of) = store.get::<SentFile>(&file_key(file))?.filter(|of| !of.report.is_empty()) else {
        return Ok(None);
    };
    for verdict in verdicts(archive, &of.report)? {
        let verdict = verdict?;
        if verdict.position == position {
            let story = super::story_of(store, archive, &verdict.claim)?;
            let own = |s: &SentClaim| s.file == file && s.position == position;
            return Ok(story.and_then(|story| story.sent.into_iter().find(own)));
        }
    }
    Ok(None)
}
