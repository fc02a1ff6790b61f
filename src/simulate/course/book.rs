//! What each payment leads to, and what the truth says of it.

use jiff::civil::Date;

use super::World;
use super::ledger::{Account, Spot, Taken};
use super::outgoing::{Answer, Outgoing};
use super::parcel::Deal;
use super::posting::{Happening, Leg, Posting};
use super::{lag, odd};
use crate::simulate::Error;
use crate::simulate::calendar::{plus, sunday};
use crate::simulate::claim::Claim;
use crate::simulate::outlet::Outlet;
use crate::simulate::payment::Payment;
use crate::simulate::plant::parts;

/// Plain payments of an account that are kept in mind, to be taken back together.
const KEPT: usize = 6;

impl World<'_> {
    /// Books the payments of one transaction at its place; `adjusted` unless it is the rest of one.
    pub(super) fn book(
        &mut self,
        outlet: &mut Outlet<'_>,
        postings: Vec<Posting>,
        spot: &Spot,
        adjusted: bool,
    ) -> Result<Option<Deal>, Error> {
        let Some(first) = postings.first().map(|posting| &posting.payment.claim) else {
            return Ok(None);
        };
        let (payer, billing) = (first.payer, first.billing);
        for posting in &postings {
            let (is_event, stands) = self.follow(posting, spot.day);
            self.record.paid(outlet, &mut self.truth, posting, (spot, is_event, stands))?;
            self.tell_oddity(posting, spot)?;
        }
        let payments: Vec<Payment> = postings.into_iter().map(|posting| posting.payment).collect();
        let total = payments.iter().map(Payment::paid).sum();
        let account = Account {
            payer: payer.index,
            payer_id: payer.id,
            provider: billing.index,
            npi: billing.npi.to_string(),
        };
        let (adjustments, paid) = if adjusted {
            self.ledger.adjust(&mut self.truth, &account, spot, total)?
        } else {
            (Vec::new(), total)
        };
        let trace = spot.trn.clone();
        Ok(Some(Deal { payer, billing, date: spot.day, trace, payments, adjustments, paid }))
    }

    fn tell_oddity(&mut self, posting: &Posting, spot: &Spot) -> Result<(), Error> {
        let payment = &posting.payment;
        let kind = match posting.happening {
            Happening::Odd if payment.sign < 0 => odd::Kind::ReversalOfNothing,
            Happening::Odd => odd::Kind::NeverSent,
            Happening::Initial if payment.denials.iter().any(|d| d.cause == odd::UNKNOWN_CAUSE) => {
                odd::Kind::UnknownCarc
            }
            _ => return Ok(()),
        };
        self.record.oddity(&mut self.truth, kind.name(), spot, (Some(&payment.claim.id), None))
    }

    /// Draws what follows a payment: whether it is an event by itself, and whether its denials stand.
    fn follow(&mut self, posting: &Posting, day: Date) -> (bool, bool) {
        if posting.happening == Happening::Initial && posting.leg == Leg::Primary {
            self.answered += 1;
        }
        if !posting.is_initial() {
            let is_quiet = posting.happening == Happening::Initial;
            return (!is_quiet, true);
        }
        let is_denied = !posting.payment.denials.is_empty();
        let reversals = if is_denied { self.plan.denied_reversals } else { self.options.plant.reversals };
        if self.fate.share(parts(reversals)) && self.correct(posting, day) {
            return (true, false);
        }
        let is_plain = posting.payment.denials.is_empty() && posting.payment.paid() > 0;
        if is_denied && self.fate.share(parts(self.plan.replacements)) {
            self.replace(posting, day);
            return (true, true);
        }
        if self.fate.share(parts(self.plan.voids)) && self.void(posting, day) {
            return (true, false);
        }
        if !is_plain {
            return (false, true);
        }
        if self.fate.share(parts(self.plan.second_payments)) {
            let later = lag::workday(plus(day, self.fate.between(7, 30)));
            if later <= self.options.end {
                self.queue(later, posting.again());
                return (true, true);
            }
        }
        self.take_back(posting, day);
        (false, true)
    }

    /// A reversal one to six weeks later, with the correction beside it or up to three weeks after it.
    fn correct(&mut self, posting: &Posting, day: Date) -> bool {
        let back = lag::workday(plus(day, self.fate.between(7, 40)));
        let again = if self.fate.percent(50) { 0 } else { self.fate.between(7, 21) };
        let again = lag::workday(plus(back, again));
        if again > self.options.end {
            return false;
        }
        let correction = posting.correction(&mut self.desk, &mut self.fate, again);
        self.queue(back, posting.reversal(Happening::Reversal));
        self.queue(again, correction);
        true
    }

    /// The practice replaces the claim, under its own number or another; the payer pays.
    fn replace(&mut self, posting: &Posting, day: Date) {
        let mut claim = self.anew(posting, day, "7");
        let old = claim.id.clone();
        let replaces = self.fate.percent(50).then(|| {
            claim.id.push_str("R1");
            old
        });
        let mut paid = posting.fresh(&mut self.desk, Happening::Replacement);
        paid.payment.claim.clone_from(&claim);
        let on = self.payment_day(&claim.payer, claim.sent);
        self.send_later(claim, replaces, on, paid);
    }

    /// The practice voids the claim; the payer reverses its payment.
    fn void(&mut self, posting: &Posting, day: Date) -> bool {
        let claim = self.anew(posting, day, "8");
        let on = self.payment_day(&claim.payer, claim.sent);
        self.send_later(claim, None, on, posting.reversal(Happening::Void))
    }

    /// The claim as it is sent again, one to three Sundays later.
    fn anew(&mut self, posting: &Posting, day: Date, frequency: &'static str) -> Claim {
        let mut claim = posting.payment.claim.clone();
        claim.frequency = frequency;
        claim.original.clone_from(&posting.payment.number);
        claim.sent = plus(sunday(day), 7 * self.fate.between(1, 3));
        claim
    }

    fn send_later(&mut self, claim: Claim, replaces: Option<String>, on: Date, posting: Posting) -> bool {
        let is_in_time = claim.sent <= self.options.window().last && on <= self.options.end;
        if is_in_time {
            let outgoing = Outgoing { replaces, answer: Answer::On(on, Box::new(posting)), claim };
            self.outgoing.entry(outgoing.claim.sent).or_default().push(outgoing);
        }
        is_in_time
    }

    /// Has a plain payment taken back three weeks later, now and then with the account's last ones.
    fn take_back(&mut self, posting: &Posting, day: Date) {
        let claim = &posting.payment.claim;
        let (payer, provider) = (claim.payer.index, claim.billing.index);
        let taken = Taken {
            claim: claim.id.clone(),
            number: posting.payment.number.clone(),
            amount: posting.payment.paid(),
        };
        let recent = self.recent.entry((payer, provider)).or_default();
        recent.push(taken);
        if recent.len() > KEPT {
            recent.remove(0);
        }
        if self.fate.share(parts(self.plan.take_backs)) {
            let count = if self.fate.percent(40) { recent.len() } else { 1 };
            let due = plus(day, 21);
            for taken in recent.split_off(recent.len().saturating_sub(count)) {
                self.ledger.want(payer, provider, due, taken);
            }
        }
    }
}
