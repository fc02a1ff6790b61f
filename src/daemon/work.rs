//! Takes a file from whatever step it has reached to done.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ulid::Ulid;

use super::custody::{self, Meta};
use super::desk::{self, Correction};
use super::error::Error;
use super::folded::{FileState, Release};
use super::notices::Reason;
use super::publish::publish;
use super::replace::replace;
use super::stage::{published_name, stage};
use super::state::State;
use crate::acks::{self, Answers, HeldMeans, Stamp};
use crate::archive::{self, FileSource};
use crate::config::Channel;
use crate::edits::{EditSet, Rejection, Tolerances};
use crate::events;
use crate::history;
use crate::journal::{Counted, Direction, Hold, Outlet, Output, Record};
use crate::scrub::partition::{Written, partition, reads_back};
use crate::scrub::plan::rejected_ranges;
use crate::scrub::report::State as ClaimState;
use crate::scrub::survey::survey;
use crate::scrub::{self, Other, Settings, Verdict, remittance};

/// What files are worked with.
pub struct Worker<'a> {
    /// The state.
    pub state: &'a State,
    /// Channels by name.
    pub channels: &'a [Channel],
    /// Edits in force.
    pub edits: &'a EditSet,
    /// The same on trial, for channels in shadow.
    pub trial: &'a EditSet,
    /// Threads that judge.
    pub threads: usize,
    /// Which answers are written, and what they say of held claims.
    pub answers: (Answers, HeldMeans),
    /// The site's.
    pub timezone: &'a TimeZone,
}

/// Interchanges of answers that one file may draw before their control numbers meet those of the next.
const ANSWERS_A_FILE: u64 = 8;

