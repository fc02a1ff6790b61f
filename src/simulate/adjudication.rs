//! What a payer decides: for each line an allowed amount, the patient's share, and now and then a denial.

use super::Options;
use super::background::{self, Reason};
use super::calendar::week;
use super::claim::{Claim, Line};
use super::dice::{Dice, nth};
use super::payment::{Adjustment, Payment, Settled};
use super::plant::{DenialRule, Level, parts};
use super::roster::{Cover, Form, Payer};
use super::truth::Denial;
use jiff::civil::Date;

/// Percent of the charge that each payer allows.
const ALLOWED: [i64; 6] = [70, 65, 75, 60, 50, 68];

/// Decides claims.
pub(super) struct Adjudicator {
    dice: Dice,
    rules: Vec<(DenialRule, u64)>,
    background: u64,
    reversals: u64,
    run: u32,
    decided: u64,
}

/// Why a line or a claim is refused.
struct Refusal {
    adjustment: Adjustment,
    rarc: String,
    cause: String,
}

impl Adjudicator {
    pub(super) fn new(options: &Options) -> Self {
        let plant = &options.plant;
        let window = options.window();
        let rule = |rule: &DenialRule| (rule.dated(window), parts(rule.share));
        Self {
            dice: Dice::new(options.seed, 2),
            rules: plant.denials.iter().map(rule).collect(),
            background: plant.background_parts(),
            reversals: parts(plant.reversals),
            run: options.run_number(),
            decided: 0,
        }
    }

    /// The payment of a claim, with the denials in it.
    pub(super) fn decide(&mut self, claim: Claim, day: Date) -> Payment {
        let week = week(day);
        let mut payment = Payment {
            number: self.number(claim.payer),
            status: "1",
            sign: 1,
            is_first: true,
            crossover: None,
            adjustments: Vec::new(),
            remark: String::new(),
            lines: Vec::with_capacity(claim.lines.len()),
            denials: Vec::new(),
            claim,
        };
        let whole = self.refuse_claim(&payment.claim, &week);
        if let Some(refusal) = whole.as_ref().filter(|_| payment.claim.form == Form::Institutional) {
            let charge = payment.claim.charges();
            payment.denials.push(denial(&payment.claim, None, refusal, &week, charge));
            payment.adjustments.push(refusal.adjustment.of(charge));
            payment.remark.clone_from(&refusal.rarc);
            return payment;
        }
        for index in 0..payment.claim.lines.len() {
            self.decide_line(&mut payment, index, whole.as_ref(), &week);
        }
        let unknown = payment.lines.iter().all(|line| line.adjustments.iter().any(|a| a.carc == "31"));
        if unknown {
            payment.status = "4";
        }
        payment
    }

    /// Whether this payment is to be reversed later, and if so the reversal and the correction that follows it.
    pub(super) fn reverse(&mut self, payment: &Payment) -> Option<(Payment, Payment)> {
        if self.reversals == 0 || !self.dice.share(self.reversals) {
            return None;
        }
        let mut reversal = payment.clone();
        reversal.status = "22";
        reversal.sign = -1;
        reversal.is_first = false;
        reversal.denials.clear();
        let mut correction = payment.clone();
        correction.number = self.number(payment.claim.payer);
        correction.status = "1";
        correction.is_first = false;
        correction.denials.clear();
        correction.adjustments.clear();
        correction.remark.clear();
        correction.lines =
            correction.claim.lines.iter().map(|line| accept(correction.claim.payer, line)).collect();
        Some((reversal, correction))
    }

    fn decide_line(&mut self, payment: &mut Payment, index: usize, whole: Option<&Refusal>, week: &str) {
        let Some(line) = payment.claim.lines.get(index) else {
            return;
        };
        let own = if whole.is_none() { self.refuse_line(&payment.claim, line, week) } else { None };
        let settled = if let Some(refusal) = whole.or(own.as_ref()) {
            payment.denials.push(denial(&payment.claim, Some((index, line)), refusal, week, line.charge));
            Settled {
                charge: line.charge,
                allowed: 0,
                adjustments: vec![refusal.adjustment.of(line.charge)],
                remark: refusal.rarc.clone(),
            }
        } else {
            let mut settled = accept(payment.claim.payer, line);
            self.share(&mut settled, payment.claim.payer, index == 0);
            settled
        };
        payment.lines.push(settled);
    }

