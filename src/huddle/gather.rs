//! What one pass over the stories gives the pack: figures of every period, what came back, what was refused at the door, and how fast and how
//! much each payer pays.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::history::{
    ClaimClass, Followed, Metrics, Periods, Quantiles, Spread, Standing, Story, Tables, Weeks, days, follow,
    payments_of,
};
use crate::remit::week;
use crate::store::{self, Store};
use crate::x12::Cents;

/// Weeks after the day a claim left that are told apart; what isn't decided by then is not expected any more.
pub const AGES: usize = 26;

/// So many claims, of so much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Claims.
    pub claims: i64,
    /// Cents.
    pub amount: Cents,
}

impl Sum {
    /// One claim more.
    pub fn add(&mut self, amount: Cents) {
        self.claims += 1;
        self.amount = self.amount.saturating_add(amount);
    }

    /// These too.
    pub fn plus(&mut self, other: Sum) {
        self.claims += other.claims;
        self.amount = self.amount.saturating_add(other.amount);
    }
}

/// How fast and how much a payer pays.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    /// Claims that left for it, ever.
    pub sent: i64,
    /// Cents it was asked for in claims it decided first in the weeks shown, and what it paid for them.
    pub charged: Cents,
    /// The same: paid.
    pub paid: Cents,
    /// How many claims these were.
    pub paid_for: i64,
    /// The sum of the squares of what was paid for each, in cents.
    pub squares: f64,
    /// Claims it decided, by the whole weeks that took.
    pub decided: [i64; AGES],
    /// Claims it has not decided, by the whole weeks since they left.
    pub open: [Sum; AGES],
    /// Claims not decided for longer.
    pub late: Sum,
    /// Days to the first decision.
    pub lag: Spread,
}

impl Pace {
    /// Days from the day a claim left to its payer's first decision.
    #[must_use]
    pub fn days(&self) -> Option<Quantiles> {
        self.lag.quantiles()
    }

    /// Those of another payer too.
    pub fn plus(&mut self, other: &Pace) {
        self.sent += other.sent;
        self.charged = self.charged.saturating_add(other.charged);
        self.paid = self.paid.saturating_add(other.paid);
        self.paid_for += other.paid_for;
        self.squares += other.squares;
        self.decided.iter_mut().zip(other.decided).for_each(|(sum, n)| *sum += n);
        self.open.iter_mut().zip(other.open).for_each(|(sum, one)| sum.plus(one));
        self.late.plus(other.late);
        self.lag.plus(&other.lag);
    }
}

/// What is counted.
#[derive(Clone, Debug)]
pub struct Span {
    /// The pack's week.
    pub week: String,
    /// The weeks shown, oldest first; the last is the pack's.
    pub shown: Vec<String>,
    /// The weeks figures are held against: first and last.
    pub baseline: (String, String),
    /// Up to this day decisions are known to expected cash: the Sunday of the week, or today.
    pub until: Date,
    /// Today.
    pub today: Date,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    /// Figures of the week.
    pub now: Metrics,
    /// Figures of the baseline.
    pub before: Metrics,
    /// Figures of each week shown.
    pub weekly: Vec<Metrics>,
    /// By payer.
    pub payers: BTreeMap<String, Pace>,
    /// Paid after a denial, by week of payment.
    pub recovered: BTreeMap<String, Sum>,
    /// How often a claim that was sent to the one was decided by the other: a payer may go by another name on remittances.
    names: BTreeMap<String, BTreeMap<String, u64>>,
    /// Refused by a receiver before they were judged, by week of that answer.
    pub refused: BTreeMap<String, Sum>,
}

