//! The four steps together.

use std::io;
use std::thread;

use jiff::civil::Date;
use thiserror::Error;

use super::conserve::{Conservation, Tally};
use super::report::{Coverage, Report, Verdict};
use super::split::{Piece, Splitter, Work, split};
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
    let survey = survey(source, settings.other)?;
    let (findings, rejections) = survey.envelopes(edits);
    let tables = Tables { today: settings.today };
    let mut verdicts: Vec<Verdict> = Vec::new();
    let mut waiting: Vec<Work> = Vec::new();
    let batch = if settings.threads > 1 { settings.threads * 4 } else { 1 };
    splitter(source, &survey, &mut |work| {
        waiting.push(work);
        if waiting.len() >= batch {
            judge_all(&mut waiting, &survey, edits, &tables, settings.threads, &mut verdicts);
        }
        Ok(())
    })?;
    judge_all(&mut waiting, &survey, edits, &tables, settings.threads, &mut verdicts);
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

/// Judges what waits, in parallel; the verdicts come in file order for any number of threads.
fn judge_all(
    waiting: &mut Vec<Work>,
    survey: &Survey,
    edits: &EditSet,
    tables: &Tables,
    threads: usize,
    verdicts: &mut Vec<Verdict>,
) {
    let one = |piece: &Piece| judge::judge(piece, survey, edits, tables);
    let mut judged: Vec<Option<Vec<Verdict>>> = Vec::new();
    if threads > 1 && waiting.len() > 1 {
        let share = waiting.len().div_ceil(threads);
        judged = thread::scope(|scope| {
            let parts: Vec<_> = waiting
                .chunks(share)
                .map(|part| {
                    scope.spawn(move || {
                        part.iter()
                            .map(|w| if let Work::Piece(piece) = w { Some(one(piece)) } else { None })
                            .collect::<Vec<_>>()
                    })
                })
                .collect();
            // A worker that died leaves its verdicts missing, and conservation fails the file.
            parts.into_iter().flat_map(|p| p.join().unwrap_or_default()).collect()
        });
    }
    for (i, work) in waiting.drain(..).enumerate() {
        match work {
            Work::Refused(claim) => verdicts.push(judge::refused(claim)),
            Work::Piece(piece) => match judged.get_mut(i).and_then(Option::take) {
                Some(done) => verdicts.extend(done),
                None => verdicts.extend(one(&piece)),
            },
        }
    }
}
