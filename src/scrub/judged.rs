//! What a piece came to: its verdicts, made into something while their texts are still at hand, and its totals.

use std::borrow::Cow;

use super::conserve::Tally;
use super::report::{Facts, State, Verdict, VerdictRef};
use super::ring::Seen;
use super::split::Piece;
use crate::edits::Finding;
use crate::x12::element::amount;
use crate::x12::index::Index;
use crate::x12::segment::{Indexed, Segments};

/// Makes something of verdicts while their texts are still in the file: on the thread that judges, so it must not share.
pub trait Render: Sync {
    /// What a piece's verdicts become.
    type Part: Default + Send;

    /// Adds one verdict, in file order.
    fn verdict(&self, verdict: &VerdictRef<'_>, part: &mut Self::Part);
}

/// Keeps every verdict as it is.
pub struct Collect;

impl Render for Collect {
    type Part = Vec<Verdict>;

    fn verdict(&self, verdict: &VerdictRef<'_>, part: &mut Vec<Verdict>) {
        part.push(verdict.into());
    }
}

/// What a piece came to.
#[derive(Debug, Default)]
pub struct Judged<P> {
    /// What its verdicts became.
    pub part: P,
    /// Their states, in file order.
    pub states: Vec<State>,
    /// Their totals.
    pub tally: Tally,
    /// Clean ones that edits on trial would have held.
    pub would_hold: u64,
    /// Findings in hierarchies that no claim stands under.
    pub findings: Vec<Finding>,
    /// Bytes where those hierarchies start; they don't leave.
    pub unfit: Vec<u64>,
    /// Its claims as later ones may look back at them; none where no edit looks back.
    pub(super) seen: Vec<Seen>,
}

impl<P> Judged<P> {
    pub(super) fn add<R: Render<Part = P>>(&mut self, render: &R, verdict: &VerdictRef<'_>) {
        self.tally.add(verdict.verdict, verdict.charge, verdict.position);
        self.states.push(verdict.verdict);
        let tried = verdict.verdict == State::Clean && verdict.findings.iter().any(Finding::would_stop);
        self.would_hold += u64::from(tried);
        render.verdict(verdict, &mut self.part);
    }
}

/// Claims of an unusable set.
pub(super) fn refuse<R: Render>(piece: &Piece, render: &R) -> Judged<R::Part> {
    let mut judged = Judged::default();
    let mut index = Index::default();
    index.fill(&piece.own.bytes, piece.stretch.delimiters);
    let segments = Segments(Indexed::new(&piece.own.bytes, &index, piece.stretch.delimiters));
    let none = || Cow::Borrowed("");
    for (position, clm) in (piece.stretch.position..).zip(segments.filter(|s| s.id() == b"CLM")) {
        let verdict = Verdict {
            claim: String::from_utf8_lossy(clm.value(1)),
            transaction_set: Cow::Borrowed(piece.control.as_str()),
            position,
            verdict: State::Rejected,
            overridable: false,
            charge: amount(clm.value(2)).unwrap_or(0),
            payer: none(),
            findings: &[][..],
            facts: Facts {
                kind: none(),
                billing_npi: none(),
                service_from: None,
                service_to: None,
                offset: piece.own.offset + u64::from(clm.start()),
                bytes: 0,
                test: piece.test,
            },
        };
        judged.add(render, &verdict);
    }
    judged
}
