//! Linked data with all that befalls claims: rejections, silence, reversals, second payers, replacements, voids,
//! take-backs, and remittances that come twice, in pieces or spoilt. Used when a plant file has a `[course]`.

mod book;
mod lag;
mod ledger;
mod mail;
mod odd;
mod outgoing;
mod parcel;
mod plan;
mod posting;
mod record;
mod send;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::adjudication::Adjudicator;
use super::calendar::plus;
use super::dice::Dice;
use super::fault::Saboteur;
use super::outlet::Outlet;
use super::pace::claims_by_week;
use super::roster::Form;
use super::source::Source;
use super::truth::Truth;
use super::{Error, Options, Summary};

pub use plan::Course;

/// Payments that wait for their day, by day and payer, then by billing provider.
type Due = BTreeMap<(Date, u64), BTreeMap<u64, Vec<posting::Posting>>>;

/// Everything that goes on from day to day.
struct World<'o> {
    options: &'o Options,
    plan: &'o Course,
    source: Source,
    saboteur: Saboteur,
    desk: Adjudicator,
    ledger: ledger::Ledger,
    truth: Truth,
    record: record::Record,
    /// What happens at the front door.
    door: Dice,
    /// How long things take.
    clock: Dice,
    /// What follows a payment.
    fate: Dice,
    /// How files travel.
    post: Dice,
    outgoing: BTreeMap<Date, Vec<outgoing::Outgoing>>,
    due: Due,
    /// Sets that come again in the next file, with the file that had them first.
    replays: Vec<(String, parcel::Deal)>,
    odd: odd::Odd,
    /// The first trace number of each payer.
    traces: BTreeMap<u64, ledger::Spot>,
    /// The last plain payments of each payer to each provider.
    recent: BTreeMap<(u64, u64), Vec<ledger::Taken>>,
    sent_files: u32,
    paid_files: u32,
    silenced: u64,
    answered: u64,
}

/// Writes `outbound/`, `inbound/` and the truth.
pub(super) fn run(options: &Options, plan: &Course, outlet: &mut Outlet<'_>) -> Result<Summary, Error> {
    let mut source = Source::new(options);
    let saboteur = Saboteur::new(options.seed, &options.plant.faults, options.end);
    for form in [Form::Professional, Form::Institutional, Form::Dental] {
        saboteur.spoil_roster(source.roster_mut(form));
    }
    let dice = |stream| Dice::new(options.seed, stream);
    let mut world = World {
        options,
        plan,
        source,
        saboteur,
        desk: Adjudicator::new(options),
        ledger: ledger::Ledger::new(options.seed),
        truth: Truth::open(outlet, options),
        record: record::Record::default(),
        door: dice(6),
        clock: dice(8),
        fate: dice(9),
        post: dice(10),
        outgoing: BTreeMap::new(),
        due: Due::new(),
        replays: Vec::new(),
        odd: odd::Odd::new(plan.oddities, options.window()),
        traces: BTreeMap::new(),
        recent: BTreeMap::new(),
        sent_files: 0,
        paid_files: 0,
        silenced: 0,
        answered: 0,
    };
    let first = options.window().first;
    let middle = usize::try_from(options.weeks / 2).unwrap_or_default();
    for (week, claims) in claims_by_week(options).into_iter().enumerate() {
        let monday = plus(first, 7 * i64::try_from(week).unwrap_or_default());
        world.pay_until(outlet, plus(monday, 5))?;
        world.send_week(outlet, monday, claims, week == middle)?;
    }
    world.pay_until(outlet, options.end)?;
    world.finish(outlet)
}

impl World<'_> {
    fn finish(mut self, outlet: &mut Outlet<'_>) -> Result<Summary, Error> {
        self.ledger.finish(&mut self.truth)?;
        self.record.finish(&mut self.truth)?;
        if self.plan.lags {
            for lag in lag::all() {
                self.truth.tell("lags", &lag)?;
            }
        }
        let denials = self.truth.denials;
        let faults = self.truth.finish(outlet)?;
        Ok(Summary {
            files: outlet.files,
            claims: self.options.claims,
            answered: self.answered,
            denials,
            faults,
        })
    }

    /// Puts a payment on the calendar.
    fn queue(&mut self, day: Date, posting: posting::Posting) {
        let claim = &posting.payment.claim;
        let (payer, provider) = (claim.payer.index, claim.billing.index);
        self.due.entry((day, payer)).or_default().entry(provider).or_default().push(posting);
    }

    /// When a claim sent on this Sunday is paid.
    fn payment_day(&mut self, payer: &super::roster::Payer, sent: Date) -> Date {
        if self.plan.lags {
            return lag::day(&mut self.clock, payer, sent);
        }
        let earliest = payer.lag + self.clock.between(0, 3);
        plus(sent, earliest + (payer.weekday - earliest).rem_euclid(7))
    }
}