    fn refuse_claim(&mut self, claim: &Claim, week: &str) -> Option<Refusal> {
        let dice = &mut self.dice;
        let mut rules = self.rules.iter();
        rules
            .find(|(rule, share)| {
                rule.level == Level::Claim
                    && rule.concerns(claim.payer.id, week)
                    && claim.lines.iter().any(|line| rule.covers(claim, line))
                    && dice.share(*share)
            })
            .map(|(rule, _)| rule.into())
    }

    fn refuse_line(&mut self, claim: &Claim, line: &Line, week: &str) -> Option<Refusal> {
        let dice = &mut self.dice;
        let mut rules = self.rules.iter();
        let planted = rules.find(|(rule, share)| {
            rule.level == Level::Line
                && rule.concerns(claim.payer.id, week)
                && rule.covers(claim, line)
                && dice.share(*share)
        });
        if let Some((rule, _)) = planted {
            return Some(rule.into());
        }
        if !dice.share(self.background) {
            return None;
        }
        let (group, carc, rarc, cause) = background::draw(dice, claim.payer);
        Some(Refusal {
            adjustment: Adjustment::new(group, carc, 0),
            rarc: rarc.to_owned(),
            cause: cause.to_owned(),
        })
    }

    /// Takes the patient's share out of an accepted line.
    fn share(&mut self, settled: &mut Settled, payer: Payer, is_first: bool) {
        let allowed = settled.allowed;
        let (carc, amount) = match (payer.cover, self.dice.below(100)) {
            (Cover::Medicare, _) => ("2", allowed / 5),
            (Cover::Commercial, 0..8) => ("1", allowed),
            (Cover::Commercial, 8..25) => ("2", allowed / 10),
            (Cover::Commercial, 25..55) if is_first && allowed > 4_000 => ("3", 2_500),
            (Cover::Commercial | Cover::Medicaid, _) => return,
        };
        if amount > 0 {
            settled.adjustments.push(Adjustment::new("PR", carc, amount));
        }
    }

    /// The next CLP07 of this payer.
    pub(super) fn number(&mut self, payer: Payer) -> String {
        self.decided += 1;
        format!("{}{:05}{:09}", payer.id, self.run, self.decided)
    }
}

/// Refuses what is left to pay of one line of a payment, for an everyday reason.
pub(super) fn refuse(payment: &mut Payment, index: usize, reason: Reason, week: &str, amount: i64) {
    let (group, carc, rarc, cause) = reason;
    let adjustment = Adjustment::new(group, carc, amount);
    let refusal = Refusal { adjustment, rarc: rarc.to_owned(), cause: cause.to_owned() };
    let Some((line, settled)) = payment.claim.lines.get(index).zip(payment.lines.get_mut(index)) else {
        return;
    };
    settled.allowed = 0;
    settled.adjustments.push(refusal.adjustment.clone());
    settled.remark.clone_from(&refusal.rarc);
    payment.denials.push(denial(&payment.claim, Some((index, line)), &refusal, week, amount));
}

impl From<&DenialRule> for Refusal {
    fn from(rule: &DenialRule) -> Self {
        Self {
            adjustment: Adjustment::new(&rule.group, &rule.carc, 0),
            rarc: rule.rarc.clone().unwrap_or_default(),
            cause: rule.cause.clone(),
        }
    }
}

/// A line allowed and paid in full.
pub(super) fn accept(payer: Payer, line: &Line) -> Settled {
    let allowed = line.charge * nth(&ALLOWED, payer.index) / 100;
    Settled {
        charge: line.charge,
        allowed,
        adjustments: vec![Adjustment::new("CO", "45", line.charge - allowed)],
        remark: String::new(),
    }
}

fn denial(claim: &Claim, line: Option<(usize, &Line)>, refusal: &Refusal, week: &str, amount: i64) -> Denial {
    Denial {
        claim: claim.id.clone(),
        line: line.map(|(index, _)| index + 1),
        payer: claim.payer.id,
        group: refusal.adjustment.group.clone(),
        carc: refusal.adjustment.carc.clone(),
        rarc: Some(refusal.rarc.clone()).filter(|rarc| !rarc.is_empty()),
        procedure: line.map(|(_, line)| line.code).filter(|code| !code.is_empty()),
        amount: super::money::decimal(amount),
        week: week.to_owned(),
        cause: refusal.cause.clone(),
        found: None,
    }
}
