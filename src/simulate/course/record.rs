//! What the truth says of a course: every event that matters, and how each claim ended.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::ledger::Spot;
use super::posting::{Happening, Leg, Posting};
use crate::simulate::Error;
use crate::simulate::calendar::week;
use crate::simulate::claim::Claim;
use crate::simulate::money::decimal;
use crate::simulate::outlet::Outlet;
use crate::simulate::truth::{Denial, Found, Truth};

/// One claim payment that denies, reverses, corrects, replaces or repeats.
#[derive(Debug, Serialize)]
struct Event<'a> {
    kind: Happening,
    claim: &'a str,
    payer: &'static str,
    leg: &'static str,
    /// CLP07.
    number: &'a str,
    /// CLP02.
    status: &'static str,
    charge: String,
    paid: String,
    week: String,
    #[serde(flatten)]
    spot: &'a Spot,
    /// Amounts are negative in a reversal.
    denials: Vec<Refused<'a>>,
}

/// A denial within an event.
#[derive(Debug, Serialize)]
struct Refused<'a> {
    line: Option<usize>,
    group: &'a str,
    carc: &'a str,
    rarc: Option<&'a str>,
    procedure: Option<&'static str>,
    amount: String,
    cause: &'a str,
}

/// How a claim stands.
#[derive(Debug, Serialize)]
struct State {
    claim: String,
    payer: &'static str,
    sent: Date,
    /// Sent once more after a rejection, or replaced under its own number.
    again: Vec<Date>,
    /// The claim that this one replaces under a number of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces: Option<String>,
    first_payment: Option<Date>,
    state: String,
}

/// A planted bad remittance.
#[derive(Debug, Serialize)]
struct Oddity<'a> {
    kind: &'static str,
    #[serde(flatten)]
    spot: &'a Spot,
    claim: Option<&'a str>,
    /// The file that was there first: whole, or with this trace number.
    of: Option<&'a str>,
}

/// A planted repetition or cut.
#[derive(Debug, Serialize)]
struct Repetition<'a> {
    kind: &'static str,
    file: &'a str,
    of: &'a str,
    trns: &'a [&'a str],
}

/// Gathers the truth of a course.
#[derive(Default)]
pub(super) struct Record {
    states: BTreeMap<String, State>,
}

impl Record {
    /// A claim leaves the practice; `state` until something answers it.
    pub(super) fn sent(&mut self, claim: &Claim, replaces: Option<&str>, state: String) {
        if let Some(known) = self.states.get_mut(&claim.id) {
            known.again.push(claim.sent);
            if claim.frequency == "1" && claim.prior.is_none() {
                known.state = state;
            }
            return;
        }
        let row = State {
            claim: claim.id.clone(),
            payer: claim.payer.id,
            sent: claim.sent,
            again: Vec::new(),
            replaces: replaces.map(str::to_owned),
            first_payment: None,
            state,
        };
        self.states.insert(claim.id.clone(), row);
    }

    /// A claim payment is written: its event, its denials that stand, and the claim's state.
    pub(super) fn paid(
        &mut self,
        outlet: &mut Outlet<'_>,
        truth: &mut Truth,
        posting: &Posting,
        (spot, is_event, stands): (&Spot, bool, bool),
    ) -> Result<(), Error> {
        if is_event || !posting.payment.denials.is_empty() {
            truth.tell("events", &event(posting, spot))?;
        }
        if stands && posting.payment.sign > 0 {
            for denial in &posting.payment.denials {
                let found = Found {
                    leg: posting.leg.name(),
                    number: posting.payment.number.clone(),
                    file: spot.file.clone(),
                    trn: spot.trn.clone(),
                };
                truth.denial(outlet, &Denial { found: Some(found), ..denial.clone() })?;
            }
        }
        if posting.leg == Leg::Primary {
            self.ended(posting, spot.day);
        }
        Ok(())
    }

    /// A planted bad remittance.
    pub(super) fn oddity(
        &self,
        truth: &mut Truth,
        kind: &'static str,
        spot: &Spot,
        (claim, of): (Option<&str>, Option<&str>),
    ) -> Result<(), Error> {
        truth.tell("oddities", &Oddity { kind, spot, claim, of })
    }

    /// A planted repetition: what is in `file` is in `of` already.
    pub(super) fn repetition(
        &self,
        truth: &mut Truth,
        kind: &'static str,
        (file, of): (&str, &str),
        trns: &[&str],
    ) -> Result<(), Error> {
        truth.tell("duplicates", &Repetition { kind, file, of, trns })
    }

    /// Tells how each claim ended.
    pub(super) fn finish(&self, truth: &mut Truth) -> Result<(), Error> {
        self.states.values().try_for_each(|state| truth.tell("states", state))
    }

    fn ended(&mut self, posting: &Posting, day: Date) {
        let Some(state) = self.states.get_mut(&posting.payment.claim.id) else {
            return;
        };
        if matches!(posting.happening, Happening::Odd | Happening::SecondPayment) {
            return;
        }
        state.first_payment = state.first_payment.or(Some(day));
        let denied = posting.refused();
        let end = match posting.happening {
            Happening::Void => "voided",
            // The correction says how it ends, if there is one.
            Happening::Reversal => "reversed",
            _ if denied == 0 => "paid",
            _ if denied == posting.payment.claim.charges() => "denied",
            _ => "partly denied",
        };
        end.clone_into(&mut state.state);
    }
}

fn event<'a>(posting: &'a Posting, spot: &'a Spot) -> Event<'a> {
    let payment = &posting.payment;
    Event {
        kind: posting.happening,
        claim: &payment.claim.id,
        payer: payment.claim.payer.id,
        leg: posting.leg.name(),
        number: &payment.number,
        status: payment.status,
        charge: decimal(payment.charge()),
        paid: decimal(payment.paid()),
        week: week(spot.day),
        spot,
        denials: payment.denials.iter().map(|denial| refused(denial, payment.sign)).collect(),
    }
}

fn refused(denial: &Denial, sign: i64) -> Refused<'_> {
    Refused {
        line: denial.line,
        group: &denial.group,
        carc: &denial.carc,
        rarc: denial.rarc.as_deref(),
        procedure: denial.procedure,
        amount: if sign < 0 { format!("-{}", denial.amount) } else { denial.amount.clone() },
        cause: &denial.cause,
    }
}
