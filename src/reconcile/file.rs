//! Each file held against its bytes, its verdicts and its outputs.

use std::collections::HashMap;
use std::io;

use super::story::{FileStory, Place, Story};
use super::{Evidence, Reconciliation, Sum, outputs};
use crate::journal::{Counted, Outlet};
use crate::scrub::report::State;
use crate::scrub::{Source, States};

/// One that was received by an outbound folder.
pub(super) fn file(
    id: &str,
    story: &mut Story,
    evidence: &dyn Evidence,
    sums: &mut Reconciliation,
) -> io::Result<()> {
    let Some(of) = story.files.get(id).filter(|f| f.outbound && f.release.is_none() && !f.answer).cloned()
    else {
        return Ok(());
    };
    let here = (Some(id), None);
    sums.files.received += 1;
    if of.quarantined || of.duplicate || of.late {
        if staged_clean(&of) > 0 {
            sums.differs(here, "a file that was set aside left as clean all the same");
        }
        if of.quarantined {
            sums.files.quarantined += 1;
        } else if of.late {
            sums.files.late += 1;
        } else {
            sums.files.duplicates += 1;
            return Ok(());
        }
        if let Some(bytes) = evidence.bytes(&of.sha256)? {
            sums.set_aside.more(outputs::count(&*bytes)?);
        }
        return Ok(());
    }
    if of.done && of.staged.is_none() {
        if of.again && of.verdicts.is_none() {
            sums.files.begun_again += 1;
        } else {
            sums.differs(here, "it ended, and nothing says what became of its claims");
        }
        return Ok(());
    }
    sums.files.worked += 1;
    sums.files.in_work += u64::from(!of.done);
    let Some(bytes) = evidence.bytes(&of.sha256)? else {
        if of.done && story.is_purged(&of) {
            return purged(id, &of, story, evidence, sums);
        }
        // Taken, and not copied to the archive yet.
        if of.verdicts.is_some() || of.staged.is_some() || !evidence.is_in_spool(id)? {
            sums.differs(here, "its bytes are in neither archive nor spool");
        }
        return Ok(());
    };
    if !evidence.is_sound(&of.sha256)? {
        sums.differs(here, "its archived bytes are damaged");
        return Ok(());
    }
    let came = outputs::count(&*bytes)?;
    sums.r#in.more(came);
    let Some((report, counted)) = &of.verdicts else {
        sums.unjudged.more(came);
        if of.staged.is_some() {
            sums.differs(here, "something of it left before its claims were judged");
        }
        return Ok(());
    };
    let Some(judged) = judged(id, (&of, report), story, evidence, sums)? else { return Ok(()) };
    let says = Counted {
        r#in: came.claims,
        clean: judged.clean.claims,
        held: judged.held.claims,
        rejected: judged.rejected.claims,
    };
    if says != *counted {
        sums.differs(
            here,
            format!("the journal counts {}, bytes and verdicts {}", said(counted), said(&says)),
        );
    }
    let mut all = judged.clean;
    all.more(judged.held);
    all.more(judged.rejected);
    sums.same(Some(id), "claims of its bytes, and of its verdicts", came, all);
    sums.clean.more(judged.clean);
    sums.held.more(judged.held);
    sums.rejected.more(judged.rejected);
    left(id, &of, &*bytes, &judged, evidence, sums)
}

/// A file whose bytes were removed by somebody's word: its verdicts alone say what was in it.
fn purged(
    id: &str,
    of: &FileStory,
    story: &mut Story,
    evidence: &dyn Evidence,
    sums: &mut Reconciliation,
) -> io::Result<()> {
    sums.files.purged += 1;
    let Some((report, _)) = &of.verdicts else { return Ok(()) };
    let Some(judged) = judged(id, (of, report), story, evidence, sums)? else { return Ok(()) };
    for part in [judged.clean, judged.held, judged.rejected] {
        sums.r#in.more(part);
    }
    sums.clean.more(judged.clean);
    sums.held.more(judged.held);
    sums.rejected.more(judged.rejected);
    sums.left.more(judged.clean);
    Ok(())
}

