//! Does what a file's next step asks for, until nothing is left or it can't go on.

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use jiff::tz::TimeZone;

use super::custody::{self, Meta};
use super::error::Error;
use super::folded::FileState;
use super::publish::publish;
use super::replace::replace;
use super::stage::dismiss;
use super::state::State;
use super::step::{Effect, Event, Trouble, Way, step};
use crate::acks::{self, Answers, HeldMeans};
use crate::archive::{self, Stored};
use crate::claim::sent::{self, Sent};
use crate::config::{Channel, Repeats};
use crate::edits::EditSet;
use crate::events;
use crate::history::{self, ScrubbedRef};
use crate::journal::{Counted, HeldAnswer, Hold, Record};
use crate::scrub::repeats::{self, prints};
use crate::scrub::report::State as ClaimState;
use crate::scrub::{self, Settings, Source, Verdict, remittance};
use crate::world::{Fs, is_there};

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

/// How the work on a file ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing is left to do.
    Done,
    /// It is to be tried again.
    Wait,
}

impl Worker<'_> {
    pub(super) fn fs(&self) -> &dyn Fs {
        &*self.state.world.fs
    }

    /// Works on a file until it is done, or can't go on now. What won't pass sets it aside, whole, with its reason.
    ///
    /// # Errors
    /// What only a new start can mend.
    pub fn work(&self, id: &str, first: Event) -> Result<End, Error> {
        let Some(file) = self.state.file(id) else { return Ok(End::Done) };
        let (mut way, mut event) = (Way::new(file), first);
        loop {
            let (next, effects) = step(way, event);
            way = next;
            let mut happened = None;
            let mut failed = None;
            for effect in effects {
                match effect {
                    Effect::Wait => return Ok(End::Wait),
                    Effect::Clear => {
                        self.clear(&way.file)?;
                        return Ok(End::Done);
                    }
                    Effect::BeginAgain => return self.begin_again(&way.file),
                    Effect::Append(records) => {
                        if let Err(error) = self.state.append(records) {
                            // The way is ahead of the journal now: the next try reads it anew.
                            if error.retry() {
                                events::file_failed(&error);
                                return Ok(End::Wait);
                            }
                            return Err(error);
                        }
                    }
                    effect => match attempt(|| self.perform(&way.file, &effect), id) {
                        Ok(done) => happened = Some(done),
                        Err(error) => {
                            self.state.suspect(&error);
                            events::file_failed(&error);
                            happened = Some(Event::Failed(trouble(&error)));
                            failed = Some(error);
                        }
                    },
                }
            }
            match (happened, failed) {
                (Some(Event::Failed(Trouble::Ours)), Some(error)) => return Err(error),
                (Some(done), _) => event = done,
                (None, _) => return Ok(End::Done),
            }
        }
    }

    fn perform(&self, file: &FileState, effect: &Effect) -> Result<Event, Error> {
        let channel = || self.channel(file);
        match effect {
            Effect::Keep => match self.keep(file) {
                // What can't be kept can still be handed back as it is.
                Err(error) if file.quarantined.is_none() => Err(error),
                _ => Ok(Event::Kept),
            },
            Effect::Judge => self.judge(file, channel()?),
            Effect::Draw => {
                let verdicts = self.verdicts(file.report.as_deref())?;
                let held = verdicts.iter().filter(|v| v.verdict == ClaimState::Held);
                let hold = |v: &Verdict| Hold { id: self.state.next_id(), position: v.position };
                let answer = match self.answers {
                    (Answers::None, _) => HeldAnswer::Nothing,
                    (_, HeldMeans::FixHere) => HeldAnswer::Waits,
                    (_, HeldMeans::SendBack) => HeldAnswer::SentBack,
                };
                Ok(Event::Drawn(held.map(hold).collect(), answer))
            }
            Effect::Stage => Ok(Event::Staged(self.stage(file, channel()?, &self.raw(file)?)?)),
            Effect::Publish { fresh } => {
                let staged = file.staged.as_deref().unwrap_or_default();
                publish(&self.state.world.fs, channel()?, &file.id, staged, *fresh)?;
                events::published(staged.len());
                Ok(Event::Published)
            }
            Effect::Compare => {
                let verdicts = self.verdicts(file.report.as_deref())?;
                replace(self.state, file, &verdicts, &self.raw(file)?)?;
                Ok(Event::Compared)
            }
            Effect::Read => {
                let mut remittances = 0;
                let source = self.state.archive.source(&file.sha256);
                remittance::each(&source, &mut |_| remittances += 1)
                    .map_err(Error::io("reading", &source.path))?;
                let mut answers = 0;
                let count = &mut |_| answers += 1;
                source
                    .open()
                    .and_then(|bytes| acks::read::read(bytes, count))
                    .map_err(Error::io("reading", &source.path))?;
                events::posted(remittances);
                Ok(Event::Read { remittances, answers })
            }
            _ => self.close(file).map(|()| Event::Closed),
        }
    }

    fn channel(&self, file: &FileState) -> Result<&Channel, Error> {
        let unknown = || Error::NoChannel { file: file.id.clone(), channel: file.channel.clone() };
        self.channels.iter().find(|c| c.name == file.channel).ok_or_else(unknown)
    }

    /// The bytes a file is worked from: the archived ones; of one that is set aside, those in the spool where there are no others.
    fn raw(&self, file: &FileState) -> Result<Stored, Error> {
        if file.quarantined.is_none() {
            return Ok(self.state.archive.source(&file.sha256));
        }
        self.as_it_came(file)
    }

    /// Its bytes as they came: the archived ones, or those in the spool where there are no others.
    pub(super) fn as_it_came(&self, file: &FileState) -> Result<Stored, Error> {
        let archived = self.state.archive.source(file.came_as());
        let there = is_there(self.fs(), &archived.path).map_err(Error::io("looking at", &archived.path))?;
        match archive::hash(&archived) {
            // Its key is missing, or it may not be read now: that says nothing of its bytes.
            Err(e) if there && e.kind() == io::ErrorKind::PermissionDenied => {
                return Err(Error::io("reading", &archived.path)(e));
            }
            Ok(found) if there && found.0 == file.came_as() => return Ok(archived),
            _ => {}
        }
        Ok(self.state.stored(&self.state.spool(&file.id).join("raw")))
    }

    /// What a sender that kept the file open wrote on is a file of its own, which the next round finds in the spool.
    fn close(&self, file: &FileState) -> Result<(), Error> {
        if custody::original(self.state, &file.id)?.is_some() {
            let still_there = io::Error::other("the original of its copy is still there");
            return Err(Error::io("ending a file in", &self.state.spool(&file.id))(still_there));
        }
        custody::end_removal(self.state, &file.id)?;
        // Published is journalled: nobody asks any more whether this is the folder it was staged in.
        dismiss(self.fs(), self.channel(file)?, (&file.id, file.staged.as_deref().unwrap_or_default()))?;
        let raw = self.state.stored(&self.state.spool(&file.id).join("raw"));
        let there = is_there(self.fs(), &raw.path).map_err(Error::io("looking at", &raw.path))?;
        if there && archive::hash(&raw).map_err(Error::io("hashing", &raw.path))?.0 != file.came_as() {
            let (channel, direction, name) = (file.channel.clone(), file.direction, file.name.clone());
            let late_of = Some(file.id.clone());
            let meta = Meta { channel, direction, name, late_of, expected: None };
            custody::take_late(self.state, &file.id, &meta)?;
        }
        Ok(())
    }

    fn clear(&self, file: &FileState) -> Result<(), Error> {
        // It is done; the next start clears what is left.
        if let Err(error) = custody::discard(self.fs(), &self.state.spool(&file.id)) {
            events::failed("clearing a spool folder", &error);
        }
        events::done();
        Ok(())
    }

    /// Copies in the archive, which nobody else has open, of what is in a file and of how it came: all work reads these.
    fn keep(&self, file: &FileState) -> Result<(), Error> {
        if let Some(packed) = &file.packed {
            self.keep_as(file, packed, "raw")?;
            return self.keep_as(file, &file.sha256, "plain");
        }
        self.keep_as(file, &file.sha256, "raw")
    }

    fn keep_as(&self, file: &FileState, sha256: &str, spooled: &str) -> Result<(), Error> {
        let archived = self.state.archive.source(sha256);
        if !is_there(self.fs(), &archived.path).map_err(Error::io("looking at", &archived.path))? {
            let raw = self.state.spool(&file.id).join(spooled);
            let mut source = match self.fs().open(&raw) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => {
                    return Err(Error::Rewritten { file: file.id.clone() });
                }
                opened => opened.map_err(Error::io("opening", &raw))?,
            };
            let kept = self.state.archive.put(&file.id, |out| io::copy(&mut source, out).map(|_| ()))?;
            // The sender wrote on between hashing and copying; the bytes first received exist no more.
            return if kept == sha256 { Ok(()) } else { Err(Error::Rewritten { file: file.id.clone() }) };
        }
        self.state.archive.ensure(sha256)?;
        // A key that is missing is no damage: the file waits for it.
        match self.state.archive.is_sound(sha256) {
            Ok(true) => Ok(()),
            Ok(false) => {
                Err(Error::Custody { file: file.id.clone(), reason: "its archived bytes are damaged" })
            }
            Err(e) => Err(Error::io("hashing", &archived.path)(e)),
        }
    }

    /// Starts over with the bytes a file has now; of the ones first received nothing has left.
    fn begin_again(&self, file: &FileState) -> Result<End, Error> {
        let (channel, direction, name) = (file.channel.clone(), file.direction, file.name.clone());
        // What is late stays late: its first part has left already.
        let meta = Meta { channel, direction, name, late_of: file.late_of.clone(), expected: None };
        let spool = self.state.spool(&file.id);
        let raw = spool.join("raw");
        let done = || vec![Record::Done { file: file.id.clone() }];
        let look = |path: &Path| is_there(self.fs(), path).map_err(Error::io("looking at", path));
        let begun = look(&raw).and_then(|there| {
            // Where it isn't, a crash came after its bytes went over to the other file: their note stays behind. Without that the whole
            // spool is away, and nothing is known of them.
            if there {
                custody::take_late(self.state, &file.id, &meta)?;
            } else if !look(&spool.join("meta.json"))? {
                return Err(Error::io("looking at", &raw)(io::ErrorKind::NotFound.into()));
            }
            self.state.append(done())
        });
        match begun {
            // The bytes lie in the spool as a file of their own, which the next round finds.
            Ok(()) => self.clear(file).map(|()| End::Done),
            Err(error) if error.retry() => {
                events::file_failed(&error);
                Ok(End::Wait)
            }
            Err(error) => Err(error),
        }
    }

    fn judge(&self, file: &FileState, channel: &Channel) -> Result<Event, Error> {
        let settings = Settings { today: file.today, threads: self.threads, other: channel.other };
        let edits = if channel.shadow { self.trial } else { self.edits };
        let raw = self.raw(file)?;
        let (mut done, survey) = scrub::scrub(&raw, edits, settings)?;
        let mut known = Vec::new();
        if channel.repeats == Repeats::Hold {
            known = prints(&raw, &survey, &done.verdicts).map_err(Error::io("reading", &raw.path))?;
            repeats::hold(&mut done, edits, &self.state.repeats(file, &known));
        }
        for rejection in &done.rejections {
            events::refused(&rejection.edit, &rejection.level, rejection.segment, rejection.offset);
        }
        let report = self.state.archive.put(&file.id, |out| write_verdicts(out, &done.verdicts, &raw))?;
        let c = done.claims;
        let claims = Counted { r#in: c.r#in, clean: c.clean, held: c.held, rejected: c.rejected };
        events::scrubbed(c.r#in, c.clean, c.held, c.rejected);
        Ok(Event::Judged { report, edits: edits.hash().to_owned(), claims, prints: known })
    }

    /// Verdicts are read back, never made again; and only as they were written.
    pub(super) fn verdicts(&self, report: Option<&str>) -> Result<Vec<Verdict>, Error> {
        let Some(report) = report else { return Ok(Vec::new()) };
        let list = self.state.archive.source(report);
        let sound = archive::hash(&list).map_err(Error::io("hashing", &list.path))?.0 == report;
        if !sound {
            let damaged = io::Error::new(io::ErrorKind::InvalidData, "the archived verdicts are damaged");
            return Err(Error::io("reading", &list.path)(damaged));
        }
        history::verdicts(&self.state.archive, report)
            .and_then(Iterator::collect::<io::Result<Vec<Verdict>>>)
            .map_err(Error::io("reading verdicts", &list.path))
    }
}

fn trouble(error: &Error) -> Trouble {
    match error {
        Error::Rewritten { .. } => Trouble::Rewritten,
        error if error.is_of_the_file() => Trouble::OfTheFile(events::chain(error)),
        error if error.retry() => Trouble::Passing,
        _ => Trouble::Ours,
    }
}

/// A panic is a fault of ours that this file brings out: it must not end the daemon for all others.
fn attempt(work: impl FnOnce() -> Result<Event, Error>, id: &str) -> Result<Event, Error> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(Error::Custody { file: id.to_owned(), reason: "the program failed on it" }))
}

/// A line each, with what is remembered of the claim.
pub(super) fn write_verdicts(out: &mut dyn Write, verdicts: &[Verdict], raw: &Stored) -> io::Result<()> {
    let mut line = |verdict: &Verdict, sent: Option<&Sent>| -> io::Result<()> {
        serde_json::to_writer(&mut *out, &ScrubbedRef { verdict, sent })?;
        out.write_all(b"\n")
    };
    let mut waiting = verdicts.iter().peekable();
    let mut done = Ok(());
    sent::read(raw.open()?, &mut |told| {
        // One that the scrub has not seen is nobody's; one seen by the scrub alone is remembered by its verdict.
        while let Some(verdict) = waiting.next_if(|v| v.facts.offset <= told.offset) {
            let own = (verdict.facts.offset == told.offset).then_some(&told.sent);
            done = std::mem::replace(&mut done, Ok(())).and_then(|()| line(verdict, own));
        }
    })?;
    done?;
    waiting.try_for_each(|verdict| line(verdict, None))
}
