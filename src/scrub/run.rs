//! The four steps together.

use std::collections::BTreeMap;
use std::io;
use std::sync::mpsc::{self, TrySendError};
use std::sync::{Mutex, PoisonError};
use std::thread;

use jiff::civil::Date;
use thiserror::Error;

use super::conserve::{Conservation, Tally};
use super::judge::judge;
use super::judged::{Collect, Judged, Render};
use super::report::{Coverage, Off, Report};
use super::ring::Ring;
use super::split::{Piece, Splitter, split};
use super::states::States;
use super::survey::{Survey, survey};
use super::{Other, Source};
use crate::edits::{EditSet, Finding, Nothing, Tables};
use crate::schema::Guide;

/// What a scrub is told besides the bytes.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The day at the site.
    pub today: Date,
    /// Threads that judge.
    pub threads: usize,
    /// What happens to sets that are neither claims nor answers.
    pub other: Other,
}

/// We failed.
#[derive(Debug, Error)]
pub enum Error {
    /// The bytes can't be read, or the verdicts not written.
    #[error("reading the file")]
    Read(#[from] io::Error),
    /// A claim was lost or doubled inside; nothing may leave.
    #[error(transparent)]
    Conservation(#[from] Conservation),
}

/// What became of a file whose verdicts were given on as they came.
#[derive(Debug)]
pub struct Outcome {
    /// All but the verdicts.
    pub report: Report,
    /// Its envelopes.
    pub survey: Survey,
    /// The state of every claim.
    pub states: States,
}

/// Takes what a scrub gives: the report's head before the first verdict, then the verdicts, piece by piece in file order.
pub trait Receive<P> {
    /// `head` has no verdicts, findings or totals yet.
    ///
    /// # Errors
    /// When it can't be written.
    fn begin(&mut self, head: &Report) -> io::Result<()>;

    /// The verdicts of the next piece.
    ///
    /// # Errors
    /// When they can't be written.
    fn part(&mut self, part: P) -> io::Result<()>;
}

impl<T> Receive<Vec<T>> for Vec<T> {
    fn begin(&mut self, _: &Report) -> io::Result<()> {
        Ok(())
    }

    fn part(&mut self, mut part: Vec<T>) -> io::Result<()> {
        self.append(&mut part);
        Ok(())
    }
}

/// Scrubs a file and keeps every verdict. The report's `file` and `sha256` are the caller's to fill.
///
/// # Errors
/// When the bytes can't be read, or claims are not conserved.
pub fn scrub<S: Source + ?Sized>(
    source: &S,
    edits: &EditSet,
    settings: Settings,
) -> Result<(Report, Survey), Error> {
    let mut verdicts = Vec::new();
    let Outcome { mut report, survey, .. } =
        scrub_to(source, edits, settings, split, (&Collect, &mut verdicts))?;
    report.verdicts = verdicts;
    Ok((report, survey))
}

/// Scrubs a file in memory that doesn't grow with it: verdicts are rendered where they are made, and received in order.
/// The splitter is [`split`], unless a test breaks it.
///
/// # Errors
/// When the bytes can't be read, the receiver fails, or claims are not conserved. What was received is void then.
pub fn scrub_to<S: Source + ?Sized, R: Render>(
    source: &S,
    edits: &EditSet,
    settings: Settings,
    splitter: Splitter<S>,
    (render, receive): (&R, &mut dyn Receive<R::Part>),
) -> Result<Outcome, Error> {
    let mut survey = survey(source, settings.other, edits.tolerances())?;
    let (findings, rejections) = survey.envelopes(edits);
    let tables =
        Tables { today: settings.today, codes: edits.codes(), payers: edits.payers(), past: &Nothing };
    let off = edits.off().map(|(edit, needs)| Off { edit: edit.id.clone(), needs: needs.to_owned() });
    let off: Vec<Off> = off.collect();
    let coverage = Coverage { run: (edits.active().count() - off.len()) as u64, off };
    let mut report = Report {
        file: String::new(),
        sha256: String::new(),
        kind: survey.kind.to_owned(),
        today: settings.today,
        edits: edits.hash().to_owned(),
        coverage,
        verdicts: Vec::new(),
        findings,
        rejections,
        claims: Default::default(),
        charges: Default::default(),
        would_hold: 0,
    };
    receive.begin(&report)?;
    let mut merged = Merged::default();
    let mut ring = Ring::default();
    let judged = |piece: Piece| {
        let judged = judge(&piece, &survey, edits, &tables, render);
        let again = (!judged.seen.is_empty()).then_some(piece);
        (judged, again)
    };
    // In file order: here every claim before a piece is known.
    let mut merge = |(mut judged, again): Work<R::Part>| {
        if let Some(piece) = again {
            let guide = piece.guide.unwrap_or(Guide::Professional);
            if ring.add(std::mem::take(&mut judged.seen), |own, earlier| edits.meets(guide, own, earlier)) {
                judged = judge(&piece, &survey, edits, &Tables { past: &ring, ..tables }, render);
            }
            ring.forget();
        }
        merged.add(judged, receive)
    };
    match settings.threads {
        0 | 1 => splitter(source, &survey, &mut |piece| merge(judged(piece)))?,
        threads => {
            let cut = |emit: &mut dyn FnMut(Piece) -> io::Result<()>| splitter(source, &survey, emit);
            in_parallel(threads, judged, cut, &mut merge)?;
        }
    }
    let (claims, charges) = merged.tally.check(&survey)?;
    (report.claims, report.charges) = (claims, charges);
    report.findings.append(&mut merged.findings);
    report.would_hold = merged.would_hold;
    survey.unfit = merged.unfit;
    Ok(Outcome { report, survey, states: merged.states })
}

/// What a piece came to, and the piece where it may have to be judged again.
type Work<P> = (Judged<P>, Option<Piece>);

/// What the pieces so far came to.
#[derive(Default)]
struct Merged {
    tally: Tally,
    states: States,
    findings: Vec<Finding>,
    unfit: Vec<u64>,
    would_hold: u64,
}

impl Merged {
    fn add<P>(&mut self, mut judged: Judged<P>, receive: &mut dyn Receive<P>) -> io::Result<()> {
        self.tally.append(&judged.tally);
        judged.states.iter().for_each(|s| self.states.push(*s));
        self.findings.append(&mut judged.findings);
        self.unfit.append(&mut judged.unfit);
        self.would_hold += judged.would_hold;
        receive.part(judged.part)
    }
}

/// Judges pieces on so many threads while they are being cut; what they come to is merged in file order.
fn in_parallel<P: Send>(
    threads: usize,
    judge: impl Fn(Piece) -> Work<P> + Sync,
    cut: impl FnOnce(&mut dyn FnMut(Piece) -> io::Result<()>) -> io::Result<()>,
    merge: &mut dyn FnMut(Work<P>) -> io::Result<()>,
) -> io::Result<()> {
    let (sender, receiver) = mpsc::sync_channel::<(usize, Piece)>(threads * 2);
    let receiver = Mutex::new(receiver);
    let (done, results) = mpsc::channel::<(usize, Work<P>)>();
    let next = || receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
    thread::scope(|scope| {
        let worker = |_| {
            let (next, judge, done) = (&next, &judge, done.clone());
            scope.spawn(move || {
                while let Ok((n, piece)) = next() {
                    // Nobody waits for it any more when the file has failed.
                    if done.send((n, judge(piece))).is_err() {
                        break;
                    }
                }
            })
        };
        let workers: Vec<_> = (0..threads).map(worker).collect();
        drop(done);
        let mut waiting = BTreeMap::new();
        let mut wanted = 0;
        let mut take = |(n, judged): (usize, Work<P>)| -> io::Result<()> {
            waiting.insert(n, judged);
            while let Some(judged) = waiting.remove(&wanted) {
                wanted += 1;
                merge(judged)?;
            }
            Ok(())
        };
        let mut n = 0;
        let fed = cut(&mut |piece| {
            let mut work = (n, piece);
            n += 1;
            // While the workers have enough to do, their results are merged; so neither side piles up.
            loop {
                match sender.try_send(work) {
                    Ok(()) => return results.try_iter().try_for_each(&mut take),
                    Err(TrySendError::Full(back)) => {
                        work = back;
                        results.recv().map_err(|_| io::ErrorKind::BrokenPipe.into()).and_then(&mut take)?;
                    }
                    Err(TrySendError::Disconnected(_)) => return Err(io::ErrorKind::BrokenPipe.into()),
                }
            }
        });
        drop(sender);
        let merged = fed.and_then(|()| results.iter().try_for_each(&mut take));
        drop(results);
        // A worker that died leaves its verdicts missing, and conservation fails the file.
        workers.into_iter().for_each(|worker| drop(worker.join()));
        merged
    })
}