impl Worker<'_> {
    /// Works on a file until it is done.
    ///
    /// # Errors
    /// What stopped it; the file stays in our custody, and the next try goes on from the last journalled step.
    pub fn finish(&self, id: &str) -> Result<(), Error> {
        let Some(file) = self.state.file(id) else { return Ok(()) };
        let unknown = || Error::NoChannel { file: id.to_owned(), channel: file.channel.clone() };
        let channel = self.channels.iter().find(|c| c.name == file.channel).ok_or_else(unknown)?;
        let raw = match self.keep(&file) {
            // What can't be kept can still be handed back as it is.
            Err(_) if file.quarantined.is_some() => FileSource(self.state.spool(id).join("raw")),
            kept => kept?,
        };
        let refused = file.quarantined.is_some() || file.late_of.is_some() || file.duplicate_of.is_some();
        if file.direction == Direction::Outbound && !refused && file.release.is_none() {
            self.judge(&file, channel, &raw)?;
        }
        let file = self.state.file(id).unwrap_or(file);
        let fresh = file.staged.is_none();
        if fresh {
            let outputs = self.stage(&file, channel, &raw)?;
            self.state.append(vec![Record::Staged { file: id.to_owned(), outputs }])?;
        }
        let staged = self.state.file(id).and_then(|f| f.staged).unwrap_or_default();
        if !file.published {
            publish(channel, id, &staged, fresh)?;
            self.state.append(vec![Record::Published { file: id.to_owned() }])?;
            events::published(staged.len());
        }
        if file.direction == Direction::Inbound && !file.posted && !refused {
            self.post(&file)?;
        }
        self.done(&file)
    }

    /// Ends the work on a file. A sender that kept it open may have written on: what came late is another file.
    fn done(&self, file: &FileState) -> Result<(), Error> {
        let raw = FileSource(self.state.spool(&file.id).join("raw"));
        let there = raw.0.try_exists().map_err(Error::io("looking at", &raw.0))?;
        let mut late = None;
        if there && archive::hash(&raw).map_err(Error::io("hashing", &raw.0))?.0 != file.sha256 {
            let (channel, direction, name) = (file.channel.clone(), file.direction, file.name.clone());
            let meta = Meta { channel, direction, name, late_of: Some(file.id.clone()) };
            late = Some((custody::take_late(self.state, &file.id, &meta)?, meta));
        }
        let mut records = vec![Record::Done { file: file.id.clone() }];
        if let Some(outcome) = file.quarantined.as_deref().or(file.late_of.as_deref().map(|_| "written on")) {
            records.push(super::notices::file_alert(file, outcome));
        }
        self.state.append(records)?;
        let spool = self.state.spool(&file.id);
        match fs::remove_dir_all(&spool) {
            // Released claims come out of the archive.
            Err(e) if e.kind() == io::ErrorKind::NotFound && file.release.is_some() => {}
            removed => removed.map_err(Error::io("removing", &spool))?,
        }
        events::done();
        match late {
            None => Ok(()),
            Some((id, meta)) => {
                custody::receive(self.state, &id, &meta, file.today)?;
                self.finish(&id)
            }
        }
    }

    fn stage(&self, file: &FileState, channel: &Channel, raw: &FileSource) -> Result<Vec<Output>, Error> {
        let refused = match (&file.quarantined, &file.late_of, &file.duplicate_of) {
            (Some(why), _, _) => Some(Reason::quarantined(file, why)),
            (_, Some(earlier), _) => Some(Reason::late(file, earlier)),
            (_, _, Some(earlier)) if file.direction == Direction::Outbound => {
                Some(Reason::duplicate(file, earlier))
            }
            _ => None,
        };
        match (refused, file.direction) {
            (Some(reason), Direction::Outbound) => self.stage_whole(file, channel, raw, (0, &reason)),
            (reason, Direction::Inbound) => self.stage_inbound(file, channel, raw, reason),
            (None, Direction::Outbound) => match &file.release {
                Some(release) => self.stage_release(file, channel, raw, release),
                None => self.stage_outbound(file, channel, raw),
            },
        }
    }

    /// Claims that were held, and for the practice system what was corrected in them.
    fn stage_release(
        &self,
        file: &FileState,
        channel: &Channel,
        raw: &FileSource,
        release: &Release,
    ) -> Result<Vec<Output>, Error> {
        let name = published_name(&file.name, &file.id);
        let copy = |out: &mut dyn Write| io::copy(&mut File::open(&raw.0)?, out).map(|_| ());
        let clean = stage(channel, (Outlet::Clean, &file.id, 0), name.clone(), copy)?;
        let mut outputs: Vec<Output> = clean.into_iter().collect();
        if let Some(list) = &release.corrections {
            let list = self.state.archive.source(list);
            let bytes = fs::read(&list.0).map_err(Error::io("reading corrections", &list.0))?;
            let corrections: Vec<Correction> = serde_json::from_slice(&bytes)
                .map_err(|source| Error::Encode { what: "corrections", source })?;
            let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
            let json = format!("{stem}.corrections.json");
            outputs.extend(stage(channel, (Outlet::Acks, &file.id, 1), json, |out| {
                serde_json::to_writer_pretty(&mut *out, &corrections)?;
                out.write_all(b"\n")
            })?);
            let csv = format!("{stem}.corrections.csv");
            outputs.extend(stage(channel, (Outlet::Acks, &file.id, 2), csv, |out| {
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
        raw: &FileSource,
        (first, reason): (usize, &Reason),
    ) -> Result<Vec<Output>, Error> {
        // A clean file and its answers staged by an earlier try leave with nothing.
        for (outlet, n) in [(Outlet::Clean, 0), (Outlet::Acks, 0), (Outlet::Acks, 1), (Outlet::Acks, 2)] {
            let earlier = super::stage::temporary(channel, outlet, &file.id, n);
            match fs::remove_file(&earlier) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::io("removing", &earlier)(e));
                }
                _ => {}
            }
        }
        let whole = 0..fs::metadata(&raw.0).map_err(Error::io("reading", &raw.0))?.len();
        self.stage_rejected(file, channel, raw, (first, std::slice::from_ref(&whole), reason))
    }

    /// A copy in the archive, which nobody else has open: all work reads that one.
    fn keep(&self, file: &FileState) -> Result<FileSource, Error> {
        let archived = self.state.archive.source(&file.sha256);
        if !archived.0.try_exists().map_err(Error::io("looking at", &archived.0))? {
            let raw = self.state.spool(&file.id).join("raw");
            let mut source = match File::open(&raw) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => {
                    return Err(Error::Rewritten { file: file.id.clone() });
                }
                opened => opened.map_err(Error::io("opening", &raw))?,
            };
            self.state.archive.put(&file.id, |out| io::copy(&mut source, out).map(|_| ()))?;
        }
        let found = archive::hash(&archived).map(|(sha256, _)| sha256);
        match found {
            Ok(sha256) if sha256 == file.sha256 => Ok(archived),
            // The sender wrote on between hashing and copying; the bytes first received exist no more.
            Err(e) if e.kind() == io::ErrorKind::NotFound => Err(Error::Rewritten { file: file.id.clone() }),
            Ok(_) => Err(Error::Custody { file: file.id.clone(), reason: "its archived bytes are damaged" }),
            Err(e) => Err(Error::io("hashing", &archived.0)(e)),
        }
    }

    /// Starts over with the bytes a file has now; of the ones first received nothing has left.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn begin_again(&self, id: &str) -> Result<(), Error> {
        let Some(file) = self.state.file(id) else { return Ok(()) };
        let (channel, direction, name) = (file.channel.clone(), file.direction, file.name.clone());
        // What is late stays late: its first part has left already.
        let meta = Meta { channel, direction, name, late_of: file.late_of.clone() };
        let raw = self.state.spool(id).join("raw");
        if !raw.try_exists().map_err(Error::io("looking at", &raw))? {
            // A crash came after its bytes went over to the other file.
            return self.state.append(vec![Record::Done { file: id.to_owned() }]);
        }
        let again = custody::take_late(self.state, id, &meta)?;
        self.state.append(vec![Record::Done { file: id.to_owned() }])?;
        let spool = self.state.spool(id);
        fs::remove_dir_all(&spool).map_err(Error::io("removing", &spool))?;
        custody::receive(self.state, &again, &meta, file.today)?;
        self.finish(&again)
    }

    /// Verdicts and holds, journalled once.
    fn judge(&self, file: &FileState, channel: &Channel, raw: &FileSource) -> Result<(), Error> {
        let mut report = file.report.clone();
        if report.is_none() {
            let settings = Settings { today: file.today, threads: self.threads, other: channel.other };
            let edits = if channel.shadow { self.trial } else { self.edits };
            let (done, _) = scrub::scrub(raw, edits, settings)?;
            for rejection in &done.rejections {
                events::refused(&rejection.edit, &rejection.level, rejection.segment, rejection.offset);
            }
            let list = self.state.archive.put(&file.id, |out| write_verdicts(out, &done.verdicts))?;
            let c = done.claims;
            let claims = Counted { r#in: c.r#in, clean: c.clean, held: c.held, rejected: c.rejected };
            events::scrubbed(c.r#in, c.clean, c.held, c.rejected);
            self.state.append(vec![Record::Verdicts {
                file: file.id.clone(),
                report: list.clone(),
                edits: edits.hash().to_owned(),
                claims,
            }])?;
            report = Some(list);
        }
        if !file.held {
            let held =
                self.verdicts(report.as_deref())?.into_iter().filter(|v| v.verdict == ClaimState::Held);
            let holds: Vec<Hold> =
                held.map(|v| Hold { id: self.state.ids.next(), position: v.position }).collect();
            if !holds.is_empty() {
                self.state.append(vec![Record::Held { file: file.id.clone(), holds }])?;
            }
        }
        if file.staged.is_none() {
            replace(self.state, file, &self.verdicts(report.as_deref())?, raw)?;
        }
        Ok(())
    }

    /// Verdicts are read back, never made again.
    fn verdicts(&self, report: Option<&str>) -> Result<Vec<Verdict>, Error> {
        let Some(report) = report else { return Ok(Vec::new()) };
        let path = self.state.archive.path(report);
        history::verdicts(&self.state.archive, report)
            .and_then(Iterator::collect::<io::Result<Vec<Verdict>>>)
            .map_err(Error::io("reading verdicts", &path))
    }

    fn stage_outbound(
        &self,
        file: &FileState,
        channel: &Channel,
        raw: &FileSource,
    ) -> Result<Vec<Output>, Error> {
        let verdicts = self.verdicts(file.report.as_deref())?;
        let survey =
            survey(raw, channel.other, self.edits.tolerances()).map_err(Error::io("reading", &raw.0))?;
        let states = scrub::states(&verdicts);
        let name = published_name(&file.name, &file.id);
        let mut written = Written::default();
        let clean = stage(channel, (Outlet::Clean, &file.id, 0), name.clone(), |out| {
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
        let worked = acks::Worked { survey: &survey, verdicts: &verdicts, edits: self.edits };
        let stamp = self.stamp(file);
        outputs.extend(stage(channel, (Outlet::Acks, &file.id, outputs.len()), name, |out| {
            acks::write(raw, worked, &stamp, out)
        })?);
        let (_, rejections) = survey.envelopes(self.edits);
        if !rejections.is_empty() || states.count(ClaimState::Rejected) > 0 {
            let nothing_left = !some_left && states.count(ClaimState::Held) == 0;
            let whole = 0..survey.outline.bytes;
            let ranges = if nothing_left { Vec::from([whole]) } else { rejected_ranges(&survey, &verdicts) };
            let outcome = if nothing_left { "rejected" } else { "partly rejected" };
            let reason = Reason::of(file, outcome, &rejections, &verdicts);
            outputs.extend(self.stage_rejected(file, channel, raw, (outputs.len(), &ranges, &reason))?);
        }
        Ok(outputs)
    }

    /// Numbers and times of a file's answers: its own, so that work done again gives the same bytes.
    fn stamp(&self, file: &FileState) -> Stamp {
        let control = file.number * ANSWERS_A_FILE % 999_999_999 + 1;
        let received = Ulid::from_string(&file.id).map_or(0, |id| id.timestamp_ms());
        let received = i64::try_from(received).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
        let now = received.unwrap_or_default().to_zoned(self.timezone.clone()).datetime();
        let (answers, held_means) = self.answers;
        Stamp { answers, held_means, control: u32::try_from(control).unwrap_or(1), now }
    }

    /// Reads the staged clean file as its receiver will.
    fn recount(&self, file: &FileState, channel: &Channel, wanted: u64) -> Result<(), Error> {
        let path = super::stage::temporary(channel, Outlet::Clean, &file.id, 0);
        if reads_back(&FileSource(path.clone()), wanted, self.edits.tolerances())
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
        raw: &FileSource,
        refused: Option<Reason>,
    ) -> Result<Vec<Output>, Error> {
        let name = published_name(&file.name, &file.id);
        let copy = |out: &mut dyn Write| io::copy(&mut File::open(&raw.0)?, out).map(|_| ());
        let delivered = stage(channel, (Outlet::Delivered, &file.id, 0), name, copy)?;
        let mut outputs: Vec<Output> = delivered.into_iter().collect();
        let reason = match refused {
            Some(reason) => Some(reason),
            None => {
                let survey =
                    survey(raw, Other::Pass, Tolerances::all()).map_err(Error::io("reading", &raw.0))?;
                let (_, rejections) = survey.envelopes(self.edits);
                report_refused(&rejections);
                (!rejections.is_empty()).then(|| Reason::of(file, "delivered, not read", &rejections, &[]))
            }
        };
        if let Some(reason) = reason {
            outputs.extend(self.stage_whole(file, channel, raw, (outputs.len(), &reason))?);
        }
        Ok(outputs)
    }

    /// The unusable bytes and, beside them, the reason.
    fn stage_rejected(
        &self,
        file: &FileState,
        channel: &Channel,
        raw: &FileSource,
        (first, ranges, reason): (usize, &[Range<u64>], &Reason),
    ) -> Result<Vec<Output>, Error> {
        let name = published_name(&file.name, &file.id);
        let bytes = stage(channel, (Outlet::Rejected, &file.id, first), name.clone(), |out| {
            let mut source = File::open(&raw.0)?;
            for range in ranges {
                source.seek(SeekFrom::Start(range.start))?;
                io::copy(&mut (&mut source).take(range.end.saturating_sub(range.start)), out)?;
            }
            Ok(())
        })?;
        // An empty file leaves only its reason.
        let place = first + usize::from(bytes.is_some());
        let note =
            stage(channel, (Outlet::Rejected, &file.id, place), format!("{name}.reason.json"), |out| {
                serde_json::to_writer_pretty(&mut *out, reason)?;
                out.write_all(b"\n")
            })?;
        Ok(bytes.into_iter().chain(note).collect())
    }

    fn post(&self, file: &FileState) -> Result<(), Error> {
        let mut remittances = 0;
        let source = self.state.archive.source(&file.sha256);
        remittance::each(&source, &mut |_| remittances += 1).map_err(Error::io("reading", &source.0))?;
        if remittances > 0 {
            let sha256 = file.sha256.clone();
            self.state.append(vec![Record::Posted { file: file.id.clone(), sha256, remittances }])?;
            events::posted(remittances);
        }
        Ok(())
    }
}

fn report_refused(rejections: &[Rejection]) {
    for rejection in rejections {
        events::refused(&rejection.edit, &rejection.level, rejection.segment, rejection.offset);
    }
}

fn write_verdicts(out: &mut dyn Write, verdicts: &[Verdict]) -> io::Result<()> {
    for verdict in verdicts {
        serde_json::to_writer(&mut *out, verdict)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
