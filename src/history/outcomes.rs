//! Everything odd about remittances and payments, counted by name and listed by dollars.

use std::collections::BTreeMap;

use serde::Serialize;

use super::chains::{Chains, note};
use super::denials::Weeks;
use super::odd::{self, Odd, Oddity};
use super::remitted::{NoUse, Remitted, of_no_use, remittances, unread};
use super::stories;
use super::tables::Tables;
use crate::scrub::report::cents;
use crate::store::{self, Store};
use crate::x12::Cents;

/// Odd things listed; the others are counted.
const MOST: usize = 5000;

/// Odd things of one name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutcomeSum {
    /// The name.
    pub outcome: Odd,
    /// How many.
    pub n: u64,
    /// Cents they are about.
    #[serde(with = "cents")]
    pub amount: Cents,
    /// The team they concern.
    pub owner: &'static str,
    /// What to do.
    pub todo: &'static str,
}

/// All of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outcomes {
    /// By name, most dollars first.
    pub outcomes: Vec<OutcomeSum>,
    /// Each, most dollars first.
    pub list: Vec<Oddity>,
    /// How many more there are.
    pub left_out: u64,
}

#[derive(Default)]
struct Gathering {
    sums: BTreeMap<Odd, (u64, Cents)>,
    list: Vec<Oddity>,
    n: u64,
}

impl Gathering {
    fn add(&mut self, one: Oddity) {
        let sum = self.sums.entry(one.outcome).or_default();
        *sum = (sum.0 + 1, sum.1.saturating_add(one.amount));
        self.n += 1;
        self.list.push(one);
        if self.list.len() >= 2 * MOST {
            self.cut();
        }
    }

    fn cut(&mut self) {
        self.list.sort_by(|a, b| {
            let key = |o: &Oddity| (std::cmp::Reverse(o.amount), o.outcome);
            key(a).cmp(&key(b)).then_with(|| {
                (&a.week, &a.claim, &a.payer, &a.trace, &a.detail)
                    .cmp(&(&b.week, &b.claim, &b.payer, &b.trace, &b.detail))
            })
        });
        self.list.truncate(MOST);
    }

    fn finish(mut self) -> Outcomes {
        self.cut();
        let left_out = self.n - self.list.len() as u64;
        let sum = |(outcome, (n, amount)): (Odd, (u64, Cents))| OutcomeSum {
            outcome,
            n,
            amount,
            owner: outcome.owner().name(),
            todo: outcome.todo(),
        };
        let mut outcomes: Vec<OutcomeSum> = self.sums.into_iter().map(sum).collect();
        outcomes.sort_by_key(|o| (std::cmp::Reverse((o.amount, o.n)), o.outcome));
        Outcomes { outcomes, list: self.list, left_out }
    }
}

/// Everything odd that was paid in these weeks, by name and by dollars. Chains are followed through all weeks, and told in that of their last
/// entry.
///
/// # Errors
/// When the store can't be read.
pub fn outcomes(store: &Store, tables: &Tables, weeks: &Weeks) -> Result<Outcomes, store::Error> {
    let mut all = Gathering::default();
    let mut add = |one: Oddity| {
        if weeks.has(&one.week) {
            all.add(one);
        }
    };
    let (mut chains, mut same) = (Chains::default(), Vec::<Remitted>::new());
    remittances(store, &mut |remitted| {
        chains.add(&remitted);
        if !same.first().is_some_and(|first| first.shares_trace(&remitted)) {
            odd::of_remittances(&same).into_iter().for_each(&mut add);
            same.clear();
        }
        same.push(remitted);
        true
    })?;
    odd::of_remittances(&same).into_iter().for_each(&mut add);
    let mut names = chains.names();
    stories(store, &mut |story| {
        note(&mut names, &story.claim, story.paid.iter().map(|p| p.payer_claim.as_str()));
        odd::of_story(&story, tables).into_iter().for_each(&mut add);
        true
    })?;
    chains.finish(&names).chains.iter().filter_map(odd::of_chain).for_each(&mut add);
    let unread = unread(store)?;
    unread.iter().map(|one| odd::of_unread(one, "")).for_each(&mut add);
    // One that came by a channel, too, is told of once.
    let known = |file: &NoUse| unread.iter().any(|u| u.sha256 == file.unread.sha256);
    of_no_use(store)?.iter().filter(|file| !known(file)).map(odd::of_no_use).for_each(&mut add);
    Ok(all.finish())
}
