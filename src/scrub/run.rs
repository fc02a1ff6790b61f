//! The four steps together.

use std::io;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use jiff::civil::Date;
use thiserror::Error;

use super::conserve::{Conservation, Tally};
use super::judge::Judged;
use super::report::{Coverage, Report};
use super::split::{Splitter, Work, split};
use super::survey::{Survey, survey};
use super::{Other, Source, judge};
use crate::edits::{EditSet, Tables};

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
    /// The bytes can't be read.
    #[error("reading the file")]
    Read(#[from] io::Error),
    /// A claim was lost or doubled inside; nothing may leave.
    #[error(transparent)]
    Conservation(#[from] Conservation),
}

/// Scrubs a file. The report's `file` and `sha256` are the caller's to fill.
///
/// # Errors
/// When the bytes can't be read, or claims are not conserved.
pub fn scrub<S: Source + ?Sized>(
    source: &S,
    edits: &EditSet,
    settings: Settings,
) -> Result<(Report, Survey), Error> {
    scrub_with(source, edits, settings, split)
}

/// The same with another splitter, so that a test can break it.
///
/// # Errors
/// See [`scrub`].
pub fn scrub_with<S: Source + ?Sized>(
    source: &S,
    edits: &EditSet,
    settings: Settings,
    splitter: Splitter<S>,
) -> Result<(Report, Survey), Error> {
    let mut survey = survey(source, settings.other)?;
    let (mut findings, rejections) = survey.envelopes(edits);
    let tables = Tables { today: settings.today };
    let judged = match settings.threads {
        0 | 1 => {
            let mut all = Judged::default();
            splitter(source, &survey, &mut |work| {
                all.append(judged(work, &survey, edits, &tables));
                Ok(())
            })?;
            all
        }
        threads => {
            let judge = |work| judged(work, &survey, edits, &tables);
            in_parallel(threads, judge, |emit| splitter(source, &survey, emit))?
        }
    };
    let Judged { verdicts, findings: more, unfit } = judged;
    findings.extend(more);
    survey.unfit = unfit;
    let mut tally = Tally::default();
    verdicts.iter().for_each(|v| tally.add(v));
    let (claims, charges) = tally.check(&survey)?;
    let report = Report {
        file: String::new(),
        sha256: String::new(),
        kind: survey.kind.to_owned(),
        today: settings.today,
        edits: edits.hash().to_owned(),
        coverage: Coverage { run: edits.active().count() as u64, off: Vec::new() },
        verdicts,
        findings,
        rejections,
        claims,
        charges,
    };
    Ok((report, survey))
}

fn judged(work: Work, survey: &Survey, edits: &EditSet, tables: &Tables) -> Judged {
    match work {
        Work::Refused(claim) => Judged { verdicts: vec![judge::refused(claim)], ..Judged::default() },
        Work::Piece(piece) => judge::judge(&piece, survey, edits, tables),
    }
}

/// Judges pieces on so many threads while they are being cut; the verdicts come in file order for any number of them.
fn in_parallel(
    threads: usize,
    judge: impl Fn(Work) -> Judged + Sync,
    cut: impl FnOnce(&mut dyn FnMut(Work) -> io::Result<()>) -> io::Result<()>,
) -> io::Result<Judged> {
    let done: Mutex<Vec<(usize, Judged)>> = Mutex::new(Vec::new());
    let (sender, receiver) = mpsc::sync_channel::<(usize, Work)>(threads * 2);
    let receiver = Mutex::new(receiver);
    let next = || receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
    let keep = |n, judged| done.lock().unwrap_or_else(PoisonError::into_inner).push((n, judged));
    let cut = thread::scope(|scope| {
        let work = || {
            while let Ok((n, work)) = next() {
                keep(n, judge(work));
            }
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let mut n = 0;
        let cut = cut(&mut |work| {
            n += 1;
            sender.send((n, work)).map_err(|_| io::ErrorKind::BrokenPipe.into())
        });
        drop(sender);
        // A worker that died leaves its verdicts missing, and conservation fails the file.
        workers.into_iter().for_each(|worker| drop(worker.join()));
        cut
    });
    cut?;
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(n, _)| *n);
    let mut all = Judged::default();
    done.into_iter().for_each(|(_, judged)| all.append(judged));
    Ok(all)
}