/// Goes through all stories, once.
///
/// # Errors
/// When the store can't be read.
pub fn gather(store: &Store, tables: &Tables, span: &Span) -> Result<Gathered, store::Error> {
    let one = |from: &String, to: &String| Weeks {
        from: Some(from.clone()),
        to: Some(to.clone()),
        only: Vec::new(),
    };
    let mut periods = vec![one(&span.week, &span.week), one(&span.baseline.0, &span.baseline.1)];
    periods.extend(span.shown.iter().map(|week| one(week, week)));
    let mut periods = Periods::new(tables, span.today, periods);
    let mut gathered = Gathered::default();
    crate::history::stories(store, &mut |story| {
        let all = payments_of(&story, tables);
        let followed = follow(&story, &all);
        periods.followed(&story, &followed);
        gathered.followed(&story, &followed, span);
        true
    })?;
    let mut figures = periods.come_to().into_iter();
    gathered.now = figures.next().unwrap_or_default();
    gathered.before = figures.next().unwrap_or_default();
    gathered.weekly = figures.collect();
    gathered.name_payers();
    Ok(gathered)
}

impl Gathered {
    fn followed(&mut self, story: &Story, followed: &[Followed<'_>], span: &Span) {
        let last_left = story.sent.iter().filter_map(|s| s.left).max();
        for one in followed {
            self.recovered(one);
            if let Some(refusal) = one.told.iter().find(|t| !t.accepted)
                && let Some(day) = refusal.date
            {
                self.refused.entry(week(day)).or_default().add(one.sent.charge);
            }
            let Some(left) = one.left().filter(|left| *left <= span.until) else { continue };
            let pace = self.payers.entry(one.sent.payer.clone()).or_default();
            pace.sent += 1;
            let decision = one.first_decision().filter(|p| p.paid.date.is_some_and(|d| d <= span.until));
            match decision {
                Some(decision) => {
                    let paid = decision.paid.date.unwrap_or(left);
                    let names = self.names.entry(one.sent.payer.clone()).or_default();
                    *names.entry(decision.paid.payer.clone()).or_default() += 1;
                    pace.lag.add(days(left, paid));
                    if let Some(n) = pace.decided.get_mut(age(left, paid)) {
                        *n += 1;
                    }
                    if span.shown.first().is_some_and(|first| *first <= week(paid)) {
                        pace.charged = pace.charged.saturating_add(one.sent.charge);
                        pace.paid = pace.paid.saturating_add(decision.paid.paid);
                        pace.paid_for += 1;
                        pace.squares += (decision.paid.paid as f64).powi(2);
                    }
                }
                // A later version was sent instead.
                None if last_left.is_some_and(|last| last > left) => {}
                None if waits(one) => match pace.open.get_mut(age(left, span.until)) {
                    Some(sum) => sum.add(one.sent.charge),
                    None => pace.late.add(one.sent.charge),
                },
                None => {}
            }
        }
    }

    /// Puts each payer under the name its remittances have most.
    fn name_payers(&mut self) {
        for (on_claims, pace) in std::mem::take(&mut self.payers) {
            let names = self.names.get(&on_claims).into_iter().flatten();
            let most = names.max_by_key(|(_, n)| **n).map(|(name, _)| name.clone());
            let known = self.payers.entry(most.unwrap_or(on_claims)).or_default();
            known.plus(&pace);
        }
    }

    /// Paid by a payer that had denied the claim whole before.
    fn recovered(&mut self, one: &Followed<'_>) {
        let Some(first) = one.first_decision().filter(|p| p.class == ClaimClass::Denied) else { return };
        let paid = one.payments.iter().find(|p| {
            p.paid.paid > 0
                && !p.paid.is_reversal()
                && p.paid.payer == first.paid.payer
                && p.paid.date >= first.paid.date
        });
        if let Some(paid) = paid
            && let Some(day) = paid.paid.date
        {
            self.recovered.entry(week(day)).or_default().add(paid.paid.paid);
        }
    }
}

/// True of one that nobody has answered for good; of a decision after the day looked at, too.
fn waits(one: &Followed<'_>) -> bool {
    let undecided = matches!(
        one.standing,
        Standing::Sent | Standing::AcceptedByClearinghouse | Standing::AcceptedByPayer
    );
    undecided || one.first_decision().is_some()
}

/// Whole weeks from a day to another.
fn age(from: Date, to: Date) -> usize {
    usize::try_from(days(from, to).max(0) / 7).unwrap_or(usize::MAX)
}
