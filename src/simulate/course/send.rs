//! The week's 837 files and their acknowledgements.

use jiff::civil::Date;

use super::World;
use super::outgoing::{Answer, Outgoing};
use super::posting::{Happening, Posting, second_payer};
use crate::simulate::Error;
use crate::simulate::acknowledgement::{self, Answered};
use crate::simulate::calendar::{Window, plus, sunday};
use crate::simulate::claim::{Claim, Door, Prior};
use crate::simulate::claim_file::ClaimFile;
use crate::simulate::envelope::Lane;
use crate::simulate::outlet::Outlet;
use crate::simulate::plant::parts;
use crate::simulate::roster::Form;
use crate::simulate::source::Season;

/// Category, status and entity of a rejection by 277CA.
const REJECTIONS: [(&str, &str, &str); 7] = [
    ("A3", "33", "IL"),
    ("A3", "97", "IL"),
    ("A6", "500", "IL"),
    ("A7", "164", "IL"),
    ("A7", "254", ""),
    ("A7", "562", "82"),
    ("A8", "496", "41"),
];

const FORMS: [Form; 3] = [Form::Professional, Form::Institutional, Form::Dental];

/// Which of the front doors refuses a file, or parts of it.
struct Gate {
    is_whole: bool,
    sets: Vec<u64>,
}

