//! The figures both teams steer by, each with what it is made of. Claims are counted by the week they first left, once by lineage.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use serde::Serialize;

use super::classify::ClaimClass;
use super::derive::Leg;
use super::periods::Periods;
use super::spread::{Quantiles, Spread};
use super::standing::{Followed, Standing};
use super::story::Story;
use super::tables::Tables;
use super::{denials::Weeks, stories};
use crate::remit::week;
use crate::scrub::report::cents;
use crate::store::{self, Store};
use crate::x12::Cents;

/// A share: so many of so many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// What it says, and of what it is made.
    pub definition: &'static str,
    /// Above the line.
    pub numerator: i64,
    /// Below it.
    pub denominator: i64,
    /// In percent with two decimals, or in the unit it is of; none where it can't be computed.
    pub value: Option<String>,
    /// What it lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs: Option<&'static str>,
}

/// Days something takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Days {
    /// Its name.
    pub name: &'static str,
    /// From when to when.
    pub definition: &'static str,
    /// What it comes to; none where it can't be computed.
    pub days: Option<Quantiles>,
}

/// Claims that first left in one week.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Cohort {
    /// ISO week of submission.
    pub week: String,
    /// Claims.
    pub sent: i64,
    /// Of them decided by their payer.
    pub decided: i64,
    /// Denied by its first decision.
    pub denied: i64,
    /// Cents of charge.
    #[serde(with = "cents")]
    #[schema(value_type = String)]
    pub charge: Cents,
    /// Cents of charge of those denied.
    #[serde(with = "cents")]
    #[schema(value_type = String)]
    pub charge_denied: Cents,
    /// True where payers haven't had their usual time yet: what is said of it will change.
    pub immature: bool,
}

/// Everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Metrics {
    /// Shares.
    pub metrics: Vec<Metric>,
    /// Days.
    pub days: Vec<Days>,
    /// By week of submission.
    pub cohorts: Vec<Cohort>,
    /// Held now, by age.
    pub held: Vec<Held>,
    /// Denied by the first decision, by CARC, most dollars first.
    pub reasons: Vec<Reason>,
}

/// Claims held now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = HeldByAge)]
pub struct Held {
    /// For so many days.
    pub age: &'static str,
    /// Claims.
    pub claims: i64,
    /// Cents of charge.
    #[serde(with = "cents")]
    #[schema(value_type = String)]
    pub charge: Cents,
}

/// A reason of first denials.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Reason {
    /// CARC.
    pub carc: String,
    /// Claims denied with it first.
    pub claims: i64,
    /// Cents refused.
    #[serde(with = "cents")]
    #[schema(value_type = String)]
    pub amount: Cents,
}

const AGES: [(&str, i32); 4] =
    [("0-2 days", 2), ("3-7 days", 7), ("8-30 days", 30), ("over 30 days", i32::MAX)];

/// Counts while stories go by.
#[derive(Default)]
pub(super) struct Counting {
    scrubbed: i64,
    clean: i64,
    answered: i64,
    accepted: i64,
    decided: i64,
    first_pass: i64,
    denied: i64,
    denied_charge: Cents,
    overturned: i64,
    overturned_charge: Cents,
    sent: i64,
    sent_charge: Cents,
    sent_again: i64,
    held_ever: i64,
    touches: i64,
    refused_here: i64,
    to_clean: Spread,
    to_payment: Spread,
    cohorts: BTreeMap<String, Cohort>,
    held: [Held; 4],
    reasons: HashMap<String, (i64, Cents)>,
    /// Claims that left in the 13 weeks before, and their charge.
    before: (i64, Cents),
}

/// Counts claims whose first version left in these weeks, as of a day.
///
/// # Errors
/// When the store can't be read.
pub fn metrics(store: &Store, tables: &Tables, weeks: &Weeks, today: Date) -> Result<Metrics, store::Error> {
    let mut periods = Periods::new(tables, today, vec![weeks.clone()]);
    stories(store, &mut |story| {
        periods.story(&story);
        true
    })?;
    Ok(periods.come_to().pop().unwrap_or_default())
}

