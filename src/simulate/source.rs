//! Where claims come from: practices with their patients, drawn one stretch at a time.

use super::calendar::{Window, days_between, plus};
use super::claim::{Bill, Claim, Door};
use super::dice::{Dice, nth};
use super::people::Person;
use super::roster::{Billing, Cover, Form, Payer, Roster};
use super::{Options, dental, institutional, professional};
use jiff::civil::Date;

/// Draws claims without end.
pub(super) struct Source {
    dice: Dice,
    run: u32,
    claims: u64,
    members: u64,
    professional: Roster,
    institutional: Roster,
    dental: Roster,
}

/// When services fell and when their claims were sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Season {
    pub(super) services: Window,
    pub(super) sent: Date,
}

impl Source {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            dice: Dice::new(options.seed, 0),
            run: options.run_number(),
            claims: 0,
            members: u64::from(options.run_number()) % 9_000 * 100_000,
            professional: Roster::new(Form::Professional),
            institutional: Roster::new(Form::Institutional),
            dental: Roster::new(Form::Dental),
        }
    }

    /// The billing providers of one form.
    pub(super) fn roster_mut(&mut self, form: Form) -> &mut Roster {
        match form {
            Form::Professional => &mut self.professional,
            Form::Institutional => &mut self.institutional,
            Form::Dental => &mut self.dental,
        }
    }

    /// Some claims of the next billing provider, at most `most`.
    pub(super) fn practice(&mut self, form: Form, season: Season, most: u64) -> Vec<Claim> {
        let mut claims = Vec::new();
        let Some(billing) = self.roster_mut(form).next() else {
            return claims;
        };
        let mut left = most.min(8 + self.dice.below(33));
        while left > 0 {
            let payer = Payer::draw(&mut self.dice, form);
            let family = self.family(billing, payer, season, left);
            left = left.saturating_sub(u64::try_from(family.len()).unwrap_or(u64::MAX));
            claims.extend(family);
        }
        claims
    }

    /// At most `most` claims of one provider that one payer pays.
    pub(super) fn batch(&mut self, form: Form, payer: Payer, season: Season, most: u64) -> Vec<Claim> {
        let mut claims = Vec::new();
        let Some(billing) = self.roster_mut(form).next() else {
            return claims;
        };
        let mut left = most;
        while left > 0 {
            let family = self.family(billing, payer, season, left);
            left = left.saturating_sub(u64::try_from(family.len()).unwrap_or(u64::MAX));
            claims.extend(family);
        }
        claims
    }

    /// One subscriber: their own claims, or those of one or two dependents.
    fn family(&mut self, billing: Billing, payer: Payer, season: Season, most: u64) -> Vec<Claim> {
        self.members += 1;
        let (youngest, oldest) = match payer.cover {
            Cover::Commercial => (18, 70),
            Cover::Medicare => (66, 89),
            Cover::Medicaid => (1, 64),
        };
        let day = season.services.first;
        let subscriber = Person::draw(&mut self.dice, day, youngest, oldest);
        let mut claims = Vec::new();
        if payer.cover != Cover::Commercial || self.dice.percent(72) {
            self.patient(&mut claims, (billing, payer), season, (subscriber, subscriber, "18"), most);
            return claims;
        }
        for _ in 0..=self.dice.below(2) {
            let left = most.saturating_sub(u64::try_from(claims.len()).unwrap_or(u64::MAX));
            if left > 0 {
                let is_spouse = claims.is_empty() && self.dice.percent(40);
                let (relationship, youngest, oldest) = if is_spouse { ("01", 18, 70) } else { ("19", 1, 17) };
                let mut patient = Person::draw(&mut self.dice, day, youngest, oldest);
                patient.last = subscriber.last;
                patient.address = subscriber.address;
                self.patient(
                    &mut claims,
                    (billing, payer),
                    season,
                    (subscriber, patient, relationship),
                    left,
                );
            }
        }
        claims
    }

    /// One to three claims of one patient on different days.
    fn patient(
        &mut self,
        claims: &mut Vec<Claim>,
        (billing, payer): (Billing, Payer),
        season: Season,
        (subscriber, patient, relationship): (Person, Person, &'static str),
        most: u64,
    ) {
        let count = nth(&[1_u64, 1, 1, 1, 1, 1, 1, 2, 2, 3], self.dice.below(10)).min(most);
        let span = (days_between(season.services.first, season.services.last) + 1).max(1);
        let start = self.dice.between(0, span - 1);
        let patient_index = u64::try_from(claims.len()).unwrap_or_default();
        for visit in 0..count {
            self.claims += 1;
            let stride = i64::try_from(visit).unwrap_or_default() * (span / 3).max(1);
            let day = plus(season.services.first, (start + stride) % span);
            let mut claim = Claim {
                id: format!("CL{:05}{:09}", self.run, self.claims),
                form: billing.form,
                billing,
                payer,
                member: self.members,
                subscriber,
                patient,
                patient_index,
                relationship,
                is_only: count == 1,
                is_spoilt: false,
                rendering: None,
                referring: None,
                total: 0,
                frequency: "1",
                original: String::new(),
                prior: None,
                elsewhere: None,
                door: Door::Open,
                first_line: 1,
                accident: "",
                from: day,
                to: day,
                sent: season.sent,
                diagnoses: Vec::new(),
                lines: Vec::new(),
                bill: Bill::default(),
            };
            match billing.form {
                Form::Professional => professional::fill(&mut self.dice, &mut claim, season.services),
                Form::Institutional => institutional::fill(&mut self.dice, &mut claim, season.services),
                Form::Dental => dental::fill(&mut self.dice, &mut claim, season.services, visit),
            }
            claim.total = claim.charges();
            claims.push(claim);
        }
    }
}
