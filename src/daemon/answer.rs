//! The 277CA that waited: once a file's held claims are decided of, or when it can wait no longer, their sender hears what became of them.

use std::collections::HashSet;
use std::io::Write;

use super::error::Error;
use super::owed::Awaited;
use super::work::Worker;
use crate::acks::{self, Answers, HeldMeans, Worked};
use crate::config::{Channel, Config};
use crate::events;
use crate::holds::{self, Status};
use crate::journal::Record;
use crate::scrub::State as ClaimState;
use crate::scrub::survey::survey;

/// Journals an interchange of answers for every file whose turn it is: a file that is open from then on. Gives how many could not be
/// made now, which the next round tries again.
///
/// # Errors
/// When the state fails.
pub fn answer(worker: &Worker<'_>, config: &Config) -> Result<usize, Error> {
    if config.acks == Answers::None || config.held_means == HeldMeans::SendBack {
        return Ok(0);
    }
    let now = worker.state.world.clock.now();
    let owed = worker.state.owed(now.checked_sub(config.answer_within).unwrap_or_default());
    if owed.is_empty() {
        return Ok(0);
    }
    // Nobody decides of a hold between what is told and the record of it.
    let _alone = worker.state.deciding();
    let mut waiting = 0;
    for (of, awaited) in owed {
        let Some(channel) = config.channels.iter().find(|c| c.name == awaited.channel) else { continue };
        match tell(worker, channel, (&of, &awaited)) {
            Err(error) if error.retry() => {
                events::failed("answering for held claims", &error);
                waiting += 1;
            }
            told => told?,
        }
    }
    Ok(waiting)
}

fn tell(worker: &Worker<'_>, channel: &Channel, (of, awaited): (&str, &Awaited)) -> Result<(), Error> {
    let state = worker.state;
    let store = state.store()?;
    let mut left: HashSet<u64> = HashSet::new();
    for hold in &awaited.holds {
        if holds::show(&store, &hold.id)?.is_some_and(|held| held.status == Status::Sent) {
            left.insert(hold.position);
        }
    }
    let mut verdicts = worker.verdicts(Some(&awaited.report))?;
    for verdict in verdicts.iter_mut().filter(|v| left.contains(&v.position)) {
        verdict.verdict = ClaimState::Clean;
    }
    let raw = state.archive.source(&awaited.sha256);
    let survey =
        survey(&raw, channel.other, worker.edits.tolerances()).map_err(Error::io("reading", &raw.path))?;
    let waited: Vec<u64> = awaited.holds.iter().map(|hold| hold.position).collect();
    let worked = Worked { survey: &survey, verdicts: &verdicts, edits: worker.edits, waited: Some(&waited) };
    let now = state.world.clock.now().to_zoned(worker.timezone.clone()).datetime();
    let control = super::leave::number(channel.control_range, state.next_control(&channel.name)?);
    let stamp = worker.stamp(control, now);
    let file = state.next_id();
    let write = |out: &mut dyn Write| acks::write(&raw, worked, &stamp, out);
    let sha256 = state.archive.put(&file, write)?;
    let (of, channel, today) = (of.to_owned(), channel.name.clone(), now.date());
    state.append(vec![Record::Answer { file, of, channel, sha256, today }])?;
    Ok(())
}