impl Counting {
    /// One more story, with its claims followed. `is_later`: it belongs to the lineage of another claim number.
    pub(super) fn story(
        &mut self,
        (story, followed): (&Story, &[Followed<'_>]),
        weeks: &Weeks,
        today: Date,
        is_later: bool,
    ) {
        for of in followed.iter().filter(|f| f.standing == Standing::Held) {
            self.held_now(of, today);
        }
        let primary = |f: &&Followed<'_>| matches!(f.sent.sent.sequence.as_str(), "P" | "");
        let mut versions: Vec<&Followed<'_>> = followed.iter().filter(primary).collect();
        versions.sort_by_key(|f| (f.sent.day, f.sent.left, &f.sent.sha256, f.sent.position));
        let Some(first) = versions.first() else { return };
        let began = first.sent.day.map(week).unwrap_or_default();
        if !weeks.has(&began) {
            if weeks.from.as_deref().is_some_and(|from| began.as_str() < from && recent(&began, from))
                && !is_later
            {
                self.before.0 += 1;
                self.before.1 = self.before.1.saturating_add(first.sent.charge);
            }
            return;
        }
        // Each version went through the edits by itself.
        for of in &versions {
            self.scrubbed += 1;
            self.clean += i64::from(of.sent.has_left() && !of.sent.was_held);
            self.refused_here += i64::from(of.standing == Standing::RejectedHere);
            self.held_ever += i64::from(of.sent.was_held);
            self.touches += i64::from(of.sent.touches);
        }
        let left: Vec<&&Followed<'_>> = versions.iter().filter(|f| f.left().is_some()).collect();
        let Some(first) = left.first() else { return };
        if is_later {
            self.sent_again += 1;
            return;
        }
        self.first_left(first, &left, story);
    }

    fn first_left(&mut self, first: &Followed<'_>, left: &[&&Followed<'_>], story: &Story) {
        let charge = first.sent.charge;
        self.sent += 1;
        self.sent_charge = self.sent_charge.saturating_add(charge);
        self.sent_again += i64::try_from(left.len().saturating_sub(1)).unwrap_or(0);
        if let Some((_, service)) = first.sent.dates
            && let Some(day) = first.left()
        {
            self.to_clean.add(days(service, day));
        }
        if let Some(answer) = first.first_answer() {
            self.answered += 1;
            self.accepted += i64::from(answer.accepted && !first.was_refused());
        }
        let submitted = first.left().map(week).unwrap_or_default();
        let cohort = self.cohorts.entry(submitted.clone()).or_default();
        cohort.week = submitted;
        cohort.sent += 1;
        cohort.charge = cohort.charge.saturating_add(charge);
        let Some(decision) = first.first_decision() else { return };
        self.decided += 1;
        cohort.decided += 1;
        if let Some((left, paid)) = first.left().zip(decision.paid.date) {
            self.to_payment.add(days(left, paid));
        }
        let denied = decision.class == ClaimClass::Denied;
        let whole = !denied && decision.class != ClaimClass::PartlyDenied;
        let untouched = left.len() == 1 && !first.sent.was_held && !first.was_refused();
        self.first_pass += i64::from(whole && untouched && decision.reversed_by.is_none());
        if !denied {
            return;
        }
        self.denied += 1;
        self.denied_charge = self.denied_charge.saturating_add(charge);
        cohort.denied += 1;
        cohort.charge_denied = cohort.charge_denied.saturating_add(charge);
        if let Some((carc, amount)) = main_reason(decision) {
            let reason = self.reasons.entry(carc).or_default();
            reason.0 += 1;
            reason.1 = reason.1.saturating_add(amount);
        }
        // Paid after all: by a correction, or for a version sent later.
        let paid_later = story.paid.iter().any(|p| {
            p.paid > 0 && !p.is_reversal() && p.payer == decision.paid.payer && p.date >= decision.paid.date
        });
        if paid_later {
            self.overturned += 1;
            self.overturned_charge = self.overturned_charge.saturating_add(charge);
        }
    }

    fn held_now(&mut self, of: &Followed<'_>, today: Date) {
        let age = of.sent.day.map_or(0, |day| days(day, today));
        let place = AGES.iter().position(|(_, most)| age <= *most).unwrap_or(AGES.len() - 1);
        if let Some(held) = self.held.get_mut(place) {
            held.claims += 1;
            held.charge = held.charge.saturating_add(of.sent.charge);
        }
    }

    pub(super) fn come_to(self, today: Date) -> Metrics {
        let before = self.before_that();
        let usual = self.to_payment.at(90).unwrap_or(30);
        let mut cohorts: Vec<Cohort> = self.cohorts.into_values().collect();
        for cohort in &mut cohorts {
            cohort.immature = first_day(&cohort.week).is_none_or(|monday| days(monday, today) < usual + 7);
        }
        let needs_answers = (self.answered == 0).then_some("a 999 or 277CA for claims sent in these weeks");
        let mut metrics = vec![
            share(
                "clean-claim-rate",
                "Claims that left with no one's help / claims scrubbed. Every version of a claim counts (HFMA CL-1)",
                self.clean,
                self.scrubbed,
            ),
            share(
                "first-pass-acceptance",
                "Claims whose answers (TA1, 999, 277CA) take them / claims answered, first versions alone",
                self.accepted,
                self.answered,
            ),
            share(
                "first-pass-resolution",
                "Claims paid, or left to the patient, by their first decision, never held, refused, sent again or taken back / claims decided, first versions alone",
                self.first_pass,
                self.decided,
            ),
            share(
                "denial-rate-of-decided",
                "Claims denied whole by their first decision / claims decided, by the weeks they first left in",
                self.denied,
                self.decided,
            ),
            share(
                "overturn-rate",
                "Claims denied first and paid something later / claims denied whole by their first decision",
                self.overturned,
                self.denied,
            ),
            share(
                "overturn-rate-dollars",
                "The same by charge, in cents",
                self.overturned_charge,
                self.denied_charge,
            ),
            share(
                "rework-rate",
                "Versions sent after the first (replacements, voids, claims sent again) / claims sent",
                self.sent_again,
                self.sent,
            ),
            ratio(
                "touches-per-held-claim",
                "Decisions people took of held claims / claims that were held",
                self.touches,
                self.held_ever,
            ),
            share(
                "rejected-at-the-door",
                "Claims whose envelope could not be used / claims scrubbed",
                self.refused_here,
                self.scrubbed,
            ),
        ];
        metrics.extend(before);
        if let Some(answers) = metrics.iter_mut().find(|m| m.name == "first-pass-acceptance") {
            answers.needs = needs_answers;
        }
        let days = vec![
            Days {
                name: "days-to-clean-submission",
                definition: "From the last day of service to the day the claim first left",
                days: self.to_clean.quantiles(),
            },
            Days {
                name: "days-to-payment",
                definition: "From the day the claim first left to its payer's first decision",
                days: self.to_payment.quantiles(),
            },
        ];
        let mut held = self.held;
        held.iter_mut().zip(AGES).for_each(|(held, (age, _))| held.age = age);
        let mut reasons: Vec<Reason> = self
            .reasons
            .into_iter()
            .map(|(carc, (claims, amount))| Reason { carc, claims, amount })
            .collect();
        reasons.sort_by(|a, b| (b.amount, b.claims, &a.carc).cmp(&(a.amount, a.claims, &b.carc)));
        Metrics { metrics, days, cohorts, held: held.to_vec(), reasons }
    }

    /// The initial denial rate as HFMA has it: measured on what was sent in the three months before.
    fn before_that(&self) -> [Metric; 2] {
        let needs = (self.before.0 == 0)
            .then_some("claims sent in the 13 weeks before the first week asked for (--from)");
        let mut count = share(
            "initial-denial-rate",
            "Claims denied whole by their first decision / claims sent in an average week of the 13 before, times the weeks asked for (HFMA)",
            self.denied * 13,
            self.before.0 * self.span(),
        );
        let mut dollars = share(
            "initial-denial-rate-dollars",
            "The same by charge, in cents",
            self.denied_charge.saturating_mul(13),
            self.before.1.saturating_mul(self.span()),
        );
        for metric in [&mut count, &mut dollars] {
            metric.needs = needs;
            if needs.is_some() {
                metric.value = None;
            }
        }
        [count, dollars]
    }

    fn span(&self) -> i64 {
        let of = |week: Option<&String>| week.and_then(|w| first_day(w));
        let (first, last) = (of(self.cohorts.keys().next()), of(self.cohorts.keys().next_back()));
        first.zip(last).map_or(0, |(first, last)| i64::from(days(first, last) / 7) + 1)
    }
}

/// The CARC that refuses most of a payment.
fn main_reason(decision: &super::derive::Payment<'_>) -> Option<(String, Cents)> {
    let mut sums: BTreeMap<&str, Cents> = BTreeMap::new();
    let lines = decision.paid.lines.iter().flat_map(|l| &l.adjustments);
    for a in decision
        .paid
        .adjustments
        .iter()
        .chain(lines)
        .filter(|a| a.group != "PR" || decision.leg != Leg::Primary || a.amount > 0)
    {
        let sum = sums.entry(&a.carc).or_default();
        *sum = sum.saturating_add(a.amount);
    }
    let (carc, _) = sums.into_iter().max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(a.0)))?;
    Some((carc.to_owned(), decision.denied))
}