fn said(of: &Counted) -> String {
    format!("{} in, {} clean, {} held, {} rejected", of.r#in, of.clean, of.held, of.rejected)
}

/// Claims by their verdicts.
pub(super) struct Judged {
    pub clean: Sum,
    held: Sum,
    rejected: Sum,
    pub states: States,
}

/// The verdict list, and whether it is the holds' too.
fn judged(
    id: &str,
    (of, report): (&FileStory, &str),
    story: &mut Story,
    evidence: &dyn Evidence,
    sums: &mut Reconciliation,
) -> io::Result<Option<Judged>> {
    let none = Sum::default();
    let mut judged = Judged { clean: none, held: none, rejected: none, states: States::default() };
    let mut holds = of.held.as_deref().unwrap_or_default().iter().peekable();
    let (mut next, mut in_order, mut unheld) = (1, true, Sum::default());
    let verdicts = match evidence.verdicts(report) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            sums.differs((Some(id), None), "its verdicts are not in the archive");
            return Ok(None);
        }
        // Sealed, and not what was sealed: said below.
        Err(e) if e.kind() == io::ErrorKind::InvalidData => Box::new(std::iter::empty()),
        verdicts => verdicts?,
    };
    if !evidence.is_sound(report)? {
        sums.differs((Some(id), None), "its archived verdicts are damaged");
        return Ok(None);
    }
    for verdict in verdicts {
        let verdict = verdict?;
        in_order &= verdict.position == next;
        next = verdict.position.saturating_add(1);
        judged.states.push(verdict.verdict);
        match verdict.verdict {
            State::Clean => judged.clean.add(verdict.charge),
            State::Rejected => judged.rejected.add(verdict.charge),
            State::Held => {
                judged.held.add(verdict.charge);
                match holds.next_if(|h| h.position == verdict.position) {
                    None => unheld.add(verdict.charge),
                    Some(hold) => {
                        if let Some(known) = story.holds.get_mut(&hold.id) {
                            known.cents = Some(verdict.charge);
                        }
                    }
                }
            }
        }
    }
    if !in_order {
        sums.differs((Some(id), None), "a claim is missing among its verdicts, or there twice");
    }
    if of.held.is_none() && of.staged.is_none() {
        // About to be held.
        sums.still_held.more(unheld);
    } else {
        sums.same(Some(id), "claims held by their verdicts, without a hold", none, unheld);
    }
    for hold in holds {
        sums.differs((Some(id), Some(&hold.id)), "a hold of a claim that its verdict doesn't hold");
    }
    Ok(Some(judged))
}

fn staged_clean(of: &FileStory) -> usize {
    of.staged.iter().flatten().filter(|o| o.outlet == Outlet::Clean).count()
}

/// What left with the file.
fn left(
    id: &str,
    of: &FileStory,
    bytes: &dyn Source,
    judged: &Judged,
    evidence: &dyn Evidence,
    sums: &mut Reconciliation,
) -> io::Result<()> {
    if of.staged.is_none() {
        sums.leaving.more(judged.clean);
        return Ok(());
    }
    let mut clean = of.staged.iter().flatten().filter(|o| o.outlet == Outlet::Clean);
    let left = match (clean.next(), clean.next()) {
        (None, _) => Sum::default(),
        (Some(output), None) => {
            outputs::left(output, bytes, (&of.sha256, judged), evidence, &mut sums.outputs)?
        }
        (Some(_), Some(_)) => {
            sums.differs((Some(id), None), "more than one file of its clean claims left");
            return Ok(());
        }
    };
    sums.same(Some(id), "clean claims, and those that left with it", judged.clean, left);
    if of.published {
        sums.left.more(left)
    } else {
        sums.leaving.more(left)
    }
    Ok(())
}

