//! `[check.cob]`: what an earlier payer paid and adjusted adds up to what was charged, for each payer that decided.

use serde::Deserialize;

use super::units::Units;
use super::{Found, Report};
use crate::claim::{Claim, Line, Placed};
use crate::schema::{EntryIx, Guide};
use crate::x12::element::{amount, decimal};
use crate::x12::{Cents, Segment};

/// One of the equations of coordination of benefits.
#[derive(Debug)]
pub struct Cob {
    equation: Equation,
    payers: Units,
    lines: Units,
    decisions: Units,
}

/// Which equation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Equation {
    /// A line's charge is what the payer paid for it and its adjustments.
    Line,
    /// What the payer paid for the claim is what it paid for the lines, less the adjustments of the claim.
    Paid,
    /// The claim's charge is what the payer paid, and all adjustments.
    Claim,
}

/// As written.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    equation: Equation,
}

impl Raw {
    pub(super) fn compile(self) -> Cob {
        let Raw { equation } = self;
        Cob { equation, payers: Units::new("2320"), lines: Units::new("2400"), decisions: Units::new("2430") }
    }
}

/// What one payer says of one line: SVD02 and the CAS amounts of its 2430 loops.
struct Decided<'a> {
    svd: Placed<'a>,
    charge: Cents,
    paid: Cents,
    adjusted: Cents,
}

impl Cob {
    /// Where an earlier payer begins.
    pub(super) fn payer(&self, guide: Guide) -> &[EntryIx] {
        self.payers.opener(guide)
    }

    pub(super) fn run<'a>(&self, claim: &Claim<'a>, report: Report<'_, 'a>) {
        let known: Vec<&[u8]> = self.payers.of(claim).map(|payer| payer_id(claim, payer)).collect();
        let mut decided = self.decisions.of(claim).filter_map(<[_]>::first);
        // Of a line decided by a payer that isn't named nobody can say to whom it adds: another edit tells.
        if !decided.all(|svd| known.contains(&svd.segment.value(1))) {
            return;
        }
        for payer in self.payers.of(claim) {
            // What is no number is another edit's to tell, and there is nothing to add up.
            let _sums: Option<()> = self.balance(claim, payer, report);
        }
    }

    fn balance<'a>(&self, claim: &Claim<'a>, payer: &'a [Placed<'a>], report: Report<'_, 'a>) -> Option<()> {
        let own = |p: &&Placed<'a>, id: &[u8]| p.segment.id() == id && loop_id(claim, p) == "2320";
        let amt = payer.iter().find(|p| own(p, b"AMT") && p.segment.value(1) == b"D");
        let paid = amt.map_or(Some(0), |p| amount(p.segment.value(2)))?;
        let adjusted = adjustments(payer.iter().filter(|p| own(p, b"CAS")))?;
        let id = payer_id(claim, payer);
        let lines = self.decided(claim, id)?;
        if amt.is_none() && lines.is_empty() && !payer.iter().any(|p| own(&p, b"CAS")) {
            return None;
        }
        let place = amt.or(payer.first())?;
        let mut tell = |at: &str, placed: &Placed<'a>, total: Cents, sum: Cents| {
            let words = vec![("total", decimal(total)), ("sum", decimal(sum))];
            report(Found { placed: Some(*placed), at: at.to_owned(), value: None, words });
        };
        // One wrong amount breaks several equations; the one nearest to it tells.
        let broken = lines.iter().filter(|l| l.charge != l.paid.saturating_add(l.adjusted));
        let lines_hold = broken.clone().next().is_none();
        let of_lines = |part: fn(&Decided<'a>) -> Cents| {
            lines.iter().map(part).try_fold(0, |sum: Cents, part| sum.checked_add(part))
        };
        let (lines_paid, lines_adjusted) = (of_lines(|l| l.paid)?, of_lines(|l| l.adjusted)?);
        let payment = lines_paid.checked_sub(adjusted)?;
        // Only where every line was decided do the lines say what was paid.
        let payment_holds = lines.len() < self.lines.of(claim).count() || paid == payment;
        match self.equation {
            Equation::Line => {
                broken.for_each(|l| tell("2430 SVD02", &l.svd, l.charge, l.paid.saturating_add(l.adjusted)));
            }
            Equation::Paid if lines_hold && !payment_holds => tell("2320 AMT[D]02", place, paid, payment),
            Equation::Claim if lines_hold && payment_holds => {
                let charge = claim.charge()?;
                let sum = paid.checked_add(adjusted)?.checked_add(lines_adjusted)?;
                if charge != sum {
                    tell("2320 AMT[D]02", place, charge, sum);
                }
            }
            _ => {}
        }
        Some(())
    }

    /// What this payer decided line by line; `None` where an amount is none.
    fn decided<'a>(&self, claim: &Claim<'a>, payer: &[u8]) -> Option<Vec<Decided<'a>>> {
        let mut lines = Vec::new();
        for line in self.lines.of(claim) {
            let mut decided: Option<Decided<'a>> = None;
            for decision in self.decisions.in_part(claim, line) {
                let Some(svd) = decision.first().filter(|p| p.segment.value(1) == payer) else { continue };
                let charge = Line { segments: line }.charge()?;
                let own = decided.get_or_insert(Decided { svd: *svd, charge, paid: 0, adjusted: 0 });
                own.paid = own.paid.checked_add(amount(svd.segment.value(2))?)?;
                let cas = decision.iter().filter(|p| p.segment.id() == b"CAS");
                own.adjusted = own.adjusted.checked_add(adjustments(cas)?)?;
            }
            lines.extend(decided);
        }
        Some(lines)
    }
}

/// 2330B NM109.
fn payer_id<'a>(claim: &Claim<'_>, payer: &'a [Placed<'a>]) -> &'a [u8] {
    let names = |p: &&Placed<'_>| p.segment.id() == b"NM1" && loop_id(claim, p) == "2330B";
    payer.iter().find(names).map_or(b"", |p| p.segment.value(9))
}

fn loop_id(claim: &Claim<'_>, placed: &Placed<'_>) -> &'static str {
    claim.schema.loop_id(placed.loop_ix)
}

/// The amounts of CAS segments: every third element from CAS03 on.
fn adjustments<'a>(segments: impl Iterator<Item = &'a Placed<'a>>) -> Option<Cents> {
    let amounts = |s: &Segment<'a>| {
        let s = *s;
        (3..=18).step_by(3).map(move |n| s.value(n)).filter(|v| !v.is_empty())
    };
    segments
        .flat_map(|p| amounts(&p.segment))
        .try_fold(0, |sum: Cents, value| sum.checked_add(amount(value)?))
}