fn share(name: &'static str, definition: &'static str, numerator: i64, denominator: i64) -> Metric {
    let basis = (denominator > 0).then(|| i128::from(numerator) * 10_000 / i128::from(denominator));
    let value = basis.map(|b| format!("{}.{:02}%", b / 100, (b % 100).abs()));
    Metric {
        name,
        definition,
        numerator,
        denominator,
        value,
        needs: (denominator <= 0).then_some("claims in these weeks"),
    }
}

fn ratio(name: &'static str, definition: &'static str, numerator: i64, denominator: i64) -> Metric {
    let hundredths = (denominator > 0).then(|| numerator * 100 / denominator);
    let value = hundredths.map(|b| format!("{}.{:02}", b / 100, b % 100));
    Metric {
        name,
        definition,
        numerator,
        denominator,
        value,
        needs: (denominator <= 0).then_some("claims that were held in these weeks"),
    }
}

/// Days from one day to another.
#[must_use]
pub fn days(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

/// The Monday of an ISO week.
#[must_use]
pub fn first_day(week: &str) -> Option<Date> {
    let (year, number) = week.split_once("-W")?;
    let day =
        jiff::civil::ISOWeekDate::new(year.parse().ok()?, number.parse().ok()?, jiff::civil::Weekday::Monday);
    day.ok().map(Date::from)
}

/// True where a week is one of the 13 before another.
fn recent(week: &str, from: &str) -> bool {
    first_day(week).zip(first_day(from)).is_some_and(|(a, b)| (1..=91).contains(&days(a, b)))
}
