//! Conservation of claims over the whole history, in count and in cents, from the journal and what the archive holds: what came in is
//! clean, held or rejected; what is clean left with its file; what was held left once, was voided, was sent anew, or is held still.
//!
//! `story` folds the records and says which can't follow from each other; `file` holds each file against its bytes and verdicts;
//! `outputs` reads what left. Nothing here opens a file: [`Evidence`] is asked.

mod file;
mod outputs;
mod story;

use std::io;

use serde::Serialize;

use crate::scrub::{Source, Verdict};
use crate::x12::Cents;

pub use story::Story;

/// What lies beside the journal.
pub trait Evidence {
    /// A verdict list of the archive, in file order.
    ///
    /// # Errors
    /// When it can't be read.
    fn verdicts(&self, report: &str) -> io::Result<Box<dyn Iterator<Item = io::Result<Verdict>> + '_>>;

    /// The verdict a held claim was judged by again.
    ///
    /// # Errors
    /// When it can't be read.
    fn verdict(&self, sha256: &str) -> io::Result<Verdict>;

    /// Bytes of the archive; none when it holds none of this hash.
    ///
    /// # Errors
    /// When it can't be looked at.
    fn bytes(&self, sha256: &str) -> io::Result<Option<Box<dyn Source>>>;

    /// True when they hash to their name.
    ///
    /// # Errors
    /// When they can't be read.
    fn is_sound(&self, sha256: &str) -> io::Result<bool>;

    /// True when a file lies in the spool, to be worked on.
    ///
    /// # Errors
    /// When it can't be looked at.
    fn is_in_spool(&self, file: &str) -> io::Result<bool>;
}

/// Claims and their charge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sum {
    /// How many.
    pub claims: u64,
    /// Their CLM02 added up; one that is no number counts 0.
    pub cents: Cents,
}

impl Sum {
    /// One more.
    pub fn add(&mut self, cents: Cents) {
        self.more(Sum { claims: 1, cents });
    }

    /// These too.
    pub fn more(&mut self, other: Sum) {
        self.claims += other.claims;
        self.cents = self.cents.saturating_add(other.cents);
    }
}

/// Something that doesn't add up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// ULID of the file.
    pub file: Option<String>,
    /// ULID of the hold.
    pub hold: Option<String>,
    /// In words.
    pub what: String,
    /// What should be there.
    pub wanted: Option<Sum>,
    /// What is.
    pub found: Option<Sum>,
}

/// Files of claims by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Files {
    /// Received by outbound folders.
    pub received: u64,
    /// Worked, or in work.
    pub worked: u64,
    /// Of these not yet done.
    pub in_work: u64,
    /// The same bytes as one before.
    pub duplicates: u64,
    /// Set aside whole.
    pub quarantined: u64,
    /// A later state of one that was worked; set aside whole.
    pub late: u64,
    /// Given up for the bytes the sender wrote since.
    pub begun_again: u64,
    /// Interchanges of our own with claims that were held.
    pub released: u64,
    /// Answers of our own, which had waited for what became of held claims.
    pub answers: u64,
    /// Bytes were removed by somebody's word.
    pub purged: u64,
}

/// How what left was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// Its bytes are in the archive.
    pub read: u64,
    /// Made again from the file and its verdicts, to the same bytes.
    pub made_again: u64,
    /// Its record alone: made with other settings or by another version.
    pub recorded: u64,
}

/// What everything adds up to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Reconciliation {
    /// Files.
    pub files: Files,
    /// Claims of worked files, counted in their bytes.
    pub r#in: Sum,
    /// Not judged yet.
    pub unjudged: Sum,
    /// By their verdicts.
    pub clean: Sum,
    /// By their verdicts.
    pub held: Sum,
    /// By their verdicts.
    pub rejected: Sum,
    /// Clean claims that left with their file.
    pub left: Sum,
    /// Clean claims whose file is about to leave.
    pub leaving: Sum,
    /// Held claims that left since, at the charge they came with.
    pub released: Sum,
    /// The same at the charge they left with.
    pub released_as: Sum,
    /// Held claims that leave no more.
    pub voided: Sum,
    /// Held claims that the practice system sent anew: the new one counts in its own file.
    pub replaced: Sum,
    /// Held claims that went back to their sender at once.
    pub sent_back: Sum,
    /// Held claims that are held still.
    pub still_held: Sum,
    /// Claims of files that were set aside whole; none of them is among the others.
    pub set_aside: Sum,
    /// Files of clean claims, by how they were seen.
    pub outputs: Seen,
    /// What doesn't add up.
    pub differences: Vec<Difference>,
}

impl Reconciliation {
    /// True when every claim is accounted for, once.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.differences.is_empty()
    }

    /// What the parts come to, against the whole.
    fn close(&mut self) {
        let mut by_verdict = self.unjudged;
        [self.clean, self.held, self.rejected].into_iter().for_each(|s| by_verdict.more(s));
        self.same(None, "claims in, and clean, held and rejected", self.r#in, by_verdict);
        let mut gone = self.left;
        gone.more(self.leaving);
        self.same(None, "clean claims, and those that left or are about to", self.clean, gone);
        let mut ended = self.released;
        [self.voided, self.replaced, self.sent_back, self.still_held].into_iter().for_each(|s| ended.more(s));
        self.same(
            None,
            "held claims, and those that left, were voided, were sent anew, went back or are held still",
            self.held,
            ended,
        );
    }

    fn differs(&mut self, (file, hold): (Option<&str>, Option<&str>), what: impl Into<String>) {
        let (file, hold) = (file.map(str::to_owned), hold.map(str::to_owned));
        self.differences.push(Difference { file, hold, what: what.into(), wanted: None, found: None });
    }

    /// Notes a difference where two sums are not the same.
    fn same(&mut self, file: Option<&str>, what: &str, wanted: Sum, found: Sum) {
        if wanted != found {
            let (file, what) = (file.map(str::to_owned), what.to_owned());
            let (wanted, found) = (Some(wanted), Some(found));
            self.differences.push(Difference { file, hold: None, what, wanted, found });
        }
    }
}

/// Holds the whole history against what the archive holds.
///
/// # Errors
/// When something that is there can't be read. What is not there is a difference.
pub fn reconcile(mut story: Story, evidence: &dyn Evidence) -> io::Result<Reconciliation> {
    let mut sums =
        Reconciliation { differences: std::mem::take(&mut story.differences), ..Default::default() };
    for id in story.order.clone() {
        file::file(&id, &mut story, evidence, &mut sums)?;
    }
    // Only now every hold has its charge.
    for id in story.order.clone() {
        file::release(&id, &story, evidence, &mut sums)?;
        file::answer(&id, &story, &mut sums);
    }
    file::holds(&story, None, &mut sums);
    sums.close();
    Ok(sums)
}

/// Holds one file against what the archive holds: its own claims, and where each of those that were held ended.
///
/// # Errors
/// When something that is there can't be read. What is not there is a difference.
pub fn of_file(id: &str, story: &mut Story, evidence: &dyn Evidence) -> io::Result<Reconciliation> {
    let is_its = |d: &&Difference| d.file.as_deref() == Some(id);
    let differences = story.differences.iter().filter(is_its).cloned().collect();
    let mut sums = Reconciliation { differences, ..Default::default() };
    file::file(id, story, evidence, &mut sums)?;
    file::release(id, story, evidence, &mut sums)?;
    file::answer(id, story, &mut sums);
    file::holds(story, Some(id), &mut sums);
    sums.close();
    Ok(sums)
}
