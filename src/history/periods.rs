//! The figures of several periods from one pass over the stories.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::civil::Date;

use super::denials::Weeks;
use super::derive::payments;
use super::metrics::{Counting, Metrics};
use super::standing::{Followed, follow};
use super::story::Story;
use super::tables::Tables;

/// Counts stories for each of its periods while they go by.
pub struct Periods<'t> {
    tables: &'t Tables,
    today: Date,
    of: Vec<(Weeks, Counting)>,
    /// Hashes of payers' numbers that came back for a claim: there may be millions.
    numbers: HashSet<u64>,
    /// Stories that may belong to another's lineage: known once all numbers are. They are few.
    waiting: Vec<Story>,
}

impl<'t> Periods<'t> {
    /// Nothing counted yet. Each period is the weeks in which first versions came.
    #[must_use]
    pub fn new(tables: &'t Tables, today: Date, periods: Vec<Weeks>) -> Periods<'t> {
        let of = periods.into_iter().map(|weeks| (weeks, Counting::default())).collect();
        Periods { tables, today, of, numbers: HashSet::new(), waiting: Vec::new() }
    }

    /// One more story.
    pub fn story(&mut self, story: &Story) {
        let all = payments(story, self.tables);
        self.followed(story, &follow(story, &all));
    }

    /// The same, where its claims are followed already.
    pub fn followed(&mut self, story: &Story, followed: &[Followed<'_>]) {
        let own: HashSet<&str> = story.sent.iter().map(|s| s.sent.original.as_str()).collect();
        let others = story.paid.iter().map(|p| p.payer_claim.as_str()).filter(|number| !own.contains(number));
        self.numbers.extend(others.map(hash));
        let replaces = story.sent.iter().any(|s| !s.sent.original.is_empty());
        if replaces && story.sent.iter().all(|s| s.sent.frequency != "1") {
            self.waiting.push(story.clone());
        } else {
            self.count(story, followed, false);
        }
    }

    fn count(&mut self, story: &Story, followed: &[Followed<'_>], is_later: bool) {
        for (weeks, counting) in &mut self.of {
            counting.story((story, followed), weeks, self.today, is_later);
        }
    }

    /// The figures of each period, in their order.
    #[must_use]
    pub fn come_to(mut self) -> Vec<Metrics> {
        for story in std::mem::take(&mut self.waiting) {
            // What replaces a claim under another number belongs to that one's lineage.
            let originals = story.sent.iter().map(|s| s.sent.original.as_str()).filter(|o| !o.is_empty());
            let is_later = originals.map(hash).any(|original| self.numbers.contains(&original));
            let all = payments(&story, self.tables);
            self.count(&story, &follow(&story, &all), is_later);
        }
        let today = self.today;
        self.of.into_iter().map(|(_, counting)| counting.come_to(today)).collect()
    }
}

fn hash(number: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    number.hash(&mut hasher);
    hasher.finish()
}
