//! What a file becomes: its clean claims, the answers to it, what is refused; each written beside its folder.

use std::io::{self, Read, Write};
use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::DateTime;
use ulid::Ulid;

use super::desk::{self, Correction};
use super::error::Error;
use super::folded::{FileState, Ours};
use super::notices::Reason;
use super::stage::{published_name, stage};
use super::work::Worker;
use crate::acks::{self, Stamp};
use crate::archive::Stored;
use crate::config::Channel;
use crate::edits::{Rejection, Tolerances};
use crate::events;
use crate::journal::{Direction, Outlet, Output};
use crate::phi::decode;
use crate::scrub::partition::{Written, partition, reads_back};
use crate::scrub::plan::rejected_ranges;
use crate::scrub::report::State as ClaimState;
use crate::scrub::survey::survey;
use crate::scrub::{self, Other, Source};

/// Interchanges of answers that one file may draw before their control numbers meet those of the next.
const ANSWERS_A_FILE: u64 = 8;

impl Worker<'_> {
    /// Writes all outputs of a file.
    ///
    /// # Errors
    /// When the file system refuses, or what was written doesn't read back.
    pub(super) fn stage(
        &self,
        file: &FileState,
        channel: &Channel,
        raw: &Stored,
    ) -> Result<Vec<Output>, Error> {
        let refused = match (&file.quarantined, &file.late_of, &file.duplicate_of) {
            (Some(why), _, _) => Some(Reason::quarantined(file, why)),
            (_, Some(earlier), _) => Some(Reason::late(file, earlier)),
            (_, _, Some(earlier)) if file.direction == Direction::Outbound => {
                Some(Reason::duplicate(file, earlier))
            }
            _ => None,
        };
        match (refused, file.direction) {
            (Some(reason), Direction::Outbound) => self.stage_whole(file, channel, (0, &reason)),
            (reason, Direction::Inbound) => self.stage_inbound(file, channel, raw, reason),
            (None, Direction::Outbound) => match &file.ours {
                Some(Ours::Release { corrections, .. }) => {
                    self.stage_release(file, channel, raw, corrections.as_deref())
                }
                Some(Ours::Answer) => {
                    let name = published_name(file.name.expose(), &file.id);
                    let copy = |out: &mut dyn Write| io::copy(&mut raw.open()?, out).map(|_| ());
                    let answer = stage(self.fs(), channel, (Outlet::Acks, &file.id, 0), name, copy)?;
                    Ok(answer.into_iter().collect())
                }
                None => self.stage_outbound(file, channel, raw),
            },
        }
    }

    /// Claims that were held, and for the practice system what was corrected in them.
    fn stage_release(
        &self,
        file: &FileState,
        channel: &Channel,
        raw: &Stored,
        corrections: Option<&str>,
    ) -> Result<Vec<Output>, Error> {
        let name = published_name(file.name.expose(), &file.id);
        let copy = |out: &mut dyn Write| io::copy(&mut raw.open()?, out).map(|_| ());
        let clean = stage(self.fs(), channel, (Outlet::Clean, &file.id, 0), name.clone(), copy)?;
        let mut outputs: Vec<Output> = clean.into_iter().collect();
        if let Some(list) = corrections {
            let read = self.state.archive.read(list);
            let bytes = read.map_err(Error::io("reading corrections", &self.state.archive.path(list)))?;
            let corrections: Vec<Correction> = decode(&bytes).map_err(|_| Error::Custody {
                file: file.id.clone(),
                reason: "what was corrected can't be read",
            })?;
            let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
            let json = format!("{stem}.corrections.json");
            outputs.extend(stage(self.fs(), channel, (Outlet::Acks, &file.id, 1), json, |out| {
                serde_json::to_writer_pretty(&mut *out, &corrections)?;
                out.write_all(b"\n")
            })?);
            let csv = format!("{stem}.corrections.csv");
            outputs.extend(stage(self.fs(), channel, (Outlet::Acks, &file.id, 2), csv, |out| {
                desk::write_csv(out, &corrections)
            })?);
        }
        Ok(outputs)
    }

    /// The whole file to the rejected folder.
    fn stage_whole(
        &self,
        file: &FileState,
        channel: &Channel,
        (first, reason): (usize, &Reason),
    ) -> Result<Vec<Output>, Error> {
        let raw = self.as_it_came(file)?;
        // A clean file and its answers staged by an earlier try leave with nothing.
        for (outlet, n) in [(Outlet::Clean, 0), (Outlet::Acks, 0), (Outlet::Acks, 1), (Outlet::Acks, 2)] {
            let earlier = super::stage::temporary(channel, outlet, &file.id, n);
            match self.fs().remove(&earlier) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::io("removing", &earlier)(e));
                }
                _ => {}
            }
        }
        let whole = 0..raw.size().map_err(Error::io("reading", &raw.path))?;
        let name = published_name(file.name.expose(), &file.id);
        self.stage_rejected(channel, (&file.id, &name), &raw, (first, std::slice::from_ref(&whole), reason))
    }

    fn stage_outbound(
        &self,
        file: &FileState,
        channel: &Channel,
        raw: &Stored,
    ) -> Result<Vec<Output>, Error> {
        let verdicts = self.verdicts(file.report.as_deref())?;
        let survey =
            survey(raw, channel.other, self.edits.tolerances()).map_err(Error::io("reading", &raw.path))?;
        let states = scrub::states(&verdicts);
        let name = published_name(file.content_name(), &file.id);
        let mut written = Written::default();
        let clean = stage(self.fs(), channel, (Outlet::Clean, &file.id, 0), name.clone(), |out| {
            written = partition(raw, &survey, &states, out)?;
            Ok(())
        })?;
        let wanted = states.count(ClaimState::Clean);
        if written.claims != wanted {
            return Err(Error::Custody {
                file: file.id.clone(),
                reason: "the clean file doesn't hold every clean claim",
            });
        }
        if clean.is_some() {
            self.recount(file, channel, wanted)?;
        }
        let some_left = clean.is_some();
        let mut outputs: Vec<Output> = clean.into_iter().collect();
        let worked = acks::Worked { survey: &survey, verdicts: &verdicts, edits: self.edits, waited: None };
        let (control, at) = own_answers(file);
        let stamp = self.stamp(control, at.to_zoned(self.timezone.clone()).datetime());
        outputs.extend(stage(self.fs(), channel, (Outlet::Acks, &file.id, outputs.len()), name, |out| {
            acks::write(raw, worked, &stamp, out)
        })?);
        let (_, rejections) = survey.envelopes(self.edits);
        if !rejections.is_empty() || states.count(ClaimState::Rejected) > 0 {
            let nothing_left = !some_left && states.count(ClaimState::Held) == 0;
            let whole = 0..survey.outline.bytes;
            let ranges = if nothing_left { Vec::from([whole]) } else { rejected_ranges(&survey, &verdicts) };
            let outcome = if nothing_left { "rejected" } else { "partly rejected" };
            let reason = Reason::of(file, outcome, &rejections, &verdicts);
            let name = published_name(file.content_name(), &file.id);
            let what = (outputs.len(), ranges.as_slice(), &reason);
            outputs.extend(self.stage_rejected(channel, (&file.id, &name), raw, what)?);
        }
        Ok(outputs)
    }

    /// What answers are made with, by number and time.
    pub(super) fn stamp(&self, control: u64, now: DateTime) -> Stamp {
        let (answers, held_means) = self.answers;
        Stamp { answers, held_means, control: u32::try_from(control).unwrap_or(1), now }
    }

    /// Reads the staged clean file as its receiver will.
    fn recount(&self, file: &FileState, channel: &Channel, wanted: u64) -> Result<(), Error> {
        let path = super::stage::temporary(channel, Outlet::Clean, &file.id, 0);
        if reads_back(&self.state.stored(&path), wanted, self.edits.tolerances())
            .map_err(Error::io("reading", &path))?
        {
            return Ok(());
        }
        Err(Error::Custody { file: file.id.clone(), reason: "the clean file doesn't read back as it should" })
    }

    /// Every inbound file is delivered; with a reason beside a second copy where we can't use it.
    fn stage_inbound(
        &self,
        file: &FileState,
        channel: &Channel,
        raw: &Stored,
        refused: Option<Reason>,
    ) -> Result<Vec<Output>, Error> {
        let name = published_name(file.name.expose(), &file.id);
        let whole = self.as_it_came(file)?;
        let copy = |out: &mut dyn Write| io::copy(&mut whole.open()?, out).map(|_| ());
        let delivered = stage(self.fs(), channel, (Outlet::Delivered, &file.id, 0), name, copy)?;
        let mut outputs: Vec<Output> = delivered.into_iter().collect();
        let reason = match refused {
            Some(reason) => Some(reason),
            None => {
                let survey =
                    survey(raw, Other::Pass, Tolerances::all()).map_err(Error::io("reading", &raw.path))?;
                let (_, rejections) = survey.envelopes(self.edits);
                report_refused(&rejections);
                (!rejections.is_empty()).then(|| Reason::of(file, "delivered, not read", &rejections, &[]))
            }
        };
        if let Some(reason) = reason {
            outputs.extend(self.stage_whole(file, channel, (outputs.len(), &reason))?);
        }
        Ok(outputs)
    }

    /// The unusable bytes and, beside them, the reason.
    fn stage_rejected(
        &self,
        channel: &Channel,
        (id, name): (&str, &str),
        raw: &Stored,
        (first, ranges, reason): (usize, &[Range<u64>], &Reason),
    ) -> Result<Vec<Output>, Error> {
        let bytes = stage(self.fs(), channel, (Outlet::Rejected, id, first), name.to_owned(), |out| {
            for range in ranges {
                let source = raw.open_at(range.start)?;
                io::copy(&mut source.take(range.end.saturating_sub(range.start)), out)?;
            }
            Ok(())
        })?;
        // An empty file leaves only its reason.
        let place = first + usize::from(bytes.is_some());
        let note =
            stage(self.fs(), channel, (Outlet::Rejected, id, place), format!("{name}.reason.json"), |out| {
                serde_json::to_writer_pretty(&mut *out, reason)?;
                out.write_all(b"\n")
            })?;
        Ok(bytes.into_iter().chain(note).collect())
    }
}

/// Number and time of a file's answers: its own, so that work done again gives the same bytes.
fn own_answers(file: &FileState) -> (u64, Timestamp) {
    let control = file.number * ANSWERS_A_FILE % 999_999_999 + 1;
    let received = Ulid::from_string(&file.id).map_or(0, |id| id.timestamp_ms());
    let received = i64::try_from(received).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    (control, received.unwrap_or_default())
}

fn report_refused(rejections: &[Rejection]) {
    for rejection in rejections {
        events::refused(&rejection.edit, &rejection.level, rejection.segment, rejection.offset);
    }
}