/// An interchange of our own.
pub(super) fn release(
    id: &str,
    story: &Story,
    evidence: &dyn Evidence,
    sums: &mut Reconciliation,
) -> io::Result<()> {
    let Some((of, holds)) = story.files.get(id).and_then(|f| Some((f, f.release.as_ref()?))) else {
        return Ok(());
    };
    let here = (Some(id), None);
    if of.quarantined {
        sums.files.quarantined += 1;
        if staged_clean(of) > 0 {
            sums.differs(here, "a file that was set aside left as clean all the same");
        }
        return Ok(());
    }
    sums.files.released += 1;
    sums.files.in_work += u64::from(!of.done);
    let Some(bytes) = evidence.bytes(&of.sha256)? else {
        if of.done && story.is_purged(of) {
            sums.files.purged += 1;
            for leaving in holds {
                let Some(hold) = story.holds.get(&leaving.hold) else { continue };
                sums.released_as.add(match &hold.verdict {
                    Some(verdict) => evidence.verdict(verdict)?.charge,
                    None => hold.cents.unwrap_or(0),
                });
            }
            return Ok(());
        }
        sums.differs(here, "its bytes are not in the archive");
        return Ok(());
    };
    if !evidence.is_sound(&of.sha256)? {
        sums.differs(here, "its archived bytes are damaged");
        return Ok(());
    }
    let mut wanted = Sum::default();
    for leaving in holds {
        let Some(hold) = story.holds.get(&leaving.hold) else { continue };
        wanted.add(match &hold.verdict {
            Some(verdict) => evidence.verdict(verdict)?.charge,
            None => hold.cents.unwrap_or(0),
        });
    }
    let found = outputs::count(&*bytes)?;
    sums.same(Some(id), "claims that were released, and those of its bytes", wanted, found);
    sums.released_as.more(found);
    let ours = |o: &crate::journal::Output| o.outlet == Outlet::Clean && o.sha256 == of.sha256;
    let same = staged_clean(of) == 1 && of.staged.iter().flatten().any(ours);
    if of.staged.is_some() && !same {
        sums.differs(here, "what left is not the interchange that was journalled");
    }
    if of.done && of.staged.is_none() {
        sums.differs(here, "it ended before its claims left");
    }
    Ok(())
}

/// What tells a sender what became of held claims.
pub(super) fn answer(id: &str, story: &Story, sums: &mut Reconciliation) {
    let Some(of) = story.files.get(id).filter(|f| f.answer && !f.quarantined) else { return };
    sums.files.answers += 1;
    sums.files.in_work += u64::from(!of.done);
    if of.staged.iter().flatten().any(|o| o.outlet != Outlet::Acks || o.sha256 != of.sha256) {
        sums.differs((Some(id), None), "what left is not the answer that was journalled");
    }
}

/// Where each hold ended, of one file or of all.
pub(super) fn holds(story: &Story, only: Option<&str>, sums: &mut Reconciliation) {
    let replaced: HashMap<Place, &Place> = story
        .files
        .iter()
        .flat_map(|(file, of)| of.held.iter().flatten().map(move |hold| (file, hold)))
        .filter_map(|(file, hold)| {
            let by = story.holds.get(&hold.id)?.replaced.as_ref()?;
            Some(((file.clone(), hold.position), by))
        })
        .collect();
    for (id, hold) in story.holds.iter().filter(|(_, hold)| only.is_none_or(|file| hold.file == file)) {
        // The claims of a file that was set aside are counted with it.
        if story.files.get(&hold.file).is_some_and(|f| f.quarantined) {
            if hold.left_in.is_some() {
                sums.differs((Some(&hold.file), Some(id)), "a claim left of a file that was set aside");
            }
            continue;
        }
        if let Some(by) = &hold.replaced
            && !story.is_there(by, &replaced)
        {
            sums.differs(
                (Some(&hold.file), Some(id)),
                "the claim that was sent anew in its place is not there",
            );
        }
        // Without a verdict it is told of with its file.
        let Some(cents) = hold.cents else { continue };
        match &hold.left_in {
            Some(_) => sums.released.add(cents),
            None if hold.voided => sums.voided.add(cents),
            None if hold.replaced.is_some() => sums.replaced.add(cents),
            None if hold.sent_back => sums.sent_back.add(cents),
            None => sums.still_held.add(cents),
        }
    }
}
