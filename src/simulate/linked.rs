//! Weeks of claims with everything that comes back for them.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::acknowledgement::{self, Answered};
use super::adjudication::Adjudicator;
use super::calendar::{Window, plus};
use super::claim::Claim;
use super::claim_file::ClaimFile;
use super::dice::Dice;
use super::envelope::Lane;
use super::fault::Saboteur;
use super::outlet::Outlet;
use super::pace::{LagRule, claims_by_week};
use super::payment::Payment;
use super::remittance::{MOST, RemittanceFile, Transaction};
use super::roster::{Form, Payer};
use super::source::{Season, Source};
use super::treasury::Treasury;
use super::truth::Truth;
use super::{Error, Options, Summary};

/// Payments that wait for their day, by day, payer and billing provider.
type Due = BTreeMap<(Date, u64, u64), Vec<Payment>>;

/// Everything that goes on from week to week.
struct World<'o> {
    options: &'o Options,
    source: Source,
    saboteur: Saboteur,
    adjudicator: Adjudicator,
    treasury: Treasury,
    truth: Truth,
    delays: Dice,
    due: Due,
    sent_files: u32,
    paid_files: u32,
    answered: u64,
}

/// Writes `outbound/`, `inbound/` and the truth.
pub(super) fn run(options: &Options, outlet: &mut Outlet<'_>) -> Result<Summary, Error> {
    let mut source = Source::new(options);
    let saboteur = Saboteur::new(options.seed, &options.plant.faults, options.end);
    for form in [Form::Professional, Form::Institutional, Form::Dental] {
        saboteur.spoil_roster(source.roster_mut(form));
    }
    let mut world = World {
        options,
        source,
        saboteur,
        adjudicator: Adjudicator::new(options),
        treasury: Treasury::new(options.seed),
        truth: Truth::open(outlet, options),
        delays: Dice::new(options.seed, 5),
        due: Due::new(),
        sent_files: 0,
        paid_files: 0,
        answered: 0,
    };
    let first = options.window().first;
    for (week, claims) in claims_by_week(options).into_iter().enumerate() {
        let monday = plus(first, 7 * i64::try_from(week).unwrap_or_default());
        world.send_week(outlet, monday, claims)?;
        world.pay_until(outlet, plus(monday, 6))?;
    }
    world.pay_until(outlet, options.end)?;
    let denials = world.truth.denials;
    let faults = world.truth.finish(outlet)?;
    Ok(Summary { files: outlet.files, claims: options.claims, answered: world.answered, denials, faults })
}

impl World<'_> {
    /// Sends a week's claims on its Sunday: services fall on Monday to Friday.
    fn send_week(&mut self, outlet: &mut Outlet<'_>, monday: Date, claims: u64) -> Result<(), Error> {
        let season =
            Season { services: Window { first: monday, last: plus(monday, 4) }, sent: plus(monday, 6) };
        let (institutional, dental) = (claims * 12 / 100, claims * 8 / 100);
        let professional = claims - institutional - dental;
        let shares = [
            (Form::Professional, professional),
            (Form::Institutional, institutional),
            (Form::Dental, dental),
        ];
        for (form, count) in shares.into_iter().filter(|(_, count)| *count > 0) {
            let sent = self.send_file(outlet, form, season, count)?;
            for claim in sent.into_iter().filter(|claim| !claim.is_spoilt) {
                let day = self.payment_day(&claim.payer, season.sent);
                if day <= self.options.end {
                    let key = (day, claim.payer.index, claim.billing.index);
                    let payment = self.adjudicator.decide(claim, day);
                    self.due.entry(key).or_default().push(payment);
                }
            }
        }
        Ok(())
    }

    /// Writes one 837 and the 999 and 277CA that answer it.
    fn send_file(
        &mut self,
        outlet: &mut Outlet<'_>,
        form: Form,
        season: Season,
        count: u64,
    ) -> Result<Vec<Claim>, Error> {
        self.sent_files += 1;
        let (number, per_set) = (self.sent_files, self.options.per_set);
        let control = self.options.control(Lane::Claims, number);
        let path = format!("outbound/{number:04}.837");
        let mut file = ClaimFile::open(outlet, path, form, (season.sent, control), per_set);
        let mut sent = Vec::new();
        let mut left = count;
        while left > 0 {
            for mut claim in self.source.practice(form, season, left) {
                left = left.saturating_sub(1);
                let fault = self.saboteur.spoil(&mut claim);
                claim.is_spoilt = fault.is_some();
                if let Some(edit) = fault {
                    self.truth.fault(&claim.id, edit);
                }
                file.add(outlet, &claim)?;
                sent.push(claim);
            }
        }
        let answered = Answered { form, date: season.sent, control, sets: file.sets, per_set, refused: &[] };
        file.finish(outlet)?;
        acknowledgement::functional(outlet, format!("inbound/{number:04}.999"), &answered)?;
        let control = self.options.control(Lane::Answers, number);
        let path = format!("inbound/{number:04}.277");
        acknowledgement::claims(outlet, path, control, &answered, &sent)?;
        Ok(sent)
    }

    /// 10 to 25 days after a Sunday, on the payer's weekday.
    fn payment_day(&mut self, payer: &Payer, sent: Date) -> Date {
        let more = LagRule::of(&self.options.plant.lags, payer.id, sent);
        let earliest = payer.lag + more + self.delays.between(0, 3);
        plus(sent, earliest + (payer.weekday - earliest).rem_euclid(7))
    }

    /// Writes the payments due up to `day`: one file for each payer and day.
    fn pay_until(&mut self, outlet: &mut Outlet<'_>, day: Date) -> Result<(), Error> {
        let mut open: Option<((Date, u64), RemittanceFile)> = None;
        while let Some(entry) = self.due.first_entry().filter(|entry| entry.key().0 <= day) {
            let ((date, payer, provider), payments) = entry.remove_entry();
            let mut file = match open.take() {
                Some((key, file)) if key == (date, payer) => file,
                other => {
                    other.map_or(Ok(()), |(_, file)| file.finish(outlet))?;
                    self.paid_files += 1;
                    let path = format!("inbound/{:04}.835", self.paid_files);
                    let control = self.options.control(Lane::Remittances, self.paid_files);
                    RemittanceFile::open(outlet, path, (date, control))
                }
            };
            self.settle(outlet, (date, payer, provider), &payments)?;
            for chunk in payments.chunks(MOST) {
                if let Some(claim) = chunk.first().map(|payment| &payment.claim) {
                    let transaction =
                        Transaction { payer: claim.payer, billing: claim.billing, date, payments: chunk };
                    file.add(outlet, &mut self.treasury, &transaction)?;
                }
            }
            open = Some(((date, payer), file));
        }
        open.map_or(Ok(()), |(_, file)| file.finish(outlet))
    }

    /// Tells the truth about payments, and puts the reversals among them on the calendar two weeks later.
    fn settle(
        &mut self,
        outlet: &mut Outlet<'_>,
        (date, payer, provider): (Date, u64, u64),
        payments: &[Payment],
    ) -> Result<(), Error> {
        let later = plus(date, 14);
        for payment in payments.iter().filter(|payment| payment.is_first) {
            self.answered += 1;
            let reversed = if later <= self.options.end { self.adjudicator.reverse(payment) } else { None };
            let Some((reversal, correction)) = reversed else {
                for denial in &payment.denials {
                    self.truth.denial(outlet, denial)?;
                }
                continue;
            };
            self.due.entry((later, payer, provider)).or_default().extend([reversal, correction]);
        }
        Ok(())
    }
}