impl World<'_> {
    /// Sends a week's claims on its Sunday, and what is sent again, replaced or voided in files of its own.
    pub(super) fn send_week(
        &mut self,
        outlet: &mut Outlet<'_>,
        monday: Date,
        claims: u64,
        is_middle: bool,
    ) -> Result<(), Error> {
        let sunday = plus(monday, 6);
        let season = Season { services: Window { first: monday, last: plus(monday, 4) }, sent: sunday };
        let (institutional, dental) = (claims * 12 / 100, claims * 8 / 100);
        let counts = [claims - institutional - dental, institutional, dental];
        for (form, count) in FORMS.into_iter().zip(counts).filter(|(_, count)| *count > 0) {
            let batch = self.fresh(form, season, count);
            let is_refused = self.plan.rejected_interchange && is_middle && form == Form::Dental;
            self.send_file(outlet, (form, sunday), batch, Some(is_refused))?;
        }
        let again = self.outgoing.remove(&sunday).unwrap_or_default();
        for (form, to_second) in FORMS.into_iter().flat_map(|form| [(form, false), (form, true)]) {
            let is_one = |o: &&Outgoing| o.claim.form == form && o.claim.prior.is_some() == to_second;
            let mut batch: Vec<Outgoing> = again.iter().filter(is_one).cloned().collect();
            batch.sort_by_key(|o| (o.claim.billing.index, o.claim.member, o.claim.patient_index));
            if !batch.is_empty() {
                self.send_file(outlet, (form, sunday), batch, None)?;
            }
        }
        Ok(())
    }

    fn fresh(&mut self, form: Form, season: Season, count: u64) -> Vec<Outgoing> {
        let (mut batch, mut left) = (Vec::new(), count);
        while left > 0 {
            for mut claim in self.source.practice(form, season, left) {
                left = left.saturating_sub(1);
                if let Some(edit) = self.saboteur.spoil(&mut claim) {
                    claim.is_spoilt = true;
                    self.truth.fault(&claim.id, edit);
                }
                if form == Form::Professional && self.door.share(parts(self.plan.elsewhere)) {
                    claim.elsewhere = Some("22");
                }
                batch.push(self.greet(claim));
            }
        }
        batch
    }

    /// Decides what the front door says to a fresh claim.
    fn greet(&mut self, claim: Claim) -> Outgoing {
        let mut outgoing = Outgoing::fresh(claim);
        if outgoing.claim.is_spoilt {
            outgoing.answer = Answer::Silence;
        } else if self.door.share(parts(self.plan.rejected)) {
            let (category, status, entity) = self.door.pick(&REJECTIONS);
            outgoing.claim.door = Door::Shut(category, status, entity);
        } else if self.door.share(parts(self.plan.silent)) {
            self.silenced += 1;
            outgoing.answer = Answer::Silence;
            if self.silenced.is_multiple_of(2) {
                outgoing.claim.door = Door::Silent;
            }
        }
        outgoing
    }

    /// Writes one 837 and its answers. `fresh` says whether TA1 refuses it; what is sent again is always taken.
    fn send_file(
        &mut self,
        outlet: &mut Outlet<'_>,
        (form, sent): (Form, Date),
        batch: Vec<Outgoing>,
        fresh: Option<bool>,
    ) -> Result<(), Error> {
        self.sent_files += 1;
        let (number, per_set) = (self.sent_files, self.options.per_set);
        let control = self.options.control(Lane::Claims, number);
        let path = format!("outbound/{number:04}.837");
        let mut file = ClaimFile::open(outlet, path, form, (sent, control), per_set);
        for outgoing in &batch {
            file.add(outlet, &outgoing.claim)?;
        }
        let sets = file.sets;
        file.finish(outlet)?;
        let refused = parts(self.plan.rejected_sets);
        let gate = Gate {
            is_whole: fresh == Some(true),
            sets: (1..=sets).filter(|_| fresh == Some(false) && self.door.share(refused)).collect(),
        };
        let answered = Answered { form, date: sent, control, sets, per_set, refused: &gate.sets };
        let claims: Vec<Claim> = batch.iter().map(|outgoing| outgoing.claim.clone()).collect();
        if gate.is_whole {
            let control = self.options.control(Lane::Answers, number);
            acknowledgement::interchange(outlet, format!("inbound/{number:04}.ta1"), control, &answered)?;
        } else {
            acknowledgement::functional(outlet, format!("inbound/{number:04}.999"), &answered)?;
            if gate.sets.len() < usize::try_from(sets).unwrap_or(usize::MAX) {
                let control = self.options.control(Lane::Answers, number);
                let path = format!("inbound/{number:04}.277");
                acknowledgement::claims(outlet, path, control, &answered, &claims)?;
            }
        }
        for (index, outgoing) in (0_u64..).zip(batch) {
            let is_refused = gate.sets.contains(&(index / per_set + 1));
            self.await_answer(outgoing, gate.is_whole, is_refused);
        }
        Ok(())
    }

    /// Records how a claim was received, and sets in motion what answers it.
    fn await_answer(&mut self, outgoing: Outgoing, by_interchange: bool, by_set: bool) {
        let Outgoing { claim, replaces, answer } = outgoing;
        let rejected = match claim.door {
            _ if by_interchange => Some("rejected by TA1".to_owned()),
            _ if by_set => Some("rejected by 999".to_owned()),
            Door::Shut(category, status, _) => Some(format!("rejected by 277CA {category}:{status}")),
            Door::Open | Door::Silent => None,
        };
        if let Some(state) = rejected {
            self.record.sent(&claim, None, state);
            self.send_again(claim);
            return;
        }
        let state = match answer {
            Answer::Silence if claim.is_spoilt => "planted fault",
            Answer::Silence if claim.door == Door::Silent => "no answer, not in 277CA",
            Answer::Silence => "no answer",
            _ => "open",
        };
        self.record.sent(&claim, replaces.as_deref(), state.to_owned());
        match answer {
            Answer::Silence => self.reverse_nothing(claim),
            Answer::On(day, posting) => self.queue(day, *posting),
            Answer::Decide => {
                let day = self.payment_day(&claim.payer, claim.sent);
                if day <= self.options.end {
                    self.decide(claim, day);
                }
            }
        }
    }

    /// Has a rejected claim sent again, corrected, one or two weeks later.
    fn send_again(&mut self, mut claim: Claim) {
        let sunday = plus(claim.sent, 7 * self.door.between(1, 2));
        if !claim.is_spoilt
            && self.door.share(parts(self.plan.resubmissions))
            && sunday <= self.options.window().last
        {
            claim.sent = sunday;
            claim.door = Door::Open;
            self.outgoing.entry(sunday).or_default().push(Outgoing::fresh(claim));
        }
    }

    /// The first payer's answer, and the second's when the claim goes on to one.
    fn decide(&mut self, claim: Claim, day: Date) {
        let payment = self.desk.decide(claim, day);
        let mut posting = Posting::initial(payment);
        if posting.can_cross() && self.fate.share(parts(self.plan.crossovers)) {
            let payer = second_payer(posting.payment.claim.member, posting.payment.claim.payer);
            let later = super::lag::workday(plus(day, self.fate.between(8, 30)));
            if later <= self.options.end {
                let is_denied = self.fate.share(parts(self.plan.secondary_denials));
                let choice = self.fate.below(4);
                let second = posting.secondary(&mut self.desk, payer, is_denied.then_some((choice, later)));
                self.pass_on(&mut posting, second, (day, later));
            }
        }
        self.queue(day, posting);
    }

    /// Gets the claim to the second payer: the first passes it on, or the practice sends it, if there is time for that.
    fn pass_on(&mut self, first: &mut Posting, second: Posting, (day, later): (Date, Date)) {
        let sunday = plus(sunday(day), 7);
        let is_sent = self.fate.percent(40) && sunday < later && sunday <= self.options.window().last;
        first.is_passed = true;
        if !is_sent {
            first.payment.status = "19";
            first.payment.crossover = Some(second.payment.claim.payer);
            self.queue(later, second);
            return;
        }
        let mut claim = second.payment.claim.clone();
        claim.sent = sunday;
        claim.prior = Some(Box::new(Prior {
            payer: first.payment.claim.payer,
            number: first.payment.number.clone(),
            day,
            lines: first.payment.lines.clone(),
        }));
        let answer = Answer::On(later, Box::new(second));
        self.outgoing.entry(sunday).or_default().push(Outgoing { claim, replaces: None, answer });
    }

    /// Plants the reversal of a payment that never was, on a claim that gets no other answer.
    fn reverse_nothing(&mut self, claim: Claim) {
        let day = super::lag::workday(plus(claim.sent, 30));
        if claim.is_spoilt
            || day > self.options.end
            || !self.odd.take(super::odd::Kind::ReversalOfNothing, day)
        {
            return;
        }
        let posting = Posting::initial(self.desk.decide(claim, day));
        let whole = posting.fresh(&mut self.desk, Happening::Odd);
        self.queue(day, whole.reversal(Happening::Odd));
    }
}
